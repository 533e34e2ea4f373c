// Tensors: their memory and how logical positions map to it.
#include "reference/tensor.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/reference/problems.h"

namespace convcheck {
namespace {

TEST(Tensor, ADenseOneIsItsElementsInOrder) {
  const Tensor tensor(problem_of("input=2x3x4x5 weight=6x3x2x2"), TensorRole::input);
  EXPECT_TRUE(tensor.is_dense());
  EXPECT_EQ(tensor.elements(), 120);
  EXPECT_EQ(tensor.memory().size(), 120U);
  for (int64_t i = 0; i < 120; ++i) ASSERT_EQ(tensor.offset(i), i);
}

TEST(Tensor, AStridedOneCoversItsSpan) {
  Tensor tensor(problem_of("input=2x3x4x5 weight=6x3x2x2 input_strides=200x1x40x7"), TensorRole::input);
  EXPECT_FALSE(tensor.is_dense());
  EXPECT_EQ(tensor.memory().size(), 200U + 2U + 120U + 28U + 1U);
  EXPECT_EQ(tensor.offset(0), 0);
  EXPECT_EQ(tensor.offset(119), 350);
  EXPECT_EQ(tensor.offset(((1 * 3 + 2) * 4 + 1) * 5 + 3), 200 + 2 + 40 + 21);
  tensor.view()(1, 2, 1, 3) = 5;
  EXPECT_EQ(tensor.memory()[263], 5);
}

TEST(Tensor, OffsetsAreWhatTheViewReads) {
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    Problem problem = random_valid_problem(random);
    add_random_strides(random, problem);
    for (const TensorRole role : {TensorRole::input, TensorRole::weight, TensorRole::output}) {
      const Tensor tensor(problem, role);
      const auto view = tensor.view();
      for (int64_t index = 0; index < tensor.elements(); ++index) {
        const Shape at = index_of(tensor.shape(), index);
        ASSERT_EQ(&view(at[0], at[1], at[2], at[3]), &tensor.memory()[static_cast<size_t>(tensor.offset(index))]);
      }
    }
  }
}

TEST(Tensor, OneWithoutElementsHasNoMemory) {
  const Tensor tensor(problem_of("input=0x3x4x5 weight=6x3x2x2"), TensorRole::input);
  EXPECT_TRUE(tensor.empty());
  EXPECT_TRUE(tensor.memory().empty());
  const Tensor absent(problem_of("input=0x3x4x5 weight=6x3x2x2"), TensorRole::bias);
  EXPECT_TRUE(absent.empty());
  EXPECT_TRUE(absent.memory().empty());
}

TEST(Tensor, ReshapingReusesMemoryAndForgetsTheOldShape) {
  Tensor tensor(problem_of("input=2x3x4x5 weight=6x3x2x2 layout=nhwc"), TensorRole::input);
  EXPECT_FALSE(tensor.is_dense());
  const float* memory = tensor.memory().data();
  tensor.reshape(problem_of("input=1x3x4x5 weight=6x3x2x2"), TensorRole::input);
  EXPECT_TRUE(tensor.is_dense());
  EXPECT_EQ(tensor.elements(), 60);
  EXPECT_EQ(tensor.memory().data(), memory);
}

TEST(Tensor, IndexOfCountsTheInnermostAxisFirst) {
  EXPECT_EQ(index_of({2, 3, 4}, 0), (Shape{0, 0, 0}));
  EXPECT_EQ(index_of({2, 3, 4}, 23), (Shape{1, 2, 3}));
  EXPECT_EQ(index_of({2, 3, 4}, 4), (Shape{0, 1, 0}));
  EXPECT_EQ(index_of({2, 3, 4}, 17), (Shape{1, 1, 1}));
}

}  // namespace
}  // namespace convcheck
