// The outputs that are judged: corners, edges of 32-bit arithmetic, and others from everywhere.
#include "properties/huge_sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "reference/layout.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

constexpr int64_t kSpread = 4096;

std::set<int64_t> samples(const Problem& problem, uint64_t seed = 1) {
  const std::vector<int64_t> indices = sampled_outputs(problem, geometry(problem), kSpread, seed);
  EXPECT_TRUE(std::is_sorted(indices.begin(), indices.end()));
  const std::set<int64_t> unique(indices.begin(), indices.end());
  EXPECT_EQ(unique.size(), indices.size());
  return unique;
}

int64_t index_in(const Problem& problem, int64_t n, int64_t k, int64_t oh, int64_t ow) {
  const Shape output = output_shape(problem);
  return ((n * output[1] + k) * output[2] + oh) * output[3] + ow;
}

TEST(HugeSample, HasTheCornersTheEdgesOfTheOutputAndOneOfEachPart) {
  const Problem problem = problem_of("input=1x1x128x256 weight=65537x1x1x1");
  constexpr int64_t kOutputs = int64_t{65537} * 128 * 256;
  const std::set<int64_t> sampled = samples(problem);
  EXPECT_GE(sampled.size(), static_cast<size_t>(kSpread));
  EXPECT_LE(sampled.size(), static_cast<size_t>(2 * kSpread)) << "the reference computes each of them";
  EXPECT_GE(*sampled.begin(), 0);
  EXPECT_LT(*sampled.rbegin(), kOutputs);
  for (const int64_t corner : {int64_t{0}, int64_t{255}, int64_t{127 * 256}, int64_t{128 * 256 - 1}, kOutputs - 1}) {
    EXPECT_TRUE(sampled.contains(corner)) << corner;
  }
  for (const int64_t edge : kOffsetEdges) {
    if (edge >= kOutputs) continue;
    EXPECT_TRUE(sampled.contains(edge - 1)) << edge;
    EXPECT_TRUE(sampled.contains(edge)) << edge;
  }
  for (int64_t part = 0; part < kSpread; ++part) {
    const auto found = sampled.lower_bound(kOutputs / kSpread * part);
    ASSERT_TRUE(found != sampled.end() && *found < kOutputs / kSpread * (part + 1) + kSpread) << part;
  }
}

// Image 8192 x 2^16 + ...: the edges of the input fall between images, and so do the outputs that are judged.
TEST(HugeSample, HasTheOutputsAroundTheEdgesOfTheInput) {
  const Problem problem = problem_of("input=65538x1x256x256 weight=2x1x3x3 stride=64 padding=1");
  const std::set<int64_t> sampled = samples(problem);
  for (const int64_t edge : kOffsetEdges) {
    const int64_t image = edge / (256 * 256);
    EXPECT_TRUE(sampled.contains(index_in(problem, image - 1, 0, 3, 3))) << edge;
    EXPECT_TRUE(sampled.contains(index_in(problem, image, 1, 0, 0))) << edge;
  }
}

TEST(HugeSample, HasTheOutputsAroundTheEdgesOfTheWeight) {
  const Problem problem = problem_of("input=1x32768x1x1 weight=131073x32768x1x1");
  const std::set<int64_t> sampled = samples(problem);
  for (const int64_t edge : kOffsetEdges) {
    const int64_t filter = edge / 32768;
    EXPECT_TRUE(sampled.contains(index_in(problem, 0, filter - 1, 0, 0))) << edge;
    EXPECT_TRUE(sampled.contains(index_in(problem, 0, filter, 0, 0))) << edge;
  }
}

TEST(HugeSample, HasAllOutputsWhereThereAreFew) {
  const Problem problem = problem_of("input=1x64x8192x8192 weight=4x64x1x1 stride=1024");
  const std::set<int64_t> sampled = samples(problem);
  EXPECT_EQ(sampled.size(), 256U);
  EXPECT_EQ(*sampled.rbegin(), 255);
}

TEST(HugeSample, IsTheSameForTheSameSeedAlone) {
  const Problem problem = problem_of("input=1x1x1024x1024 weight=64x1x1x1");
  EXPECT_EQ(samples(problem, 1), samples(problem, 1));
  EXPECT_NE(samples(problem, 1), samples(problem, 2));
}

// Of a dense tensor and of one with gaps, by trying all its elements.
TEST(HugeSample, FindsTheElementAtAnOffset) {
  Random random(1);
  for (int i = 0; i < 300; ++i) {
    const Problem problem = random_valid_problem(random);
    const Shape shape = problem.weight;
    const Shape strides = {shape[1] * shape[2] * shape[3] * 6, 1, shape[1] * shape[3] * 3, shape[1] * 2};
    ASSERT_TRUE(is_nested(shape, strides));
    const auto span = static_cast<int64_t>(span_elements(shape, strides));
    const int64_t offset = uniform(random, 0, span - 1);
    int64_t highest = -1;
    Shape expected;
    for (int64_t index = 0; index < shape[0] * shape[1] * shape[2] * shape[3]; ++index) {
      const Shape at = index_of(shape, index);
      int64_t there = 0;
      for (int axis = 0; axis < 4; ++axis) there += at[axis] * strides[axis];
      if (there > offset || there <= highest) continue;
      highest = there;
      expected = at;
    }
    EXPECT_EQ(element_near(shape, strides, offset), expected);
  }
}

}  // namespace
}  // namespace convcheck
