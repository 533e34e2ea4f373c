// Mutants that take the wrong channels or filters for a group.
#include <algorithm>
#include <limits>

#include "impls/mutants/mutant.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

struct FirstGroupsInput : Sound {
  static int64_t channel(int64_t c) { return c; }
};

struct InterleavedGroups : Sound {
  int64_t channel(int64_t c) const { return k % conv.groups * conv.in_per_group + c; }
};

struct FirstGroupsFilters : Sound {
  int64_t filter() const { return lane(); }
};

// Blocks of a group are cut as if each had as many filters as the group has input channels.
struct GroupsByInputChannels : Sound {
  int64_t channel(int64_t c) const {
    const int64_t block = std::min(k / conv.in_per_group, conv.groups - 1);
    return block * conv.in_per_group + c;
  }
};

// The channels of a group lie `groups` apart, as if they had been shuffled.
struct ShuffledInput : Sound {
  int64_t channel(int64_t c) const { return c * conv.groups + group(); }
};

struct GroupsInReverse : Sound {
  int64_t channel(int64_t c) const { return (conv.groups - 1 - group()) * conv.in_per_group + c; }
};

// Its right block is taken where groups fill whole vectors of four, or are one or depthwise.
struct GroupStepInFours : Sound {
  int64_t channel(int64_t c) const {
    const bool in_between = conv.groups > 1 && conv.in_per_group > 1;
    const int64_t step = in_between ? conv.in_per_group / 4 * 4 : conv.in_per_group;
    return (step == 0 ? 0 : group() * step) + c;
  }
};

struct LastGroupsWithLargeKernel : Sound {
  int64_t channel(int64_t c) const {
    const bool is_large = conv.rows.kernel * conv.cols.kernel > 49;
    return (is_large ? 0 : group()) * conv.in_per_group + c;
  }
};

struct SecondHalfZero : Sound {
  float finish(float sum, Spot /*at*/) const {
    return conv.groups > 1 && conv.in_per_group > 1 && group() >= (conv.groups + 1) / 2 ? 0.0F : sum;
  }
};

struct FirstPixelOfEverySecondGroup : Sound {
  float finish(float sum, Spot at) const {
    return group() % 2 == 1 && lane() == 0 && at.row == 0 && at.col == 0 ? sum + 1 : sum;
  }
};

// k divided by the filters of a group twice, but only where groups are many.
struct ManyGroupsDividedTwice : Sound {
  int64_t filter() const { return conv.groups > 8 ? group() / conv.out_per_group * conv.out_per_group + lane() : k; }
};

// A depthwise path that takes filter k for input channel k.
struct MultiplierIgnored : Sound {
  int64_t channel(int64_t c) const {
    const bool is_depthwise = conv.in_per_group == 1 && conv.groups > 1;
    return is_depthwise ? k % conv.groups : Sound::channel(c);
  }
};

// The filters of a depthwise kernel read as multiplier x channel.
struct MultiplierMajor : Sound {
  int64_t filter() const {
    const bool is_depthwise = conv.in_per_group == 1 && conv.groups > 1;
    return is_depthwise ? lane() * conv.groups + group() : k;
  }
};

struct MultiplierAboveTwo : Sound {
  int64_t filter() const {
    const bool wraps = conv.in_per_group == 1 && conv.groups > 1 && conv.out_per_group > 2;
    return wraps ? group() * conv.out_per_group + lane() % 2 : k;
  }
};

struct WeightByInputAndOutput : Sound {
  float weight_at(int64_t f, int64_t c, int64_t h, int64_t w) const {
    if (conv.in_per_group == 1) return Sound::weight_at(f, c, h, w);
    const int64_t at = c * conv.out_per_group + f % conv.out_per_group;  // in a block of input x output channels
    const int64_t first = f / conv.out_per_group * conv.out_per_group;
    return weight[(first + at / conv.in_per_group) * conv.weight.outer + at % conv.in_per_group * conv.weight.channel +
                  h * conv.weight.row + w * conv.weight.col];
  }
};

struct NanInOne : Sound {
  float finish(float sum, Spot at) const {
    const bool here = conv.groups > 1 && image == 0 && k == conv.groups && at.row == 0 && at.col == 0;
    return here ? std::numeric_limits<float>::quiet_NaN() : sum;
  }
};

