// The classes of each parameter of a valid problem, by number from 0. What each is called is in classify.cpp; the
// covering array goes over the same ones.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "reference/problem.h"

namespace convcheck::classes {

/// 1; between 1 and C; C. One channel in one group is of the first.
[[nodiscard]] constexpr size_t groups(int64_t groups, int64_t in_channels) {
  return groups == 1 ? 0 : groups == in_channels ? 2 : 1;
}

/// Channels per group, in or out: 1; 2 to 9; above 9.
[[nodiscard]] constexpr size_t per_group(int64_t channels) {
  return channels <= 1 ? 0 : channels <= 9 ? 1 : 2;
}

/// Channels modulo 16: 0; 1 to 3; 4; 5 to 7; 8; 9 to 15. They tell apart what is left behind full registers of 16, 8
/// and 4 lanes.
[[nodiscard]] constexpr size_t residue(int64_t channels) {
  const int64_t rest = channels % 16;
  return rest == 0 ? 0 : rest < 4 ? 1 : rest == 4 ? 2 : rest < 8 ? 3 : rest == 8 ? 4 : 5;
}

/// The larger number of channels: below 256; below 1024; 1024 and more. Buffers of a fixed size end there.
[[nodiscard]] constexpr size_t channel_count(int64_t channels) {
  return channels < 256 ? 0 : channels < 1024 ? 1 : 2;
}

/// 1; 2; 3; 4 to 7; 8 to 32; 33 to 255; 256 and more.
[[nodiscard]] constexpr size_t kernel(int64_t extent) {
  return extent <= 3 ? static_cast<size_t>(extent - 1) : extent <= 7 ? 3 : extent <= 32 ? 4 : extent <= 255 ? 5 : 6;
}

/// Square; 1xN; Nx1; any other.
[[nodiscard]] constexpr size_t kernel_shape(int64_t height, int64_t width) {
  return height == width ? 0 : height == 1 ? 1 : width == 1 ? 2 : 3;
}

/// Stride or dilation: 1; 2; above 2.
[[nodiscard]] constexpr size_t step(int64_t step) {
  return step <= 1 ? 0 : step == 2 ? 1 : 2;
}

/// None; below the kernel's extent; equal to it; above it.
[[nodiscard]] constexpr size_t padding(int64_t padding, int64_t kernel) {
  return padding == 0 ? 0 : padding < kernel ? 1 : padding == kernel ? 2 : 3;
}

/// 0; 1; 2; 3 to 7; above 7.
[[nodiscard]] constexpr size_t image(int64_t extent) {
  return extent <= 2 ? static_cast<size_t>(extent) : extent <= 7 ? 3 : 4;
}

/// 1; 2; 3 to 7; a multiple of 8; above 8 and no multiple of it.
[[nodiscard]] constexpr size_t output(int64_t extent) {
  return extent <= 2 ? static_cast<size_t>(extent - 1) : extent < 8 ? 2 : extent % 8 == 0 ? 3 : 4;
}

/// 0; 1; 2; 3; above 3.
[[nodiscard]] constexpr size_t batch(int64_t batch) {
  return static_cast<size_t>(std::min<int64_t>(batch, 4));
}

/// Contiguous; NHWC; strides of the input's, of the output's, of the weight's; the weight expanded by a stride of 0;
/// several of these.
enum class Memory : size_t { contiguous, nhwc, input, output, weight, expanded_weight, several };
inline constexpr size_t kMemoryCount = 7;

[[nodiscard]] constexpr Memory memory(const Problem& p) {
  const int views = (p.layout == Layout::nhwc ? 1 : 0) + (p.input_strides ? 1 : 0) + (p.output_strides ? 1 : 0) +
                    (p.weight_strides ? 1 : 0);
  if (views == 0) return Memory::contiguous;
  if (views > 1) return Memory::several;
  if (p.layout == Layout::nhwc) return Memory::nhwc;
  if (p.input_strides) return Memory::input;
  if (p.output_strides) return Memory::output;
  const bool is_expanded = std::find(p.weight_strides->begin(), p.weight_strides->end(), 0) != p.weight_strides->end();
  return is_expanded ? Memory::expanded_weight : Memory::weight;
}

/// Kernel, stride, dilation, size and both paddings of height and width: all equal; different in some; in all.
[[nodiscard]] constexpr size_t axes(const Problem& p) {
  const int different = (p.input[2] != p.input[3]) + (p.weight[2] != p.weight[3]) + (p.stride[0] != p.stride[1]) +
                        (p.dilation[0] != p.dilation[1]) + (p.pad_before[0] != p.pad_before[1]) +
                        (p.pad_after[0] != p.pad_after[1]);
  return different == 0 ? 0 : different < 6 ? 1 : 2;
}

}  // namespace convcheck::classes
