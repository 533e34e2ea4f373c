// The micro-kernel of the direct convolution: a few pixels along a line of the output times a block of output channels,
// held in registers while all their taps are added up.
#pragma once

#include <cstdint>

namespace convcheck::impls {

/// What one tile reads and writes. The taps are a box of channels x rows x cols, none of which falls on padding for any
/// of the tile's pixels: whoever cuts the tiles has seen to the borders. Steps are in elements.
struct TileArgs {
  const float* input;  ///< under the box's first tap, for pixel 0
  int64_t pixel_step;  ///< from the input of one pixel to that of the next
  int64_t channel_step;
  int64_t row_step;
  int64_t col_step;
  const float* weight;  ///< the box's first tap; [channel][row][col][block] with the two steps below, the rest packed
  int64_t weight_channel_step;
  int64_t weight_row_step;
  int64_t channels;
  int64_t tap_rows;
  int64_t tap_cols;
  const float* bias;  ///< [block], what the sums start from
  float* sums;        ///< [pixels][block], written; nothing else is
  int64_t pixels;     ///< at least 1, at most TileShape::pixels_max (a line: any number)
};

/// Computes sums[p][b] = bias[b] + sum over the box of input[p][tap] * weight[tap][b]. An empty box leaves the bias.
/// Products are added in the order of the box, one after the other, so that a pixel's bits do not depend on its
/// neighbours.
using TileFunction = void (*)(const TileArgs&);

/// One form of the micro-kernel: `block` output channels at once, up to `pixels_max` pixels.
struct TileShape {
  int64_t block;
  int64_t pixels_max;
  TileFunction run;
  bool is_line = false;  ///< of one channel and any number of pixels, which lie in TileArgs::sums as in the output
};

/// Most floats in TileArgs::sums for any shape.
inline constexpr int64_t kMostSums = 512;

/// The forms of one instruction set: blocks of 1, 2 and 4 vectors, and one output channel over a line of pixels, for
/// groups with few output channels; it is fast where TileArgs::pixel_step is 1.
struct TileSet {
  TileShape narrow;
  TileShape middle;
  TileShape wide;
  TileShape line;
};

/// The forms that suit this machine best.
[[nodiscard]] TileSet best_tile_set();

}  // namespace convcheck::impls
