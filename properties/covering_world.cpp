#include "properties/covering_world.h"

namespace convcheck::covering {
namespace {

// Numbers the classes of a part: that of parameter i comes behind all of the parameters before.
template <size_t count>
std::array<ClassId, count> numbered(const std::array<size_t, count>& which, const std::array<size_t, count>& classes) {
  std::array<ClassId, count> ids{};
  size_t first = 0;
  for (size_t i = 0; i < count; ++i) {
    ids[i] = static_cast<ClassId>(first + which[i]);
    first += classes[i];
  }
  return ids;
}

int64_t dilated(const SpatialAxis& axis) {
  return axis.dilation * (axis.kernel - 1) + 1;
}

// The paddings at which a kernel's classes begin, and some behind.
std::vector<int64_t> paddings(int64_t kernel) {
  std::vector<int64_t> all = {0, kernel, kernel + 1, 2 * kernel + 1};
  if (kernel > 1) all.push_back(1);
  if (kernel > 2) all.push_back(kernel - 1);
  return all;
}

class AxisWriter {
 public:
  explicit AxisWriter(AxisPart& part) : part_(part) {}

  // Every axis of this kernel, stride and dilation whose output and rest are as given: first the padding is chosen and
  // the image follows, then the image and one padding, and the other follows.
  void write(SpatialAxis axis, int64_t out, int64_t rest) {
    axis.out = out;
    const int64_t padded = (out - 1) * axis.stride + dilated(axis) + rest;
    for (const int64_t before : paddings(axis.kernel)) {
      for (const int64_t after : paddings(axis.kernel)) add(axis, padded - before - after, before, after);
      for (const int64_t size : {1, 2, 3, 7, 8, 9}) {
        const int64_t other = padded - size - before;
        add(axis, size, before, other);
        add(axis, size, other, before);
      }
    }
  }

 private:
  void add(SpatialAxis axis, int64_t size, int64_t before, int64_t after) {
    if (size < 1 || before < 0 || after < 0) return;
    axis.size = size;
    axis.before = before;
    axis.after = after;
    part_.add(classes_of(axis), axis);
  }

  AxisPart& part_;
};

void write_axes(AxisPart& part, bool plain_3x3) {
  AxisWriter writer(part);
  // Where strides and dilations give no choice, more of them are needed.
  std::vector<int64_t> outputs = {1, 2, 3, 5, 8, 9, 11};
  if (plain_3x3) outputs.insert(outputs.end(), {4, 6, 7, 10, 12, 13, 14, 16, 17, 22, 24, 31});
  for (const int64_t kernel : {1, 2, 3, 4, 5, 7, 8, 9}) {
    for (const int64_t stride : {int64_t{1}, int64_t{2}, int64_t{3}, int64_t{5}, int64_t{9}, kernel + 1}) {
      for (const int64_t dilation : {1, 2, 3, 5}) {
        if (plain_3x3 && (kernel != 3 || stride != 1 || dilation != 1)) continue;
        for (const int64_t out : outputs) {
          for (const int64_t rest : {int64_t{0}, int64_t{1}, stride - 1}) {
            if (rest >= stride) continue;
            SpatialAxis axis;
            axis.kernel = kernel;
            axis.stride = stride;
            axis.dilation = dilation;
            writer.write(axis, out, rest);
          }
        }
      }
    }
  }
}

void write_channels(ChannelPart& part) {
  constexpr int64_t kMostGroups = 17;    // every residue modulo 16, and 1
  constexpr int64_t kMostPerGroup = 25;  // every residue of numbers above 9
  for (int64_t groups = 1; groups <= kMostGroups; ++groups) {
    for (int64_t in = 1; in <= kMostPerGroup; ++in) {
      for (int64_t out = 1; out <= kMostPerGroup; ++out) {
        const Channels channels = {groups, in, out};
        part.add(classes_of(channels), channels);
      }
    }
  }
}

}  // namespace

AxisPart::Ids classes_of(const SpatialAxis& axis) {
  constexpr size_t kLastKernel = 4;  // all above 7 are one class here
  const int64_t rest = axis.size + axis.before + axis.after - dilated(axis) - (axis.out - 1) * axis.stride;
  const size_t image = classes::image(axis.size) - 1;  // an empty image is of no class here
  return numbered({std::min(classes::kernel(axis.kernel), kLastKernel), classes::step(axis.stride),
                   size_t{axis.stride > axis.kernel}, classes::step(axis.dilation),
                   classes::padding(axis.before, axis.kernel), classes::padding(axis.after, axis.kernel),
                   size_t{axis.before != axis.after}, image, classes::output(axis.out), size_t{rest != 0}},
                  kAxisClasses);
}

ChannelPart::Ids classes_of(const Channels& c) {
  const int64_t in_channels = c.groups * c.in_per_group;
  return numbered(
      {classes::groups(c.groups, in_channels), classes::per_group(c.in_per_group), classes::per_group(c.out_per_group),
       classes::residue(in_channels), classes::residue(c.groups * c.out_per_group)},
      kChannelClasses);
}

World build_world(bool plain_3x3) {
  World world;
  write_axes(world.axes, plain_3x3);
  write_channels(world.channels);
  return world;
}

namespace {

// Up to three classes of one part; where there are fewer, one is named again.
struct Meeting {
  std::array<size_t, 3> ids{};
  size_t count = 0;

  void add(size_t id) { ids[count++] = id; }
  [[nodiscard]] size_t at(size_t i) const { return ids[i < count ? i : 0]; }
};

template <class AnyPart>
bool can_meet(const AnyPart& part, const Meeting& meeting) {
  return meeting.count == 0 || part.can_meet(meeting.at(0), meeting.at(1), meeting.at(2));
}

}  // namespace

bool World::can_meet(size_t a, size_t b, size_t c) const {
  Meeting height, width, of_channels;
  const bool is_alike = a == kAlike || b == kAlike || c == kAlike;
  for (const size_t id : {a, b, c}) {
    if (id < kWidth) {
      height.add(id - kHeight);
    } else if (id < kChannels) {
      (is_alike ? height : width).add(id - kWidth);
    } else if (id < kBatch) {
      of_channels.add(id - kChannels);
    }
  }
  // Batch, bias and memory go with everything, and so do different axes: every class has more than one axis.
  return covering::can_meet(axes, height) && covering::can_meet(axes, width) &&
         covering::can_meet(channels, of_channels);
}

}  // namespace convcheck::covering
