// Winograd kernels in the ABI whose errors are really Winograd's: every transform computed in f32, on the usual points.
#pragma once

#include <vector>

#include "convcheck/kernel.h"

namespace convcheck {

/// One kernel for each declared tile of 2, 4 and 6, on each of the usual point sets for kernels of 3x3; where the ABI
/// loosens the bound they use the largest tile that they may, elsewhere they sum in double. Every valid forward f32
/// problem with two spatial axes is served.
[[nodiscard]] std::vector<const convcheck_kernel*> true_winograd_kernels();

}  // namespace convcheck
