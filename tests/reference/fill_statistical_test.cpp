// The data sets of the statistical tier are what their formulas say, in every group, layout and window.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "reference/case_text.h"
#include "reference/statistical.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargest = 0x1p64 - 0x1p40;

Expectation expectation_of(const Problem& problem, int set, uint64_t seed) {
  EXPECT_EQ(why_not_statistical(problem), "") << print(problem);
  Expectation expected;
  expected.g = geometry(problem);
  expected.data.reshape(problem);
  fill_statistical(set, seed, expected.g, expected.data);
  convolve(expected.g, expected.data, expected.sums);
  return expected;
}

// Every one of the six kinds, in groups, with windows apart from each other, dilated, and a rest that no window reads.
const char* const kSpread = "input=4x6x23x35 weight=8x3x2x3 groups=2 stride=4x5 dilation=3x2 bias=8 layout=nhwc";

TEST(StatisticalData, SumsOfSetsOneAndFiveAreExact) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Problem problem = problem_of(seed % 2 == 0 ? kSpread : "input=1x1x20x50 weight=2x1x1x1");
    for (const Sum& sum : expectation_of(problem, 1, seed).sums) {
      ASSERT_EQ(sum.value, 0);
      ASSERT_EQ(sum.magnitude, 0);
    }
    for (const Sum& sum : expectation_of(problem, 5, seed).sums) {
      ASSERT_EQ(sum.value, -0.25);
      ASSERT_EQ(sum.magnitude, 0.25);
    }
  }
}

// What each window holds, input by input in the order of the weights, and each filter.
struct Operands {
  std::vector<std::vector<float>> windows, filters;
  Data data;
};

Operands operands_of(const Problem& problem, int set, uint64_t seed, int64_t group) {
  Operands all;
  const Geometry g = geometry(problem);
  all.data = expectation_of(problem, set, seed).data;
  const auto x = all.data.input.view();
  const auto w = all.data.weight.view();
  const int64_t products = g.in_channels_per_group * g.height.kernel * g.width.kernel;
  const auto each_product = [&](const std::function<float(int64_t, int64_t, int64_t)>& at) {
    std::vector<float> values;
    for (int64_t k = 0; k < products; ++k) {
      values.push_back(
          at(k / (g.height.kernel * g.width.kernel), k / g.width.kernel % g.height.kernel, k % g.width.kernel));
    }
    return values;
  };
  for (int64_t i = 0; i < g.batch * g.height.out * g.width.out; ++i) {
    const int64_t n = i / (g.height.out * g.width.out);
    const int64_t top = i / g.width.out % g.height.out * g.height.stride;
    const int64_t left = i % g.width.out * g.width.stride;
    all.windows.push_back(each_product([&](int64_t c, int64_t kh, int64_t kw) {
      return x(n, group * g.in_channels_per_group + c, top + kh * g.height.dilation, left + kw * g.width.dilation);
    }));
  }
  for (int64_t k = 0; k < g.out_channels_per_group; ++k) {
    all.filters.push_back(each_product(
        [&](int64_t c, int64_t kh, int64_t kw) { return w(group * g.out_channels_per_group + k, c, kh, kw); }));
  }
  return all;
}

// Calls `check` with the operands of both roles and their number in the window.
void for_each_operand(const Operands& all, const std::function<void(float value, bool is_input, size_t k)>& check) {
  for (const bool is_input : {true, false}) {
    for (const auto& values : is_input ? all.windows : all.filters) {
      for (size_t k = 0; k < values.size(); ++k) check(values[k], is_input, k);
    }
  }
}

constexpr double kProducts = 18;  // of kSpread

TEST(StatisticalData, WhichOperandIsZeroIsOneCoinForAllWindowsAndFiltersOfAGroup) {
  for (const int set : {1, 5}) {
    std::set<std::vector<bool>> patterns;
    for (int64_t group = 0; group < 2; ++group) {
      const Operands all = operands_of(problem_of(kSpread), set, 9, group);
      std::vector<bool> input_is_zero;
      for (const float x : all.windows[0]) input_is_zero.push_back(x == 0);
      EXPECT_GT(std::count(input_is_zero.begin(), input_is_zero.end(), true), 2);
      EXPECT_GT(std::count(input_is_zero.begin(), input_is_zero.end(), false), 2);
      patterns.insert(input_is_zero);
      for_each_operand(all, [&](float value, bool is_input, size_t k) {
        if (set == 5 && k == 9) {
          ASSERT_EQ(std::abs(value), 0.5F);
          ASSERT_EQ(value, is_input ? all.windows[0][k] : -all.windows[0][k]);
        } else {
          ASSERT_EQ(value == 0, is_input == input_is_zero[k]);
        }
      });
    }
    EXPECT_EQ(patterns.size(), 2U) << "each group has coins of its own";
  }
}

