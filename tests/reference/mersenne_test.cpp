// Arithmetic modulo 2^61 - 1 equals that of 128-bit integers, at its edges and at random.
#include "reference/mersenne.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "reference/wide.h"

namespace convcheck {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

int64_t wide_residue(Wide value) {
  const Wide rest = value % kMersenne;
  return static_cast<int64_t>(rest < 0 ? rest + kMersenne : rest);
}

// Every power of two, multiples of p, and what lies around them.
std::vector<int64_t> edges() {
  std::vector<int64_t> values = {kMin, kMin + 1, kMax - 1, kMax};
  for (int64_t offset = -2; offset <= 2; ++offset) {
    for (int bit = 0; bit < 62; ++bit) {
      values.push_back((int64_t{1} << bit) + offset);
      values.push_back(-(int64_t{1} << bit) + offset);
    }
    for (int64_t multiple = -3; multiple <= 3; ++multiple) values.push_back(multiple * kMersenne + offset);
  }
  return values;
}

std::vector<int64_t> residues() {
  std::vector<int64_t> values;
  for (const int64_t value : edges()) {
    if (value >= 0 && value < kMersenne) values.push_back(value);
  }
  for (int64_t i = 0; i < 4; ++i) {  // where the upper half is largest
    values.push_back((int64_t{1} << 61) - (int64_t{1} << 30) - 2 + i);
    values.push_back((int64_t{1} << 31) + (int64_t{1} << 30) - 2 + i);
  }
  return values;
}

TEST(Mersenne, ResiduesAreThoseOfWideIntegers) {
  for (const int64_t value : edges()) ASSERT_EQ(residue(value), wide_residue(value)) << value;
  Random random(1);
  for (int i = 0; i < 100'000; ++i) {
    const auto value = static_cast<int64_t>(random.bits());
    ASSERT_EQ(residue(value), wide_residue(value)) << value;
  }
}

TEST(Mersenne, HalvesAreSmallAndMakeTheWhole) {
  constexpr int64_t kMost = int64_t{1} << 30;
  int64_t largest = 0;
  for (const int64_t value : residues()) {
    const Halves r = halves(value);
    ASSERT_LE(std::abs(int64_t{r.low}), kMost) << value;
    ASSERT_LE(std::abs(int64_t{r.high}), kMost) << value;
    ASSERT_EQ(Wide{r.low} + (Wide{r.high} << 31), value);
    ASSERT_EQ(joined(0, r.low, r.high), value);
    largest = std::max(largest, int64_t{r.high});
  }
  EXPECT_EQ(largest, kMost);  // the bound is reached
}

TEST(Mersenne, JoiningIsThatOfWideIntegersForAnySums) {
  Random random(2);
  std::vector<int64_t> sums = edges();
  for (int i = 0; i < 300; ++i) sums.push_back(static_cast<int64_t>(random.bits()));
  for (const int64_t total : {int64_t{0}, int64_t{1}, kMersenne / 2, kMersenne - 1}) {
    for (const int64_t low : sums) {
      for (const int64_t high : sums) {
        const Wide expected = Wide{total} + low + Wide{high} * (int64_t{1} << 31);
        ASSERT_EQ(joined(total, low, high), wide_residue(expected)) << total << " " << low << " " << high;
      }
    }
  }
}

TEST(Mersenne, RandomResiduesAreNeverZeroAndUseEveryBit) {
  Random random(3);
  int64_t ever = 0;
  int64_t always = kMersenne;
  for (int i = 0; i < 10'000; ++i) {
    const int64_t r = nonzero_residue(random);
    ASSERT_GT(r, 0);
    ASSERT_LT(r, kMersenne);
    ever |= r;
    always &= r;
  }
  EXPECT_EQ(ever, kMersenne);
  EXPECT_EQ(always, 0);
}

}  // namespace
}  // namespace convcheck
