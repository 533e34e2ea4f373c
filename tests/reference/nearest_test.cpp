// The valid problems near an invalid one.
#include "reference/nearest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/reference/problems.h"
#include "tests/reference/wild_problem.h"

namespace convcheck {
namespace {

struct Row {
  const char* text;
  std::vector<std::string> nearest;
};

const std::vector<Row> kTable = {
    // Conv2d(3, 8, 3, groups=3): other output channels, or other groups with the weight that these need.
    {"input=1x3x8x8 weight=8x1x3x3 groups=3",
     {"input=1x3x8x8 weight=6x1x3x3 groups=3", "input=1x3x8x8 weight=9x1x3x3 groups=3",
      "input=1x3x8x8 weight=8x3x3x3"}},
    // The bias follows.
    {"input=1x3x8x8 weight=8x1x3x3 groups=3 bias=8",
     {"input=1x3x8x8 weight=6x1x3x3 groups=3 bias=6", "input=1x3x8x8 weight=9x1x3x3 groups=3 bias=9",
      "input=1x3x8x8 weight=8x3x3x3 bias=8"}},
    {"input=1x4x8x8 weight=6x1x3x3 groups=3 bias=6",
     {"input=1x3x8x8 weight=6x1x3x3 groups=3 bias=6", "input=1x6x8x8 weight=6x2x3x3 groups=3 bias=6",
      "input=1x4x8x8 weight=6x2x3x3 groups=2 bias=6"}},
    {"input=1x6x8x8 weight=4x6x3x3 groups=2", {"input=1x6x8x8 weight=4x3x3x3 groups=2"}},
    {"input=1x3x8x8 weight=8x3x3x3 bias=3", {"input=1x3x8x8 weight=8x3x3x3 bias=8", "input=1x3x8x8 weight=8x3x3x3"}},
    {"input=1x3x2x8 weight=8x3x5x3", {"input=1x3x2x8 weight=8x3x2x3", "input=1x3x2x8 weight=8x3x5x3 padding=1,2,0,0"}},
    {"input=1x3x0x8 weight=8x3x1x3", {"input=1x3x0x8 weight=8x3x1x3 padding=0,1,0,0"}},
    {"input=1x3x8x8 weight=8x3x3x3 output=1x8x7x6", {"input=1x3x8x8 weight=8x3x3x3"}},
    {"input=-1x3x8x8 weight=8x3x3x3 groups=0 stride=0 dilation=-2 padding=-1", {"input=0x3x8x8 weight=8x3x3x3"}},
    {"input=1x3x8x8 weight=8x3x3", {}},
    {"input=1x3x8x8 weight=8x3x3x3", {}},  // valid itself
};

TEST(Nearest, AreTheChoicesWorkedByHand) {
  for (const Row& row : kTable) {
    std::vector<std::string> found;
    for (const Problem& problem : nearest_valid(problem_of(row.text))) found.push_back(print(problem));
    EXPECT_EQ(found, row.nearest) << row.text;
  }
}

TEST(Nearest, AreValidAndDistinctForAnyInt64) {
  int64_t found = 0;
  for (int64_t i = 0; i < random_cases(50'000); ++i) {
    const Problem problem = wild_problem(static_cast<uint64_t>(i));
    const std::vector<Problem> nearest = nearest_valid(problem);
    for (size_t at = 0; at < nearest.size(); ++at) {
      ASSERT_TRUE(is_valid(nearest[at])) << print(problem);
      ASSERT_FALSE(nearest[at] == problem) << print(problem);
      ASSERT_EQ(std::count(nearest.begin(), nearest.end(), nearest[at]), 1) << print(problem);
    }
    found += nearest.empty() ? 0 : 1;
  }
  EXPECT_GT(found, random_cases(50'000) / 20);
}

TEST(Nearest, PaddingNearInt64DoesNotOverflow) {
  // Padded 2^63 - 1, dilated 2^63 + 1.
  const Problem problem =
      problem_of("input=1x1x0 weight=1x1x4611686018427387905 dilation=2 padding=9223372036854775807,0");
  ASSERT_EQ(broken_rule(problem)->rule, Rule::kernel_fits_padded_input);
  for (const Problem& nearest : nearest_valid(problem)) EXPECT_TRUE(is_valid(nearest));
}

}  // namespace
}  // namespace convcheck
