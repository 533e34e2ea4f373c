// Kernels that serve few problems, refuse at a late stage, or answer with the status that they may choose.
#include "impls/support/rules.h"
#include "impls/unusual/themes.h"
#include "impls/unusual/window.h"

namespace convcheck::impls::unusual {
namespace {

struct Plain {
  static void convolve(const Call& call) { convolve_plain(call); }
};

bool is_nhwc(const convcheck_tensor_desc& t) {
  const int64_t steps[] = {t.shape[1] * t.shape[2] * t.shape[3], 1, t.shape[1] * t.shape[3], t.shape[1]};
  for (int axis = 0; axis < 4; ++axis) {
    if (t.shape[axis] > 1 && t.stride[axis] != steps[axis]) return false;
  }
  return true;
}

/// Input and output with the channels innermost, walked in that order.
struct NhwcOnly {
  static bool serves(const convcheck_problem& problem) { return is_nhwc(problem.input) && is_nhwc(problem.output); }
  static void convolve(const Call& call) {
    const Conv& conv = call.conv;
    for (int64_t image = 0; image < conv.batch; ++image) {
      for (int64_t row = 0; row < conv.rows.out; ++row) {
        for (int64_t col = 0; col < conv.cols.out; ++col) {
          for (int64_t k = 0; k < conv.out_channels(); ++k) {
            float sum = 0;
            for_each_product<Innermost::kChannels>(call, {image, k, row, col}, [&](float x, float w) { sum += x * w; });
            output_at(call, {image, k, row, col}) = sum + bias_of(call, k);
          }
        }
      }
    }
  }
};

/// One channel a group, in and out: a product of planes and single filters.
struct DepthwiseOnly {
  static bool serves(const convcheck_problem& problem) {
    return problem.weight.shape[1] == 1 && problem.weight.shape[0] == problem.groups;
  }
  static void convolve(const Call& call) {
    for_each_place(call.conv, [&](const Place& at) { output_at(call, at) = plain_sum(call, at); });
  }
};

struct DenseOnly {
  static bool serves(const convcheck_problem& problem) { return problem.groups == 1; }
  static void convolve(const Call& call) { convolve_plain(call); }
};

/// Kernels of 1x1 without padding: a sum over channels at one pixel.
struct PointwiseOnly {
  static bool serves(const convcheck_problem& problem) {
    for (int axis = 0; axis < 2; ++axis) {
      if (problem.weight.shape[axis + 2] != 1 || problem.pad_before[axis] != 0 || problem.pad_after[axis] != 0) {
        return false;
      }
    }
    return true;
  }
  static void convolve(const Call& call) {
    const Conv& conv = call.conv;
    for_each_place(conv, [&](const Place& at) {
      const int64_t first = first_channel(conv, at.out_channel);
      float sum = 0;
      for (int64_t channel = conv.in_per_group; channel-- > 0;) {
        sum += input_at(call, at.image, first + channel, at.row * conv.rows.stride, at.col * conv.cols.stride) *
               weight_at(call, at.out_channel, channel, 0, 0);
      }
      output_at(call, at) = sum + bias_of(call, at.out_channel);
    });
  }
};

/// Without `supports` a kernel serves what is dense, and its own `run` says no to the rest.
struct WithoutSupports {
  static bool serves(const convcheck_problem& problem) {
    return is_dense(problem.input) && is_dense(problem.weight) && is_dense(problem.bias) && is_dense(problem.output);
  }
  static void convolve(const Call& call) { convolve_plain(call); }
};

/// A problem that DeclinesLate declines: an odd number of output columns.
bool is_declined(const convcheck_problem& problem) {
  return problem.output.shape[3] % 2 == 1;
}

/// `supports` is cheap and says OK; `run` knows better.
int32_t run_declining(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  const int32_t status = admit(*problem, *buffers);
  if (status == CONVCHECK_OK && is_declined(*problem)) return CONVCHECK_UNSUPPORTED;
  return Entry<Plain>::run(problem, buffers);
}

/// The same one stage earlier. Nothing is kept for a plan that is not made.
int32_t prepare_declining(const convcheck_problem* problem, const convcheck_buffers* buffers, void** plan) {
  const int32_t status = admit(*problem, *buffers);
  if (status != CONVCHECK_OK) return status;
  *plan = nullptr;
  return is_declined(*problem) ? CONVCHECK_UNSUPPORTED : CONVCHECK_OK;
}

/// An invalid problem is one that is not served: no entry ever answers REJECTED.
int32_t unsupported_for_rejected(int32_t status) {
  return status == CONVCHECK_REJECTED ? int32_t{CONVCHECK_UNSUPPORTED} : status;
}
int32_t supports_or_unsupported(const convcheck_problem* problem) {
  return unsupported_for_rejected(Entry<Plain>::supports(problem));
}
int32_t run_or_unsupported(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  return unsupported_for_rejected(Entry<Plain>::run(problem, buffers));
}

/// Does not look at what it was never promised to be given: the rules.
int32_t supports_unchecked(const convcheck_problem* problem) {
  const bool served =
      problem->dtype == CONVCHECK_F32 && problem->direction == CONVCHECK_FORWARD && problem->spatial_rank == 2;
  return served && count_products(*problem) <= kMostProducts ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}
int32_t run_unchecked(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  const int32_t status = supports_unchecked(problem);
  if (status == CONVCHECK_OK) convolve_plain(call_of(*problem, *buffers));
  return status;
}

constexpr convcheck_kernel without_supports() {
  convcheck_kernel k = kernel<WithoutSupports>("no_supports", "has no supports: dense tensors alone");
  k.supports = nullptr;
  k.workspace_bytes = nullptr;
  return k;
}

constexpr convcheck_kernel declining_in_run() {
  convcheck_kernel k = kernel<Plain>("declines_in_run", "serves an even number of columns, and says so in run");
  k.run = run_declining;
  return k;
}

constexpr convcheck_kernel declining_in_prepare() {
  convcheck_kernel k = kernel<Plain>("declines_in_prepare", "serves an even number of columns, and says so in prepare");
  k.run = run_declining;
  k.prepare = prepare_declining;
  k.release = [](void*) {};
  return k;
}

constexpr convcheck_kernel never_rejecting() {
  convcheck_kernel k = kernel<Plain>("never_rejects", "answers UNSUPPORTED where a problem is invalid");
  k.supports = supports_or_unsupported;
  k.run = run_or_unsupported;
  return k;
}

constexpr convcheck_kernel without_promises() {
  convcheck_kernel k = kernel<Plain>("no_promises", "promises nothing and does not check the rules", 0);
  k.supports = supports_unchecked;
  k.run = run_unchecked;
  k.workspace_bytes = nullptr;
  return k;
}

/// Of an algorithm without a derived bound only the other laws are judged.
constexpr convcheck_kernel declaring_fft() {
  convcheck_kernel k = kernel<Plain>("declares_fft", "declares FFT and sums");
  k.algorithm = CONVCHECK_FFT;
  return k;
}

constexpr convcheck_kernel kKernels[] = {
    kernel<NhwcOnly>("nhwc_only", "serves channels-last tensors alone"),
    kernel<DepthwiseOnly>("depthwise_only", "serves one input and one output channel a group"),
    kernel<DenseOnly>("dense_only", "serves one group"),
    kernel<PointwiseOnly>("pointwise_only", "serves 1x1 kernels without padding"),
    without_supports(),
    declining_in_run(),
    declining_in_prepare(),
    never_rejecting(),
    without_promises(),
    declaring_fft(),
};

}  // namespace

std::span<const convcheck_kernel> narrow() {
  return kKernels;
}

}  // namespace convcheck::impls::unusual
