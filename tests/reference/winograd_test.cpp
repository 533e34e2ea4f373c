// Winograd: the transforms are right, no right kernel exceeds the bound, and a wrong one does.
#include "reference/winograd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/reference/problems.h"
#include "tests/reference/winograd_kernel.h"

namespace convcheck {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

WinogradTransform transform_of(const PointSet& set) {
  return make_transform(set.m, set.r, set.points);
}

// |A^T [(G g) o (B^T d)] - correlation| relative to the sum of magnitudes, the worst of the m outputs.
double correlation_error(const WinogradTransform& t, const std::vector<double>& g, const std::vector<double>& d) {
  std::vector<double> product;
  for (int j = 0; j < t.a(); ++j) {
    double u = 0;
    double v = 0;
    for (int k = 0; k < t.r; ++k) u += t.g(j, k) * g[static_cast<size_t>(k)];
    for (int l = 0; l < t.a(); ++l) v += t.b_transposed(j, l) * d[static_cast<size_t>(l)];
    product.push_back(u * v);
  }
  double worst = 0;
  for (int i = 0; i < t.m; ++i) {
    double got = 0;
    double expected = 0;
    double magnitude = 0;
    for (int j = 0; j < t.a(); ++j) got += t.a_transposed(i, j) * product[static_cast<size_t>(j)];
    for (int k = 0; k < t.r; ++k) {
      const double term = g[static_cast<size_t>(k)] * d[static_cast<size_t>(i + k)];
      expected += term;
      magnitude += std::abs(term);
    }
    worst = std::max(worst, std::abs(got - expected) / magnitude);
  }
  return worst;
}

std::vector<double> random_values(Random& random, int count) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(static_cast<double>(random_real(random, -1, 1)));
  return values;
}

// Scaled so, a kernel's transforms are whole numbers, and what underflows in its transformed weights grows by as much.
TEST(Winograd, ScalesOfEachPointMakeTheTransformsWhole) {
  const std::vector<double> two = {0, 1, -1};
  const std::vector<double> six = {0, 1, -1, 2, -2, 0.5, -0.5};
  const auto scales = [](const WinogradTransform& t) {
    return std::vector<double>(t.scale.begin(), t.scale.begin() + t.a());
  };
  EXPECT_EQ(scales(make_transform(2, 3, two)), std::vector<double>(4, 1));
  EXPECT_EQ(scales(make_transform(6, 3, six)), (std::vector<double>{4, 4, 4, 4, 4, 64, 64, 4}));
}

TEST(Winograd, EveryTransformComputesTheCorrelation) {
  Random random(1);
  for (const PointSet& set : usual_point_sets()) {
    const WinogradTransform t = transform_of(set);
    ASSERT_EQ(t.a(), set.m + set.r - 1);
    ASSERT_EQ(static_cast<int>(set.points.size()), t.a() - 1);
    for (int i = 0; i < 200; ++i) {
      const double error = correlation_error(t, random_values(random, t.r), random_values(random, t.a()));
      ASSERT_LT(error, 1e-12) << "F(" << t.m << ", " << t.r << ")";
    }
  }
}

TEST(Winograd, ATransformWithOneWrongConstantDoesNot) {
  Random random(2);
  const WinogradTransform right = make_transform(4, 3, std::vector<double>{0, 1, -1, 2, -2});
  const std::vector<double> g = random_values(random, 3);
  const std::vector<double> d = random_values(random, 6);
  for (Matrix WinogradTransform::*member :
       {&WinogradTransform::a_transposed, &WinogradTransform::g, &WinogradTransform::b_transposed}) {
    for (int i = 0; i < (right.*member).rows; ++i) {
      for (int j = 0; j < (right.*member).columns; ++j) {
        WinogradTransform wrong = right;
        (wrong.*member)(i, j) += 0.001;
        EXPECT_GT(correlation_error(wrong, g, d), 1e-6);
      }
    }
  }
}

