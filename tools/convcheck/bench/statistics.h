// What repeated measurements come to.
#pragma once

#include <span>
#include <vector>

namespace convcheck::bench {

/// Quartiles; all NaN where nothing was measured.
struct Spread {
  double first_quartile, median, third_quartile;
};

/// Between two values a quartile is interpolated. A NaN among the values makes all of it NaN: a run failed.
[[nodiscard]] Spread spread_of(std::vector<double> values);

/// (third quartile - first quartile) / median.
[[nodiscard]] double relative_width(const Spread& spread);

/// How one stands to another in time. Alike where the ranges between their quartiles overlap: then a difference of
/// medians says nothing.
enum class Standing { faster, alike, slower };
[[nodiscard]] Standing standing(const Spread& mine, const Spread& others);

/// exp of the mean of logarithms; NaN for no values. Requires positive values.
[[nodiscard]] double geometric_mean(std::span<const double> values);

}  // namespace convcheck::bench
