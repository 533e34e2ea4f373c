// Stride and dilation: ignored, off by one, used twice, used where they do not belong.
#include <algorithm>
#include <array>

#include "properties/theories/theories.h"

namespace convcheck::themes {
namespace {

constexpr std::array kSteps = {
    Theory{"stride_ignored",
           "the stride were 1",
           {.parameters = [](Geometry& g) { g.height.stride = g.width.stride = 1; }}},
    Theory{"stride_h_ignored",
           "the stride along the height were 1",
           {.parameters = [](Geometry& g) { g.height.stride = 1; }}},
    Theory{"stride_w_ignored",
           "the stride along the width were 1",
           {.parameters = [](Geometry& g) { g.width.stride = 1; }}},
    Theory{"stride_squared",
           "the stride were applied twice",
           {.parameters =
                [](Geometry& g) {
                  g.height.stride *= g.height.stride;
                  g.width.stride *= g.width.stride;
                }}},
    Theory{"stride_at_most_2",
           "a stride above 2 were 2",
           {.parameters =
                [](Geometry& g) {
                  g.height.stride = std::min<int64_t>(g.height.stride, 2);
                  g.width.stride = std::min<int64_t>(g.width.stride, 2);
                }}},
    Theory{"stride_h_at_most_2",
           "a stride along the height above 2 were 2",
           {.parameters = [](Geometry& g) { g.height.stride = std::min<int64_t>(g.height.stride, 2); }}},
    Theory{"stride_at_most_kernel",
           "a stride above the kernel's extent were that extent",
           {.parameters =
                [](Geometry& g) {
                  g.height.stride = std::min(g.height.stride, g.height.kernel);
                  g.width.stride = std::min(g.width.stride, g.width.kernel);
                }}},
    Theory{"dilation_ignored",
           "the dilation were 1",
           {.parameters = [](Geometry& g) { g.height.dilation = g.width.dilation = 1; }}},
    Theory{"dilation_h_ignored",
           "the dilation along the height were 1",
           {.parameters = [](Geometry& g) { g.height.dilation = 1; }}},
    Theory{"dilation_w_ignored",
           "the dilation along the width were 1",
           {.parameters = [](Geometry& g) { g.width.dilation = 1; }}},
    Theory{"dilation_counts_holes",
           "the dilation were the number of holes between two taps, one more than it is",
           {.parameters =
                [](Geometry& g) {
                  ++g.height.dilation;
                  ++g.width.dilation;
                }}},
    Theory{"dilation_one_less",
           "the dilation were one less than it is, where it is above 1",
           {.parameters =
                [](Geometry& g) {
                  if (g.height.dilation > 1) --g.height.dilation;
                  if (g.width.dilation > 1) --g.width.dilation;
                }}},
    Theory{"dilation_squared",
           "the dilation were applied twice",
           {.parameters =
                [](Geometry& g) {
                  g.height.dilation *= g.height.dilation;
                  g.width.dilation *= g.width.dilation;
                }}},
    Theory{"dilation_at_most_2",
           "a dilation above 2 were 2",
           {.parameters =
                [](Geometry& g) {
                  if (g.height.dilation > 2) g.height.dilation = 2;
                  if (g.width.dilation > 2) g.width.dilation = 2;
                }}},
    Theory{"stride_multiplies_taps",
           "the taps of a kernel lay stride times dilation apart",
           {.parameters =
                [](Geometry& g) {
                  g.height.dilation *= g.height.stride;
                  g.width.dilation *= g.width.stride;
                }}},
    Theory{"stride_multiplies_padding",
           "the padding were multiplied by the stride",
           {.parameters =
                [](Geometry& g) {
                  g.height.pad_before *= g.height.stride;
                  g.width.pad_before *= g.width.stride;
                }}},
    Theory{"dilation_multiplies_padding",
           "the padding were multiplied by the dilation",
           {.parameters =
                [](Geometry& g) {
                  g.height.pad_before *= g.height.dilation;
                  g.width.pad_before *= g.width.dilation;
                }}},
};

}  // namespace

std::span<const Theory> steps() {
  return kSteps;
}

}  // namespace convcheck::themes
