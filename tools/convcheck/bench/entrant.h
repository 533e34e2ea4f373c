// Who takes part: oneDNN and kernels, each made ready for a problem.
#pragma once

#include <cstdlib>
#include <memory>
#include <span>

#include "properties/subject.h"
#include "tools/convcheck/bench/module.h"

namespace convcheck::bench {

/// Values at an address that is a multiple of 64, as frameworks allocate tensors.
class AlignedFloats {
 public:
  AlignedFloats() = default;
  explicit AlignedFloats(size_t count);
  explicit AlignedFloats(std::span<const float> values);

  /// Null where there are none.
  [[nodiscard]] float* data() const { return values_.get(); }

 private:
  struct Free {
    void operator()(float* values) const { std::free(values); }
  };
  std::unique_ptr<float, Free> values_;
};

/// A problem's data, copied to where contenders read them.
struct Material {
  AlignedFloats input, weight, bias;

  explicit Material(const Data& data);
  [[nodiscard]] Operands operands() const { return {input.data(), weight.data(), bias.data()}; }
};

/// A kernel, or oneDNN in a form where that is null.
struct Entrant {
  std::string name;
  const convcheck_kernel* kernel = nullptr;
  Form form = Form::plain;

  /// What its results are judged by: oneDNN's are sums of products.
  [[nodiscard]] Accuracy accuracy(const Geometry& g) const {
    return kernel == nullptr ? Accuracy() : accuracy_of(*kernel, g);
  }
};

/// The entrant with its plan made. `module` and `material` must outlive the result.
[[nodiscard]] Entry enter(const Entrant& entrant, const Problem& problem, const Material& material,
                          const Module& module);

}  // namespace convcheck::bench
