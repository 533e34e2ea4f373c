#include "tests/properties/narrow_kernels.h"

#include <cstdlib>

namespace convcheck {
namespace {

constexpr int64_t kFloatBytes = sizeof(float);

template <OffsetType kType>
int64_t kept(int64_t offset) {
  switch (kType) {
    case OffsetType::uint32:
      return static_cast<uint32_t>(offset);
    case OffsetType::int32:
      return static_cast<int32_t>(offset);
    case OffsetType::uint32_bytes:
      return static_cast<uint32_t>(offset * kFloatBytes) / static_cast<uint32_t>(kFloatBytes);
    case OffsetType::int32_bytes:
      return static_cast<int32_t>(offset * kFloatBytes) / static_cast<int32_t>(kFloatBytes);
    case OffsetType::int64:
      break;
  }
  return offset;
}

// The offset of an element, in the narrow type where it is one of the tensor in question.
template <TensorRole kNarrow, OffsetType kType>
int64_t offset(TensorRole tensor, const convcheck_tensor_desc& t, int64_t i, int64_t j, int64_t k, int64_t l) {
  const int64_t wide = i * t.stride[0] + j * t.stride[1] + k * t.stride[2] + l * t.stride[3];
  return tensor == kNarrow ? kept<kType>(wide) : wide;
}

template <TensorRole kNarrow, OffsetType kType>
float output_element(const convcheck_problem& p, const convcheck_buffers& at, int64_t n, int64_t k, int64_t oh,
                     int64_t ow) {
  const auto* input = static_cast<const float*>(at.input);
  const auto* weight = static_cast<const float*>(at.weight);
  const int64_t first = k / (p.weight.shape[0] / p.groups) * p.weight.shape[1];
  float sum = at.bias == nullptr ? 0 : static_cast<const float*>(at.bias)[k * p.bias.stride[0]];
  for (int64_t c = 0; c < p.weight.shape[1]; ++c) {
    for (int64_t kh = 0; kh < p.weight.shape[2]; ++kh) {
      const int64_t ih = oh * p.stride[0] + kh * p.dilation[0] - p.pad_before[0];
      if (ih < 0 || ih >= p.input.shape[2]) continue;
      for (int64_t kw = 0; kw < p.weight.shape[3]; ++kw) {
        const int64_t iw = ow * p.stride[1] + kw * p.dilation[1] - p.pad_before[1];
        if (iw < 0 || iw >= p.input.shape[3]) continue;
        sum += input[offset<kNarrow, kType>(TensorRole::input, p.input, n, first + c, ih, iw)] *
               weight[offset<kNarrow, kType>(TensorRole::weight, p.weight, k, c, kh, kw)];
      }
    }
  }
  return sum;
}

int32_t supports(const convcheck_problem* p) {
  const bool serves = p->direction == CONVCHECK_FORWARD && p->dtype == CONVCHECK_F32 && p->spatial_rank == 2;
  return serves ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

template <TensorRole kNarrow, OffsetType kType>
int32_t run(const convcheck_problem* p, const convcheck_buffers* at) {
  auto* output = static_cast<float*>(at->output);
  for (int64_t n = 0; n < p->output.shape[0]; ++n) {
    for (int64_t k = 0; k < p->output.shape[1]; ++k) {
      for (int64_t oh = 0; oh < p->output.shape[2]; ++oh) {
        for (int64_t ow = 0; ow < p->output.shape[3]; ++ow) {
          output[offset<kNarrow, kType>(TensorRole::output, p->output, n, k, oh, ow)] =
              output_element<kNarrow, kType>(*p, *at, n, k, oh, ow);
        }
      }
    }
  }
  return CONVCHECK_OK;
}

template <TensorRole kNarrow, OffsetType kType>
constexpr convcheck_kernel make(const char* name) {
  return {.struct_size = sizeof(convcheck_kernel),
          .name = name,
          .description = "a plain convolution for tests",
          .algorithm = CONVCHECK_SUMMATION,
          .winograd_tile = 0,
          .promises = 0,
          .supports = supports,
          .workspace_bytes = nullptr,
          .run = run<kNarrow, kType>,
          .prepare = nullptr,
          .release = nullptr};
}

template <TensorRole kNarrow>
struct KernelsOf {
  static const convcheck_kernel& of(OffsetType type, const std::array<const char*, 5>& names) {
    static const std::array<convcheck_kernel, 5> kKernels = {
        make<kNarrow, OffsetType::int64>(names[0]), make<kNarrow, OffsetType::uint32>(names[1]),
        make<kNarrow, OffsetType::int32>(names[2]), make<kNarrow, OffsetType::uint32_bytes>(names[3]),
        make<kNarrow, OffsetType::int32_bytes>(names[4])};
    return kKernels[static_cast<size_t>(type)];
  }
};

}  // namespace

const convcheck_kernel& narrow_kernel(TensorRole tensor, OffsetType type) {
  switch (tensor) {
    case TensorRole::input:
      return KernelsOf<TensorRole::input>::of(
          type, {"wide", "input_in_uint32", "input_in_int32", "input_in_uint32_bytes", "input_in_int32_bytes"});
    case TensorRole::weight:
      return KernelsOf<TensorRole::weight>::of(
          type, {"wide", "weight_in_uint32", "weight_in_int32", "weight_in_uint32_bytes", "weight_in_int32_bytes"});
    case TensorRole::output:
      return KernelsOf<TensorRole::output>::of(
          type, {"wide", "output_in_uint32", "output_in_int32", "output_in_uint32_bytes", "output_in_int32_bytes"});
    case TensorRole::bias:
      break;
  }
  std::abort();  // a bias is never huge
}

}  // namespace convcheck
