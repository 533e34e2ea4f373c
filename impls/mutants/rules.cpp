// Mutants that accept what breaks a rule, or refuse it in the wrong way.
//
// A rule is ignored by mending, in a copy, what breaks it, and asking the rules about the copy: so every other rule is
// kept. What is accepted wrongly is not computed.
#include <algorithm>
#include <initializer_list>

#include "impls/mutants/mutant.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

/// Accepts what breaks a rule where it breaks none once M::mend() has been at it.
template <class M>
struct Lenient : Sound {
  static int32_t check(const convcheck_problem& p) {
    const int32_t status = admit(p);
    if (status != CONVCHECK_REJECTED || p.spatial_rank != 2) return status;
    convcheck_problem mended = p;
    M::mend(mended);
    return admit(mended);
  }
  static int32_t supports(const convcheck_problem& p) { return check(p); }
  static int32_t runs(const convcheck_problem& p) { return check(p); }
};

/// True where sums and products of a few sizes stay far inside of int64.
bool is_small(std::initializer_list<int64_t> sizes) {
  constexpr int64_t kSmall = int64_t{1} << 30;
  return std::all_of(sizes.begin(), sizes.end(), [](int64_t size) { return size > -kSmall && size < kSmall; });
}

/// Gives the output the extents that the formula has for it, and one where the kernel does not fit.
void fit_output(convcheck_problem& p) {
  p.output.rank = 4;
  p.output.shape[0] = p.input.shape[0];
  p.output.shape[1] = p.weight.shape[0];
  for (int axis = 0; axis < 2; ++axis) {
    const int64_t in = p.input.shape[axis + 2];
    const int64_t kernel = p.weight.shape[axis + 2];
    if (!is_small({in, kernel, p.dilation[axis], p.pad_before[axis], p.pad_after[axis]})) return;
    const int64_t room = in + p.pad_before[axis] + p.pad_after[axis] - p.dilation[axis] * (kernel - 1) - 1;
    p.output.shape[axis + 2] = std::max<int64_t>(room, 0) / std::max<int64_t>(p.stride[axis], 1) + 1;
  }
}

/// Gives weight, bias and output so many output channels.
void set_out_channels(convcheck_problem& p, int64_t out_channels) {
  p.weight.shape[0] = p.output.shape[1] = out_channels;
  if (p.bias.rank == 1) p.bias.shape[0] = out_channels;
}

// Rule 1.

struct GroupsBelowOne : Lenient<GroupsBelowOne> {
  static void mend(convcheck_problem& p) {
    if (p.groups < 1 && p.weight.shape[1] > 0) p.groups = p.input.shape[1] / p.weight.shape[1];
    if (p.output.shape[2] == 0) fit_output(p);
  }
};

struct StrideBelowOne : Lenient<StrideBelowOne> {
  static void mend(convcheck_problem& p) {
    for (int axis = 0; axis < 2; ++axis) p.stride[axis] = std::max<int64_t>(p.stride[axis], 1);
    fit_output(p);
  }
};

struct DilationZero : Lenient<DilationZero> {
  static void mend(convcheck_problem& p) {
    for (int axis = 0; axis < 2; ++axis) p.dilation[axis] = std::max<int64_t>(p.dilation[axis], 1);
    fit_output(p);
  }
};

struct NegativePadding : Lenient<NegativePadding> {
  static void mend(convcheck_problem& p) {
    for (int axis = 0; axis < 2; ++axis) {
      p.pad_before[axis] = std::max<int64_t>(p.pad_before[axis], 0);
      p.pad_after[axis] = std::max<int64_t>(p.pad_after[axis], 0);
      const int64_t extent = p.dilation[axis] * (p.weight.shape[axis + 2] - 1) + 1;
      p.input.shape[axis + 2] = std::max(p.input.shape[axis + 2], extent);
    }
    fit_output(p);
  }
};

// Rules 2 and 3.

struct WeightOfRankThree : Lenient<WeightOfRankThree> {
  static void mend(convcheck_problem& p) {
    if (p.weight.rank != 3) return;
    p.weight.rank = 4;
    p.weight.shape[3] = p.weight.stride[3] = 1;
    fit_output(p);
  }
};

struct BiasOfRankTwo : Lenient<BiasOfRankTwo> {
  static void mend(convcheck_problem& p) {
    if (p.bias.rank != 2) return;
    p.bias.rank = 1;
    fit_output(p);
  }
};

