// The statistical tier: right accumulators always hold, wrong ones always fail, and the data are what they should be.
//
// CONVCHECK_STATISTICAL_REPETITIONS in the environment is how many problems the accumulators are tried on, each with
// all six sets.
#include "reference/statistical.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "reference/bound.h"
#include "reference/case_text.h"
#include "tests/reference/accumulator.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

int64_t repetitions() {
  const char* asked = std::getenv("CONVCHECK_STATISTICAL_REPETITIONS");
  return asked == nullptr ? std::max<int64_t>(random_cases(16), 4) : std::atoll(asked);
}

Expectation expectation_of(const Problem& problem, int set, uint64_t seed) {
  EXPECT_EQ(why_not_statistical(problem), "") << print(problem);
  Expectation expected;
  expected.g = geometry(problem);
  expected.data.reshape(problem);
  fill_statistical(set, seed, expected.g, expected.data);
  convolve(expected.g, expected.data, expected.sums);
  return expected;
}

struct Judged {
  bool enough;
  Comparison result;
  Statistic statistic;
};

Judged judged(int set, const Expectation& expected, const Tensor& output) {
  Judged all;
  all.result.wrong = 77;  // what an earlier use left behind
  all.result.wrong_indices = {5};
  all.statistic.square_sum = 1e9;
  all.enough = compare_statistically(set, expected, output, all.result, all.statistic);
  return all;
}

Judged judged(int set, const Expectation& expected, const Problem& problem, Dot dot) {
  Tensor output(problem, TensorRole::output);
  std::fill(output.memory().begin(), output.memory().end(), kNaN);
  convolve_by(dot, expected.g, expected.data, output);
  return judged(set, expected, output);
}

// A problem of n terms in all and a little above 1000 outputs, shared out among groups, filters and windows at random.
Problem problem_of_terms(Random& random, int64_t n) {
  Problem p;
  const bool has_bias = one_in(random, 2);
  const int64_t products = n - (has_bias ? 1 : 0);
  const int64_t width = products % 3 == 0 && one_in(random, 2) ? 3 : 1;
  const int64_t height = products % (2 * width) == 0 && one_in(random, 2) ? 2 : 1;
  p.groups = one_in(random, 2) ? 1 : uniform(random, 2, 7);
  const int64_t filters = one_in(random, 3) ? 1 : uniform(random, 2, 40);
  const int64_t batch = uniform(random, 1, 2);
  const int64_t rows = uniform(random, 1, 3);
  const int64_t per_column = p.groups * filters * batch * rows;
  const int64_t columns = (kFewestOutputs + per_column - 1) / per_column;
  p.input = {batch, p.groups * products / (height * width), rows * height, columns * width};
  p.weight = {p.groups * filters, products / (height * width), height, width};
  p.stride = {height, width, 1};
  if (has_bias) p.bias = {p.groups * filters};
  if (one_in(random, 2)) p.layout = Layout::nhwc;
  return p;
}

// The repetition's number of terms, from 2 to 5000, as many from 2 to 4 as from 2500 to 5000.
int64_t terms_of(Random& random, int64_t repetition) {
  const double at = (static_cast<double>(repetition) + static_cast<double>(random.below(1000)) / 1000) /
                    static_cast<double>(repetitions());
  return std::clamp<int64_t>(std::lround(2 * std::pow(2500.0, at)), 2, 5000);
}

struct Closest {
  double square = 0, sum = 0;  // over their limits
};

