#include "reference/statistical.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/bound.h"

namespace convcheck {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

// What is compared with a limit: a NaN is beyond each.
double ratio_of(double value, double limit) {
  if (value == 0) return 0;
  const double ratio = value / limit;
  return ratio >= 0 ? ratio : kInfinite;
}

// Every partial sum in every order is at most S (1 + gamma_n). The largest float is half a place from overflow, which
// is more than the reference errs in S.
bool may_overflow(const Sum& sum) {
  const double largest = sum.magnitude * (1 + gamma(static_cast<double>(sum.terms)));
  return !(largest < static_cast<double>(std::numeric_limits<float>::max()));
}

// (got - exact) / (u S). The reference's own part in it is below n 2^-29, nothing beside the limits.
double scaled_error(const Sum& sum, float got) {
  const double error = static_cast<double>(got) - sum.value;
  return error == 0 ? 0 : error / (kUnitRoundoff * sum.magnitude);
}

void set_limits(Statistic& statistic) {
  statistic.square_limit = 1.6 * static_cast<double>(statistic.terms) * static_cast<double>(statistic.judged);
  statistic.sum_limit = std::sqrt(10 * statistic.square_limit);
}

void add_wrong(Comparison& result, const Deviation& deviation) {
  ++result.wrong;
  if (!result.first) result.first = deviation;
  if (result.wrong_indices.size() < Comparison::kMostListed) result.wrong_indices.push_back(deviation.index);
}

void compare_by_statistic(const Expectation& expected, const Tensor& output, Comparison& result, Statistic& statistic) {
  Deviation farthest;
  double largest = 0;
  double beyond = 0;
  for (size_t i = 0; i < expected.sums.size(); ++i) {
    const Sum& sum = expected.sums[i];
    if (may_overflow(sum)) continue;
    const auto index = static_cast<int64_t>(i);
    const float got = output.memory()[static_cast<size_t>(output.offset(index))];
    const double scaled = scaled_error(sum, got);
    ++statistic.judged;
    statistic.terms = sum.terms;
    statistic.square_sum += scaled * scaled;
    statistic.sum += scaled;
    if (scaled == 0) continue;
    const double error = std::abs(static_cast<double>(got) - sum.value);
    const Deviation deviation = {index, sum.value, got, error, summation_bound(sum)};
    if (std::abs(scaled) > largest) farthest = deviation;
    largest = std::max(largest, std::abs(scaled));
    if (error <= deviation.allowed) continue;
    beyond = std::max(beyond, ratio_of(error, deviation.allowed));
    add_wrong(result, deviation);
  }
  set_limits(statistic);
  result.compared = statistic.judged;
  result.worst_ratio = std::max(statistic.worst_ratio(), beyond);
  if (result.wrong == 0 && statistic.is_enough() && !statistic.holds()) add_wrong(result, farthest);
}

}  // namespace

bool Statistic::holds() const {
  return square_sum <= square_limit && std::abs(sum) <= sum_limit;
}

double Statistic::worst_ratio() const {
  return std::max(ratio_of(square_sum, square_limit), ratio_of(std::abs(sum), sum_limit));
}

bool compare_statistically(int set, const Expectation& expected, const Tensor& output, Comparison& result,
                           Statistic& statistic) {
  result = {};
  statistic = {};
  if (has_exact_sums(set)) {
    compare_exactly(expected, output, result);
    statistic.judged = result.compared;
    if (!expected.sums.empty()) statistic.terms = expected.sums.front().terms;
  } else {
    compare_by_statistic(expected, output, result, statistic);
  }
  return statistic.is_enough();
}

}  // namespace convcheck
