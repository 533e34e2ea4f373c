#include "tools/convcheck/bench/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace convcheck::bench {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double quantile(std::span<const double> sorted, double part) {
  const double position = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - static_cast<double>(below));
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  const bool has_nan = std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); });
  if (values.empty() || has_nan) return {kNan, kNan, kNan};
  std::sort(values.begin(), values.end());
  return {quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75)};
}

double relative_width(const Spread& spread) {
  return (spread.third_quartile - spread.first_quartile) / spread.median;
}

Standing standing(const Spread& mine, const Spread& others) {
  if (mine.first_quartile > others.third_quartile) return Standing::slower;
  if (mine.third_quartile < others.first_quartile) return Standing::faster;
  return Standing::alike;
}

double geometric_mean(std::span<const double> values) {
  if (values.empty()) return kNan;
  double sum = 0;
  for (const double value : values) sum += std::log(value);
  return std::exp(sum / static_cast<double>(values.size()));
}

}  // namespace convcheck::bench
