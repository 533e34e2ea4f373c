// The data: exact integers that tell every index from its neighbours, reals with full significands.
#include "reference/fill.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "reference/case_text.h"
#include "reference/rules.h"
#include "reference/winograd.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Data filled(const Case& c, Accuracy accuracy = {}) {
  Data data;
  EXPECT_EQ(fill(c, geometry(c.problem), accuracy, data), "") << print(c);
  return data;
}

Data filled(const std::string& text, Accuracy accuracy = {}) {
  return filled(case_of(text), accuracy);
}

double largest_magnitude(const Tensor& tensor) {
  double largest = 0;
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(tensor.memory()[static_cast<size_t>(tensor.offset(i))])));
  }
  return largest;
}

TEST(Fill, MostTermsAreThoseOfTheLargestWindow) {
  Random random(1);
  int64_t compared = 0;
  for (int64_t i = 0; i < random_cases(5000); ++i) {
    const Problem problem = random_valid_problem(random);
    const Geometry g = geometry(problem);
    if (g.output_elements() == 0) continue;
    std::vector<Sum> sums;
    convolve(g, random_integers(random, problem, 3), sums);
    int64_t most = 0;
    for (const Sum& sum : sums) most = std::max<int64_t>(most, sum.terms);
    ASSERT_EQ(most_terms(g, g.in_channels_per_group), most) << print(problem);
    ++compared;
  }
  EXPECT_GT(compared, random_cases(3000));
}

TEST(Fill, IntegersKeepEveryPartialSumExact) {
  Random random(2);
  for (int64_t i = 0; i < random_cases(5000); ++i) {
    Case c;
    c.problem = random_valid_problem(random);
    c.seed = random.bits();
    const Geometry g = geometry(c.problem);
    const auto range = integer_range(g, {});
    ASSERT_TRUE(range);
    ASSERT_EQ(range->active_channels, g.in_channels_per_group);
    const int64_t n = most_terms(g, g.in_channels_per_group);
    ASSERT_LT(n * range->largest * range->largest, int64_t{1} << 24);
    ASSERT_GE(std::max<int64_t>(n, 1) * (range->largest + 1) * (range->largest + 1), int64_t{1} << 24) << "M is small";
    const Data data = filled(c);
    const auto m = static_cast<double>(range->largest);
    ASSERT_LE(largest_magnitude(data.input), m);
    ASSERT_LE(largest_magnitude(data.weight), m);
    ASSERT_LE(largest_magnitude(data.bias), m * m);
    std::vector<Sum> sums;
    convolve(g, data, sums);
    for (const Sum& sum : sums) {
      ASSERT_LT(sum.magnitude, 0x1p24);
      ASSERT_EQ(sum.value, std::nearbyint(sum.value));
    }
  }
}

// The elements that equal the one before them on some axis.
int64_t equal_neighbours(const Tensor& tensor) {
  int64_t equal = 0;
  const Shape& shape = tensor.shape();
  for (int64_t index = 0; index < tensor.elements(); ++index) {
    const Shape at = index_of(shape, index);
    int64_t step = 1;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      const float value = tensor.memory()[static_cast<size_t>(tensor.offset(index))];
      if (at[axis] > 0 && tensor.memory()[static_cast<size_t>(tensor.offset(index - step))] == value) ++equal;
      step *= shape[axis];
    }
  }
  return equal;
}

TEST(Fill, IntegersDifferFromTheirNeighboursAlongEveryAxis) {
  Random random(3);
  for (int64_t i = 0; i < random_cases(2000); ++i) {
    Case c;
    c.problem = random_valid_problem(random);
    c.seed = random.bits();
    const Data data = filled(c);
    for (const Tensor* tensor : {&data.input, &data.weight, &data.bias}) {
      ASSERT_EQ(equal_neighbours(*tensor), 0) << print(c);
      for (const float value : tensor->memory()) ASSERT_NE(value, 0);
    }
  }
  // The count can fail.
  Data constant = filled("input=1x2x3x3 weight=1x2x2x2");
  std::fill(constant.input.memory().begin(), constant.input.memory().end(), 1.0F);
  EXPECT_GT(equal_neighbours(constant.input), 0);
}

// A problem with so many terms that M is only 3 or so still has all neighbours different.
TEST(Fill, SmallIntegersDifferFromTheirNeighboursToo) {
  const std::string text = "input=2x16x220x220 weight=2x16x200x200 bias=2";  // 640,001 terms: M = 5
  const auto range = integer_range(geometry(problem_of(text)), {});
  ASSERT_TRUE(range);
  EXPECT_EQ(range->largest, 5);
  EXPECT_EQ(range->active_channels, 16);
  const Data data = filled(text);
  EXPECT_EQ(equal_neighbours(data.input), 0);
  EXPECT_EQ(equal_neighbours(data.weight), 0);
}