TEST(Statistical, ARightAccumulatorNeverFails) {
  std::array<std::array<Closest, 7>, 16> closest{};
  const auto right = right_accumulators();
  ASSERT_LE(right.size(), closest.size());
  int64_t tried = 0;
  for (int64_t i = 0; i < repetitions(); ++i) {
    Random random(1, static_cast<uint64_t>(i));
    const Problem problem = problem_of_terms(random, terms_of(random, i));
    const uint64_t seed = random.bits();
    for (int set = 1; set <= kStatisticalSets; ++set) {
      const Expectation expected = expectation_of(problem, set, seed);
      for (size_t a = 0; a < right.size(); ++a) {
        const Judged all = judged(set, expected, problem, right[a].dot);
        ASSERT_TRUE(all.enough);
        ASSERT_TRUE(all.result.holds()) << right[a].name << ", set " << set << ", seed " << seed << ": "
                                        << print(problem);
        ASSERT_EQ(all.result.compared, expected.g.output_elements());
        ASSERT_LE(all.result.worst_ratio, 1);
        ++tried;
        if (has_exact_sums(set)) continue;
        Closest& c = closest[a][static_cast<size_t>(set)];
        c.square = std::max(c.square, all.statistic.square_sum / all.statistic.square_limit);
        c.sum = std::max(c.sum, std::abs(all.statistic.sum) / all.statistic.sum_limit);
      }
    }
  }
  EXPECT_EQ(tried, repetitions() * kStatisticalSets * static_cast<int64_t>(right.size()));
  for (size_t a = 0; a < right.size(); ++a) {
    for (const size_t set : {2U, 3U, 4U, 6U}) {
      const std::string name = std::string(right[a].name) + ", set " + std::to_string(set);
      RecordProperty(name, std::to_string(closest[a][set].square) + " " + std::to_string(closest[a][set].sum));
    }
  }
}

// Below two products nothing is added: see the next test.
TEST(Statistical, AWrongAccumulatorFailsOnTheUnionOfTheSetsEveryTime) {
  int64_t caught = 0;
  int64_t tried = 0;
  for (int64_t i = 0; i < repetitions(); ++i) {
    Random random(2, static_cast<uint64_t>(i));
    const int64_t n = terms_of(random, i);
    const Problem problem = problem_of_terms(random, n);
    if (n - (problem.has_bias() ? 1 : 0) < 2) continue;
    const uint64_t seed = random.bits();
    std::vector<Accumulator> standing(wrong_accumulators().begin(), wrong_accumulators().end());
    tried += static_cast<int64_t>(standing.size());
    for (int set = 1; set <= kStatisticalSets && !standing.empty(); ++set) {
      const Expectation expected = expectation_of(problem, set, seed);
      caught += static_cast<int64_t>(std::erase_if(standing, [&](const Accumulator& wrong) {
        const Judged all = judged(set, expected, problem, wrong.dot);
        EXPECT_EQ(all.result.holds(), all.result.worst_ratio <= 1);
        return !all.result.holds();
      }));
    }
    for (const Accumulator& wrong : standing) ADD_FAILURE() << wrong.name << " seed " << seed << ": " << print(problem);
  }
  EXPECT_EQ(caught, tried);
  EXPECT_GT(tried, repetitions() * 3);
}

// Where a blind spot is: with one product and a bias of about its size nothing is small enough to be dropped. Short
// accumulators are seen even there.
TEST(Statistical, WithOneProductShortAccumulatorsAreSeenAndDroppedTermsAreNot) {
  for (const char* text : {"input=1x1x1x50 weight=20x1x1x1", "input=1x1x1x50 weight=20x1x1x1 bias=20"}) {
    const Problem problem = problem_of(text);
    for (const Accumulator& wrong : wrong_accumulators()) {
      bool seen = false;
      for (int set = 1; set <= kStatisticalSets; ++set) {
        seen |= !judged(set, expectation_of(problem, set, 1), problem, wrong.dot).result.holds();
      }
      EXPECT_EQ(seen, std::string(wrong.name) != "drops small terms") << wrong.name << ": " << text;
    }
  }
}

// Operands are another tier's matter, yet where n is small they are seen here as well.
TEST(Statistical, OperandsRoundedToShorterFormatsAreSeenWhereTheTermsAreFew) {
  const Problem problem = problem_of("input=1x64x1x50 weight=20x64x1x1");
  for (const Accumulator& wrong : rounded_operands()) {
    for (const int set : {2, 3, 4, 6}) {
      EXPECT_FALSE(judged(set, expectation_of(problem, set, 1), problem, wrong.dot).result.holds()) << wrong.name;
    }
  }
}

