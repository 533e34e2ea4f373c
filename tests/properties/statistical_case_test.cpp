#include "properties/statistical_case.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "reference/case_text.h"
#include "reference/rules.h"
#include "reference/statistical.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

int64_t terms(const Problem& p) {
  return p.weight[1] * p.weight[2] * p.weight[3] + (p.has_bias() ? 1 : 0);
}

class StatisticalCases : public testing::Test {
 protected:
  static constexpr int64_t kCases = 20'000;
  static const std::vector<Case>& cases() {
    static const std::vector<Case> kAll = [] {
      std::vector<Case> all;
      for (uint64_t seed = 1; seed <= kCases; ++seed) all.push_back(random_statistical_case(seed));
      return all;
    }();
    return kAll;
  }

  template <class Predicate>
  static int64_t count(Predicate predicate) {
    int64_t found = 0;
    for (const Case& c : cases()) found += predicate(c.problem) ? 1 : 0;
    return found;
  }
};

TEST_F(StatisticalCases, AreValidAndCanBeJudgedAndAreSmall) {
  for (const Case& c : cases()) {
    const Problem& p = c.problem;
    ASSERT_TRUE(is_valid(p)) << print(p) << ": " << message(p, *broken_rule(p));
    ASSERT_EQ(why_not_statistical(p), "") << print(p);
    const Geometry g = geometry(p);
    ASSERT_GE(g.output_elements(), kFewestOutputs) << print(p);
    ASSERT_LE(g.output_elements(), 4000) << print(p);
    ASSERT_LE(multiply_count(p), kMostStatisticalMultiplies) << print(p);
    ASSERT_LE(p.input[0] * p.input[1] * p.input[2] * p.input[3], 6'000'000) << print(p);
    ASSERT_GE(terms(p), 1);
    ASSERT_LE(terms(p), 5000);
  }
}

TEST_F(StatisticalCases, HaveFewTermsAndManyAndAllBetween) {
  EXPECT_EQ(count([](const Problem& p) { return terms(p) == 1; }), 0);
  for (int64_t least = 2; least < 4096; least *= 2) {
    EXPECT_GT(count([least](const Problem& p) { return terms(p) >= least && terms(p) < 2 * least; }), kCases / 50)
        << least;
  }
  EXPECT_GT(count([](const Problem& p) { return terms(p) > 4500; }), 0);
  EXPECT_GT(count([](const Problem& p) { return terms(p) >= 32; }), kCases / 2);
  EXPECT_GT(count([](const Problem& p) { return terms(p) > 1000; }), kCases / 10);
}

TEST_F(StatisticalCases, OccurInEveryKind) {
  const int64_t some = kCases / 50;
  EXPECT_GT(count([](const Problem& p) { return p.groups == 1; }), some);
  EXPECT_GT(count([](const Problem& p) { return p.groups > 1 && p.groups < p.in_channels(); }), some);
  EXPECT_GT(count([](const Problem& p) { return p.groups > 1 && p.groups == p.in_channels(); }), some);
  EXPECT_GT(count([](const Problem& p) { return p.weight[0] == p.groups; }), some);
  EXPECT_GT(count([](const Problem& p) { return p.weight[0] > p.groups; }), some);
  EXPECT_GT(count([](const Problem& p) { return p.weight[2] == 1 && p.weight[3] == 1; }), some);
  EXPECT_GT(count([](const Problem& p) { return p.weight[2] == 1 && p.weight[3] > 1; }), some);
  EXPECT_GT(count([](const Problem& p) { return p.weight[2] > 1 && p.weight[3] == 1; }), some);
  EXPECT_GT(count([](const Problem& p) { return p.weight[2] > 1 && p.weight[2] == p.weight[3]; }), some);
  EXPECT_GT(count([](const Problem& p) { return p.stride[0] == p.weight[2] && p.stride[1] == p.weight[3]; }), some);
  EXPECT_GT(count([](const Problem& p) { return p.dilation[0] == 1 && p.stride[0] > p.weight[2]; }), some);
  EXPECT_GT(count([](const Problem& p) { return p.dilation[1] > 1 && p.weight[3] > 1; }), some);
  EXPECT_GT(count([](const Problem& p) { return p.layout == Layout::nhwc; }), kCases / 3);
  EXPECT_GT(count([](const Problem& p) { return p.has_bias(); }), kCases / 3);
  EXPECT_LT(count([](const Problem& p) { return p.has_bias(); }), kCases * 2 / 3);
  EXPECT_GT(count([](const Problem& p) { return p.input[0] > 1; }), some);
}

TEST_F(StatisticalCases, TakeEachSetByTurnsWithAndWithoutBias) {
  std::map<Fill, std::array<int64_t, 2>> counts;
  for (const Case& c : cases()) ++counts[c.fill][c.problem.has_bias() ? 1 : 0];
  EXPECT_EQ(counts.size(), 6U);
  for (const auto& [fill, of] : counts) {
    EXPECT_TRUE(fill >= Fill::statistical1 && fill <= Fill::statistical6);
    EXPECT_NEAR(static_cast<double>(of[0] + of[1]), static_cast<double>(kCases) / 6, 1) << name(fill);
    EXPECT_GT(std::min(of[0], of[1]), kCases / 20) << name(fill);
  }
}

TEST_F(StatisticalCases, AreTheSameForTheSameSeedAndAnotherForAnother) {
  std::set<std::string> texts;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    EXPECT_EQ(random_statistical_case(seed), random_statistical_case(seed));
    EXPECT_EQ(case_of(print(random_statistical_case(seed))), random_statistical_case(seed));
    texts.insert(print(random_statistical_case(seed)));
  }
  EXPECT_EQ(texts.size(), 500U);
}

}  // namespace
}  // namespace convcheck
