// The ABI's entry points of a kernel without a plan, made from the little that an unusual kernel says of itself.
//
// A formulation K has
//
//     static void convolve(const Call& call);
//
// and, where it needs them,
//
//     static bool serves(const convcheck_problem& problem);   // of a valid forward f32 problem of two axes; else: all
//     static int64_t workspace_floats(const Conv& conv);      // else: none
//
// workspace_floats() is formed by capped_count(): where it comes to more than kMostFloats (of expanded views, and of
// padding that nothing could hold) the plain loops serve the problem, without a workspace.
#pragma once

#include "impls/support/buffer.h"
#include "impls/support/conv.h"

namespace convcheck::impls::unusual {

inline constexpr uint32_t kEveryPromise = CONVCHECK_REJECTS_INVALID | CONVCHECK_DETERMINISTIC | CONVCHECK_THREAD_SAFE |
                                          CONVCHECK_PROPAGATES_NONFINITE | CONVCHECK_BATCH_INVARIANT;
/// Of kernels that multiply zeros, or add what a sum does not hold.
inline constexpr uint32_t kFiniteOnly = kEveryPromise & ~uint32_t{CONVCHECK_PROPAGATES_NONFINITE};

/// One convolution to be computed. `bias` is null where there is none.
struct Call {
  Conv conv;
  const float* input;
  const float* weight;
  const float* bias;
  float* output;
  float* workspace;
};

/// The call that `run` is given.
inline Call call_of(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  return {.conv = decode(problem),
          .input = static_cast<const float*>(buffers.input),
          .weight = static_cast<const float*>(buffers.weight),
          .bias = static_cast<const float*>(buffers.bias),
          .output = static_cast<float*>(buffers.output),
          .workspace = static_cast<float*>(buffers.workspace)};
}

inline void convolve_plain(const Call& call) {
  impls::convolve_plain(call.conv, call.input, call.weight, call.bias, call.output);
}

/// Most of what is here takes ten times as long as a kernel ought to. Problems above this many multiply-adds are not
/// served by any of it.
inline constexpr int64_t kMostProducts = int64_t{1} << 27;

/// The multiply-adds of a valid forward problem of two spatial axes, capped above kMostFloats.
inline int64_t count_products(const convcheck_problem& problem) {
  const Conv conv = decode(problem);
  return conv.batch == 0 ? 0
                         : capped_count({conv.batch, conv.out_channels(), conv.rows.out, conv.cols.out, conv.taps()});
}

template <typename K>
struct Entry {
  static int32_t supports(const convcheck_problem* problem) {
    const int32_t status = admit(*problem);
    if (status == CONVCHECK_OK && count_products(*problem) > kMostProducts) return CONVCHECK_UNSUPPORTED;
    if constexpr (requires { K::serves(*problem); }) {
      if (status == CONVCHECK_OK && !K::serves(*problem)) return CONVCHECK_UNSUPPORTED;
    }
    return status;
  }

  /// What the formulation asks for, of a problem that it serves.
  static int64_t floats_of(const Conv& conv) {
    if constexpr (requires { K::workspace_floats(conv); }) return K::workspace_floats(conv);
    return 0;
  }

  static size_t workspace_bytes(const convcheck_problem* problem) {
    if (supports(problem) != CONVCHECK_OK) return 0;
    const int64_t floats = floats_of(decode(*problem));
    return floats > kMostFloats ? 0 : static_cast<size_t>(floats) * sizeof(float);
  }

  static int32_t run(const convcheck_problem* problem, const convcheck_buffers* buffers) {
    return guarded([&]() -> int32_t {
      int32_t status = supports(problem);
      if (status == CONVCHECK_OK) status = admit(*problem, *buffers);
      if (status != CONVCHECK_OK) return status;
      if (buffers->workspace_bytes < workspace_bytes(problem)) return CONVCHECK_FAILED;
      const Call call = call_of(*problem, *buffers);
      if (floats_of(call.conv) > kMostFloats) {
        convolve_plain(call);
      } else {
        K::convolve(call);
      }
      return CONVCHECK_OK;
    });
  }
};

/// The kernel of that formulation, a summation unless `winograd_tile` says otherwise.
template <typename K>
constexpr convcheck_kernel kernel(const char* name, const char* description, uint32_t promises = kEveryPromise,
                                  int32_t winograd_tile = 0) {
  return {.struct_size = sizeof(convcheck_kernel),
          .name = name,
          .description = description,
          .algorithm = winograd_tile == 0 ? CONVCHECK_SUMMATION : CONVCHECK_WINOGRAD,
          .winograd_tile = winograd_tile,
          .promises = promises,
          .supports = Entry<K>::supports,
          .workspace_bytes = Entry<K>::workspace_bytes,
          .run = Entry<K>::run,
          .prepare = nullptr,
          .release = nullptr};
}

}  // namespace convcheck::impls::unusual
