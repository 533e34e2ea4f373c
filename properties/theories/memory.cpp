// Strides and layouts: tensors read or written as if they were stored otherwise.
#include <array>

#include "properties/theories/theories.h"

namespace convcheck::themes {
namespace {

// A kernel that reads a tensor without looking at its strides would leave an expanded one: nothing is said of those.
bool is_expanded(const View<const float>& view) {
  for (int axis = 0; axis < view.shape.rank(); ++axis) {
    if (view.shape[axis] > 1 && view.stride[axis] == 0) return true;
  }
  return false;
}

int64_t dense_input_offset(const Scene& s, const Tap& t) {
  if (is_expanded(s.input)) return -1;
  return ((t.n * s.g.in_channels() + t.channel) * s.g.height.in + t.ih) * s.g.width.in + t.iw;
}

int64_t dense_weight_offset(const Scene& s, const Tap& t) {
  if (is_expanded(s.weight)) return -1;
  return ((t.filter * s.g.in_channels_per_group + t.c) * s.g.height.kernel + t.kh) * s.g.width.kernel + t.kw;
}

int64_t channels_last_input_offset(const Scene& s, const Tap& t) {
  return ((t.n * s.g.height.in + t.ih) * s.g.width.in + t.iw) * s.g.in_channels() + t.channel;
}

// The step from image to image of a dense input, all else as it is.
int64_t gapless_image_offset(const Scene& s, const Tap& t) {
  const Shape& stride = s.input.stride;
  const int64_t image = s.g.in_channels() * s.g.height.in * s.g.width.in;
  return is_expanded(s.input) ? -1 : t.n * image + t.channel * stride[1] + t.ih * stride[2] + t.iw * stride[3];
}

int64_t offset_unless_channels_last(const Scene& s, const Tap& t) {
  const Shape& stride = s.input.stride;
  if (stride[1] == 1 && s.g.in_channels() > 1) return dense_input_offset(s, t);
  return t.n * stride[0] + t.channel * stride[1] + t.ih * stride[2] + t.iw * stride[3];
}

// Rows without a gap, planes and images where they are.
int64_t gapless_row_offset(const Scene& s, const Tap& t) {
  const Shape& stride = s.input.stride;
  return t.n * stride[0] + t.channel * stride[1] + (t.ih * s.g.width.in + t.iw) * stride[3];
}

// Images and planes without gaps, rows as they are.
int64_t gapless_plane_offset(const Scene& s, const Tap& t) {
  const Shape& stride = s.input.stride;
  const int64_t plane = s.g.height.in * stride[2];
  return (t.n * s.g.in_channels() + t.channel) * plane + t.ih * stride[2] + t.iw * stride[3];
}

// The element stored at this one's place if a dense output were written with its channels last.
void to_channels_last(const Geometry& g, Place& at) {
  int64_t flat = ((at.n * g.out_channels() + at.k) * g.height.out + at.oh) * g.width.out + at.ow;
  at.k = flat % g.out_channels();
  flat /= g.out_channels();
  at.ow = flat % g.width.out;
  flat /= g.width.out;
  at.oh = flat % g.height.out;
  at.n = flat / g.height.out;
}

// Of a view nothing is said.
Written where_dense(const Scene& s, const Place& /*at*/) {
  const bool dense = static_cast<int64_t>(s.element_at.size()) == s.g.output_elements() && s.element_at[0] == 0 &&
                     (s.element_at.size() < 2 || s.element_at[1] == 1);
  return dense ? Written::value : Written::unknown;
}

constexpr std::array kMemory = {
    Theory{"input_strides_ignored",
           "the input were dense: its strides are not looked at",
           {.input_offset = dense_input_offset}},
    Theory{"weight_strides_ignored",
           "the weight were dense: its strides are not looked at",
           {.weight_offset = dense_weight_offset}},
    Theory{"output_strides_ignored", "the output were dense: its strides are not looked at",
           Model{.ignores_output_strides = true}},
    Theory{"input_and_output_strides_ignored",
           "input and output were dense: their strides are not looked at",
           {.input_offset = dense_input_offset, .ignores_output_strides = true}},
    Theory{"all_strides_ignored",
           "all tensors were dense: their strides are not looked at",
           {.input_offset = dense_input_offset, .weight_offset = dense_weight_offset, .ignores_output_strides = true}},
    Theory{"input_image_stride_ignored",
           "the input's images had no gaps between them",
           {.input_offset = gapless_image_offset}},
    Theory{"channels_last_read_as_first",
           "an input with its channels last (NHWC) had them first",
           {.input_offset = offset_unless_channels_last}},
    Theory{
        "input_row_stride_ignored", "the input's rows had no gaps between them", {.input_offset = gapless_row_offset}},
    Theory{"input_plane_stride_ignored",
           "the input's planes and images had no gaps between them",
           {.input_offset = gapless_plane_offset}},
    Theory{"input_read_channels_last",
           "the input were stored with its channels last (NHWC), whatever its strides",
           {.input_offset = channels_last_input_offset}},
    Theory{"output_written_channels_last",
           "a dense output were to be written with its channels last (NHWC)",
           {.source = to_channels_last, .written = where_dense}},
};

}  // namespace

std::span<const Theory> memory() {
  return kMemory;
}

}  // namespace convcheck::themes
