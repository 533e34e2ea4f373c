// The kernels of the torture library by theme.
#pragma once

#include <span>

#include "tests/torture/convolution.h"

namespace convcheck::torture {

/// Nothing is wrong with these.
[[nodiscard]] std::span<const convcheck_kernel> sound_kernels();
/// A call does not come back, or comes back in another way than by a return.
[[nodiscard]] std::span<const convcheck_kernel> crashing_kernels();
/// A call ends the process, doubles it, or does not end.
[[nodiscard]] std::span<const convcheck_kernel> ending_kernels();
/// Reads and writes outside of what a call is given, or that depend on what was there.
[[nodiscard]] std::span<const convcheck_kernel> trespassing_kernels();
/// Memory, descriptors, mappings and stack beyond measure.
[[nodiscard]] std::span<const convcheck_kernel> wasteful_kernels();
/// What the process has, changed.
[[nodiscard]] std::span<const convcheck_kernel> meddling_kernels();
/// What one call or plan knows of another.
[[nodiscard]] std::span<const convcheck_kernel> remembering_kernels();

}  // namespace convcheck::torture
