// What the shipped kernels share: the problem they serve as named extents, the answers that the ABI asks of every
// entry, and the plain convolution that serves what a fast formulation cannot.
#pragma once

#include <cstdint>

#include "convcheck/kernel.h"

namespace convcheck::impls {

/// One spatial axis. `pad` is the padding before; that after shows in `out`.
struct Axis {
  int64_t in;
  int64_t out;
  int64_t kernel;
  int64_t stride;
  int64_t dilation;
  int64_t pad;

  friend bool operator==(const Axis&, const Axis&) = default;
};

/// Steps in elements. `outer` is the batch, or the output channel of a weight. Axes of size 0 or 1 have step 0,
/// whatever the tensor's description says.
struct Steps {
  int64_t outer;
  int64_t channel;
  int64_t row;
  int64_t col;
};

/// A valid forward convolution of two spatial axes.
struct Conv {
  int64_t batch;
  int64_t groups;
  int64_t in_per_group;
  int64_t out_per_group;
  Axis rows;
  Axis cols;
  Steps input;
  Steps weight;
  Steps output;
  int64_t bias_step;
  bool has_bias;

  int64_t taps() const { return in_per_group * rows.kernel * cols.kernel; }
  int64_t weights() const { return out_channels() * taps(); }
  int64_t out_channels() const { return groups * out_per_group; }
};

/// Kernel positions [begin, end) of one output position that fall inside the input; empty as begin == end.
struct TapRange {
  int64_t begin;
  int64_t end;

  friend bool operator==(const TapRange&, const TapRange&) = default;
};

/// Where the input is under tap `tap` of output position `out`; outside [0, axis.in) it is padding.
inline int64_t input_position(const Axis& axis, int64_t out, int64_t tap) {
  return out * axis.stride - axis.pad + tap * axis.dilation;
}

/// The taps of output position `out` that do not fall on padding.
[[nodiscard]] TapRange valid_taps(const Axis& axis, int64_t out);

/// What `supports` answers for a kernel that serves f32, forward, two spatial axes, in any layout.
[[nodiscard]] int32_t admit(const convcheck_problem& problem);

/// admit(), and whether the bias pointer agrees with the problem; what `prepare` has to ask.
[[nodiscard]] int32_t admit(const convcheck_problem& problem, const convcheck_buffers& buffers);

/// The same and whether `run` has what it needs: a plan and `workspace_bytes` of workspace, else FAILED.
[[nodiscard]] int32_t admit_run(const convcheck_problem& problem, const convcheck_buffers& buffers,
                                size_t workspace_bytes);

/// Requires admit(problem) == CONVCHECK_OK.
[[nodiscard]] Conv decode(const convcheck_problem& problem);

/// Loops over every output and its taps, in place, without a plan: slow, and right for any layout, size and value. What
/// a kernel falls back to where its own formulation would multiply padding by an infinite weight or need absurd memory.
void convolve_plain(const Conv& conv, const float* input, const float* weight, const float* bias, float* output);

/// Calls `body`, which returns a status, and turns whatever it throws into CONVCHECK_FAILED.
template <typename Body>
[[nodiscard]] int32_t guarded(Body body) noexcept {
  try {
    return body();
  } catch (...) {
    return CONVCHECK_FAILED;
  }
}

}  // namespace convcheck::impls
