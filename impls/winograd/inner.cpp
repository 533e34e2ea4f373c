// The transforms and the table of loops, compiled for each of Highway's targets.
//
// A transform works on a patch, [edge][edge][kPanelTiles] floats: the same element of kPanelTiles tiles side by side,
// so that it is plain vector additions. Memory has the elements of a tile side by side: four of them are turned with
// those of three other tiles, in registers, on the way in and out. Only there are strides, padding and the tails of the
// image dealt with.
#include "impls/winograd/inner.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "impls/winograd/inner.cpp"
#include <hwy/foreach_target.h>

#include "impls/support/simd.h"
#include "impls/winograd/apply.h"
#include "impls/winograd/multiply.h"

HWY_BEFORE_NAMESPACE();
namespace convcheck::impls::winograd::HWY_NAMESPACE {
namespace {

/// Elements of a row that are turned at once: a block of 128 bits.
constexpr int kQuad = 4;
constexpr int kBlocks = kLanes < kQuad ? 1 : static_cast<int>(kLanes) / kQuad;

/// Where the quad of a tile stands among those of the panel, so that one vector has the quads of every fourth tile.
HWY_INLINE int64_t place_of_quad(int lane) {
  if (kLanes < kQuad) return int64_t{lane} * kQuad;
  const int vector = lane / static_cast<int>(kLanes);
  const int within = lane % static_cast<int>(kLanes);
  return ((int64_t{vector} * kQuad + within % kQuad) * kBlocks + within / kQuad) * kQuad;
}

/// Turns the quads of a panel, placed as above, into four rows of kPanelTiles elements, or back: it is its own inverse
/// but for where things are.
#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void turn_in(const float* quads, float* rows) {
  for (int lane = 0; lane < kPanelTiles; ++lane) {
    for (int j = 0; j < kQuad; ++j) rows[j * kPanelTiles + lane] = quads[lane * kQuad + j];
  }
}
HWY_INLINE void turn_out(const float* rows, float* quads) {
  for (int lane = 0; lane < kPanelTiles; ++lane) {
    for (int j = 0; j < kQuad; ++j) quads[lane * kQuad + j] = rows[j * kPanelTiles + lane];
  }
}
#else
HWY_INLINE void turn(Vector& a, Vector& b, Vector& c, Vector& d) {
  const Tag tag;
  const hn::RepartitionToWide<Tag> pairs;
  const auto low_ab = hn::BitCast(pairs, hn::InterleaveLower(tag, a, b));
  const auto high_ab = hn::BitCast(pairs, hn::InterleaveUpper(tag, a, b));
  const auto low_cd = hn::BitCast(pairs, hn::InterleaveLower(tag, c, d));
  const auto high_cd = hn::BitCast(pairs, hn::InterleaveUpper(tag, c, d));
  a = hn::BitCast(tag, hn::InterleaveLower(pairs, low_ab, low_cd));
  b = hn::BitCast(tag, hn::InterleaveUpper(pairs, low_ab, low_cd));
  c = hn::BitCast(tag, hn::InterleaveLower(pairs, high_ab, high_cd));
  d = hn::BitCast(tag, hn::InterleaveUpper(pairs, high_ab, high_cd));
}

HWY_INLINE void turn_in(const float* quads, float* rows) {
  for (int v = 0; v < kPanelVectors; ++v) {
    const float* from = quads + v * kQuad * kLanes;
    Vector a = load(from), b = load(from + kLanes), c = load(from + 2 * kLanes), d = load(from + 3 * kLanes);
    turn(a, b, c, d);
    float* to = rows + v * kLanes;
    store(to, a);
    store(to + kPanelTiles, b);
    store(to + 2 * kPanelTiles, c);
    store(to + 3 * kPanelTiles, d);
  }
}

HWY_INLINE void turn_out(const float* rows, float* quads) {
  for (int v = 0; v < kPanelVectors; ++v) {
    const float* from = rows + v * kLanes;
    Vector a = load(from), b = load(from + kPanelTiles), c = load(from + 2 * kPanelTiles),
           d = load(from + 3 * kPanelTiles);
    turn(a, b, c, d);
    float* to = quads + v * kQuad * kLanes;
    store(to, a);
    store(to + kLanes, b);
    store(to + 2 * kLanes, c);
    store(to + 3 * kLanes, d);
  }
}
#endif

/// A panel of rows of tiles as memory has them: [row][quad of the row][tile, placed as above][kQuad].
template <int Edge>
struct Quads {
  static constexpr int kCount = (Edge + kQuad - 1) / kQuad;
  static constexpr int64_t kRow = int64_t{kCount} * kPanelTiles * kQuad;
  alignas(64) float floats[Edge * kRow];

