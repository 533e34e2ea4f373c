// What becomes of a result: where it is stored, whether it is, and what is done to it first.
#include <algorithm>
#include <array>
#include <cmath>

#include "properties/theories/theories.h"
#include "reference/bound.h"

namespace convcheck::themes {
namespace {

constexpr Written unless(bool lost, Written otherwise) {
  return lost ? otherwise : Written::value;
}

bool is_last(int64_t index, int64_t extent) {
  return index == extent - 1;
}

bool is_last_of_several(int64_t index, int64_t extent) {
  return extent > 1 && index == extent - 1;
}

void divide(Result& result, int64_t by) {
  if (by == 1) return;
  const auto divisor = static_cast<double>(by);
  result.value /= divisor;
  // The division rounds once, or a multiplication by the rounded inverse twice.
  result.slack = result.slack / divisor + 2 * kUnitRoundoff * std::abs(result.value);
}

constexpr std::array kOutput = {
    Theory{"last_column_unwritten",
           "the output's last column were not written",
           {.written = [](const Scene& s,
                          const Place& at) { return unless(is_last(at.ow, s.g.width.out), Written::nothing); }}},
    Theory{"last_column_of_several_unwritten",
           "the last column of an output of several were not written",
           {.written =
                [](const Scene& s, const Place& at) {
                  return unless(is_last_of_several(at.ow, s.g.width.out), Written::nothing);
                }}},
    Theory{
        "last_column_of_several_zero",
        "the last column of an output of several were zero",
        {.written = [](const Scene& s,
                       const Place& at) { return unless(is_last_of_several(at.ow, s.g.width.out), Written::zero); }}},
    Theory{"last_row_unwritten",
           "the output's last row were not written",
           {.written = [](const Scene& s,
                          const Place& at) { return unless(is_last(at.oh, s.g.height.out), Written::nothing); }}},
    Theory{"last_row_of_several_unwritten",
           "the last row of an output of several were not written",
           {.written =
                [](const Scene& s, const Place& at) {
                  return unless(is_last_of_several(at.oh, s.g.height.out), Written::nothing);
                }}},
    Theory{
        "last_row_of_several_zero",
        "the last row of an output of several were zero",
        {.written = [](const Scene& s,
                       const Place& at) { return unless(is_last_of_several(at.oh, s.g.height.out), Written::zero); }}},
    Theory{"last_output_channel_unwritten",
           "the last output channel were not written",
           {.written = [](const Scene& s,
                          const Place& at) { return unless(is_last(at.k, s.g.out_channels()), Written::nothing); }}},
    Theory{"last_output_channel_of_several_unwritten",
           "the last output channel of several were not written",
           {.written =
                [](const Scene& s, const Place& at) {
                  return unless(is_last_of_several(at.k, s.g.out_channels()), Written::nothing);
                }}},
    Theory{"last_output_channel_of_several_zero",
           "the last output channel of several were zero",
           {.written =
                [](const Scene& s, const Place& at) {
                  return unless(is_last_of_several(at.k, s.g.out_channels()), Written::zero);
                }}},
    Theory{"last_of_group_unwritten",
           "the last output channel of a group of several were not written, where there are several groups",
           {.written =
                [](const Scene& s, const Place& at) {
                  const int64_t per_group = s.g.out_channels_per_group;
                  return unless(s.g.groups > 1 && is_last_of_several(at.k % per_group, per_group), Written::nothing);
                }}},
    Theory{"nothing_written",
           "it wrote nothing",
           {.written = [](const Scene& /*s*/, const Place& /*at*/) { return Written::nothing; }}},
    Theory{"all_zero",
           "every output were zero",
           {.written = [](const Scene& /*s*/, const Place& /*at*/) { return Written::zero; }}},
    Theory{"output_planes_transposed",
           "each output plane were stored by columns: width by height, transposed",
           {.source =
                [](const Geometry& g, Place& at) {
                  const int64_t flat = at.oh * g.width.out + at.ow;
                  at.oh = flat % g.height.out;
                  at.ow = flat / g.height.out;
                }}},
    Theory{"output_channels_reversed",
           "the output channels were stored in reverse order",
           {.source = [](const Geometry& g, Place& at) { at.k = g.out_channels() - 1 - at.k; }}},
    Theory{"output_rows_reversed",
           "the output's rows were stored in reverse order",
           {.source = [](const Geometry& g, Place& at) { at.oh = g.height.out - 1 - at.oh; }}},
    Theory{"output_columns_reversed",
           "the output's columns were stored in reverse order",
           {.source = [](const Geometry& g, Place& at) { at.ow = g.width.out - 1 - at.ow; }}},
    Theory{"first_output_for_plane",
           "every output of a plane were the first",
           {.source = [](const Geometry& /*g*/, Place& at) { at.oh = at.ow = 0; }}},
    Theory{"added_to_output", "results were added to what the output held before", Model{.adds_to_output = true}},
    Theory{"negative_outputs_zero",
           "a ReLU followed: negative results are zero",
           {.result = [](const Geometry& /*g*/, Result& o) { o.value = o.value < 0 ? 0 : o.value; }}},
    Theory{"outputs_clipped_to_6",
           "a ReLU6 followed: results are clipped to 0 and 6",
           {.result = [](const Geometry& /*g*/,
                         Result& o) { o.value = std::isnan(o.value) ? o.value : std::clamp(o.value, 0.0, 6.0); }}},
    Theory{"outputs_negated",
           "results were negated",
           {.result = [](const Geometry& /*g*/, Result& o) { o.value = -o.value; }}},
    Theory{"outputs_absolute",
           "results lost their sign",
           {.result = [](const Geometry& /*g*/, Result& o) { o.value = std::abs(o.value); }}},
    Theory{"outputs_doubled",
           "results were added up twice: all are doubled",
           {.result =
                [](const Geometry& /*g*/, Result& o) {
                  o.value *= 2;
                  o.slack *= 2;
                }}},
    Theory{"outputs_averaged_over_taps",
           "results were divided by the number of taps of a kernel plane",
           {.result = [](const Geometry& g, Result& o) { divide(o, g.height.kernel * g.width.kernel); }}},
    Theory{"outputs_averaged_over_channels",
           "results were divided by the number of input channels of a group",
           {.result = [](const Geometry& g, Result& o) { divide(o, g.in_channels_per_group); }}},
    Theory{"outputs_averaged_over_window",
           "results were divided by the number of products of a window",
           {.result = [](const Geometry& g,
                         Result& o) { divide(o, g.in_channels_per_group * g.height.kernel * g.width.kernel); }}},
};

}  // namespace

std::span<const Theory> output() {
  return kOutput;
}

}  // namespace convcheck::themes
