// A soak that fell short of anything that was asked of it says so.
#include "tests/judging/tally.h"

#include <gtest/gtest.h>

#include <limits>

namespace convcheck::judging {
namespace {

constexpr int64_t kAsked = 1000;

// What is judged of each tier, by how many kernels, and how many terms every second and every fifth sum has.
struct Soak {
  std::array<int64_t, kTiers> of_tier = {300, 300, 300, 1, 300, 300};
  int kernels = 10;
  int32_t terms = 100;
  int32_t terms_of_every_fifth = 2000;
};

Tally tally_of(const Soak& soak) {
  Tally tally;
  int64_t number = 0;
  for (size_t tier = 0; tier < kTiers; ++tier) {
    for (int64_t i = 0; i < soak.of_tier[tier]; ++i, ++number) {
      const std::string kernel = "kernel" + std::to_string(number % soak.kernels);
      tally.add(static_cast<Tier>(tier), kernel, number % 5 == 0 ? soak.terms_of_every_fifth : soak.terms, 0.5);
    }
  }
  return tally;
}

std::vector<std::string> unmet(const Soak& soak) {
  return tally_of(soak).unmet(Demands(kAsked));
}

using Sentences = std::vector<std::string>;

TEST(Tally, ASoakThatMeetsEveryDemandLacksNothing) {
  EXPECT_EQ(unmet({}), Sentences());
}

TEST(Tally, OneAccusationIsTooMany) {
  Tally tally = tally_of({});
  tally.add_accusation("a sound kernel is wrong");
  EXPECT_EQ(tally.unmet(Demands(kAsked)), Sentences{"1 false alarms"});
}

TEST(Tally, TooFewJudgementsInAllAreSeen) {
  EXPECT_EQ(unmet({.of_tier = {100, 100, 100, 1, 100, 100}}), Sentences{"501 judgements of 1000"});
}

TEST(Tally, EachTierThatFallsShortIsSeen) {
  for (size_t tier = 0; tier < kTiers; ++tier) {
    Soak soak;
    soak.of_tier[tier] = static_cast<Tier>(tier) == Tier::statistical ? 0 : 99;
    EXPECT_EQ(unmet(soak).size(), 1) << tier;
    EXPECT_NE(unmet(soak).front().find(name(static_cast<Tier>(tier))), std::string::npos);
  }
}

TEST(Tally, TheStatisticalTierIsAskedForAThousandthAndTheOthersForATenth) {
  const Demands demands(10'000'000);
  for (int tier = 0; tier < kTiers; ++tier) {
    const bool is_statistical = static_cast<Tier>(tier) == Tier::statistical;
    EXPECT_EQ(demands.of_tier[static_cast<size_t>(tier)], is_statistical ? 10'000 : 1'000'000);
  }
}

TEST(Tally, FewKernelsAreSeen) {
  EXPECT_EQ(unmet({.kernels = 9}), Sentences{"9 kernels of 10"});
}

TEST(Tally, ShortSumsAreSeen) {
  EXPECT_EQ(unmet({.terms = 31}), Sentences{"a median of 31 terms, and 32 are asked"});
  EXPECT_EQ(unmet({.terms = 32}), Sentences());
  EXPECT_EQ(unmet({.terms_of_every_fifth = 1000}), Sentences{"0.0% of sums above 1000 terms, and 10% are asked"});
  EXPECT_EQ(unmet({.terms_of_every_fifth = 1001}), Sentences());
}

TEST(Tally, NothingJudgedIsNothingShown) {
  EXPECT_EQ(Tally().unmet(Demands(0)).size(), kTiers + 3);  // each tier, kernels, median and share
}

TEST(Tally, WhatThreadsCountedAddsUp) {
  Tally sum = tally_of({});
  sum.add(tally_of({.of_tier = {0, 0, 0, 0, 0, 7}, .kernels = 1}));
  EXPECT_EQ(sum.all(), 1508);
  EXPECT_EQ(sum.of(Tier::special), 307);
  EXPECT_EQ(sum.unmet(Demands(1509)), Sentences{"1508 judgements of 1509"});
  Tally accused;
  accused.add_accusation("a sound kernel is wrong");
  sum.add(accused);
  EXPECT_EQ(sum.unmet(Demands(kAsked)), Sentences{"1 false alarms"});
}

TEST(Evidence, ARatioThatIsNoNumberIsNotForgotten) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(larger(0.25, 0.5), 0.5);
  EXPECT_EQ(larger(0.5, 0.25), 0.5);
  EXPECT_TRUE(std::isnan(larger(0.5, kNaN)));
  EXPECT_TRUE(std::isnan(larger(kNaN, 0.5)));
}

}  // namespace
}  // namespace convcheck::judging
