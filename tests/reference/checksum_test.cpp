// The checksum holds on sound outputs, finds what is wrong in others, and agrees with the naive comparison.
#include "reference/checksum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "reference/case_text.h"
#include "reference/mersenne.h"
#include "reference/wide.h"
#include "reference/winograd.h"
#include "tests/reference/problems.h"
#include "tests/reference/winograd_kernel.h"

namespace convcheck {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

// A case with its data, exact sums and an output, right at first.
struct Judged {
  explicit Judged(const Case& c, Accuracy accuracy = {}) : output(c.problem, TensorRole::output), seed(c.seed + 1) {
    expected.g = geometry(c.problem);
    expected.accuracy = accuracy;
    EXPECT_EQ(fill(c, expected.g, accuracy, expected.data), "") << print(c);
    convolve(expected.g, expected.data, expected.sums);
    std::fill(output.memory().begin(), output.memory().end(), kNaN);  // gaps stay so
    for (int64_t i = 0; i < output.elements(); ++i) at(i) = static_cast<float>(want(i));
  }

  [[nodiscard]] float& at(int64_t index) { return output.memory()[static_cast<size_t>(output.offset(index))]; }
  [[nodiscard]] double want(int64_t index) const { return expected.sums[static_cast<size_t>(index)].value; }
  [[nodiscard]] int64_t pixels() const { return expected.g.height.out * expected.g.width.out; }

  [[nodiscard]] Comparison by_checksum() const {
    Comparison result;
    result.wrong = 77;  // what an earlier use left behind
    result.wrong_indices = {5};
    result.first = Deviation{.index = 4};
    result.worst_ratio = 9;
    compare_by_checksum(expected.g, expected.accuracy, expected.data, output, seed, result);
    return result;
  }
  [[nodiscard]] Comparison naively() const {
    Comparison result;
    compare_exactly(expected, output, result);
    return result;
  }