struct NegativeBatch : Lenient<NegativeBatch> {
  static void mend(convcheck_problem& p) {
    p.input.shape[0] = std::max<int64_t>(p.input.shape[0], 0);
    fit_output(p);
  }
};

struct EmptyKernel : Lenient<EmptyKernel> {
  static void mend(convcheck_problem& p) {
    for (int axis = 0; axis < 2; ++axis) p.weight.shape[axis + 2] = std::max<int64_t>(p.weight.shape[axis + 2], 1);
    fit_output(p);
  }
};

// Rules 4 to 7.

// floor(C / groups) == C' in place of C' * groups == C.
struct InputsDividedDown : Lenient<InputsDividedDown> {
  static void mend(convcheck_problem& p) {
    if (p.groups >= 1 && p.weight.shape[1] == p.input.shape[1] / p.groups) {
      p.input.shape[1] = p.weight.shape[1] * p.groups;
    }
  }
};

struct InputsMultipliedUp : Lenient<InputsMultipliedUp> {
  static void mend(convcheck_problem& p) {
    if (p.groups < 1 || !is_small({p.weight.shape[1], p.groups})) return;
    const bool is_more = p.input.shape[1] > p.weight.shape[1] * p.groups;
    if (is_more) p.input.shape[1] = p.weight.shape[1] * p.groups;
  }
};

struct OutputsIndivisible : Lenient<OutputsIndivisible> {
  static void mend(convcheck_problem& p) {
    if (p.groups >= 1) set_out_channels(p, std::max<int64_t>(p.weight.shape[0] / p.groups, 1) * p.groups);
  }
};

struct OutputsIndivisibleOfDepthwise : Lenient<OutputsIndivisibleOfDepthwise> {
  static void mend(convcheck_problem& p) {
    if (p.groups == p.input.shape[1] && p.groups > 1) OutputsIndivisible::mend(p);
  }
};

struct WeightChannels : Lenient<WeightChannels> {
  static void mend(convcheck_problem& p) {
    if (p.groups >= 1) p.weight.shape[1] = p.input.shape[1] / p.groups;
  }
};

struct WeightChannelsOfGroups : Lenient<WeightChannelsOfGroups> {
  static void mend(convcheck_problem& p) {
    if (p.groups > 1) WeightChannels::mend(p);
  }
};

struct BiasLength : Lenient<BiasLength> {
  static void mend(convcheck_problem& p) {
    if (p.bias.rank == 1) p.bias.shape[0] = p.weight.shape[0];
  }
};

struct BiasOfOne : Lenient<BiasOfOne> {
  static void mend(convcheck_problem& p) {
    if (p.bias.rank == 1 && p.bias.shape[0] == 1) p.bias.shape[0] = p.weight.shape[0];
  }
};

// Rules 8 to 10.

// The size of the output is the difference or zero, plus one.
struct KernelTooLarge : Lenient<KernelTooLarge> {
  static void mend(convcheck_problem& p) {
    for (int axis = 0; axis < 2; ++axis) {
      const int64_t kernel = p.weight.shape[axis + 2];
      if (!is_small({kernel, p.dilation[axis], p.pad_before[axis], p.pad_after[axis]}) || kernel < 1) return;
      const int64_t least = p.dilation[axis] * (kernel - 1) + 1 - p.pad_before[axis] - p.pad_after[axis];
      p.input.shape[axis + 2] = std::max(p.input.shape[axis + 2], least);
    }
    fit_output(p);
  }
};

// A division that truncates: a kernel that hangs over by less than the stride gives zero, not less.
struct KernelOverhangs : Lenient<KernelOverhangs> {
  static void mend(convcheck_problem& p) {
    for (int axis = 0; axis < 2; ++axis) {
      const int64_t in = p.input.shape[axis + 2];
      const int64_t kernel = p.weight.shape[axis + 2];
      if (!is_small({in, kernel, p.dilation[axis], p.pad_before[axis], p.pad_after[axis]})) return;
      const int64_t over = p.dilation[axis] * (kernel - 1) + 1 - in - p.pad_before[axis] - p.pad_after[axis];
      if (over > 0 && over < p.stride[axis]) p.input.shape[axis + 2] += over;
    }
    if (p.output.shape[2] == 0 && p.output.shape[3] == 0) fit_output(p);
  }
};

