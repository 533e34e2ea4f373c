// A second convolution, written apart from the reference: patches as the columns of a matrix, and matrix products.
#pragma once

#include <vector>

#include "reference/convolution.h"

namespace convcheck {

/// What convolve() should give, in logical order. Requires a valid problem of spatial rank 2 and data of its shapes.
/// Exact where every sum is; else each value carries roundings of its own.
[[nodiscard]] std::vector<Sum> eigen_convolution(const Problem& problem, const Data& data);

}  // namespace convcheck
