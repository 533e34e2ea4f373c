// The extents of one Winograd convolution by name, and how it is cut into blocks.
#pragma once

#include <cstddef>
#include <cstdint>

#include "convcheck/kernel.h"
#include "impls/support/conv.h"
#include "impls/winograd/inner.h"

namespace convcheck::impls::winograd {

/// Panels of kPanelTiles tiles in the largest block of tiles: the weights are read from memory once for each block.
inline constexpr int kBlockPanels = 6;
/// Panels of kPanelFilters filters whose products are formed before they are transformed back: the input of a block is
/// read once for each such chunk, from the last cache, and the products of a chunk stay in the one before.
inline constexpr int kChunkPanels = 4;

/// One valid, served problem and its tiling.
struct Geometry {
  Conv conv;
  int alpha = 0;  // edge of an input tile
  int tile = 0;   // edge of an output tile
  int64_t tile_rows = 0;
  int64_t tile_columns = 0;
  int64_t tiles = 0;  // over all images; 0 where the output has no elements

  int64_t filter_panels = 0;  // of kPanelFilters filters, the last padded
  int64_t tile_panels = 0;    // of kPanelTiles tiles in one block

  /// Products of one tile: the number of independent matrix products.
  [[nodiscard]] int64_t points() const { return int64_t{alpha} * alpha; }
  /// Floats of one panel of transformed weights at one point, and of one panel of transformed input.
  [[nodiscard]] int64_t weight_panel() const { return conv.in_per_group * kPanelFilters; }
  [[nodiscard]] int64_t input_panel() const { return conv.in_per_group * kPanelTiles; }
  /// Floats between two points of the transformed input and of the products. One vector more than the data: the
  /// transforms write all points at once, and at a distance of a power of two they would all fall into one set of the
  /// cache.
  [[nodiscard]] int64_t input_point() const { return tile_panels * input_panel() + kPanelTiles; }
  [[nodiscard]] int64_t product_point() const {
    return tile_panels * kChunkPanels * kPanelFilters * kPanelTiles + kPanelTiles;
  }

  [[nodiscard]] int64_t plan_floats() const;
  [[nodiscard]] size_t workspace_bytes() const;
};

/// What a kernel with this output tile answers for the problem: OK, REJECTED where a rule is broken, UNSUPPORTED for
/// anything but f32 forward of rank 2 with a 3x3 kernel, stride 1 and dilation 1, and for problems whose transformed
/// weights or input no machine could hold.
[[nodiscard]] int32_t check_served(const convcheck_problem& problem, int tile);

/// The geometry of a problem for which check_served answers OK.
[[nodiscard]] Geometry make_geometry(const convcheck_problem& problem, int tile);

}  // namespace convcheck::impls::winograd