struct OutputExtents : Lenient<OutputExtents> {
  static void mend(convcheck_problem& p) {
    if (p.output.rank == 4 && p.output.shape[0] == p.input.shape[0] && p.output.shape[1] == p.weight.shape[0]) {
      fit_output(p);
    }
  }
};

// The size of the output is rounded up.
struct OutputRoundedUp : Lenient<OutputRoundedUp> {
  static void mend(convcheck_problem& p) {
    const convcheck_tensor_desc claimed = p.output;
    fit_output(p);
    for (int axis = 2; axis < 4; ++axis) {
      if (claimed.shape[axis] - p.output.shape[axis] > 1 || claimed.shape[axis] < p.output.shape[axis])
        p.output = claimed;
    }
  }
};

struct OutputChannels : Lenient<OutputChannels> {
  static void mend(convcheck_problem& p) {
    if (p.output.rank == 4) p.output.shape[1] = p.weight.shape[0];
  }
};

// Numbers of elements that no longer fit wrap around to something small.
struct SizesWrap : Lenient<SizesWrap> {
  static void mend(convcheck_problem& p) {
    constexpr int64_t kLarge = int64_t{1} << 30;
    for (int axis = 0; axis < 4; ++axis) {
      if (p.input.shape[axis] < kLarge) continue;
      if (axis == 0) p.output.shape[0] = p.output.shape[0] == p.input.shape[0] ? 1 : p.output.shape[0];
      p.input.shape[axis] = 1 + (axis > 1 ? p.weight.shape[axis] * p.dilation[axis - 2] : 0);
    }
    for (int axis = 0; axis < 2; ++axis) {
      if (p.pad_after[axis] >= kLarge) p.pad_after[axis] = 0;
      KernelTooLarge::mend(p);
    }
    for (auto* tensor : {&p.input, &p.output}) {
      int64_t step = 1;
      for (int axis = 3; axis >= 0; --axis) {
        tensor->stride[axis] = step;
        step *= std::max<int64_t>(tensor->shape[axis], 1);
      }
    }
  }
};

// How and where problems are refused.

struct SupportsAnything : Sound {
  static int32_t supports(const convcheck_problem& p) {
    return p.dtype == CONVCHECK_F32 && p.direction == CONVCHECK_FORWARD ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
  }
};

struct PreparesAnything : Sound {
  static constexpr bool kHasPlan = true;
  static int32_t prepares(const convcheck_problem& /*p*/) { return CONVCHECK_OK; }
};

struct RunsAnything : Sound {
  static int32_t runs(const convcheck_problem& p) {
    const int32_t status = admit(p);
    return status == CONVCHECK_REJECTED ? CONVCHECK_OK : status;
  }
};

struct UnknownTypes : Sound {
  static int32_t check(convcheck_problem p) {
    if (p.dtype < CONVCHECK_F32 || p.dtype > CONVCHECK_BF16) p.dtype = CONVCHECK_F32;
    return admit(p);
  }
  static int32_t supports(const convcheck_problem& p) { return check(p); }
  static int32_t runs(const convcheck_problem& p) { return check(p); }
};

struct FailsInvalid : Sound {
  static int32_t check(const convcheck_problem& p) {
    const int32_t status = admit(p);
    return status == CONVCHECK_REJECTED ? CONVCHECK_FAILED : status;
  }
  static int32_t supports(const convcheck_problem& p) { return check(p); }
  static int32_t runs(const convcheck_problem& p) { return check(p); }
};

struct WritesThenRejects : Sound {
  static void refuses(const convcheck_buffers& buffers) { *static_cast<float*>(buffers.output) = 0; }
};

