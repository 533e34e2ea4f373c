#include "tools/convcheck/bench/statistics.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace convcheck::bench {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(SpreadOf, InterpolatesBetweenValuesInAnyOrder) {
  const Spread odd = spread_of({5, 1, 3, 2, 4});
  EXPECT_EQ(odd.first_quartile, 2);
  EXPECT_EQ(odd.median, 3);
  EXPECT_EQ(odd.third_quartile, 4);
  const Spread even = spread_of({4, 1, 3, 2});
  EXPECT_EQ(even.first_quartile, 1.75);
  EXPECT_EQ(even.median, 2.5);
  EXPECT_EQ(even.third_quartile, 3.25);
  EXPECT_EQ(spread_of({7}).first_quartile, 7);
  EXPECT_EQ(spread_of({7}).third_quartile, 7);
}

TEST(SpreadOf, OneDisturbedRoundMovesNothing) {
  const Spread spread = spread_of({1, 1, 1, 1, 900});
  EXPECT_EQ(spread.median, 1);
  EXPECT_EQ(relative_width(spread), 0);
}

// A failed run must not look like a fast one.
TEST(SpreadOf, IsNanWhereARunFailedOrThereIsNone) {
  EXPECT_TRUE(std::isnan(spread_of({1, kNan, 2}).median));
  EXPECT_TRUE(std::isnan(spread_of({}).median));
}

TEST(Standing, IsAlikeWhereSpreadsOverlap) {
  const Spread low = {1, 2, 3};
  EXPECT_EQ(standing(low, {4, 5, 6}), Standing::faster);
  EXPECT_EQ(standing({4, 5, 6}, low), Standing::slower);
  EXPECT_EQ(standing(low, {3, 5, 6}), Standing::alike);
  EXPECT_EQ(standing(low, {2.5, 5, 6}), Standing::alike);
  EXPECT_EQ(standing(low, {kNan, kNan, kNan}), Standing::alike);
}

TEST(GeometricMean, OfWhatIsThere) {
  EXPECT_DOUBLE_EQ(geometric_mean(std::array{2.0, 0.5}), 1);
  EXPECT_DOUBLE_EQ(geometric_mean(std::array{4.0, 1.0, 2.0}), 2);
  EXPECT_TRUE(std::isnan(geometric_mean({})));
}

}  // namespace
}  // namespace convcheck::bench
