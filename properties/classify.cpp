#include "properties/classify.h"

#include <limits>

#include "properties/classes.h"

namespace convcheck {
namespace {

// The first class of each parameter; the order is that of kClasses.
enum First : size_t {
  kGroups = 0,
  kInPerGroup = 3,
  kMultiplier = 6,
  kInResidue = 9,
  kOutResidue = 15,
  kChannels = 21,
  kKernel = 24,
  kKernelShape = 31,
  kStride = 35,
  kStrideAndKernel = 38,
  kDilation = 40,
  kBefore = 43,
  kAfter = 47,
  kSides = 51,
  kImage = 53,
  kOutput = 58,
  kRest = 63,
  kAxes = 65,
  kBatch = 68,
  kBias = 73,
  kMemory = 75,
};
static_assert(kMemory + classes::kMemoryCount == kCaseClassCount);

constexpr std::array<CaseClass, kCaseClassCount> kClasses = {{
    {"groups", "1"},
    {"groups", "between 1 and C"},
    {"groups", "C"},
    {"channels C/groups", "1"},
    {"channels C/groups", "2 to 9"},
    {"channels C/groups", "above 9"},
    {"multiplier K/groups", "1"},
    {"multiplier K/groups", "2 to 9"},
    {"multiplier K/groups", "above 9"},
    {"C modulo 16", "0"},
    {"C modulo 16", "1 to 3"},
    {"C modulo 16", "4"},
    {"C modulo 16", "5 to 7"},
    {"C modulo 16", "8"},
    {"C modulo 16", "9 to 15"},
    {"K modulo 16", "0"},
    {"K modulo 16", "1 to 3"},
    {"K modulo 16", "4"},
    {"K modulo 16", "5 to 7"},
    {"K modulo 16", "8"},
    {"K modulo 16", "9 to 15"},
    {"larger of C and K", "below 256"},
    {"larger of C and K", "256 to 1023"},
    {"larger of C and K", "1024 and more"},
    {"kernel extent", "1"},
    {"kernel extent", "2"},
    {"kernel extent", "3"},
    {"kernel extent", "4 to 7"},
    {"kernel extent", "8 to 32"},
    {"kernel extent", "33 to 255"},
    {"kernel extent", "256 and more"},
    {"kernel shape", "square"},
    {"kernel shape", "1xN"},
    {"kernel shape", "Nx1"},
    {"kernel shape", "other"},
    {"stride", "1"},
    {"stride", "2"},
    {"stride", "above 2"},
    {"stride and kernel", "stride <= kernel"},
    {"stride and kernel", "stride > kernel"},
    {"dilation", "1"},
    {"dilation", "2"},
    {"dilation", "above 2"},
    {"padding before", "none"},
    {"padding before", "below kernel"},
    {"padding before", "kernel"},
    {"padding before", "above kernel"},
    {"padding after", "none"},
    {"padding after", "below kernel"},
    {"padding after", "kernel"},
    {"padding after", "above kernel"},
    {"padding sides", "equal"},
    {"padding sides", "different"},
    {"image extent", "0"},
    {"image extent", "1"},
    {"image extent", "2"},
    {"image extent", "3 to 7"},
    {"image extent", "above 7"},
    {"output extent", "1"},
    {"output extent", "2"},
    {"output extent", "3 to 7"},
    {"output extent", "8 or a multiple"},
    {"output extent", "above 8, no multiple"},
    {"image behind the last window", "none"},
    {"image behind the last window", "some"},
    {"height and width", "alike"},
    {"height and width", "different in part"},
    {"height and width", "different in all"},
    {"batch", "0"},
    {"batch", "1"},
    {"batch", "2"},
    {"batch", "3"},
    {"batch", "above 3"},
    {"bias", "absent"},
    {"bias", "present"},
    {"memory", "contiguous"},
    {"memory", "NHWC"},
    {"memory", "strided input"},
    {"memory", "strided output"},
    {"memory", "strided weight"},
    {"memory", "expanded weight"},
    {"memory", "several of these"},
}};

struct Quotient {
  int64_t extent;
  bool has_rest;
};

// The output's extent on an axis, and whether the padded image reaches beyond the last window. An extent beyond int64
// is as good as the largest one.
Quotient output_on(const Problem& p, int axis) {
  const Wide room = padded_extent(p, axis) - dilated_extent(p, axis);
  const int64_t stride = p.stride[static_cast<size_t>(axis)];
  constexpr Wide kMost = std::numeric_limits<int64_t>::max() - 1;
  const auto narrow = static_cast<int64_t>(room < kMost ? room : kMost);  // dividing 64 bits is several times cheaper
  return {narrow / stride + 1, narrow % stride != 0};
}

}  // namespace

std::span<const CaseClass> case_classes() {
  return kClasses;
}

void Coverage::count(size_t first, size_t which) {
  ++counts_[first + which];
}

void Coverage::add_axis(const Problem& p, int axis) {
  const auto at = static_cast<size_t>(axis);
  const int64_t kernel = p.weight[axis + 2];
  const int64_t stride = p.stride[at];
  const int64_t before = p.pad_before[at];
  const int64_t after = p.pad_after[at];
  const Quotient out = output_on(p, axis);
  count(kKernel, classes::kernel(kernel));
  count(kStride, classes::step(stride));
  count(kStrideAndKernel, stride > kernel ? 1 : 0);
  count(kDilation, classes::step(p.dilation[at]));
  count(kBefore, classes::padding(before, kernel));
  count(kAfter, classes::padding(after, kernel));
  count(kSides, before == after ? 0 : 1);
  count(kImage, classes::image(p.input[axis + 2]));
  count(kOutput, classes::output(out.extent));
  count(kRest, out.has_rest ? 1 : 0);
}

void Coverage::add(const Problem& p) {
  ++cases_;
  count(kGroups, classes::groups(p.groups, p.in_channels()));
  count(kInPerGroup, classes::per_group(p.weight[1]));
  count(kMultiplier, classes::per_group(p.out_channels() / p.groups));
  count(kInResidue, classes::residue(p.in_channels()));
  count(kOutResidue, classes::residue(p.out_channels()));
  count(kChannels, classes::channel_count(std::max(p.in_channels(), p.out_channels())));
  count(kKernelShape, classes::kernel_shape(p.weight[2], p.weight[3]));
  add_axis(p, 0);
  add_axis(p, 1);
  count(kAxes, classes::axes(p));
  count(kBatch, classes::batch(p.batch()));
  count(kBias, p.has_bias() ? 1 : 0);
  count(kMemory, static_cast<size_t>(classes::memory(p)));
}

void Coverage::add(const Coverage& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  cases_ += other.cases_;
}

std::vector<CaseClass> Coverage::never_seen() const {
  std::vector<CaseClass> missing;
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) missing.push_back(kClasses[i]);
  }
  return missing;
}

}  // namespace convcheck
