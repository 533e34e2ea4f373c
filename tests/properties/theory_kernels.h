// Kernels that behave as theories say: made of the predictions themselves, and of loops written apart from them.
#pragma once

#include <span>
#include <string_view>

#include "convcheck/kernel.h"
#include "properties/theory.h"

namespace convcheck {

/// The kernel that writes what theory number `index` of theories() predicts. Requires index < kMostTheories. Lives as
/// long as the program.
inline constexpr size_t kMostTheories = 256;
[[nodiscard]] const convcheck_kernel& predicted_kernel(size_t index);

/// Kernels that behave as some of limited_theories() say, with those theories. Requires index < kLimitedKernels.
struct LimitedKernel {
  const Theory* theory;
  const convcheck_kernel* kernel;
};
inline constexpr size_t kLimitedKernels = 150;
[[nodiscard]] LimitedKernel limited_kernel(size_t index);

/// The kernel that is wrong by theory number `index` and another one at once, or null where there are fewer theories or
/// the two depart from the convolution at the same hook. Lives as long as the program.
[[nodiscard]] const convcheck_kernel* kernel_of_two(size_t index);

/// A plain convolution in float with one thing wrong, and the name of the theory that says so; empty where none does.
struct WrongKernel {
  std::string_view theory;
  convcheck_kernel kernel;
};
[[nodiscard]] std::span<const WrongKernel> nameable_kernels();

/// Wrong in few cases, in two ways at once, or in another way with each call: no theory says so.
[[nodiscard]] std::span<const WrongKernel> unnameable_kernels();

/// A kernel that flips, which serves 3x3 kernels with stride and dilation 1
/// alone, and one that declares Winograd's tiles of 2x2.
[[nodiscard]] const convcheck_kernel& flipped_plain_kernel();
[[nodiscard]] const convcheck_kernel& flipped_winograd_kernel();

}  // namespace convcheck
