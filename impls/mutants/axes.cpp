// Mutants that mix up height and width, or take a stride or a dilation for something else.
#include <algorithm>
#include <utility>

#include "impls/mutants/mutant.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

struct StridesSwapped : Sound {
  void begin() { std::swap(conv.rows.stride, conv.cols.stride); }
};

struct StrideOfHeightInGroups : Sound {
  void begin() {
    if (conv.groups > 1) conv.cols.stride = conv.rows.stride;
  }
};

struct DilationsSwapped : Sound {
  void begin() { std::swap(conv.rows.dilation, conv.cols.dilation); }
};

struct DilationOfHeight : Sound {
  void begin() { conv.cols.dilation = conv.rows.dilation; }
};

struct PaddingsSwapped : Sound {
  void begin() { std::swap(conv.rows.pad, conv.cols.pad); }
};

struct DepthwisePaddingOfHeight : Sound {
  void begin() {
    if (conv.in_per_group == 1 && conv.groups > 1) conv.cols.pad = conv.rows.pad;
  }
};

// The taps of a filter are counted down its columns.
struct KernelTransposed : Sound {
  float weight_at(int64_t f, int64_t c, int64_t h, int64_t w) const {
    const int64_t at = w * conv.rows.kernel + h;
    return Sound::weight_at(f, c, at / conv.cols.kernel, at % conv.cols.kernel);
  }
};

struct KernelFlipped : Sound {
  float weight_at(int64_t f, int64_t c, int64_t h, int64_t w) const {
    return Sound::weight_at(f, c, conv.rows.kernel - 1 - h, conv.cols.kernel - 1 - w);
  }
};

struct DilationIgnored : Sound {
  void begin() { conv.rows.dilation = conv.cols.dilation = 1; }
};

struct DilationTwice : Sound {
  void begin() {
    conv.rows.dilation *= conv.rows.dilation;
    conv.cols.dilation *= conv.cols.dilation;
  }
};

struct DilationAtMostTwo : Sound {
  void begin() {
    conv.rows.dilation = std::min<int64_t>(conv.rows.dilation, 2);
    conv.cols.dilation = std::min<int64_t>(conv.cols.dilation, 2);
  }
};

struct PaddingDilated : Sound {
  void begin() {
    conv.rows.pad *= conv.rows.dilation;
    conv.cols.pad *= conv.cols.dilation;
  }
};

// Right for kernels of up to three columns; those behind follow each other closely.
struct DilationOfThreeTaps : Sound {
  int64_t col(int64_t out, int64_t tap) const {
    return tap < 3 ? Sound::col(out, tap) : Sound::col(out, 2) + (tap - 2);
  }
};

struct StrideDilationSwapped : Sound {
  void begin() {
    for (Axis* axis : {&conv.rows, &conv.cols}) {
      if (axis->stride > 1 && axis->dilation > 1) std::swap(axis->stride, axis->dilation);
    }
  }
};

struct DilationLostInStridedGroups : Sound {
  void begin() {
    if (conv.groups > 1 && conv.cols.stride > 1) conv.cols.dilation = 1;
  }
};

struct StrideAtMostTwo : Sound {
  void begin() { conv.rows.stride = std::min<int64_t>(conv.rows.stride, 2); }
};

// From the ninth column on the pointer moves by one column too few a vector of eight.
struct StrideInTail : Sound {
  int64_t col(int64_t out, int64_t tap) const {
    return Sound::col(out, tap) - (conv.cols.stride > 1 && conv.cols.out % 8 != 0 ? out / 8 : 0);
  }
};

struct StrideWithinKernel : Sound {
  void begin() {
    for (Axis* axis : {&conv.rows, &conv.cols}) {
      axis->stride = std::min(axis->stride, axis->dilation * (axis->kernel - 1) + 1);
    }
  }
};

// A negative padding of half of what the stride skips.
struct StrideTakesTheMiddle : Sound {
  int64_t row(int64_t out, int64_t tap) const {
    const int64_t beyond = conv.rows.stride - (conv.rows.dilation * (conv.rows.kernel - 1) + 1);
    return Sound::row(out, tap) + std::max<int64_t>(beyond, 0) / 2;
  }
};

