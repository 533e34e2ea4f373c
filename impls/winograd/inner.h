// The inner loops of the Winograd convolution: the three transforms and the matrix products, for each instruction set.
//
// They work on panels: kPanelTiles tiles, or kPanelFilters output channels ("filters"), side by side in memory. Points
// are the alpha^2 elements of a transformed tile.
#pragma once

#include <cstdint>

namespace convcheck::impls::winograd {

/// One vector of AVX-512: with fewer tiles than that lanes are lost, so it is no more.
inline constexpr int kPanelTiles = 16;
/// With three panels of tiles these are 24 of the 32 registers of AVX-512.
inline constexpr int kPanelFilters = 8;

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

/// Elements from one row, or column, of a plane to the next.
struct PlaneSteps {
  int64_t row;
  int64_t column;
};

/// The panels of the product at one point: weights [filter_panels][channels][kPanelFilters], the panels
/// `weight_distance` floats apart; input [tile_panels][channels][kPanelTiles]. All sizes are at least 1.
struct Product {
  int64_t filter_panels;
  int64_t tile_panels;
  int64_t channels;
  int64_t weight_distance;
};

/// The loops for one output tile. None of them lets what it writes overlap what it reads, needs any alignment, or makes
/// the bits of one lane depend on the others.
struct InnerLoops {
  /// patch[3][3][kPanelFilters] of weights to kPanelFilters floats for each point, the points `distance` floats apart.
  void (*transform_weight)(const float* patch, float* target, int64_t distance);
  /// A panel of tiles of the plane at `input` (not read where no tile has a part of it) to kPanelTiles floats for each
  /// point, the points `distance` floats apart. Padding is zero.
  void (*transform_input)(const TilePlace* tiles, const float* input, PlaneSteps steps, float* target,
                          int64_t distance);
  /// kPanelTiles products for each point, the points `distance` floats apart, to the elements that exist of a panel of
  /// tiles of the plane at `output`, with `bias` added.
  void (*transform_output)(const float* products, int64_t distance, const TilePlace* tiles, float bias, float* output,
                           PlaneSteps steps);
  /// Writes products[tile_panels][filter_panels][kPanelFilters][kPanelTiles], each the sum over channels of weight x
  /// input, in f32 from the first channel to the last.
  void (*multiply)(const Product& product, const float* weights, const float* input, float* products);
};

/// The loops that suit this machine best. `tile` is one that transforms.h has.
[[nodiscard]] InnerLoops best_inner_loops(int tile);

}  // namespace convcheck::impls::winograd
