// Groups: which input channels a group reads, which filters it uses, and where its outputs go.
#include <array>

#include "properties/theories/theories.h"

namespace convcheck::themes {
namespace {

void read_group(const Geometry& g, int64_t group, Tap& tap) {
  tap.channel = group * g.in_channels_per_group + tap.c;
}

int64_t place_in_group(const Geometry& g, int64_t k) {
  return k % g.out_channels_per_group;
}

Written of_first_group(const Geometry& g, const Place& at, Written otherwise) {
  return group_of(g, at.k) == 0 ? Written::value : otherwise;
}

constexpr std::array kGroups = {
    Theory{"first_group_read_by_all",
           "groups after the first read the first group's input channels",
           {.tap = [](const Geometry& /*g*/, const Place& /*at*/, Tap& tap) { tap.channel = tap.c; }}},
    Theory{"group_read_by_remainder",
           "output channel k read the input of group k % groups instead of k / (out_channels / groups)",
           {.tap = [](const Geometry& g, const Place& at, Tap& tap) { read_group(g, at.k % g.groups, tap); }}},
    Theory{"group_found_by_input_channels",
           "output channel k were of group k / (in_channels / groups), counted round",
           {.tap = [](const Geometry& g, const Place& at,
                      Tap& tap) { read_group(g, at.k / g.in_channels_per_group % g.groups, tap); }}},
    Theory{"group_offset_in_out_channels",
           "the first input channel of a group were the group times out_channels / groups",
           {.tap = [](const Geometry& g, const Place& at,
                      Tap& tap) { tap.channel = group_of(g, at.k) * g.out_channels_per_group + tap.c; }}},
    Theory{"group_offset_lacks_channels",
           "the first input channel of a group were the group itself, not the group times in_channels / groups",
           {.tap = [](const Geometry& g, const Place& at, Tap& tap) { tap.channel = group_of(g, at.k) + tap.c; }}},
    Theory{"input_channels_interleaved",
           "input channels were interleaved: channel c of group g at c * groups + g",
           {.tap = [](const Geometry& g, const Place& at,
                      Tap& tap) { tap.channel = tap.c * g.groups + group_of(g, at.k); }}},
    Theory{"next_group_read",
           "a group read the input channels of the next group, the last those of the first",
           {.tap = [](const Geometry& g, const Place& at,
                      Tap& tap) { read_group(g, (group_of(g, at.k) + 1) % g.groups, tap); }}},
    Theory{"previous_group_read",
           "a group read the input channels of the group before it, the first those of the last",
           {.tap = [](const Geometry& g, const Place& at,
                      Tap& tap) { read_group(g, (group_of(g, at.k) + g.groups - 1) % g.groups, tap); }}},
    Theory{"groups_read_in_reverse",
           "the groups read the input channels in reverse order of groups",
           {.tap = [](const Geometry& g, const Place& at,
                      Tap& tap) { read_group(g, g.groups - 1 - group_of(g, at.k), tap); }}},
    Theory{"all_groups_summed",
           "each filter were applied to the input channels of all groups, and the results added up",
           {.parameters = [](Geometry& g) { g.in_channels_per_group *= g.groups; },
            .tap =
                [](const Geometry& g, const Place& /*at*/, Tap& tap) {
                  tap.channel = tap.c;
                  tap.c %= g.in_channels_per_group;
                }}},
    Theory{"first_group_filters_for_all",
           "groups after the first used the first group's filters",
           {.tap = [](const Geometry& g, const Place& at, Tap& tap) { tap.filter = place_in_group(g, at.k); }}},
    Theory{"filters_interleaved",
           "filters were interleaved: filter j of group g at j * groups + g",
           {.tap = [](const Geometry& g, const Place& at,
                      Tap& tap) { tap.filter = place_in_group(g, at.k) * g.groups + group_of(g, at.k); }}},
    Theory{"filters_in_reverse_groups",
           "the groups' filters were in reverse order of groups",
           {.tap =
                [](const Geometry& g, const Place& at, Tap& tap) {
                  tap.filter = (g.groups - 1 - group_of(g, at.k)) * g.out_channels_per_group + place_in_group(g, at.k);
                }}},
    Theory{"first_filter_of_group_for_all",
           "all output channels of a group used its first filter",
           {.tap = [](const Geometry& g, const Place& at,
                      Tap& tap) { tap.filter = group_of(g, at.k) * g.out_channels_per_group; }}},
    Theory{"outputs_of_groups_reversed",
           "the groups' outputs were stored in reverse order of groups",
           {.source =
                [](const Geometry& g, Place& at) {
                  at.k = (g.groups - 1 - group_of(g, at.k)) * g.out_channels_per_group + place_in_group(g, at.k);
                }}},
    Theory{"outputs_of_groups_interleaved",
           "the groups' outputs were interleaved: output j of group g stored at j * groups + g",
           {.source = [](const Geometry& g,
                         Place& at) { at.k = at.k % g.groups * g.out_channels_per_group + at.k / g.groups; }}},
    Theory{"first_group_written_alone",
           "the outputs of groups after the first were not written",
           {.written = [](const Scene& s, const Place& at) { return of_first_group(s.g, at, Written::nothing); }}},
    Theory{"later_groups_zero",
           "the outputs of groups after the first were zero",
           {.written = [](const Scene& s, const Place& at) { return of_first_group(s.g, at, Written::zero); }}},
    Theory{"one_output_per_group_written",
           "each group had one output channel: the others are not written",
           {.written =
                [](const Scene& s, const Place& at) {
                  return place_in_group(s.g, at.k) == 0 ? Written::value : Written::nothing;
                }}},
    Theory{"first_output_of_group_for_all",
           "all output channels of a group were its first",
           {.source = [](const Geometry& g, Place& at) { at.k -= place_in_group(g, at.k); }}},
};

}  // namespace

std::span<const Theory> groups() {
  return kGroups;
}

}  // namespace convcheck::themes
