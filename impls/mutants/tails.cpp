// Mutants that are wrong in what is left over when vectors, blocks and tiles are full: the last channels, columns, rows
// and pixels.
#include <algorithm>

#include "impls/mutants/mutant.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

// Channels of a group.

struct LastOfEightFilters : Sound {
  float finish(float sum, Spot /*at*/) const { return k % 8 == 7 ? sum + 1 : sum; }
};

struct OneFilterBehindSixteen : Sound {
  int64_t filter() const { return conv.out_per_group % 16 == 1 && lane() > 0 && lane() % 16 == 0 ? k - 1 : k; }
};

struct ThirdOfThreeFilters : Sound {
  int64_t filter() const { return conv.out_per_group == 3 && lane() == 2 ? k - 1 : k; }
};

struct LastInputChannelDropped : Sound {
  int64_t channels() const { return std::max<int64_t>(conv.in_per_group - 1, 1); }
};

struct SevenOfEightChannels : Sound {
  int64_t channels() const { return conv.in_per_group - (conv.in_per_group % 8 == 7 ? 1 : 0); }
};

struct ChannelsBehindVectors : Sound {
  int64_t channels() const { return conv.in_per_group > 16 ? conv.in_per_group / 4 * 4 : conv.in_per_group; }
};

// Six channels are a vector of four and half a one, whose lanes are read in the wrong order.
struct SixChannels : Sound {
  int64_t channel(int64_t c) const { return Sound::channel(conv.in_per_group == 6 && c >= 4 ? 9 - c : c); }
};

struct MoreThanThreeChannels : Sound {
  float weight_at(int64_t f, int64_t c, int64_t h, int64_t w) const {
    const bool repeats = conv.in_per_group > 3 && conv.in_per_group % 2 == 1 && c == conv.in_per_group - 1;
    return Sound::weight_at(f, repeats ? c - 1 : c, h, w);
  }
};

// Pixels.

struct LastColumnBehindEight : Sound {
  int64_t col(int64_t out, int64_t tap) const {
    const bool is_tail = conv.cols.out % 8 == 1 && conv.cols.out > 1 && out == conv.cols.out - 1;
    return Sound::col(out, tap) - (is_tail ? 1 : 0);
  }
};

struct LastColumnLosesATap : Sound {
  int64_t col(int64_t out, int64_t tap) const {
    const bool is_lost = out == conv.cols.out - 1 && tap == conv.cols.kernel - 1 && tap > 0;
    return is_lost ? -1 : Sound::col(out, tap);
  }
};

struct ThirdRowOfTiles : Sound {
  int64_t row(int64_t out, int64_t tap) const {
    const bool is_tail = conv.rows.out > 8 && conv.rows.out % 4 == 3 && out == conv.rows.out - 1;
    return Sound::row(out, tap) - (is_tail ? 1 : 0);
  }
};

struct EightsOfDepthwiseGroups : Sound {
  float weight_at(int64_t f, int64_t c, int64_t h, int64_t w) const {
    const bool is_hit = conv.in_per_group == 1 && conv.groups % 8 == 0 && h == conv.rows.kernel - 1 && h > 0;
    return Sound::weight_at(f, c, is_hit ? h - 1 : h, w);
  }
};

struct Pixel40 : Sound {
  float finish(float sum, Spot at) const {
    return conv.cols.stride == 2 && at.row * conv.cols.out + at.col == 40 ? sum - 1 : sum;
  }
};

// The first column of the last filter reads its right-hand neighbour.
struct OneIndex : Sound {
  int64_t col(int64_t out, int64_t tap) const {
    const int64_t right = k == conv.out_channels() - 1 && tap == 0 ? 1 : 0;
    const int64_t at = Sound::col(out, tap);
    return at + right < conv.cols.in ? at + right : at;
  }
};

struct BeyondFirst128Columns : Sound {
  int64_t col(int64_t out, int64_t tap) const {
    const bool is_beyond = out >= 128 && (conv.cols.out & (conv.cols.out - 1)) != 0;
    return Sound::col(out, tap) - (is_beyond ? 1 : 0);
  }
};

struct OneInAMillion : Sound {
  float finish(float sum, Spot at) const {
    const int64_t index = ((image * conv.out_channels() + k) * conv.rows.out + at.row) * conv.cols.out + at.col;
    return index == 999'999 ? sum + 1 : sum;
  }
};

struct LastOfALargeOutput : Sound {
  float finish(float sum, Spot at) const {
    const bool is_last = k == conv.out_channels() - 1 && at.row == conv.rows.out - 1 && at.col == conv.cols.out - 1;
    return is_last && conv.out_channels() * conv.taps() * conv.rows.out * conv.cols.out > 100'000'000 ? 0.0F : sum;
  }
};

