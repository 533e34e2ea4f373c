// Random cases for the statistical tier, valid and with that tier applicable by construction.
#pragma once

#include "reference/case.h"

namespace convcheck {

/// Windows that do not overlap, no padding, 1000 to 4000 outputs and at most kMostStatisticalMultiplies multiply-adds.
/// n from 2 to 5000, its logarithm uniform but for depthwise problems, whose kernels stop at 17x17; groups 1, between
/// and C; kernels 1x1, 1xN, Nx1 and KxK with a stride of the kernel's extent, sometimes more, then also with dilation
/// and inputs that no window reads; bias in half; NCHW and NHWC. The fill is statistical1 to statistical6 by turns with
/// the seed. The same seed gives the same case.
[[nodiscard]] Case random_statistical_case(uint64_t seed);

inline constexpr int64_t kMostStatisticalMultiplies = 6'000'000;

}  // namespace convcheck