  Expectation expected;
  Tensor output;
  uint64_t seed;
};

void expect_equal(const Comparison& got, const Comparison& want) {
  ASSERT_EQ(got.compared, want.compared);
  ASSERT_EQ(got.wrong, want.wrong);
  ASSERT_EQ(got.wrong_indices, want.wrong_indices);
  ASSERT_EQ(got.first.has_value(), want.first.has_value());
  if (!want.first) return;
  ASSERT_EQ(got.first->index, want.first->index);
  ASSERT_EQ(got.first->expected, want.first->expected);
  ASSERT_TRUE(got.first->got == want.first->got || (std::isnan(got.first->got) && std::isnan(want.first->got)));
  ASSERT_EQ(got.first->allowed, want.first->allowed);
}

// Strides, dilation, padding, groups, views; small, or (one in `large`, each way) past the sizes that are worked on at
// a time.
Case random_judged_case(Random& random, uint64_t large) {
  Case c;
  c.problem = random_valid_problem(random);
  if (one_in(random, large)) {
    c.problem.input[2 + static_cast<int>(random.below(2))] = uniform(random, 200, 3000);
  } else if (one_in(random, large)) {
    const int64_t per_group = uniform(random, 1, 300);
    c.problem.weight[0] = c.problem.groups * per_group;
    if (c.problem.has_bias()) c.problem.bias = {c.problem.weight[0]};
  }
  add_random_strides(random, c.problem);
  c.seed = random.bits();
  return c;
}

TEST(Checksum, HoldsOnEverySoundOutput) {
  Random random(1);
  int64_t elements = 0;
  int64_t empty = 0;
  int64_t single = 0;
  for (int64_t i = 0; i < random_cases(3000); ++i) {
    const Case c = random_judged_case(random, 20);
    const Judged judged(c);
    const Comparison result = judged.by_checksum();
    ASSERT_TRUE(result.holds()) << print(c);
    ASSERT_NO_FATAL_FAILURE(expect_equal(result, judged.naively())) << print(c);
    ASSERT_EQ(result.worst_ratio, 0);
    elements += result.compared;
    empty += result.compared == 0 ? 1 : 0;
    single += judged.expected.g.out_channels_per_group == 1 ? 1 : 0;
  }
  EXPECT_GT(elements, random_cases(3000) * 100);
  EXPECT_GT(empty, random_cases(3000) / 100);
  EXPECT_GT(single, random_cases(3000) / 10);
}

// Every way for one element to be wrong.
void spoil(Random& random, float& y) {
  const auto power = std::ldexp(1.0F, static_cast<int>(uniform(random, 0, 23)));
  switch (random.below(9)) {
    case 0:
      y += one_in(random, 2) ? 1.0F : -1.0F;
      break;
    case 1:
      y += one_in(random, 2) ? power : -power;
      break;
    case 2:
      y = y > 0 ? y - 0.5F : y + 0.5F;
      break;
    case 3:
      y = one_in(random, 2) ? kNaN : -kNaN;
      break;
    case 4:
      y = one_in(random, 2) ? kInf : -kInf;
      break;
    case 5:
      y = std::ldexp(one_in(random, 2) ? 1.0F : -1.0F, static_cast<int>(uniform(random, 24, 127)));
      break;
    case 6:
      y = std::nextafter(y, one_in(random, 2) ? kInf : -kInf);
      break;
    case 7:
      y = y == 0 ? std::numeric_limits<float>::denorm_min() : -y;
      break;
    default:
      y = static_cast<float>(uniform(random, -16'777'215, 16'777'215));
  }
}

TEST(Checksum, CatchesEverySingleWrongElementAndFindsIt) {
  Random random(2);
  int64_t planted = 0;
  while (planted < random_cases(100'000)) {
    const Case c = random_judged_case(random, 200);
    Judged judged(c);
    if (judged.output.empty()) continue;
    for (int i = 0; i < 50; ++i) {
      const int64_t index = uniform(random, 0, judged.output.elements() - 1);
      const float right = judged.at(index);
      spoil(random, judged.at(index));
      if (judged.at(index) == right) continue;
      judged.seed = random.bits();
      const Comparison result = judged.by_checksum();
      ASSERT_EQ(result.wrong, 1) << print(c) << ": " << judged.at(index) << " for " << right;
      ASSERT_EQ(result.wrong_indices, std::vector<int64_t>{index});
      ASSERT_EQ(result.first->index, index);
      ASSERT_EQ(result.first->expected, static_cast<double>(right));
      ASSERT_EQ(result.compared, judged.output.elements());
      judged.at(index) = right;
      ++planted;
    }
  }
}

TEST(Checksum, FindsTheWrongElementsOfAnyPatternAsTheNaiveComparisonDoes) {
  Random random(3);
  int64_t several = 0;
  for (int64_t i = 0; i < random_cases(2000); ++i) {
    const Case c = random_judged_case(random, 20);
    Judged judged(c);
    if (judged.output.empty()) continue;
    for (int64_t wrong = uniform(random, 1, 40); wrong > 0; --wrong) {
      spoil(random, judged.at(uniform(random, 0, judged.output.elements() - 1)));
    }
    const Comparison result = judged.by_checksum();
    ASSERT_NO_FATAL_FAILURE(expect_equal(result, judged.naively())) << print(c);
    several += result.wrong > 1 ? 1 : 0;
  }
  EXPECT_GT(several, random_cases(2000) / 2);
}

const char* const kGrouped = "input=2x6x9x8 weight=10x3x3x2 groups=2 stride=1x2 padding=1,0,2,1 bias=10";

// sum_k r y[k] of the first pixel of the first group modulo p, all r the same or each its own.
int64_t sum_of_first_pixel(Judged& judged, bool same) {
  Random random(5);
  const int64_t shared = nonzero_residue(random);
  int64_t sum = 0;
  for (int64_t k = 0; k < judged.expected.g.out_channels_per_group; ++k) {
    const Halves r = halves(same ? shared : nonzero_residue(random));
    const auto y = static_cast<int64_t>(judged.at(k * judged.pixels()));
    sum = joined(sum, y * r.low, y * r.high);
  }
  return sum;
}

TEST(Checksum, CatchesErrorsThatCancelInAPlainSum) {
  Judged judged(case_of(kGrouped));
  const int64_t all_same = sum_of_first_pixel(judged, true);
  const int64_t each_its_own = sum_of_first_pixel(judged, false);
  judged.at(0) += 3;
  judged.at(2 * judged.pixels()) -= 3;
  // Equal coefficients would not see it; those that differ do.
  EXPECT_EQ(sum_of_first_pixel(judged, true), all_same);
  EXPECT_NE(sum_of_first_pixel(judged, false), each_its_own);
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    judged.seed = seed;
    const Comparison result = judged.by_checksum();
    ASSERT_EQ(result.wrong_indices, (std::vector<int64_t>{0, 2 * judged.pixels()})) << seed;
  }
}

TEST(Checksum, CatchesErrorsThatCancelInRowsColumnsAndImages) {
  for (const int64_t other : {1, 8, 9}) {  // the next column, the next row, or further on
    Judged judged(case_of(kGrouped));
    judged.at(0) += 1;
    judged.at(other) -= 1;
    EXPECT_EQ(judged.by_checksum().wrong_indices, (std::vector<int64_t>{0, other}));
  }
  Judged judged(case_of(kGrouped));
  const int64_t image = judged.output.elements() / 2;
  judged.at(0) += 1;
  judged.at(image) -= 1;
  EXPECT_EQ(judged.by_checksum().wrong_indices, (std::vector<int64_t>{0, image}));
}

TEST(Checksum, CatchesSwappedChannelsWithinAndAcrossGroups) {
  for (const int64_t other : {1, 4, 5, 9}) {
    Judged judged(case_of(kGrouped));
    for (int64_t pixel = 0; pixel < judged.pixels(); ++pixel) {
      std::swap(judged.at(pixel), judged.at(other * judged.pixels() + pixel));
    }
    const Comparison result = judged.by_checksum();
    EXPECT_FALSE(result.holds());
    ASSERT_NO_FATAL_FAILURE(expect_equal(result, judged.naively()));
  }
}

// Data of the largest magnitudes that the fill allows, each sign such that sums are as large as can be.
void make_extreme(Judged& judged, int64_t largest, int64_t largest_bias) {
  for (float& x : judged.expected.data.input.memory()) x = static_cast<float>(largest);
  for (float& w : judged.expected.data.weight.memory()) w = static_cast<float>(-largest);
  for (float& b : judged.expected.data.bias.memory()) b = static_cast<float>(-largest_bias);
  convolve(judged.expected.g, judged.expected.data, judged.expected.sums);
  for (int64_t i = 0; i < judged.output.elements(); ++i) judged.at(i) = static_cast<float>(judged.want(i));
}

TEST(Checksum, IsExactWhereEveryBoundIsReached) {
  struct Extreme {
    const char* text;
    int64_t largest;
    double sum;
  };
  // n M^2 just below 2^24: n = 1, 2, 1025 (2048 channels a group) and 1,864,136.
  const std::vector<Extreme> extremes = {{"input=1x1x3x3 weight=2048x1x1x1", 4095, 4095.0 * 4095},
                                         {"input=1x1x3x3 weight=2048x1x1x1 bias=2048", 2896, 2 * 2896.0 * 2896},
                                         {"input=1x1024x3x3 weight=2048x1024x1x1 bias=2048", 127, 1025 * 127.0 * 127},
                                         {"input=1x64x170x171 weight=2x64x170x171", 3, 64 * 170 * 171 * 9.0}};
  for (const Extreme& extreme : extremes) {
    Judged judged(case_of(extreme.text));
    make_extreme(judged, extreme.largest, extreme.largest * extreme.largest);
    ASSERT_EQ(judged.want(0), -extreme.sum);
    ASSERT_LT(extreme.sum, 0x1p24);
    ASSERT_GT(extreme.sum, 0x1p23);
    EXPECT_TRUE(judged.by_checksum().holds()) << extreme.text;
    const int64_t last = judged.output.elements() - 1;
    judged.at(last) = -judged.at(last);
    EXPECT_EQ(judged.by_checksum().wrong_indices, std::vector<int64_t>{last}) << extreme.text;
    judged.at(last) = -judged.at(last) + 1;
    EXPECT_EQ(judged.by_checksum().wrong_indices, std::vector<int64_t>{last}) << extreme.text;
  }
}

TEST(Checksum, AnOutputOfNothingButNaNIsWrongEverywhere) {
  for (const char* const text : {kGrouped, "input=2x6x9x8 weight=6x1x3x2 groups=6"}) {
    Judged judged(case_of(text));
    for (const float bad : {kNaN, kInf, 0x1p24F, 0.5F}) {
      for (int64_t i = 0; i < judged.output.elements(); ++i) judged.at(i) = bad;
      const Comparison result = judged.by_checksum();
      EXPECT_GE(result.wrong, kMostPixels);
      EXPECT_LE(result.wrong, judged.output.elements());
      EXPECT_EQ(result.first->index, 0);
    }
  }
}

TEST(Checksum, PastItsLimitItCountsNoMoreThanAreWrongAndSaysWhatItFound) {
  Judged judged(case_of("input=1x2x20x20 weight=3x2x3x3"));
  for (int64_t i = 0; i < judged.output.elements(); ++i) judged.at(i) += 1;
  const Comparison result = judged.by_checksum();
  ASSERT_GT(judged.pixels(), kMostPixels);
  EXPECT_EQ(result.wrong, 3 * kMostPixels + (judged.pixels() - kMostPixels));
  ASSERT_EQ(result.wrong_indices.size(), static_cast<size_t>(3 * kMostPixels));
  EXPECT_TRUE(std::is_sorted(result.wrong_indices.begin(), result.wrong_indices.end()));
  EXPECT_EQ(result.first->index, 0);
  EXPECT_EQ(result.wrong_indices.back(), 2 * judged.pixels() + kMostPixels - 1);
}

TEST(Checksum, DearPixelsAreLookedIntoUntilTheWorkIsSpentAndOneAlways) {
  const Problem problem =
      problem_of("input=1x200x1000x1 weight=513x200x1000x1 padding=1,0,0,0 weight_strides=0x1000x1x1");
  ASSERT_GT(int64_t{513} * 200 * 1000, kMostMultiplies);
  Data zeros;
  zeros.reshape(problem);
  for (Tensor* const tensor : {&zeros.input, &zeros.weight}) {
    std::fill(tensor->memory().begin(), tensor->memory().end(), 0.0F);
  }
  Tensor output(problem, TensorRole::output);  // two pixels
  std::fill(output.memory().begin(), output.memory().end(), 0.0F);
  for (const size_t index : {7, 100, 101, 103}) output.memory()[index] = 1;
  Comparison result;
  compare_by_checksum(geometry(problem), {}, zeros, output, 1, result);
  EXPECT_EQ(result.wrong, 2);  // one of the first pixel, and one more pixel
  EXPECT_EQ(result.wrong_indices, (std::vector<int64_t>{100}));
  EXPECT_EQ(result.first->index, 100);
}

Judged winograd_judged(const PointSet& set, const std::string& text) {
  Judged judged(case_of(text), {set.m});
  const FloatTransform kernel = rounded(make_transform(set.m, set.r, set.points));
  const Geometry& g = judged.expected.g;
  const View<float> y = judged.output.view();
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t k = 0; k < g.out_channels(); ++k) {
      for (int64_t top = 0; top < g.height.out; top += set.m) {
        for (int64_t left = 0; left < g.width.out; left += set.m) {
          const std::vector<float> tile = winograd_tile(kernel, g, judged.expected.data, n, k, top, left);
          for (int64_t i = 0; i < int64_t{set.m} * set.m; ++i) {
            const int64_t row = top + i / set.m;
            const int64_t column = left + i % set.m;
            if (row < g.height.out && column < g.width.out) y(n, k, row, column) = tile[static_cast<size_t>(i)];
          }
        }
      }
    }
  }
  return judged;
}