// Lavin and Gray's F(2, 3): our rows of A, G and B, one for each point, are theirs times factors whose product is 1.
TEST(Winograd, TheSmallestTransformIsThePublishedOneUpToScaling) {
  const double a[2][4] = {{1, 1, 1, 0}, {0, 1, -1, -1}};
  const double g[4][3] = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};
  const double b[4][4] = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}};
  const WinogradTransform t = make_transform(2, 3, std::vector<double>{0, 1, -1});
  for (int j = 0; j < 4; ++j) {
    const int last = j == 3 ? 1 : 0;  // a row, or column, where neither is zero
    const double of_a = t.a_transposed(last, j) / a[last][j];
    const double of_g = t.g(j, j == 3 ? 2 : 0) / g[j][j == 3 ? 2 : 0];
    const double of_b = t.b_transposed(j, j == 0 ? 0 : 1) / b[j][j == 0 ? 0 : 1];
    EXPECT_DOUBLE_EQ(of_a * of_g * of_b, 1) << j;
    for (int i = 0; i < 2; ++i) EXPECT_DOUBLE_EQ(t.a_transposed(i, j), of_a * a[i][j]);
    for (int k = 0; k < 3; ++k) EXPECT_DOUBLE_EQ(t.g(j, k), of_g * g[j][k]);
    for (int l = 0; l < 4; ++l) EXPECT_DOUBLE_EQ(t.b_transposed(j, l), of_b * b[j][l]);
  }
}

TEST(Winograd, AppliesToSmallSquareKernelsWithStrideAndDilationOne) {
  const auto applies = [](const std::string& text) { return winograd_applies(geometry(problem_of(text))); };
  EXPECT_TRUE(applies("input=1x1x9x9 weight=1x1x3x3"));
  EXPECT_TRUE(applies("input=1x4x9x7 weight=2x2x5x5 groups=2 padding=1,0,3,9 bias=2"));
  EXPECT_FALSE(applies("input=1x1x9x9 weight=1x1x3x5"));
  EXPECT_FALSE(applies("input=1x1x9x9 weight=1x1x5x3"));
  EXPECT_FALSE(applies("input=1x1x9x9 weight=1x1x7x7"));
  EXPECT_FALSE(applies("input=1x1x9x9 weight=1x1x1x1"));
  EXPECT_FALSE(applies("input=1x1x9x9 weight=1x1x3x3 stride=2x1"));
  EXPECT_FALSE(applies("input=1x1x9x9 weight=1x1x3x3 stride=1x2"));
  EXPECT_FALSE(applies("input=1x1x9x9 weight=1x1x3x3 dilation=2x1"));
  EXPECT_FALSE(applies("input=1x1x9x9 weight=1x1x3x3 dilation=1x2"));
  for (int tile = -1; tile < 12; ++tile) EXPECT_EQ(winograd_tile_is_judged(tile), tile == 2 || tile == 4 || tile == 6);
}

// One tile's problem: as many outputs as the tile has, some of its input on padding.
Problem random_tile_problem(Random& random, const PointSet& set) {
  const int64_t channels = uniform(random, 1, 6);
  const int64_t edge = set.m + set.r - 1;
  Problem p;
  p.input = {1, channels};
  p.weight = {1, channels, set.r, set.r};
  for (size_t axis = 0; axis < 2; ++axis) {
    p.pad_before[axis] = one_in(random, 2) ? 0 : uniform(random, 0, 2);
    p.pad_after[axis] = one_in(random, 2) ? 0 : uniform(random, 0, 1);
    p.input.push_back(edge - p.pad_before[axis] - p.pad_after[axis]);
  }
  if (one_in(random, 3)) p.bias = {1};
  return p;
}

// The outputs of one tile that are outside the bound. Their bounds are computed in full where `worst`, the largest
// error / bound, is asked for, else no further than needed.
int64_t beyond_bound(const FloatTransform& kernel, const Problem& problem, const Data& data, double* worst = nullptr) {
  const Geometry g = geometry(problem);
  const WinogradBound& bound = WinogradBound::of(kernel.m, kernel.r);
  const std::vector<float> got = winograd_tile(kernel, g, data, 0, 0, 0, 0);
  std::vector<Sum> sums;
  convolve(g, data, sums);
  int64_t beyond = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double error = std::abs(static_cast<double>(got[i]) - sums[i].value);
    const Shape at = index_of({1, 1, kernel.m, kernel.m}, static_cast<int64_t>(i));
    const double allowed = bound.at(g, data, at, sums[i], worst != nullptr ? kInfinity : error);
    if (!(error <= allowed)) ++beyond;
    if (worst != nullptr && error > 0) *worst = std::max(*worst, error / allowed);
  }
  return beyond;
}

