// The valid problems nearest to an invalid one.
#pragma once

#include <vector>

#include "reference/problem.h"

namespace convcheck {

/// Valid problems that differ from this one in what its first broken rule is about, and in what must follow from that
/// (the weight's shape, the bias's length); the smallest changes first. Empty where there is none near, or the problem
/// is valid.
[[nodiscard]] std::vector<Problem> nearest_valid(const Problem& problem);

}  // namespace convcheck
