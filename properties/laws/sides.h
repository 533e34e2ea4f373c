// The comparison of two runs: each side with its own problem, data and accuracy.
//
// What two runs compute is the same exact value, so a right kernel's results agree
//   on integers   exactly, a run that is judged as Winograd after rounding to the nearest integer, which is what its
//                 data were made for;
//   on reals      within the sum of both bounds, each that of its run's own problem, data and accuracy.
// Right results are finite on both kinds of data: what is not (poison above all: an output that was never written)
// agrees with nothing, itself included.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "properties/laws/runs.h"

namespace convcheck::judges {

/// One output element.
struct Place {
  int64_t n, k, h, w;
};

/// One run of the kernel, which must have answered OK and outlive this.
class Side {
 public:
  /// The trial's own call.
  explicit Side(Trial& trial);
  Side(Trial& trial, const Run& run);

  [[nodiscard]] const Geometry& g() const { return g_; }
  [[nodiscard]] Fill fill() const { return fill_; }
  [[nodiscard]] double bias(int64_t k) const;

  /// The output; on integers the nearest integer where the run is judged as Winograd.
  [[nodiscard]] double value(const Place& at) const;

  /// How far a right kernel may be from the exact result: 0 on integers. May stop early, with some value of at least
  /// `enough`.
  [[nodiscard]] double allowed(const Place& at, double enough) const;

 private:
  Geometry g_;
  Accuracy accuracy_;
  Fill fill_;
  const Data* data_;
  const Tensor* output_;
};

/// Where another run has the element that belongs at this place; nothing where it has none.
using Counterpart = std::function<std::optional<Place>(const Place& at)>;
[[nodiscard]] std::optional<Place> same_place(const Place& at);

/// Compares a run with others whose outputs, at the counterparts, add up to its own, a bias being counted once. Not
/// applicable where no element has a counterpart. `what` names the other side.
[[nodiscard]] Judgement compare(const Side& own, std::initializer_list<Side> others, std::string_view what,
                                const Counterpart& counterpart);

/// Compares a run with what its outputs are known to be: sums in double, as the reference's.
[[nodiscard]] Judgement compare_with_known(const Side& own, std::string_view what,
                                           const std::function<double(const Place& at)>& known);

/// Compares the trial's own output with `other`, put together from runs of the kernel and of the output's shape, whose
/// every element is a sum of the same products at the same accuracy: both have the bound of the case's own.
[[nodiscard]] Judgement compare_runs(Trial& trial, std::string_view what, const Tensor& other);

/// Compares element by element for the same bits; `index(i)` is the logical output index of element i. What is a NaN
/// agrees with nothing.
[[nodiscard]] Judgement compare_bits(const Geometry& g, std::string_view what, int64_t count,
                                     const std::function<float(int64_t i)>& own,
                                     const std::function<float(int64_t i)>& other,
                                     const std::function<int64_t(int64_t i)>& index);

}  // namespace convcheck::judges
