// A plain sound convolution that computes the offsets into one tensor in too few bits: what huge cases are for.
#pragma once

#include <array>

#include "convcheck/kernel.h"
#include "reference/layout.h"

namespace convcheck {

/// What an offset is kept in: elements or bytes, of 32 bits.
enum class OffsetType { int64, uint32, int32, uint32_bytes, int32_bytes };
inline constexpr std::array kNarrowTypes = {OffsetType::uint32, OffsetType::int32, OffsetType::uint32_bytes,
                                            OffsetType::int32_bytes};

/// The kernel whose offsets into that tensor (input, weight or output) are of that type. It serves every valid forward
/// f32 problem with two spatial axes and makes no promises; its name is "TENSOR_in_TYPE", or "wide". Lives as long as
/// the program.
[[nodiscard]] const convcheck_kernel& narrow_kernel(TensorRole tensor, OffsetType type);

/// The kernel without a fault.
[[nodiscard]] inline const convcheck_kernel& wide_kernel() {
  return narrow_kernel(TensorRole::input, OffsetType::int64);
}

}  // namespace convcheck
