// Mutants that refuse what is valid.
#include "impls/mutants/mutant.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

int64_t extent(const convcheck_problem& p, int axis) {
  return p.dilation[axis] * (p.weight.shape[axis + 2] - 1) + 1;
}

/// Rejects the valid problems for which M::refuses_valid() holds, and computes the others.
template <class M>
struct OverRejecting : Sound {
  static int32_t check(const convcheck_problem& p) {
    const int32_t status = admit(p);
    return status == CONVCHECK_OK && M::refuses_valid(p) ? CONVCHECK_REJECTED : status;
  }
  static int32_t supports(const convcheck_problem& p) { return check(p); }
  static int32_t runs(const convcheck_problem& p) { return check(p); }
};

struct KernelAboveImage : OverRejecting<KernelAboveImage> {
  static bool refuses_valid(const convcheck_problem& p) {
    return extent(p, 0) > p.input.shape[2] || extent(p, 1) > p.input.shape[3];
  }
};

struct StrideAboveKernel : OverRejecting<StrideAboveKernel> {
  static bool refuses_valid(const convcheck_problem& p) {
    return p.stride[0] > p.weight.shape[2] || p.stride[1] > p.weight.shape[3];
  }
};

struct PaddingAtKernel : OverRejecting<PaddingAtKernel> {
  static bool refuses_valid(const convcheck_problem& p) {
    for (int axis = 0; axis < 2; ++axis) {
      const int64_t kernel = p.weight.shape[axis + 2];
      if (p.pad_before[axis] >= kernel || p.pad_after[axis] >= kernel) return true;
    }
    return false;
  }
};

struct LargePadding : OverRejecting<LargePadding> {
  static bool refuses_valid(const convcheck_problem& p) { return p.pad_before[1] >= 3 && p.output.shape[3] < 16; }
};

struct EmptyBatch : OverRejecting<EmptyBatch> {
  static bool refuses_valid(const convcheck_problem& p) { return p.input.shape[0] == 0; }
};

struct EmptyAxis : OverRejecting<EmptyAxis> {
  static bool refuses_valid(const convcheck_problem& p) { return p.input.shape[2] == 0 || p.input.shape[3] == 0; }
};

struct DilatedGroups : OverRejecting<DilatedGroups> {
  static bool refuses_valid(const convcheck_problem& p) {
    return p.groups > 1 && (p.dilation[0] > 1 || p.dilation[1] > 1);
  }
};

struct GroupsInBetween : OverRejecting<GroupsInBetween> {
  static bool refuses_valid(const convcheck_problem& p) { return p.groups > 1 && p.groups < p.input.shape[1]; }
};

struct StrideOverhang : OverRejecting<StrideOverhang> {
  static bool refuses_valid(const convcheck_problem& p) {
    for (int axis = 0; axis < 2; ++axis) {
      const int64_t padded = p.input.shape[axis + 2] + p.pad_before[axis] + p.pad_after[axis];
      if ((padded - extent(p, axis)) % p.stride[axis] != 0) return true;
    }
    return false;
  }
};

struct UnequalPadding : OverRejecting<UnequalPadding> {
  static bool refuses_valid(const convcheck_problem& p) {
    return p.pad_before[0] != p.pad_after[0] || p.pad_before[1] != p.pad_after[1];
  }
};

struct ChannelsOfFilters : OverRejecting<ChannelsOfFilters> {
  static bool refuses_valid(const convcheck_problem& p) { return p.groups > 1 && p.weight.shape[0] < p.input.shape[1]; }
};

constexpr Mutant kRejections[] = {
    mutant<KernelAboveImage>("a kernel larger than the image without its padding is rejected",
                             {.name = "rejects_kernel_above_image",
                              .bug_class = "over-rejection",
                              .modelled_on = "deeplearning4j/deeplearning4j#2071",
                              .killers = "accepts_valid",
                              .wrong_values = false}),
    mutant<StrideAboveKernel>("a stride above the kernel is rejected", {.name = "rejects_stride_above_kernel",
                                                                        .bug_class = "over-rejection",
                                                                        .modelled_on = "tensorflow/tensorflow#6362",
                                                                        .killers = "accepts_valid",
                                                                        .wrong_values = false}),
    mutant<PaddingAtKernel>("a padding of the kernel's size or more is rejected",
                            {.name = "rejects_padding_at_kernel",
                             .bug_class = "over-rejection",
                             .modelled_on = "Maratyszcza/NNPACK#103",
                             .killers = "accepts_valid",
                             .wrong_values = false}),
    mutant<LargePadding>("a left padding of three or more is rejected where outputs are narrow",
                         {.name = "rejects_left_padding_of_narrow_outputs",
                          .bug_class = "over-rejection",
                          .modelled_on = "uxlfoundation/oneDNN#1098",
                          .killers = "accepts_valid",
                          .wrong_values = false}),
    mutant<EmptyBatch>("an empty batch is rejected", {.name = "rejects_empty_batch",
                                                      .bug_class = "zero-size",
                                                      .modelled_on = "keras-team/keras#22564",
                                                      .killers = "accepts_valid",
                                                      .wrong_values = false}),
    mutant<EmptyAxis>("an image without pixels is rejected, though its padding fits the kernel",
                      {.name = "rejects_empty_image",
                       .bug_class = "zero-size",
                       .modelled_on = "jax-ml/jax#1794",
                       .killers = "accepts_valid",
                       .wrong_values = false}),
    mutant<DilatedGroups>("dilation with groups is rejected", {.name = "rejects_dilated_groups",
                                                               .bug_class = "over-rejection",
                                                               .modelled_on = "pytorch/pytorch#108676",
                                                               .killers = "accepts_valid",
                                                               .wrong_values = false}),
    mutant<GroupsInBetween>("groups between one and the input channels are rejected",
                            {.name = "rejects_groups_in_between",
                             .bug_class = "over-rejection",
                             .modelled_on = "iree-org/iree#9351",
                             .killers = "accepts_valid",
                             .wrong_values = false}),
    mutant<StrideOverhang>("a padded image that strides do not divide evenly is rejected",
                           {.name = "rejects_what_strides_do_not_divide",
                            .bug_class = "output-size-formula",
                            .modelled_on = "apache/tvm#19524",
                            .killers = "accepts_valid",
                            .wrong_values = false}),
    mutant<UnequalPadding>("padding that differs between both sides is rejected",
                           {.name = "rejects_unequal_padding",
                            .bug_class = "over-rejection",
                            .modelled_on = "openvinotoolkit/openvino#493",
                            .killers = "accepts_valid",
                            .wrong_values = false}),
    mutant<ChannelsOfFilters>("grouped problems with fewer output than input channels are rejected",
                              {.name = "rejects_groups_with_fewer_outputs",
                               .bug_class = "over-rejection",
                               .modelled_on = "ROCm/MIOpen#2459",
                               .killers = "accepts_valid",
                               .wrong_values = false}),
};

}  // namespace

std::span<const Mutant> rejection_mutants() {
  return kRejections;
}

}  // namespace convcheck::impls::mutants
