// Bent Winograd kernels: used where they do not apply, with tiles in the wrong place, and less accurate than they may
// be.
#include <algorithm>

#include "impls/mutants/mutant.h"
#include "impls/mutants/precision.h"
#include "impls/mutants/themes.h"
#include "impls/mutants/tiles.h"

namespace convcheck::impls::mutants {

namespace {

// Where they apply.

struct UsedWithStride : Winograd<2> {
  bool applies() const {
    return conv.rows.kernel == 3 && conv.cols.kernel == 3 && conv.rows.dilation == 1 && conv.cols.dilation == 1;
  }
};

struct UsedWithDilation : Winograd<4> {
  bool applies() const {
    return conv.rows.kernel == 3 && conv.cols.kernel == 3 && conv.rows.stride == 1 && conv.cols.stride == 1;
  }
};

struct StrideOfHeightAlone : Winograd<2> {
  bool applies() const { return is_plain(conv.rows) && conv.cols.kernel == 3 && conv.cols.dilation == 1; }
};

// Where tiles lie.

struct StepOfTheKernel : Winograd<4> {
  int64_t tile_row(int64_t tile) const { return tile * 2 - conv.rows.pad; }
  int64_t tile_col(int64_t tile) const { return tile * 2 - conv.cols.pad; }
};

struct PaddingOfTheFirstTile : Winograd<4> {
  int64_t tile_col(int64_t tile) const {
    return tile * 4 - (tile == 0 ? conv.cols.pad : std::min<int64_t>(conv.cols.pad, 1));
  }
};

struct LastTileShifted : Winograd<4> {
  int64_t tile_row(int64_t tile) const {
    const bool is_partial = tile > 0 && tile * 4 + 4 > conv.rows.out;
    return (is_partial ? conv.rows.out - 4 : tile * 4) - conv.rows.pad;
  }
};

struct ThirdTileRepeated : Winograd<2> {
  int64_t tile_col(int64_t tile) const { return (tile >= 3 ? tile - 1 : tile) * 2 - conv.cols.pad; }
};

// Which filters and channels meet.

struct DepthwiseWithoutMultiplier : Winograd<4> {
  int64_t filter() const {
    const bool is_depthwise = conv.in_per_group == 1 && conv.groups > 1;
    return is_depthwise && applies() ? k / conv.out_per_group : k;
  }
};

struct GroupsLost : Winograd<2> {
  int64_t channel(int64_t c) const { return applies() && conv.in_per_group > 1 ? c : Sound::channel(c); }
};

struct ManyFilters : Winograd<4> {
  int64_t filter() const { return applies() && lane() >= 32 ? k - 32 : k; }
};

// How accurate they are.

struct FarPoints : Winograd<4> {
  static constexpr Transforms<4> kTransforms{{0, 1, -1, 16, -16}};
};

struct InTf32 : Winograd<4> {
  static void reshape(float& value) { value = cut(value, kTf32Bits); }
};

struct InBf16 : Winograd<2> {
  static void reshape(float& value) { value = cut(value, kBf16Bits); }
};

struct InTf32ForWholeVectors : Winograd<4> {
  void reshape(float& value) const {
    if (conv.in_per_group % 16 == 0) value = cut(value, kTf32Bits);
  }
};

struct Undeclared : Winograd<4> {
  static constexpr int32_t kAlgorithm = CONVCHECK_SUMMATION;
  static constexpr int32_t kTile = 0;
};

struct LargerThanDeclared : Winograd<4> {
  static constexpr int32_t kTile = 2;
  static constexpr Transforms<4> kTransforms{{0, 1, -1, 4, -4}};
};

constexpr Mutant kWinograd[] = {
    mutant<UsedWithStride>("Winograd is used for 3x3 whatever the stride",
                           {.name = "winograd_used_with_stride",
                            .bug_class = "winograd-applicability",
                            .modelled_on = "apache/tvm#13117",
                            .killers = "matches_reference_exactly stride_equals_subsampling"}),
    mutant<UsedWithDilation>("Winograd is used for 3x3 whatever the dilation",
                             {.name = "winograd_used_with_dilation",
                              .bug_class = "winograd-applicability",
                              .modelled_on = "apache/tvm#13117",
                              .killers = "matches_reference_exactly dilation_equals_zero_stuffing"}),
    mutant<StrideOfHeightAlone>("Winograd is used for 3x3 where the stride of height is one",
                                {.name = "winograd_chosen_by_the_stride_of_height",
                                 .bug_class = "dispatch-wrong-kernel",
                                 .modelled_on = "apache/tvm#13117",
                                 .killers = "matches_reference_exactly stride_equals_subsampling"}),
    mutant<StepOfTheKernel>("tiles of 4x4 are read two apart",
                            {.name = "winograd_tiles_stepped_by_the_kernel",
                             .bug_class = "winograd-applicability",
                             .modelled_on = "adam-dziedzic/winograd#1",
                             .killers = "matches_reference_exactly shifting_the_input_shifts_the_output"}),
    mutant<PaddingOfTheFirstTile>("tiles behind the first are laid out with a left padding of at most one",
                                  {.name = "winograd_padding_lost_behind_the_first_tile",
                                   .bug_class = "winograd-applicability",
                                   .modelled_on = "OpenPPL/ppl.nn#969",
                                   .killers = "matches_reference_exactly padding_equals_explicit_zeros"}),
    mutant<LastTileShifted>("the last row of tiles is read from the bottom up and written from the top down",
                            {.name = "winograd_last_tile_shifted",
                             .bug_class = "tile-tail",
                             .modelled_on = "leejet/stable-diffusion.cpp#518",
                             .killers = "matches_reference_exactly shifting_the_input_shifts_the_output"}),
    mutant<ThirdTileRepeated>("tiles from the fourth of a row on are read two columns early",
                              {.name = "winograd_fourth_tile_read_early",
                               .bug_class = "winograd-applicability",
                               .modelled_on = "adam-dziedzic/winograd#1",
                               .killers = "matches_reference_exactly shifting_the_input_shifts_the_output"}),
    mutant<DepthwiseWithoutMultiplier>("depthwise Winograd takes the filter with the group's number",
                                       {.name = "winograd_depthwise_without_multiplier",
                                        .bug_class = "depth-multiplier",
                                        .modelled_on = "pytorch/pytorch#60460",
                                        .killers = "matches_reference_exactly groups_are_independent"}),
    mutant<GroupsLost>("Winograd reads the first group's input for every group",
                       {.name = "winograd_reads_the_first_group",
                        .bug_class = "group-indexing",
                        .modelled_on = "Tencent/ncnn#329",
                        .killers = "matches_reference_exactly groups_are_independent"}),
    mutant<ManyFilters>("Winograd uses the first filters of a group again from the 33rd on",
                        {.name = "winograd_filters_wrap_at_32",
                         .bug_class = "winograd-applicability",
                         .modelled_on = "ARM-software/ComputeLibrary#1103",
                         .killers = "matches_reference_exactly permuting_filters_permutes_outputs"}),
    mutant<FarPoints>("Winograd evaluates at points of sixteen", {.name = "winograd_on_far_points",
                                                                  .bug_class = "winograd-accuracy",
                                                                  .modelled_on = "Maratyszcza/NNPACK#8",
                                                                  .killers = "matches_reference_within_bound",
                                                                  .wrong_values = false}),
    mutant<InTf32>("Winograd multiplies in TF32", {.name = "winograd_multiplies_in_tf32",
                                                   .bug_class = "winograd-accuracy",
                                                   .modelled_on = "ml-explore/mlx#4242",
                                                   .killers = "matches_reference_within_bound",
                                                   .wrong_values = false}),
    mutant<InBf16>("Winograd multiplies in bf16", {.name = "winograd_multiplies_in_bf16",
                                                   .bug_class = "winograd-accuracy",
                                                   .modelled_on = "ROCm/rocm-libraries#3508",
                                                   .killers = "matches_reference_within_bound",
                                                   .wrong_values = false}),
    mutant<InTf32ForWholeVectors>("Winograd multiplies in TF32 where input channels fill vectors of sixteen",
                                  {.name = "winograd_multiplies_in_tf32_in_whole_vectors",
                                   .bug_class = "winograd-accuracy",
                                   .modelled_on = "ml-explore/mlx#4242",
                                   .killers = "matches_reference_within_bound",
                                   .wrong_values = false}),
    mutant<Undeclared>("Winograd with tiles of 4x4 says that it is a summation",
                       {.name = "winograd_undeclared",
                        .bug_class = "winograd-accuracy",
                        .modelled_on = "uxlfoundation/oneDNN#748",
                        .killers = "keeps_the_full_significand matches_reference_within_bound",
                        .wrong_values = false}),
    mutant<LargerThanDeclared>("tiles of 4x4 on points of four are declared as 2x2",
                               {.name = "winograd_tiles_larger_than_declared",
                                .bug_class = "winograd-accuracy",
                                .modelled_on = "uxlfoundation/oneDNN#748",
                                .killers = "matches_reference_within_bound",
                                .wrong_values = false}),
};

}  // namespace

std::span<const Mutant> winograd_mutants() {
  return kWinograd;
}

}  // namespace convcheck::impls::mutants
