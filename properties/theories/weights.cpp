// The order in memory of weights, and which filter and input channel meet.
#include <array>

#include "properties/theories/theories.h"

namespace convcheck::themes {
namespace {

// The extents of the weight's axes in the order K, C / G, KH, KW.
struct Extents {
  int64_t filters, channels, rows, columns;
};

Extents extents(const Scene& s) {
  return {s.g.out_channels(), s.g.in_channels_per_group, s.g.height.kernel, s.g.width.kernel};
}

// Another order of a dense weight's memory; of a strided view nothing is said.
int64_t of_dense(const Scene& s, int64_t offset) {
  return is_dense(s.weight.shape, s.weight.stride) ? offset : -1;
}

constexpr std::array kWeights = {
    Theory{"weight_read_as_input_by_output",
           "the weight were stored as in_channels / groups x out_channels",
           {.weight_offset =
                [](const Scene& s, const Tap& t) {
                  const Extents e = extents(s);
                  return of_dense(s, ((t.c * e.filters + t.filter) * e.rows + t.kh) * e.columns + t.kw);
                }}},
    Theory{"weight_of_group_read_as_input_by_output",
           "each group's weight were stored as in_channels / groups x out_channels / groups",
           {.weight_offset =
                [](const Scene& s, const Tap& t) {
                  const Extents e = extents(s);
                  const int64_t per_group = s.g.out_channels_per_group;
                  const int64_t plane = (group_of(s.g, t.filter) * e.channels + t.c) * per_group + t.filter % per_group;
                  return of_dense(s, (plane * e.rows + t.kh) * e.columns + t.kw);
                }}},
    Theory{"weight_read_channels_last",
           "the weight were stored with its channels last: out_channels x height x width x in_channels / groups",
           {.weight_offset =
                [](const Scene& s, const Tap& t) {
                  const Extents e = extents(s);
                  return of_dense(s, ((t.filter * e.rows + t.kh) * e.columns + t.kw) * e.channels + t.c);
                }}},
    Theory{"weight_read_height_first",
           "the weight were stored as height x width x in_channels / groups x out_channels",
           {.weight_offset =
                [](const Scene& s, const Tap& t) {
                  const Extents e = extents(s);
                  return of_dense(s, ((t.kh * e.columns + t.kw) * e.channels + t.c) * e.filters + t.filter);
                }}},
    Theory{"next_filter_used",
           "output channel k used filter k + 1, the last the first",
           {.tap = [](const Geometry& g, const Place& at, Tap& t) { t.filter = (at.k + 1) % g.out_channels(); }}},
    Theory{"previous_filter_used",
           "output channel k used filter k - 1, the first the last",
           {.tap = [](const Geometry& g, const Place& at,
                      Tap& t) { t.filter = (at.k + g.out_channels() - 1) % g.out_channels(); }}},
    Theory{"first_filter_for_all",
           "all output channels used the first filter",
           {.tap = [](const Geometry& /*g*/, const Place& /*at*/, Tap& t) { t.filter = 0; }}},
    Theory{"last_input_channel_dropped",
           "the last input channel of each group were not there",
           {.parameters = [](Geometry& g) { --g.in_channels_per_group; }}},
    Theory{"last_input_channel_of_several_dropped",
           "the last input channel of a group of several were not there",
           {.parameters = [](Geometry& g) { g.in_channels_per_group -= g.in_channels_per_group > 1 ? 1 : 0; }}},
    Theory{"first_input_channel_dropped",
           "the first input channel of each group were not there",
           {.tap = [](const Geometry& /*g*/, const Place& /*at*/, Tap& t) { t.is_left_out = t.c == 0; }}},
    Theory{"first_input_channel_alone",
           "each group had its first input channel alone",
           {.parameters = [](Geometry& g) { g.in_channels_per_group = 1; }}},
    Theory{"odd_input_channel_dropped",
           "the last input channel of a group with an odd number of them were not there",
           {.parameters = [](Geometry& g) { g.in_channels_per_group -= g.in_channels_per_group % 2; }}},
    Theory{"first_input_channel_for_all",
           "all kernel planes of a filter read the group's first input channel",
           {.tap = [](const Geometry& /*g*/, const Place& /*at*/, Tap& t) { t.channel -= t.c; }}},
    Theory{"first_kernel_plane_for_all",
           "all input channels of a group met the first kernel plane of the filter",
           {.tap = [](const Geometry& /*g*/, const Place& /*at*/, Tap& t) { t.c = 0; }}},
    Theory{"input_channels_reversed",
           "the input channels of a group were in reverse order",
           {.tap = [](const Geometry& g, const Place& /*at*/,
                      Tap& t) { t.channel += g.in_channels_per_group - 1 - 2 * t.c; }}},
};

}  // namespace

std::span<const Theory> weights() {
  return kWeights;
}

}  // namespace convcheck::themes
