#include "properties/classify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/reference/problems.h"

namespace convcheck {
namespace {

int64_t count_of(const Coverage& coverage, std::string_view parameter, std::string_view value) {
  for (size_t i = 0; i < kCaseClassCount; ++i) {
    const CaseClass& one = case_classes()[i];
    if (one.parameter == parameter && one.value == value) return coverage.counts()[i];
  }
  ADD_FAILURE() << "no class " << parameter << ' ' << value;
  return -1;
}

Coverage coverage_of(std::string_view text) {
  Coverage coverage;
  coverage.add(problem_of(text));
  return coverage;
}

struct Row {
  std::string_view text, parameter, value;
  int64_t count;  ///< per axis: two where both axes are of the class
};

constexpr std::string_view kPlain = "input=1x4x8x8 weight=4x4x3x3";
constexpr Row kRows[] = {
    {kPlain, "groups", "1", 1},
    {"input=1x1x8x8 weight=4x1x3x3", "groups", "1", 1},
    {"input=1x4x8x8 weight=4x2x3x3 groups=2", "groups", "between 1 and C", 1},
    {"input=1x4x8x8 weight=4x1x3x3 groups=4", "groups", "C", 1},
    {"input=1x4x8x8 weight=4x1x3x3 groups=4", "channels C/groups", "1", 1},
    {kPlain, "channels C/groups", "2 to 9", 1},
    {"input=1x27x8x8 weight=3x9x3x3 groups=3", "channels C/groups", "2 to 9", 1},
    {"input=1x30x8x8 weight=3x10x3x3 groups=3", "channels C/groups", "above 9", 1},
    {"input=1x4x8x8 weight=4x1x3x3 groups=4", "multiplier K/groups", "1", 1},
    {kPlain, "multiplier K/groups", "2 to 9", 1},
    {"input=1x4x8x8 weight=9x4x3x3", "multiplier K/groups", "2 to 9", 1},
    {"input=1x4x8x8 weight=10x4x3x3", "multiplier K/groups", "above 9", 1},
    {"input=1x32x8x8 weight=17x32x3x3", "C modulo 16", "0", 1},
    {"input=1x32x8x8 weight=17x32x3x3", "K modulo 16", "1 to 3", 1},
    {"input=1x19x8x8 weight=16x19x3x3", "C modulo 16", "1 to 3", 1},
    {"input=1x19x8x8 weight=16x19x3x3", "K modulo 16", "0", 1},
    {"input=1x4x8x8 weight=5x4x3x3", "C modulo 16", "4", 1},
    {"input=1x4x8x8 weight=5x4x3x3", "K modulo 16", "5 to 7", 1},
    {"input=1x23x8x8 weight=20x23x3x3", "C modulo 16", "5 to 7", 1},
    {"input=1x23x8x8 weight=20x23x3x3", "K modulo 16", "4", 1},
    {"input=1x8x8x8 weight=9x8x3x3", "C modulo 16", "8", 1},
    {"input=1x8x8x8 weight=9x8x3x3", "K modulo 16", "9 to 15", 1},
    {"input=1x31x8x8 weight=24x31x3x3", "C modulo 16", "9 to 15", 1},
    {"input=1x31x8x8 weight=24x31x3x3", "K modulo 16", "8", 1},
    {"input=1x255x8x8 weight=4x255x3x3", "larger of C and K", "below 256", 1},
    {"input=1x4x8x8 weight=256x4x3x3", "larger of C and K", "256 to 1023", 1},
    {"input=1x1023x8x8 weight=4x1023x3x3", "larger of C and K", "256 to 1023", 1},
    {"input=1x4x8x8 weight=1024x4x3x3", "larger of C and K", "1024 and more", 1},
    {"input=1x4x8x9 weight=4x4x1x8", "kernel extent", "1", 1},
    {"input=1x4x8x9 weight=4x4x1x8", "kernel extent", "8 to 32", 1},
    {"input=1x4x8x8 weight=4x4x2x3", "kernel extent", "2", 1},
    {"input=1x4x8x8 weight=4x4x2x3", "kernel extent", "3", 1},
    {"input=1x4x8x8 weight=4x4x4x7", "kernel extent", "4 to 7", 2},
    {"input=1x1x40x40 weight=1x1x32x33", "kernel extent", "8 to 32", 1},
    {"input=1x1x40x40 weight=1x1x32x33", "kernel extent", "33 to 255", 1},
    {"input=1x1x300x300 weight=1x1x255x256", "kernel extent", "33 to 255", 1},
    {"input=1x1x300x300 weight=1x1x255x256", "kernel extent", "256 and more", 1},
    {kPlain, "kernel shape", "square", 1},
    {"input=1x4x8x8 weight=4x4x1x1", "kernel shape", "square", 1},
    {"input=1x4x8x8 weight=4x4x1x3", "kernel shape", "1xN", 1},
    {"input=1x4x8x8 weight=4x4x3x1", "kernel shape", "Nx1", 1},
    {"input=1x4x8x8 weight=4x4x3x2", "kernel shape", "other", 1},
    {kPlain, "stride", "1", 2},
    {"input=1x4x8x8 weight=4x4x3x3 stride=2x3", "stride", "2", 1},
    {"input=1x4x8x8 weight=4x4x3x3 stride=2x3", "stride", "above 2", 1},
    {"input=1x4x8x8 weight=4x4x3x3 stride=3x4", "stride and kernel", "stride <= kernel", 1},
    {"input=1x4x8x8 weight=4x4x3x3 stride=3x4", "stride and kernel", "stride > kernel", 1},
    {"input=1x4x8x8 weight=4x4x3x3 dilation=2x3", "dilation", "2", 1},
    {"input=1x4x8x8 weight=4x4x3x3 dilation=2x3", "dilation", "above 2", 1},
    {kPlain, "dilation", "1", 2},
    {kPlain, "padding before", "none", 2},
    {"input=1x4x8x8 weight=4x4x3x3 padding=2,4,3,0", "padding before", "below kernel", 1},
    {"input=1x4x8x8 weight=4x4x3x3 padding=2,4,3,0", "padding before", "kernel", 1},
    {"input=1x4x8x8 weight=4x4x3x3 padding=4,3,0,2", "padding before", "above kernel", 1},
    {"input=1x4x8x8 weight=4x4x3x3 padding=2,4,3,0", "padding after", "none", 1},
    {"input=1x4x8x8 weight=4x4x3x3 padding=2,4,3,0", "padding after", "above kernel", 1},
    {"input=1x4x8x8 weight=4x4x3x3 padding=4,3,0,2", "padding after", "kernel", 1},
    {"input=1x4x8x8 weight=4x4x3x3 padding=4,3,0,2", "padding after", "below kernel", 1},
    {"input=1x4x8x8 weight=4x4x3x3 padding=0,4,0,0", "padding sides", "different", 1},
    {"input=1x4x8x8 weight=4x4x3x3 padding=0,4,0,0", "padding sides", "equal", 1},
    {"input=1x4x0x2 weight=4x4x1x1 padding=1x0", "image extent", "0", 1},
    {"input=1x4x1x2 weight=4x4x1x1", "image extent", "1", 1},
    {"input=1x4x1x2 weight=4x4x1x1", "image extent", "2", 1},
    {"input=1x4x3x7 weight=4x4x1x1", "image extent", "3 to 7", 2},
    {kPlain, "image extent", "above 7", 2},
    {"input=1x4x3x4 weight=4x4x3x3", "output extent", "1", 1},
    {"input=1x4x3x4 weight=4x4x3x3", "output extent", "2", 1},
    {"input=1x4x5x9 weight=4x4x3x3", "output extent", "3 to 7", 2},
    {"input=1x4x10x16 weight=4x4x3x1", "output extent", "8 or a multiple", 2},
    {"input=1x4x11x9 weight=4x4x3x1", "output extent", "above 8, no multiple", 2},
    {"input=1x4x8x9 weight=4x4x3x3 stride=2", "image behind the last window", "some", 1},
    {"input=1x4x8x9 weight=4x4x3x3 stride=2", "image behind the last window", "none", 1},
    {kPlain, "height and width", "alike", 1},
    {"input=1x4x8x8 weight=4x4x3x3 padding=0,0,0,1", "height and width", "different in part", 1},
    {"input=1x4x8x9 weight=4x4x3x2 stride=1x2 dilation=2x1 padding=0,1,1,1", "height and width", "different in part",
     1},
    {"input=1x4x8x9 weight=4x4x3x2 stride=1x2 dilation=2x1 padding=0,1,1,0", "height and width", "different in all", 1},
    {"input=0x4x8x8 weight=4x4x3x3", "batch", "0", 1},
    {kPlain, "batch", "1", 1},
    {"input=2x4x8x8 weight=4x4x3x3", "batch", "2", 1},
    {"input=3x4x8x8 weight=4x4x3x3", "batch", "3", 1},
    {"input=4x4x8x8 weight=4x4x3x3", "batch", "above 3", 1},
    {kPlain, "bias", "absent", 1},
    {"input=1x4x8x8 weight=4x4x3x3 bias=4", "bias", "present", 1},
    {kPlain, "memory", "contiguous", 1},
    {"input=1x4x8x8 weight=4x4x3x3 layout=nhwc", "memory", "NHWC", 1},
    {"input=1x4x8x8 weight=4x4x3x3 input_strides=0x64x8x1", "memory", "strided input", 1},
    {"input=1x4x8x8 weight=4x4x3x3 output_strides=200x50x8x1", "memory", "strided output", 1},
    {"input=1x4x8x8 weight=4x4x3x3 weight_strides=40x10x3x1", "memory", "strided weight", 1},
    {"input=1x4x8x8 weight=4x4x3x3 weight_strides=0x9x3x1", "memory", "expanded weight", 1},
    {"input=1x4x8x8 weight=4x4x3x3 layout=nhwc weight_strides=0x9x3x1", "memory", "several of these", 1},
};

TEST(Classes, AreWhatAPersonWouldCallTheProblem) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Row& row : kRows) {
    EXPECT_EQ(count_of(coverage_of(row.text), row.parameter, row.value), row.count)
        << row.text << ": " << row.parameter << ' ' << row.value;
    seen.emplace(row.parameter, row.value);
  }
  EXPECT_EQ(seen.size(), kCaseClassCount) << "a class without a row here";
}

