// Strides, spans, and the problem as a kernel is given it.
#include "reference/layout.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

Shape strides_in(const std::string& text, TensorRole role) {
  const Problem problem = problem_of(text);
  return strides_of(problem, role, shape_of(problem, role));
}

TEST(Layout, ContiguousStridesFollowTheLayoutOfTheImageTensors) {
  const std::string text = "input=2x3x4x5 weight=6x3x2x2 bias=6";
  EXPECT_EQ(strides_in(text, TensorRole::input), (Shape{60, 20, 5, 1}));
  EXPECT_EQ(strides_in(text, TensorRole::weight), (Shape{12, 4, 2, 1}));
  EXPECT_EQ(strides_in(text, TensorRole::bias), (Shape{1}));
  EXPECT_EQ(strides_in(text, TensorRole::output), (Shape{72, 12, 4, 1}));  // 2x6x3x4
  EXPECT_EQ(strides_in(text + " layout=nhwc", TensorRole::input), (Shape{60, 1, 15, 3}));
  EXPECT_EQ(strides_in(text + " layout=nhwc", TensorRole::weight), (Shape{12, 4, 2, 1}));
  EXPECT_EQ(strides_in(text + " layout=nhwc", TensorRole::output), (Shape{72, 1, 24, 6}));
  EXPECT_EQ(strides_in("input=2x3x4 weight=1x3x1 layout=nhwc", TensorRole::input), (Shape{12, 1, 3}));
  EXPECT_EQ(strides_in("input=2x3x4x5x6 weight=1x3x1x1x1 layout=nhwc", TensorRole::input), (Shape{360, 1, 90, 18, 3}));
}

TEST(Layout, GivenStridesWinAndASizeOfZeroCountsAsOne) {
  EXPECT_EQ(strides_in("input=2x3x4x5 weight=6x3x2x2 input_strides=9x8x7x6 layout=nhwc", TensorRole::input),
            (Shape{9, 8, 7, 6}));
  EXPECT_EQ(strides_in("input=0x3x4x0 weight=6x3x2x2 padding=1", TensorRole::input), (Shape{12, 4, 1, 1}));
}

TEST(Layout, StridesSaturateWhereTheShapeIsTooLarge) {
  EXPECT_EQ(strides_in("input=2x4294967296x4294967296 weight=1x1x1", TensorRole::input),
            (Shape{kInt64Max, 4294967296, 1}));
}

TEST(Layout, SpansReachFromTheLowestToTheHighestElement) {
  EXPECT_TRUE(span_elements({2, 3, 4, 5}, {60, 20, 5, 1}) == 120);
  EXPECT_TRUE(span_elements({2, 3}, {10, 2}) == 15);            // 10 + 4 + 1
  EXPECT_TRUE(span_elements({2, 3}, {0, 0}) == 1);              // all at one place
  EXPECT_TRUE(span_elements({1, 0, 3}, {1000, 1000, 2}) == 5);  // axes of size 0 or 1 left out
  EXPECT_TRUE(span_elements({}, {}) == 1);
  EXPECT_FALSE(fits_int64(span_elements({kInt64Max, kInt64Max}, {kInt64Max, kInt64Max})));
  EXPECT_TRUE(span_elements({kInt64Max}, {1}) == kInt64Max);
}

TEST(Layout, DenseIsContiguousInTheLogicalOrder) {
  EXPECT_TRUE(is_dense({2, 3, 4, 5}, {60, 20, 5, 1}));
  EXPECT_TRUE(is_dense({1, 3, 1, 5}, {7, 5, 99, 1}));  // axes of size 1 have any stride
  EXPECT_TRUE(is_dense({}, {}));
  EXPECT_FALSE(is_dense({2, 3, 4, 5}, {60, 1, 15, 3}));  // channels last
  EXPECT_FALSE(is_dense({2, 3, 4, 5}, {61, 20, 5, 1}));  // a gap
  EXPECT_FALSE(is_dense({2, 3, 4, 5}, {0, 20, 5, 1}));   // expanded
}

TEST(Layout, NestedStridesPutNoTwoElementsAtOnePlace) {
  EXPECT_TRUE(is_nested({2, 3, 4}, {12, 4, 1}));
  EXPECT_TRUE(is_nested({2, 3, 4}, {12, 1, 3}));
  EXPECT_TRUE(is_nested({2, 3, 4}, {100, 30, 7}));
  EXPECT_TRUE(is_nested({1, 3, 1}, {0, 1, 0}));  // axes of size 1 have any stride
  EXPECT_FALSE(is_nested({2, 3, 4}, {0, 4, 1}));
  EXPECT_FALSE(is_nested({2, 3, 4}, {11, 4, 1}));
  EXPECT_FALSE(is_nested({2, 3, 4}, {12, 3, 1}));
  EXPECT_FALSE(is_nested({2, 2}, {1, 1}));
}

