// Geometry and packing of the folded convolution's tiles.
#include "impls/folded/fold_tile.h"

#include <algorithm>

#include "impls/support/gather.h"

namespace convcheck::impls {

namespace {

/// What a tile's input may take, so that it stays in the second-level cache beside the weights.
constexpr double kTileFloats = 96 * 1024;
/// Beyond this a tile would be mostly padding, or the gaps of a dilated kernel.
constexpr double kMostTileFloats = 8 * 1024 * 1024;
/// Pixels of a tile: what the sums of a block of output channels take.
constexpr int64_t kMostPixels = 4096;
/// Taps of an axis.
constexpr int64_t kMostKernel = 4096;
/// Narrower tiles than this are not made for the cache's sake.
constexpr int64_t kLeastWidth = 64;

PhaseAxis make_phases(const Axis& axis) {
  PhaseAxis made{.axis = axis, .phases = {}, .taps = {}, .extent_max = 0};
  std::vector<int64_t> residues;
  for (int64_t tap = 0; tap < axis.kernel; ++tap) {
    const int64_t position = tap * axis.dilation;
    const int64_t residue = position % axis.stride;
    const auto known = std::find(residues.begin(), residues.end(), residue);
    const auto phase = static_cast<std::size_t>(known - residues.begin());
    if (known == residues.end()) {
      // Taps come in ascending order: the first one of a phase is where it starts.
      residues.push_back(residue);
      made.phases.push_back({.start = position, .extent = 0});
    }
    const int64_t shift = (position - made.phases[phase].start) / axis.stride;
    made.phases[phase].extent = shift;
    made.extent_max = std::max(made.extent_max, shift);
    made.taps.push_back({.phase = static_cast<int64_t>(phase), .shift = shift});
  }
  return made;
}

/// Rows of all row phases of a tile of `height` output rows. In double, as it may exceed any integer.
double plane_rows(const PhaseAxis& rows, int64_t height) {
  double count = 0;
  for (const Phase& phase : rows.phases) count += static_cast<double>(height) + static_cast<double>(phase.extent);
  return count;
}

double tile_floats(const Conv& conv, const FoldTile& tile, int64_t height, int64_t width) {
  return static_cast<double>(conv.in_per_group) * plane_rows(tile.rows, height) *
         static_cast<double>(tile.cols.phases.size()) *
         (static_cast<double>(width) + static_cast<double>(tile.cols.extent_max));
}

/// `size` cut into as many nearly equal parts as `most` asks for.
int64_t even_part(int64_t size, int64_t most) {
  const int64_t parts = (size - 1) / most + 1;
  return (size - 1) / parts + 1;
}

void choose_size(const Conv& conv, FoldTile& tile) {
  tile.width = even_part(conv.cols.out, kMostPixels);
  while (tile.width > kLeastWidth && tile_floats(conv, tile, 1, tile.width) > kTileFloats) {
    tile.width = even_part(tile.width, (tile.width + 1) / 2);
  }
  tile.height = 1;
  tile.reasonable = tile_floats(conv, tile, 1, tile.width) <= kMostTileFloats;
  if (!tile.reasonable) return;
  tile.pitch = tile.width + tile.cols.extent_max;
  const int64_t most = std::max<int64_t>(std::min(conv.rows.out, kMostPixels / tile.pitch), 1);
  while (tile.height < most && tile_floats(conv, tile, tile.height + 1, tile.width) <= kTileFloats) ++tile.height;
  tile.height = even_part(conv.rows.out, tile.height);
}

/// All phases of one channel.
void pack_channel(const Conv& conv, const FoldTile& tile, const float* input, int64_t out_row, int64_t out_col,
                  float* packed) {
  const int64_t height = std::min(tile.height, conv.rows.out - out_row);
  for (const Phase& row_phase : tile.rows.phases) {
    for (const Phase& col_phase : tile.cols.phases) {
      for (int64_t row = 0; row < height + row_phase.extent; ++row) {
        const int64_t in_row = (out_row + row) * conv.rows.stride + row_phase.start - conv.rows.pad;
        float* to = packed + row * tile.pitch;
        if (in_row < 0 || in_row >= conv.rows.in) {
          std::fill(to, to + tile.pitch, 0.0F);
        } else {
          gather_line(conv.cols, input + in_row * conv.input.row, conv.input.col,
                      out_col * conv.cols.stride + col_phase.start - conv.cols.pad, tile.pitch, to);
        }
      }
      packed += (tile.height + row_phase.extent) * tile.pitch;
    }
  }
}

}  // namespace

FoldTile make_fold_tile(const Conv& conv) {
  FoldTile tile{};
  // Nothing to do, or a kernel whose taps are not worth listing.
  if (conv.batch == 0 || std::max(conv.rows.kernel, conv.cols.kernel) > kMostKernel) return tile;
  tile.rows = make_phases(conv.rows);
  tile.cols = make_phases(conv.cols);
  choose_size(conv, tile);
  if (!tile.reasonable) return tile;
  int64_t rows = 0;
  for (const Phase& phase : tile.rows.phases) rows += tile.height + phase.extent;
  tile.channel_size = rows * static_cast<int64_t>(tile.cols.phases.size()) * tile.pitch;
  tile.input_floats = conv.in_per_group * tile.channel_size;
  return tile;
}

std::vector<int64_t> tap_offsets(const Conv& conv, const FoldTile& tile) {
  const auto col_phases = static_cast<int64_t>(tile.cols.phases.size());
  std::vector<int64_t> first_plane;  // of each row phase
  int64_t plane = 0;
  for (const Phase& phase : tile.rows.phases) {
    first_plane.push_back(plane);
    plane += (tile.height + phase.extent) * tile.pitch * col_phases;
  }
  std::vector<int64_t> offsets;
  for (int64_t channel = 0; channel < conv.in_per_group; ++channel) {
    for (const PhaseAxis::Tap& row : tile.rows.taps) {
      const auto row_phase = static_cast<std::size_t>(row.phase);
      const int64_t plane_floats = (tile.height + tile.rows.phases[row_phase].extent) * tile.pitch;
      for (const PhaseAxis::Tap& col : tile.cols.taps) {
        offsets.push_back(channel * tile.channel_size + first_plane[row_phase] + col.phase * plane_floats +
                          row.shift * tile.pitch + col.shift);
      }
    }
  }
  return offsets;
}

void pack_fold_tile(const Conv& conv, const FoldTile& tile, const float* input, int64_t out_row, int64_t out_col,
                    float* packed) {
  if (conv.rows.in == 0 || conv.cols.in == 0) {
    std::fill(packed, packed + tile.input_floats, 0.0F);
    return;
  }
  for (int64_t channel = 0; channel < conv.in_per_group; ++channel) {
    pack_channel(conv, tile, input + channel * conv.input.channel, out_row, out_col,
                 packed + channel * tile.channel_size);
  }
}

}  // namespace convcheck::impls
