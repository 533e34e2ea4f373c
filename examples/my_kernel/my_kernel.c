/* A convolution kernel that convcheck can judge: all there is to it, in one file of C99.
 *
 * Three parts: the arithmetic, what the kernel says about itself, and the one function that a kernel library exports.
 */
#include <convcheck/kernel.h>

/* ---- The arithmetic ---- */

/* Where an element is. Strides count elements, so one formula serves NCHW, NHWC and views with gaps. */
static int64_t offset(const convcheck_tensor_desc* tensor, int64_t a, int64_t b, int64_t c, int64_t d) {
  return a * tensor->stride[0] + b * tensor->stride[1] + c * tensor->stride[2] + d * tensor->stride[3];
}

/* One output element: image n, output channel k, row y, column x. */
static float output_element(const convcheck_problem* p, const convcheck_buffers* at, int64_t n, int64_t k, int64_t y,
                            int64_t x) {
  const float *input = at->input, *weight = at->weight, *bias = at->bias;

  /* Output channels come in groups, one after the other, and each group sees input channels of its own. */
  const int64_t in_channels_per_group = p->weight.shape[1];
  int64_t group = k / (p->output.shape[1] / p->groups);
#ifdef FORGET_THE_GROUP
  group = 0; /* the fault of faulty_kernel.so: every group reads the input channels of the first */
#endif

  float sum = bias != NULL ? bias[k * p->bias.stride[0]] : 0.0F;
  for (int64_t c = 0; c < in_channels_per_group; ++c) {
    for (int64_t ky = 0; ky < p->weight.shape[2]; ++ky) {
      const int64_t row = y * p->stride[0] + ky * p->dilation[0] - p->pad_before[0];
      if (row < 0 || row >= p->input.shape[2]) continue; /* on the padding */
      for (int64_t kx = 0; kx < p->weight.shape[3]; ++kx) {
        const int64_t column = x * p->stride[1] + kx * p->dilation[1] - p->pad_before[1];
        if (column < 0 || column >= p->input.shape[3]) continue;
        sum += input[offset(&p->input, n, group * in_channels_per_group + c, row, column)] *
               weight[offset(&p->weight, k, c, ky, kx)];
      }
    }
  }
  return sum;
}

static int32_t run(const convcheck_problem* p, const convcheck_buffers* at) {
  float* output = at->output;
  for (int64_t n = 0; n < p->output.shape[0]; ++n)
    for (int64_t k = 0; k < p->output.shape[1]; ++k)
      for (int64_t y = 0; y < p->output.shape[2]; ++y)
        for (int64_t x = 0; x < p->output.shape[3]; ++x)
          output[offset(&p->output, n, k, y, x)] = output_element(p, at, n, k, y, x);
  return CONVCHECK_OK;
}

/* ---- What the kernel says about itself ---- */

/* Which valid problems it serves. Invalid ones never come, since it does not promise CONVCHECK_REJECTS_INVALID. */
static int32_t supports(const convcheck_problem* p) {
  const int serves = p->direction == CONVCHECK_FORWARD && p->dtype == CONVCHECK_F32 && p->spatial_rank == 2;
  return serves ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

static const convcheck_kernel kernel = {
    .struct_size = sizeof(convcheck_kernel),
#ifdef FORGET_THE_GROUP
    .name = "faulty_kernel",
#else
    .name = "my_kernel",
#endif
    .description = "plain loops over the window of each output element",
    .algorithm = CONVCHECK_SUMMATION,
    /* Promise only what you mean: each of these is tested. */
    .promises =
        CONVCHECK_DETERMINISTIC | CONVCHECK_THREAD_SAFE | CONVCHECK_PROPAGATES_NONFINITE | CONVCHECK_BATCH_INVARIANT,
    .supports = supports,
    .run = run,
};

/* ---- What the library exports ---- */

CONVCHECK_EXPORT const convcheck_kernel* const* convcheck_kernels(uint32_t abi_version, size_t* count) {
  static const convcheck_kernel* const kernels[] = {&kernel};
  const int known = abi_version == CONVCHECK_ABI_VERSION;
  *count = known ? sizeof(kernels) / sizeof(kernels[0]) : 0;
  return known ? kernels : NULL;
}