// A Winograd tile leaves a bias few values to differ in.
TEST(Fill, BiasesOfFewValuesDifferFromTheirNeighboursToo) {
  const Case c = case_of("input=1x32x8x8 weight=512x32x3x3 bias=512");
  const auto range = integer_range(geometry(c.problem), {6});
  ASSERT_TRUE(range);
  ASSERT_LT(range->largest, 8);
  EXPECT_EQ(equal_neighbours(filled(c, {6}).bias), 0);
}

TEST(Fill, TheSameSeedGivesTheSameDataAndAnotherOneOtherData) {
  for (const char* fill_name : {"integers", "reals"}) {
    const std::string text = std::string("input=1x4x6x6 weight=4x4x3x3 bias=4 fill=") + fill_name + " seed=";
    const Data data = filled(text + "7");
    const Data same = filled(text + "7");
    const Data other = filled(text + "8");
    EXPECT_EQ(data.input.memory(), same.input.memory());
    EXPECT_EQ(data.weight.memory(), same.weight.memory());
    EXPECT_EQ(data.bias.memory(), same.bias.memory());
    EXPECT_NE(data.input.memory(), other.input.memory());
    EXPECT_NE(data.weight.memory(), other.weight.memory());
    EXPECT_NE(data.bias.memory(), other.bias.memory());
  }
}

TEST(Fill, DataDoesNotDependOnWhatWasInItsMemory) {
  const Case c = case_of("input=1x4x6x6 weight=4x4x3x3 bias=4 input_strides=400x1x40x5");
  Data reused = filled("input=2x9x9x9 weight=9x9x3x3 fill=reals");
  ASSERT_EQ(fill(c, geometry(c.problem), {}, reused), "");
  const Data fresh = filled(c);
  for (int64_t i = 0; i < fresh.input.elements(); ++i) {
    const auto at = static_cast<size_t>(fresh.input.offset(i));
    ASSERT_EQ(reused.input.memory()[at], fresh.input.memory()[at]);
  }
  EXPECT_EQ(reused.weight.memory(), fresh.weight.memory());
}

TEST(Fill, GapsOfAStridedViewArePoison) {
  const Data data = filled("input=1x2x2x2 weight=1x2x1x1 input_strides=100x20x5x2 weight_strides=9x3x1x1");
  const auto nans = [](const std::vector<float>& memory) {
    return std::count_if(memory.begin(), memory.end(), [](float value) { return std::isnan(value); });
  };
  EXPECT_EQ(nans(data.input.memory()), static_cast<int64_t>(data.input.memory().size()) - 8);
  EXPECT_EQ(nans(data.weight.memory()), 2);  // elements at 0 and 3
}

TEST(Fill, WinogradIntegersStayNearerToTheRightIntegerThanToAnyOther) {
  Random random(4);
  int64_t limited = 0;
  for (const int tile : {2, 4, 6}) {
    for (const int64_t r : {3, 5}) {
      for (int i = 0; i < 30; ++i) {
        Case c;
        const int64_t groups = uniform(random, 1, 2);
        const int64_t per_group = one_in(random, 3) ? uniform(random, 30, 200) : uniform(random, 1, 8);
        c.problem.input = {1, groups * per_group, 9, 8};
        c.problem.weight = {2 * groups, per_group, r, r};
        c.problem.groups = groups;
        c.problem.bias = {2 * groups};
        c.seed = random.bits();
        const Geometry g = geometry(c.problem);
        const auto range = integer_range(g, {tile});
        ASSERT_TRUE(range) << "F(" << tile << ", " << r << ")";
        limited += range->active_channels < per_group ? 1 : 0;
        const Data data = filled(c, {tile});
        ASSERT_LE(largest_magnitude(data.input), static_cast<double>(range->largest));
        ASSERT_LE(largest_magnitude(data.weight), static_cast<double>(range->largest));
        const Shape at = index_of(rule_output_shape(c.problem), uniform(random, 0, g.output_elements() - 1));
        const Sum sum = convolve_at(g, data, at[0], at[1], at[2], at[3]);
        ASSERT_LT(WinogradBound::of(tile, static_cast<int>(r)).at(g, data, at, sum, kInfinity), 0.5) << print(c);
      }
    }
  }
  EXPECT_GT(limited, 10);
}

