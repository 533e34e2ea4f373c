// Mutants that choose a specialised path outside of its precondition. The paths are right where they belong.
#include <algorithm>

#include "impls/mutants/mutant.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

bool has_kernel(const Conv& conv, int64_t rows, int64_t cols) {
  return conv.rows.kernel == rows && conv.cols.kernel == cols;
}

bool is_pointwise(const Conv& conv) {
  return has_kernel(conv, 1, 1);
}

struct DepthwiseForGrouped : Sound {
  int64_t channels() const { return conv.groups > 1 && conv.out_per_group == 1 ? 1 : conv.in_per_group; }
};

// A depthwise path, which has a filter for each channel, where there is one channel in all.
struct DepthwiseForOneChannel : Sound {
  int64_t filter() const { return in_channels() == 1 ? 0 : k; }
};

struct StrideTwoPath : Sound {
  void begin() {
    if (has_kernel(conv, 3, 3) && conv.rows.stride == 2 && conv.cols.stride == 2) {
      conv.rows.dilation = conv.cols.dilation = 1;
    }
  }
};

struct StrideTwoPathByHeight : Sound {
  void begin() {
    if (has_kernel(conv, 3, 3) && conv.rows.stride == 2) conv.cols.stride = 2;
  }
};

struct SmallKernelsAreDense : Sound {
  void begin() {
    const bool is_small = conv.rows.kernel == 2 && conv.cols.kernel <= 8 && conv.groups == 1;
    if (is_small && conv.cols.stride > 1) conv.cols.stride = 1;
  }
};

struct SingleImagePath : Sound {
  int64_t channel(int64_t c) const {
    const bool is_taken = conv.batch == 1 && conv.in_per_group % 2 == 1 && conv.out_per_group % 2 == 1;
    return Sound::channel(is_taken ? conv.in_per_group - 1 - c : c);
  }
};

struct StrideAndDilation : Sound {
  void begin() {
    const bool both = conv.rows.stride > 1 && conv.rows.dilation > 1 && conv.cols.stride > 1 && conv.cols.dilation > 1;
    if (both) conv.rows.dilation = conv.cols.dilation = conv.rows.stride;
  }
};

struct GroupedWithUnequalStrides : Sound {
  int64_t filter() const {
    const bool is_taken = conv.groups > 1 && conv.rows.stride != conv.cols.stride && conv.out_per_group > 1;
    return is_taken ? group() * conv.out_per_group + (conv.out_per_group - 1 - lane()) : k;
  }
};

// The path of sixteen lanes is taken as soon as there are as many channels, and repeats the last whole vector.
struct SixteenLanes : Sound {
  int64_t channel(int64_t c) const {
    const int64_t whole = conv.in_per_group / 16 * 16;
    return Sound::channel(whole > 0 && c >= whole ? c - whole : c);
  }
};

struct PointwiseWithoutStride : Sound {
  void begin() {
    if (is_pointwise(conv)) conv.rows.stride = conv.cols.stride = 1;
  }
};

struct PointwiseWithoutPadding : Sound {
  void begin() {
    if (is_pointwise(conv)) conv.rows.pad = conv.cols.pad = 0;
  }
};

struct PointwiseOfSeveralChannels : Sound {
  int64_t channel(int64_t c) const {
    return Sound::channel(is_pointwise(conv) && conv.groups == 1 && c == conv.in_per_group - 1 ? 0 : c);
  }
};

struct PointwiseOfEvenChannels : Sound {
  float weight_at(int64_t f, int64_t c, int64_t h, int64_t w) const {
    const bool is_taken = is_pointwise(conv) && conv.in_per_group % 2 == 0 && conv.out_per_group % 2 == 0;
    return Sound::weight_at(f, is_taken ? c ^ 1 : c, h, w);
  }
};

struct KernelRowAsPointwise : Sound {
  void begin() {
    if (conv.rows.kernel == 1 && conv.cols.kernel > 1) conv.rows.stride = 1;
  }
};

struct LeftOnEpilogue : Sound {
  float finish(float sum, Spot /*at*/) const {
    const bool is_tail = conv.out_per_group % 4 != 0 && lane() == conv.out_per_group - 1 && lane() > 0;
    return is_tail ? std::max(sum, 0.0F) : sum;
  }
};

// Said to be served, and refused when it is to be run.
struct RunRefusesGroups : Sound {
  static int32_t runs(const convcheck_problem& p) {
    const int32_t status = admit(p);
    return status == CONVCHECK_OK && p.groups > 1 && p.input.shape[1] > p.groups ? CONVCHECK_REJECTED : status;
  }
};

struct AnswersFortyTwo : Sound {
  int32_t answer() const { return conv.groups > 1 ? 42 : CONVCHECK_OK; }
};

