// Tiles of the image: where each lies, and how its elements move between a strided tensor and lanes.
//
// A patch is [edge][edge][kPanelTiles] floats: the same element of kPanelTiles tiles side by side, so that the
// transforms are plain vector additions. Only here are strides, padding and the tails of the image dealt with.
#pragma once

#include <cstdint>
#include <span>

#include "impls/winograd/geometry.h"

namespace convcheck::impls::winograd {

/// One tile: the part of its input patch that lies inside the image, and the part of its output that exists. A tile
/// past the last one has neither.
struct TilePlace {
  int64_t input_offset = 0;  // of patch element (row_begin, column_begin) in channel 0; 0 where nothing is inside
  int row_begin = 0;
  int row_end = 0;
  int column_begin = 0;
  int column_end = 0;
  int64_t output_offset = 0;  // of the tile's first element, in channel 0
  int rows = 0;
  int columns = 0;
};

/// The tiles first, first + 1, ... in the order image, row, column.
void locate_tiles(const Geometry& geometry, int64_t first, std::span<TilePlace> tiles);

/// Reads kPanelTiles tiles of the channel that begins at `channel_offset` into patch[Alpha][Alpha][kPanelTiles], zeros
/// outside the image. `input` may be null where the image is empty.
template <int Alpha>
void gather(const Geometry& geometry, const TilePlace* tiles, const float* input, int64_t channel_offset,
            float* patch) {
  const int64_t row = geometry.conv.input.row;
  const int64_t column = geometry.conv.input.col;
  for (int lane = 0; lane < kPanelTiles; ++lane) {
    const TilePlace& tile = tiles[lane];
    const bool whole = tile.row_end - tile.row_begin == Alpha && tile.column_end - tile.column_begin == Alpha;
    if (whole && column == 1) {
      const float* source = input + channel_offset + tile.input_offset;
      for (int i = 0; i < Alpha; ++i) {
        for (int j = 0; j < Alpha; ++j) patch[(i * Alpha + j) * kPanelTiles + lane] = source[i * row + j];
      }
      continue;
    }
    if (!whole) {
      for (int i = 0; i < Alpha * Alpha; ++i) patch[i * kPanelTiles + lane] = 0;
    }
    for (int i = tile.row_begin; i < tile.row_end; ++i) {
      const int64_t offset = channel_offset + tile.input_offset + (i - tile.row_begin) * row;
      for (int j = tile.column_begin; j < tile.column_end; ++j) {
        patch[(i * Alpha + j) * kPanelTiles + lane] = input[offset + (j - tile.column_begin) * column];
      }
    }
  }
}

/// Writes patch[Edge][Edge][kPanelTiles] + bias to the elements that exist of kPanelTiles tiles, in the channel that
/// begins at `output`.
template <int Edge>
void scatter(const Geometry& geometry, const TilePlace* tiles, const float* patch, float bias, float* output) {
  const int64_t row = geometry.conv.output.row;
  const int64_t column = geometry.conv.output.col;
  for (int lane = 0; lane < kPanelTiles; ++lane) {
    const TilePlace& tile = tiles[lane];
    float* target = output + tile.output_offset;
    if (tile.rows == Edge && tile.columns == Edge && column == 1) {
      for (int i = 0; i < Edge; ++i) {
        for (int j = 0; j < Edge; ++j) target[i * row + j] = patch[(i * Edge + j) * kPanelTiles + lane] + bias;
      }
      continue;
    }
    for (int i = 0; i < tile.rows; ++i) {
      for (int j = 0; j < tile.columns; ++j) {
        target[i * row + j * column] = patch[(i * Edge + j) * kPanelTiles + lane] + bias;
      }
    }
  }
}

}  // namespace convcheck::impls::winograd
