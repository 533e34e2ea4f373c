// The integers that no rule overflows.
#include "reference/wide.h"

#include <gtest/gtest.h>

namespace convcheck {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

TEST(Wide, PrintsAsDecimalDigits) {
  EXPECT_EQ(to_string(Wide{0}), "0");
  EXPECT_EQ(to_string(Wide{-7}), "-7");
  EXPECT_EQ(to_string(Wide{kMin}), "-9223372036854775808");
  EXPECT_EQ(to_string(Wide{kInt64Max} * 10), "92233720368547758070");
  const Wide least = Wide{1} << 126;
  EXPECT_EQ(to_string(-least - least), "-170141183460469231731687303715884105728");
}

TEST(Wide, KnowsWhatFitsInt64) {
  EXPECT_TRUE(fits_int64(kInt64Max));
  EXPECT_TRUE(fits_int64(kMin));
  EXPECT_FALSE(fits_int64(Wide{kInt64Max} + 1));
  EXPECT_FALSE(fits_int64(Wide{kMin} - 1));
}

TEST(Wide, ProductsStayExactUntilTheyDoNotFit) {
  EXPECT_TRUE(saturating_product(3, 4) == 12);
  EXPECT_TRUE(saturating_product(3037000499, 3037000499) == Wide{3037000499} * 3037000499);  // floor(sqrt(2^63))
  EXPECT_FALSE(fits_int64(saturating_product(3037000500, 3037000500)));
  EXPECT_TRUE(saturating_product(kInt64Max, 1) == kInt64Max);
  EXPECT_FALSE(fits_int64(saturating_product(kInt64Max, kInt64Max)));
}

TEST(Wide, ProductsStaySaturatedAndZeroStaysZero) {
  const Wide beyond = saturating_product(kInt64Max, 2);
  EXPECT_FALSE(fits_int64(saturating_product(beyond, beyond)));
  EXPECT_FALSE(fits_int64(saturating_product(beyond, 1)));
  EXPECT_TRUE(saturating_product(beyond, 0) == 0);
  EXPECT_TRUE(saturating_product(0, beyond) == 0);
}

}  // namespace
}  // namespace convcheck
