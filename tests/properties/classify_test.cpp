#include "properties/classify.h"

#include <gtest/gtest.h>

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

TEST(Classes, AreWhatAPersonWouldCallTheProblem) {
  constexpr std::string_view kPlain = "input=1x4x8x8 weight=4x4x3x3";
  const std::vector<Row> table = {
      {kPlain, "groups", "1", 1},
      {"input=1x1x8x8 weight=4x1x3x3", "groups", "1", 1},
      {"input=1x4x8x8 weight=4x2x3x3 groups=2", "groups", "between 1 and C", 1},
      {"input=1x4x8x8 weight=4x1x3x3 groups=4", "groups", "C", 1},
      {"input=1x4x8x8 weight=4x1x3x3 groups=4", "multiplier K/groups", "1", 1},
      {kPlain, "multiplier K/groups", "2 to 9", 1},
      {"input=1x4x8x8 weight=9x4x3x3", "multiplier K/groups", "2 to 9", 1},
      {"input=1x4x8x8 weight=10x4x3x3", "multiplier K/groups", "above 9", 1},
      {kPlain, "stride", "1", 2},
      {"input=1x4x8x8 weight=4x4x3x3 stride=2x3", "stride", "2", 1},
      {"input=1x4x8x8 weight=4x4x3x3 stride=2x3", "stride", "above 2", 1},
      {"input=1x4x8x8 weight=4x4x3x3 stride=3x4", "stride and kernel", "stride <= kernel", 1},
      {"input=1x4x8x8 weight=4x4x3x3 stride=3x4", "stride and kernel", "stride > kernel", 1},
      {kPlain, "padding", "none", 2},
      {"input=1x4x8x8 weight=4x4x3x3 padding=2x3", "padding", "below kernel", 1},
      {"input=1x4x8x8 weight=4x4x3x3 padding=2x3", "padding", "kernel", 1},
      {"input=1x4x8x8 weight=4x4x3x3 padding=0,4,0,0", "padding", "above kernel", 1},
      {"input=1x4x8x8 weight=4x4x3x3 padding=0,4,0,0", "padding sides", "different", 1},
      {"input=1x4x8x8 weight=4x4x3x3 padding=0,4,0,0", "padding sides", "equal", 1},
      {"input=1x4x8x8 weight=4x4x3x3 dilation=2x3", "dilation", "2", 1},
      {"input=1x4x8x8 weight=4x4x3x3 dilation=2x3", "dilation", "above 2", 1},
      {kPlain, "dilation", "1", 2},
      {"input=1x4x8x8 weight=4x4x1x8", "kernel extent", "1", 1},
      {"input=1x4x8x8 weight=4x4x1x8", "kernel extent", "above 7", 1},
      {"input=1x4x8x8 weight=4x4x2x7", "kernel extent", "2 to 7", 2},
      {"input=1x4x1x2 weight=4x4x1x1", "image extent", "1", 1},
      {"input=1x4x1x2 weight=4x4x1x1", "image extent", "2", 1},
      {kPlain, "image extent", "above 2", 2},
      {"input=0x4x8x8 weight=4x4x3x3", "batch", "0", 1},
      {kPlain, "batch", "1", 1},
      {"input=2x4x8x8 weight=4x4x3x3", "batch", "above 1", 1},
      {kPlain, "bias", "absent", 1},
      {"input=1x4x8x8 weight=4x4x3x3 bias=4", "bias", "present", 1},
      {kPlain, "memory", "contiguous", 1},
      {"input=1x4x8x8 weight=4x4x3x3 layout=nhwc", "memory", "view or NHWC", 1},
      {"input=1x4x8x8 weight=4x4x3x3 weight_strides=0x9x3x1", "memory", "view or NHWC", 1},
  };
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Row& row : table) {
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
  const std::set<std::string> once = {"groups", "multiplier K/groups", "batch", "bias", "memory"};
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
  EXPECT_EQ(count_of(both, "kernel extent", "2 to 7"), 4);
}

}  // namespace
}  // namespace convcheck