// The sum of the errors varies as that of uncorrelated ones does, though outputs of one window share its inputs and
// outputs of one filter its weights: mean of sum^2 / sum of squares is 1, with a deviation of sqrt(2 / repetitions).
// So no least number of windows or filters is needed. Where outputs err alike the ratio is the number of those.
TEST(Statistical, OutputsThatShareInputsOrWeightsErrIndependently) {
  const int64_t tries = std::max<int64_t>(random_cases(200), 20);
  for (const char* text :
       {"input=1x3x1x1000 weight=1x3x1x1", "input=1x3x1x1 weight=1000x3x1x1", "input=1x3x4x8 weight=32x3x1x1",
        "input=1x1x1x1000 weight=1x1x1x1 bias=1", "input=1x1x1x1 weight=1000x1x1x1 bias=1000"}) {
    const Problem problem = problem_of(text);
    for (const int set : {2, 3, 4, 6}) {
      double total = 0;
      int64_t counted = 0;
      for (int64_t i = 0; i < tries; ++i) {
        const Expectation expected = expectation_of(problem, set, static_cast<uint64_t>(i));
        const Statistic statistic = judged(set, expected, problem, right_accumulators()[0].dot).statistic;
        if (statistic.square_sum == 0) continue;  // one product, exact in sets 3 and 4
        total += statistic.sum * statistic.sum / statistic.square_sum;
        ++counted;
      }
      if (counted == 0 && problem.has_bias() && (set == 3 || set == 4)) continue;
      ASSERT_EQ(counted, tries) << text << ", set " << set;
      EXPECT_NEAR(total / static_cast<double>(tries), 1, 5 * std::sqrt(2 / static_cast<double>(tries)))
          << text << ", set " << set;
    }
  }
}

// Why elements that share a place are refused.
TEST(Statistical, OutputsOfEqualFiltersErrAlikeAndWouldAccuseARightKernel) {
  const Problem problem = problem_of("input=1x3x1x1 weight=1000x3x1x1");
  int accused = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Expectation expected = expectation_of(problem, 4, seed);
    std::vector<float>& weight = expected.data.weight.memory();
    for (size_t i = 3; i < weight.size(); ++i) weight[i] = weight[i - 3];
    convolve(expected.g, expected.data, expected.sums);
    const Judged all = judged(4, expected, problem, right_accumulators()[0].dot);
    EXPECT_NEAR(all.statistic.sum * all.statistic.sum, 1000 * all.statistic.square_sum, 0.01);
    accused += all.result.holds() ? 0 : 1;
  }
  EXPECT_GT(accused, 5);
}

const char* const kPlain = "input=1x4x5x8 weight=26x4x1x1 bias=26 layout=nhwc";

Tensor right_output(const Problem& problem, const Expectation& expected) {
  Tensor output(problem, TensorRole::output);
  convolve_by(right_accumulators()[0].dot, expected.g, expected.data, output);
  return output;
}

TEST(Statistical, OneElementBeyondItsBoundIsSeenInEverySet) {
  const Problem problem = problem_of(kPlain);
  const std::vector<std::function<float(float)>> faults = {[](float) { return kNaN; },
                                                           [](float) { return -kNaN; },
                                                           [](float) { return kInf; },
                                                           [](float) { return -kInf; },
                                                           [](float y) { return y * 1.0001F + 1e-30F; },
                                                           [](float y) { return 1 - y; }};
  for (int set = 1; set <= kStatisticalSets; ++set) {
    const Expectation expected = expectation_of(problem, set, 1);
    const Tensor right = right_output(problem, expected);
    for (const auto& fault : faults) {
      Tensor output = right;
      float& element = output.memory()[static_cast<size_t>(output.offset(700))];
      element = fault(element);
      const Judged all = judged(set, expected, output);
      ASSERT_EQ(all.result.wrong, 1) << set;
      EXPECT_EQ(all.result.wrong_indices, std::vector<int64_t>{700});
      ASSERT_TRUE(all.result.first);
      EXPECT_EQ(all.result.first->index, 700);
      EXPECT_EQ(all.result.first->expected, expected.sums[700].value);
      EXPECT_EQ(all.result.compared, 1040);
      if (has_exact_sums(set)) continue;
      EXPECT_GT(all.result.worst_ratio, 1);
      if (!std::isfinite(element)) {
        EXPECT_EQ(all.result.worst_ratio, kInf);
        EXPECT_FALSE(all.statistic.holds());
      }
    }
  }
}

