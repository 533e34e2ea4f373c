// Which problems the Winograd kernels serve, and how they cut them.
#include "impls/winograd/geometry.h"

#include <algorithm>

#include "impls/winograd/transforms.h"

namespace convcheck::impls::winograd {
namespace {

/// The transformed input of a block is kept below this where a single panel of tiles allows it: a share of the last
/// cache.
constexpr int64_t kBlockBytes = int64_t{8} << 20;
/// As much as support/buffer.h will ever allocate; far below where 64-bit sizes overflow.
constexpr double kMaxBytes = 0x1p38;

int64_t ceil_divide(int64_t a, int64_t b) {
  return a / b + (a % b != 0 ? 1 : 0);
}

bool has_served_form(const convcheck_problem& problem) {
  for (int axis = 0; axis < 2; ++axis) {
    if (problem.weight.shape[2 + axis] != kTaps) return false;
    if (problem.stride[axis] != 1 || problem.dilation[axis] != 1) return false;
  }
  return true;
}

/// In doubles, since the sizes themselves may not fit: each extent of a valid problem does, their products need not.
bool fits_memory(const convcheck_problem& problem, int tile) {
  const double points = (tile + kTaps - 1) * (tile + kTaps - 1);
  const auto channels = static_cast<double>(problem.weight.shape[1]);
  const double filters = static_cast<double>(problem.weight.shape[0]) * kPanelFilters;  // at worst a panel for each
  const double panel_bytes = points * channels * sizeof(float);
  return panel_bytes * filters < kMaxBytes && panel_bytes * kPanelTiles * kBlockPanels < kMaxBytes;
}

}  // namespace

int64_t Geometry::plan_floats() const {
  return tiles == 0 ? 0 : conv.groups * filter_panels * points() * weight_panel();
}

size_t Geometry::workspace_bytes() const {
  if (tiles == 0) return 0;
  return static_cast<size_t>(points() * (input_point() + product_point())) * sizeof(float);
}

int32_t check_served(const convcheck_problem& problem, int tile) {
  const int32_t status = admit(problem);
  if (status != CONVCHECK_OK) return status;
  return has_served_form(problem) && fits_memory(problem, tile) ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

Geometry make_geometry(const convcheck_problem& problem, int tile) {
  Geometry g{.conv = decode(problem), .alpha = tile + kTaps - 1, .tile = tile};
  g.tile_rows = ceil_divide(g.conv.rows.out, tile);
  g.tile_columns = ceil_divide(g.conv.cols.out, tile);
  g.tiles = g.conv.batch * g.tile_rows * g.tile_columns;
  g.filter_panels = ceil_divide(g.conv.out_per_group, kPanelFilters);
  const auto panel_bytes = g.points() * g.input_panel() * static_cast<int64_t>(sizeof(float));
  const int64_t most = std::clamp<int64_t>(kBlockBytes / panel_bytes, 1, kBlockPanels);
  // Blocks of nearly equal size.
  const int64_t panels = std::max<int64_t>(ceil_divide(g.tiles, kPanelTiles), 1);
  g.tile_panels = ceil_divide(panels, ceil_divide(panels, most));
  return g;
}

}  // namespace convcheck::impls::winograd
