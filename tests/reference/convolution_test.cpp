// The naive convolution: against sums worked by hand, and against a second implementation over random problems.
#include "reference/convolution.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reference/bound.h"
#include "reference/case_text.h"
#include "tests/reference/eigen_convolution.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

struct ByHand {
  const char* text;
  std::vector<float> input, weight, bias;
  std::vector<double> output;
};

const std::vector<ByHand> kByHand = {
    // One tap: 3 * 5.
    {"input=1x1x1x1 weight=1x1x1x1", {3}, {5}, {}, {15}},
    // The weight is not flipped: 1*1 + 2*10 = 21, 2*1 + 3*10 = 32 (flipped it would be 12 and 23).
    {"input=1x1x1x3 weight=1x1x1x2", {1, 2, 3}, {1, 10}, {}, {21, 32}},
    // 2x2 on 3x3, weight 1 10 100 1000 over  1 2 3 / 4 5 6 / 7 8 9:
    //   1 + 20 + 400 + 5000 = 5421, 2 + 30 + 500 + 6000 = 6532, 4 + 50 + 700 + 8000 = 8754, 5 + 60 + 800 + 9000 = 9865.
    {"input=1x1x3x3 weight=1x1x2x2", {1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 10, 100, 1000}, {}, {5421, 6532, 8754, 9865}},
    // Padding left 1, right 0, bottom 1: columns -1 to 1 and rows 0 to 2, of   1 2 / 3 4   with the same weight:
    //   (., 1 / ., 3) = 10 + 3000; (1, 2 / 3, 4) = 1 + 20 + 300 + 4000; (., 3 / ., .) = 30; (3, 4 / ., .) = 3 + 40.
    {"input=1x1x2x2 weight=1x1x2x2 padding=0,1,1,0", {1, 2, 3, 4}, {1, 10, 100, 1000}, {}, {3010, 4321, 30, 43}},
    // Stride 2 takes every other: windows (1, 2), (3, 4) of 1 2 3 4 5: 21, 43.
    {"input=1x1x1x5 weight=1x1x1x2 stride=2", {1, 2, 3, 4, 5}, {1, 10}, {}, {21, 43}},
    // Dilation 3: taps 0 and 3: 1 + 40, 2 + 50.
    {"input=1x1x1x5 weight=1x1x1x2 dilation=1x3", {1, 2, 3, 4, 5}, {1, 10}, {}, {41, 52}},
    // Two groups of one channel, two filters each: 2 * (1, 10), 3 * (100, 1000); in group order.
    {"input=1x2x1x1 weight=4x1x1x1 groups=2", {2, 3}, {1, 10, 100, 1000}, {}, {2, 20, 300, 3000}},
    // One group over both channels: 2 * 1 + 3 * 10, 2 * 100 + 3 * 1000, and a bias each.
    {"input=1x2x1x1 weight=2x2x1x1 bias=2", {2, 3}, {1, 10, 100, 1000}, {7, -7}, {39, 3193}},
    // Two images.
    {"input=2x1x1x2 weight=1x1x1x2", {1, 2, 3, 4}, {1, 10}, {}, {21, 43}},
    // Padding alone: no tap is inside, only the bias.
    {"input=1x1x0x1 weight=1x1x1x1 padding=1,0,0,0 bias=1", {}, {5}, {4}, {4}},
    // Channels last: the input's memory is pixel by pixel, (1, 2) (3, 4); channel 0 is 1 3, channel 1 is 2 4.
    //   1 * 1 + 2 * 10 = 21, 3 * 1 + 4 * 10 = 43.
    {"input=1x2x1x2 weight=1x2x1x1 layout=nhwc", {1, 2, 3, 4}, {1, 10}, {}, {21, 43}},
    // An expanded weight: one value for all four taps: 2 * (1 + 2 + 3 + 4).
    {"input=1x1x2x2 weight=1x1x2x2 weight_strides=0x0x0x0", {1, 2, 3, 4}, {2}, {}, {20}},
};

TEST(Convolution, GivesTheSumsWorkedByHand) {
  for (const ByHand& row : kByHand) {
    SCOPED_TRACE(row.text);
    const Problem problem = problem_of(row.text);
    Data data;
    data.reshape(problem);
    ASSERT_EQ(data.input.memory().size(), row.input.size());
    ASSERT_EQ(data.weight.memory().size(), row.weight.size());
    ASSERT_EQ(data.bias.memory().size(), row.bias.size());
    data.input.memory() = row.input;
    data.weight.memory() = row.weight;
    data.bias.memory() = row.bias;
    std::vector<Sum> sums;
    convolve(geometry(problem), data, sums);
    ASSERT_EQ(sums.size(), row.output.size());
    for (size_t i = 0; i < sums.size(); ++i) EXPECT_EQ(sums[i].value, row.output[i]) << i;
  }
}

