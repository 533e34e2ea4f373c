// The comparisons hold on right outputs and fail on each kind of wrong one.
#include "reference/compare.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "reference/bound.h"
#include "tests/reference/problems.h"
#include "tests/reference/winograd_kernel.h"

namespace convcheck {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

Expectation expectation_of(const Case& c, Accuracy accuracy = {}) {
  Expectation expected;
  expected.g = geometry(c.problem);
  expected.accuracy = accuracy;
  EXPECT_EQ(fill(c, expected.g, accuracy, expected.data), "");
  convolve(expected.g, expected.data, expected.sums);
  return expected;
}

// What a right kernel of f32 gives for one output, in the given direction, fused or not.
float summed(const Geometry& g, const Data& data, const Shape& at, bool reversed, bool fused) {
  const auto x = data.input.view();
  const auto w = data.weight.view();
  const int64_t taps = g.in_channels_per_group * g.height.kernel * g.width.kernel;
  const int64_t first = at[1] / g.out_channels_per_group * g.in_channels_per_group;
  float sum = g.has_bias && !reversed ? data.bias.view()(at[1]) : 0;
  for (int64_t i = 0; i < taps; ++i) {
    const int64_t tap = reversed ? taps - 1 - i : i;
    const int64_t c = tap / (g.height.kernel * g.width.kernel);
    const int64_t kh = tap / g.width.kernel % g.height.kernel;
    const int64_t kw = tap % g.width.kernel;
    const int64_t ih = at[2] * g.height.stride + kh * g.height.dilation - g.height.pad_before;
    const int64_t iw = at[3] * g.width.stride + kw * g.width.dilation - g.width.pad_before;
    if (ih < 0 || ih >= g.height.in || iw < 0 || iw >= g.width.in) continue;
    const float a = x(at[0], first + c, ih, iw);
    const float b = w(at[1], c, kh, kw);
    sum = fused ? std::fma(a, b, sum) : sum + a * b;
  }
  return g.has_bias && reversed ? sum + data.bias.view()(at[1]) : sum;
}

Tensor right_output(const Case& c, const Expectation& expected, bool reversed, bool fused) {
  Tensor output(c.problem, TensorRole::output);
  std::fill(output.memory().begin(), output.memory().end(), kNaN);
  for (int64_t i = 0; i < output.elements(); ++i) {
    output.memory()[static_cast<size_t>(output.offset(i))] =
        summed(expected.g, expected.data, index_of(output.shape(), i), reversed, fused);
  }
  return output;
}

using Compare = void (*)(const Expectation&, const Tensor&, Comparison&);

Comparison compared(Compare compare, const Expectation& expected, const Tensor& output) {
  Comparison result;
  result.wrong = 77;  // what an earlier use left behind
  result.wrong_indices = {5};
  compare(expected, output, result);
  return result;
}

const char* const kIntegers = "input=2x6x7x6 weight=4x3x3x2 groups=2 stride=1x2 padding=1,0,2,1 bias=4";
const char* const kReals = "input=2x6x7x6 weight=4x3x3x2 groups=2 stride=1x2 padding=1,0,2,1 bias=4 fill=reals";

TEST(Compare, RightOutputsHoldInEveryOrder) {
  Random random(1);
  int64_t elements = 0;
  for (int64_t i = 0; i < random_cases(1000); ++i) {
    Case c;
    c.problem = random_valid_problem(random);
    add_random_strides(random, c.problem);
    c.seed = random.bits();
    for (const Fill kind : {Fill::integers, Fill::reals}) {
      c.fill = kind;
      const Expectation expected = expectation_of(c);
      for (const bool reversed : {false, true}) {
        for (const bool fused : {false, true}) {
          const Tensor output = right_output(c, expected, reversed, fused);
          const Comparison within = compared(compare_within_bound, expected, output);
          ASSERT_TRUE(within.holds());
          ASSERT_LE(within.worst_ratio, 1);
          ASSERT_EQ(within.compared, output.elements());
          ASSERT_TRUE(within.wrong_indices.empty() && !within.first);
          if (kind == Fill::integers) {
            ASSERT_TRUE(compared(compare_exactly, expected, output).holds());
          }
          elements += within.compared;
        }
      }
    }
  }
  EXPECT_GT(elements, random_cases(1000) * 50);
}

TEST(Compare, RealsOfARightKernelAreNotExact) {
  const Case c = case_of(kReals);
  const Expectation expected = expectation_of(c);
  const Comparison within = compared(compare_within_bound, expected, right_output(c, expected, false, false));
  EXPECT_GT(within.worst_ratio, 0);
  EXPECT_LT(within.worst_ratio, 1);
}

struct Fault {
  const char* name;
  std::function<void(float&)> apply;
};

const std::vector<Fault> kFaultsOfBoth = {
    {"NaN", [](float& y) { y = kNaN; }},
    {"negative NaN", [](float& y) { y = -kNaN; }},
    {"infinity", [](float& y) { y = kInf; }},
    {"negative infinity", [](float& y) { y = -kInf; }},
    {"the largest float", [](float& y) { y = std::numeric_limits<float>::max(); }},
    {"doubled", [](float& y) { y *= 2; }},
    {"negated", [](float& y) { y = -y; }},
    {"zero", [](float& y) { y = 0; }},
};

// One element at a time is made wrong; it alone is reported.
void expect_each_fault_is_seen(Compare compare, const char* text, const std::vector<Fault>& faults) {
  const Case c = case_of(text);
  const Expectation expected = expectation_of(c);
  const Tensor right = right_output(c, expected, false, true);
  for (const Fault& fault : faults) {
    for (int64_t index = 0; index < right.elements(); index += 7) {
      Tensor output = right;
      float& element = output.memory()[static_cast<size_t>(output.offset(index))];
      fault.apply(element);
      const Comparison result = compared(compare, expected, output);
      ASSERT_EQ(result.wrong, 1) << fault.name << " at " << index;
      ASSERT_TRUE(result.first);
      EXPECT_EQ(result.first->index, index);
      EXPECT_EQ(result.wrong_indices, std::vector<int64_t>{index});
      EXPECT_EQ(result.first->expected, expected.sums[static_cast<size_t>(index)].value);
      EXPECT_TRUE(result.first->got == element || std::isnan(element));
      EXPECT_EQ(result.compared, right.elements());
    }
  }
}

TEST(Compare, OneWrongElementIsSeenExactly) {
  std::vector<Fault> faults = kFaultsOfBoth;
  faults.push_back({"the next float above", [](float& y) { y = std::nextafter(y, kInf); }});
  faults.push_back({"the next float below", [](float& y) { y = std::nextafter(y, -kInf); }});
  faults.push_back({"the next integer", [](float& y) { y += 1; }});
  expect_each_fault_is_seen(compare_exactly, kIntegers, faults);
}

TEST(Compare, OneWrongElementIsSeenWithinTheBound) {
  expect_each_fault_is_seen(compare_within_bound, kReals, kFaultsOfBoth);
}

TEST(Compare, AnErrorJustAboveTheBoundIsSeenAndOneBelowIsNot) {
  // 300 terms of alternating sign: the sum is small beside the bound, whose edge f32 can therefore meet.
  const Case c = case_of("input=1x12x5x5 weight=2x12x5x5 fill=reals seed=3");
  const Expectation expected = expectation_of(c);
  for (const double factor : {1.01, -1.01, 0.99, -0.99}) {
    for (size_t i = 0; i < expected.sums.size(); ++i) {
      Tensor output = right_output(c, expected, false, false);
      const double moved = expected.sums[i].value + factor * summation_bound(expected.sums[i]);
      output.memory()[i] = static_cast<float>(moved);
      const Comparison result = compared(compare_within_bound, expected, output);
      EXPECT_EQ(result.wrong, std::abs(factor) > 1 ? 1 : 0) << factor;
      EXPECT_NEAR(result.worst_ratio, std::abs(factor), 0.009);
    }
  }
}

TEST(Compare, SwappedElementsAreSeen) {
  for (const char* text : {kIntegers, kReals}) {
    const Case c = case_of(text);
    const Expectation expected = expectation_of(c);
    Tensor output = right_output(c, expected, false, false);
    std::swap(output.memory()[10], output.memory()[11]);
    ASSERT_NE(output.memory()[10], output.memory()[11]);
    EXPECT_EQ(compared(compare_within_bound, expected, output).wrong_indices, (std::vector<int64_t>{10, 11}));
    if (c.fill == Fill::integers) {
      EXPECT_EQ(compared(compare_exactly, expected, output).wrong_indices, (std::vector<int64_t>{10, 11}));
    }
  }
}

TEST(Compare, AnOutputThatWasNeverWrittenIsWrongThroughout) {
  for (const char* text : {kIntegers, kReals}) {
    const Case c = case_of(text);
    const Expectation expected = expectation_of(c);
    Tensor output(c.problem, TensorRole::output);
    std::fill(output.memory().begin(), output.memory().end(), kNaN);
    for (const Compare compare : {compare_exactly, compare_within_bound}) {
      const Comparison result = compared(compare, expected, output);
      EXPECT_EQ(result.wrong, output.elements());
      EXPECT_EQ(result.first->index, 0);
      EXPECT_TRUE(std::isnan(result.first->error));
    }
    EXPECT_EQ(compared(compare_within_bound, expected, output).worst_ratio, std::numeric_limits<double>::infinity());
  }
}

// One output whose sum is what is said, for what fill() does not make.
Expectation one_output(const Sum& sum) {
  Expectation expected;
  expected.g = geometry(problem_of("input=1x1x1x1 weight=1x1x1x1"));
  expected.sums = {sum};
  return expected;
}

Tensor output_of(float value) {
  Tensor output(problem_of("input=1x1x1x1 weight=1x1x1x1"), TensorRole::output);
  output.memory() = {value};
  return output;
}

int64_t wrong_of(Compare compare, const Sum& sum, float got) {
  return compared(compare, one_output(sum), output_of(got)).wrong;
}

TEST(Compare, TheSignOfAZeroIsNotJudged) {
  for (const Compare compare : {compare_exactly, compare_within_bound}) {
    EXPECT_EQ(wrong_of(compare, {.value = 0, .magnitude = 0, .terms = 1}, -0.0F), 0);
    EXPECT_EQ(wrong_of(compare, {.value = -0.0, .magnitude = 0, .terms = 1}, 0.0F), 0);
    EXPECT_EQ(wrong_of(compare, {.value = 0, .magnitude = 0, .terms = 0}, 0x1p-149F), 1);
  }
}

TEST(Compare, NothingThatIsNotFiniteSlipsThroughAnyBound) {
  const double infinite = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  // So many terms that the bound is infinite, a magnitude that overflowed, a bound that is NaN.
  for (const Sum& sum : {Sum{.value = 1, .magnitude = 1, .terms = 1 << 24}, Sum{1, infinite, 3}, Sum{1, nan, 3}}) {
    for (const float got : {kNaN, -kNaN, kInf, -kInf}) {
      EXPECT_EQ(wrong_of(compare_within_bound, sum, got), 1);
      EXPECT_EQ(wrong_of(compare_exactly, sum, got), 1);
    }
  }
  // An expectation that is itself not finite is met by nothing but itself.
  EXPECT_EQ(wrong_of(compare_within_bound, {nan, nan, 3}, 1), 1);
  EXPECT_EQ(wrong_of(compare_within_bound, {nan, nan, 3}, kNaN), 1);
  EXPECT_EQ(wrong_of(compare_within_bound, {infinite, infinite, 3}, kInf), 0);
  EXPECT_EQ(wrong_of(compare_within_bound, {infinite, infinite, 3}, -kInf), 1);
  EXPECT_EQ(wrong_of(compare_within_bound, {infinite, infinite, 3}, 1), 1);
}

TEST(Compare, NonfiniteOutputsAreJudgedByTheirKind) {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> expected_values = {std::numeric_limits<double>::quiet_NaN(), infinity, -infinity, 3, 0};
  const std::vector<float> outputs = {kNaN, std::numeric_limits<float>::infinity(),
                                      -std::numeric_limits<float>::infinity(), 3.0F, -0.0F};
  for (const int tile : {0, 4}) {
    for (size_t want = 0; want < expected_values.size(); ++want) {
      for (size_t got = 0; got < outputs.size(); ++got) {
        Expectation expected = one_output({.value = expected_values[want], .magnitude = 3, .terms = 1});
        expected.accuracy = {tile};
        Comparison result;
        compare_nonfinite(expected, output_of(outputs[got]), result);
        EXPECT_EQ(result.holds(), want == got) << expected_values[want] << " and " << outputs[got];
        EXPECT_EQ(result.compared, 1);
      }
    }
  }
  // Winograd's nearest integer counts, a summation's does not.
  Expectation expected = one_output({.value = 3, .magnitude = 3, .terms = 1});
  Comparison result;
  compare_nonfinite(expected, output_of(3.25F), result);
  EXPECT_FALSE(result.holds());
  expected.accuracy = {2};
  compare_nonfinite(expected, output_of(3.25F), result);
  EXPECT_TRUE(result.holds());
}

TEST(Compare, SampledPositionsAreComparedAndNoOthers) {
  const Case c = case_of(kIntegers);
  Expectation expected = expectation_of(c);
  Tensor output = right_output(c, expected, false, false);
  expected.indices = {3, 10, 40};
  convolve(expected.g, expected.data, expected.indices, expected.sums);
  for (const Compare compare : {compare_exactly, compare_within_bound}) {
    Tensor elsewhere = output;
    elsewhere.memory()[4] = kNaN;
    const Comparison unseen = compared(compare, expected, elsewhere);
    EXPECT_TRUE(unseen.holds());
    EXPECT_EQ(unseen.compared, 3);
    Tensor there = output;
    there.memory()[40] = kNaN;
    const Comparison seen = compared(compare, expected, there);
    EXPECT_EQ(seen.wrong_indices, std::vector<int64_t>{40});
    EXPECT_EQ(seen.first->index, 40);
  }
}

// 6 x 6 outputs are one tile of F(6, 3).
Tensor winograd_output(const Case& c, const Expectation& expected) {
  const FloatTransform kernel = rounded(make_transform(6, 3, usual_point_sets()[3].points));
  Tensor output(c.problem, TensorRole::output);
  output.memory().clear();
  for (int64_t k = 0; k < expected.g.out_channels(); ++k) {
    for (const float y : winograd_tile(kernel, expected.g, expected.data, 0, k, 0, 0)) output.memory().push_back(y);
  }
  return output;
}

TEST(Compare, WinogradIsJudgedByTheNearestInteger) {
  int64_t inexact = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Case c = case_of("input=1x3x8x8 weight=2x3x3x3 bias=2");
    c.seed = seed;
    const Expectation expected = expectation_of(c, {6});
    const Tensor right = winograd_output(c, expected);
    const Comparison result = compared(compare_exactly, expected, right);
    ASSERT_TRUE(result.holds());
    ASSERT_LT(result.worst_ratio, 1);
    inexact += result.worst_ratio > 0 ? 1 : 0;
    // A summation is judged by equality.
    Expectation summation = expected;
    summation.accuracy = {};
    if (result.worst_ratio > 0) {
      EXPECT_FALSE(compared(compare_exactly, summation, right).holds());
    }
    for (const float off : {1.0F, -1.0F, 0.6F, kNaN, kInf}) {
      Tensor wrong = right;
      wrong.memory()[40] += off;
      EXPECT_EQ(compared(compare_exactly, expected, wrong).wrong_indices, std::vector<int64_t>{40}) << off;
    }
    // The nearest integer is right, but no Winograd is that far off.
    Tensor far = right;
    far.memory()[40] = static_cast<float>(expected.sums[40].value) + 0.499F;
    EXPECT_EQ(compared(compare_exactly, expected, far).wrong_indices, std::vector<int64_t>{40});
  }
  EXPECT_GT(inexact, 40);
}

