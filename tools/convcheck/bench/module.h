// What `convcheck bench` is built from but the judge is not: Google Benchmark and oneDNN.
//
// They are linked to a library that the command loads with RTLD_LOCAL, and not to the program: its symbols come first
// for every kernel that it loads, and one that brings its own oneDNN, of another version, would call ours.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "reference/problem.h"
#include "tools/convcheck/bench/contender.h"

namespace convcheck::bench {

/// The memory that oneDNN computes in: plain N, C, H, W as kernels do, or whatever blocks suit it, where nothing that
/// is timed puts them in order.
enum class Form { plain, blocked };

/// A contender, or the reason why there is none.
struct Entry {
  std::unique_ptr<Contender> contender;
  std::string why_not;
};

/// The multiply-adds that a machine can do at most: every run computes `flops`.
struct Peak {
  std::unique_ptr<Contender> contender;
  double flops = 0;
};

struct RoundOptions {
  int rounds = 15;
  double seconds = 0.01;                    ///< each contender's share of a round: at least one run
  double warm_up_s = 0;                     ///< of runs before each share that are not timed; one run at least
  const std::atomic<bool>* stop = nullptr;  ///< once true, no further round begins; may be null
};

/// The functions of the library. What they make must not outlive it.
class Module {
 public:
  Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  virtual ~Module() = default;

  /// "2.6.3", empty where this was built without oneDNN.
  [[nodiscard]] virtual std::string onednn_version() const = 0;

  /// A layer as oneDNN computes it, on as many threads as OMP_NUM_THREADS said when this library was loaded. The
  /// operands must outlive it.
  [[nodiscard]] virtual Entry onednn(const Geometry& g, const Operands& operands, Form form) const = 0;

  [[nodiscard]] virtual Peak peak(int threads) const = 0;

  /// Seconds of a run, by contender and round. Each round times every contender once, beginning with another one than
  /// the round before: what disturbs the machine for a while disturbs all of them. NaN where a run failed.
  [[nodiscard]] virtual std::vector<std::vector<double>> time_rounds(std::span<Contender* const> contenders,
                                                                     const RoundOptions& options) const = 0;
};

/// The library's one function.
inline constexpr const char* kModuleSymbol = "convcheck_bench_module";
using ModuleFunction = const Module* (*)();

/// Loads the library from beside the program, or from where it is installed. Null where it cannot be loaded: `error` is
/// then one line.
[[nodiscard]] const Module* load_module(std::string& error);

}  // namespace convcheck::bench
