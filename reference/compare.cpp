#include "reference/compare.h"

#include <cmath>
#include <limits>

#include "reference/winograd.h"

namespace convcheck {
namespace {

// A Winograd bound takes every placement of every tile where it does not hold: past this many wrong elements the rest
// is not compared, and `compared` says so.
constexpr int64_t kMostWrongWinograd = 1024;

bool has_seen_enough(const Expectation& expected, const Comparison& result) {
  return expected.accuracy.is_winograd() && result.wrong >= kMostWrongWinograd;
}

void restart(Comparison& result) {
  result.compared = 0;
  result.wrong = 0;
  result.worst_ratio = 0;
  result.first.reset();
  result.wrong_indices.clear();
}

void add_wrong(Comparison& result, const Deviation& deviation) {
  ++result.wrong;
  if (!result.first) result.first = deviation;
  if (result.wrong_indices.size() < Comparison::kMostListed) result.wrong_indices.push_back(deviation.index);
}

// error / allowed, where 0 / 0 is 0 and anything unordered is infinite.
double ratio_of(double error, double allowed) {
  if (error == 0) return 0;
  const double ratio = error / allowed;
  return ratio >= 0 ? ratio : std::numeric_limits<double>::infinity();
}

// The bound of one element, no dearer than it must be: Winograd's is computed only where the summation's, which is
// never larger, does not already hold. Where the element may set a new worst ratio it is computed in full.
double allowed_error(const Expectation& expected, size_t i, double error, double worst_ratio) {
  const double summation = summation_bound(expected.sums[i]);
  if (!expected.accuracy.is_winograd() || error <= summation) return summation;
  const WinogradBound& bound =
      WinogradBound::of(expected.accuracy.winograd_tile, static_cast<int>(expected.g.height.kernel));
  const Shape output = {expected.g.batch, expected.g.out_channels(), expected.g.height.out, expected.g.width.out};
  const Shape at = index_of(output, expected.index(i));
  const double enough =
      worst_ratio > 0 && worst_ratio < 1 ? error / worst_ratio : std::numeric_limits<double>::infinity();
  return bound.at(expected.g, expected.data, at, expected.sums[i], std::isnan(enough) ? 0 : enough);
}

}  // namespace

void compare_exactly(const Expectation& expected, const Tensor& output, Comparison& result) {
  restart(result);
  for (size_t i = 0; i < expected.sums.size() && !has_seen_enough(expected, result); ++i) {
    const int64_t index = expected.index(i);
    const float got = output.memory()[static_cast<size_t>(output.offset(index))];
    const double want = expected.sums[i].value;
    ++result.compared;
    if (static_cast<double>(got) == want) continue;
    const double error = std::abs(static_cast<double>(got) - want);
    if (expected.accuracy.is_winograd() && std::nearbyint(static_cast<double>(got)) == want) {
      const double allowed = allowed_error(expected, i, error, result.worst_ratio);
      result.worst_ratio = std::max(result.worst_ratio, ratio_of(error, allowed));
      if (error <= allowed) continue;
      add_wrong(result, {index, want, got, error, allowed});
      continue;
    }
    add_wrong(result, {index, want, got, error, 0});
  }
}

void compare_within_bound(const Expectation& expected, const Tensor& output, Comparison& result) {
  restart(result);
  for (size_t i = 0; i < expected.sums.size() && !has_seen_enough(expected, result); ++i) {
    const int64_t index = expected.index(i);
    const float got = output.memory()[static_cast<size_t>(output.offset(index))];
    const double want = expected.sums[i].value;
    ++result.compared;
    if (static_cast<double>(got) == want) continue;
    const double error = std::abs(static_cast<double>(got) - want);
    const double allowed = allowed_error(expected, i, error, result.worst_ratio);
    result.worst_ratio = std::max(result.worst_ratio, ratio_of(error, allowed));
    if (error <= allowed) continue;
    add_wrong(result, {index, want, got, error, allowed});
  }
}

}  // namespace convcheck
