#include "bench/plain_kernel.h"

namespace convcheck::bench {
namespace {

int64_t offset(const convcheck_tensor_desc& t, int64_t i, int64_t j, int64_t k, int64_t l) {
  return i * t.stride[0] + j * t.stride[1] + k * t.stride[2] + l * t.stride[3];
}

// Output element (n, k, y, x).
float output_element(const convcheck_problem& p, const convcheck_buffers& at, int64_t n, int64_t k, int64_t y,
                     int64_t x) {
  const auto* const input = static_cast<const float*>(at.input);
  const auto* const weight = static_cast<const float*>(at.weight);
  const auto* const bias = static_cast<const float*>(at.bias);
  const int64_t in_per_group = p.weight.shape[1];
  const int64_t first_channel = k / (p.output.shape[1] / p.groups) * in_per_group;
  float sum = bias == nullptr ? 0.0F : bias[k * p.bias.stride[0]];
  for (int64_t c = 0; c < in_per_group; ++c) {
    for (int64_t ky = 0; ky < p.weight.shape[2]; ++ky) {
      const int64_t row = y * p.stride[0] + ky * p.dilation[0] - p.pad_before[0];
      if (row < 0 || row >= p.input.shape[2]) continue;
      for (int64_t kx = 0; kx < p.weight.shape[3]; ++kx) {
        const int64_t column = x * p.stride[1] + kx * p.dilation[1] - p.pad_before[1];
        if (column < 0 || column >= p.input.shape[3]) continue;
        sum += input[offset(p.input, n, first_channel + c, row, column)] * weight[offset(p.weight, k, c, ky, kx)];
      }
    }
  }
  return sum;
}

int32_t supports(const convcheck_problem* p) {
  const bool serves = p->direction == CONVCHECK_FORWARD && p->dtype == CONVCHECK_F32 && p->spatial_rank == 2;
  return serves ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

int32_t run(const convcheck_problem* p, const convcheck_buffers* at) {
  auto* const output = static_cast<float*>(at->output);
  for (int64_t n = 0; n < p->output.shape[0]; ++n) {
    for (int64_t k = 0; k < p->output.shape[1]; ++k) {
      for (int64_t y = 0; y < p->output.shape[2]; ++y) {
        for (int64_t x = 0; x < p->output.shape[3]; ++x) {
          output[offset(p->output, n, k, y, x)] = output_element(*p, *at, n, k, y, x);
        }
      }
    }
  }
  return CONVCHECK_OK;
}

constexpr convcheck_kernel kPlain = {.struct_size = sizeof(convcheck_kernel),
                                     .name = "plain",
                                     .description = "loops over the window of each output element",
                                     .algorithm = CONVCHECK_SUMMATION,
                                     .winograd_tile = 0,
                                     .promises = CONVCHECK_THREAD_SAFE,
                                     .supports = supports,
                                     .workspace_bytes = nullptr,
                                     .run = run,
                                     .prepare = nullptr,
                                     .release = nullptr};

}  // namespace

const convcheck_kernel& plain_kernel() {
  return kPlain;
}

}  // namespace convcheck::bench