// Two passes of each transform: the most non-zeros of a row, and one more where f32 does not hold its constants.
TEST(Winograd, TheRoundingsOfTheTransformsAreThoseCountedByHand) {
  const auto roundings = [](int m, int r, std::vector<double> points) {
    return make_transform(m, r, points).roundings;
  };
  EXPECT_EQ(roundings(2, 3, {0, 1, -1}), 2 * (3 + 3 + 2));
  // G has 1/6 and 1/24, or 2/3; the rows of B^T are those of x^4 + x^3 - 4 x^2 - 4 x and its like.
  EXPECT_EQ(roundings(4, 3, {0, 1, -1, 2, -2}), 2 * (5 + (3 + 1) + 4));
  EXPECT_EQ(roundings(4, 3, {0, 1, -1, 0.5, -0.5}), 2 * (5 + (3 + 1) + 4));
  EXPECT_EQ(roundings(6, 3, {0, 1, -1, 2, -2, 0.5, -0.5}), 2 * (7 + (3 + 1) + 6));
}

// F(2, 3) worked out by hand, on ones. The absolute row sums of B^T are 2, 2, 2, 2, those of G 1, 3/2, 3/2, 1, and the
// rows of A^T add up three of four products: 2 (1 + 3/2 + 3/2) = 8 along an axis, 64 in the plane. Most non-zeros of a
// row are 2 in B^T, 3 in G and 3 in A^T, with two passes each: 16 roundings.
TEST(Winograd, TheBoundOfTheSmallestTileIsTheOneWorkedOutByHand) {
  const auto bound_on_ones = [](const char* text, float input) {
    const Problem problem = problem_of(text);
    const Geometry g = geometry(problem);
    Data data;
    data.reshape(problem);
    std::fill(data.input.memory().begin(), data.input.memory().end(), input);
    std::fill(data.weight.memory().begin(), data.weight.memory().end(), 1.0F);
    std::fill(data.bias.memory().begin(), data.bias.memory().end(), 5.0F);
    return WinogradBound::of(2, 3).at(g, data, {0, 0, 0, 0}, convolve_at(g, data, 0, 0, 0, 0), kInfinity);
  };
  const auto expect_equal = [](double got, double want) { EXPECT_NEAR(got, want, want * 1e-6); };
  expect_equal(bound_on_ones("input=1x1x4x4 weight=1x1x3x3", 1), gamma(1 + 1 + 16) * 64);
  expect_equal(bound_on_ones("input=1x3x4x4 weight=1x3x3x3", 1), gamma(3 + 1 + 16) * 3 * 64);
  expect_equal(bound_on_ones("input=1x3x4x4 weight=1x3x3x3 bias=1", 1), gamma(3 + 1 + 1 + 16) * (3 * 64 + 5));
  // A channel that holds nothing is exact: the bias remains.
  expect_equal(bound_on_ones("input=1x1x4x4 weight=1x1x3x3 bias=1", 0), gamma(1 + 1 + 16) * 5);
  // With many channels a summation goes through more roundings: gamma_1800 1800 against gamma_217 12800.
  expect_equal(bound_on_ones("input=1x200x4x4 weight=1x200x3x3", 1), gamma(1800) * 1800);
  expect_equal(WinogradBound::of(2, 3).for_unit_data(3), gamma(3 + 1 + 1 + 16) * (3 * 64 + 1));
}

