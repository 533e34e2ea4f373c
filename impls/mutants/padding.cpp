// Mutants that take a side of the padding for another, or lose what lies in it.
#include <algorithm>

#include "impls/mutants/mutant.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

/// The padding after an axis, which Axis does not name.
int64_t pad_after(const Sound& kernel, int axis) {
  return kernel.problem.pad_after[axis];
}

int64_t extent(const Axis& axis) {
  return axis.dilation * (axis.kernel - 1) + 1;
}

struct SidesSwapped : Sound {
  void begin() {
    conv.rows.pad = pad_after(*this, 0);
    conv.cols.pad = pad_after(*this, 1);
  }
};

struct MadeSymmetric : Sound {
  void begin() {
    conv.rows.pad = (conv.rows.pad + pad_after(*this, 0)) / 2;
    conv.cols.pad = (conv.cols.pad + pad_after(*this, 1)) / 2;
  }
};

struct FarSideIgnored : Sound {
  int64_t row(int64_t out, int64_t tap) const { return std::min(Sound::row(out, tap), conv.rows.in - 1); }
};

struct TopLostWithStride : Sound {
  void begin() {
    if (conv.rows.stride > 1 && conv.rows.pad != pad_after(*this, 0)) conv.rows.pad = 0;
  }
};

struct LeftLostInGroups : Sound {
  void begin() {
    if (conv.groups > 1 && conv.cols.pad != pad_after(*this, 1)) conv.cols.pad = pad_after(*this, 1);
  }
};

struct DepthwiseLargerSide : Sound {
  void begin() {
    if (conv.in_per_group > 1 || conv.groups == 1) return;
    conv.rows.pad = std::max(conv.rows.pad, pad_after(*this, 0));
    conv.cols.pad = std::max(conv.cols.pad, pad_after(*this, 1));
  }
};

struct BottomForTopInLastRow : Sound {
  int64_t row(int64_t out, int64_t tap) const {
    const bool is_last = out == conv.rows.out - 1 && conv.rows.out > 1;
    return Sound::row(out, tap) + (is_last ? conv.rows.pad - pad_after(*this, 0) : 0);
  }
};

struct SameWithEvenKernel : Sound {
  void begin() {
    for (int at = 0; at < 2; ++at) {
      Axis& axis = at == 0 ? conv.rows : conv.cols;
      if (axis.kernel % 2 == 0 && pad_after(*this, at) == axis.pad + 1) ++axis.pad;
    }
  }
};

struct SameWithEvenDilatedKernel : Sound {
  void begin() {
    const bool is_even = conv.cols.kernel % 2 == 0 && conv.cols.dilation > 1;
    if (is_even && pad_after(*this, 1) != conv.cols.pad) conv.cols.pad = pad_after(*this, 1);
  }
};

struct PaddingWithinKernel : Sound {
  void begin() {
    conv.rows.pad = std::min(conv.rows.pad, extent(conv.rows) - 1);
    conv.cols.pad = std::min(conv.cols.pad, extent(conv.cols) - 1);
  }
};

/// True where every tap of an output falls on padding.
bool is_all_padding(const Conv& conv, Spot at) {
  const TapRange rows = valid_taps(conv.rows, at.row);
  const TapRange cols = valid_taps(conv.cols, at.col);
  return rows.begin == rows.end || cols.begin == cols.end;
}

struct EmptyWindowIsZero : Sound {
  float finish(float sum, Spot at) const { return is_all_padding(conv, at) ? 0.0F : sum; }
};

// At least one tap is believed to be valid: the last, and where it lies the nearest pixel is.
struct EmptyWindowHasOneTap : Sound {
  int64_t col(int64_t out, int64_t tap) const {
    const TapRange taps = valid_taps(conv.cols, out);
    const bool takes_nearest = taps.begin == taps.end && tap == conv.cols.kernel - 1 && conv.cols.in > 0;
    return takes_nearest ? std::clamp<int64_t>(Sound::col(out, tap), 0, conv.cols.in - 1) : Sound::col(out, tap);
  }
};

struct LeftPaddingWithinBlock : Sound {
  void begin() { conv.cols.pad = std::min<int64_t>(conv.cols.pad, 7); }
};

struct FullPadding : Sound {
  void begin() {
    for (Axis* axis : {&conv.rows, &conv.cols}) {
      if (axis->pad == extent(*axis) - 1 && axis->kernel > 1) axis->pad -= 1;
    }
  }
};

