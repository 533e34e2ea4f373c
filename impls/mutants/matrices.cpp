// Bent kernels of patches gathered into a matrix, and of blocks of filters.
#include <algorithm>

#include "impls/mutants/mutant.h"
#include "impls/mutants/products.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

// The shortcut past the patches.

struct ShortcutWithStride : Patches {
  bool is_matrix_already() const {
    return conv.rows.kernel == 1 && conv.cols.kernel == 1 && conv.rows.pad == 0 && conv.cols.pad == 0;
  }
};

struct ShortcutWithPadding : Patches {
  bool is_matrix_already() const {
    return conv.rows.kernel == 1 && conv.cols.kernel == 1 && conv.rows.stride == 1 && conv.cols.stride == 1;
  }
};

// By the sizes alone: a padding before and a stride may bring the output back to the size of the input.
struct ShortcutByOutputSize : Patches {
  bool is_matrix_already() const {
    return conv.rows.kernel == 1 && conv.cols.kernel == 1 && conv.rows.in == conv.rows.out &&
           conv.cols.in == conv.cols.out;
  }
};

// The matrix.

struct RowsOfWholeVectors : Patches {
  static int64_t patch_at(int64_t tap, int64_t pixel, int64_t pixels) {
    const int64_t rounded = pixels > 8 ? pixels / 8 * 8 : pixels;
    return tap * rounded + pixel;
  }
};

struct IndexIn16Bits : Patches {
  static int64_t patch_at(int64_t tap, int64_t pixel, int64_t pixels) { return (tap * pixels + pixel) & 0xFFFF; }
};

struct ColumnsDilatedByHeight : Patches {
  int64_t col(int64_t out, int64_t tap) const {
    return Patches::col(out, tap) + (conv.groups > 1 ? tap * (conv.rows.dilation - conv.cols.dilation) : 0);
  }
};

// The pixels behind the first thousand and twenty-four start from the bias of the group's first filter.
struct BiasOfLaterPixels : Patches {
  float start(Spot at) const {
    const bool is_later = at.row * conv.cols.out + at.col >= kPixelsAtOnce;
    return is_later ? bias_of(group() * conv.out_per_group) : bias_of(k);
  }
};

// Blocks of filters.

struct BlocksAcrossGroups : Blocked {
  int64_t block_end(int64_t first) const { return std::min(first + kLanes, conv.out_channels()); }
};

// The last block begins earlier, so that it is full, and its bias does not.
struct LastBlockMovedBack : Blocked {
  int64_t weight_of_lane(int64_t first, int64_t lane) const {
    const int64_t end = (first / conv.out_per_group + 1) * conv.out_per_group;
    const bool is_moved = first + kLanes > end && conv.out_per_group > kLanes;
    return (is_moved ? end - kLanes : first) + lane;
  }
};

struct BiasOfPartialBlock : Blocked {
  int64_t bias_of_lane(int64_t first, int64_t lane) const {
    return block_end(first) - first == kLanes ? first + lane : first;
  }
};

struct HalfBlock : Blocked {
  int64_t weight_of_lane(int64_t first, int64_t lane) const {
    return block_end(first) - first == 5 && lane == 4 ? first : first + lane;
  }
};

constexpr Mutant kMatrices[] = {
    mutant<ShortcutWithStride>("a 1x1 kernel multiplies the input as it lies, whatever the stride",
                               {.name = "patches_skipped_with_stride",
                                .bug_class = "kernel-1x1-fastpath",
                                .modelled_on = "pytorch/pytorch#54080",
                                .killers = "matches_reference_exactly stride_equals_subsampling"}),
    mutant<ShortcutWithPadding>("a 1x1 kernel multiplies the input as it lies, whatever the padding",
                                {.name = "patches_skipped_with_padding",
                                 .bug_class = "kernel-1x1-fastpath",
                                 .modelled_on = "pytorch/pytorch#54080",
                                 .killers = "matches_reference_exactly padding_equals_explicit_zeros"}),
    mutant<ShortcutByOutputSize>("a 1x1 kernel multiplies the input as it lies where the output has its size",
                                 {.name = "patches_skipped_by_output_size",
                                  .bug_class = "kernel-1x1-fastpath",
                                  .modelled_on = "ROCm/MIOpen#917",
                                  .killers = "matches_reference_exactly"}),
    mutant<RowsOfWholeVectors>("rows of the patch matrix are whole vectors of eight long and overlap",
                               {.name = "patch_rows_overlap",
                                .bug_class = "tile-tail",
                                .modelled_on = "FluxML/NNlib.jl#44",
                                .killers = "matches_reference_exactly"}),
    mutant<IndexIn16Bits>("the patch matrix is indexed in sixteen bits", {.name = "patch_index_in_16_bits",
                                                                          .bug_class = "integer-overflow",
                                                                          .modelled_on = "uxlfoundation/oneDNN#122",
                                                                          .killers = "matches_reference_exactly"}),
    mutant<ColumnsDilatedByHeight>("patches of groups are gathered by the dilation of height on both axes",
                                   {.name = "grouped_patches_dilated_by_height",
                                    .bug_class = "hw-mixup",
                                    .modelled_on = "tenstorrent/tt-metal#19542",
                                    .killers = "matches_reference_exactly groups_are_independent",
                                    .theory = "dilation_h_for_both_with_groups"}),
    mutant<BiasOfLaterPixels>("pixels behind the first 1024 get the bias of the group's first filter",
                              {.name = "bias_of_later_patches",
                               .bug_class = "bias-wrong",
                               .modelled_on = "iree-org/iree#20536",
                               .killers = "matches_reference_exactly bias_adds"}),
    mutant<BlocksAcrossGroups>("a block of filters that reaches into the next group reads the input of the first",
                               {.name = "block_of_filters_across_groups",
                                .bug_class = "group-indexing",
                                .modelled_on = "pytorch/pytorch#18463",
                                .killers = "matches_reference_exactly groups_are_independent"}),
    mutant<LastBlockMovedBack>(
        "the last block of filters begins early, so that it is full, and writes where it would not",
        {.name = "last_block_of_filters_moved_back",
         .bug_class = "channel-tail",
         .modelled_on = "apache/tvm#9226",
         .killers = "matches_reference_exactly permuting_filters_permutes_outputs"}),
    mutant<BiasOfPartialBlock>("filters of a block that is not full get the bias of its first",
                               {.name = "bias_of_a_partial_block",
                                .bug_class = "bias-wrong",
                                .modelled_on = "microsoft/onnxruntime#29464",
                                .killers = "matches_reference_exactly bias_adds"}),
    mutant<HalfBlock>("the last of five filters left over uses the weights of the first",
                      {.name = "fifth_of_five_filters_left_over",
                       .bug_class = "channel-tail",
                       .modelled_on = "uxlfoundation/oneDNN#323",
                       .killers = "matches_reference_exactly permuting_filters_permutes_outputs"}),
};

}  // namespace

std::span<const Mutant> matrix_mutants() {
  return kMatrices;
}

}  // namespace convcheck::impls::mutants