std::string winograd_text(int r, uint64_t seed) {
  const std::string kernel = std::to_string(r) + "x" + std::to_string(r);
  return "input=2x16x13x11 weight=6x8x" + kernel + " groups=2 padding=2 bias=6 seed=" + std::to_string(seed);
}

TEST(Checksum, HoldsOnWinogradOutputsThatAreOnlyNearToIntegers) {
  for (const PointSet& set : usual_point_sets()) {
    int64_t between = 0;
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      Judged judged = winograd_judged(set, winograd_text(set.r, seed));
      const Comparison result = judged.by_checksum();
      ASSERT_TRUE(result.holds()) << "F(" << set.m << ", " << set.r << ")";
      ASSERT_NO_FATAL_FAILURE(expect_equal(result, judged.naively()));
      EXPECT_LE(result.worst_ratio, 1);
      for (int64_t i = 0; i < judged.output.elements(); ++i) {
        between += static_cast<double>(judged.at(i)) == judged.want(i) ? 0 : 1;
      }
      EXPECT_EQ(result.worst_ratio > 0, between > 0);
    }
    EXPECT_TRUE(between > 0 || set.m == 2) << "F(" << set.m << ", " << set.r << ")";
  }
}

TEST(Checksum, WinogradOutputsMayBeOffByTheBoundOfTheFillAndNoMore) {
  Random random(6);
  for (const int tile : {2, 4, 6}) {
    for (const int r : {3, 5}) {
      Judged judged(case_of(winograd_text(r, 1)), {tile});
      const IntegerRange range = *integer_range(judged.expected.g, {tile});
      const auto largest = static_cast<double>(range.largest);
      const double bound = largest * largest * WinogradBound::of(tile, r).for_unit_data(range.active_channels);
      ASSERT_LT(bound, 0.5);
      // f32 has steps of 2^-24 of the value: what is near the bound is only near.
      const double step = 0x1p-23 * std::abs(judged.want(0)) + 0x1p-20;
      for (const double sign : {-1.0, 1.0}) {
        for (int64_t i = 0; i < judged.output.elements(); ++i) {
          judged.at(i) =
              static_cast<float>(judged.want(i) + sign * bound * static_cast<double>(random.below(900)) / 1e3);
        }
        EXPECT_TRUE(judged.by_checksum().holds());
        for (const double wrong : {bound + step, 0.5, 0.75, 1.0, 1.0 - bound / 2, 2.0}) {
          const float kept = judged.at(0);
          judged.at(0) = static_cast<float>(judged.want(0) + sign * wrong);
          const Comparison result = judged.by_checksum();
          ASSERT_EQ(result.wrong_indices, std::vector<int64_t>{0}) << wrong << " where " << bound << " is allowed";
          judged.at(0) = kept;
        }
      }
    }
  }
}

