// The shipped kernels' own reading of the rules: for each rule a problem that breaks just it, sizes at the ends of
// int64, and the valid problems that look wrong.
#include "impls/support/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <utility>
#include <vector>

namespace convcheck::impls {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

convcheck_tensor_desc dense(std::initializer_list<int64_t> shape) {
  convcheck_tensor_desc tensor{};
  tensor.rank = static_cast<int32_t>(shape.size());
  std::copy(shape.begin(), shape.end(), tensor.shape);
  int64_t step = 1;
  for (int32_t axis = tensor.rank - 1; axis >= 0; --axis) {
    tensor.stride[axis] = step;
    const int64_t size = std::max<int64_t>(tensor.shape[axis], 1);
    step = step > kMax / size ? kMax : step * size;
  }
  return tensor;
}

/// 2x6x8x7 with 4x3x3x2, two groups, stride 2x1, padding 1,0,1,1, dilation 1x2 and a bias: the output is 2x4x4x7.
convcheck_problem valid_problem() {
  convcheck_problem problem{};
  problem.struct_size = sizeof(problem);
  problem.direction = CONVCHECK_FORWARD;
  problem.dtype = CONVCHECK_F32;
  problem.spatial_rank = 2;
  problem.groups = 2;
  problem.stride[0] = 2;
  problem.stride[1] = 1;
  problem.dilation[0] = 1;
  problem.dilation[1] = 2;
  problem.pad_before[0] = 1;
  problem.pad_before[1] = 1;
  problem.pad_after[1] = 1;
  problem.input = dense({2, 6, 8, 7});
  problem.weight = dense({4, 3, 3, 2});
  problem.bias = dense({4});
  problem.output = dense({2, 4, 4, 7});
  return problem;
}

/// 1x1x1x1 with a 1x1 kernel, from which the extremes below depart.
convcheck_problem unit_problem() {
  convcheck_problem problem = valid_problem();
  problem.groups = 1;
  for (int axis = 0; axis < 2; ++axis) {
    problem.stride[axis] = problem.dilation[axis] = 1;
    problem.pad_before[axis] = problem.pad_after[axis] = 0;
  }
  problem.input = problem.weight = problem.output = dense({1, 1, 1, 1});
  problem.bias = {};
  return problem;
}

/// What check_rules says of the valid problem after `change`.
template <typename Change>
int32_t status_after(Change change) {
  convcheck_problem problem = valid_problem();
  change(problem);
  return check_rules(problem);
}

TEST(Rules, TheStartingPointsAreValid) {
  EXPECT_EQ(check_rules(valid_problem()), CONVCHECK_OK);
  EXPECT_EQ(check_rules(unit_problem()), CONVCHECK_OK);
}

TEST(Rules, AnOlderStructIsRejectedAndANewerOneIsNot) {
  EXPECT_EQ(status_after([](auto& p) { p.struct_size = sizeof(p) - 1; }), CONVCHECK_REJECTED);
  EXPECT_EQ(status_after([](auto& p) { p.struct_size = 0; }), CONVCHECK_REJECTED);
  EXPECT_EQ(status_after([](auto& p) { p.struct_size = sizeof(p) + 64; }), CONVCHECK_OK);
}

TEST(Rules, SpatialRankIsOneToThree) {
  for (const int32_t rank :
       {-1, 0, 1, 3, 4, std::numeric_limits<int32_t>::max(), std::numeric_limits<int32_t>::min()}) {
    EXPECT_EQ(status_after([&](auto& p) { p.spatial_rank = rank; }), CONVCHECK_REJECTED) << rank;
  }
}

TEST(Rules, UnknownTypesAndDirectionsAreUnsupported) {
  for (const int32_t unknown : {-1, 0, 5, 99}) {
    EXPECT_EQ(status_after([&](auto& p) { p.dtype = unknown; }), CONVCHECK_UNSUPPORTED) << unknown;
  }
  for (const int32_t unknown : {-1, 0, 4, 99}) {
    EXPECT_EQ(status_after([&](auto& p) { p.direction = unknown; }), CONVCHECK_UNSUPPORTED) << unknown;
  }
  for (const int32_t known : {CONVCHECK_F64, CONVCHECK_F16, CONVCHECK_BF16}) {
    EXPECT_EQ(status_after([&](auto& p) { p.dtype = known; }), CONVCHECK_OK) << known;
  }
  for (const int32_t known : {CONVCHECK_BACKWARD_DATA, CONVCHECK_BACKWARD_WEIGHT}) {
    EXPECT_EQ(status_after([&](auto& p) { p.direction = known; }), CONVCHECK_OK) << known;
  }
}

TEST(Rules, Rule1ParametersInRange) {
  for (const int64_t bad : {int64_t{0}, int64_t{-1}, kMin}) {
    EXPECT_EQ(status_after([&](auto& p) { p.groups = bad; }), CONVCHECK_REJECTED) << bad;
    for (int axis = 0; axis < 2; ++axis) {
      EXPECT_EQ(status_after([&](auto& p) { p.stride[axis] = bad; }), CONVCHECK_REJECTED) << bad;
      EXPECT_EQ(status_after([&](auto& p) { p.dilation[axis] = bad; }), CONVCHECK_REJECTED) << bad;
    }
  }
  for (int axis = 0; axis < 2; ++axis) {
    // The other side makes up for it, so that the output's size alone would not tell.
    EXPECT_EQ(status_after([&](auto& p) {
                p.pad_after[axis] += p.pad_before[axis] + 1;
                p.pad_before[axis] = -1;
              }),
              CONVCHECK_REJECTED);
    EXPECT_EQ(status_after([&](auto& p) {
                p.pad_before[axis] += p.pad_after[axis] + 1;
                p.pad_after[axis] = -1;
              }),
              CONVCHECK_REJECTED);
  }
}

TEST(Rules, ParametersOfAxesThatDoNotExistMeanNothing) {
  EXPECT_EQ(status_after([](auto& p) {
              p.stride[2] = p.dilation[2] = 0;
              p.pad_before[2] = p.pad_after[2] = kMin;
              p.input.shape[4] = p.weight.shape[4] = p.output.shape[4] = kMin;
              p.input.stride[4] = kMax;
            }),
            CONVCHECK_OK);
}

TEST(Rules, Rule2RanksAgree) {
  for (const int32_t bad : {-1, 0, 3, 5, 6}) {
    EXPECT_EQ(status_after([&](auto& p) { p.input.rank = bad; }), CONVCHECK_REJECTED) << bad;
    EXPECT_EQ(status_after([&](auto& p) { p.weight.rank = bad; }), CONVCHECK_REJECTED) << bad;
    EXPECT_EQ(status_after([&](auto& p) { p.output.rank = bad; }), CONVCHECK_REJECTED) << bad;
  }
  for (const int32_t bad : {-1, 2, 4}) {
    EXPECT_EQ(status_after([&](auto& p) { p.bias.rank = bad; }), CONVCHECK_REJECTED) << bad;
  }
}

TEST(Rules, Rule3SizesInRange) {
  EXPECT_EQ(status_after([](auto& p) { p.input.shape[0] = p.output.shape[0] = -1; }), CONVCHECK_REJECTED);
  EXPECT_EQ(status_after([](auto& p) { p.input.shape[1] = p.weight.shape[1] = 0; }), CONVCHECK_REJECTED);
  EXPECT_EQ(status_after([](auto& p) { p.weight.shape[0] = p.bias.shape[0] = p.output.shape[1] = 0; }),
            CONVCHECK_REJECTED);
  EXPECT_EQ(status_after([](auto& p) {
              p.weight.shape[2] = 0;
              p.output.shape[2] = 5;
            }),
            CONVCHECK_REJECTED);
  EXPECT_EQ(status_after([](auto& p) {
              p.input.shape[3] = -1;
              p.pad_before[1] = 9;
            }),
            CONVCHECK_REJECTED);
}

TEST(Rules, Rule4InChannelsDivisible) {
  // 7 / 2 rounds to the weight's 3.
  EXPECT_EQ(status_after([](auto& p) { p.input = dense({2, 7, 8, 7}); }), CONVCHECK_REJECTED);
}

TEST(Rules, Rule5OutChannelsDivisible) {
  EXPECT_EQ(status_after([](auto& p) {
              p.weight = dense({5, 3, 3, 2});
              p.bias = dense({5});
              p.output = dense({2, 5, 4, 7});
            }),
            CONVCHECK_REJECTED);
}

TEST(Rules, Rule6WeightChannels) {
  EXPECT_EQ(status_after([](auto& p) { p.weight = dense({4, 6, 3, 2}); }), CONVCHECK_REJECTED);
  EXPECT_EQ(status_after([](auto& p) { p.weight = dense({4, 2, 3, 2}); }), CONVCHECK_REJECTED);
}

TEST(Rules, Rule7BiasShape) {
  EXPECT_EQ(status_after([](auto& p) { p.bias = dense({2}); }), CONVCHECK_REJECTED);
  EXPECT_EQ(status_after([](auto& p) { p.bias = dense({0}); }), CONVCHECK_REJECTED);
  EXPECT_EQ(status_after([](auto& p) { p.bias = {}; }), CONVCHECK_OK);
}

TEST(Rules, Rule8KernelFits) {
  // One more than fits, with the output size that truncating division would give (0 / 2 + 1), and with one that rounds
  // down.
  convcheck_problem problem = unit_problem();
  problem.weight = dense({1, 1, 2, 1});
  problem.stride[0] = 2;
  EXPECT_EQ(check_rules(problem), CONVCHECK_REJECTED);
  problem.output.shape[2] = 0;
  EXPECT_EQ(check_rules(problem), CONVCHECK_REJECTED);
  problem.output.shape[2] = 1;
  problem.pad_after[0] = 1;
  EXPECT_EQ(check_rules(problem), CONVCHECK_OK);
}

TEST(Rules, Rule9OutputShape) {
  for (int axis = 0; axis < 4; ++axis) {
    for (const int64_t change : {-1, 1}) {
      EXPECT_EQ(status_after([&](auto& p) { p.output.shape[axis] += change; }), CONVCHECK_REJECTED) << axis;
    }
    EXPECT_EQ(status_after([&](auto& p) { p.output.shape[axis] = kMax; }), CONVCHECK_REJECTED) << axis;
    EXPECT_EQ(status_after([&](auto& p) { p.output.shape[axis] = kMin; }), CONVCHECK_REJECTED) << axis;
  }
}

TEST(Rules, Rule10PaddedSizeFits) {
  convcheck_problem problem = unit_problem();
  problem.stride[0] = kMax;
  problem.pad_before[0] = kMax - 1;
  EXPECT_EQ(check_rules(problem), CONVCHECK_OK);
  problem.pad_before[0] = kMax;  // the padded size is 2^63; (2^63 - 1) / stride + 1 = 2
  problem.output = dense({1, 1, 2, 1});
  EXPECT_EQ(check_rules(problem), CONVCHECK_REJECTED);
}

TEST(Rules, Rule10DilatedExtentFits) {
  convcheck_problem problem = unit_problem();
  problem.weight = dense({1, 1, 2, 1});
  problem.dilation[0] = kMax - 1;
  problem.pad_before[0] = kMax - 1;
  EXPECT_EQ(check_rules(problem), CONVCHECK_OK);
  problem.dilation[0] = kMax;
  problem.pad_before[0] = kMax;  // both are 2^63: the kernel fits, and the extent does not
  EXPECT_EQ(check_rules(problem), CONVCHECK_REJECTED);
}

TEST(Rules, Rule10ElementsFit) {
  // 2^31 x 2^32 elements of the input, an expanded view whose span is one element; a size of 0 counts as 1.
  for (const int64_t batch : {1, 0}) {
    convcheck_problem problem = unit_problem();
    const int64_t channels = int64_t{1} << 31;
    const int64_t width = int64_t{1} << 32;
    problem.input = dense({batch, channels, 1, width});
    problem.weight = dense({1, channels, 1, 1});
    problem.output = dense({batch, 1, 1, 1});
    problem.stride[1] = width;
    std::fill(std::begin(problem.input.stride), std::end(problem.input.stride), 0);
    EXPECT_EQ(check_rules(problem), CONVCHECK_REJECTED) << batch;
    problem.input.shape[3] = width - 1;
    EXPECT_EQ(check_rules(problem), CONVCHECK_OK) << batch;
  }
}

TEST(Rules, Rule10SpanFitsInBytes) {
  // (W - 1) * stride + 1 elements of 4 bytes: one more element than 2^61 - 1 does not fit.
  convcheck_problem problem = unit_problem();
  problem.input = dense({1, 1, 1, 2});
  problem.output = dense({1, 1, 1, 2});
  problem.input.stride[3] = (int64_t{1} << 61) - 2;
  EXPECT_EQ(check_rules(problem), CONVCHECK_OK);
  problem.input.stride[3] += 1;
  EXPECT_EQ(check_rules(problem), CONVCHECK_REJECTED);
  problem.dtype = CONVCHECK_BF16;
  EXPECT_EQ(check_rules(problem), CONVCHECK_OK);
  problem.dtype = CONVCHECK_F64;
  EXPECT_EQ(check_rules(problem), CONVCHECK_REJECTED);
}

TEST(Rules, StridesOfSizeOneAxesMeanNothing) {
  convcheck_problem problem = unit_problem();
  for (auto* tensor : {&problem.input, &problem.weight, &problem.output}) {
    std::fill(std::begin(tensor->stride), std::end(tensor->stride), kMax);
  }
  EXPECT_EQ(check_rules(problem), CONVCHECK_OK);
}

/// Every field of a problem of two spatial axes that decides whether it is valid.
std::vector<int64_t*> deciding_fields(convcheck_problem& problem) {
  std::vector<int64_t*> fields = {&problem.groups};
  for (int axis = 0; axis < 2; ++axis) {
    for (auto* values : {problem.stride, problem.dilation, problem.pad_before, problem.pad_after}) {
      fields.push_back(values + axis);
    }
  }
  for (auto* tensor : {&problem.input, &problem.weight, &problem.bias, &problem.output}) {
    for (int32_t axis = 0; axis < tensor->rank; ++axis) fields.push_back(tensor->shape + axis);
  }
  return fields;
}

TEST(Rules, ExtremesInAnyTwoFieldsAreRejected) {
  convcheck_problem problem = valid_problem();
  const std::vector<int64_t*> fields = deciding_fields(problem);
  for (const int64_t extreme : {kMax, kMax - 1, int64_t{1} << 62, int64_t{-1}, kMin}) {
    for (int64_t* first : fields) {
      for (int64_t* second : fields) {
        problem = valid_problem();
        *first = *second = extreme;
        EXPECT_EQ(check_rules(problem), CONVCHECK_REJECTED) << extreme;
      }
    }
  }
}

TEST(Rules, AllFieldsAtOneExtremeAreNotOk) {
  for (const int64_t extreme : {kMax, kMin, int64_t{-1}, int64_t{0}}) {
    convcheck_problem problem = valid_problem();
    problem.groups = extreme;
    for (int axis = 0; axis < 3; ++axis) {
      problem.stride[axis] = problem.dilation[axis] = problem.pad_before[axis] = problem.pad_after[axis] = extreme;
    }
    for (auto* tensor : {&problem.input, &problem.weight, &problem.bias, &problem.output}) {
      std::fill(std::begin(tensor->shape), std::end(tensor->shape), extreme);
      std::fill(std::begin(tensor->stride), std::end(tensor->stride), extreme);
    }
    EXPECT_EQ(check_rules(problem), CONVCHECK_REJECTED) << extreme;
  }
}

TEST(Rules, AnEmptyBatchIsValid) {
  EXPECT_EQ(status_after([](auto& p) {
              p.input = dense({0, 6, 8, 7});
              p.output = dense({0, 4, 4, 7});
            }),
            CONVCHECK_OK);
}

TEST(Rules, AnEmptyImageIsValidWherePaddingFitsTheKernel) {
  convcheck_problem problem = valid_problem();
  problem.input = dense({2, 6, 0, 7});
  problem.pad_before[0] = 3;
  problem.output = dense({2, 4, 1, 7});
  EXPECT_EQ(check_rules(problem), CONVCHECK_OK);
  problem.pad_before[0] = 2;
  EXPECT_EQ(check_rules(problem), CONVCHECK_REJECTED);
}

TEST(Rules, OneAndThreeAxesFollowTheSameRules) {
  convcheck_problem problem = unit_problem();
  problem.spatial_rank = 1;
  problem.input = dense({2, 3, 9});
  problem.weight = dense({5, 3, 4});
  problem.output = dense({2, 5, 6});
  EXPECT_EQ(check_rules(problem), CONVCHECK_OK);
  problem.spatial_rank = 3;
  EXPECT_EQ(check_rules(problem), CONVCHECK_REJECTED);
  problem.stride[2] = problem.dilation[2] = 1;
  problem.input = dense({2, 3, 9, 8, 7});
  problem.weight = dense({5, 3, 4, 2, 1});
  problem.output = dense({2, 5, 6, 7, 7});
  EXPECT_EQ(check_rules(problem), CONVCHECK_OK);
  problem.output = dense({2, 5, 6, 7, 8});
  EXPECT_EQ(check_rules(problem), CONVCHECK_REJECTED);
}

TEST(IsDense, FollowsTheLogicalOrderAndSkipsAxesOfSizeOne) {
  EXPECT_TRUE(is_dense(dense({2, 3, 4, 5})));
  convcheck_tensor_desc tensor = dense({2, 1, 4, 5});
  tensor.stride[1] = -7;
  EXPECT_TRUE(is_dense(tensor));
  tensor.stride[2] = 6;
  EXPECT_FALSE(is_dense(tensor));
  tensor = dense({2, 3, 4, 5});
  std::swap(tensor.stride[2], tensor.stride[3]);
  EXPECT_FALSE(is_dense(tensor));
  EXPECT_TRUE(is_dense(convcheck_tensor_desc{}));
  EXPECT_FALSE(is_dense({.rank = 2, .shape = {kMax, kMax}, .stride = {0, 0}}));
}

}  // namespace
}  // namespace convcheck::impls
