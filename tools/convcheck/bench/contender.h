// Something that is timed: a kernel, oneDNN, or the machine's peak.
#pragma once

#include <string>

namespace convcheck::bench {

/// One computation with everything made beforehand that a network makes once: plans, packed weights, threads.
class Contender {
 public:
  Contender() = default;
  Contender(const Contender&) = delete;
  Contender& operator=(const Contender&) = delete;
  virtual ~Contender() = default;

  /// Computes. False where that failed.
  [[nodiscard]] virtual bool run() = 0;

  /// Writes what the last run computed, as N, C, H, W without gaps. False where that failed.
  [[nodiscard]] virtual bool fetch(float* output) = 0;

  /// What the library calls the code that it chose; empty where it does not say.
  [[nodiscard]] virtual std::string implementation() const { return {}; }
};

/// What is read, as N, C, H, W without gaps; `bias` is null where there is none.
struct Operands {
  const float* input = nullptr;
  const float* weight = nullptr;
  const float* bias = nullptr;
};

}  // namespace convcheck::bench