// Which channels of each image and group hold anything; those that do hold no zeros.
std::vector<std::set<int64_t>> active_channels(const Problem& problem, const Data& data) {
  const Geometry g = geometry(problem);
  std::vector<std::set<int64_t>> active(static_cast<size_t>(g.batch * g.groups));
  for (int64_t index = 0; index < data.input.elements(); ++index) {
    const Shape at = index_of(problem.input, index);
    if (data.input.memory()[static_cast<size_t>(data.input.offset(index))] == 0) continue;
    active[static_cast<size_t>(at[0] * g.groups + at[1] / g.in_channels_per_group)].insert(at[1] %
                                                                                           g.in_channels_per_group);
  }
  return active;
}

TEST(Fill, WhereFewChannelsAreActiveTheyAreThatManyAndRotate) {
  const std::string text = "input=6x96x5x5 weight=4x48x3x3 groups=2 seed=";
  const Problem problem = problem_of(text + "1");
  const auto range = integer_range(geometry(problem), {6});
  ASSERT_TRUE(range);
  ASSERT_LT(range->active_channels, 48);
  ASSERT_GE(range->largest, 3);
  std::set<std::set<int64_t>> of_images;
  std::set<std::set<int64_t>> of_seeds;
  std::set<int64_t> ever;
  for (int seed = 1; seed <= 30; ++seed) {
    const auto active = active_channels(problem, filled(text + std::to_string(seed), {6}));
    ASSERT_EQ(active.size(), 12U);
    for (const std::set<int64_t>& channels : active) {
      ASSERT_EQ(static_cast<int64_t>(channels.size()), range->active_channels);
      ever.insert(channels.begin(), channels.end());
    }
    if (seed == 1) of_images.insert(active.begin(), active.end());
    of_seeds.insert(active.front());
  }
  EXPECT_GT(of_images.size(), 1U);
  EXPECT_GT(of_seeds.size(), 3U);
  EXPECT_EQ(ever.size(), 48U);
}

TEST(Fill, ASumOfMillionsOfTermsLimitsChannelsWithoutWinogradToo) {
  const std::string text = "input=1x6x1000x1000 weight=1x6x1000x1000 seed=";  // M = 3 leaves 1,864,135 terms
  const auto range = integer_range(geometry(problem_of(text + "1")), {});
  ASSERT_TRUE(range);
  EXPECT_EQ(range->active_channels, 1);
  EXPECT_EQ(range->largest, 4);
  const Data data = filled(text + "1");
  EXPECT_EQ(active_channels(problem_of(text + "1"), data).front().size(), 1U);
  const Sum sum = convolve_at(geometry(problem_of(text + "1")), data, 0, 0, 0, 0);
  EXPECT_LT(sum.magnitude, 0x1p24);
  EXPECT_GT(sum.magnitude, 0);
}

TEST(Fill, RealsHaveFullSignificandsOfBothSignsAndExponents) {
  const Data data = filled("input=4x8x16x16 weight=8x8x3x3 bias=8 fill=reals");
  int64_t odd = 0;
  int64_t negative = 0;
  std::set<int> exponents;
  for (const float value : data.input.memory()) {
    const auto bits = std::bit_cast<uint32_t>(value);
    odd += bits & 1;
    negative += bits >> 31;
    exponents.insert(std::ilogb(value));
    ASSERT_GE(std::abs(value), 0x1p-4F);
    ASSERT_LT(std::abs(value), 0x1p4F);
  }
  const auto half = static_cast<double>(data.input.elements()) / 2;  // 4096, deviation 45
  EXPECT_EQ(odd, data.input.elements()) << "the last bit is always set: no shorter format holds the value";
  EXPECT_NEAR(static_cast<double>(negative), half, 300);
  EXPECT_EQ(exponents.size(), 8U);
}

