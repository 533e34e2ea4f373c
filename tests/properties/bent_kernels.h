// Small wrong kernels, each bent in what one law of structure or of repeated bits is about, and two that are
// sound and may look wrong.
#pragma once

#include <string_view>
#include <vector>

#include "convcheck/kernel.h"

namespace convcheck {

struct BentKernel {
  convcheck_kernel kernel;                 ///< its name says what it gets wrong; everything else is right
  std::vector<std::string_view> violates;  ///< laws that must catch it
  std::vector<std::string_view> innocent;  ///< laws that must not accuse it, since they are about something else
};

/// They serve every valid forward f32 problem with two spatial axes and promise all that can be promised.
[[nodiscard]] const std::vector<BentKernel>& bent_kernels();

/// Serves channels last alone: dense NHWC input and output.
[[nodiscard]] const convcheck_kernel& channels_last_only();

/// Sums in an order that depends on the input's address modulo 64 bytes, which CONVCHECK_DETERMINISTIC allows.
[[nodiscard]] const convcheck_kernel& ordered_by_alignment();

}  // namespace convcheck
