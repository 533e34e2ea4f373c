// Kernels that refuse badly, or not at all.
#include <csignal>

#include "tests/properties/conduct_kernel.h"

namespace convcheck::conduct {
namespace {

// Refusals.

/// `supports` says yes, and `run` clears the output before it sees that it does not serve a stride.
int32_t run_clears_and_declines(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = admit(*problem, *buffers); status != CONVCHECK_OK) return status;
  const Conv conv = decode(*problem);
  if (conv.rows.stride == 1) {
    convolve(*problem, *buffers);
    return CONVCHECK_OK;
  }
  if (conv.batch > 0) *static_cast<float*>(buffers->output) = 0;
  return CONVCHECK_UNSUPPORTED;
}

int32_t run_declines(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = admit(*problem, *buffers); status != CONVCHECK_OK) return status;
  if (problem->stride[0] != 1) return CONVCHECK_UNSUPPORTED;
  convolve(*problem, *buffers);
  return CONVCHECK_OK;
}

int32_t run_writes_and_rejects(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  const int32_t status = admit(*problem, *buffers);
  if (status == CONVCHECK_REJECTED) *static_cast<float*>(buffers->output) = 0;
  if (status == CONVCHECK_OK) convolve(*problem, *buffers);
  return status;
}

// Hostile arguments.

/// Entries that look at the problem that `Mend` makes of it.
template <auto Mend>
struct Mending {
  static int32_t supports(const convcheck_problem* problem) { return admit(Mend(*problem)); }
  static int32_t run(const convcheck_problem* problem, const convcheck_buffers* buffers) {
    if (const int32_t status = admit(Mend(*problem), *buffers); status != CONVCHECK_OK) return status;
    // What is invalid and taken for valid would be computed here: in a test it is not.
    if (admit(*problem, *buffers) == CONVCHECK_OK) convolve(*problem, *buffers);
    return CONVCHECK_OK;
  }
};

template <auto Mend>
constexpr convcheck_kernel mending(const char* name) {
  convcheck_kernel result = kernel(name, Mending<Mend>::run);
  result.supports = Mending<Mend>::supports;
  return result;
}

convcheck_problem with_struct_size(convcheck_problem p) {
  p.struct_size = sizeof(p);
  return p;
}
convcheck_problem with_dtype(convcheck_problem p) {
  p.dtype = CONVCHECK_F32;
  return p;
}
convcheck_problem with_direction(convcheck_problem p) {
  p.direction = CONVCHECK_FORWARD;
  return p;
}
convcheck_problem with_rank(convcheck_problem p) {
  p.spatial_rank = 2;
  return p;
}
convcheck_problem with_narrow_groups(convcheck_problem p) {
  p.groups = static_cast<int32_t>(p.groups);
  return p;
}
convcheck_problem with_narrow_strides(convcheck_problem p) {
  for (int64_t& stride : p.stride) stride = static_cast<int32_t>(stride);
  return p;
}
convcheck_problem with_bias_rank(convcheck_problem p) {
  if (p.bias.rank == 2) p.bias.rank = 1;
  return p;
}

/// An unknown type is called invalid.
int32_t supports_rejects_unknown(const convcheck_problem* problem) {
  const int32_t status = admit(*problem);
  return status == CONVCHECK_UNSUPPORTED ? CONVCHECK_REJECTED : status;
}

size_t workspace_for_anything(const convcheck_problem* problem) {
  return static_cast<size_t>(std::clamp<int64_t>(problem->input.shape[3], 1, 1000)) * sizeof(float);
}

/// The bias pointer goes unseen.
int32_t run_trusts_the_bias(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = admit(*problem); status != CONVCHECK_OK) return status;
  if (admit(*problem, *buffers) == CONVCHECK_OK) convolve(*problem, *buffers);
  return CONVCHECK_OK;
}

int32_t supports_divides(const convcheck_problem* problem) {
  // What a division by zero does, where the compiler might do without it.
  if (problem->groups == 0) (void)std::raise(SIGFPE);
  return admit(*problem);
}

int32_t supports_throws(const convcheck_problem* problem) {
  if (problem->groups < 0) throw problem->groups;  // NOLINT: a kernel may throw anything
  return admit(*problem);
}

int32_t prepare_trusts(const convcheck_problem* problem, const convcheck_buffers* /*buffers*/, void** plan) {
  *plan = nullptr;
  return problem->dtype == CONVCHECK_F32 ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

constexpr convcheck_kernel with_supports(convcheck_kernel kernel, Supports supports) {
  kernel.supports = supports;
  return kernel;
}

constexpr convcheck_kernel with_workspace(convcheck_kernel kernel) {
  kernel.workspace_bytes = workspace_for_anything;
  return kernel;
}

constexpr convcheck_kernel kKernels[] = {
    kernel("clears_and_declines", run_clears_and_declines),
    kernel("declines", run_declines),
    kernel("writes_and_rejects", run_writes_and_rejects),
    mending<with_struct_size>("any_struct_size"),
    mending<with_dtype>("any_dtype"),
    mending<with_direction>("any_direction"),
    mending<with_rank>("any_spatial_rank"),
    mending<with_narrow_groups>("groups_in_32_bits"),
    mending<with_narrow_strides>("strides_in_32_bits"),
    mending<with_bias_rank>("bias_of_rank_two"),
    with_supports(kernel("rejects_unknown", run_with<right>), supports_rejects_unknown),
    with_workspace(kernel("workspace_for_anything", run_with<right>)),
    kernel("trusts_the_bias", run_trusts_the_bias),
    with_supports(kernel("divides_by_groups", run_with<right>), supports_divides),
    with_supports(kernel("throws_at_negative_groups", run_with<right>), supports_throws),
    kernel("prepare_trusts", run_with<right>, prepare_trusts, [](void*) {}),
};

}  // namespace

std::span<const convcheck_kernel> refusing_kernels() {
  return kKernels;
}

}  // namespace convcheck::conduct