// By counting places, over all small shapes and strides.
TEST(Layout, NestedNeverAcceptsAnOverlap) {
  int64_t nested = 0;
  int64_t overlapping = 0;
  for (int code = 0; code < 3 * 3 * 3 * 8 * 8 * 8; ++code) {
    int rest = code;
    Shape shape;
    Shape strides;
    for (int axis = 0; axis < 3; ++axis, rest /= 3) shape.push_back(rest % 3 + 1);
    for (int axis = 0; axis < 3; ++axis, rest /= 8) strides.push_back(rest % 8);
    std::set<int64_t> places;
    for (int64_t i = 0; i < shape[0] * shape[1] * shape[2]; ++i) {
      places.insert(i / (shape[1] * shape[2]) * strides[0] + i / shape[2] % shape[1] * strides[1] +
                    i % shape[2] * strides[2]);
    }
    const bool distinct = static_cast<int64_t>(places.size()) == shape[0] * shape[1] * shape[2];
    if (is_nested(shape, strides)) {
      ASSERT_TRUE(distinct) << print(shape) << " strides " << print(strides);
      ++nested;
    }
    overlapping += distinct ? 0 : 1;
  }
  EXPECT_GT(nested, 1000);
  EXPECT_GT(overlapping, 1000);
}

TEST(Layout, StrideFaultsAreWhatNoKernelIsGiven) {
  Problem problem = problem_of("input=2x3x4x5 weight=6x3x2x2");
  EXPECT_FALSE(stride_fault(problem));
  problem.weight_strides = Shape{1, 1, 1};
  EXPECT_EQ(stride_fault(problem), "weight_strides has 3 numbers and the weight 4 axes: give one per axis");
  problem.weight_strides = Shape{12, 4, 2, -1};
  EXPECT_EQ(stride_fault(problem), "weight_strides must not be negative");
  problem.weight_strides = Shape{0, 0, 0, 0};
  EXPECT_FALSE(stride_fault(problem));  // what is only read may be expanded
  problem.output_strides = Shape{72, 12, 4, 0};
  EXPECT_EQ(stride_fault(problem),
            "output_strides puts two output elements at one place: each stride must reach over the axes inside it");
  problem.output_strides = Shape{72, 12, 4, 1};
  EXPECT_FALSE(stride_fault(problem));
}

std::vector<int64_t> first(const int64_t* values, int count) {
  return {values, values + count};
}

TEST(Layout, TheAbiGetsEveryField) {
  const convcheck_problem abi = to_abi(problem_of(
      "input=2x6x9x8 weight=4x3x3x2 groups=2 stride=2x3 padding=1,2,3,4 dilation=3x5 bias=4 layout=nhwc dtype=bf16 "
      "direction=backward_weight weight_strides=0x0x0x7"));
  using V = std::vector<int64_t>;
  EXPECT_EQ(abi.struct_size, sizeof(convcheck_problem));
  EXPECT_EQ(abi.direction, CONVCHECK_BACKWARD_WEIGHT);
  EXPECT_EQ(abi.dtype, CONVCHECK_BF16);
  EXPECT_EQ(abi.spatial_rank, 2);
  EXPECT_EQ(abi.groups, 2);
  EXPECT_EQ(first(abi.stride, 2), (V{2, 3}));
  EXPECT_EQ(first(abi.dilation, 2), (V{3, 5}));
  EXPECT_EQ(first(abi.pad_before, 2), (V{1, 3}));
  EXPECT_EQ(first(abi.pad_after, 2), (V{2, 4}));
  EXPECT_EQ(abi.input.rank, 4);
  EXPECT_EQ(first(abi.input.shape, 4), (V{2, 6, 9, 8}));
  EXPECT_EQ(first(abi.input.stride, 4), (V{432, 1, 48, 6}));
  EXPECT_EQ(first(abi.weight.shape, 4), (V{4, 3, 3, 2}));
  EXPECT_EQ(first(abi.weight.stride, 4), (V{0, 0, 0, 7}));
  EXPECT_EQ(abi.bias.rank, 1);
  EXPECT_EQ(abi.bias.shape[0], 4);
  EXPECT_EQ(abi.bias.stride[0], 1);
  EXPECT_EQ(abi.output.rank, 4);
  EXPECT_EQ(first(abi.output.shape, 4), (V{2, 4, 3, 4}));
  EXPECT_EQ(first(abi.output.stride, 4), (V{48, 1, 16, 4}));
}

TEST(Layout, TheAbiGetsInvalidProblemsAsTheyAre) {
  const convcheck_problem claimed = to_abi(problem_of("input=1x3x8 weight=9x3x3 output=1x9x7"));
  EXPECT_EQ(claimed.output.shape[2], 7);
  EXPECT_EQ(claimed.bias.rank, 0);
  EXPECT_EQ(claimed.spatial_rank, 1);
  const convcheck_problem huge = to_abi(problem_of("input=4294967296x4294967296x2 weight=1x4294967296x1"));
  EXPECT_EQ(huge.input.shape[0], 4294967296);
  EXPECT_EQ(huge.input.stride[0], 8589934592);
  const convcheck_problem larger = to_abi(problem_of("input=2x4294967296x4294967296 weight=1x4294967296x1"));
  EXPECT_EQ(larger.input.stride[0], kInt64Max);
  const convcheck_problem wrong = to_abi(problem_of("input=1x3x8x8 weight=8x1x3x3 groups=3"));
  EXPECT_EQ(first(wrong.output.shape, 4), (std::vector<int64_t>{1, 8, 6, 6}));
}

}  // namespace
}  // namespace convcheck
