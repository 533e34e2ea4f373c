// C++ sugar over the kernel ABI: a kernel in about twenty lines. Needs C++17 and nothing but kernel.h.
//
//   #include <convcheck/kernel.hpp>
//
//   static void convolve(const convcheck::Conv2d& c) {
//     for (int64_t n = 0; n < c.batch; ++n)
//       for (int64_t k = 0; k < c.out_channels; ++k)
//         for (int64_t oh = 0; oh < c.out_height; ++oh)
//           for (int64_t ow = 0; ow < c.out_width; ++ow) c.output(n, k, oh, ow) = ...;
//   }
//
//   CONVCHECK_KERNELS(convcheck::kernel<convolve>("mine", "what it is", CONVCHECK_DETERMINISTIC))
#pragma once

#include <convcheck/kernel.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace convcheck {

/// The four axes of a tensor over its memory, whatever its strides.
template <class Element>
class Array4 {
 public:
  Array4(void* data, const convcheck_tensor_desc& desc) : data_(static_cast<Element*>(data)), stride_(desc.stride) {}
  Element& operator()(int64_t i, int64_t j, int64_t k, int64_t l) const {
    return data_[i * stride_[0] + j * stride_[1] + k * stride_[2] + l * stride_[3]];
  }

 private:
  Element* data_;
  const int64_t* stride_;
};

/// A valid forward f32 convolution with two spatial axes, every extent by its name, and the tensors as views. Lives as
/// long as the problem it was made from. Output (n, k, oh, ow) is the bias of k plus the sum, over c below
/// channels_per_group and all (kh, kw), of weight(k, c, kh, kw) times input(n, k / filters_per_group *
/// channels_per_group + c, ih, iw), where ih = oh * stride_h + kh * dilation_h - pad_top and iw alike, and taps that
/// fall outside the input are left out.
struct Conv2d {
  Conv2d(const convcheck_problem& p, const convcheck_buffers& b)
      : batch(p.input.shape[0]),
        groups(p.groups),
        in_channels(p.input.shape[1]),
        out_channels(p.weight.shape[0]),
        channels_per_group(p.weight.shape[1]),
        filters_per_group(p.weight.shape[0] / p.groups),
        in_height(p.input.shape[2]),
        in_width(p.input.shape[3]),
        kernel_height(p.weight.shape[2]),
        kernel_width(p.weight.shape[3]),
        out_height(p.output.shape[2]),
        out_width(p.output.shape[3]),
        stride_h(p.stride[0]),
        stride_w(p.stride[1]),
        dilation_h(p.dilation[0]),
        dilation_w(p.dilation[1]),
        pad_top(p.pad_before[0]),
        pad_left(p.pad_before[1]),
        input(b.input, p.input),
        weight(b.weight, p.weight),
        output(b.output, p.output),
        bias_(static_cast<const float*>(b.bias)),
        bias_stride_(p.bias.rank == 0 ? 0 : p.bias.stride[0]) {}

  int64_t batch, groups, in_channels, out_channels, channels_per_group, filters_per_group;
  int64_t in_height, in_width, kernel_height, kernel_width, out_height, out_width;
  int64_t stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  Array4<const float> input, weight;
  Array4<float> output;

  /// The bias of an output channel; 0 where there is none.
  float bias(int64_t k) const { return bias_ == nullptr ? 0.0F : bias_[k * bias_stride_]; }

 private:
  const float* bias_;
  int64_t bias_stride_;
};

namespace detail {

inline int32_t supports_conv2d(const convcheck_problem* problem) {
  const bool served =
      problem->direction == CONVCHECK_FORWARD && problem->dtype == CONVCHECK_F32 && problem->spatial_rank == 2;
  return served ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

template <void (*Convolve)(const Conv2d&)>
int32_t run_conv2d(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = supports_conv2d(problem); status != CONVCHECK_OK) return status;
  try {
    Convolve(Conv2d(*problem, *buffers));
  } catch (...) {  // nothing may be thrown through the ABI
    return CONVCHECK_FAILED;
  }
  return CONVCHECK_OK;
}

}  // namespace detail

/// A kernel that serves every valid forward f32 problem with two spatial axes through `Convolve`, which is called with
/// valid problems alone as long as CONVCHECK_REJECTS_INVALID is not among the promises: this helper checks no rules.
template <void (*Convolve)(const Conv2d&)>
constexpr convcheck_kernel kernel(const char* name, const char* description, uint32_t promises = 0,
                                  int32_t algorithm = CONVCHECK_SUMMATION, int32_t winograd_tile = 0) {
  return {sizeof(convcheck_kernel),
          name,
          description,
          algorithm,
          winograd_tile,
          promises,
          detail::supports_conv2d,
          nullptr,
          detail::run_conv2d<Convolve>,
          nullptr,
          nullptr};
}

}  // namespace convcheck

/// Defines convcheck_kernels() of a library with the given kernels, each a convcheck_kernel. Once in a library.
#define CONVCHECK_KERNELS(...)                                                                                        \
  extern "C" CONVCHECK_EXPORT const convcheck_kernel* const* convcheck_kernels(uint32_t abi_version, size_t* count) { \
    static const convcheck_kernel kernels[] = {__VA_ARGS__};                                                          \
    constexpr size_t kCount = sizeof(kernels) / sizeof(kernels[0]);                                                   \
    static const std::array<const convcheck_kernel*, kCount> pointers = [] {                                          \
      std::array<const convcheck_kernel*, kCount> all{};                                                              \
      for (size_t i = 0; i < kCount; ++i) all[i] = &kernels[i];                                                       \
      return all;                                                                                                     \
    }();                                                                                                              \
    *count = abi_version == CONVCHECK_ABI_VERSION ? kCount : 0;                                                       \
    return abi_version == CONVCHECK_ABI_VERSION ? pointers.data() : nullptr;                                          \
  }