// The square of one such error is nothing beside the limit for all of them.
TEST(Statistical, AnElementJustBeyondItsBoundIsSeenAndOneJustInsideIsNot) {
  const Problem problem = problem_of("input=1x400x5x8 weight=26x400x1x1");
  const Expectation expected = expectation_of(problem, 6, 1);
  for (const double factor : {1.01, -1.01, 0.99, -0.99}) {
    Tensor output = right_output(problem, expected);
    const Sum& sum = expected.sums[77];
    output.memory()[77] = static_cast<float>(sum.value + factor * summation_bound(sum));
    const Judged all = judged(6, expected, output);
    EXPECT_TRUE(all.statistic.holds());
    EXPECT_EQ(all.result.wrong, std::abs(factor) > 1 ? 1 : 0) << factor;
    EXPECT_EQ(all.result.worst_ratio > 1, std::abs(factor) > 1) << factor;
  }
}

TEST(Statistical, NaNsAndInfinitiesThatWouldCancelAreSeen) {
  const Problem problem = problem_of(kPlain);
  const Expectation expected = expectation_of(problem, 6, 1);
  for (const auto& [one, other] : std::vector<std::array<float, 2>>{{kInf, -kInf}, {kNaN, -kNaN}, {kInf, kNaN}}) {
    Tensor output = right_output(problem, expected);
    output.memory()[10] = one;
    output.memory()[11] = other;
    const Judged all = judged(6, expected, output);
    EXPECT_EQ(all.result.wrong, 2);
    EXPECT_EQ(all.result.worst_ratio, kInf);
    EXPECT_FALSE(all.statistic.holds());
  }
}

TEST(Statistical, TheNextFloatIsSeenWhereSumsAreExactAndTheSignOfAZeroIsNotJudged) {
  const Problem problem = problem_of(kPlain);
  for (const int set : {1, 5}) {
    const Expectation expected = expectation_of(problem, set, 1);
    const Tensor right = right_output(problem, expected);
    Tensor output = right;
    if (set == 1) std::fill(output.memory().begin(), output.memory().end(), -0.0F);
    EXPECT_TRUE(judged(set, expected, output).result.holds());
    EXPECT_TRUE(judged(set, expected, output).enough);
    EXPECT_EQ(judged(set, expected, output).statistic.judged, 1040);
    EXPECT_EQ(judged(set, expected, output).statistic.terms, 5);
    for (const float towards : {kInf, -kInf}) {
      output = right;
      output.memory()[3] = std::nextafter(output.memory()[3], towards);
      EXPECT_EQ(judged(set, expected, output).result.wrong, 1);
    }
  }
}

