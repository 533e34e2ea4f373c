#include "properties/generate.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <set>
#include <string>

#include "properties/classify.h"
#include "reference/case_text.h"
#include "reference/layout.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

int64_t elements(const Shape& shape) {
  int64_t count = 1;
  for (const int64_t extent : shape) count *= extent;
  return count;
}

class RandomCases : public testing::Test {
 protected:
  static constexpr int64_t kCases = 20'000;
  static const std::vector<Problem>& problems() {
    static const std::vector<Problem> kProblems = [] {
      std::vector<Problem> all;
      for (uint64_t seed = 1; seed <= kCases; ++seed) all.push_back(random_case(seed, Fill::integers).problem);
      return all;
    }();
    return kProblems;
  }

  template <class Predicate>
  static int64_t count(Predicate predicate) {
    int64_t found = 0;
    for (const Problem& problem : problems()) found += predicate(problem) ? 1 : 0;
    return found;
  }
};

TEST_F(RandomCases, AreValidAndSmallEnoughToBeJudgedQuickly) {
  for (const Problem& p : problems()) {
    ASSERT_TRUE(is_valid(p)) << print(p) << ": " << message(p, *broken_rule(p));
    ASSERT_EQ(p.spatial_rank(), 2);
    ASSERT_EQ(stride_fault(p), std::nullopt) << print(p);
    ASSERT_LE(multiply_count(p), kMostMultiplies) << print(p);
    ASSERT_LE(elements(p.input), kMostElements) << print(p);
    ASSERT_LE(elements(p.weight), kMostElements) << print(p);
  }
}

TEST_F(RandomCases, OccurInEveryClassThatIsReported) {
  Coverage coverage;
  for (const Problem& p : problems()) coverage.add(p);
  for (size_t i = 0; i < kCaseClassCount; ++i) {
    const CaseClass& one = case_classes()[i];
    const std::string label = std::string(one.parameter) + ", " + std::string(one.value);
    RecordProperty(label, std::to_string(coverage.counts()[i]));
    EXPECT_GT(coverage.counts()[i], kCases / 100) << label;
  }
}

TEST_F(RandomCases, HaveParametersThatDifferFromAxisToAxisAndSideToSide) {
  EXPECT_GT(count([](const Problem& p) { return p.groups > 1 && p.groups < p.in_channels(); }), kCases / 4);
  EXPECT_GT(count([](const Problem& p) { return p.stride[0] != p.stride[1]; }), kCases / 10);
  EXPECT_GT(count([](const Problem& p) { return p.dilation[0] != p.dilation[1]; }), kCases / 10);
  EXPECT_GT(count([](const Problem& p) { return p.weight[2] != p.weight[3]; }), kCases / 10);
  EXPECT_GT(count([](const Problem& p) { return p.input[2] != p.input[3]; }), kCases / 10);
  EXPECT_GT(count([](const Problem& p) { return p.pad_before[0] != p.pad_before[1]; }), kCases / 10);
  EXPECT_GT(count([](const Problem& p) { return p.pad_before[0] != p.pad_after[0]; }), kCases / 10);
  EXPECT_GT(count([](const Problem& p) { return p.stride[0] > 1 && p.dilation[0] > 1; }), kCases / 10);
  EXPECT_GT(count([](const Problem& p) { return p.weight[1] != p.out_channels() / p.groups; }), kCases / 4);
}

TEST_F(RandomCases, HaveEachKindOfMemory) {
  EXPECT_GT(count([](const Problem& p) { return p.layout == Layout::nhwc; }), kCases / 100);
  EXPECT_GT(count([](const Problem& p) { return p.input_strides.has_value(); }), kCases / 100);
  EXPECT_GT(count([](const Problem& p) { return p.weight_strides.has_value(); }), kCases / 100);
  EXPECT_GT(count([](const Problem& p) { return p.output_strides.has_value(); }), kCases / 100);
  EXPECT_GT(count([](const Problem& p) {
              return p.weight_strides && ((*p.weight_strides)[0] == 0 || (*p.weight_strides)[1] == 0);
            }),
            kCases / 100);
}

TEST_F(RandomCases, AreOftenOfTheKindsThatSomeKernelsServeAlone) {
  const auto is_plain = [](const Problem& p) {
    return p.weight[2] == p.weight[3] && (p.weight[2] == 3 || p.weight[2] == 5) && p.stride == PerAxis{1, 1, 1} &&
           p.dilation == PerAxis{1, 1, 1};
  };
  const auto is_depthwise = [](const Problem& p) { return p.groups > 1 && p.weight[1] == 1; };
  EXPECT_GT(count(is_plain), kCases * 14 / 100);
  EXPECT_LT(count(is_plain), kCases / 3);
  EXPECT_GT(count([](const Problem& p) { return p.weight[2] == 1 && p.weight[3] == 1; }), kCases * 11 / 100);
  EXPECT_GT(count(is_depthwise), kCases / 20);
  // Plain ones come with all else: padding, groups, channels beside vector registers.
  EXPECT_GT(count([&](const Problem& p) { return is_plain(p) && p.groups > 1; }), kCases / 20);
  EXPECT_GT(count([&](const Problem& p) { return is_plain(p) && p.pad_before[0] >= p.weight[2]; }), kCases / 200);
  EXPECT_GT(count([&](const Problem& p) { return is_plain(p) && p.weight[1] > 12; }), kCases / 200);
}

