#include "properties/small_world.h"

#include <vector>

#include "reference/random.h"

namespace convcheck {
namespace {

struct SmallAxis {
  int64_t size, kernel, stride, dilation, before, after;
};

// Axes are independent of each other and of the channels: a problem is valid where both its axes are.
std::vector<SmallAxis> valid_axes() {
  std::vector<SmallAxis> axes;
  for (int64_t size = 1; size <= 3; ++size) {
    for (int64_t kernel = 1; kernel <= 3; ++kernel) {
      for (int64_t stride = 1; stride <= 2; ++stride) {
        for (int64_t dilation = 1; dilation <= 2; ++dilation) {
          for (int64_t before = 0; before <= 1; ++before) {
            for (int64_t after = 0; after <= 1; ++after) {
              if (dilation * (kernel - 1) + 1 > size + before + after) continue;
              axes.push_back({size, kernel, stride, dilation, before, after});
            }
          }
        }
      }
    }
  }
  return axes;
}

const std::vector<SmallAxis>& axes() {
  static const std::vector<SmallAxis> kAxes = valid_axes();
  return kAxes;
}

// groups, channels per group in and out, batch, bias
constexpr int64_t kOthers = int64_t{3} * 2 * 2 * 2 * 2;

// Takes the lowest digit of a number in mixed radix.
int64_t take(int64_t& number, int64_t radix) {
  const int64_t digit = number % radix;
  number /= radix;
  return digit;
}

}  // namespace

int64_t small_world_size() {
  const auto count = static_cast<int64_t>(axes().size());
  return kOthers * count * count;
}

Problem small_world_problem(int64_t index) {
  const auto count = static_cast<int64_t>(axes().size());
  const SmallAxis& h = axes()[static_cast<size_t>(take(index, count))];
  const SmallAxis& w = axes()[static_cast<size_t>(take(index, count))];
  const int64_t groups = take(index, 3) + 1;
  const int64_t in_channels = groups * (take(index, 2) + 1);
  const int64_t out_channels = groups * (take(index, 2) + 1);
  const int64_t batch = take(index, 2) + 1;
  Problem problem;
  problem.input = {batch, in_channels, h.size, w.size};
  problem.weight = {out_channels, in_channels / groups, h.kernel, w.kernel};
  problem.groups = groups;
  problem.stride = {h.stride, w.stride, 1};
  problem.dilation = {h.dilation, w.dilation, 1};
  problem.pad_before = {h.before, w.before, 0};
  problem.pad_after = {h.after, w.after, 0};
  if (take(index, 2) == 1) problem.bias = {out_channels};
  return problem;
}

// A Feistel network of four rounds on the least even number of bits that holds the size, walked until it lands inside.
int64_t shuffled(int64_t index, int64_t size, uint64_t seed) {
  int half = 1;
  while ((int64_t{1} << (2 * half)) < size) ++half;
  const uint64_t mask = (uint64_t{1} << half) - 1;
  auto value = static_cast<uint64_t>(index);
  do {
    for (uint64_t round = 0; round < 4; ++round) {
      const uint64_t left = value >> half;
      const uint64_t right = value & mask;
      value = right << half | (left ^ (Random(seed ^ right, round).bits() & mask));
    }
  } while (static_cast<int64_t>(value) >= size);
  return static_cast<int64_t>(value);
}

}  // namespace convcheck
