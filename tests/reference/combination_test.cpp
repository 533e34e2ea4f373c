// The inner loops of the checksum: sums are those of 128-bit integers with every bound reached, and nothing that is no
// integer passes for one.
#include "reference/combination.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "reference/wide.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

constexpr int32_t kMost = 1 << 24;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

// Rows of integers with their coefficients, and the sums that they should have.
struct Sums {
  Sums(int64_t rows, int64_t positions, int64_t initial)
      : length(Combination::padded(positions)),
        integers(static_cast<size_t>(rows * length), kMost),  // behind the positions too
        expected(static_cast<size_t>(positions), initial) {}

  void add(int64_t row, int64_t r, const auto& value) {
    int32_t* const values = integers.data() + row * length;
    for (size_t t = 0; t < expected.size(); ++t) {
      values[t] = static_cast<int32_t>(value(t));
      const Wide sum = (expected[t] + Wide{r} * values[t]) % kMersenne;
      expected[t] = static_cast<int64_t>(sum < 0 ? sum + kMersenne : sum);
    }
    terms.push_back({values, halves(r)});
  }

  int64_t length;
  std::vector<int32_t> integers;
  std::vector<Term> terms;
  std::vector<int64_t> expected;
};

std::vector<int64_t> values_of(Combination& combination) {
  const auto sums = combination.residues();
  return {sums.begin(), sums.end()};
}

TEST(Combination, IsExactWhereEveryBoundIsReached) {
  // The residues with the largest halves: low 2^30 - 1 and -2^30, high 2^30; and p - 1.
  const int64_t low_most = (int64_t{1} << 30) - 1;
  const int64_t both_most = (int64_t{1} << 61) - (int64_t{1} << 30);
  ASSERT_EQ(halves(both_most).low, -(1 << 30));
  ASSERT_EQ(halves(both_most).high, 1 << 30);
  Combination combination;
  for (const int64_t r : {low_most, both_most, kMersenne - 1, int64_t{1}}) {
    for (const int64_t rows : {1, 3, 4, 5, 255, 256, 257, 2048, 2051}) {
      for (const int32_t value : {kMost, -kMost}) {
        Sums sums(rows, 3, kMersenne - 1);
        for (int64_t row = 0; row < rows; ++row) sums.add(row, r, [&](size_t) { return value; });
        combination.restart(3, kMersenne - 1);
        combination.add(sums.terms);
        ASSERT_EQ(values_of(combination), sums.expected) << rows << " rows of " << value << " times " << r;
      }
    }
  }
}

TEST(Combination, IsExactOnAnyRowsHoweverTheyAreShared) {
  Random random(1);
  Combination combination;  // reused, whatever the sum before left behind
  for (int64_t i = 0; i < random_cases(400); ++i) {
    const int64_t positions = uniform(random, 1, 100);
    const int64_t rows = one_in(random, 10) ? uniform(random, 200, 700) : uniform(random, 0, 20);
    Sums sums(rows, positions, nonzero_residue(random));
    combination.restart(positions, sums.expected.front());
    for (int64_t row = 0; row < rows; ++row) {
      sums.add(row, nonzero_residue(random), [&](size_t) { return uniform(random, -kMost, kMost); });
    }
    for (size_t begin = 0; begin < sums.terms.size();) {
      const size_t count = std::min(sums.terms.size() - begin, static_cast<size_t>(uniform(random, 0, 300)));
      combination.add({sums.terms.data() + begin, count});
      begin += count;
    }
    if (one_in(random, 4)) continue;  // never read
    ASSERT_EQ(values_of(combination), sums.expected);
    ASSERT_EQ(values_of(combination), sums.expected);  // reading changes nothing
  }
}

TEST(Combination, SmallSumsAreExact) {
  Random random(2);
  for (int64_t i = 0; i < random_cases(200); ++i) {
    const int64_t positions = uniform(random, 1, 60);
    const int64_t rows = uniform(random, 0, 12);
    std::vector<int32_t> values(static_cast<size_t>(rows * Combination::padded(positions)), kMost);
    std::vector<int32_t> sums(static_cast<size_t>(Combination::padded(positions)), 5);
    std::vector<int64_t> expected(static_cast<size_t>(positions), 5);
    std::vector<Term> terms;
    for (int64_t row = 0; row < rows; ++row) {
      int32_t* const at = values.data() + row * Combination::padded(positions);
      const auto r = static_cast<int32_t>(uniform(random, -1000, 1000));
      for (size_t t = 0; t < expected.size(); ++t) {
        at[t] = static_cast<int32_t>(uniform(random, -1000, 1000));
        expected[t] += int64_t{r} * at[t];
      }
      terms.push_back({at, {.low = r, .high = 0}});
    }
    add_modulo_2_32(terms, positions, sums.data());
    for (size_t t = 0; t < expected.size(); ++t) ASSERT_EQ(sums[t], expected[t]);
  }
}

constexpr Rounding kCut = {};
constexpr Rounding kNearest = {.limit = 0x1p23F, .half = 0.5F};

struct Converted {
  std::vector<int32_t> integers;
  float distance = 0;
};

Converted convert(const std::vector<float>& values, Rounding rounding) {
  Converted result;
  result.integers.resize(values.size(), 77);
  const Box box = {values.data(), {1, 1, static_cast<int64_t>(values.size())}, {0, 0, 1}};
  result.distance = std::bit_cast<float>(to_integers(box, rounding, result.integers.data()));
  return result;
}

