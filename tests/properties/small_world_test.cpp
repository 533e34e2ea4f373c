#include "properties/small_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

constexpr int64_t kWorld = 519'168;

TEST(SmallWorld, HasTheSizeThatIsDocumented) {
  EXPECT_EQ(small_world_size(), kWorld);
}

TEST(SmallWorld, IsValidThroughoutAndHasNoProblemTwice) {
  std::unordered_set<std::string> texts;
  for (int64_t i = 0; i < kWorld; ++i) {
    const Problem problem = small_world_problem(i);
    ASSERT_TRUE(is_valid(problem)) << i << ": " << print(problem);
    ASSERT_TRUE(texts.insert(print(problem)).second) << i << ": " << print(problem);
  }
  EXPECT_EQ(texts.size(), static_cast<size_t>(kWorld));
}

// All combinations of what the documentation names, valid or not, counted by the rules alone.
struct Axes {
  std::array<int64_t, 2> size, kernel, stride, dilation, before, after;
};

Problem with_axes(const Axes& axes) {
  Problem problem;
  problem.input = {1, 1, axes.size[0], axes.size[1]};
  problem.weight = {1, 1, axes.kernel[0], axes.kernel[1]};
  for (size_t axis = 0; axis < 2; ++axis) {
    problem.stride[axis] = axes.stride[axis];
    problem.dilation[axis] = axes.dilation[axis];
    problem.pad_before[axis] = axes.before[axis];
    problem.pad_after[axis] = axes.after[axis];
  }
  return problem;
}

// Every assignment of the digits, digit d from least[d] to most[d].
void for_each_number(const std::vector<std::array<int64_t, 2>>& ranges,
                     const std::function<void(const std::vector<int64_t>&)>& visit) {
  std::vector<int64_t> digits;
  for (const auto& range : ranges) digits.push_back(range[0]);
  for (;;) {
    visit(digits);
    size_t d = 0;
    while (d < digits.size() && digits[d] == ranges[d][1]) {
      digits[d] = ranges[d][0];
      ++d;
    }
    if (d == digits.size()) return;
    ++digits[d];
  }
}

TEST(SmallWorld, IsAllThatIsValidOfAllCombinations) {
  int64_t combinations = 0;
  int64_t valid_axes = 0;
  for_each_number({{1, 3}, {1, 3}, {1, 3}, {1, 3}, {1, 2}, {1, 2}, {1, 2}, {1, 2}, {0, 1}, {0, 1}, {0, 1}, {0, 1}},
                  [&](const std::vector<int64_t>& d) {
                    ++combinations;
                    const Axes axes = {.size = {d[0], d[1]},
                                       .kernel = {d[2], d[3]},
                                       .stride = {d[4], d[5]},
                                       .dilation = {d[6], d[7]},
                                       .before = {d[8], d[9]},
                                       .after = {d[10], d[11]}};
                    valid_axes += is_valid(with_axes(axes)) ? 1 : 0;
                  });
  EXPECT_EQ(combinations, 81 * 16 * 16);
  EXPECT_LT(valid_axes, combinations);
  // Groups 1 to 3, channels per group 1 or 2 in and out, batch 1 or 2, a bias or none: all of them keep the rules.
  int64_t others = 0;
  for_each_number({{1, 3}, {1, 2}, {1, 2}, {1, 2}, {0, 1}}, [&](const std::vector<int64_t>& d) {
    Problem problem = problem_of("input=1x1x3x3 weight=1x1x2x2");
    problem.groups = d[0];
    problem.input[0] = d[3];
    problem.input[1] = d[0] * d[1];
    problem.weight[0] = d[0] * d[2];
    problem.weight[1] = d[1];
    if (d[4] == 1) problem.bias = {problem.weight[0]};
    others += is_valid(problem) ? 1 : 0;
  });
  EXPECT_EQ(valid_axes * others, small_world_size());
}

TEST(SmallWorld, IsShuffledToAPermutationForEverySizeAndSeed) {
  for (const int64_t size : {1, 2, 3, 4, 5, 16, 17, 100, 1000, 4097}) {
    std::vector<std::vector<int64_t>> orders;
    for (const uint64_t seed : {uint64_t{0}, uint64_t{1}, uint64_t{2}, uint64_t{42}, ~uint64_t{0}}) {
      std::vector<int64_t> order;
      std::vector<bool> seen(static_cast<size_t>(size));
      for (int64_t i = 0; i < size; ++i) {
        const int64_t place = shuffled(i, size, seed);
        ASSERT_GE(place, 0);
        ASSERT_LT(place, size);
        ASSERT_FALSE(seen[static_cast<size_t>(place)]) << size << ' ' << seed;
        seen[static_cast<size_t>(place)] = true;
        order.push_back(place);
      }
      orders.push_back(order);
    }
    // Another seed is another order, where there are enough of them.
    if (size < 100) continue;
    std::sort(orders.begin(), orders.end());
    EXPECT_EQ(std::unique(orders.begin(), orders.end()), orders.end()) << size;
  }
}

TEST(SmallWorld, IsShuffledWellEnoughThatAnEarlyEndSawEveryPart) {
  // The first hundredth of the order reaches all of a hundred equal parts of the world.
  std::vector<int64_t> parts(100);
  for (int64_t i = 0; i < kWorld / 100; ++i) {
    ++parts[static_cast<size_t>(shuffled(i, kWorld, 1) * 100 / kWorld)];
  }
  for (const int64_t count : parts) EXPECT_GT(count, 20);
}

}  // namespace
}  // namespace convcheck