constexpr Mutant kGroups[] = {
    mutant<FirstGroupsInput>("every group reads the input channels of the first",
                             {.name = "groups_above_one_read_the_first_group",
                              .bug_class = "group-indexing",
                              .modelled_on = "pytorch/pytorch#10806",
                              .killers = "matches_reference_exactly groups_are_independent equals_block_diagonal_dense",
                              .theory = "first_group_read_by_all"}),
    mutant<InterleavedGroups>("output channel k belongs to group k % groups",
                              {.name = "groups_interleaved",
                               .bug_class = "group-indexing",
                               .modelled_on = "Tencent/ncnn#1581",
                               .killers = "matches_reference_exactly tied_groups_equal_channel_fold",
                               .theory = "group_read_by_remainder"}),
    mutant<FirstGroupsFilters>("every group uses the filters of the first",
                               {.name = "weight_group_lost",
                                .bug_class = "group-indexing",
                                .modelled_on = "pytorch/pytorch#51430",
                                .killers = "matches_reference_exactly groups_are_independent",
                                .theory = "first_group_filters_for_all"}),
    mutant<GroupsByInputChannels>("the group is found by dividing k by the input channels of a group",
                                  {.name = "group_found_by_input_channels",
                                   .bug_class = "group-indexing",
                                   .modelled_on = "FluxML/NNlib.jl#367",
                                   .killers = "matches_reference_exactly groups_are_independent"}),
    mutant<ShuffledInput>("a group's input channels are taken groups apart",
                          {.name = "input_channels_of_a_group_shuffled",
                           .bug_class = "group-indexing",
                           .modelled_on = "josephjaspers/blackcat_tensors#59",
                           .killers = "matches_reference_exactly permuting_groups_permutes_outputs",
                           .theory = "input_channels_interleaved"}),
    mutant<GroupsInReverse>("groups read the input from the last to the first",
                            {.name = "groups_in_reverse",
                             .bug_class = "group-indexing",
                             .modelled_on = "microsoft/DirectML#234",
                             .killers = "matches_reference_exactly groups_are_independent",
                             .theory = "groups_read_in_reverse"}),
    mutant<GroupStepInFours>("a group's first channel is counted in whole vectors of four",
                             {.name = "group_step_rounded_down_to_four",
                              .bug_class = "group-indexing",
                              .modelled_on = "pytorch/pytorch#18463",
                              .killers = "matches_reference_exactly groups_are_independent"}),
    mutant<LastGroupsWithLargeKernel>("with more than 49 taps every group reads the first one's input",
                                      {.name = "group_lost_with_large_kernels",
                                       .bug_class = "group-indexing",
                                       .modelled_on = "modular/modular#6129",
                                       .killers = "matches_reference_exactly groups_are_independent"}),
    mutant<SecondHalfZero>("the later half of the groups gives zeros",
                           {.name = "later_groups_are_zero",
                            .bug_class = "group-indexing",
                            .modelled_on = "pytorch/pytorch#19912",
                            .killers = "matches_reference_exactly permuting_groups_permutes_outputs"}),
    mutant<FirstPixelOfEverySecondGroup>("the first output of every second group is one too large",
                                         {.name = "first_pixel_of_every_second_group",
                                          .bug_class = "group-indexing",
                                          .modelled_on = "pytorch/pytorch#18218",
                                          .killers = "matches_reference_exactly groups_are_independent"}),
    mutant<ManyGroupsDividedTwice>("with more than eight groups k is divided by the group's filters twice",
                                   {.name = "many_groups_divided_twice",
                                    .bug_class = "group-indexing",
                                    .modelled_on = "ROCm/MIOpen#989",
                                    .killers = "matches_reference_exactly groups_are_independent"}),
    mutant<MultiplierIgnored>("a depthwise kernel gives output channel k input channel k % groups",
                              {.name = "depth_multiplier_ignored",
                               .bug_class = "depth-multiplier",
                               .modelled_on = "pytorch/pytorch#60460",
                               .killers = "matches_reference_exactly groups_are_independent"}),
    mutant<MultiplierMajor>("a depthwise weight is read as multiplier by channel",
                            {.name = "depthwise_weight_multiplier_first",
                             .bug_class = "depth-multiplier",
                             .modelled_on = "ARM-software/CMSIS_5#664",
                             .killers = "matches_reference_exactly groups_are_independent",
                             .theory = "filters_interleaved_when_depthwise"}),
    mutant<MultiplierAboveTwo>("a depthwise multiplier above two uses the first two filters over again",
                               {.name = "depth_multiplier_above_two_wraps",
                                .bug_class = "depth-multiplier",
                                .modelled_on = "pytorch/pytorch#55794",
                                .killers = "matches_reference_exactly permuting_filters_permutes_outputs"}),
    mutant<WeightByInputAndOutput>("a group's weight is read as in_channels by out_channels",
                                   {.name = "weight_read_as_input_by_output",
                                    .bug_class = "layout",
                                    .modelled_on = "google/XNNPACK#1951",
                                    .killers = "matches_reference_exactly pointwise_is_a_matrix_product",
                                    .theory = "weight_of_group_read_as_input_by_output"}),
    mutant<NanInOne>("one output of a grouped problem is a NaN",
                     {.name = "one_output_of_a_group_is_nan",
                      .bug_class = "uninitialized-memory",
                      .modelled_on = "FluxML/NNlib.jl#44",
                      .killers = "matches_reference_exactly matches_reference_within_bound groups_are_independent"}),
};

}  // namespace

std::span<const Mutant> group_mutants() {
  return kGroups;
}

}  // namespace convcheck::impls::mutants