TEST(Checksum, CatchesEverySingleWrongElementOfWinograd) {
  Random random(7);
  Judged judged(case_of(winograd_text(3, 3)), {4});
  for (int64_t i = 0; i < random_cases(10'000); ++i) {
    const int64_t index = uniform(random, 0, judged.output.elements() - 1);
    const float right = judged.at(index);
    spoil(random, judged.at(index));
    const double error = std::abs(static_cast<double>(judged.at(index)) - static_cast<double>(right));
    if (error < 0.5) {
      judged.at(index) = right;
      continue;
    }
    judged.seed = random.bits();
    const Comparison result = judged.by_checksum();
    ASSERT_EQ(result.wrong_indices, std::vector<int64_t>{index}) << judged.at(index) << " for " << right;
    ASSERT_FALSE(std::isnan(result.worst_ratio));
    ASSERT_EQ(std::isfinite(judged.at(index)), std::isfinite(result.worst_ratio));
    judged.at(index) = right;
  }
}

TEST(Checksum, DataThatAreNoIntegersAreAFaultOfTheCaller) {
  for (const char* const text : {kGrouped, "input=2x6x9x8 weight=6x1x3x2 groups=6 bias=6"}) {
    for (const float bad : {0.5F, kNaN, kInf, 0x1p24F}) {
      Judged judged(case_of(text));
      Data& data = judged.expected.data;
      for (Tensor* const tensor : {&data.input, &data.weight, &data.bias}) {
        for (const size_t at : {size_t{0}, tensor->memory().size() - 1}) {
          const float kept = tensor->memory()[at];
          tensor->memory()[at] = bad;
          EXPECT_THROW((void)judged.by_checksum(), std::logic_error);
          tensor->memory()[at] = kept;
        }
      }
      EXPECT_TRUE(judged.by_checksum().holds());
    }
  }
}

TEST(Checksum, SumsBeyondWhatTheFillAllowsAreAFaultOfTheCaller) {
  Judged judged(case_of("input=1x1x2x2 weight=3x1x1x1"));
  make_extreme(judged, 4096, 0);  // 2^24: f32 holds it, but no longer tells it from its neighbours
  EXPECT_THROW((void)judged.by_checksum(), std::logic_error);
}

TEST(Checksum, TheSameArgumentsGiveTheSameResult) {
  Judged judged(case_of(kGrouped));
  judged.at(11) += 1;
  ASSERT_NO_FATAL_FAILURE(expect_equal(judged.by_checksum(), judged.by_checksum()));
}

TEST(Checksum, AnEmptyBatchIsComparedAtNoElement) {
  Judged judged(case_of("input=0x6x9x8 weight=10x3x3x2 groups=2"));
  const Comparison result = judged.by_checksum();
  EXPECT_EQ(result.compared, 0);
  EXPECT_TRUE(result.holds());
  EXPECT_FALSE(result.first);
}

TEST(Checksum, AnEmptyImageLeavesTheBias) {
  Judged judged(case_of("input=1x4x0x3 weight=6x2x2x3 groups=2 padding=2 bias=6"));
  ASSERT_GT(judged.output.elements(), 0);
  EXPECT_TRUE(judged.by_checksum().holds());
  judged.at(3) += 1;
  EXPECT_EQ(judged.by_checksum().wrong_indices, std::vector<int64_t>{3});
}

}  // namespace
}  // namespace convcheck
