// What the direct convolution makes once for a problem: packed weights, the tile's form, and where the borders are.
#pragma once

#include <cstdint>
#include <vector>

#include "impls/direct/depthwise.h"
#include "impls/direct/tile.h"
#include "impls/support/buffer.h"
#include "impls/support/conv.h"
#include "impls/support/planned.h"

namespace convcheck::impls {

/// Output positions [begin, end) of one axis that have the same valid taps.
struct Span {
  int64_t begin;
  int64_t end;
  TapRange taps;
};

/// What prepare() makes once.
struct DirectPlan : PlanBase {
  TileShape shape;
  int64_t blocks;  // per group
  std::vector<Span> rows;
  std::vector<Span> cols;
  Floats weight;  // [group][block][channel][kernel row][kernel col][lane], missing output channels zero
  Floats bias;    // [group][block][lane], zeros where there is none
  DepthwisePlane depthwise = nullptr;  // where it serves the problem; then a block is one channel

  int64_t block_floats() const { return conv.taps() * shape.block; }
};

/// Plans a problem whose base is filled. std::bad_alloc where memory runs out.
void make_plan(DirectPlan& plan);

}  // namespace convcheck::impls
