#include "tests/properties/faulty_kernels.h"

#include <array>
#include <memory>
#include <utility>

#include "impls/support/rules.h"
#include "tests/properties/bent_convolution.h"

namespace convcheck {
namespace {

constexpr std::array<const char*, kDefectCount> kDefectNames = {"none",
                                                                "group_ignored",
                                                                "groups_interleaved",
                                                                "weight_group_lost",
                                                                "last_channel_dropped",
                                                                "kernel_flipped",
                                                                "stride_dilation_swapped",
                                                                "padding_sides_swapped",
                                                                "strided_read_as_dense",
                                                                "channel_residue",
                                                                "bias_per_group",
                                                                "bias_skipped",
                                                                "bias_doubled_after_first",
                                                                "first_image_repeated",
                                                                "image_carried_over",
                                                                "output_added_to",
                                                                "nan_in_one",
                                                                "accumulates_in_bf16",
                                                                "accumulates_in_half",
                                                                "accumulates_in_22_bits",
                                                                "inputs_cut_to_bf16",
                                                                "inputs_cut_to_tf32",
                                                                "weights_cut_to_half",
                                                                "outputs_cut_to_tf32",
                                                                "small_terms_dropped",
                                                                "one_index_wrong",
                                                                "winograd_inaccurate",
                                                                "winograd_undeclared",
                                                                "subnormals_flushed",
                                                                "subnormal_inputs_flushed",
                                                                "overflows_early",
                                                                "zeros_skipped",
                                                                "padding_multiplied",
                                                                "nan_lost",
                                                                "infinity_saturated",
                                                                "nan_spread",
                                                                "last_column_unwritten",
                                                                "group_tail_unwritten",
                                                                "rejects_kernel_above_image",
                                                                "rejects_stride_above_kernel",
                                                                "rejects_empty_batch",
                                                                "run_rejects_groups",
                                                                "answers_42",
                                                                "accepts_indivisible_outputs",
                                                                "skips_weight_shape",
                                                                "supports_accepts_invalid",
                                                                "prepare_accepts_invalid",
                                                                "fails_invalid",
                                                                "writes_then_rejects"};

constexpr std::array<const char*, kOddityCount> kOddityNames = {"plain",
                                                                "sums_reversed",
                                                                "sums_pairwise",
                                                                "sums_blocked",
                                                                "sums_compensated",
                                                                "sums_in_double",
                                                                "sums_fused",
                                                                "winograd_accuracy",
                                                                "winograd_declared",
                                                                "depthwise_only",
                                                                "run_declines",
                                                                "no_promises",
                                                                "no_supports",
                                                                "needs_plan",
                                                                "needs_workspace",
                                                                "unsupported_for_invalid"};

// Ranks that let shapes be looked at before the rules are known to be kept.
bool has_two_axes(const convcheck_problem& p) {
  return p.spatial_rank == 2 && p.input.rank == 4 && p.weight.rank == 4 && p.output.rank == 4 && p.groups >= 1;
}

// The rules as the kernel reads them.
int32_t rules_of(const convcheck_problem& problem, Defect defect) {
  if (has_two_axes(problem)) {
    const int64_t in_channels = problem.input.shape[1];
    if (defect == Defect::accepts_indivisible_outputs && problem.weight.shape[0] % problem.groups != 0) {
      return CONVCHECK_OK;
    }
    if (defect == Defect::skips_weight_shape && in_channels % problem.groups == 0) {
      convcheck_problem mended = problem;
      mended.weight.shape[1] = in_channels / problem.groups;
      return impls::check_rules(mended);
    }
  }
  return impls::check_rules(problem);
}

// A valid problem that the kernel takes for an invalid one.
bool is_over_rejected(const convcheck_problem& p, Defect defect) {
  if (defect == Defect::rejects_empty_batch) return p.input.shape[0] == 0;
  for (size_t axis = 0; axis < 2; ++axis) {
    const int64_t kernel = p.weight.shape[axis + 2];
    const bool is_above_image = p.dilation[axis] * (kernel - 1) + 1 > p.input.shape[axis + 2];
    if (defect == Defect::rejects_kernel_above_image && is_above_image) return true;
    if (defect == Defect::rejects_stride_above_kernel && p.stride[axis] > kernel) return true;
  }
  return false;
}

int32_t check(const convcheck_problem& problem, Bend bend) {
  const int32_t status = rules_of(problem, bend.defect);
  if (status == CONVCHECK_REJECTED && bend.defect == Defect::fails_invalid) return CONVCHECK_FAILED;
  if (status == CONVCHECK_REJECTED && bend.oddity == Oddity::unsupported_for_invalid) return CONVCHECK_UNSUPPORTED;
  if (status != CONVCHECK_OK) return status;
  if (problem.dtype != CONVCHECK_F32 || problem.direction != CONVCHECK_FORWARD || problem.spatial_rank != 2) {
    return CONVCHECK_UNSUPPORTED;
  }
  if (is_over_rejected(problem, bend.defect)) return CONVCHECK_REJECTED;
  const bool is_depthwise = problem.groups == problem.input.shape[1] && problem.groups > 1;
  return bend.oddity == Oddity::depthwise_only && !is_depthwise ? CONVCHECK_UNSUPPORTED : CONVCHECK_OK;
}

template <Defect D, Oddity O>
int32_t supports(const convcheck_problem* problem) {
  if (D == Defect::supports_accepts_invalid) return CONVCHECK_OK;
  return check(*problem, {D, O});
}

template <Defect D, Oddity O>
size_t workspace_bytes(const convcheck_problem* problem) {
  if (check(*problem, {D, O}) != CONVCHECK_OK) return 0;
  return static_cast<size_t>(most_products(*problem)) * sizeof(float);
}

template <Defect D, Oddity O>
int32_t prepare(const convcheck_problem* problem, const convcheck_buffers* buffers, void** plan) {
  *plan = nullptr;
  if (D == Defect::prepare_accepts_invalid) return CONVCHECK_OK;
  if (const int32_t status = check(*problem, {D, O}); status != CONVCHECK_OK) return status;
  *plan = new std::vector<float>(pack_weight(*problem, static_cast<const float*>(buffers->weight)));
  return CONVCHECK_OK;
}

void release(void* plan) {
  delete static_cast<std::vector<float>*>(plan);
}

template <Defect D, Oddity O>
int32_t run(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  const int32_t status = check(*problem, {D, O});
  if (D == Defect::writes_then_rejects && status == CONVCHECK_REJECTED) *static_cast<float*>(buffers->output) = 0;
  if (status != CONVCHECK_OK) return status;
  // An invalid problem that the kernel took for a valid one: what it would read is anybody's.
  if (impls::check_rules(*problem) != CONVCHECK_OK) return CONVCHECK_OK;
  if (D == Defect::run_rejects_groups && problem->groups > 1) return CONVCHECK_REJECTED;
  if (O == Oddity::run_declines && problem->dilation[0] > 1) return CONVCHECK_UNSUPPORTED;
  const float* packed = nullptr;
  float* products = nullptr;
  if (O == Oddity::needs_plan) {
    if (buffers->plan == nullptr) return CONVCHECK_FAILED;
    packed = static_cast<const std::vector<float>*>(buffers->plan)->data();
  }
  if (O == Oddity::needs_workspace) {
    if (buffers->workspace_bytes < workspace_bytes<D, O>(problem)) return CONVCHECK_FAILED;
    products = static_cast<float*>(buffers->workspace);
  }
  convolve_bent(*problem, *buffers, {D, O}, packed, products);
  return D == Defect::answers_42 && problem->groups > 1 ? 42 : CONVCHECK_OK;
}

constexpr uint32_t kAllPromises = CONVCHECK_REJECTS_INVALID | CONVCHECK_DETERMINISTIC | CONVCHECK_THREAD_SAFE |
                                  CONVCHECK_PROPAGATES_NONFINITE | CONVCHECK_BATCH_INVARIANT;

template <Defect D, Oddity O>
constexpr convcheck_kernel make(const char* name) {
  const bool is_winograd =
      D == Defect::winograd_inaccurate || O == Oddity::winograd_accuracy || O == Oddity::winograd_declared;
  const bool is_planned = O == Oddity::needs_plan || D == Defect::prepare_accepts_invalid;
  return {.struct_size = sizeof(convcheck_kernel),
          .name = name,
          .description = "a plain convolution for tests",
          .algorithm = is_winograd ? CONVCHECK_WINOGRAD : CONVCHECK_SUMMATION,
          .winograd_tile = !is_winograd                     ? 0
                           : O == Oddity::winograd_declared ? 6
                                                            : 2,
          .promises = O == Oddity::no_promises ? 0 : kAllPromises,
          .supports = O == Oddity::no_supports ? nullptr : supports<D, O>,
          .workspace_bytes = O == Oddity::needs_workspace ? workspace_bytes<D, O> : nullptr,
          .run = run<D, O>,
          .prepare = is_planned ? prepare<D, O> : nullptr,
          .release = is_planned ? release : nullptr};
}

template <int... I>
constexpr std::array<convcheck_kernel, kDefectCount> with_defects(std::integer_sequence<int, I...> /*all*/) {
  return {make<static_cast<Defect>(I), Oddity::none>(kDefectNames[I])...};
}

template <int... I>
constexpr std::array<convcheck_kernel, kOddityCount> with_oddities(std::integer_sequence<int, I...> /*all*/) {
  return {make<Defect::none, static_cast<Oddity>(I)>(kOddityNames[I])...};
}

constexpr auto kDefects = with_defects(std::make_integer_sequence<int, kDefectCount>());
constexpr auto kOddities = with_oddities(std::make_integer_sequence<int, kOddityCount>());

}  // namespace

const convcheck_kernel& kernel_with(Defect defect) {
  return kDefects[static_cast<size_t>(defect)];
}

const convcheck_kernel& kernel_with(Oddity oddity) {
  return kOddities[static_cast<size_t>(oddity)];
}

std::vector<Defect> all_defects() {
  std::vector<Defect> all;
  for (int i = 1; i < kDefectCount; ++i) all.push_back(static_cast<Defect>(i));
  return all;
}

std::vector<Oddity> all_oddities() {
  std::vector<Oddity> all;
  for (int i = 0; i < kOddityCount; ++i) all.push_back(static_cast<Oddity>(i));
  return all;
}

}  // namespace convcheck