// Every value lies in its interval, which is used to its ends with both signs.
void expect_spread(int set, double least, double most) {
  double smallest = kInfinity;
  double largest = 0;
  int64_t negative = 0;
  int64_t count = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    for_each_operand(operands_of(problem_of(kSpread), set, seed, 1), [&](float value, bool, size_t k) {
      if ((k == 0 && (set == 3 || set == 4)) || (set == 5 && (k == 9 || value == 0))) return;
      smallest = std::min(smallest, std::abs(static_cast<double>(value)));
      largest = std::max(largest, std::abs(static_cast<double>(value)));
      negative += value < 0 ? 1 : 0;
      ++count;
    });
  }
  const double rounding = 1 + 0x1p-23;
  EXPECT_GE(smallest * rounding, least) << set;
  EXPECT_LE(smallest, least + most / 100) << set;
  EXPECT_LE(largest, most * rounding) << set;
  EXPECT_GE(largest, most * 0.9) << set;
  EXPECT_NEAR(static_cast<double>(negative) / static_cast<double>(count), 0.5, 0.05) << set;
}

TEST(StatisticalData, ValuesFillTheIntervalsOfTheirFormula) {
  const double large = kLargest / std::sqrt(kProducts + 1);
  expect_spread(2, large / 2, large);
  expect_spread(3, 0, 1 / std::sqrt(kProducts));
  expect_spread(4, 0, std::exp(2));
  expect_spread(5, 0, kLargest / std::sqrt(kProducts));
  expect_spread(6, 0, large);
}

TEST(StatisticalData, TheFirstProductOfSetsThreeAndFourIsLarge) {
  std::set<float> firsts;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    for_each_operand(operands_of(problem_of(kSpread), 3, seed, 0),
                     [](float value, bool, size_t k) { ASSERT_TRUE(k != 0 || value == 1); });
    for_each_operand(operands_of(problem_of(kSpread), 4, seed, 0), [&](float value, bool, size_t k) {
      if (k == 0) firsts.insert(value);
    });
  }
  EXPECT_EQ(firsts, (std::set<float>{-16, 16}));
}

// ln |x| of set 4 is 2 s0 + ln |s1|: mean 0 - 1, variance 4 / 3 + 1.
TEST(StatisticalData, MagnitudesOfSetFourVaryByTheirExponential) {
  double sum = 0;
  double squares = 0;
  double count = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    for_each_operand(operands_of(problem_of(kSpread), 4, seed, 0), [&](float value, bool, size_t k) {
      if (k == 0) return;
      const double magnitude = std::log(std::abs(static_cast<double>(value)));
      sum += magnitude;
      squares += magnitude * magnitude;
      ++count;
    });
  }
  EXPECT_GT(count, 20'000);
  EXPECT_NEAR(sum / count, -1, 5 * std::sqrt(7.0 / 3 / count));
  EXPECT_NEAR(squares / count - sum / count * sum / count, 7.0 / 3, 0.15);
}

TEST(StatisticalData, OnlySetTwoHasABias) {
  for (int set = 1; set <= kStatisticalSets; ++set) {
    const Operands all = operands_of(problem_of(kSpread), set, 4, 0);
    std::set<float> values;
    for (const float bias : all.data.bias.memory()) {
      values.insert(bias);
      const double scaled = std::abs(static_cast<double>(bias)) / (kLargest * kLargest / (kProducts + 1));
      EXPECT_TRUE(set == 2 ? scaled > 0.499 && scaled < 1.001 : scaled == 0) << set;
    }
    EXPECT_EQ(values.size(), set == 2 ? 8U : 1U);
  }
}

TEST(StatisticalData, EveryWindowAndFilterHasDataOfItsOwn) {
  std::set<float> values;
  size_t count = 0;
  for (int64_t group = 0; group < 2; ++group) {
    for_each_operand(operands_of(problem_of(kSpread), 6, 1, group), [&](float value, bool, size_t) {
      values.insert(value);
      ++count;
    });
  }
  EXPECT_GT(values.size(), count * 99 / 100);  // two of thousands of floats may be equal by chance
}