TEST(Classes, AreEachNamedOnceAndThoseOfAParameterStandTogether) {
  std::set<std::string> names, finished;
  std::string_view last;
  for (const CaseClass& one : case_classes()) {
    EXPECT_TRUE(names.insert(std::string(one.parameter) + '/' + std::string(one.value)).second);
    if (one.parameter == last) continue;
    EXPECT_TRUE(finished.insert(std::string(one.parameter)).second) << one.parameter;
    last = one.parameter;
  }
  EXPECT_EQ(names.size(), kCaseClassCount);
}

TEST(Classes, CountEachParameterOnceACaseOrOnceAnAxis) {
  Coverage coverage;
  Random random(3);
  constexpr int64_t kProblems = 500;
  for (int64_t i = 0; i < kProblems; ++i) coverage.add(random_valid_problem(random));
  EXPECT_EQ(coverage.cases(), kProblems);
  std::map<std::string, int64_t> totals;
  for (size_t i = 0; i < kCaseClassCount; ++i) {
    totals[std::string(case_classes()[i].parameter)] += coverage.counts()[i];
  }
  const std::set<std::string> once = {"groups",
                                      "channels C/groups",
                                      "multiplier K/groups",
                                      "C modulo 16",
                                      "K modulo 16",
                                      "larger of C and K",
                                      "kernel shape",
                                      "height and width",
                                      "batch",
                                      "bias",
                                      "memory"};
  for (const auto& [parameter, total] : totals) {
    EXPECT_EQ(total, once.contains(parameter) ? kProblems : 2 * kProblems) << parameter;
  }
}

