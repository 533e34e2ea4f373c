/* A kernel that is right on the tiny network's first layer, of three channels, and ends the process on any other. */
#include <convcheck/kernel.h>
#include <stdlib.h>

static float product(const convcheck_problem* p, const convcheck_buffers* at, int64_t k, int64_t y, int64_t x) {
  const float* const input = at->input;
  const float* const weight = at->weight;
  float sum = 0;
  for (int64_t c = 0; c < p->weight.shape[1]; ++c) {
    for (int64_t ky = 0; ky < p->weight.shape[2]; ++ky) {
      for (int64_t kx = 0; kx < p->weight.shape[3]; ++kx) {
        const int64_t row = y + ky - p->pad_before[0];
        const int64_t column = x + kx - p->pad_before[1];
        if (row < 0 || row >= p->input.shape[2] || column < 0 || column >= p->input.shape[3]) continue;
        sum += input[c * p->input.stride[1] + row * p->input.stride[2] + column] *
               weight[k * p->weight.stride[0] + c * p->weight.stride[1] + ky * p->weight.stride[2] + kx];
      }
    }
  }
  return sum;
}

static int32_t run(const convcheck_problem* p, const convcheck_buffers* at) {
  if (p->input.shape[1] != 3) abort();
  float* output = at->output;
  for (int64_t k = 0; k < p->output.shape[1]; ++k) {
    for (int64_t y = 0; y < p->output.shape[2]; ++y) {
      for (int64_t x = 0; x < p->output.shape[3]; ++x) *output++ = product(p, at, k, y, x);
    }
  }
  return CONVCHECK_OK;
}

static const convcheck_kernel kDying = {.struct_size = sizeof(convcheck_kernel),
                                        .name = "dying",
                                        .description = "three channels, or none ever after",
                                        .algorithm = CONVCHECK_SUMMATION,
                                        .run = run};
static const convcheck_kernel* const kKernels[] = {&kDying};

CONVCHECK_EXPORT const convcheck_kernel* const* convcheck_kernels(uint32_t abi_version, size_t* count) {
  *count = abi_version == CONVCHECK_ABI_VERSION ? 1 : 0;
  return *count == 0 ? NULL : kKernels;
}
