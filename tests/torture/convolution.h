// The sound convolution that every kernel of the torture library computes but for its misdeed: plain loops, from the
// installed header alone.
#pragma once

#include <convcheck/kernel.h>

#include <cstdint>

namespace convcheck::torture {

using Problem = convcheck_problem;
using Buffers = convcheck_buffers;

inline constexpr uint32_t kAllPromises = CONVCHECK_REJECTS_INVALID | CONVCHECK_DETERMINISTIC | CONVCHECK_THREAD_SAFE |
                                         CONVCHECK_PROPAGATES_NONFINITE | CONVCHECK_BATCH_INVARIANT;

/// What `supports` answers for a kernel of f32, forward and two spatial axes, in any layout, of at most 16 million
/// multiply-adds: by the rules of a valid problem.
[[nodiscard]] int32_t check(const Problem& problem);

/// check(), and whether the bias pointer agrees with the problem.
[[nodiscard]] int32_t check(const Problem& problem, const Buffers& buffers);

/// Computes a problem that check() answered OK for.
void convolve(const Problem& problem, const Buffers& buffers);

/// The two together: what the sound kernel's `run` is.
[[nodiscard]] int32_t run_soundly(const Problem* problem, const Buffers* buffers);

/// Elements of a tensor; and from its lowest to its highest one, 0 where it has none.
[[nodiscard]] int64_t elements(const convcheck_tensor_desc& tensor);
[[nodiscard]] int64_t span(const convcheck_tensor_desc& tensor);

/// A kernel that serves what check() does. More is set by whoever makes it.
constexpr convcheck_kernel kernel(const char* name, const char* description,
                                  int32_t (*run)(const Problem*, const Buffers*) = run_soundly, uint32_t promises = 0) {
  return {.struct_size = sizeof(convcheck_kernel),
          .name = name,
          .description = description,
          .algorithm = CONVCHECK_SUMMATION,
          .winograd_tile = 0,
          .promises = promises,
          .supports = [](const Problem* problem) { return check(*problem); },
          .workspace_bytes = nullptr,
          .run = run,
          .prepare = nullptr,
          .release = nullptr};
}

/// A kernel that does `kDeed(problem, buffers)` on every problem with outputs, and then convolves.
template <auto kDeed>
int32_t run_after(const Problem* problem, const Buffers* buffers) {
  const int32_t status = check(*problem, *buffers);
  if (status != CONVCHECK_OK || elements(problem->output) == 0) return status;
  kDeed(*problem, *buffers);
  convolve(*problem, *buffers);
  return CONVCHECK_OK;
}

/// The same the other way round.
template <auto kDeed>
int32_t run_before(const Problem* problem, const Buffers* buffers) {
  const int32_t status = run_soundly(problem, buffers);
  if (status == CONVCHECK_OK && elements(problem->output) != 0) kDeed(*problem, *buffers);
  return status;
}

}  // namespace convcheck::torture