constexpr Mutant kPadding[] = {
    mutant<SidesSwapped>("the padding after an axis is put in front of it",
                         {.name = "padding_sides_swapped",
                          .bug_class = "asymmetric-padding",
                          .modelled_on = "robertknight/rten#1399",
                          .killers = "matches_reference_exactly padding_equals_explicit_zeros",
                          .theory = "padding_sides_swapped"}),
    mutant<MadeSymmetric>("padding is shared out evenly between both sides",
                          {.name = "padding_made_symmetric",
                           .bug_class = "asymmetric-padding",
                           .modelled_on = "FluxML/Flux.jl#1605",
                           .killers = "matches_reference_exactly padding_equals_explicit_zeros",
                           .theory = "padding_shared_evenly"}),
    mutant<FarSideIgnored>("below the image its last row goes on",
                           {.name = "bottom_padding_repeats_the_last_row",
                            .bug_class = "asymmetric-padding",
                            .modelled_on = "tracel-ai/burn#5601",
                            .killers = "matches_reference_exactly padding_equals_explicit_zeros",
                            .theory = "bottom_padding_replicates"}),
    mutant<TopLostWithStride>("a padding above that differs from that below is lost where there is a stride",
                              {.name = "strided_top_padding_lost",
                               .bug_class = "asymmetric-padding",
                               .modelled_on = "Tencent/ncnn#6661",
                               .killers = "matches_reference_exactly stride_equals_subsampling"}),
    mutant<LeftLostInGroups>("with groups the right padding is used on the left",
                             {.name = "grouped_right_padding_on_the_left",
                              .bug_class = "asymmetric-padding",
                              .modelled_on = "VeriSilicon/TIM-VX#145",
                              .killers = "matches_reference_exactly groups_are_independent",
                              .theory = "left_and_right_padding_swapped_with_groups"}),
    mutant<DepthwiseLargerSide>("a depthwise kernel pads both sides as the larger one",
                                {.name = "depthwise_padding_of_the_larger_side",
                                 .bug_class = "asymmetric-padding",
                                 .modelled_on = "microsoft/nnfusion#192",
                                 .killers = "matches_reference_exactly padding_equals_explicit_zeros",
                                 .theory = "padding_of_larger_side_when_depthwise"}),
    mutant<BottomForTopInLastRow>("the last row of outputs is laid out by the padding below",
                                  {.name = "last_row_uses_the_bottom_padding",
                                   .bug_class = "asymmetric-padding",
                                   .modelled_on = "nntrainer/nntrainer#1570",
                                   .killers = "matches_reference_exactly padding_equals_explicit_zeros"}),
    mutant<SameWithEvenKernel>("with an even kernel the odd one of a same padding comes first",
                               {.name = "even_kernel_same_padding_begins_early",
                                .bug_class = "same-padding-even-kernel",
                                .modelled_on = "tracel-ai/burn#2676",
                                .killers = "matches_reference_exactly padding_equals_explicit_zeros"}),
    mutant<SameWithEvenDilatedKernel>("with an even dilated kernel the right padding is used on the left",
                                      {.name = "even_dilated_kernel_padded_from_the_right",
                                       .bug_class = "same-padding-even-kernel",
                                       .modelled_on = "tracel-ai/burn#2676",
                                       .killers = "matches_reference_exactly dilation_equals_zero_stuffing"}),
    mutant<PaddingWithinKernel>("a padding of the kernel's extent or more counts as one less than that",
                                {.name = "padding_cut_to_the_kernel",
                                 .bug_class = "padding-ge-kernel",
                                 .modelled_on = "pytorch/pytorch#92238",
                                 .killers = "matches_reference_exactly padding_equals_explicit_zeros"}),
    mutant<EmptyWindowIsZero>("an output whose window lies in padding is zero, whatever the bias",
                              {.name = "window_in_padding_loses_the_bias",
                               .bug_class = "padding-ge-kernel",
                               .modelled_on = "xmos/ai_tools#219",
                               .killers = "matches_reference_exactly bias_adds",
                               .theory = "bias_only_with_taps"}),
    mutant<EmptyWindowHasOneTap>("an output whose window lies beside the image takes the nearest pixel",
                                 {.name = "window_in_padding_takes_the_nearest_pixel",
                                  .bug_class = "padding-ge-kernel",
                                  .modelled_on = "OpenPPL/ppl.nn#461",
                                  .killers = "matches_reference_exactly padding_equals_explicit_zeros"}),
    mutant<LeftPaddingWithinBlock>("a left padding above seven counts as seven",
                                   {.name = "left_padding_cut_to_the_block",
                                    .bug_class = "padding-ge-kernel",
                                    .modelled_on = "uxlfoundation/oneDNN#3981",
                                    .killers = "matches_reference_exactly padding_equals_explicit_zeros"}),
    mutant<FullPadding>("a padding of the kernel's extent less one counts as one less",
                        {.name = "full_padding_off_by_one",
                         .bug_class = "padding-ge-kernel",
                         .modelled_on = "ml-explore/mlx#833",
                         .killers = "matches_reference_exactly padding_equals_explicit_zeros"}),
};

}  // namespace

std::span<const Mutant> padding_mutants() {
  return kPadding;
}

}  // namespace convcheck::impls::mutants