TEST(Winograd, NoRightKernelExceedsTheBound) {
  Random random(3);
  for (const PointSet& set : usual_point_sets()) {
    const FloatTransform kernel = rounded(transform_of(set));
    const int64_t tiles = random_cases(10'000);
    double worst = 0;
    for (int64_t i = 0; i < tiles; ++i) {
      const Problem problem = random_tile_problem(random, set);
      if (!is_valid(problem)) continue;
      const Data data = random_tile_data(random, problem);
      ASSERT_EQ(beyond_bound(kernel, problem, data, i % std::max<int64_t>(tiles / 200, 1) == 0 ? &worst : nullptr), 0)
          << "F(" << set.m << ", " << set.r << ") on " << set.points.back() << ": " << print(problem);
    }
    EXPECT_GT(worst, 0.005) << "F(" << set.m << ", " << set.r << "): the bound is no bound but a licence";
  }
}

TEST(Winograd, AKernelWithOneWrongConstantExceedsIt) {
  Random random(4);
  for (const PointSet& set : usual_point_sets()) {
    const FloatTransform right = rounded(transform_of(set));
    int constants = 0;
    for (FloatTransform::Rows FloatTransform::*member :
         {&FloatTransform::a_transposed, &FloatTransform::g, &FloatTransform::b_transposed}) {
      for (size_t at = 0; at < 64; ++at) {
        FloatTransform wrong = right;
        float& constant = (wrong.*member)[at / 8][at % 8];
        if (constant == 0) continue;
        constant *= 1.01F;
        int64_t beyond = 0;
        for (int tries = 0; tries < 20 && beyond == 0; ++tries) {
          const Problem problem = problem_of("input=1x2x" + std::to_string(right.a) + "x" + std::to_string(right.a) +
                                             " weight=1x2x" + std::to_string(right.r) + "x" + std::to_string(right.r));
          beyond = beyond_bound(wrong, problem, random_reals(random, problem));
        }
        EXPECT_GT(beyond, 0) << "F(" << set.m << ", " << set.r << ") constant " << at;
        ++constants;
      }
    }
    EXPECT_GT(constants, 20);
  }
}

// Random problems with several tiles, groups and padding, at random output positions.
template <class Check>
int64_t for_random_outputs(uint64_t seed, int64_t count, Check check) {
  Random random(seed);
  int64_t checked = 0;
  while (checked < count) {
    Problem problem = random_valid_problem(random);
    const int64_t r = one_in(random, 2) ? 3 : 5;
    problem.weight[2] = problem.weight[3] = r;
    problem.stride = problem.dilation = {1, 1, 1};
    const Geometry g = is_valid(problem) ? geometry(problem) : Geometry{};
    if (!is_valid(problem) || g.output_elements() == 0) continue;
    const int64_t index = uniform(random, 0, g.output_elements() - 1);
    const int tile = static_cast<int>(2 * uniform(random, 1, 3));
    check(random, problem, g, index_of(rule_output_shape(problem), index),
          WinogradBound::of(tile, static_cast<int>(r)));
    ++checked;
  }
  return checked;
}

TEST(Winograd, UnitDataNeverHasALargerBoundThanTheOneForAllOfIt) {
  const int64_t checked = for_random_outputs(
      5, random_cases(4000),
      [](Random& random, const Problem& problem, const Geometry& g, const Shape& at, const WinogradBound& bound) {
        Data data = random_integers(random, problem, 1);
        const bool all_ones = one_in(random, 3);
        const int64_t active = uniform(random, 1, g.in_channels_per_group);
        for (Tensor* tensor : {&data.input, &data.weight, &data.bias}) {
          for (float& value : tensor->memory()) value = all_ones ? 1.0F : value * std::abs(random_real(random, -1, -1));
        }
        const auto view = data.input.view();
        for (int64_t i = 0; i < data.input.elements(); ++i) {
          const Shape place = index_of(problem.input, i);
          if (place[1] % g.in_channels_per_group >= active) view(place[0], place[1], place[2], place[3]) = 0;
        }
        const Sum sum = convolve_at(g, data, at[0], at[1], at[2], at[3]);
        // at() adds underflow and the reference's own error, which are far below 2^-20 of it.
        EXPECT_LE(bound.at(g, data, at, sum, kInfinity), bound.for_unit_data(active) * (1 + 0x1p-20)) << print(problem);
      });
  EXPECT_GT(checked, 0);
}

TEST(Winograd, AnEarlyExitAgreesWithTheFullBound) {
  int64_t early = 0;
  for_random_outputs(
      6, random_cases(4000),
      [&](Random& random, const Problem& problem, const Geometry& g, const Shape& at, const WinogradBound& bound) {
        const Data data = random_reals(random, problem);
        const Sum sum = convolve_at(g, data, at[0], at[1], at[2], at[3]);
        const double full = bound.at(g, data, at, sum, kInfinity);
        EXPECT_GE(full, summation_bound(sum));
        const double enough = full * static_cast<double>(uniform(random, 0, 120)) / 100;
        const double some = bound.at(g, data, at, sum, enough);
        EXPECT_LE(some, full);
        if (full >= enough) {
          EXPECT_GE(some, enough);
        } else {
          EXPECT_EQ(some, full);
        }
        early += some < full ? 1 : 0;
      });
  EXPECT_GT(early, 50);
}

TEST(Winograd, ALargerTileNeverHasASmallerBound) {
  int64_t grown = 0;
  for_random_outputs(
      7, random_cases(1000),
      [&](Random& random, const Problem& problem, const Geometry& g, const Shape& at, const WinogradBound&) {
        const Data data = random_reals(random, problem);
        const Sum sum = convolve_at(g, data, at[0], at[1], at[2], at[3]);
        double before = summation_bound(sum);
        for (const int tile : {2, 4, 6}) {
          const double bound =
              WinogradBound::of(tile, static_cast<int>(g.height.kernel)).at(g, data, at, sum, kInfinity);
          EXPECT_GE(bound, before);
          grown += bound > before ? 1 : 0;
          before = bound;
        }
      });
  EXPECT_GT(grown, 100);
}

}  // namespace
}  // namespace convcheck