// Elements that the summation's bound leaves open are compared with their own Winograd bound, and no other's.
TEST(Compare, WinogradsWorstRatioIsTheWorstOfAllElements) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Case c = case_of("input=1x3x8x8 weight=2x3x3x3 bias=2 fill=reals");
    c.seed = seed;
    const Expectation expected = expectation_of(c, {6});
    const Tensor output = winograd_output(c, expected);
    double worst = 0;
    for (size_t i = 0; i < expected.sums.size(); ++i) {
      const Shape at = index_of(output.shape(), static_cast<int64_t>(i));
      const double allowed = WinogradBound::of(6, 3).at(expected.g, expected.data, at, expected.sums[i],
                                                        std::numeric_limits<double>::infinity());
      worst = std::max(worst, std::abs(static_cast<double>(output.memory()[i]) - expected.sums[i].value) / allowed);
    }
    EXPECT_EQ(compared(compare_within_bound, expected, output).worst_ratio, worst);
    EXPECT_GT(worst, 0);
  }
}

TEST(Compare, PastManyWrongElementsAWinogradComparisonStops) {
  for (const char* text : {"input=1x1x40x40 weight=2x1x3x3", "input=1x1x40x40 weight=2x1x3x3 fill=reals"}) {
    const Case c = case_of(text);
    const Expectation expected = expectation_of(c, {2});
    Tensor output(c.problem, TensorRole::output);
    std::fill(output.memory().begin(), output.memory().end(), kNaN);
    for (const Compare compare : {compare_exactly, compare_within_bound}) {
      const Comparison result = compared(compare, expected, output);
      EXPECT_EQ(result.wrong, 128);
      EXPECT_EQ(result.compared, 128);
      EXPECT_FALSE(result.holds());
    }
  }
}

TEST(Compare, WinogradRealsAreJudgedByItsOwnBound) {
  int64_t beyond_summation = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Case c = case_of("input=1x3x8x8 weight=2x3x3x3 bias=2 fill=reals");
    c.seed = seed;
    const Expectation expected = expectation_of(c, {6});
    const Tensor output = winograd_output(c, expected);
    const Comparison result = compared(compare_within_bound, expected, output);
    ASSERT_TRUE(result.holds());
    Expectation summation = expected;
    summation.accuracy = {};
    beyond_summation += compared(compare_within_bound, summation, output).holds() ? 0 : 1;
    // The bound of F(6, 3) is about a thousandth of S.
    const auto percent = static_cast<float>(expected.sums[40].magnitude / 100);
    for (const float off : {percent, -percent, kNaN, kInf}) {
      Tensor wrong = output;
      wrong.memory()[40] += off;
      EXPECT_EQ(compared(compare_within_bound, expected, wrong).wrong_indices, std::vector<int64_t>{40}) << off;
    }
  }
  EXPECT_GT(beyond_summation, 25);  // or there would be no need of another bound
}

}  // namespace
}  // namespace convcheck