constexpr Mutant kRules[] = {
    mutant<GroupsBelowOne>("groups below one are accepted", {.name = "accepts_groups_below_one",
                                                             .bug_class = "invalid-arg-accepted",
                                                             .modelled_on = "pytorch/pytorch#113885",
                                                             .killers = "rejects_invalid",
                                                             .wrong_values = false}),
    mutant<StrideBelowOne>("strides below one are accepted", {.name = "accepts_stride_below_one",
                                                              .bug_class = "invalid-arg-accepted",
                                                              .modelled_on = "tensorflow/tensorflow#61902",
                                                              .killers = "rejects_invalid",
                                                              .wrong_values = false}),
    mutant<DilationZero>("dilations below one are accepted", {.name = "accepts_dilation_below_one",
                                                              .bug_class = "invalid-arg-accepted",
                                                              .modelled_on = "tinygrad/tinygrad#14115",
                                                              .killers = "rejects_invalid",
                                                              .wrong_values = false}),
    mutant<NegativePadding>("negative padding is accepted", {.name = "accepts_negative_padding",
                                                             .bug_class = "negative-padding",
                                                             .modelled_on = "ml-explore/mlx#548",
                                                             .killers = "rejects_invalid",
                                                             .wrong_values = false}),
    mutant<WeightOfRankThree>("a weight of rank three is accepted", {.name = "accepts_weight_of_rank_three",
                                                                     .bug_class = "bad-weight-shape-accepted",
                                                                     .modelled_on = "pytorch/pytorch#3141",
                                                                     .killers = "rejects_invalid",
                                                                     .wrong_values = false}),
    mutant<BiasOfRankTwo>("a bias of rank two is accepted", {.name = "accepts_bias_of_rank_two",
                                                             .bug_class = "bad-bias-shape-accepted",
                                                             .modelled_on = "onnx/onnx#8036",
                                                             .killers = "rejects_invalid",
                                                             .wrong_values = false}),
    mutant<NegativeBatch>("a negative batch is accepted", {.name = "accepts_negative_batch",
                                                           .bug_class = "invalid-arg-accepted",
                                                           .modelled_on = "tensorflow/tensorflow#14657",
                                                           .killers = "rejects_invalid",
                                                           .wrong_values = false}),
    mutant<EmptyKernel>("a kernel without taps is accepted", {.name = "accepts_empty_kernel",
                                                              .bug_class = "zero-size",
                                                              .modelled_on = "PaddlePaddle/Paddle#78237",
                                                              .killers = "rejects_invalid",
                                                              .wrong_values = false}),
    mutant<InputsDividedDown>("input channels that groups do not divide are rounded down",
                              {.name = "accepts_input_channels_rounded_down",
                               .bug_class = "invalid-arg-accepted",
                               .modelled_on = "pytorch/pytorch#3647",
                               .killers = "rejects_invalid",
                               .wrong_values = false}),
    mutant<InputsMultipliedUp>("more input channels than the groups read are accepted",
                               {.name = "accepts_more_input_channels",
                                .bug_class = "invalid-arg-accepted",
                                .modelled_on = "ROCm/MIOpen#180",
                                .killers = "rejects_invalid",
                                .wrong_values = false}),
    mutant<OutputsIndivisible>("output channels that groups do not divide are accepted",
                               {.name = "accepts_indivisible_output_channels",
                                .bug_class = "invalid-arg-accepted",
                                .modelled_on = "pytorch/pytorch#178797",
                                .killers = "rejects_invalid",
                                .wrong_values = false}),
    mutant<OutputsIndivisibleOfDepthwise>("a depthwise kernel accepts output channels that groups do not divide",
                                          {.name = "accepts_indivisible_output_channels_of_depthwise",
                                           .bug_class = "invalid-arg-accepted",
                                           .modelled_on = "ROCm/MIOpen#989",
                                           .killers = "rejects_invalid",
                                           .wrong_values = false}),
    mutant<WeightChannels>("the weight's channels are not looked at", {.name = "skips_weight_channels",
                                                                       .bug_class = "bad-weight-shape-accepted",
                                                                       .modelled_on = "google/XNNPACK#11118",
                                                                       .killers = "rejects_invalid",
                                                                       .wrong_values = false}),
    mutant<WeightChannelsOfGroups>("with groups the weight's channels are not looked at",
                                   {.name = "skips_weight_channels_of_groups",
                                    .bug_class = "bad-weight-shape-accepted",
                                    .modelled_on = "chainer/chainer#5460",
                                    .killers = "rejects_invalid",
                                    .wrong_values = false}),
    mutant<BiasLength>("the length of the bias is not looked at", {.name = "skips_bias_length",
                                                                   .bug_class = "bad-bias-shape-accepted",
                                                                   .modelled_on = "microsoft/onnxruntime#29464",
                                                                   .killers = "rejects_invalid",
                                                                   .wrong_values = false}),
    mutant<BiasOfOne>("a bias of one element is accepted", {.name = "accepts_bias_of_one",
                                                            .bug_class = "bad-bias-shape-accepted",
                                                            .modelled_on = "microsoft/onnxruntime#29464",
                                                            .killers = "rejects_invalid",
                                                            .wrong_values = false}),
    mutant<KernelTooLarge>("a kernel beyond the padded image gives an output of one",
                           {.name = "accepts_kernel_beyond_the_image",
                            .bug_class = "kernel-larger-than-input",
                            .modelled_on = "google/XNNPACK#10453",
                            .killers = "rejects_invalid",
                            .wrong_values = false}),
    mutant<KernelOverhangs>("a kernel that hangs over by less than the stride is accepted",
                            {.name = "accepts_kernel_overhanging_by_less_than_the_stride",
                             .bug_class = "negative-output-size",
                             .modelled_on = "tensorflow/tensorflow#123894",
                             .killers = "rejects_invalid",
                             .wrong_values = false}),
    mutant<OutputExtents>("the output's extents are not looked at", {.name = "skips_output_extents",
                                                                     .bug_class = "output-size-formula",
                                                                     .modelled_on = "microsoft/onnxruntime#2518",
                                                                     .killers = "rejects_invalid",
                                                                     .wrong_values = false}),
    mutant<OutputRoundedUp>("an output of one row or column more is accepted", {.name = "accepts_output_rounded_up",
                                                                                .bug_class = "output-size-formula",
                                                                                .modelled_on = "apache/tvm#19524",
                                                                                .killers = "rejects_invalid",
                                                                                .wrong_values = false}),
    mutant<OutputChannels>("the output's channels are not looked at", {.name = "skips_output_channels",
                                                                       .bug_class = "output-size-formula",
                                                                       .modelled_on = "ggml-org/ggml#851",
                                                                       .killers = "rejects_invalid",
                                                                       .wrong_values = false}),
    mutant<SizesWrap>("sizes beyond what int64 holds wrap around", {.name = "accepts_sizes_that_wrap",
                                                                    .bug_class = "integer-overflow",
                                                                    .modelled_on = "pytorch/pytorch#143481",
                                                                    .killers = "rejects_invalid",
                                                                    .wrong_values = false}),
    mutant<SupportsAnything>("supports looks at type and direction alone",
                             {.name = "supports_accepts_invalid",
                              .bug_class = "invalid-arg-accepted",
                              .modelled_on = "ARM-software/ComputeLibrary#1191",
                              .killers = "rejects_invalid",
                              .wrong_values = false}),
    mutant<PreparesAnything>("prepare looks at nothing", {.name = "prepare_accepts_invalid",
                                                          .bug_class = "invalid-arg-accepted",
                                                          .modelled_on = "google/XNNPACK#11118",
                                                          .killers = "rejects_invalid",
                                                          .wrong_values = false}),
    mutant<RunsAnything>("run answers OK to what supports rejects", {.name = "run_accepts_invalid",
                                                                     .bug_class = "invalid-arg-accepted",
                                                                     .modelled_on = "ROCm/MIOpen#180",
                                                                     .killers = "rejects_invalid",
                                                                     .wrong_values = false}),
    mutant<UnknownTypes>("a data type that the ABI does not know is taken for f32",
                         {.name = "takes_unknown_types_for_f32",
                          .bug_class = "invalid-arg-accepted",
                          .modelled_on = "ARM-software/ComputeLibrary#1191",
                          .killers = "survives_hostile_arguments",
                          .wrong_values = false}),
    mutant<FailsInvalid>("invalid problems are answered with FAILED", {.name = "fails_invalid",
                                                                       .bug_class = "error-message",
                                                                       .modelled_on = "ARM-software/ComputeLibrary#954",
                                                                       .killers = "rejects_invalid",
                                                                       .wrong_values = false}),
    mutant<WritesThenRejects>("the output is written before the problem is rejected",
                              {.name = "writes_then_rejects",
                               .bug_class = "invalid-arg-accepted",
                               .modelled_on = "ml-explore/mlx#548",
                               .killers = "rejects_without_writing survives_hostile_arguments",
                               .wrong_values = false}),
};

}  // namespace

std::span<const Mutant> rule_mutants() {
  return kRules;
}

}  // namespace convcheck::impls::mutants
