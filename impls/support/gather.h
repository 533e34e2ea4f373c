// Reading user tensors through their strides: a line of an axis with its padding, and the taps of a filter.
#pragma once

#include <cstdint>

#include "impls/support/conv.h"

namespace convcheck::impls {

/// Gathers what lies under `count` successive output positions: to[j] is input position first + j * axis.stride, or
/// zero where that is padding. `input` is position 0 of the axis, of `step` elements between positions, and is read at
/// no other place; it may be null where axis.in is 0.
void gather_line(const Axis& axis, const float* input, int64_t step, int64_t first, int64_t count, float* to);

/// Calls `visit(tap, index)` with the address of each tap of a filter in the order [channel][row][col], until it
/// answers false. Returns whether it never did.
template <typename Visit>
bool all_taps(const Conv& conv, const float* filter, Visit visit) {
  int64_t index = 0;
  for (int64_t channel = 0; channel < conv.in_per_group; ++channel) {
    for (int64_t row = 0; row < conv.rows.kernel; ++row) {
      const float* line = filter + channel * conv.weight.channel + row * conv.weight.row;
      for (int64_t col = 0; col < conv.cols.kernel; ++col) {
        if (!visit(line + col * conv.weight.col, index++)) return false;
      }
    }
  }
  return true;
}

/// Whether every weight is finite: then padding may be multiplied as explicit zeros without a trace.
[[nodiscard]] bool weights_finite(const Conv& conv, const float* weight);

}  // namespace convcheck::impls
