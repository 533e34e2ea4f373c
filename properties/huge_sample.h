// Which outputs of a huge problem are judged.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "reference/problem.h"

namespace convcheck {

/// Element offsets at which 32-bit arithmetic goes wrong: 2^31 and 2^32 bytes, 2^31 and 2^32 elements.
inline constexpr std::array<int64_t, 4> kOffsetEdges = {int64_t{1} << 29, int64_t{1} << 30, int64_t{1} << 31,
                                                        int64_t{1} << 32};

/// The element of a tensor at the highest offset that is not above `offset`. Requires nested strides (is_nested()) for
/// that; of others the element is one near there.
[[nodiscard]] Shape element_near(const Shape& shape, const Shape& strides, int64_t offset);

/// Logical positions in the output, ascending and each once: its corners; those at the edges above in input, weight or
/// output, with their neighbours on every axis; and `spread` more, one from each of so many equal parts, chosen by
/// seed. All positions where there are no more than `spread`.
[[nodiscard]] std::vector<int64_t> sampled_outputs(const Problem& problem, const Geometry& g, int64_t spread,
                                                   uint64_t seed);

}  // namespace convcheck
