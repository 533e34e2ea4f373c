// The register tiles, compiled for each of Highway's targets.
#include "impls/direct/tile.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "impls/direct/tile.cpp"
#include <hwy/foreach_target.h>

#include "impls/support/simd.h"
#include "impls/support/vector.h"

HWY_BEFORE_NAMESPACE();
namespace convcheck::impls::HWY_NAMESPACE {
namespace {

/// `kPixels` x `kVectors` accumulators: each tap costs kVectors loads of weights and kPixels broadcasts of the input.
template <int kVectors, int kPixels>
void block_tile(const TileArgs& args) {
  Vector sums[kPixels][kVectors];
  for (int pixel = 0; pixel < kPixels; ++pixel) {
    for (int v = 0; v < kVectors; ++v) sums[pixel][v] = load(args.bias + v * kLanes);
  }
  const int64_t step = args.pixel_step;
  for (int64_t channel = 0; channel < args.channels; ++channel) {
    for (int64_t row = 0; row < args.tap_rows; ++row) {
      const float* input = args.input + channel * args.channel_step + row * args.row_step;
      const float* weight = args.weight + channel * args.weight_channel_step + row * args.weight_row_step;
      for (int64_t col = 0; col < args.tap_cols; ++col) {
        Vector weights[kVectors];
        for (int v = 0; v < kVectors; ++v) weights[v] = load(weight + v * kLanes);
        const float* here = input + col * args.col_step;
        for (int pixel = 0; pixel < kPixels; ++pixel) {
          const Vector value = spread(here[pixel * step]);
          for (int v = 0; v < kVectors; ++v) sums[pixel][v] = hn::MulAdd(weights[v], value, sums[pixel][v]);
        }
        weight += kVectors * kLanes;
      }
    }
  }
  for (int pixel = 0; pixel < kPixels; ++pixel) {
    for (int v = 0; v < kVectors; ++v) store(args.sums + (pixel * kVectors + v) * kLanes, sums[pixel][v]);
  }
}

/// Calls the tile of exactly `args.pixels` pixels.
template <int kVectors, int kPixels>
void block_tiles(const TileArgs& args) {
  if constexpr (kPixels > 1) {
    if (args.pixels < kPixels) return block_tiles<kVectors, kPixels - 1>(args);
  }
  block_tile<kVectors, kPixels>(args);
}

/// Calls `tap(input, weight)` for every tap of the box in order.
template <typename Tap>
inline void for_each_tap(const TileArgs& args, Tap tap) {
  for (int64_t channel = 0; channel < args.channels; ++channel) {
    for (int64_t row = 0; row < args.tap_rows; ++row) {
      const float* input = args.input + channel * args.channel_step + row * args.row_step;
      const float* weight = args.weight + channel * args.weight_channel_step + row * args.weight_row_step;
      for (int64_t col = 0; col < args.tap_cols; ++col) tap(input + col * args.col_step, weight[col]);
    }
  }
}

/// One output channel, `kVectors` vectors of `kCount` pixels side by side, from `first` on.
template <int64_t kCount, int kVectors>
void line_vectors(const TileArgs& args, int64_t first) {
  VectorOf<kCount> sums[kVectors];
  for (int v = 0; v < kVectors; ++v) sums[v] = spread<kCount>(args.bias[0]);
  for_each_tap(args, [&](const float* input, float weight) HWY_ATTR {
    const VectorOf<kCount> factor = spread<kCount>(weight);
    for (int v = 0; v < kVectors; ++v) sums[v] = hn::MulAdd(load<kCount>(input + first + v * kCount), factor, sums[v]);
  });
  for (int v = 0; v < kVectors; ++v) store<kCount>(args.sums + first + v * kCount, sums[v]);
}

/// All pixels of a line that has at least `kCount`. The last whole vector of the line covers what is left over, some of
/// it a second time with the same result: reading beyond the line could leave the tensor.
template <int64_t kCount>
void line_side_by_side(const TileArgs& args) {
  constexpr int kMany = 6;
  int64_t first = 0;
  for (; first + kMany * kCount <= args.pixels; first += kMany * kCount) line_vectors<kCount, kMany>(args, first);
  for (; first + 2 * kCount <= args.pixels; first += 2 * kCount) line_vectors<kCount, 2>(args, first);
  for (; first + kCount <= args.pixels; first += kCount) line_vectors<kCount, 1>(args, first);
  if (first < args.pixels) line_vectors<kCount, 1>(args, args.pixels - kCount);
}

/// `kCount` pixels from `first` on, wherever they lie.
template <int kCount>
void line_scattered(const TileArgs& args, int64_t first) {
  const int64_t step = args.pixel_step;
  float sums[kCount];
  for (float& sum : sums) sum = args.bias[0];
  for_each_tap(args, [&](const float* input, float weight) {
    for (int pixel = 0; pixel < kCount; ++pixel) sums[pixel] += input[(first + pixel) * step] * weight;
  });
  for (int pixel = 0; pixel < kCount; ++pixel) args.sums[first + pixel] = sums[pixel];
}

void line_tile(const TileArgs& args) {
  constexpr int64_t kQuad = kLanes < 4 ? kLanes : 4;
  if (args.pixel_step == 1 && args.pixels >= kLanes) return line_side_by_side<kLanes>(args);
  if (args.pixel_step == 1 && args.pixels >= kQuad) return line_side_by_side<kQuad>(args);
  constexpr int kSome = 8;
  int64_t first = 0;
  for (; first + kSome <= args.pixels; first += kSome) line_scattered<kSome>(args, first);
  for (; first < args.pixels; ++first) line_scattered<1>(args, first);
}

template <int kVectors, int kPixels>
constexpr TileShape block_shape() {
  static_assert(kVectors * kPixels * kLanes <= kMostSums);
  return {.block = kVectors * kLanes, .pixels_max = kPixels, .run = block_tiles<kVectors, kPixels>};
}

TileSet tile_set() {
  constexpr bool kMany = kRegisters == 32;
  return {.narrow = block_shape < 1,
          kMany ? 12 : 8 > (),
          .middle = block_shape < 2,
          kMany ? 12 : 6 > (),
          .wide = block_shape < 4,
          kMany ? 6 : 3 > (),
          .line = {.block = 1, .pixels_max = kMostSums, .run = line_tile, .is_line = true}};
}

}  // namespace
}  // namespace convcheck::impls::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convcheck::impls {
namespace {
HWY_EXPORT(tile_set);
}  // namespace

TileSet best_tile_set() {
  choose_simd();
  return HWY_DYNAMIC_DISPATCH(tile_set)();
}

}  // namespace convcheck::impls
#endif
