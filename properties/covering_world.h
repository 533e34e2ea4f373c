// What a covering array chooses from: spatial axes and channel counts of every combination of classes, each as small as
// can be, and which three classes can meet in one problem.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "properties/classes.h"

namespace convcheck::covering {

struct SpatialAxis {
  int64_t size = 1, kernel = 1, stride = 1, dilation = 1, before = 0, after = 0, out = 1;

  [[nodiscard]] bool operator==(const SpatialAxis&) const = default;
};

struct Channels {
  int64_t groups, in_per_group, out_per_group;
};

/// A class of a parameter, numbered through all parameters.
using ClassId = uint8_t;

/// How many classes the parameters of one axis have, in their order: kernel, stride, stride above kernel, dilation,
/// padding before, padding after, sides different, image, output, rest.
inline constexpr std::array<size_t, 10> kAxisClasses = {5, 3, 2, 3, 4, 4, 2, 4, 5, 2};
/// Groups, C/groups, K/groups, C modulo 16, K modulo 16.
inline constexpr std::array<size_t, 5> kChannelClasses = {3, 3, 3, 6, 6};

template <size_t count>
[[nodiscard]] constexpr size_t total(const std::array<size_t, count>& classes) {
  size_t sum = 0;
  for (const size_t one : classes) sum += one;
  return sum;
}

/// The first class of each part of a problem.
inline constexpr size_t kHeight = 0;
inline constexpr size_t kWidth = kHeight + total(kAxisClasses);
inline constexpr size_t kChannels = kWidth + total(kAxisClasses);
inline constexpr size_t kBatch = kChannels + total(kChannelClasses);
inline constexpr size_t kBias = kBatch + 5;
inline constexpr size_t kMemory = kBias + 2;
inline constexpr size_t kAlike = kMemory + classes::kMemoryCount;
inline constexpr size_t kDifferent = kAlike + 1;
inline constexpr size_t kClassCount = kDifferent + 1;

/// How many parameters there are: a problem is of one class of each.
inline constexpr size_t kParameterCount = 2 * kAxisClasses.size() + kChannelClasses.size() + 4;

/// The ways to choose one part of a problem, those of the same classes together. Classes are numbered within the part.
template <class Choice, size_t kParameters>
class Part {
 public:
  using Ids = std::array<ClassId, kParameters>;

  struct Group {
    Ids ids;
    uint64_t mask;  ///< a bit for each class
    std::vector<Choice> choices;
  };

  [[nodiscard]] const std::vector<Group>& groups() const { return groups_; }

  /// Whether one choice is of all three classes; a class may be named twice.
  [[nodiscard]] bool can_meet(size_t a, size_t b, size_t c) const {
    return can_meet_[(a * kMostClasses + b) * kMostClasses + c];
  }

  void add(const Ids& ids, const Choice& choice) {
    const auto [at, is_new] = group_of_.try_emplace(ids, groups_.size());
    if (is_new) add_group(ids);
    groups_[at->second].choices.push_back(choice);
  }

 private:
  static constexpr size_t kMostClasses = 64;

  void add_group(const Ids& ids) {
    uint64_t mask = 0;
    for (const size_t id : ids) mask |= uint64_t{1} << id;
    groups_.push_back({ids, mask, {}});
    for (const size_t a : ids) {
      for (const size_t b : ids) {
        for (const size_t c : ids) can_meet_[(a * kMostClasses + b) * kMostClasses + c] = true;
      }
    }
  }

  std::vector<Group> groups_;
  std::map<Ids, size_t> group_of_;
  std::vector<bool> can_meet_ = std::vector<bool>(kMostClasses * kMostClasses * kMostClasses);
};

using AxisPart = Part<SpatialAxis, kAxisClasses.size()>;
using ChannelPart = Part<Channels, kChannelClasses.size()>;

/// The classes of one valid axis, numbered within the part.
[[nodiscard]] AxisPart::Ids classes_of(const SpatialAxis& axis);
[[nodiscard]] ChannelPart::Ids classes_of(const Channels& channels);

struct World {
  AxisPart axes;
  ChannelPart channels;

  /// Whether one problem can be of these three classes of different parameters, numbered through all, in rising order.
  [[nodiscard]] bool can_meet(size_t a, size_t b, size_t c) const;
};

/// All that can be chosen.
///
/// Channels are complete: what class they are of depends on groups, C/groups and K/groups modulo 16 and on whether
/// these are 1 or (C/groups and K/groups) above 9, and each such combination has its least numbers here. Axes are those
/// of few kernels, strides, dilations, paddings and outputs around the borders of the classes, with whatever image
/// gives that output, or whatever padding does for an image of few pixels. That no combination is missing among them is
/// tested.
/// Where `plain_3x3`, axes have a kernel of 3, stride and dilation 1 alone.
[[nodiscard]] World build_world(bool plain_3x3);

}  // namespace convcheck::covering
