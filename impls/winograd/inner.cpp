// The inner loops, compiled once per instruction set (impls/support/isa.h): nothing with a name that the levels share
// may be defined here or in what is included.
#include "impls/winograd/inner.h"

#include "impls/support/vector.h"
#include "impls/winograd/transforms.h"

namespace convcheck::impls::winograd {
namespace CONVCHECK_ISA {
namespace {

/// Vectors in one panel of tiles.
constexpr int kPanelVectors = kPanelTiles / static_cast<int>(kLanes);
static_assert(kPanelVectors * kLanes == kPanelTiles);

[[gnu::always_inline]] inline void read(const float* from, Vector& value) {
  value = load(from);
}
[[gnu::always_inline]] inline void read(const float* from, float& value) {
  value = *from;
}
[[gnu::always_inline]] inline void write(float* to, const Vector& value) {
  store(to, value);
}
[[gnu::always_inline]] inline void write(float* to, const float& value) {
  *to = value;
}

/// Applies Pass, which makes Out values of In, to the columns and then to the rows of an In x In patch of values V (a
/// vector of lanes, or a float). Its elements are `source_distance` floats apart, those of the Out x Out result
/// `target_distance`.
template <typename V, int In, int Out, auto Pass>
[[gnu::always_inline]] inline void transform(const float* source, int64_t source_distance, float* target,
                                             int64_t target_distance) {
  V middle[Out][In];
  for (int column = 0; column < In; ++column) {
    V before[In];
    V after[Out];
#pragma GCC unroll 8
    for (int i = 0; i < In; ++i) read(source + (i * In + column) * source_distance, before[i]);
    Pass(before, after);
#pragma GCC unroll 8
    for (int i = 0; i < Out; ++i) middle[i][column] = after[i];
  }
  for (int row = 0; row < Out; ++row) {
    V after[Out];
    Pass(middle[row], after);
#pragma GCC unroll 8
    for (int j = 0; j < Out; ++j) write(target + (row * Out + j) * target_distance, after[j]);
  }
}

template <typename T>
void transform_weight(const float* patch, float* target, int64_t distance) {
  for (int lane = 0; lane < kPanelFilters; ++lane) {
    transform<float, kTaps, T::kAlpha, weight_pass<T, float>>(patch + lane, kPanelFilters, target + lane, distance);
  }
}

template <typename T>
void transform_input(const float* patch, float* target, int64_t distance) {
  for (int lane = 0; lane < kPanelTiles; lane += kLanes) {
    transform<Vector, T::kAlpha, T::kAlpha, T::template input<Vector>>(patch + lane, kPanelTiles, target + lane,
                                                                       distance);
  }
}

template <typename T>
void transform_output(const float* products, int64_t distance, float* patch) {
  for (int lane = 0; lane < kPanelTiles; lane += kLanes) {
    transform<Vector, T::kAlpha, T::kTile, T::template output<Vector>>(products + lane, distance, patch + lane,
                                                                       kPanelTiles);
  }
}

/// The micro-kernel: sums[kPanelFilters][kPanelTiles] = sum over c of weights[c][kPanelFilters] x
/// input[c][kPanelTiles]. The sums stay in registers: 12 of the 16 of AVX2, 6 of the 32 of AVX-512.
[[gnu::always_inline]] inline void multiply_panels(const float* weights, const float* input, int64_t channels,
                                                   float* sums) {
  Vector sum[kPanelFilters][kPanelVectors] = {};
  for (int64_t c = 0; c < channels; ++c) {
    Vector x[kPanelVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kPanelVectors; ++v) x[v] = load(input + c * kPanelTiles + v * kLanes);
#pragma GCC unroll 6
    for (int filter = 0; filter < kPanelFilters; ++filter) {
      const float weight = weights[c * kPanelFilters + filter];
#pragma GCC unroll 4
      for (int v = 0; v < kPanelVectors; ++v) sum[filter][v] += weight * x[v];
    }
  }
#pragma GCC unroll 6
  for (int filter = 0; filter < kPanelFilters; ++filter) {
#pragma GCC unroll 4
    for (int v = 0; v < kPanelVectors; ++v) store(sums + filter * kPanelTiles + v * kLanes, sum[filter][v]);
  }
}

void multiply(const Product& product, const float* weights, const float* input, float* products) {
  for (int64_t tiles = 0; tiles < product.tile_panels; ++tiles) {
    const float* panel = input + tiles * product.channels * kPanelTiles;
    for (int64_t filters = 0; filters < product.filter_panels; ++filters) {
      multiply_panels(weights + filters * product.weight_distance, panel, product.channels, products);
      products += kPanelFilters * kPanelTiles;
    }
  }
}

template <typename T>
InnerLoops loops_of() {
  return {.transform_weight = transform_weight<T>,
          .transform_input = transform_input<T>,
          .transform_output = transform_output<T>,
          .multiply = multiply};
}

}  // namespace

InnerLoops inner_loops(int tile) {
  return tile == 2 ? loops_of<Transform<2>>() : loops_of<Transform<4>>();
}

}  // namespace CONVCHECK_ISA
}  // namespace convcheck::impls::winograd
