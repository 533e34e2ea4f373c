#include "properties/classify.h"

namespace convcheck {
namespace {

// The first class of each parameter; the order is that of kClasses.
enum First : size_t {
  kGroups = 0,
  kMultiplier = 3,
  kStride = 6,
  kStrideAndKernel = 9,
  kPadding = 11,
  kSides = 15,
  kDilation = 17,
  kKernel = 20,
  kSize = 23,
  kBatch = 26,
  kBias = 29,
  kMemory = 31,
};

constexpr std::array<CaseClass, kCaseClassCount> kClasses = {{
    {"groups", "1"},
    {"groups", "between 1 and C"},
    {"groups", "C"},
    {"multiplier K/groups", "1"},
    {"multiplier K/groups", "2 to 9"},
    {"multiplier K/groups", "above 9"},
    {"stride", "1"},
    {"stride", "2"},
    {"stride", "above 2"},
    {"stride and kernel", "stride <= kernel"},
    {"stride and kernel", "stride > kernel"},
    {"padding", "none"},
    {"padding", "below kernel"},
    {"padding", "kernel"},
    {"padding", "above kernel"},
    {"padding sides", "equal"},
    {"padding sides", "different"},
    {"dilation", "1"},
    {"dilation", "2"},
    {"dilation", "above 2"},
    {"kernel extent", "1"},
    {"kernel extent", "2 to 7"},
    {"kernel extent", "above 7"},
    {"image extent", "1"},
    {"image extent", "2"},
    {"image extent", "above 2"},
    {"batch", "0"},
    {"batch", "1"},
    {"batch", "above 1"},
    {"bias", "absent"},
    {"bias", "present"},
    {"memory", "contiguous"},
    {"memory", "view or NHWC"},
}};

size_t three_ways(int64_t value, int64_t one, int64_t last) {
  return value <= one ? 0 : value <= last ? 1 : 2;
}

}  // namespace

std::span<const CaseClass> case_classes() {
  return kClasses;
}

void Coverage::add(const Problem& p) {
  const auto count = [this](size_t first, size_t which) { ++counts_[first + which]; };
  ++cases_;
  const int64_t multiplier = p.weight[0] / p.groups;
  count(kGroups, p.groups == 1 ? 0 : p.groups == p.input[1] ? 2 : 1);
  count(kMultiplier, three_ways(multiplier, 1, 9));
  for (size_t axis = 0; axis < 2; ++axis) {
    const int64_t kernel = p.weight[static_cast<int>(axis) + 2];
    const int64_t before = p.pad_before[axis];
    const int64_t after = p.pad_after[axis];
    const int64_t padding = before > after ? before : after;
    count(kStride, three_ways(p.stride[axis], 1, 2));
    count(kStrideAndKernel, p.stride[axis] > kernel ? 1 : 0);
    count(kPadding, padding == 0 ? 0 : padding < kernel ? 1 : padding == kernel ? 2 : 3);
    count(kSides, before == after ? 0 : 1);
    count(kDilation, three_ways(p.dilation[axis], 1, 2));
    count(kKernel, three_ways(kernel, 1, 7));
    count(kSize, three_ways(p.input[static_cast<int>(axis) + 2], 1, 2));
  }
  count(kBatch, three_ways(p.input[0], 0, 1));
  count(kBias, p.has_bias() ? 1 : 0);
  const bool contiguous = p.layout == Layout::nchw && !p.input_strides && !p.weight_strides && !p.output_strides;
  count(kMemory, contiguous ? 0 : 1);
}

void Coverage::add(const Coverage& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  cases_ += other.cases_;
}

}  // namespace convcheck
