#include "tests/properties/faulty_kernels.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "impls/mutants.h"
#include "impls/support/rules.h"
#include "tests/properties/bent_convolution.h"

namespace convcheck {
namespace {

// The mutants that the defects stand for.
constexpr std::array<const char*, kDefectCount> kMutantNames = {"groups_above_one_read_the_first_group",
                                                                "groups_interleaved",
                                                                "weight_group_lost",
                                                                "last_input_channel_dropped",
                                                                "kernel_flipped",
                                                                "stride_dilation_swapped",
                                                                "padding_sides_swapped",
                                                                "input_read_as_contiguous",
                                                                "every_eighth_filter_off_by_one",
                                                                "bias_by_k_modulo_groups",
                                                                "bias_skipped",
                                                                "bias_doubled_after_the_first_image",
                                                                "first_image_repeated",
                                                                "image_carried_over",
                                                                "output_added_to",
                                                                "one_output_of_a_group_is_nan",
                                                                "accumulates_in_bf16",
                                                                "accumulates_in_half",
                                                                "accumulates_in_22_bits",
                                                                "inputs_rounded_to_bf16",
                                                                "inputs_rounded_to_tf32",
                                                                "weights_rounded_to_half",
                                                                "outputs_rounded_to_tf32",
                                                                "small_terms_dropped",
                                                                "one_tap_of_the_last_filter",
                                                                "winograd_multiplies_in_bf16",
                                                                "winograd_undeclared",
                                                                "subnormal_results_flushed",
                                                                "subnormal_operands_flushed",
                                                                "sums_overflow_early",
                                                                "zeros_skipped",
                                                                "padding_multiplied",
                                                                "nan_lost",
                                                                "infinity_saturated",
                                                                "nan_spread_to_the_right",
                                                                "last_column_unwritten",
                                                                "last_filter_of_a_group_unwritten",
                                                                "rejects_kernel_above_image",
                                                                "rejects_stride_above_kernel",
                                                                "rejects_empty_batch",
                                                                "run_rejects_what_supports_accepts",
                                                                "answers_42_to_groups",
                                                                "accepts_indivisible_output_channels",
                                                                "skips_weight_channels",
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

int32_t check(const convcheck_problem& problem, Oddity oddity) {
  const int32_t status = impls::check_rules(problem);
  if (status == CONVCHECK_REJECTED && oddity == Oddity::unsupported_for_invalid) return CONVCHECK_UNSUPPORTED;
  if (status != CONVCHECK_OK) return status;
  if (problem.dtype != CONVCHECK_F32 || problem.direction != CONVCHECK_FORWARD || problem.spatial_rank != 2) {
    return CONVCHECK_UNSUPPORTED;
  }
  const bool is_depthwise = problem.groups == problem.input.shape[1] && problem.groups > 1;
  return oddity == Oddity::depthwise_only && !is_depthwise ? CONVCHECK_UNSUPPORTED : CONVCHECK_OK;
}

// And whether the bias pointer agrees with the problem.
int32_t check(const convcheck_problem& problem, const convcheck_buffers& buffers, Oddity oddity) {
  const int32_t status = check(problem, oddity);
  if (status != CONVCHECK_OK || (buffers.bias != nullptr) == (problem.bias.rank != 0)) return status;
  return oddity == Oddity::unsupported_for_invalid ? CONVCHECK_UNSUPPORTED : CONVCHECK_REJECTED;
}

template <Oddity O>
int32_t supports(const convcheck_problem* problem) {
  return check(*problem, O);
}

template <Oddity O>
size_t workspace_bytes(const convcheck_problem* problem) {
  if (check(*problem, O) != CONVCHECK_OK) return 0;
  return static_cast<size_t>(most_products(*problem)) * sizeof(float);
}

template <Oddity O>
int32_t prepare(const convcheck_problem* problem, const convcheck_buffers* buffers, void** plan) {
  *plan = nullptr;
  if (const int32_t status = check(*problem, *buffers, O); status != CONVCHECK_OK) return status;
  *plan = new std::vector<float>(pack_weight(*problem, static_cast<const float*>(buffers->weight)));
  return CONVCHECK_OK;
}

void release(void* plan) {
  delete static_cast<std::vector<float>*>(plan);
}

template <Oddity O>
int32_t run(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = check(*problem, *buffers, O); status != CONVCHECK_OK) return status;
  if (O == Oddity::run_declines && problem->dilation[0] > 1) return CONVCHECK_UNSUPPORTED;
  const float* packed = nullptr;
  float* products = nullptr;
  if (O == Oddity::needs_plan) {
    if (buffers->plan == nullptr) return CONVCHECK_FAILED;
    packed = static_cast<const std::vector<float>*>(buffers->plan)->data();
  }
  if (O == Oddity::needs_workspace) {
    if (buffers->workspace_bytes < workspace_bytes<O>(problem)) return CONVCHECK_FAILED;
    products = static_cast<float*>(buffers->workspace);
  }
  convolve_oddly(*problem, *buffers, O, packed, products);
  return CONVCHECK_OK;
}

constexpr uint32_t kAllPromises = CONVCHECK_REJECTS_INVALID | CONVCHECK_DETERMINISTIC | CONVCHECK_THREAD_SAFE |
                                  CONVCHECK_PROPAGATES_NONFINITE | CONVCHECK_BATCH_INVARIANT;

template <Oddity O>
constexpr convcheck_kernel make(const char* name) {
  const bool is_winograd = O == Oddity::winograd_accuracy || O == Oddity::winograd_declared;
  const bool is_planned = O == Oddity::needs_plan;
  return {.struct_size = sizeof(convcheck_kernel),
          .name = name,
          .description = "a plain convolution for tests",
          .algorithm = is_winograd ? CONVCHECK_WINOGRAD : CONVCHECK_SUMMATION,
          .winograd_tile = !is_winograd                     ? 0
                           : O == Oddity::winograd_declared ? 6
                                                            : 2,
          .promises = O == Oddity::no_promises ? 0 : kAllPromises,
          .supports = O == Oddity::no_supports ? nullptr : supports<O>,
          .workspace_bytes = O == Oddity::needs_workspace ? workspace_bytes<O> : nullptr,
          .run = run<O>,
          .prepare = is_planned ? prepare<O> : nullptr,
          .release = is_planned ? release : nullptr};
}

template <int... I>
constexpr std::array<convcheck_kernel, kOddityCount> with_oddities(std::integer_sequence<int, I...> /*all*/) {
  return {make<static_cast<Oddity>(I)>(kOddityNames[I])...};
}

constexpr auto kOddities = with_oddities(std::make_integer_sequence<int, kOddityCount>());

}  // namespace

const convcheck_kernel& kernel_with(Defect defect) {
  const std::string_view name = kMutantNames[static_cast<size_t>(defect)];
  size_t count = 0;
  const auto* const mutants = convcheck_mutant_kernels(CONVCHECK_ABI_VERSION, &count);
  const auto* const found =
      std::find_if(mutants, mutants + count, [&](const convcheck_kernel* kernel) { return kernel->name == name; });
  if (found == mutants + count) std::abort();
  return **found;
}

const convcheck_kernel& kernel_with(Oddity oddity) {
  return kOddities[static_cast<size_t>(oddity)];
}

std::vector<Defect> all_defects() {
  std::vector<Defect> all;
  all.reserve(kDefectCount);
  for (int i = 0; i < kDefectCount; ++i) all.push_back(static_cast<Defect>(i));
  return all;
}

std::vector<Oddity> all_oddities() {
  std::vector<Oddity> all;
  all.reserve(kOddityCount);
  for (int i = 0; i < kOddityCount; ++i) all.push_back(static_cast<Oddity>(i));
  return all;
}

}  // namespace convcheck