TEST(RandomCase, IsTheSameForTheSameSeedAndAnotherForAnother) {
  std::set<std::string> valid, invalid;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    EXPECT_EQ(random_case(seed, Fill::reals), random_case(seed, Fill::reals));
    EXPECT_EQ(random_invalid_case(seed), random_invalid_case(seed));
    valid.insert(print(random_case(seed, Fill::integers)));
    invalid.insert(print(random_invalid_case(seed)));
  }
  EXPECT_GT(valid.size(), 495U);
  EXPECT_GT(invalid.size(), 490U);
}

TEST(RandomCase, HasTheFillThatIsAskedForAndTheSameProblem) {
  Case reals = random_case(7, Fill::reals);
  EXPECT_EQ(reals.fill, Fill::reals);
  reals.fill = Fill::integers;
  EXPECT_EQ(reals, random_case(7, Fill::integers));
}

TEST(RandomInvalidCase, BreaksARuleAndEveryRuleOccurs) {
  std::array<int64_t, kRuleCount> counts{};
  for (uint64_t seed = 1; seed <= 5000; ++seed) {
    const Case c = random_invalid_case(seed);
    const auto broken = broken_rule(c.problem);
    ASSERT_TRUE(broken) << print(c);
    ASSERT_EQ(stride_fault(c.problem), std::nullopt) << print(c);
    ++counts.at(static_cast<size_t>(broken->rule));
  }
  for (size_t rule = 0; rule < counts.size(); ++rule) {
    EXPECT_GT(counts[rule], 50) << name(static_cast<Rule>(rule));
  }
}

TEST(BrokenBy, BreaksTheRuleThatIsAskedForInEveryProblemOrSaysThatItCannot) {
  std::array<int64_t, kRuleCount> broken_count{};
  constexpr uint64_t kProblems = 1000;
  for (uint64_t seed = 1; seed <= kProblems; ++seed) {
    const Problem valid = random_case(seed, Fill::integers).problem;
    for (int i = 0; i < kRuleCount; ++i) {
      const auto rule = static_cast<Rule>(i);
      const auto problem = broken_by(valid, rule, Random(seed, static_cast<uint64_t>(i)));
      if (!problem) continue;
      const auto broken = broken_rule(*problem);
      ASSERT_TRUE(broken) << print(*problem);
      ASSERT_EQ(broken->rule, rule) << print(valid) << " made " << print(*problem);
      ++broken_count.at(static_cast<size_t>(i));
    }
  }
  for (int i = 0; i < kRuleCount; ++i) {
    // Divisibility cannot be broken where there is one group: that is nearly half of the problems.
    EXPECT_GT(broken_count.at(static_cast<size_t>(i)), static_cast<int64_t>(kProblems) / 4)
        << name(static_cast<Rule>(i));
  }
}

// The numbers that the broken rule is about put back, nothing else is wrong.
TEST(BrokenBy, LeavesAllOtherRulesKept) {
  int64_t judged = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    Problem valid = random_case(seed, Fill::integers).problem;
    const auto weight = broken_by(valid, Rule::weight_channels_match, Random(seed));
    const auto bias = broken_by(valid, Rule::bias_length_matches, Random(seed));
    const auto fit = broken_by(valid, Rule::kernel_fits_padded_input, Random(seed));
    ASSERT_TRUE(weight && bias && fit) << print(valid);
    Problem mended = *weight;
    mended.weight[1] = valid.weight[1];
    EXPECT_TRUE(is_valid(mended)) << print(*weight);
    // A kernel sees the output that the mended problem has: it has no second hint.
    EXPECT_EQ(output_shape(*weight), output_shape(valid)) << print(*weight);
    EXPECT_EQ(output_shape(*bias), output_shape(valid)) << print(*bias);
    mended = *bias;
    mended.bias = {valid.out_channels()};
    EXPECT_TRUE(is_valid(mended)) << print(*bias);
    mended = *fit;
    mended.weight = valid.weight;
    EXPECT_TRUE(is_valid(mended)) << print(*fit);
    ++judged;
  }
  EXPECT_EQ(judged, 2000);
}

// As generators of RapidCheck, whatever its own seed and size.
RC_GTEST_PROP(Generators, ValidProblemIsValidAtEverySize, ()) {
  const Problem problem = *valid_problem();
  RC_ASSERT(is_valid(problem));
  RC_ASSERT(multiply_count(problem) <= kMostMultiplies);
}

RC_GTEST_PROP(Generators, InvalidProblemIsInvalidAtEverySize, ()) {
  RC_ASSERT(!is_valid(*invalid_problem()));
}

}  // namespace
}  // namespace convcheck
