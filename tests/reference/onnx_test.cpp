// The naive convolution judged by the backend test cases of ONNX, which were computed by others in f32.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <vector>

#include "reference/bound.h"
#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/reference/onnx_case.h"

namespace convcheck {
namespace {

const std::vector<OnnxCase>& cases() {
  static const std::vector<OnnxCase> all = all_onnx_cases(CONVCHECK_ONNX_DATA);
  return all;
}

std::vector<Sum> reference_of(const OnnxCase& c, const Problem& problem) {
  Data data;
  data.reshape(problem);
  data.input.memory() = c.input.values;
  data.weight.memory() = c.weight.values;
  data.bias.memory() = c.bias.values;
  std::vector<Sum> sums;
  convolve(geometry(problem), data, sums);
  return sums;
}

// Stored outputs outside the bound of a right summation in f32.
int64_t wrong_outputs(const OnnxCase& c, const Problem& problem) {
  const std::vector<Sum> sums = reference_of(c, problem);
  int64_t wrong = 0;
  for (size_t i = 0; i < sums.size(); ++i) {
    const double error = std::abs(static_cast<double>(c.output.values.at(i)) - sums[i].value);
    if (!(error <= summation_bound(sums[i]))) ++wrong;
  }
  return wrong;
}

TEST(Onnx, EveryConvCaseWithTwoSpatialAxesIsWithinTheBound) {
  int64_t judged = 0;
  for (const OnnxCase& c : cases()) {
    SCOPED_TRACE(c.name);
    const auto broken = broken_rule(c.problem);
    ASSERT_FALSE(broken) << message(c.problem, *broken);
    ASSERT_EQ(print(rule_output_shape(c.problem)), print([&] {
                Shape shape;
                for (const int64_t extent : c.output.shape) shape.push_back(extent);
                return shape;
              }()));
    ASSERT_GT(c.output.values.size(), 0U);
    EXPECT_EQ(wrong_outputs(c, c.problem), 0) << print(c.problem);
    std::cout << "judged " << c.name << ": " << print(c.problem) << ", " << c.output.values.size() << " outputs\n";
    ++judged;
  }
  EXPECT_EQ(judged, 18);
}

TEST(Onnx, PaddingThatIsShiftedByOneIsNoticed) {
  int64_t shifted = 0;
  for (const OnnxCase& c : cases()) {
    for (size_t axis = 0; axis < 2; ++axis) {
      // To the side where it leaves room; the output keeps its size.
      Problem problem = c.problem;
      problem.pad_before[axis] += 1;
      if (problem.pad_after[axis] >= 1) problem.pad_after[axis] -= 1;
      const Shape output = rule_output_shape(problem);
      if (output != rule_output_shape(c.problem)) continue;
      EXPECT_GT(wrong_outputs(c, problem), 0) << c.name << " axis " << axis;
      ++shifted;
    }
  }
  EXPECT_GE(shifted, 10);
}

TEST(Onnx, AFlippedWeightIsNoticed) {
  int64_t judged = 0;
  for (const OnnxCase& c : cases()) {
    OnnxCase flipped = c;
    std::reverse(flipped.weight.values.begin(), flipped.weight.values.end());
    if (flipped.weight.values == c.weight.values) continue;  // all ones
    EXPECT_GT(wrong_outputs(flipped, flipped.problem), 0) << c.name;
    ++judged;
  }
  EXPECT_GE(judged, 10);
}

}  // namespace
}  // namespace convcheck