// Each output is one product or none: no order of summation can round it.
TEST(Fill, SignificandsLeaveOneProductInEachWindow) {
  Random random(11);
  std::array<int64_t, 2> judged = {};
  std::array<int64_t, 2> outputs = {};
  std::array<int64_t, 2> met = {};
  for (int64_t i = 0; i < random_cases(4000); ++i) {
    Case c;
    c.problem = random_valid_problem(random);
    c.seed = random.bits();
    const Geometry g = geometry(c.problem);
    for (const size_t kind : {0, 1}) {
      c.fill = kind == 0 ? Fill::input_significand : Fill::weight_significand;
      Data data;
      if (!fill(c, g, {}, data).empty()) continue;
      ++judged[kind];
      std::vector<Sum> sums;
      convolve(g, data, sums);
      for (const Sum& sum : sums) {
        ASSERT_EQ(sum.magnitude, std::abs(sum.value)) << print(c) << ": two products that do not cancel or one";
        ASSERT_EQ(static_cast<double>(static_cast<float>(sum.value)), sum.value) << "one product";
        if (sum.value == 0) continue;
        ++met[kind];
        const double significand = std::ldexp(std::abs(sum.value), 23 - std::ilogb(sum.value));
        ASSERT_EQ(std::fmod(significand, 2), 1) << "all 24 bits are needed";
        ASSERT_TRUE(std::isnormal(static_cast<float>(sum.value)));
      }
      outputs[kind] += static_cast<int64_t>(sums.size());
    }
  }
  for (const size_t kind : {0, 1}) {
    EXPECT_GT(judged[kind], random_cases(2000));
    EXPECT_GT(met[kind] * 3, outputs[kind]) << "most windows that are not all padding hold a product";
  }
}

// Each tap of a filter is an impulse for some seed, and so is each place of the input: none is left unjudged for good.
TEST(Fill, SignificandsReachEveryTap) {
  std::vector<int64_t> in_weight(2 * 3 * 4);
  std::vector<int64_t> in_input(2 * 6 * 8);
  const auto count = [](const Tensor& tensor, std::vector<int64_t>& impulses) {
    for (size_t i = 0; i < impulses.size(); ++i) impulses[i] += tensor.memory()[i] != 0 ? 1 : 0;
  };
  for (int seed = 1; seed <= 400; ++seed) {
    const std::string text = "input=1x2x6x8 weight=1x2x3x4 seed=" + std::to_string(seed) + " fill=";
    count(filled(text + "input_significand").weight, in_weight);
    count(filled(text + "weight_significand").input, in_input);
  }
  EXPECT_EQ(std::count(in_weight.begin(), in_weight.end(), 0), 0);
  EXPECT_EQ(std::count(in_input.begin(), in_input.end(), 0), 0);
}

// Whatever the stride and the dilation, a window that lies inside the input meets exactly one impulse.
TEST(Fill, EveryWindowInsideTheInputMeetsOneImpulse) {
  Random random(12);
  int64_t windows = 0;
  for (int64_t i = 0; i < random_cases(3000); ++i) {
    Case c;
    c.problem = random_valid_problem(random);
    c.problem.pad_before = {0, 0, 0};
    c.problem.pad_after = {0, 0, 0};
    c.problem.claimed_output.reset();
    c.problem.output_strides.reset();
    c.fill = Fill::weight_significand;
    c.seed = random.bits();
    if (!is_valid(c.problem)) continue;
    const Geometry g = geometry(c.problem);
    Data data;
    if (!fill(c, g, {}, data).empty()) continue;
    std::vector<Sum> sums;
    convolve(g, data, sums);
    for (const Sum& sum : sums) ASSERT_NE(sum.value, 0) << print(c);
    windows += static_cast<int64_t>(sums.size());
  }
  EXPECT_GT(windows, random_cases(10000));
}

TEST(Fill, SaysWhyItCannotJudge) {
  struct Row {
    std::string_view text, reason;
    Accuracy accuracy = {};
  };
  const std::vector<Row> table = {
      {"input=1x1x4x4 weight=1x1x3x3 fill=input_significand", "Winograd transform", {4}},
      {"input=1x1x4x4 weight=1x1x3x3 fill=weight_significand", "Winograd transform", {2}},
      {"input=1x1x4x4 weight=2x1x3x3 weight_strides=0x9x3x1 fill=input_significand", "share a place"},
      {"input=2x1x4x4 weight=2x1x3x3 input_strides=0x16x4x1 fill=weight_significand", "share a place"},
      {"input=1x1x4x4 weight=1x1x3x3 fill=special seed=6", "overflow", {4}},
      {"input=1x1x4097x4097 weight=1x1x4097x4097 fill=reals", "no worst-case bound"},
      {"input=1x1x4097x4097 weight=1x1x4097x4097 fill=integers", "no integers keep sums"},
      {"input=1x1x4x4 weight=1x1x3x3 fill=statistical1", "overlap"},
  };
  Data data;
  for (const Row& row : table) {
    const Case c = case_of(row.text);
    const std::string_view reason = fill(c, geometry(c.problem), row.accuracy, data);
    EXPECT_NE(reason.find(row.reason), std::string_view::npos) << row.text << ": " << reason;
  }
}

}  // namespace
}  // namespace convcheck
