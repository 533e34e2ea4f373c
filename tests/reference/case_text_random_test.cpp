// The text form over random cases and random damage: what is printed is read as the same value, and nothing crashes.
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "reference/benchdnn.h"
#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/reference/problems.h"
#include "tests/reference/random_case.h"

namespace convcheck {
namespace {

TEST(CaseTextRandom, WhatWasPrintedIsReadAsTheSameValue) {
  Random random(1);
  const int64_t cases = random_cases(1'000'000);
  int64_t valid = 0;
  int64_t claimed = 0;
  int64_t strided = 0;
  std::array<int64_t, 4> ranks{};
  for (int64_t i = 0; i < cases; ++i) {
    const Case c = random_case(random);
    const std::string text = print(c);
    const auto parsed = parse_case(text);
    ASSERT_TRUE(parsed) << text << '\n' << describe(parsed.error());
    ASSERT_EQ(*parsed, c) << text << '\n' << print(*parsed);
    if (i % 8 == 0) valid += is_valid(c.problem) ? 1 : 0;
    claimed += c.problem.claimed_output ? 1 : 0;
    strided += c.problem.output_strides ? 1 : 0;
    ++ranks.at(static_cast<size_t>(c.problem.spatial_rank()));
  }
  // None of the kinds is missing.
  EXPECT_GT(8 * valid, cases / 10);
  EXPECT_GT(claimed, cases / 10);
  EXPECT_GT(strided, cases / 10);
  for (size_t rank = 1; rank <= 3; ++rank) EXPECT_GT(ranks[rank], cases / 4);
}

TEST(CaseTextRandom, DifferentCasesHaveDifferentTexts) {
  Random random(2);
  std::set<std::string> texts;
  std::vector<Case> cases;
  for (int i = 0; i < 2000; ++i) {
    Case c = random_case(random);
    if (texts.insert(print(c)).second) cases.push_back(c);
  }
  ASSERT_GT(cases.size(), 1900U);
  for (size_t i = 0; i < cases.size(); ++i) {
    for (size_t j = 0; j < i; ++j) ASSERT_FALSE(cases[i] == cases[j]);
  }
}

// A text that is read, in any of its forms.
std::string some_text(Random& random) {
  switch (random.below(4)) {
    case 0:
      return random_descriptor(random);
    case 1:
      return "in_channels=6 out_channels=4 kernel=3x" + std::to_string(uniform(random, 1, 5)) +
             " size=8 batch=2 channels_per_kernel=" + std::to_string(uniform(random, 1, 6)) + " padding=same";
    default:
      return print(random_case(random));
  }
}

TEST(CaseTextRandom, DamagedTextsAreReadOrRefusedInOneLine) {
  Random random(3);
  const int64_t cases = random_cases(1'000'000);
  int64_t accepted = 0;
  int64_t descriptors = 0;
  std::set<std::string> errors;
  for (int64_t i = 0; i < cases; ++i) {
    const std::string text = mutated(random, some_text(random), some_text(random));
    descriptors += looks_like_benchdnn(text) ? 1 : 0;
    const auto parsed = parse_case(text);
    if (!parsed) {
      const TextError& error = parsed.error();
      ASSERT_LE(error.position, text.size()) << text;
      ASSERT_FALSE(error.message.empty()) << text;
      for (const char c : error.message) ASSERT_TRUE(c >= ' ' && c <= '~') << text;
      if (errors.size() < 1000) errors.insert(error.message);
      continue;
    }
    ++accepted;
    const std::string printed = print(*parsed);
    const auto again = parse_case(printed);
    ASSERT_TRUE(again) << text << '\n' << printed << '\n' << describe(again.error());
    ASSERT_EQ(*again, *parsed) << text << '\n' << printed;
    ASSERT_EQ(print(*again), printed);
  }
  EXPECT_GT(accepted, cases / 10);
  EXPECT_GT(cases - accepted, cases / 10);
  EXPECT_GT(descriptors, cases / 20);
  EXPECT_EQ(errors.size(), 1000U);
}

}  // namespace
}  // namespace convcheck
