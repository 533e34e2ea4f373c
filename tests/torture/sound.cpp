// Kernels that do nothing wrong, among all that do: one is plain, one uses every byte of its workspace, one packs its
// weight into a plan. One prints, which is no crime.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/torture/themes.h"

namespace convcheck::torture {
namespace {

// The weight, as it lies in memory, is what fills the workspace.
size_t bytes_of_weight(const Problem* problem) {
  return check(*problem) == CONVCHECK_OK ? static_cast<size_t>(span(problem->weight)) * sizeof(float) : 0;
}

int32_t run_by_copy(const Problem* problem, const Buffers* buffers) {
  const int32_t status = check(*problem, *buffers);
  if (status != CONVCHECK_OK) return status;
  const size_t bytes = bytes_of_weight(problem);
  if (buffers->workspace_bytes < bytes) return CONVCHECK_FAILED;
  std::memcpy(buffers->workspace, buffers->weight, bytes);
  Buffers copied = *buffers;
  copied.weight = buffers->workspace;
  convolve(*problem, copied);
  return CONVCHECK_OK;
}

int32_t prepare_copy(const Problem* problem, const Buffers* buffers, void** plan) {
  const int32_t status = check(*problem, *buffers);
  if (status != CONVCHECK_OK) return status;
  const size_t bytes = bytes_of_weight(problem);
  *plan = std::malloc(bytes);
  if (*plan == nullptr) return CONVCHECK_FAILED;
  std::memcpy(*plan, buffers->weight, bytes);
  return CONVCHECK_OK;
}

int32_t run_by_plan(const Problem* problem, const Buffers* buffers) {
  const int32_t status = check(*problem, *buffers);
  if (status != CONVCHECK_OK) return status;
  if (buffers->plan == nullptr) return CONVCHECK_FAILED;
  Buffers planned = *buffers;
  planned.weight = buffers->plan;
  convolve(*problem, planned);
  return CONVCHECK_OK;
}

void print_a_line(const Problem& problem, const Buffers& /*buffers*/) {
  std::printf("convolving %lld images\n", static_cast<long long>(problem.input.shape[0]));
  std::fflush(stdout);
  std::fprintf(stderr, "torture: printed by a kernel\n");
}

constexpr convcheck_kernel with_workspace() {
  convcheck_kernel k =
      kernel("sound_with_workspace", "copies the weight into its workspace", run_by_copy, kAllPromises);
  k.workspace_bytes = bytes_of_weight;
  return k;
}

constexpr convcheck_kernel with_plan() {
  convcheck_kernel k = kernel("sound_with_plan", "copies the weight into its plan", run_by_plan, kAllPromises);
  k.prepare = prepare_copy;
  k.release = std::free;
  return k;
}

constexpr std::array kKernels = {
    kernel("sound", "plain loops", run_soundly, kAllPromises),
    with_workspace(),
    with_plan(),
    kernel("prints", "prints on every call", run_after<print_a_line>, kAllPromises),
};

}  // namespace

std::span<const convcheck_kernel> sound_kernels() {
  return kKernels;
}

}  // namespace convcheck::torture
