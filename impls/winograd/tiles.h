// Where the tiles of an image lie.
#pragma once

#include <cstdint>
#include <span>

#include "impls/winograd/geometry.h"

namespace convcheck::impls::winograd {

/// The tiles first, first + 1, ... in the order image, row, column.
void locate_tiles(const Geometry& geometry, int64_t first, std::span<TilePlace> tiles);

}  // namespace convcheck::impls::winograd
