// Parameters of one axis used for the other, and parameters taken for each other.
#include <array>
#include <utility>

#include "properties/theories/theories.h"

namespace convcheck::themes {
namespace {

// Element number `flat` of a kernel's plane.
void set_kernel_element(const Geometry& g, int64_t flat, Tap& tap) {
  tap.kh = flat / g.width.kernel;
  tap.kw = flat % g.width.kernel;
}

void swap_stride_and_dilation(Axis& axis) {
  std::swap(axis.stride, axis.dilation);
}

constexpr std::array kAxes = {
    Theory{"stride_h_for_both",
           "the stride along the height were used for both axes",
           {.parameters = [](Geometry& g) { g.width.stride = g.height.stride; }}},
    Theory{"stride_w_for_both",
           "the stride along the width were used for both axes",
           {.parameters = [](Geometry& g) { g.height.stride = g.width.stride; }}},
    Theory{"strides_swapped",
           "the strides of height and width were swapped",
           {.parameters = [](Geometry& g) { std::swap(g.height.stride, g.width.stride); }}},
    Theory{"dilation_h_for_both",
           "dilation_h were used for both axes",
           {.parameters = [](Geometry& g) { g.width.dilation = g.height.dilation; }}},
    Theory{"dilation_w_for_both",
           "dilation_w were used for both axes",
           {.parameters = [](Geometry& g) { g.height.dilation = g.width.dilation; }}},
    Theory{"dilations_swapped",
           "the dilations of height and width were swapped",
           {.parameters = [](Geometry& g) { std::swap(g.height.dilation, g.width.dilation); }}},
    Theory{"stride_and_dilation_swapped",
           "stride and dilation were swapped",
           {.parameters =
                [](Geometry& g) {
                  swap_stride_and_dilation(g.height);
                  swap_stride_and_dilation(g.width);
                }}},
    Theory{"stride_for_dilation",
           "the stride were used for the dilation too",
           {.parameters =
                [](Geometry& g) {
                  g.height.dilation = g.height.stride;
                  g.width.dilation = g.width.stride;
                }}},
    Theory{"dilation_for_stride",
           "the dilation were used for the stride too",
           {.parameters =
                [](Geometry& g) {
                  g.height.stride = g.height.dilation;
                  g.width.stride = g.width.dilation;
                }}},
    Theory{"top_padding_for_left",
           "the padding at the top were also that at the left",
           {.parameters = [](Geometry& g) { g.width.pad_before = g.height.pad_before; }}},
    Theory{"left_padding_for_top",
           "the padding at the left were also that at the top",
           {.parameters = [](Geometry& g) { g.height.pad_before = g.width.pad_before; }}},
    Theory{"top_and_left_padding_swapped",
           "the paddings at the top and at the left were swapped",
           {.parameters = [](Geometry& g) { std::swap(g.height.pad_before, g.width.pad_before); }}},
    Theory{"bottom_padding_for_left",
           "the padding were in the order top, left, bottom, right: the bottom's is used for the left",
           {.parameters = [](Geometry& g) { g.width.pad_before = g.height.pad_after; }}},
    Theory{"kernel_transposed",
           "each kernel plane were stored by columns: width by height, transposed",
           {.tap = [](const Geometry& g, const Place& /*at*/,
                      Tap& tap) { set_kernel_element(g, tap.kw * g.height.kernel + tap.kh, tap); }}},
    Theory{"kernel_extents_swapped",
           "the kernel's height were its width, and the other way round",
           {.parameters = [](Geometry& g) { std::swap(g.height.kernel, g.width.kernel); },
            .tap = [](const Geometry& g, const Place& /*at*/,
                      Tap& tap) { set_kernel_element(g, tap.kh * g.height.kernel + tap.kw, tap); }}},
    Theory{"image_transposed",
           "each input plane were stored by columns: width by height, transposed",
           {.input_offset =
                [](const Scene& s, const Tap& tap) {
                  const int64_t flat = tap.iw * s.g.height.in + tap.ih;
                  const Shape& stride = s.input.stride;
                  return tap.n * stride[0] + tap.channel * stride[1] + flat / s.g.width.in * stride[2] +
                         flat % s.g.width.in * stride[3];
                }}},
};

}  // namespace

std::span<const Theory> axes() {
  return kAxes;
}

}  // namespace convcheck::themes
