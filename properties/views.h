// Strides of views: with gaps, or expanded.
#pragma once

#include "reference/problem.h"

namespace convcheck {

/// Contiguous, in the logical order of the axes; a size of 0 counts as 1.
[[nodiscard]] Shape dense_strides(const Shape& shape);

/// Rows with `gap` elements behind each, planes and images with as many behind them. Requires rank 4.
[[nodiscard]] Shape padded_strides(const Shape& shape, int64_t gap);

/// Contiguous but for one axis, along which everything repeats.
[[nodiscard]] Shape expanded_strides(const Shape& shape, int axis);

}  // namespace convcheck