constexpr Mutant kTails[] = {
    mutant<LastOfEightFilters>("every eighth output channel is one too large",
                               {.name = "every_eighth_filter_off_by_one",
                                .bug_class = "channel-tail",
                                .modelled_on = "uxlfoundation/oneDNN#323",
                                .killers = "matches_reference_exactly tied_groups_equal_channel_fold"}),
    mutant<OneFilterBehindSixteen>("a single filter left behind blocks of sixteen uses the weights of the one before",
                                   {.name = "single_filter_behind_sixteen",
                                    .bug_class = "channel-tail",
                                    .modelled_on = "pytorch/pytorch#110387",
                                    .killers = "matches_reference_exactly permuting_filters_permutes_outputs"}),
    mutant<ThirdOfThreeFilters>("the last of three filters uses the weights of the second",
                                {.name = "third_of_three_filters",
                                 .bug_class = "channel-tail",
                                 .modelled_on = "uxlfoundation/oneDNN#323",
                                 .killers = "matches_reference_exactly permuting_filters_permutes_outputs"}),
    mutant<LastInputChannelDropped>("the last input channel of a group of several is left out",
                                    {.name = "last_input_channel_dropped",
                                     .bug_class = "channel-tail",
                                     .modelled_on = "microsoft/onnxruntime#29651",
                                     .killers = "matches_reference_exactly errs_like_f32 "
                                                "permuting_input_channels_changes_nothing",
                                     .theory = "last_input_channel_of_several_dropped"}),
    mutant<SevenOfEightChannels>("the last input channel is left out where they are seven modulo eight",
                                 {.name = "seven_of_eight_channels_lose_one",
                                  .bug_class = "channel-tail",
                                  .modelled_on = "ARM-software/CMSIS_5#812",
                                  .killers = "matches_reference_exactly permuting_input_channels_changes_nothing"}),
    mutant<ChannelsBehindVectors>(
        "above sixteen input channels those behind the last whole vector of four are left out",
        {.name = "channels_behind_vectors_of_four_dropped",
         .bug_class = "channel-tail",
         .modelled_on = "apache/tvm#9226",
         .killers = "matches_reference_exactly permuting_input_channels_changes_nothing"}),
    mutant<SixChannels>("the last two of six input channels are swapped",
                        {.name = "last_two_of_six_channels_swapped",
                         .bug_class = "channel-tail",
                         .modelled_on = "pytorch/pytorch#21597",
                         .killers = "matches_reference_exactly permuting_input_channels_changes_nothing"}),
    mutant<MoreThanThreeChannels>("above three an odd last input channel uses the weights of the one before",
                                  {.name = "odd_channel_above_three_repeats_a_weight",
                                   .bug_class = "channel-tail",
                                   .modelled_on = "microsoft/onnxruntime#29651",
                                   .killers = "matches_reference_exactly permuting_input_channels_changes_nothing"}),
    mutant<LastColumnBehindEight>("a single column left behind vectors of eight is that of its left-hand neighbour",
                                  {.name = "single_column_behind_eight",
                                   .bug_class = "tile-tail",
                                   .modelled_on = "leejet/stable-diffusion.cpp#518",
                                   .killers = "matches_reference_exactly shifting_the_input_shifts_the_output"}),
    mutant<LastColumnLosesATap>("the last column of outputs loses the last column of the kernel",
                                {.name = "last_column_loses_a_tap",
                                 .bug_class = "tile-tail",
                                 .modelled_on = "openvinotoolkit/openvino#36280",
                                 .killers = "matches_reference_exactly transposing_the_axes_transposes_outputs"}),
    mutant<ThirdRowOfTiles>("the last row of a high output is that above it where rows are three modulo four",
                            {.name = "last_row_of_three_modulo_four",
                             .bug_class = "tile-tail",
                             .modelled_on = "ARM-software/ComputeLibrary#141",
                             .killers = "matches_reference_exactly shifting_the_input_shifts_the_output"}),
    mutant<EightsOfDepthwiseGroups>(
        "depthwise groups in multiples of eight use the last but one row of the kernel twice",
        {.name = "depthwise_eights_repeat_a_kernel_row",
         .bug_class = "tile-tail",
         .modelled_on = "pytorch/pytorch#50042",
         .killers = "matches_reference_exactly groups_are_independent"}),
    mutant<Pixel40>("with a stride of two the output with index 40 of each plane is one too small",
                    {.name = "pixel_forty_of_a_strided_plane",
                     .bug_class = "tile-tail",
                     .modelled_on = "Tencent/ncnn#1283",
                     .killers = "matches_reference_exactly"}),
    mutant<OneIndex>("the first column of the last filter reads its right-hand neighbour",
                     {.name = "one_tap_of_the_last_filter",
                      .bug_class = "tile-tail",
                      .modelled_on = "Tencent/ncnn#1283",
                      .killers = "matches_reference_exactly permuting_filters_permutes_outputs"}),
    mutant<BeyondFirst128Columns>("columns beyond 128 are off by one where the width is no power of two",
                                  {.name = "columns_beyond_128",
                                   .bug_class = "tile-tail",
                                   .modelled_on = "ARM-software/ComputeLibrary#141",
                                   .killers = "matches_reference_exactly"}),
    mutant<OneInAMillion>("the millionth output of a large one is one too large", {.name = "one_pixel_in_a_million",
                                                                                   .bug_class = "tile-tail",
                                                                                   .modelled_on = "Tencent/ncnn#1283",
                                                                                   .killers = "matches_checksum"}),
    mutant<LastOfALargeOutput>("above a hundred million multiply-adds the last pixel of an image is zero",
                               {.name = "last_pixel_of_a_large_problem",
                                .bug_class = "tile-tail",
                                .modelled_on = "leejet/stable-diffusion.cpp#518",
                                .killers = "matches_checksum"}),
};

}  // namespace

std::span<const Mutant> tail_mutants() {
  return kTails;
}

}  // namespace convcheck::impls::mutants
