// The ABI's entry points of a kernel that serves every problem: by its own formulation where that fits the problem and
// its values, else by the plain loops.
#pragma once

#include <memory>

#include "impls/support/conv.h"

namespace convcheck::impls {

/// What every plan keeps. The addresses are the caller's, valid as long as the plan.
struct PlanBase {
  Conv conv;
  const float* user_weight;
  const float* user_bias;  // null where there is none
  bool plain;              // convolve_plain() does it: whatever else a plan holds is empty then
};

/// Everything of a `convcheck_kernel` that runs, of a formulation that has
///
///     struct Plan : PlanBase { ... };
///     static int64_t workspace_floats(const Conv& conv);   // 0 where the plain loops do it
///     static void plan(Plan& plan);                        // with its base filled: decides `plain`, and packs
///     static void convolve(const Plan& plan, const float* input, float* output, float* workspace);
///
/// What these throw becomes CONVCHECK_FAILED.
template <typename Formulation>
struct Planned {
  using Plan = typename Formulation::Plan;

  static int32_t supports(const convcheck_problem* problem) { return admit(*problem); }

  static size_t workspace_bytes(const convcheck_problem* problem) {
    size_t bytes = 0;
    const int32_t status = guarded([&]() -> int32_t {
      if (admit(*problem) != CONVCHECK_OK) return CONVCHECK_UNSUPPORTED;
      bytes = static_cast<size_t>(Formulation::workspace_floats(decode(*problem))) * sizeof(float);
      return CONVCHECK_OK;
    });
    return status == CONVCHECK_OK ? bytes : 0;
  }

  static int32_t prepare(const convcheck_problem* problem, const convcheck_buffers* buffers, void** plan) {
    return guarded([&]() -> int32_t {
      const int32_t status = admit(*problem, *buffers);
      if (status != CONVCHECK_OK) return status;
      auto made = std::make_unique<Plan>();
      made->conv = decode(*problem);
      made->user_weight = static_cast<const float*>(buffers->weight);
      made->user_bias = static_cast<const float*>(buffers->bias);
      Formulation::plan(*made);
      *plan = made.release();
      return CONVCHECK_OK;
    });
  }

  static int32_t run(const convcheck_problem* problem, const convcheck_buffers* buffers) {
    return guarded([&]() -> int32_t {
      const int32_t status = admit_run(*problem, *buffers, workspace_bytes(problem));
      if (status != CONVCHECK_OK) return status;
      const auto& plan = *static_cast<const Plan*>(buffers->plan);
      const auto* input = static_cast<const float*>(buffers->input);
      auto* output = static_cast<float*>(buffers->output);
      if (plan.plain) {
        convolve_plain(plan.conv, input, plan.user_weight, plan.user_bias, output);
      } else {
        Formulation::convolve(plan, input, output, static_cast<float*>(buffers->workspace));
      }
      return CONVCHECK_OK;
    });
  }

  static void release(void* plan) { delete static_cast<Plan*>(plan); }

  /// The kernel, which makes every promise of the ABI.
  static constexpr convcheck_kernel kernel(const char* name, const char* description) {
    return {.struct_size = sizeof(convcheck_kernel),
            .name = name,
            .description = description,
            .algorithm = CONVCHECK_SUMMATION,
            .winograd_tile = 0,
            .promises = CONVCHECK_REJECTS_INVALID | CONVCHECK_DETERMINISTIC | CONVCHECK_THREAD_SAFE |
                        CONVCHECK_PROPAGATES_NONFINITE | CONVCHECK_BATCH_INVARIANT,
            .supports = supports,
            .workspace_bytes = workspace_bytes,
            .run = run,
            .prepare = prepare,
            .release = release};
  }
};

}  // namespace convcheck::impls
