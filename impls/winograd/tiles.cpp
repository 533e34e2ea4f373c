// Where the tiles lie.
#include "impls/winograd/tiles.h"

#include <algorithm>

namespace convcheck::impls::winograd {
namespace {

/// The part [begin, end) of a tile's `edge` positions from `start` on that lies within [0, size); empty as [0, 0).
struct Range {
  int begin = 0;
  int end = 0;
};

Range inside(int64_t start, int edge, int64_t size) {
  if (start >= size || start + edge <= 0) return {};
  return {.begin = static_cast<int>(std::max<int64_t>(0, -start)),
          .end = static_cast<int>(std::min<int64_t>(edge, size - start))};
}

TilePlace locate(const Geometry& g, int64_t index) {
  const int64_t image = index / (g.tile_rows * g.tile_columns);
  const int64_t out_row = index / g.tile_columns % g.tile_rows * g.tile;
  const int64_t out_column = index % g.tile_columns * g.tile;
  TilePlace tile{
      .output_offset = image * g.conv.output.outer + out_row * g.conv.output.row + out_column * g.conv.output.col,
      .rows = static_cast<int>(std::min<int64_t>(g.tile, g.conv.rows.out - out_row)),
      .columns = static_cast<int>(std::min<int64_t>(g.tile, g.conv.cols.out - out_column))};
  const int64_t top = out_row - g.conv.rows.pad;
  const int64_t left = out_column - g.conv.cols.pad;
  const Range rows = inside(top, g.alpha, g.conv.rows.in);
  const Range columns = inside(left, g.alpha, g.conv.cols.in);
  if (rows.begin == rows.end || columns.begin == columns.end) return tile;  // wholly in the padding
  tile.row_begin = rows.begin;
  tile.row_end = rows.end;
  tile.column_begin = columns.begin;
  tile.column_end = columns.end;
  tile.input_offset =
      image * g.conv.input.outer + (top + rows.begin) * g.conv.input.row + (left + columns.begin) * g.conv.input.col;
  return tile;
}

}  // namespace

void locate_tiles(const Geometry& geometry, int64_t first, std::span<TilePlace> tiles) {
  for (TilePlace& tile : tiles) {
    tile = first < geometry.tiles ? locate(geometry, first) : TilePlace{};
    ++first;
  }
}

}  // namespace convcheck::impls::winograd
