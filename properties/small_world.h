// Every problem of a small world: groups 1 to 3, channels per group 1 and 2 (in and out), batch 1 and 2, image and
// kernel sizes 1 to 3, strides and dilations 1 and 2, each padding 0 and 1, with and without a bias.
#pragma once

#include <cstdint>

#include "reference/problem.h"

namespace convcheck {

/// How many of them are valid: 519,168.
[[nodiscard]] int64_t small_world_size();

/// Valid problem number `index` in a fixed order. Requires 0 <= index < small_world_size(). Thread-safe.
[[nodiscard]] Problem small_world_problem(int64_t index);

/// A permutation of 0 to size - 1 that the seed chooses: place `index` of the shuffled order. Requires 0 <= index <
/// size and size < 2^31.
[[nodiscard]] int64_t shuffled(int64_t index, int64_t size, uint64_t seed);

}  // namespace convcheck