constexpr Mutant kAxes[] = {
    mutant<StridesSwapped>("the stride of height is used for width, and the other way round",
                           {.name = "strides_swapped",
                            .bug_class = "hw-mixup",
                            .modelled_on = "pytorch/pytorch#83180",
                            .killers = "matches_reference_exactly stride_equals_subsampling",
                            .theory = "strides_swapped"}),
    mutant<StrideOfHeightInGroups>("the stride of height is used for both axes where there are groups",
                                   {.name = "grouped_stride_of_height_for_both",
                                    .bug_class = "hw-mixup",
                                    .modelled_on = "torch/cunn#470",
                                    .killers = "matches_reference_exactly groups_are_independent",
                                    .theory = "stride_h_for_both_with_groups"}),
    mutant<DilationsSwapped>("each axis gets the other's dilation",
                             {.name = "dilations_swapped",
                              .bug_class = "hw-mixup",
                              .modelled_on = "tinygrad/tinygrad#17805",
                              .killers = "matches_reference_exactly dilation_equals_zero_stuffing",
                              .theory = "dilations_swapped"}),
    mutant<DilationOfHeight>("the dilation of height is used for both axes",
                             {.name = "dilation_of_height_for_both",
                              .bug_class = "hw-mixup",
                              .modelled_on = "openvinotoolkit/openvino#11940",
                              .killers = "matches_reference_exactly transposing_the_axes_transposes_outputs",
                              .theory = "dilation_h_for_both"}),
    mutant<PaddingsSwapped>("the padding above is used on the left, and the other way round",
                            {.name = "paddings_swapped",
                             .bug_class = "hw-mixup",
                             .modelled_on = "FluxML/Flux.jl#700",
                             .killers = "matches_reference_exactly padding_equals_explicit_zeros",
                             .theory = "top_and_left_padding_swapped"}),
    mutant<DepthwisePaddingOfHeight>("a depthwise kernel uses the padding above on the left as well",
                                     {.name = "depthwise_padding_of_height_for_both",
                                      .bug_class = "hw-mixup",
                                      .modelled_on = "PaddlePaddle/Paddle-Lite#5500",
                                      .killers = "matches_reference_exactly padding_equals_explicit_zeros",
                                      .theory = "top_padding_for_left_when_depthwise"}),
    mutant<KernelTransposed>("the weights of a filter are read down its columns",
                             {.name = "kernel_read_by_columns",
                              .bug_class = "hw-mixup",
                              .modelled_on = "tensorflow/tensorflow#61815",
                              .killers = "matches_reference_exactly keeps_the_full_significand identity_kernel_copies",
                              .theory = "kernel_transposed"}),
    mutant<KernelFlipped>("a convolution where a cross-correlation is asked for",
                          {.name = "kernel_flipped",
                           .bug_class = "reference-wrong",
                           .modelled_on = "NVIDIA/cutlass#271",
                           .killers = "matches_reference_exactly identity_kernel_copies",
                           .theory = "kernel_flipped"}),
    mutant<DilationIgnored>("taps follow each other without dilation",
                            {.name = "dilation_ignored",
                             .bug_class = "param-ignored",
                             .modelled_on = "pytorch/pytorch#1565",
                             .killers = "matches_reference_exactly dilation_equals_zero_stuffing",
                             .theory = "dilation_ignored"}),
    mutant<DilationTwice>("the dilation is applied to steps that are dilated already",
                          {.name = "dilation_applied_twice",
                           .bug_class = "dilation",
                           .modelled_on = "root-project/root#22474",
                           .killers = "matches_reference_exactly dilation_equals_zero_stuffing",
                           .theory = "dilation_squared"}),
    mutant<DilationAtMostTwo>("a dilation above two counts as two",
                              {.name = "dilation_above_two_is_two",
                               .bug_class = "dilation",
                               .modelled_on = "dmlc/mshadow#102",
                               .killers = "matches_reference_exactly dilation_equals_zero_stuffing",
                               .theory = "dilation_at_most_2"}),
    mutant<PaddingDilated>("the padding is multiplied by the dilation",
                           {.name = "padding_scaled_by_dilation",
                            .bug_class = "dilation",
                            .modelled_on = "ceccocats/tkDNN#37",
                            .killers = "matches_reference_exactly dilation_equals_zero_stuffing",
                            .theory = "dilation_multiplies_padding"}),
    mutant<DilationOfThreeTaps>("taps behind the third column follow each other without dilation",
                                {.name = "dilation_of_the_first_three_taps",
                                 .bug_class = "dilation",
                                 .modelled_on = "PaddlePaddle/Anakin#269",
                                 .killers = "matches_reference_exactly dilation_equals_zero_stuffing"}),
    mutant<StrideDilationSwapped>("stride and dilation of an axis are swapped where both are above one",
                                  {.name = "stride_dilation_swapped",
                                   .bug_class = "dilation",
                                   .modelled_on = "intel/ipex-llm#913",
                                   .killers = "matches_reference_exactly stride_equals_subsampling"}),
    mutant<DilationLostInStridedGroups>("with groups and a stride the dilation of width is not looked at",
                                        {.name = "strided_groups_lose_the_dilation_of_width",
                                         .bug_class = "dilation",
                                         .modelled_on = "PaddlePaddle/Paddle-Lite#880",
                                         .killers = "matches_reference_exactly groups_are_independent"}),
    mutant<StrideAtMostTwo>("a stride of height above two counts as two",
                            {.name = "stride_above_two_is_two",
                             .bug_class = "stride",
                             .modelled_on = "uxlfoundation/oneDNN#4124",
                             .killers = "matches_reference_exactly stride_equals_subsampling",
                             .theory = "stride_h_at_most_2"}),
    mutant<StrideInTail>("a strided row whose width is no multiple of eight drifts by one column a vector",
                         {.name = "strided_row_drifts_in_the_tail",
                          .bug_class = "stride",
                          .modelled_on = "fujitsu/oneDNN#43",
                          .killers = "matches_reference_exactly stride_equals_subsampling"}),
    mutant<StrideWithinKernel>("a stride above the kernel counts as the kernel's extent",
                               {.name = "stride_cut_to_the_kernel",
                                .bug_class = "stride-gt-kernel",
                                .modelled_on = "clab/dynet#667",
                                .killers = "matches_reference_exactly stride_equals_subsampling"}),
    mutant<StrideTakesTheMiddle>("a stride above the kernel takes the middle of what it skips",
                                 {.name = "stride_above_kernel_takes_the_middle",
                                  .bug_class = "stride-gt-kernel",
                                  .modelled_on = "tensorflow/tensorflow#14601",
                                  .killers = "matches_reference_exactly stride_equals_subsampling"}),
};

}  // namespace

std::span<const Mutant> axis_mutants() {
  return kAxes;
}

}  // namespace convcheck::impls::mutants
