// What fill=special makes of exact integers: everything scaled to an end of the range of f32, or one element replaced
// by a NaN or an infinity.
//
// Scaling by powers of two keeps every sum of integers exact, at the small end as multiples of 2^-149 that stay below
// 2^-126 where n M^2 < 2^23 leaves the room, and at the large one since n M^2 2^103 < 2^127: subnormals and sums near
// overflow are judged as exactly as anything else. One element alone is replaced, so that no output depends on the
// order in which NaN and infinities meet. Where that is an input a third of the weights are zeros, and the other way
// round: zero times infinity is NaN, and a kernel that skips zeros loses it.
#pragma once

#include <string>
#include <string_view>

#include "reference/fill.h"

namespace convcheck {

struct Special {
  enum class Kind { subnormal_inputs, subnormal_weights, subnormal_results, near_overflow, nonfinite };

  Kind kind = Kind::subnormal_inputs;
  std::string_view what;  ///< "subnormal inputs"
  // Of the last kind: what is put where.
  TensorRole role = TensorRole::input;
  float value = 0;
  Shape at;  ///< logical index in that tensor

  [[nodiscard]] bool is_finite() const { return kind != Kind::nonfinite; }
};

/// Cases with an even seed are finite, those with an odd one are not; seed / 2 chooses among the kinds of each. Where
/// the tensor that a kind is about has no elements or the problem no bias the next one is taken.
[[nodiscard]] Special special_of(const Case& c);

/// "NaN at input n=0 c=1 h=2 w=3 and zeros among the weights", "subnormal inputs".
[[nodiscard]] std::string describe(const Special& special);

}  // namespace convcheck
