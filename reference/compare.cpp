#include "reference/compare.h"

#include <cmath>
#include <limits>

#include "reference/winograd.h"

namespace convcheck {
namespace {

// A Winograd bound takes every placement of every tile where it does not hold: past this many wrong elements the rest
// is not compared, and `compared` says so.
constexpr int64_t kMostWrongWinograd = 128;

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

// An infinite bound, of too many terms or an overflowed magnitude, allows no infinite error all the same.
bool is_allowed(double error, double allowed) {
  return error <= allowed && std::isfinite(error);
}

// The bounds of one comparison's elements, each no dearer than it must be. Winograd's takes every placement of every
// tile over an element, while the summation's, which is never larger, mostly holds already: then Winograd's is computed
// only to learn the worst ratio, and only so often.
class AllowedErrors {
 public:
  explicit AllowedErrors(const Expectation& expected) : expected_(expected) {}

  // The largest error of a right kernel at element i; infinite where `error` is known to be right and of no interest to
  // the worst ratio so far.
  double at(size_t i, double error, double worst_ratio) {
    const double summation = summation_bound(expected_.sums[i]);
    if (!expected_.accuracy.is_winograd() || std::isnan(error)) return summation;
    constexpr double kInfinite = std::numeric_limits<double>::infinity();
    if (error <= summation && (error <= worst_ratio * summation || --left_ < 0)) return kInfinite;
    const WinogradBound& bound =
        WinogradBound::of(expected_.accuracy.winograd_tile, static_cast<int>(expected_.g.height.kernel));
    const Geometry& g = expected_.g;
    const Shape output = {g.batch, g.out_channels(), g.height.out, g.width.out};
    const double enough = worst_ratio > 0 && worst_ratio < 1 ? error / worst_ratio : kInfinite;
    return bound.at(g, expected_.data, index_of(output, expected_.index(i)), expected_.sums[i], enough);
  }

 private:
  static constexpr int kMostForTheRatio = 256;

  const Expectation& expected_;
  int left_ = kMostForTheRatio;
};

}  // namespace

void compare_exactly(const Expectation& expected, const Tensor& output, Comparison& result) {
  restart(result);
  AllowedErrors allowed(expected);
  for (size_t i = 0; i < expected.sums.size() && !has_seen_enough(expected, result); ++i) {
    const int64_t index = expected.index(i);
    const float got = output.memory()[static_cast<size_t>(output.offset(index))];
    const double want = expected.sums[i].value;
    ++result.compared;
    if (static_cast<double>(got) == want) continue;
    const double error = std::abs(static_cast<double>(got) - want);
    if (expected.accuracy.is_winograd() && std::nearbyint(static_cast<double>(got)) == want) {
      const double most = allowed.at(i, error, result.worst_ratio);
      result.worst_ratio = std::max(result.worst_ratio, ratio_of(error, most));
      if (is_allowed(error, most)) continue;
      add_wrong(result, {index, want, got, error, most});
      continue;
    }
    add_wrong(result, {index, want, got, error, 0});
  }
}

void compare_nonfinite(const Expectation& expected, const Tensor& output, Comparison& result) {
  restart(result);
  for (size_t i = 0; i < expected.sums.size(); ++i) {
    const int64_t index = expected.index(i);
    const float got = output.memory()[static_cast<size_t>(output.offset(index))];
    const double want = expected.sums[i].value;
    const double value = expected.accuracy.is_winograd() ? std::nearbyint(static_cast<double>(got)) : got;
    ++result.compared;
    if (value == want || (std::isnan(value) && std::isnan(want))) continue;
    add_wrong(result, {index, want, got, std::abs(static_cast<double>(got) - want), 0});
  }
}

void compare_within_bound(const Expectation& expected, const Tensor& output, Comparison& result) {
  restart(result);
  AllowedErrors allowed(expected);
  for (size_t i = 0; i < expected.sums.size() && !has_seen_enough(expected, result); ++i) {
    const int64_t index = expected.index(i);
    const float got = output.memory()[static_cast<size_t>(output.offset(index))];
    const double want = expected.sums[i].value;
    ++result.compared;
    if (static_cast<double>(got) == want) continue;
    const double error = std::abs(static_cast<double>(got) - want);
    const double most = allowed.at(i, error, result.worst_ratio);
    result.worst_ratio = std::max(result.worst_ratio, ratio_of(error, most));
    if (is_allowed(error, most)) continue;
    add_wrong(result, {index, want, got, error, most});
  }
}

}  // namespace convcheck
