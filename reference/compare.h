// From a kernel's output to a verdict: each tier is a pure function of what was expected and what came.
//
// Every comparison counts an element as wrong unless it is shown to be right, so a NaN is always wrong. The sign of a
// zero is never judged.
#pragma once

#include <optional>
#include <vector>

#include "reference/fill.h"

namespace convcheck {

/// A case with its data and what a right kernel makes of them. `sums` are the outputs named by `indices`, logical
/// positions in ascending order, or all of them where `indices` is empty.
struct Expectation {
  Geometry g{};
  Fill fill = Fill::integers;
  Accuracy accuracy;
  Data data;
  std::vector<int64_t> indices;
  std::vector<Sum> sums;

  [[nodiscard]] int64_t index(size_t i) const { return indices.empty() ? static_cast<int64_t>(i) : indices[i]; }
};

/// One element that came out wrong.
struct Deviation {
  int64_t index = 0;  ///< logical position in the output
  double expected = 0;
  float got = 0;
  double error = 0;    ///< |got - expected|; NaN where that has no value
  double allowed = 0;  ///< the largest error of a right kernel; 0 where the result must be exact
};

struct Comparison {
  int64_t compared = 0;
  int64_t wrong = 0;
  /// Largest error / allowed seen; infinite where a NaN is among them. For Winograd over the elements whose bound was
  /// computed: those that the summation's bound leaves open, and as many others as might set a new worst.
  double worst_ratio = 0;
  std::optional<Deviation> first;      ///< the wrong element with the lowest index
  std::vector<int64_t> wrong_indices;  ///< of the first kMostListed wrong elements

  static constexpr size_t kMostListed = 65536;
  [[nodiscard]] bool holds() const { return wrong == 0; }
};

/// Exact integers: each output equals the expected value; for Winograd its nearest integer does, and it lies within the
/// bound. Requires data filled with integers.
void compare_exactly(const Expectation& expected, const Tensor& output, Comparison& result);

/// Special values: an output is NaN or infinite exactly where the expected one is, with the infinity's sign, and finite
/// ones are exact (for Winograd their nearest integer). Requires data of fill=special that are not finite.
void compare_nonfinite(const Expectation& expected, const Tensor& output, Comparison& result);

/// Bounded: each output lies within the bound of the expectation's accuracy.
void compare_within_bound(const Expectation& expected, const Tensor& output, Comparison& result);

}  // namespace convcheck