TEST(ToIntegers, IntegersStayAsTheyAre) {
  for (const Rounding rounding : {kCut, kNearest}) {
    const auto below = static_cast<int32_t>(rounding.limit) - 1;
    for (const int32_t value : {0, 1, 2, 3, 4095, 65537, 4194303, 4194304, 4194305, 8388607, below - 1, below}) {
      for (const int32_t integer : {std::min(value, below), -std::min(value, below)}) {
        const Converted result = convert({static_cast<float>(integer)}, rounding);
        EXPECT_EQ(result.integers.front(), integer);
        EXPECT_EQ(result.distance, 0);
      }
    }
  }
  EXPECT_EQ(convert({-0.0F}, kCut).distance, 0);
  EXPECT_EQ(convert({-0.0F}, kNearest).distance, 0);
}

TEST(ToIntegers, TheNearestIntegerIsTakenAndTheDistanceIsExact) {
  Random random(3);
  for (int i = 0; i < 100'000; ++i) {
    const float value = std::ldexp(random_real(random, 0, 0), static_cast<int>(uniform(random, -30, 22)));
    const double nearest = std::nearbyint(static_cast<double>(value));
    const double distance = std::abs(static_cast<double>(value) - nearest);
    const Converted result = convert({value}, kNearest);
    if (distance == 0.5) {  // either neighbour will do
      ASSERT_EQ(result.distance, 0.5F) << value;
      continue;
    }
    ASSERT_EQ(result.integers.front(), nearest) << value;
    ASSERT_EQ(static_cast<double>(result.distance), distance) << value;
  }
  const float below_half = std::nextafter(0.5F, 0.0F);
  EXPECT_EQ(convert({below_half}, kNearest).distance, 0.5F);
  EXPECT_EQ(convert({-below_half}, kNearest).distance, 0.5F);
  EXPECT_EQ(convert({std::nextafter(below_half, 0.0F)}, kNearest).distance, std::nextafter(below_half, 0.0F));
}

TEST(ToIntegers, WhatIsNoIntegerIsSeenAtEveryPlace) {
  const float least = std::numeric_limits<float>::denorm_min();
  for (const Rounding rounding : {kCut, kNearest}) {
    for (const float bad : {kNaN, -kNaN, kInf, -kInf, rounding.limit, -rounding.limit, 0x1p31F, -0x1p31F, 0x1p62F,
                            std::numeric_limits<float>::max(), 0.5F, -7.5F, 4194303.5F, least, -least}) {
      for (size_t count = 1; count <= 70; ++count) {
        for (size_t at = 0; at<count; at += count> 40 ? 7 : 1) {
          std::vector<float> values(count, 3);
          values[at] = bad;
          const Converted result = convert(values, rounding);
          ASSERT_FALSE(result.distance == 0) << bad << " at " << at << " of " << count;
          ASSERT_EQ(std::isnan(bad), std::isnan(result.distance));
          for (size_t i = 0; i < count; ++i) {
            ASSERT_TRUE(i == at ? std::abs(result.integers[i]) < kMost : result.integers[i] == 3);
          }
        }
      }
    }
  }
}

TEST(ToIntegers, NaNIsFartherThanInfinityAndInfinityThanAll) {
  EXPECT_TRUE(std::isnan(convert({0.5F, kNaN, kInf, 2, 0.25F}, kCut).distance));
  EXPECT_TRUE(std::isnan(convert({kInf, 1, -kNaN}, kNearest).distance));
  EXPECT_EQ(convert({0.5F, kInf, 0x1p30F}, kCut).distance, kInf);
  EXPECT_EQ(convert({0.25F, 2.75F, 8}, kCut).distance, 0.75F);
  EXPECT_EQ(convert({0.25F, 2.875F, 8}, kNearest).distance, 0.25F);
}

TEST(ToIntegers, BoxesAreReadByTheirStrides) {
  Random random(4);
  std::vector<float> memory(4000);
  for (size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<float>(i);
  for (int64_t i = 0; i < random_cases(20'000); ++i) {
    Box box = {.data = memory.data()};
    for (const size_t axis : {0, 1, 2}) {
      box.extent[axis] = one_in(random, 50) ? 0 : uniform(random, 1, one_in(random, 3) ? 1 : 9);
      box.stride[axis] = uniform(random, 0, 40);
    }
    if (one_in(random, 2)) box.stride[1] = box.extent[2] * box.stride[2];
    if (one_in(random, 2)) box.stride[0] = box.extent[1] * box.stride[1];
    std::vector<int32_t> expected;
    for (int64_t a = 0; a < box.extent[0]; ++a) {
      for (int64_t b = 0; b < box.extent[1]; ++b) {
        for (int64_t c = 0; c < box.extent[2]; ++c) {
          expected.push_back(static_cast<int32_t>(a * box.stride[0] + b * box.stride[1] + c * box.stride[2]));
        }
      }
    }
    if (!expected.empty() && *std::max_element(expected.begin(), expected.end()) >= 4000) continue;
    std::vector<int32_t> integers(expected.size());
    ASSERT_EQ(to_integers(box, kCut, integers.data()), 0);
    ASSERT_EQ(integers, expected);
  }
}

TEST(ToIntegers, LongStridedLinesAreReadInWhole) {
  std::vector<float> memory(3000);
  for (size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<float>(i);
  memory[2994] = 0.5F;
  std::vector<int32_t> integers(1000);
  EXPECT_EQ(to_integers({memory.data(), {1, 1, 1000}, {0, 0, 3}}, kCut, integers.data()), std::bit_cast<int32_t>(0.5F));
  for (int32_t i = 0; i < 1000; ++i) EXPECT_EQ(integers[static_cast<size_t>(i)], i == 998 ? 0 : 3 * i);
}

}  // namespace
}  // namespace convcheck
