// What theories may be true of alone: the problems for which kernels have paths of their own.
#include <algorithm>
#include <array>

#include "properties/theories/theories.h"

namespace convcheck::themes {
namespace {

bool steps_by_one(const Axis& axis) {
  return axis.stride == 1 && axis.dilation == 1;
}

constexpr std::array kConditions = {
    Condition{"with_groups", "where there are several groups", [](const Geometry& g) { return g.groups > 1; }},
    Condition{"when_depthwise", "where the convolution is depthwise",
              [](const Geometry& g) { return g.groups > 1 && g.in_channels_per_group == 1; }},
    Condition{"when_pointwise", "where the kernel is 1x1",
              [](const Geometry& g) { return g.height.kernel == 1 && g.width.kernel == 1; }},
    Condition{"with_stride", "where a stride is above 1",
              [](const Geometry& g) { return std::max(g.height.stride, g.width.stride) > 1; }},
    Condition{"with_dilation", "where a dilation is above 1",
              [](const Geometry& g) { return std::max(g.height.dilation, g.width.dilation) > 1; }},
    Condition{"when_plain_3x3", "where the kernel is 3x3 and stride and dilation are 1",
              [](const Geometry& g) {
                return g.height.kernel == 3 && g.width.kernel == 3 && steps_by_one(g.height) && steps_by_one(g.width);
              }},
};

}  // namespace

std::span<const Condition> conditions() {
  return kConditions;
}

}  // namespace convcheck::themes
