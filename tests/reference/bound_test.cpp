// The summation bound: no right order of summation exceeds it, on any data; and what is wrong does.
#include "reference/bound.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "tests/reference/problems.h"

namespace convcheck {
namespace {

struct Factors {
  std::vector<float> x, w;

  [[nodiscard]] size_t size() const { return x.size(); }
};

// The reference's sum: exact products, added in double.
Sum sum_of(const Factors& f) {
  Sum sum;
  for (size_t i = 0; i < f.size(); ++i) {
    const double product = static_cast<double>(f.x[i]) * static_cast<double>(f.w[i]);
    sum.value += product;
    sum.magnitude += std::abs(product);
    ++sum.terms;
  }
  return sum;
}

// Right orders of summation, each in f32 throughout.
float sequential(const Factors& f) {
  float sum = 0;
  for (size_t i = 0; i < f.size(); ++i) sum += f.x[i] * f.w[i];
  return sum;
}

float reversed(const Factors& f) {
  float sum = 0;
  for (size_t i = f.size(); i > 0; --i) sum += f.x[i - 1] * f.w[i - 1];
  return sum;
}

float fused(const Factors& f) {
  float sum = 0;
  for (size_t i = 0; i < f.size(); ++i) sum = std::fma(f.x[i], f.w[i], sum);
  return sum;
}

float pairwise(const Factors& f, size_t begin, size_t end) {
  if (end - begin == 1) return f.x[begin] * f.w[begin];
  const size_t middle = begin + (end - begin) / 2;
  return pairwise(f, begin, middle) + pairwise(f, middle, end);
}

float blocked(const Factors& f) {
  float lane[8] = {};
  for (size_t i = 0; i < f.size(); ++i) lane[i % 8] = std::fma(f.x[i], f.w[i], lane[i % 8]);
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

struct Order {
  const char* name;
  std::function<float(const Factors&)> sum;
};

const std::vector<Order> kOrders = {
    {"sequential", sequential}, {"reversed", reversed},
    {"fused", fused},           {"pairwise", [](const Factors& f) { return pairwise(f, 0, f.size()); }},
    {"blocked", blocked},
};

enum Kind { kPlain, kWide, kCancelling, kOneSign, kSubnormalFactors, kSubnormalProducts, kKindCount };

Factors random_factors(Random& random, Kind kind) {
  const auto size = static_cast<size_t>(one_in(random, 100) ? uniform(random, 1000, 5000) : uniform(random, 1, 80));
  Factors f;
  for (size_t i = 0; i < size; ++i) {
    const auto draw = [&](int least, int most) { return random_real(random, least, most); };
    switch (kind) {
      case kWide:
        f.x.push_back(draw(-40, 40));
        f.w.push_back(draw(-20, 20));
        break;
      case kOneSign:
        f.x.push_back(std::abs(draw(0, 0)));
        f.w.push_back(std::abs(draw(0, 0)));
        break;
      case kSubnormalFactors:
        f.x.push_back(draw(-149, -126));  // rounded to what there is
        f.w.push_back(draw(-3, 3));
        break;
      case kSubnormalProducts:
        f.x.push_back(draw(-78, -65));
        f.w.push_back(draw(-78, -65));
        break;
      default:
        f.x.push_back(draw(-3, 0));
        f.w.push_back(draw(-3, 0));
        break;
    }
    // Nearly the negative of an earlier product.
    if (kind == kCancelling && i % 2 == 1) {
      f.x[i] = -f.x[i - 1];
      f.w[i] = one_in(random, 2) ? f.w[i - 1] : std::nextafter(f.w[i - 1], 10.0F);
    }
  }
  return f;
}

double error_of(const Factors& f, const Sum& sum, const Order& order) {
  return std::abs(static_cast<double>(order.sum(f)) - sum.value);
}

TEST(Bound, GammaIsTheTextbooks) {
  EXPECT_EQ(gamma(0), 0);
  EXPECT_EQ(gamma(1, 0.25), 0.25 / 0.75);
  EXPECT_EQ(gamma(2, 0.25), 1);
  EXPECT_EQ(gamma(8), 0x1p-21 / (1 - 0x1p-21));
  EXPECT_TRUE(std::isinf(gamma(4, 0.25)));
  EXPECT_TRUE(std::isinf(gamma(0x1p24)));
  EXPECT_FALSE(std::isinf(gamma(0x1p24 - 1)));
}

TEST(Bound, IsNearGammaTimesTheMagnitude) {
  const double bound = summation_bound({.value = 1, .magnitude = 100, .terms = 50});
  EXPECT_GE(bound, gamma(50) * 100);
  EXPECT_LE(bound, gamma(50) * 100 * (1 + 0x1p-20));
  EXPECT_GE(bound, (gamma(50) + gamma(50, 0x1p-53)) * 100);  // the reference errs as well
  EXPECT_EQ(summation_bound({}), 0);
  EXPECT_EQ(summation_bound({.value = 0, .magnitude = 0, .terms = 3}), 3 * kLeastSubnormal);
}

TEST(Bound, NoRightOrderOfSummationExceedsIt) {
  Random random(1);
  const int64_t cases = random_cases(100'000);
  double worst = 0;
  for (int64_t i = 0; i < cases; ++i) {
    const Factors f = random_factors(random, static_cast<Kind>(i % kKindCount));
    const Sum sum = sum_of(f);
    const double bound = summation_bound(sum);
    for (const Order& order : kOrders) {
      const double error = error_of(f, sum, order);
      ASSERT_LE(error, bound) << order.name << ", kind " << i % kKindCount << ", " << f.size() << " terms";
      worst = std::max(worst, error / bound);
    }
  }
  EXPECT_GT(worst, 0.9);  // one product alone comes that close: the bound has no slack to hide in
}

TEST(Bound, OperandsRoundedToBfloat16ExceedIt) {
  Random random(2);
  const auto to_bfloat16 = [](float value) {
    return std::bit_cast<float>((std::bit_cast<uint32_t>(value) + 0x8000U) & 0xFFFF0000U);
  };
  int64_t exceeded = 0;
  for (int i = 0; i < 1000; ++i) {
    Factors f = random_factors(random, kOneSign);
    f.x.resize(std::min<size_t>(f.size(), 64));
    f.w.resize(f.x.size());
    const Sum sum = sum_of(f);
    for (float& x : f.x) x = to_bfloat16(x);
    exceeded += error_of(f, sum, kOrders[0]) > summation_bound(sum) ? 1 : 0;
  }
  EXPECT_GT(exceeded, 900);
}

TEST(Bound, AnAccumulatorOfHalfThePrecisionExceedsIt) {
  Random random(3);
  const auto to_12_bits = [](float value) {
    return std::bit_cast<float>((std::bit_cast<uint32_t>(value) + 0x800U) & 0xFFFFF000U);
  };
  int64_t exceeded = 0;
  for (int i = 0; i < 1000; ++i) {
    const Factors f = random_factors(random, kOneSign);
    float accumulator = 0;
    for (size_t at = 0; at < f.size(); ++at) accumulator = to_12_bits(accumulator + f.x[at] * f.w[at]);
    const Sum sum = sum_of(f);
    exceeded += std::abs(static_cast<double>(accumulator) - sum.value) > summation_bound(sum) ? 1 : 0;
  }
  EXPECT_GT(exceeded, 900);
}

TEST(Bound, SubnormalsFlushedToZeroExceedIt) {
  Random random(4);
  int64_t exceeded = 0;
  for (int i = 0; i < 1000; ++i) {
    const Factors f = random_factors(random, kSubnormalFactors);
    const Sum sum = sum_of(f);
    // What a kernel gives that reads every subnormal as zero.
    exceeded += std::abs(sum.value) > summation_bound(sum) ? 1 : 0;
  }
  EXPECT_GT(exceeded, 900);
}

TEST(Bound, AProductLeftOutOrTakenTwiceExceedsIt) {
  Random random(5);
  for (int i = 0; i < 1000; ++i) {
    Factors f = random_factors(random, kPlain);
    f.x.resize(std::min<size_t>(f.size(), 80));
    f.w.resize(f.x.size());
    const Sum sum = sum_of(f);
    Factors twice = f;
    const size_t at = random.below(f.size());
    twice.x.push_back(f.x[at]);
    twice.w.push_back(f.w[at]);
    f.x[at] = 0;
    // The least product is 2^-8 of the largest, and 80 terms have a bound of at most 80 u * 80 = 2^-11 of that. Among
    // thousands of terms one product may hide in the bound: that is what integers are for.
    EXPECT_GT(error_of(f, sum, kOrders[0]), summation_bound(sum));
    EXPECT_GT(error_of(twice, sum, kOrders[0]), summation_bound(sum));
  }
}

}  // namespace
}  // namespace convcheck
