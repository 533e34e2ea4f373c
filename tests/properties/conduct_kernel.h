// What the kernels of ill conduct are made of.
#pragma once

#include <span>

#include "convcheck/kernel.h"
#include "impls/support/conv.h"

namespace convcheck::conduct {

using namespace impls;  // NOLINT(google-build-using-namespace): what kernels are made of

inline constexpr uint32_t kAll = CONVCHECK_REJECTS_INVALID | CONVCHECK_DETERMINISTIC | CONVCHECK_THREAD_SAFE |
                                 CONVCHECK_PROPAGATES_NONFINITE | CONVCHECK_BATCH_INVARIANT;

using Supports = int32_t (*)(const convcheck_problem*);
using Run = int32_t (*)(const convcheck_problem*, const convcheck_buffers*);
using Prepare = int32_t (*)(const convcheck_problem*, const convcheck_buffers*, void**);
using Release = void (*)(void*);

inline int32_t supports(const convcheck_problem* problem) {
  return admit(*problem);
}

constexpr convcheck_kernel kernel(const char* name, Run run, Prepare prepare = nullptr, Release release = nullptr) {
  return {.struct_size = sizeof(convcheck_kernel),
          .name = name,
          .description = "a kernel of ill conduct for tests",
          .algorithm = CONVCHECK_SUMMATION,
          .winograd_tile = 0,
          .promises = kAll,
          .supports = supports,
          .workspace_bytes = nullptr,
          .run = run,
          .prepare = prepare,
          .release = release};
}

inline const float* floats(const void* pointer) {
  return static_cast<const float*>(pointer);
}

inline void convolve(const Conv& conv, const convcheck_buffers& buffers, const float* weight) {
  convolve_plain(conv, floats(buffers.input), weight, floats(buffers.bias), static_cast<float*>(buffers.output));
}

inline void convolve(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  convolve(decode(problem), buffers, floats(buffers.weight));
}

/// A right call, before which `Body` does what it should not.
template <auto Body>
int32_t run_after(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = admit(*problem, *buffers); status != CONVCHECK_OK) return status;
  Body();
  convolve(*problem, *buffers);
  return CONVCHECK_OK;
}

/// A right call of the convolution that `Body` makes of it.
template <auto Body>
int32_t run_with(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = admit(*problem, *buffers); status != CONVCHECK_OK) return status;
  Body(*problem, *buffers);
  return CONVCHECK_OK;
}

inline void right(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  convolve(problem, buffers);
}

/// Those that remember what they should forget, or share what is not to be shared.
[[nodiscard]] std::span<const convcheck_kernel> remembering_kernels();
/// Those that lose memory or change the process.
[[nodiscard]] std::span<const convcheck_kernel> meddling_kernels();
/// Those that refuse badly, or not at all.
[[nodiscard]] std::span<const convcheck_kernel> refusing_kernels();

}  // namespace convcheck::conduct
