// Shrinking in the domain: from a case on which something fails to a minimal one on which it still does.
#pragma once

#include <functional>
#include <vector>

#include "reference/case.h"

namespace convcheck {

/// The cases that are one step smaller than `c`, the boldest steps first: fewer groups, channels, images, taps and
/// pixels, no bias, no view, stride, dilation and padding nearer to their defaults. Valid cases have valid neighbours
/// only, invalid ones invalid ones that break the same rule. Every number that can go down is stepped down by one
/// somewhere in the list.
[[nodiscard]] std::vector<Case> smaller_cases(const Case& c);

struct Shrunk {
  Case smallest;
  int64_t tried = 0;
  bool is_minimal = false;  ///< no smaller neighbour fails; false where the budget of tries ran out
};

/// Goes down while `fails` holds, until no neighbour fails or `most_tries` are used. Where data matter each neighbour
/// is tried with a few seeds, the plainest first. Requires fails(c).
[[nodiscard]] Shrunk shrink(const Case& c, const std::function<bool(const Case&)>& fails, int64_t most_tries = 20000);

}  // namespace convcheck
