// How the input under a tile of output pixels is laid out so that every tap of every pixel is one offset away.
//
// With stride 1 the layout is a padded copy: pixel (y, x) of the tile stands at y * pitch + x, and a tap adds a
// constant. With stride s the input is taken apart into its phases, every s-th row and column, each a plane of the same
// pitch: tap r reads phase (r * dilation) mod s, shifted by (r * dilation) / s. Only phases that some tap reads are
// kept. Pixels of a tile are then neighbours in memory whatever the stride, dilation or layout of the tensor, at the
// price of a few positions between the end of one row and the start of the next whose sums mean nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "impls/support/conv.h"

namespace convcheck::impls {

/// Every stride-th position of an axis that some tap reads.
struct Phase {
  int64_t start;   ///< first position, counted from the padded start, under output position 0
  int64_t extent;  ///< how many positions beyond the tile's own the taps reach
};

/// The phases of one axis, and where each tap reads.
struct PhaseAxis {
  struct Tap {
    int64_t phase;
    int64_t shift;  ///< from the phase's first position, at most its extent
  };

  Axis axis;
  std::vector<Phase> phases;
  std::vector<Tap> taps;
  int64_t extent_max;
};

/// The geometry of all tiles of a convolution. Tiles at the end of an axis may use a part of it.
struct FoldTile {
  PhaseAxis rows;
  PhaseAxis cols;
  int64_t height;        ///< output rows of a tile
  int64_t width;         ///< output columns of a tile
  int64_t pitch;         ///< floats from one row of a plane to the next
  int64_t channel_size;  ///< floats of all planes of one channel
  int64_t input_floats;  ///< floats of all channels of a group
  bool reasonable;       ///< false where padding or dilation make even the smallest tile absurdly large

  /// Positions of a tile of `tile_height` rows, from its first pixel to its last.
  int64_t pixels(int64_t tile_height) const { return (tile_height - 1) * pitch + width; }
};

/// Chooses tiles that stay in the cache. Where `reasonable` is false nothing else may be used.
[[nodiscard]] FoldTile make_fold_tile(const Conv& conv);

/// The offset of every tap of a group, in the order [channel][kernel row][kernel col].
[[nodiscard]] std::vector<int64_t> tap_offsets(const Conv& conv, const FoldTile& tile);

/// Packs the input under the tile whose first pixel is (out_row, out_col): `input` is the group's first channel (not
/// read where the input has no elements), `packed` takes tile.input_floats floats. Padding becomes zero.
void pack_fold_tile(const Conv& conv, const FoldTile& tile, const float* input, int64_t out_row, int64_t out_col,
                    float* packed);

}  // namespace convcheck::impls
