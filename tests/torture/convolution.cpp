#include "tests/torture/convolution.h"

namespace convcheck::torture {
namespace {

__extension__ typedef __int128 Wide;

constexpr Wide kMost = INT64_MAX;

bool has_ranks(const Problem& p) {
  const int32_t rank = p.spatial_rank + 2;
  return p.input.rank == rank && p.weight.rank == rank && p.output.rank == rank &&
         (p.bias.rank == 0 || p.bias.rank == 1);
}

bool has_parameters(const Problem& p) {
  for (int32_t axis = 0; axis < p.spatial_rank; ++axis) {
    if (p.stride[axis] < 1 || p.dilation[axis] < 1 || p.pad_before[axis] < 0 || p.pad_after[axis] < 0) return false;
  }
  return p.groups >= 1;
}

bool has_channels(const Problem& p) {
  const int64_t in = p.input.shape[1], out = p.weight.shape[0];
  if (p.input.shape[0] < 0 || in < 1 || out < 1) return false;
  return in % p.groups == 0 && out % p.groups == 0 && p.weight.shape[1] == in / p.groups &&
         (p.bias.rank == 0 || p.bias.shape[0] == out) && p.output.shape[0] == p.input.shape[0] &&
         p.output.shape[1] == out;
}

bool has_axes(const Problem& p) {
  for (int32_t axis = 0; axis < p.spatial_rank; ++axis) {
    const int64_t in = p.input.shape[axis + 2], taps = p.weight.shape[axis + 2];
    if (in < 0 || taps < 1) return false;
    const Wide padded = Wide{in} + p.pad_before[axis] + p.pad_after[axis];
    const Wide extent = Wide{p.dilation[axis]} * (taps - 1) + 1;
    if (padded > kMost || extent > padded) return false;
    if (p.output.shape[axis + 2] != (padded - extent) / p.stride[axis] + 1) return false;
  }
  return true;
}

bool fits(const convcheck_tensor_desc& tensor) {
  Wide count = 1, bytes = sizeof(float);
  for (int32_t axis = 0; axis < tensor.rank; ++axis) {
    const int64_t size = tensor.shape[axis];
    count *= size == 0 ? 1 : size;
    if (size > 1) bytes += Wide{size - 1} * tensor.stride[axis] * Wide{sizeof(float)};
    if (count > kMost || bytes > kMost) return false;
  }
  return true;
}

int64_t at(const convcheck_tensor_desc& tensor, int64_t a, int64_t b, int64_t c, int64_t d) {
  return a * tensor.stride[0] + b * tensor.stride[1] + c * tensor.stride[2] + d * tensor.stride[3];
}

float sum_of(const Problem& p, const Buffers& buffers, int64_t n, int64_t k, int64_t row, int64_t col) {
  const auto* input = static_cast<const float*>(buffers.input);
  const auto* weight = static_cast<const float*>(buffers.weight);
  float sum = p.bias.rank == 0 ? 0.0F : static_cast<const float*>(buffers.bias)[k * p.bias.stride[0]];
  const int64_t first_channel = k / (p.weight.shape[0] / p.groups) * p.weight.shape[1];
  for (int64_t c = 0; c < p.weight.shape[1]; ++c) {
    for (int64_t h = 0; h < p.weight.shape[2]; ++h) {
      const int64_t y = row * p.stride[0] - p.pad_before[0] + h * p.dilation[0];
      if (y < 0 || y >= p.input.shape[2]) continue;
      for (int64_t w = 0; w < p.weight.shape[3]; ++w) {
        const int64_t x = col * p.stride[1] - p.pad_before[1] + w * p.dilation[1];
        if (x < 0 || x >= p.input.shape[3]) continue;
        sum += input[at(p.input, n, first_channel + c, y, x)] * weight[at(p.weight, k, c, h, w)];
      }
    }
  }
  return sum;
}

// Plain loops are too slow for the layers of a network: these are left to others.
bool is_small(const Problem& p) {
  constexpr Wide kMostProducts = Wide{1} << 24;
  const Wide taps = Wide{p.weight.shape[1]} * p.weight.shape[2] * p.weight.shape[3];
  Wide outputs = 1;
  for (int axis = 0; axis < 4 && outputs <= kMostProducts; ++axis) outputs *= p.output.shape[axis];
  return taps <= kMostProducts && outputs <= kMostProducts && taps * outputs <= kMostProducts;
}

}  // namespace

int32_t check(const Problem& p) {
  if (p.struct_size < sizeof(Problem) || p.spatial_rank < 1 || p.spatial_rank > CONVCHECK_MAX_SPATIAL)
    return CONVCHECK_REJECTED;
  if (p.direction < CONVCHECK_FORWARD || p.direction > CONVCHECK_BACKWARD_WEIGHT || p.dtype < CONVCHECK_F32 ||
      p.dtype > CONVCHECK_BF16)
    return CONVCHECK_UNSUPPORTED;
  if (!has_parameters(p) || !has_ranks(p) || !has_channels(p) || !has_axes(p)) return CONVCHECK_REJECTED;
  if (!fits(p.input) || !fits(p.weight) || !fits(p.bias) || !fits(p.output)) return CONVCHECK_REJECTED;
  const bool is_served = p.direction == CONVCHECK_FORWARD && p.dtype == CONVCHECK_F32 && p.spatial_rank == 2;
  return is_served && is_small(p) ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

int32_t check(const Problem& problem, const Buffers& buffers) {
  const int32_t status = check(problem);
  if (status != CONVCHECK_OK) return status;
  return (problem.bias.rank == 0) == (buffers.bias == nullptr) ? CONVCHECK_OK : CONVCHECK_REJECTED;
}

void convolve(const Problem& p, const Buffers& buffers) {
  auto* output = static_cast<float*>(buffers.output);
  for (int64_t n = 0; n < p.output.shape[0]; ++n) {
    for (int64_t k = 0; k < p.output.shape[1]; ++k) {
      for (int64_t row = 0; row < p.output.shape[2]; ++row) {
        for (int64_t col = 0; col < p.output.shape[3]; ++col) {
          output[at(p.output, n, k, row, col)] = sum_of(p, buffers, n, k, row, col);
        }
      }
    }
  }
}

int32_t run_soundly(const Problem* problem, const Buffers* buffers) {
  const int32_t status = check(*problem, *buffers);
  if (status == CONVCHECK_OK) convolve(*problem, *buffers);
  return status;
}

int64_t elements(const convcheck_tensor_desc& tensor) {
  int64_t count = 1;
  for (int32_t axis = 0; axis < tensor.rank; ++axis) count *= tensor.shape[axis];
  return tensor.rank == 0 ? 0 : count;
}

int64_t span(const convcheck_tensor_desc& tensor) {
  if (elements(tensor) == 0) return 0;
  int64_t last = 0;
  for (int32_t axis = 0; axis < tensor.rank; ++axis) {
    if (tensor.shape[axis] > 1) last += (tensor.shape[axis] - 1) * tensor.stride[axis];
  }
  return last + 1;
}

}  // namespace convcheck::torture
