// Winograd convolution with an output tile of m x m: packing of the weights, and the run over blocks of tiles.
//
//   plan       [group][filter panel][point][channel][kPanelFilters]    all weights, transformed once
//   input      [point][tile panel][channel][kPanelTiles]               one block of tiles, one group
//   products   [point][tile panel][filter panel][kPanelFilters][kPanelTiles]   the same, one chunk of filter panels
//
// The input of a block stays in cache while the weights stream past it once, a chunk of filter panels at a time; a
// chunk's products are transformed back before the next chunk begins, so they do not leave the cache either. What a
// tile computes does not depend on the block or the lane that it falls into, hence neither on the batch.
#pragma once

#include "impls/winograd/geometry.h"
#include "impls/winograd/inner.h"

namespace convcheck::impls::winograd {

/// Writes geometry.plan_floats() floats to `plan`, zeros for the filters past the last.
void pack_weights(const Geometry& geometry, const InnerLoops& loops, const float* weight, float* plan);

/// The data of one run. `bias` is null where absent; `workspace` is aligned to 64 bytes and of
/// geometry.workspace_bytes().
struct Data {
  const float* input;
  const float* bias;
  const float* plan;
  float* output;
  float* workspace;
};

/// Writes every output element and nothing else.
void convolve(const Geometry& geometry, const InnerLoops& loops, const Data& data);

}  // namespace convcheck::impls::winograd