TEST(StatisticalData, InputsThatNoWindowReadsAreDrawnLikeTheOthers) {
  for (int set = 1; set <= kStatisticalSets; ++set) {
    const Data data = expectation_of(problem_of(kSpread), set, 1).data;
    const int64_t read = int64_t{2} * 4 * 5 * 7 * 18;
    std::set<float> values(data.input.memory().begin(), data.input.memory().end());
    values.erase(0);
    EXPECT_GT(static_cast<int64_t>(values.size()), data.input.elements() - read + read / 4) << set;
  }
}

TEST(StatisticalData, InputsAndWeightsHaveNothingInCommon) {
  const Data data = expectation_of(problem_of(kSpread), 6, 1).data;
  const std::set<float> inputs(data.input.memory().begin(), data.input.memory().end());
  for (const float weight : data.weight.memory()) EXPECT_EQ(inputs.count(weight), 0U);
}

TEST(StatisticalData, ItIsTheSameInEveryLayoutAndAnotherForAnotherSeed) {
  const std::string text = "input=3x4x6x90 weight=4x2x2x3 groups=2 stride=2x3 bias=4";
  const auto inputs = [&](int set, const std::string& more, uint64_t seed) {
    const Data data = expectation_of(problem_of(text + more), set, seed).data;
    std::vector<float> values;
    for (const Tensor* tensor : {&data.input, &data.weight}) {
      for (int64_t i = 0; i < tensor->elements(); ++i)
        values.push_back(tensor->memory()[static_cast<size_t>(tensor->offset(i))]);
    }
    return values;
  };
  for (int set = 1; set <= kStatisticalSets; ++set) {
    EXPECT_EQ(inputs(set, "", 1), inputs(set, " layout=nhwc", 1));
    EXPECT_EQ(inputs(set, "", 1), inputs(set, " input_strides=9000x2000x100x1 weight_strides=14x7x3x1", 1));
    EXPECT_NE(inputs(set, "", 1), inputs(set, "", 2));
  }
}

TEST(StatisticalData, GapsOfViewsStayAsTheyAre) {
  const Problem problem = problem_of("input=1x2x2x300 weight=4x2x1x1 input_strides=0x700x310x1 weight_strides=3x1x1x1");
  Data data;
  data.reshape(problem);
  for (Tensor* tensor : {&data.input, &data.weight}) {
    std::fill(tensor->memory().begin(), tensor->memory().end(), kNaN);
  }
  fill_statistical(6, 1, geometry(problem), data);
  const auto gaps = [](const std::vector<float>& memory) {
    return std::count_if(memory.begin(), memory.end(), [](float value) { return std::isnan(value); });
  };
  EXPECT_EQ(gaps(data.input.memory()), 110);
  EXPECT_EQ(gaps(data.weight.memory()), 3);
}

TEST(Statistical, SaysWhyAProblemIsNotJudged) {
  struct Row {
    const char* text;
    const char* reason;
  };
  const std::vector<Row> table = {
      {"input=1x1x10x100 weight=1x1x1x1", ""},
      {"input=1x1x20x300 weight=1x1x2x3 stride=2x3", ""},
      {"input=1x1x23x301 weight=20x1x3x2 stride=5x7 dilation=2x6", ""},
      {"input=1x1x37x27 weight=1x1x1x1", "fewer than 1000"},
      {"input=0x1x100x100 weight=1x1x1x1", "fewer than 1000"},
      {"input=1x1x100x100 weight=1x1x2x2 stride=2x1", "overlap"},
      {"input=1x1x100x100 weight=1x1x2x2 stride=2x2 dilation=2x1", "overlap"},
      {"input=1x1x100x100 weight=1x1x3x3", "overlap"},
      {"input=1x1x100x100 weight=1x1x1x1 padding=0,0,0,1", "padding"},
      {"input=1x1x100x100 weight=1x1x1x1 padding=1,0,0,0", "padding"},
      {"input=1x1x10x100 weight=4x1x1x1 weight_strides=0x1x1x1", "share a place"},
      {"input=2x1x10x100 weight=4x1x1x1 input_strides=0x1000x100x1", "share a place"},
  };
  for (const Row& row : table) {
    const std::string reason(why_not_statistical(problem_of(row.text)));
    EXPECT_NE(reason.find(row.reason), std::string::npos) << row.text << ": " << reason;
    EXPECT_EQ(reason.empty(), row.reason[0] == '\0') << row.text << ": " << reason;
  }
}

}  // namespace
}  // namespace convcheck