constexpr Mutant kDispatch[] = {
    mutant<DepthwiseForGrouped>("groups of one filter each are taken for depthwise, whatever their input channels",
                                {.name = "single_filters_taken_for_depthwise",
                                 .bug_class = "dispatch-wrong-kernel",
                                 .modelled_on = "Tencent/TNN#847",
                                 .killers = "matches_reference_exactly equals_block_diagonal_dense"}),
    mutant<DepthwiseForOneChannel>("a single input channel is taken for depthwise and uses the first filter alone",
                                   {.name = "single_channel_taken_for_depthwise",
                                    .bug_class = "degenerate-dimension",
                                    .modelled_on = "PaddlePaddle/Paddle#27278",
                                    .killers = "matches_reference_exactly permuting_filters_permutes_outputs"}),
    mutant<StrideTwoPath>("3x3 with stride two takes a path without dilation",
                          {.name = "stride_two_path_with_dilation",
                           .bug_class = "dispatch-wrong-kernel",
                           .modelled_on = "Tencent/ncnn#1445",
                           .killers = "matches_reference_exactly dilation_equals_zero_stuffing"}),
    mutant<StrideTwoPathByHeight>("3x3 takes the path for stride two by the stride of height",
                                  {.name = "stride_two_path_chosen_by_height",
                                   .bug_class = "dispatch-wrong-kernel",
                                   .modelled_on = "Tencent/ncnn#94",
                                   .killers = "matches_reference_exactly stride_equals_subsampling"}),
    mutant<SmallKernelsAreDense>("kernels of two rows take a path without stride of width",
                                 {.name = "two_row_path_with_stride",
                                  .bug_class = "dispatch-wrong-kernel",
                                  .modelled_on = "tiny-dnn/tiny-dnn#370",
                                  .killers = "matches_reference_exactly stride_equals_subsampling"}),
    mutant<SingleImagePath>("a single image of odd channels takes a path that reads them backwards",
                            {.name = "single_image_path_with_odd_channels",
                             .bug_class = "dispatch-wrong-kernel",
                             .modelled_on = "ROCm/MIOpen#951",
                             .killers = "matches_reference_exactly"}),
    mutant<StrideAndDilation>("with stride and dilation on both axes the stride of height is used for the dilations",
                              {.name = "stride_and_dilation_together",
                               .bug_class = "dispatch-wrong-kernel",
                               .modelled_on = "pytorch/xla#1017",
                               .killers = "matches_reference_exactly stride_equals_subsampling"}),
    mutant<GroupedWithUnequalStrides>("groups with unequal strides use their filters backwards",
                                      {.name = "grouped_filters_backwards_with_unequal_strides",
                                       .bug_class = "dispatch-wrong-kernel",
                                       .modelled_on = "Tencent/TNN#847",
                                       .killers = "matches_reference_exactly groups_are_independent"}),
    mutant<SixteenLanes>("the sixteen-lane path reads the first vector again in place of the tail",
                         {.name = "sixteen_lane_path_repeats_a_vector",
                          .bug_class = "isa-dispatch",
                          .modelled_on = "pytorch/pytorch#23426",
                          .killers = "matches_reference_exactly permuting_input_channels_changes_nothing"}),
    mutant<PointwiseWithoutStride>("a 1x1 kernel takes a path without stride",
                                   {.name = "pointwise_path_with_stride",
                                    .bug_class = "kernel-1x1-fastpath",
                                    .modelled_on = "pytorch/pytorch#54080",
                                    .killers = "matches_reference_exactly stride_equals_subsampling"}),
    mutant<PointwiseWithoutPadding>("a 1x1 kernel takes a path without padding",
                                    {.name = "pointwise_path_with_padding",
                                     .bug_class = "kernel-1x1-fastpath",
                                     .modelled_on = "ROCm/MIOpen#917",
                                     .killers = "matches_reference_exactly padding_equals_explicit_zeros"}),
    mutant<PointwiseOfSeveralChannels>("a 1x1 kernel reads the first input channel in place of the last",
                                       {.name = "pointwise_reads_the_first_channel_for_the_last",
                                        .bug_class = "kernel-1x1-fastpath",
                                        .modelled_on = "onnx/onnx-mlir#1517",
                                        .killers = "matches_reference_exactly pointwise_is_a_matrix_product"}),
    mutant<PointwiseOfEvenChannels>("a 1x1 kernel of even channels swaps the weights of each pair",
                                    {.name = "pointwise_of_even_channels_swaps_pairs",
                                     .bug_class = "kernel-1x1-fastpath",
                                     .modelled_on = "ROCm/composable_kernel#2478",
                                     .killers = "matches_reference_exactly pointwise_is_a_matrix_product"}),
    mutant<KernelRowAsPointwise>("a kernel of one row does not look at the stride of height",
                                 {.name = "kernel_of_one_row_without_stride",
                                  .bug_class = "dispatch-wrong-kernel",
                                  .modelled_on = "pytorch/executorch#17766",
                                  .killers = "matches_reference_exactly stride_equals_subsampling"}),
    mutant<LeftOnEpilogue>("the last filter behind whole vectors has its negative results cut to zero",
                           {.name = "activation_left_on_in_the_tail",
                            .bug_class = "fused-epilogue",
                            .modelled_on = "iree-org/iree#11825",
                            .killers = "matches_reference_exactly linear_in_the_input linear_in_the_weight"}),
    mutant<RunRefusesGroups>("supports says that groups are served and run rejects them",
                             {.name = "run_rejects_what_supports_accepts",
                              .bug_class = "unsupported-not-declared",
                              .modelled_on = "tensorflow/tensorflow#50397",
                              .killers = "accepts_valid",
                              .wrong_values = false}),
    mutant<AnswersFortyTwo>("grouped problems are computed and answered by a status that there is not",
                            {.name = "answers_42_to_groups",
                             .bug_class = "over-rejection",
                             .modelled_on = "ARM-software/ComputeLibrary#954",
                             .killers = "accepts_valid",
                             .wrong_values = false}),
};

}  // namespace

std::span<const Mutant> dispatch_mutants() {
  return kDispatch;
}

}  // namespace convcheck::impls::mutants