  /// Element 4 q of a row of a tile.
  HWY_INLINE float* at(int row, int quad, int lane) {
    return floats + row * kRow + quad * kPanelTiles * kQuad + place_of_quad(lane);
  }
};

/// A whole row of a tile, whose elements are neighbours.
template <int Edge>
HWY_INLINE void read_row(const float* from, Quads<Edge>& quads, int row, int lane) {
  for (int quad = 0; quad < Quads<Edge>::kCount; ++quad) {
    constexpr int kLast = Edge % kQuad == 0 ? kQuad : Edge % kQuad;
    float* const to = quads.at(row, quad, lane);
    if (quad + 1 < Quads<Edge>::kCount) {
      std::memcpy(to, from + quad * kQuad, kQuad * sizeof(float));
    } else {
      std::memcpy(to, from + quad * kQuad, kLast * sizeof(float));
    }
  }
}

template <int Alpha>
void read_tile(const TilePlace& tile, const float* input, PlaneSteps steps, Quads<Alpha>& quads, int lane) {
  const bool is_dense =
      steps.column == 1 && tile.column_end - tile.column_begin == Alpha;  // rows without padding, at least
  for (int i = 0; i < Alpha; ++i) {
    const bool is_inside = i >= tile.row_begin && i < tile.row_end;
    const float* const from =
        is_inside ? input + tile.input_offset + (i - tile.row_begin) * steps.row : nullptr;  // column_begin
    if (is_inside && is_dense) {
      read_row(from, quads, i, lane);
      continue;
    }
    float line[Quads<Alpha>::kCount * kQuad] = {};
    for (int j = tile.column_begin; j < tile.column_end && is_inside; ++j)
      line[j] = from[(j - tile.column_begin) * steps.column];
    read_row(line, quads, i, lane);
  }
}

/// Applies Pass, which makes Out vectors of In, to the columns and then to the rows of an In x In patch. Its elements
/// are `source_distance` floats apart, those of the Out x Out result `target_distance`.
template <int In, int Out, auto Pass>
HWY_INLINE void transform(const float* source, int64_t source_distance, float* target, int64_t target_distance) {
  Vector middle[Out][In];
  for (int column = 0; column < In; ++column) {
    Vector before[In];
    Vector after[Out];
    for (int i = 0; i < In; ++i) before[i] = load(source + (i * In + column) * source_distance);
    Pass(before, after);
    for (int i = 0; i < Out; ++i) middle[i][column] = after[i];
  }
  for (int row = 0; row < Out; ++row) {
    Vector after[Out];
    Pass(middle[row], after);
    for (int j = 0; j < Out; ++j) store(target + (row * Out + j) * target_distance, after[j]);
  }
}

template <int Tile>
void transform_weight(const float* patch, float* target, int64_t distance) {
  constexpr int kAlpha = Transform<Tile>::kAlpha;
  for (int lane = 0; lane < kPanelFilters; ++lane) {
    float middle[kAlpha][kTaps];
    for (int column = 0; column < kTaps; ++column) {
      float before[kTaps];
      float after[kAlpha];
      for (int i = 0; i < kTaps; ++i) before[i] = patch[(i * kTaps + column) * kPanelFilters + lane];
      apply_weight<Tile>(before, after);
      for (int i = 0; i < kAlpha; ++i) middle[i][column] = after[i];
    }
    for (int row = 0; row < kAlpha; ++row) {
      float after[kAlpha];
      apply_weight<Tile>(middle[row], after);
      for (int j = 0; j < kAlpha; ++j) target[(row * kAlpha + j) * distance + lane] = after[j];
    }
  }
}

template <int Tile>
void transform_input(const TilePlace* tiles, const float* input, PlaneSteps steps, float* target, int64_t distance) {
  constexpr int kAlpha = Transform<Tile>::kAlpha;
  Quads<kAlpha> quads;
  for (int lane = 0; lane < kPanelTiles; ++lane) read_tile<kAlpha>(tiles[lane], input, steps, quads, lane);
  alignas(64) float patch[(kAlpha * kAlpha + kQuad) * kPanelTiles];  // the last quad may have elements too many
  for (int i = 0; i < kAlpha; ++i) {
    for (int quad = 0; quad < Quads<kAlpha>::kCount; ++quad) {
      turn_in(quads.at(i, quad, 0), patch + (i * kAlpha + quad * kQuad) * kPanelTiles);
    }
  }
  for (int lane = 0; lane < kPanelTiles; lane += kLanes) {
    transform<kAlpha, kAlpha, Apply<Tile>::template input<Vector>>(patch + lane, kPanelTiles, target + lane, distance);
  }
}

template <int Tile>
void write_tile(const TilePlace& tile, Quads<Tile>& quads, int lane, float* output, PlaneSteps steps) {
  float* const target = output + tile.output_offset;
  for (int i = 0; i < tile.rows; ++i) {
    float line[Quads<Tile>::kCount * kQuad];
    for (int quad = 0; quad < Quads<Tile>::kCount; ++quad) {
      std::memcpy(line + quad * kQuad, quads.at(i, quad, lane), kQuad * sizeof(float));
    }
    if (tile.columns == Tile && steps.column == 1) {
      std::memcpy(target + i * steps.row, line, Tile * sizeof(float));
    } else {
      for (int j = 0; j < tile.columns; ++j) target[i * steps.row + j * steps.column] = line[j];
    }
  }
}

template <int Tile>
void transform_output(const float* products, int64_t distance, const TilePlace* tiles, float bias, float* output,
                      PlaneSteps steps) {
  constexpr int kAlpha = Transform<Tile>::kAlpha;
  alignas(64) float patch[(Tile * Tile + kQuad) * kPanelTiles];
  for (int lane = 0; lane < kPanelTiles; lane += kLanes) {
    transform<kAlpha, Tile, Apply<Tile>::template output<Vector>>(products + lane, distance, patch + lane, kPanelTiles);
  }
  const Vector all = spread(bias);
  for (int64_t i = 0; i < Tile * Tile * kPanelTiles; i += kLanes) store(patch + i, load(patch + i) + all);
  std::fill(patch + Tile * Tile * kPanelTiles, std::end(patch), 0.0F);
  Quads<Tile> quads;
  for (int i = 0; i < Tile; ++i) {
    for (int quad = 0; quad < Quads<Tile>::kCount; ++quad) {
      turn_out(patch + (i * Tile + quad * kQuad) * kPanelTiles, quads.at(i, quad, 0));
    }
  }
  for (int lane = 0; lane < kPanelTiles; ++lane) write_tile<Tile>(tiles[lane], quads, lane, output, steps);
}

template <int Tile>
InnerLoops loops_of() {
  return {.transform_weight = transform_weight<Tile>,
          .transform_input = transform_input<Tile>,
          .transform_output = transform_output<Tile>,
          .multiply = multiply};
}

InnerLoops inner_loops(int tile) {
  return tile == 2 ? loops_of<2>() : tile == 4 ? loops_of<4>() : loops_of<6>();
}

}  // namespace
}  // namespace convcheck::impls::winograd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convcheck::impls::winograd {
namespace {
HWY_EXPORT(inner_loops);
}  // namespace

InnerLoops best_inner_loops(int tile) {
  choose_simd();
  return HWY_DYNAMIC_DISPATCH(inner_loops)(tile);
}

}  // namespace convcheck::impls::winograd
#endif
