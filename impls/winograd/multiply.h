// The micro-kernel of the products at one point, for the target that a file is being compiled for: included anew for
// each.
#if defined(CONVCHECK_IMPLS_WINOGRAD_MULTIPLY_H) == defined(HWY_TARGET_TOGGLE)  // NOLINT(llvm-header-guard)
#ifdef CONVCHECK_IMPLS_WINOGRAD_MULTIPLY_H
#undef CONVCHECK_IMPLS_WINOGRAD_MULTIPLY_H
#else
#define CONVCHECK_IMPLS_WINOGRAD_MULTIPLY_H
#endif

#include "impls/support/vector.h"
#include "impls/winograd/inner.h"

HWY_BEFORE_NAMESPACE();
namespace convcheck::impls::winograd::HWY_NAMESPACE {
namespace {

using namespace impls::HWY_NAMESPACE;  // NOLINT(google-build-using-namespace): the vectors of this target

/// Vectors in one panel of tiles.
inline constexpr int kPanelVectors = kPanelTiles / static_cast<int>(kLanes);
static_assert(kPanelVectors * kLanes == kPanelTiles);

/// Filters whose sums are kept at once, and panels of tiles: 24 registers of 32, or 8 of 16. Each channel costs as many
/// loads as there are vectors of tiles and one broadcast for each filter; fewer than 8 sums would wait for each other.
inline constexpr int kFilters = kLanes == 16 ? 8 : kLanes == 8 ? 4 : 2;
inline constexpr int kMostPanels = kLanes == 16 ? 3 : 1;

/// sums[kFilters][kPanels][kPanelTiles] = sum over c of weights[c][kPanelFilters] x input[panel][c][kPanelTiles].
template <int kPanels>
HWY_INLINE void multiply_panels(const float* weights, const float* input, int64_t channels, float* const* sums) {
  constexpr int kVectors = kPanels * kPanelVectors;
  Vector sum[kFilters][kVectors];
  for (auto& filter : sum) {
    for (Vector& one : filter) one = hn::Zero(Tag());
  }
  for (int64_t c = 0; c < channels; ++c) {
    Vector x[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      x[v] = load(input + (v / kPanelVectors * channels + c) * kPanelTiles + v % kPanelVectors * kLanes);
    }
    for (int filter = 0; filter < kFilters; ++filter) {
      const Vector weight = spread(weights[c * kPanelFilters + filter]);
      for (int v = 0; v < kVectors; ++v) sum[filter][v] = hn::MulAdd(weight, x[v], sum[filter][v]);
    }
  }
  for (int filter = 0; filter < kFilters; ++filter) {
    for (int v = 0; v < kVectors; ++v) {
      store(sums[v / kPanelVectors] + filter * kPanelTiles + v % kPanelVectors * kLanes, sum[filter][v]);
    }
  }
}

/// `kPanels` panels of tiles with all filters.
template <int kPanels>
void multiply_with_all(const Product& product, const float* weights, const float* input, float* products) {
  constexpr int64_t kPanel = kPanelFilters * kPanelTiles;
  for (int64_t filters = 0; filters < product.filter_panels; ++filters) {
    for (int64_t first = 0; first < kPanelFilters; first += kFilters) {
      float* sums[kPanels];
      for (int panel = 0; panel < kPanels; ++panel) {
        sums[panel] = products + (panel * product.filter_panels + filters) * kPanel + first * kPanelTiles;
      }
      multiply_panels<kPanels>(weights + filters * product.weight_distance + first, input, product.channels, sums);
    }
  }
}

template <int kPanels>
void multiply_some(int64_t panels, const Product& product, const float* weights, const float* input, float* products) {
  if constexpr (kPanels > 1) {
    if (panels < kPanels) return multiply_some<kPanels - 1>(panels, product, weights, input, products);
  }
  multiply_with_all<kPanels>(product, weights, input, products);
}

inline void multiply(const Product& product, const float* weights, const float* input, float* products) {
  for (int64_t done = 0; done < product.tile_panels;) {
    // Four panels are two and two.
    const int64_t left = product.tile_panels - done;
    const int64_t now = left == kMostPanels + 1 ? (left + 1) / 2 : left < kMostPanels ? left : kMostPanels;
    multiply_some<kMostPanels>(now, product, weights, input + done * product.channels * kPanelTiles,
                               products + done * product.filter_panels * kPanelFilters * kPanelTiles);
    done += now;
  }
}

}  // namespace
}  // namespace convcheck::impls::winograd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