// Each result within its bound and the mean square too, but all of them rounded upwards.
TEST(Statistical, ErrorsOfOneSignAreSeenByTheirSum) {
  const Problem problem = problem_of(kPlain);
  for (const int set : {2, 3, 4, 6}) {
    const Expectation expected = expectation_of(problem, set, 1);
    Tensor output(problem, TensorRole::output);
    for (int64_t i = 0; i < output.elements(); ++i) {
      const double exact = expected.sums[static_cast<size_t>(i)].value;
      const auto nearest = static_cast<float>(exact);
      // Two places up: rounding up alone errs by half a place in the mean, and where sums cancel that is little beside
      // S.
      const float up = static_cast<double>(nearest) < exact ? std::nextafter(nearest, kInf) : nearest;
      output.memory()[static_cast<size_t>(output.offset(i))] = std::nextafter(up, kInf);
    }
    const Judged all = judged(set, expected, output);
    EXPECT_FALSE(all.statistic.holds()) << set;
    EXPECT_LE(all.statistic.square_sum, all.statistic.square_limit) << set;
    EXPECT_GT(all.statistic.sum, all.statistic.sum_limit) << set;
    EXPECT_EQ(all.result.wrong, 1) << set;
    EXPECT_EQ(all.result.worst_ratio, all.statistic.sum / all.statistic.sum_limit);
  }
}

// Errors by turns up and down, each of so many root mean squares that are allowed; that of `largest` twice as far down.
Tensor erring_output(const Problem& problem, const Expectation& expected, double factor, int64_t largest) {
  Tensor output(problem, TensorRole::output);
  for (int64_t i = 0; i < output.elements(); ++i) {
    const Sum& sum = expected.sums[static_cast<size_t>(i)];
    const double error = factor * std::sqrt(1.6 * sum.terms) * kUnitRoundoff * sum.magnitude;
    const double signed_error = i == largest ? -2 * error : i % 2 == 0 ? error : -error;
    output.memory()[static_cast<size_t>(i)] = static_cast<float>(sum.value + signed_error);
  }
  return output;
}

TEST(Statistical, ErrorsTooLargeInTheMeanAreSeenAndTheLargestIsNamed) {
  const Problem problem = problem_of("input=1x400x5x8 weight=26x400x1x1");
  const Expectation expected = expectation_of(problem, 3, 1);
  for (const double factor : {1.1, 0.9}) {
    const Judged all = judged(3, expected, erring_output(problem, expected, factor, 501));
    EXPECT_NEAR(all.result.worst_ratio, factor * factor, 0.01);
    EXPECT_EQ(all.result.holds(), factor < 1);
    if (factor < 1) continue;
    EXPECT_EQ(all.result.wrong, 1);
    EXPECT_EQ(all.result.wrong_indices, std::vector<int64_t>{501});
    ASSERT_TRUE(all.result.first);
    EXPECT_EQ(all.result.first->index, 501);
    EXPECT_EQ(all.result.first->expected, expected.sums[501].value);
    EXPECT_LE(all.result.first->error, all.result.first->allowed);
    EXPECT_EQ(all.result.first->allowed, summation_bound(expected.sums[501]));
  }
}

TEST(Statistical, FewerThanAThousandOutputsAreNoVerdict) {
  const Problem problem = problem_of("input=1x400x5x8 weight=26x400x1x1");
  Expectation expected = expectation_of(problem, 3, 1);
  const Tensor output = erring_output(problem, expected, 1.1, 501);
  for (size_t i = 0; i < 41; ++i) expected.sums[i].magnitude = std::numeric_limits<double>::infinity();
  const Judged all = judged(3, expected, output);
  EXPECT_FALSE(all.enough);
  EXPECT_FALSE(all.statistic.holds());
  EXPECT_TRUE(all.result.holds());
}

