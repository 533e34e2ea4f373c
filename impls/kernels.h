// The kernels that convcheck ships. Each is defined in its own folder and reached through the ABI alone.
#pragma once

#include "convcheck/kernel.h"

namespace convcheck::impls {

/// Nested loops over register tiles, in place on any strides.
extern const convcheck_kernel kDirect;

/// Patches gathered into a matrix and multiplied.
extern const convcheck_kernel kIm2col;

/// Winograd F(2x2, 3x3), F(4x4, 3x3) and F(6x6, 3x3).
extern const convcheck_kernel kWinograd2x2;
extern const convcheck_kernel kWinograd4x4;
extern const convcheck_kernel kWinograd6x6;

/// Groups folded into the batch: many small images, one set of weights per fold.
extern const convcheck_kernel kFolded;

}  // namespace convcheck::impls
