// The taps of the kernel: flipped, dropped, alone.
#include <algorithm>
#include <array>

#include "properties/theories/theories.h"

namespace convcheck::themes {
namespace {

bool is_last(const Geometry& g, const Tap& tap) {
  return tap.kh == g.height.kernel - 1 && tap.kw == g.width.kernel - 1;
}

void flip(const Axis& axis, int64_t& tap) {
  tap = axis.kernel - 1 - tap;
}

constexpr std::array kTaps = {
    Theory{"kernel_flipped",
           "the kernel were flipped: convolution, not cross-correlation",
           {.tap =
                [](const Geometry& g, const Place& /*at*/, Tap& tap) {
                  flip(g.height, tap.kh);
                  flip(g.width, tap.kw);
                }}},
    Theory{"kernel_flipped_h",
           "the kernel were upside down",
           {.tap = [](const Geometry& g, const Place& /*at*/, Tap& tap) { flip(g.height, tap.kh); }}},
    Theory{"kernel_flipped_w",
           "the kernel were mirrored left to right",
           {.tap = [](const Geometry& g, const Place& /*at*/, Tap& tap) { flip(g.width, tap.kw); }}},
    Theory{"last_kernel_row_dropped",
           "the kernel's last row were not there",
           {.parameters = [](Geometry& g) { --g.height.kernel; }}},
    Theory{"last_kernel_row_of_several_dropped",
           "the last row of a kernel of several rows were not there",
           {.parameters = [](Geometry& g) { g.height.kernel -= g.height.kernel > 1 ? 1 : 0; }}},
    Theory{"last_kernel_column_dropped",
           "the kernel's last column were not there",
           {.parameters = [](Geometry& g) { --g.width.kernel; }}},
    Theory{"last_kernel_column_of_several_dropped",
           "the last column of a kernel of several columns were not there",
           {.parameters = [](Geometry& g) { g.width.kernel -= g.width.kernel > 1 ? 1 : 0; }}},
    Theory{"first_kernel_row_dropped",
           "the kernel's first row were not there",
           {.tap = [](const Geometry& /*g*/, const Place& /*at*/, Tap& tap) { tap.is_left_out = tap.kh == 0; }}},
    Theory{"first_kernel_column_dropped",
           "the kernel's first column were not there",
           {.tap = [](const Geometry& /*g*/, const Place& /*at*/, Tap& tap) { tap.is_left_out = tap.kw == 0; }}},
    Theory{"last_tap_dropped",
           "the kernel's last tap were not there",
           {.tap = [](const Geometry& g, const Place& /*at*/, Tap& tap) { tap.is_left_out = is_last(g, tap); }}},
    Theory{"last_tap_of_several_dropped",
           "the last tap of a kernel of several taps were not there",
           {.tap = [](const Geometry& g, const Place& /*at*/,
                      Tap& tap) { tap.is_left_out = is_last(g, tap) && tap.kh + tap.kw > 0; }}},
    Theory{"last_tap_of_window_dropped",
           "the last tap of the last input channel of each window were not there",
           {.tap = [](const Geometry& g, const Place& /*at*/,
                      Tap& tap) { tap.is_left_out = is_last(g, tap) && tap.c == g.in_channels_per_group - 1; }}},
    Theory{"first_tap_dropped",
           "the kernel's first tap were not there",
           {.tap = [](const Geometry& /*g*/, const Place& /*at*/,
                      Tap& tap) { tap.is_left_out = tap.kh == 0 && tap.kw == 0; }}},
    Theory{"first_tap_of_window_dropped",
           "the first tap of the first input channel of each window were not there",
           {.tap = [](const Geometry& /*g*/, const Place& /*at*/,
                      Tap& tap) { tap.is_left_out = tap.c == 0 && tap.kh == 0 && tap.kw == 0; }}},
    Theory{"first_tap_alone",
           "the kernel had its first tap alone",
           {.parameters = [](Geometry& g) { g.height.kernel = g.width.kernel = 1; }}},
    Theory{"centre_tap_alone",
           "the kernel had its centre alone",
           {.tap = [](const Geometry& g, const Place& /*at*/,
                      Tap& tap) { tap.is_left_out = tap.kh != g.height.kernel / 2 || tap.kw != g.width.kernel / 2; }}},
    Theory{"kernel_rows_at_most_image",
           "a kernel with more rows than the image had as many rows as the image",
           {.parameters = [](Geometry& g) { g.height.kernel = std::min(g.height.kernel, g.height.in); }}},
    Theory{"first_weight_for_all_taps",
           "all taps of a kernel had the weight of the first",
           {.tap = [](const Geometry& /*g*/, const Place& /*at*/, Tap& tap) { tap.kh = tap.kw = 0; }}},
};

}  // namespace

std::span<const Theory> taps() {
  return kTaps;
}

}  // namespace convcheck::themes