// Outputs whose partial sums may overflow are nobody's fault, whatever came of them; too few others are no verdict.
TEST(Statistical, OutputsWhosePartialSumsMayOverflowAreNotJudged) {
  const Problem problem = problem_of("input=1x4x5x8 weight=26x4x1x1");  // 1040 outputs
  const Expectation right = expectation_of(problem, 6, 1);
  for (const size_t overflowing : {40U, 41U, 1040U}) {
    Expectation expected = right;
    Tensor output = right_output(problem, expected);
    for (size_t i = 0; i < overflowing; ++i) {
      expected.sums[i].magnitude = static_cast<double>(std::numeric_limits<float>::max()) * (1 - 3 * kUnitRoundoff);
      output.memory()[i] = i % 2 == 0 ? kInf : kNaN;
    }
    const Judged all = judged(6, expected, output);
    EXPECT_EQ(all.enough, overflowing == 40);
    EXPECT_EQ(all.statistic.is_enough(), all.enough);
    EXPECT_TRUE(all.result.holds());
    EXPECT_EQ(all.statistic.judged, 1040 - static_cast<int64_t>(overflowing));
    EXPECT_EQ(all.result.compared, all.statistic.judged);
    EXPECT_LE(all.result.worst_ratio, 1);
  }
  // Just small enough that nothing can overflow: judged.
  Expectation expected = right;
  expected.sums[0].magnitude = static_cast<double>(std::numeric_limits<float>::max()) * (1 - 6 * kUnitRoundoff);
  Tensor output = right_output(problem, expected);
  output.memory()[0] = kInf;
  EXPECT_EQ(judged(6, expected, output).result.wrong, 1);
}

TEST(Statistical, AMagnitudeThatIsNoNumberIsNotJudged) {
  const Problem problem = problem_of("input=1x4x5x8 weight=26x4x1x1");
  Expectation expected = expectation_of(problem, 6, 1);
  const Tensor output = right_output(problem, expected);
  for (const double magnitude : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    expected.sums[7].magnitude = magnitude;
    EXPECT_EQ(judged(6, expected, output).statistic.judged, 1039);
  }
}

TEST(Statistic, HoldsWithinItsLimitsAndForNoNaN) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto statistic = [](double square_sum, double sum) {
    return Statistic{
        .judged = 1000, .terms = 1, .square_sum = square_sum, .square_limit = 100, .sum = sum, .sum_limit = 10};
  };
  for (const double sign : {1.0, -1.0}) {
    EXPECT_TRUE(statistic(100, sign * 10).holds());
    EXPECT_FALSE(statistic(100.1, sign * 10).holds());
    EXPECT_FALSE(statistic(100, sign * 10.1).holds());
    EXPECT_FALSE(statistic(nan, sign).holds());
    EXPECT_FALSE(statistic(1, sign * nan).holds());
    EXPECT_FALSE(statistic(kInf, sign).holds());
    EXPECT_EQ(statistic(50, sign * 8).worst_ratio(), 0.8);
    EXPECT_EQ(statistic(90, sign * 8).worst_ratio(), 0.9);
    EXPECT_EQ(statistic(nan, sign).worst_ratio(), kInf);
    EXPECT_EQ(statistic(1, sign * nan).worst_ratio(), kInf);
  }
}

TEST(Accumulators, RoundAsTheirFormatsDo) {
  EXPECT_EQ(rounded_to(0x1.01p0F, 8), 0x1p0F);  // a tie, to even
  EXPECT_EQ(rounded_to(0x1.03p0F, 8), 0x1.04p0F);
  EXPECT_EQ(rounded_to(-0x1.010002p0F, 8), -0x1.02p0F);
  EXPECT_EQ(rounded_to(0x1.ffp0F, 8), 0x1p1F);
  EXPECT_EQ(rounded_to(std::numeric_limits<float>::max(), 8), kInf);
  EXPECT_EQ(rounded_to(0x1.002p0F, 11), 0x1p0F);
  EXPECT_EQ(rounded_to(0x1.0021p0F, 11), 0x1.004p0F);
  EXPECT_EQ(rounded_to_half(65519), 65504);
  EXPECT_EQ(rounded_to_half(-65520), -kInf);
  EXPECT_EQ(rounded_to_half(0x1.5p-24F), 0x1p-24F);
  EXPECT_EQ(rounded_to_half(0x1p-25F), 0);
  EXPECT_EQ(rounded_to_half(0x1.8p-24F), 0x1p-23F);
  EXPECT_TRUE(std::isnan(rounded_to_half(kNaN)) && std::isnan(rounded_to(kNaN, 8)));
}

}  // namespace
}  // namespace convcheck
