// Padding: its sides, its amount, and what it holds.
#include <algorithm>
#include <array>

#include "properties/theories/theories.h"

namespace convcheck::themes {
namespace {

void swap_sides(Axis& axis) {
  std::swap(axis.pad_before, axis.pad_after);
}

void centre(Axis& axis) {
  axis.pad_before = (axis.pad_before + axis.pad_after) / 2;
}

void make_same(Axis& axis) {
  axis.pad_before = axis.dilation * (axis.kernel - 1) / 2;
}

// True where the last tap of a window, the input starting after `before` places, lies beyond the input.
bool reaches_beyond(const Axis& axis, int64_t out, int64_t before) {
  return out * axis.stride + axis.dilation * (axis.kernel - 1) - before >= axis.in;
}

// True where a tap of the window lies on the input.
bool meets_image(const Axis& axis, int64_t out) {
  for (int64_t tap = 0; tap < axis.kernel; ++tap) {
    const int64_t position = out * axis.stride + tap * axis.dilation - axis.pad_before;
    if (position >= 0 && position < axis.in) return true;
  }
  return false;
}

// The position in a pattern of `period` that goes on forever.
int64_t in_period(int64_t position, int64_t period) {
  return (position % period + period) % period;
}

Written unless(bool lost, Written otherwise) {
  return lost ? otherwise : Written::value;
}

bool needs_far_padding(const Geometry& g, const Place& at) {
  return reaches_beyond(g.height, at.oh, g.height.pad_before) || reaches_beyond(g.width, at.ow, g.width.pad_before);
}

constexpr std::array kPadding = {
    Theory{"padding_sides_swapped",
           "the paddings before and after were swapped on both axes",
           {.parameters =
                [](Geometry& g) {
                  swap_sides(g.height);
                  swap_sides(g.width);
                }}},
    Theory{"top_and_bottom_padding_swapped",
           "the paddings at the top and at the bottom were swapped",
           {.parameters = [](Geometry& g) { swap_sides(g.height); }}},
    Theory{"left_and_right_padding_swapped",
           "the paddings at the left and at the right were swapped",
           {.parameters = [](Geometry& g) { swap_sides(g.width); }}},
    Theory{"padding_ignored",
           "there were no padding at the top and at the left",
           {.parameters = [](Geometry& g) { g.height.pad_before = g.width.pad_before = 0; }}},
    Theory{"top_padding_ignored",
           "there were no padding at the top",
           {.parameters = [](Geometry& g) { g.height.pad_before = 0; }}},
    Theory{"left_padding_ignored",
           "there were no padding at the left",
           {.parameters = [](Geometry& g) { g.width.pad_before = 0; }}},
    Theory{"padding_ignored_and_size",
           "there were no padding at all: what it adds to the output is not written",
           {.parameters = [](Geometry& g) { g.height.pad_before = g.width.pad_before = 0; },
            .written =
                [](const Scene& s, const Place& at) {
                  return unless(reaches_beyond(s.g.height, at.oh, 0) || reaches_beyond(s.g.width, at.ow, 0),
                                Written::nothing);
                }}},
    Theory{"far_padding_ignored",
           "there were no padding at the bottom and at the right: outputs that need it are not written",
           {.written = [](const Scene& s,
                          const Place& at) { return unless(needs_far_padding(s.g, at), Written::nothing); }}},
    Theory{
        "far_padding_gives_zero",
        "outputs that need padding at the bottom or at the right were zero",
        {.written = [](const Scene& s, const Place& at) { return unless(needs_far_padding(s.g, at), Written::zero); }}},
    Theory{"bottom_padding_ignored",
           "there were no padding at the bottom: rows that need it are not written",
           {.written =
                [](const Scene& s, const Place& at) {
                  return unless(reaches_beyond(s.g.height, at.oh, s.g.height.pad_before), Written::nothing);
                }}},
    Theory{"right_padding_ignored",
           "there were no padding at the right: columns that need it are not written",
           {.written =
                [](const Scene& s, const Place& at) {
                  return unless(reaches_beyond(s.g.width, at.ow, s.g.width.pad_before), Written::nothing);
                }}},
    Theory{"padding_halved",
           "the padding at the top and at the left were half of what it is",
           {.parameters =
                [](Geometry& g) {
                  g.height.pad_before /= 2;
                  g.width.pad_before /= 2;
                }}},
    Theory{"padding_doubled",
           "the padding at the top and at the left were twice what it is",
           {.parameters =
                [](Geometry& g) {
                  g.height.pad_before *= 2;
                  g.width.pad_before *= 2;
                }}},
    Theory{"padding_one_more",
           "the padding at the top and at the left, where there is any, were one more than it is",
           {.parameters =
                [](Geometry& g) {
                  if (g.height.pad_before > 0) ++g.height.pad_before;
                  if (g.width.pad_before > 0) ++g.width.pad_before;
                }}},
    Theory{"padding_one_less",
           "the padding at the top and at the left, where there is any, were one less than it is",
           {.parameters =
                [](Geometry& g) {
                  if (g.height.pad_before > 0) --g.height.pad_before;
                  if (g.width.pad_before > 0) --g.width.pad_before;
                }}},
    Theory{"padding_shared_evenly",
           "the padding of an axis were shared evenly between its two sides",
           {.parameters =
                [](Geometry& g) {
                  centre(g.height);
                  centre(g.width);
                }}},
    Theory{"padding_all_before",
           "all padding of an axis were in front",
           {.parameters =
                [](Geometry& g) {
                  g.height.pad_before += g.height.pad_after;
                  g.width.pad_before += g.width.pad_after;
                }}},
    Theory{"padding_always_same",
           "the padding were half of the dilated kernel, whatever it is",
           {.parameters =
                [](Geometry& g) {
                  make_same(g.height);
                  make_same(g.width);
                }}},
    Theory{"padding_below_kernel",
           "padding of a kernel's extent or more were that extent less one",
           {.parameters =
                [](Geometry& g) {
                  g.height.pad_before = std::min(g.height.pad_before, g.height.kernel - 1);
                  g.width.pad_before = std::min(g.width.pad_before, g.width.kernel - 1);
                }}},
    Theory{"padding_of_larger_side",
           "both sides of an axis had the padding of the larger one",
           {.parameters =
                [](Geometry& g) {
                  g.height.pad_before = std::max(g.height.pad_before, g.height.pad_after);
                  g.width.pad_before = std::max(g.width.pad_before, g.width.pad_after);
                }}},
    Theory{"windows_in_padding_unwritten",
           "outputs whose window lies on padding alone were not written",
           {.written =
                [](const Scene& s, const Place& at) {
                  return unless(!meets_image(s.g.height, at.oh) || !meets_image(s.g.width, at.ow), Written::nothing);
                }}},
    Theory{"bottom_padding_replicates",
           "padding at the bottom repeated the image's last row instead of being zero",
           {.tap =
                [](const Geometry& g, const Place& /*at*/, Tap& tap) {
                  if (g.height.in > 0) tap.ih = std::min(tap.ih, g.height.in - 1);
                }}},
    Theory{"right_padding_replicates",
           "padding at the right repeated the image's last column instead of being zero",
           {.tap =
                [](const Geometry& g, const Place& /*at*/, Tap& tap) {
                  if (g.width.in > 0) tap.iw = std::min(tap.iw, g.width.in - 1);
                }}},
    Theory{"padding_replicates",
           "padding repeated the image's border instead of being zero",
           {.beyond = [](int64_t position, int64_t size) { return position < 0 ? 0 : size - 1; }}},
    Theory{"padding_reflects",
           "padding mirrored the image without its border, instead of being zero",
           {.beyond =
                [](int64_t position, int64_t size) {
                  const int64_t period = std::max<int64_t>(2 * (size - 1), 1);
                  const int64_t place = in_period(position, period);
                  return place < size ? place : period - place;
                }}},
    Theory{"padding_mirrors",
           "padding mirrored the image with its border, instead of being zero",
           {.beyond =
                [](int64_t position, int64_t size) {
                  const int64_t place = in_period(position, 2 * size);
                  return place < size ? place : 2 * size - 1 - place;
                }}},
    Theory{"padding_circular",
           "the image went round: padding held its other end instead of being zero",
           {.beyond = [](int64_t position, int64_t size) { return in_period(position, size); }}},
    Theory{"rows_run_on",
           "rows ran on into each other: taps left and right of the image read its memory",
           {.tap = [](const Geometry& /*g*/, const Place& /*at*/, Tap& tap) { tap.columns_unchecked = true; }}},
    Theory{"right_edge_unchecked",
           "taps right of the image read what follows its row in memory",
           {.tap = [](const Geometry& g, const Place& /*at*/,
                      Tap& tap) { tap.columns_unchecked = tap.iw >= g.width.in; }}},
    Theory{"left_edge_unchecked",
           "taps left of the image read what lies before its row in memory",
           {.tap = [](const Geometry& /*g*/, const Place& /*at*/, Tap& tap) { tap.columns_unchecked = tap.iw < 0; }}},
    Theory{
        "bottom_edge_unchecked",
        "taps below the image read what follows it in memory",
        {.tap = [](const Geometry& g, const Place& /*at*/, Tap& tap) { tap.rows_unchecked = tap.ih >= g.height.in; }}},
    Theory{"top_edge_unchecked",
           "taps above the image read what lies before it in memory",
           {.tap = [](const Geometry& /*g*/, const Place& /*at*/, Tap& tap) { tap.rows_unchecked = tap.ih < 0; }}},
};

}  // namespace

std::span<const Theory> padding() {
  return kPadding;
}

}  // namespace convcheck::themes