TEST(Coverage, AddsUp) {
  Coverage both = coverage_of("input=1x4x8x8 weight=4x4x3x3");
  both.add(coverage_of("input=0x4x8x8 weight=4x1x3x3 groups=4"));
  EXPECT_EQ(both.cases(), 2);
  EXPECT_EQ(count_of(both, "groups", "1"), 1);
  EXPECT_EQ(count_of(both, "groups", "C"), 1);
  EXPECT_EQ(count_of(both, "kernel extent", "3"), 4);
}

TEST(Coverage, ListsTheClassesThatNoCaseWasOf) {
  EXPECT_EQ(Coverage().never_seen().size(), kCaseClassCount);
  const Coverage one = coverage_of("input=1x4x8x8 weight=4x4x3x3");
  size_t seen = 0;
  for (const int64_t count : one.counts()) seen += count > 0 ? 1 : 0;
  const auto missing = one.never_seen();
  EXPECT_EQ(missing.size(), kCaseClassCount - seen);
  const auto has = [&](std::string_view parameter, std::string_view value) {
    return std::any_of(missing.begin(), missing.end(), [&](const CaseClass& one_class) {
      return one_class.parameter == parameter && one_class.value == value;
    });
  };
  EXPECT_TRUE(has("bias", "present"));
  EXPECT_FALSE(has("bias", "absent"));
  EXPECT_FALSE(has("kernel extent", "3"));
}

// Numbers near the end of int64, which the corpus has.
TEST(Coverage, TakesAnyValidProblem) {
  const Coverage one =
      coverage_of("input=1x1x1x1 weight=1x1x1x1 stride=9223372036854775807 dilation=9223372036854775807");
  EXPECT_EQ(count_of(one, "output extent", "1"), 2);
  const Coverage wide = coverage_of("input=0x1x1x9223372036854775807 weight=1x1x1x1");
  EXPECT_EQ(count_of(wide, "output extent", "above 8, no multiple"), 1);
}

}  // namespace
}  // namespace convcheck
