// The inner loops of the Winograd convolution: the three transforms and the matrix products, for each instruction set.
//
// They work on panels: kPanelTiles tiles, or kPanelFilters output channels ("filters"), side by side in memory. A patch
// is [edge][edge][panel] floats. Points are the alpha^2 elements of a transformed tile.
#pragma once

#include <cstdint>

#include "impls/support/isa.h"

namespace convcheck::impls::winograd {

inline constexpr int kPanelTiles = 16;
inline constexpr int kPanelFilters = 6;

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
  /// patch[alpha][alpha][kPanelTiles] of input to kPanelTiles floats for each point, the points `distance` floats
  /// apart.
  void (*transform_input)(const float* patch, float* target, int64_t distance);
  /// kPanelTiles products for each point, the points `distance` floats apart, to patch[tile][tile][kPanelTiles] of
  /// output.
  void (*transform_output)(const float* products, int64_t distance, float* patch);
  /// Writes products[tile_panels][filter_panels][kPanelFilters][kPanelTiles], each the sum over channels of weight x
  /// input, in f32 from the first channel to the last.
  void (*multiply)(const Product& product, const float* weights, const float* input, float* products);
};

// `tile` is one that transforms.h has.
namespace base {
[[nodiscard]] InnerLoops inner_loops(int tile);
}
namespace v3 {
[[nodiscard]] InnerLoops inner_loops(int tile);
}
namespace v4 {
[[nodiscard]] InnerLoops inner_loops(int tile);
}

/// The loops that suit this machine best.
[[nodiscard]] InnerLoops best_inner_loops(int tile);

}  // namespace convcheck::impls::winograd
