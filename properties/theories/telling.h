// Cases on which any two theories give different outputs, and each another than the truth.
#pragma once

#include <span>

#include "reference/case.h"

namespace convcheck {

/// The same on every call: first hand-made ones with all parameters different, then ones that depart from a plain
/// convolution in one parameter (kernels that serve little serve some of them), views of memory, data that use the full
/// significand and subnormal numbers; then channels, steps, padding and views crossed with each other; then random
/// ones. Small and valid, forward f32 with two spatial axes; no view is
/// expanded, so that a kernel that ignores strides stays inside its tensors.
[[nodiscard]] std::span<const Case> telling_cases();

}  // namespace convcheck
