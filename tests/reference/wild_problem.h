// Problems with any int64 in any field, most of them invalid.
#pragma once

#include <cstdint>

#include "reference/problem.h"

namespace convcheck {

/// The problem of that number. Strides are not negative; all else may be anything, and every rule is broken by some.
[[nodiscard]] Problem wild_problem(uint64_t seed);

}  // namespace convcheck