TEST(Convolution, CountsTermsAndMagnitudesOfEachSum) {
  // Columns -1 to 2 of  3 -5  with weight 2 -7 and bias -11: (., 3) = -21; (3, -5) = 6 + 35; (-5, .) = -10.
  const Problem problem = problem_of("input=1x1x1x2 weight=1x1x1x2 padding=0x1 bias=1");
  Data data;
  data.reshape(problem);
  data.input.memory() = {3, -5};
  data.weight.memory() = {2, -7};
  data.bias.memory() = {-11};
  std::vector<Sum> sums;
  convolve(geometry(problem), data, sums);
  ASSERT_EQ(sums.size(), 3U);
  const std::vector<Sum> expected = {{-32, 32, 2}, {30, 52, 3}, {-21, 21, 2}};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(sums[i].value, expected[i].value);
    EXPECT_EQ(sums[i].magnitude, expected[i].magnitude);
    EXPECT_EQ(sums[i].terms, expected[i].terms);
  }
}

TEST(Convolution, IsExactlyTheSecondImplementationOnIntegers) {
  Random random(1);
  const int64_t cases = random_cases(20'000);
  int64_t compared = 0;
  for (int64_t i = 0; i < cases; ++i) {
    Problem problem = random_valid_problem(random);
    add_random_strides(random, problem);
    const Data data = random_integers(random, problem, 9);
    std::vector<Sum> sums;
    convolve(geometry(problem), data, sums);
    const std::vector<Sum> expected = eigen_convolution(problem, data);
    ASSERT_EQ(sums.size(), expected.size()) << print(problem);
    for (size_t at = 0; at < sums.size(); ++at) {
      ASSERT_EQ(sums[at].value, expected[at].value) << print(problem) << " at " << at;
      ASSERT_EQ(sums[at].magnitude, expected[at].magnitude) << print(problem) << " at " << at;
      ASSERT_EQ(sums[at].terms, expected[at].terms) << print(problem) << " at " << at;
    }
    compared += static_cast<int64_t>(sums.size());
  }
  EXPECT_GT(compared, cases * 20);
}

TEST(Convolution, IsNearTheSecondImplementationOnReals) {
  Random random(2);
  for (int i = 0; i < 2000; ++i) {
    const Problem problem = random_valid_problem(random);
    const Data data = random_reals(random, problem);
    std::vector<Sum> sums;
    convolve(geometry(problem), data, sums);
    const std::vector<Sum> expected = eigen_convolution(problem, data);
    for (size_t at = 0; at < sums.size(); ++at) {
      const double both = 2 * gamma(sums[at].terms, 0x1p-53) * sums[at].magnitude;
      ASSERT_LE(std::abs(sums[at].value - expected[at].value), both) << print(problem) << " at " << at;
    }
  }
}

// The comparison above must be able to fail: each parameter matters to the second implementation.
TEST(Convolution, DiffersFromTheSecondImplementationOfAnotherProblem) {
  const Problem problem = problem_of("input=2x6x8x8 weight=4x3x3x3 groups=2 stride=2 padding=1,1,2,0 dilation=1x2");
  Random random(3);
  const Data data = random_integers(random, problem, 9);
  std::vector<Sum> sums;
  convolve(geometry(problem), data, sums);
  for (const char* text : {"input=2x6x8x8 weight=4x3x3x3 groups=2 stride=2 padding=1,1,1,1 dilation=1x2",
                           "input=2x6x8x8 weight=4x3x3x3 groups=2 stride=2 padding=2,0,2,0 dilation=1x2",
                           "input=2x6x8x8 weight=4x3x3x3 groups=2 stride=2 padding=1,1,1,0 dilation=1x1",
                           "input=2x6x8x8 weight=4x3x3x3 groups=2 stride=1x2 padding=0,0,2,0 dilation=1x2"}) {
    const std::vector<Sum> other = eigen_convolution(problem_of(text), data);
    int64_t different = 0;
    for (size_t at = 0; at < std::min(sums.size(), other.size()); ++at) {
      different += sums[at].value != other[at].value ? 1 : 0;
    }
    EXPECT_GT(different, 20) << text;
  }
}

TEST(Convolution, NamedPositionsAreThoseOfTheWholeOutput) {
  Random random(4);
  for (int i = 0; i < 200; ++i) {
    const Problem problem = random_valid_problem(random);
    const Data data = random_integers(random, problem, 9);
    std::vector<Sum> all;
    convolve(geometry(problem), data, all);
    std::vector<int64_t> indices;
    for (int64_t at = uniform(random, 0, 3); at < static_cast<int64_t>(all.size()); at += uniform(random, 1, 9)) {
      indices.push_back(at);
    }
    std::vector<Sum> some(7);
    convolve(geometry(problem), data, indices, some);
    ASSERT_EQ(some.size(), indices.size());
    for (size_t at = 0; at < some.size(); ++at) {
      ASSERT_EQ(some[at].value, all[static_cast<size_t>(indices[at])].value);
      ASSERT_EQ(some[at].terms, all[static_cast<size_t>(indices[at])].terms);
    }
  }
}

TEST(Convolution, ATapOnPaddingIsNoPartOfTheSumWhateverItsWeight) {
  const Problem problem = problem_of("input=1x1x1x1 weight=1x1x1x3 padding=0x1");
  Data data;
  data.reshape(problem);
  data.input.memory() = {2};
  data.weight.memory() = {std::numeric_limits<float>::infinity(), 3, std::numeric_limits<float>::quiet_NaN()};
  const Sum sum = convolve_at(geometry(problem), data, 0, 0, 0, 0);
  EXPECT_EQ(sum.value, 6);
  EXPECT_EQ(sum.terms, 1);
}

}  // namespace
}  // namespace convcheck
