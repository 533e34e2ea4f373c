// The products, compiled for each of Highway's targets.
#include "impls/folded/product.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "impls/folded/product.cpp"
#include <hwy/foreach_target.h>

#include "impls/support/simd.h"
#include "impls/support/vector.h"

HWY_BEFORE_NAMESPACE();
namespace convcheck::impls::HWY_NAMESPACE {
namespace {

static_assert(kLanes <= kProductSlack);

/// `kBlock` x `kVectors` accumulators: each tap costs kVectors loads of pixels and kBlock broadcasts of weights.
template <int kBlock, int kVectors>
void product(const ProductArgs& args, int64_t first) {
  Vector sums[kBlock][kVectors];
  for (int b = 0; b < kBlock; ++b) {
    for (int v = 0; v < kVectors; ++v) sums[b][v] = spread(args.bias[b]);
  }
  const float* input = args.input + first;
  const float* weight = args.weight;
  for (int64_t tap = 0; tap < args.taps; ++tap) {
    const float* here = input + args.offsets[tap];
    Vector pixels[kVectors];
    for (int v = 0; v < kVectors; ++v) pixels[v] = load(here + v * kLanes);
    for (int b = 0; b < kBlock; ++b) {
      const Vector factor = spread(weight[b]);
      for (int v = 0; v < kVectors; ++v) sums[b][v] = hn::MulAdd(pixels[v], factor, sums[b][v]);
    }
    weight += kBlock;
  }
  for (int b = 0; b < kBlock; ++b) {
    for (int v = 0; v < kVectors; ++v) store(args.sums + b * args.sums_step + first + v * kLanes, sums[b][v]);
  }
}

/// The product of exactly `vectors` vectors, 1 to kVectors.
template <int kBlock, int kVectors>
void product_of(const ProductArgs& args, int64_t first, int64_t vectors) {
  if constexpr (kVectors > 1) {
    if (vectors < kVectors) return product_of<kBlock, kVectors - 1>(args, first, vectors);
  }
  product<kBlock, kVectors>(args, first);
}

/// All pixels, in runs of nearly equal length.
template <int kBlock, int kVectors>
void products(const ProductArgs& args) {
  const int64_t vectors = (args.pixels + kLanes - 1) / kLanes;
  const int64_t runs = (vectors + kVectors - 1) / kVectors;
  int64_t done = 0;
  for (int64_t run = 0; run < runs; ++run) {
    const int64_t here = (vectors - done + runs - run - 1) / (runs - run);
    product_of<kBlock, kVectors>(args, done * kLanes, here);
    done += here;
  }
}

ProductSet product_set() {
  constexpr bool kMany = kRegisters == 32;
  return {{{.block = 8, .run = kMany ? products<8, 3> : nullptr},
           {.block = 4, .run = products < 4, kMany ? 6 : 3 > },
           {.block = 2, .run = products < 2, kMany ? 8 : 4 > },
           {.block = 1, .run = products < 1, kMany ? 8 : 6 > }}};
}

}  // namespace
}  // namespace convcheck::impls::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convcheck::impls {
namespace {
HWY_EXPORT(product_set);
}  // namespace

ProductSet best_product_set() {
  choose_simd();
  return HWY_DYNAMIC_DISPATCH(product_set)();
}

}  // namespace convcheck::impls
#endif
