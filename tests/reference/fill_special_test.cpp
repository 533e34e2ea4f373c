// What fill=special makes of exact integers: every kind comes, at the places where it tells.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "reference/case_text.h"
#include "reference/rules.h"
#include "reference/special.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

Data filled(const Case& c) {
  Data data;
  EXPECT_EQ(fill(c, geometry(c.problem), {}, data), "") << print(c);
  return data;
}

TEST(FillSpecial, DataComeInAllKindsOfBothSorts) {
  std::set<std::string> finite;
  std::set<std::string> nonfinite;
  Case c = case_of("input=2x4x6x7 weight=6x2x3x2 groups=2 bias=6 fill=special");
  for (c.seed = 0; c.seed < 72; ++c.seed) {
    const Special special = special_of(c);
    EXPECT_EQ(special.is_finite(), c.seed % 2 == 0);
    const std::string text = describe(special);
    const std::string kind =
        special.is_finite() ? text : text.substr(0, text.find(special.role == TensorRole::input ? " n=" : " k="));
    (special.is_finite() ? finite : nonfinite).insert(kind);
  }
  EXPECT_EQ(finite.size(), 4U);
  EXPECT_EQ(nonfinite.size(), 9U);
  // Without a bias and without an input the weight is left.
  c = case_of("input=0x4x6x7 weight=6x2x3x2 groups=2 fill=special");
  for (c.seed = 1; c.seed < 72; c.seed += 2) EXPECT_EQ(special_of(c).role, TensorRole::weight);
}

TEST(FillSpecial, ScalingKeepsEverySumExact) {
  const std::map<std::string_view, std::pair<double, double>> range = {
      {"subnormal inputs", {0x1p-149, 0x1p-125}},
      {"subnormal weights", {0x1p-149, 0x1p-125}},
      {"subnormal results", {0x1p-149, 0x1p-125}},
      {"sums near the largest f32", {0x1p103, 0x1p127}}};
  std::map<std::string_view, double> largest;
  Random random(13);
  for (int64_t i = 0; i < random_cases(4000); ++i) {
    Case c;
    c.problem = random_valid_problem(random);
    c.fill = Fill::special;
    c.seed = random.bits() & ~uint64_t{1};
    const Geometry g = geometry(c.problem);
    const Special special = special_of(c);
    const auto [least, most] = range.at(special.what);
    std::vector<Sum> sums;
    convolve(g, filled(c), sums);
    for (const Sum& sum : sums) {
      ASSERT_LT(sum.magnitude, most) << print(c);
      ASSERT_EQ(std::fmod(sum.value, least), 0) << print(c);
      ASSERT_EQ(static_cast<double>(static_cast<float>(sum.value)), sum.value) << print(c);
      largest[special.what] = std::max(largest[special.what], sum.magnitude);
    }
  }
  ASSERT_EQ(largest.size(), range.size());
  for (const auto& [what, magnitude] : largest) EXPECT_GT(magnitude, range.at(what).second / 64) << what;
}

TEST(FillSpecial, DataHoldOneElementThatIsNotFinite) {
  Random random(14);
  int64_t zeros = 0;
  int64_t checked = 0;
  for (int64_t i = 0; i < random_cases(3000); ++i) {
    Case c;
    c.problem = random_valid_problem(random);
    c.fill = Fill::special;
    c.seed = random.bits() | 1;
    const Data data = filled(c);
    if (!data.input.is_dense() || !data.weight.is_dense()) continue;
    int64_t not_finite = 0;
    for (const Tensor* tensor : {&data.input, &data.weight, &data.bias}) {
      for (const float value : tensor->memory()) {
        not_finite += std::isfinite(value) ? 0 : 1;
        zeros += value == 0 ? 1 : 0;
      }
    }
    ASSERT_EQ(not_finite, 1) << print(c);
    ++checked;
  }
  EXPECT_GT(checked, random_cases(1000));
  EXPECT_GT(zeros, checked);
}

// Zeros stand where they meet the element that is not finite, a third of that tensor, and nowhere else.
TEST(FillSpecial, ZerosAreInTheOtherTensor) {
  Case c = case_of("input=2x4x20x20 weight=6x4x11x11 bias=6 fill=special");
  for (c.seed = 1; c.seed < 100; c.seed += 2) {
    const Special special = special_of(c);
    const Data data = filled(c);
    const auto share_of_zeros = [](const Tensor& tensor) {
      const std::vector<float>& values = tensor.memory();
      return static_cast<double>(std::count(values.begin(), values.end(), 0.0F)) / static_cast<double>(values.size());
    };
    EXPECT_NEAR(share_of_zeros(data.weight), special.role == TensorRole::input ? 1.0 / 3 : 0, 0.05) << c.seed;
    EXPECT_NEAR(share_of_zeros(data.input), special.role == TensorRole::weight ? 1.0 / 3 : 0, 0.05) << c.seed;
    EXPECT_EQ(share_of_zeros(data.bias), 0) << c.seed;
  }
}

// Half of the places are corners, which padding meets, and all four of them.
TEST(FillSpecial, PlacesAreOftenCorners) {
  Case c = case_of("input=1x1x100x100 weight=1x1x1x1 fill=special");
  std::set<std::pair<bool, bool>> corners;
  int64_t in_corners = 0;
  int64_t in_inputs = 0;
  for (c.seed = 1; c.seed < 1000; c.seed += 2) {
    const Special special = special_of(c);
    if (special.role != TensorRole::input) continue;
    ++in_inputs;
    if (special.at[2] % 99 != 0 || special.at[3] % 99 != 0) continue;
    ++in_corners;
    corners.insert({special.at[2] == 0, special.at[3] == 0});
  }
  EXPECT_GT(in_inputs, 100);
  EXPECT_GT(in_corners * 10, in_inputs * 4);
  EXPECT_LT(in_corners * 10, in_inputs * 6);
  EXPECT_EQ(corners.size(), 4U);
}

}  // namespace
}  // namespace convcheck
