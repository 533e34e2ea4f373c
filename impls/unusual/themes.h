// The unusual kernels by theme. Each list lives as long as the program.
#pragma once

#include <span>

#include "convcheck/kernel.h"

namespace convcheck::impls::unusual {

/// The same products in other orders and associations, at other precisions.
[[nodiscard]] std::span<const convcheck_kernel> orders();

/// The same bits no matter what, but not from one call, image or address to the next.
[[nodiscard]] std::span<const convcheck_kernel> changing_orders();

/// Padding made explicit, and what else is multiplied, skipped or read beside the products.
[[nodiscard]] std::span<const convcheck_kernel> paddings();

/// How, and how often, outputs are written.
[[nodiscard]] std::span<const convcheck_kernel> outputs();

/// Few problems served, or refused at a late stage, or with the other status.
[[nodiscard]] std::span<const convcheck_kernel> narrow();

/// What a plan may be, and what may stay between calls.
[[nodiscard]] std::span<const convcheck_kernel> plans();

/// Workspace, stack, memory and floating-point state used as far as they may be.
[[nodiscard]] std::span<const convcheck_kernel> resources();

/// What is taken and given back, changed and restored, kept and no matter: the edge of the laws of conduct.
[[nodiscard]] std::span<const convcheck_kernel> edges();

/// One kernel, with threads of its own.
[[nodiscard]] std::span<const convcheck_kernel> threads();

/// Winograd in plain form, in many sizes, and what declares it and does otherwise.
[[nodiscard]] std::span<const convcheck_kernel> winograds();

}  // namespace convcheck::impls::unusual
