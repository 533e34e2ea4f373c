#include "properties/describe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "tests/reference/problems.h"

namespace convcheck {
namespace {

// 2 images, 3 groups of 2 output channels, 4 x 5 outputs.
const Geometry kGeometry = geometry(problem_of("input=2x6x4x5 weight=6x2x1x1 groups=3"));
constexpr int64_t kOutputs = 2 * 6 * 4 * 5;

std::string describe_where(const std::function<bool(const Shape&)>& is_wrong) {
  std::vector<int64_t> wrong;
  for (int64_t i = 0; i < kOutputs; ++i) {
    if (is_wrong(index_of({2, 6, 4, 5}, i))) wrong.push_back(i);
  }
  return describe_wrong(kGeometry, wrong, static_cast<int64_t>(wrong.size()), kOutputs);
}

TEST(Describe, NamesAnElementByItsAxes) {
  EXPECT_EQ(describe_index(kGeometry, 0), "n=0 k=0 h=0 w=0");
  EXPECT_EQ(describe_index(kGeometry, kOutputs - 1), "n=1 k=5 h=3 w=4");
  EXPECT_EQ(describe_index(kGeometry, 120 + 20 + 5 + 2), "n=1 k=1 h=1 w=2");
}

TEST(Describe, GivesValuesInHexAndDecimal) {
  EXPECT_EQ(describe_value(3), "0x1.8p+1 (3)");
  EXPECT_EQ(describe_value(-0.1F), "-0x1.99999ap-4 (-0.100000001)");
  EXPECT_EQ(describe_value(0), "0x0p+0 (0)");
  EXPECT_EQ(describe_value(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(describe_value(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(describe_value(std::numeric_limits<double>::quiet_NaN()), "nan");
}

TEST(Describe, SaysWhatWrongElementsHaveInCommon) {
  EXPECT_EQ(describe_where([](const Shape&) { return true; }), "all 240 outputs compared are wrong");
  EXPECT_EQ(describe_where([](const Shape& at) { return at[3] == 4; }),
            "48 of 240 outputs compared are wrong: all in column 4 (the last)");
  EXPECT_EQ(describe_where([](const Shape& at) { return at[2] == 0; }),
            "60 of 240 outputs compared are wrong: all in row 0 (the first)");
  EXPECT_EQ(describe_where([](const Shape& at) { return at[0] == 1; }),
            "120 of 240 outputs compared are wrong: all in image 1 (the last)");
  EXPECT_EQ(describe_where([](const Shape& at) { return at[1] / 2 == 1; }),
            "80 of 240 outputs compared are wrong: all in group 1");
  EXPECT_EQ(describe_where([](const Shape& at) { return at[1] / 2 > 0; }),
            "160 of 240 outputs compared are wrong: all in groups 1 to 2 of 0 to 2");
  EXPECT_EQ(describe_where([](const Shape& at) { return at[1] % 2 == 1; }),
            "120 of 240 outputs compared are wrong: all in output channel of its group 1 (the last)");
  EXPECT_EQ(describe_where([](const Shape& at) { return at[3] % 2 == 0; }),
            "144 of 240 outputs compared are wrong: all in columns 0, 2, ...: every 2");
  EXPECT_EQ(describe_where([](const Shape& at) { return at[2] == 3 && at[3] == 2; }),
            "12 of 240 outputs compared are wrong: all in row 3 (the last), all in column 2");
}

TEST(Describe, FindsNothingInCommonWhereThereIsNothing) {
  EXPECT_EQ(describe_where([](const Shape& at) { return at[3] == 0 || at[3] == 1 || at[3] == 4; }),
            "144 of 240 outputs compared are wrong");
  EXPECT_EQ(describe_where([](const Shape& at) { return (at[0] + at[1] + at[2] + at[3]) % 2 == 0; }),
            "120 of 240 outputs compared are wrong");
}

TEST(Describe, DoesNotCallAnAxisOfOneACommonTrait) {
  const Geometry one = geometry(problem_of("input=1x1x1x2 weight=1x1x1x1"));
  const std::vector<int64_t> wrong = {1};
  EXPECT_EQ(describe_wrong(one, wrong, 1, 2), "1 of 2 outputs compared are wrong: all in column 1 (the last)");
}

TEST(Describe, CountsMoreThanAreListed) {
  const std::vector<int64_t> listed = {0, 5, 10};
  EXPECT_EQ(describe_wrong(kGeometry, listed, 30, kOutputs).substr(0, 36), "30 of 240 outputs compared are wrong");
}

}  // namespace
}  // namespace convcheck
