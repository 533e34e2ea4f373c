// Choosing the tile's form, packing, and finding the borders.
#include "impls/direct/plan.h"

#include <algorithm>

#include "impls/support/gather.h"

namespace convcheck::impls {

namespace {

std::vector<Span> spans_of(const Axis& axis) {
  std::vector<Span> spans;
  for (int64_t out = 0; out < axis.out; ++out) {
    const TapRange taps = valid_taps(axis, out);
    if (spans.empty() || spans.back().taps != taps) spans.push_back({out, out, taps});
    spans.back().end = out + 1;
  }
  return spans;
}

/// The path of its own, where it serves the problem: it multiplies padding, and reads rows as they lie.
DepthwisePlane choose_depthwise(const DirectPlan& plan) {
  const Conv& conv = plan.conv;
  const bool is_dense = (conv.input.col == 1 || conv.cols.in == 1) && (conv.output.col == 1 || conv.cols.out == 1);
  const bool has_input = conv.rows.in > 0 && conv.cols.in > 0;
  if (conv.in_per_group != 1 || !is_dense || !has_input) return nullptr;
  const DepthwisePlane plane = best_depthwise_plane(conv);
  return plane != nullptr && weights_finite(conv, plan.user_weight) ? plane : nullptr;
}

TileShape choose_shape(const Conv& conv, const TileSet& set) {
  // A few output channels fill a small part of a vector; pixels do better, most of all where they lie side by side.
  const bool side_by_side = conv.cols.stride == 1 && conv.input.col == 1;
  if (conv.out_per_group <= (side_by_side ? 4 : 2)) return set.line;
  TileShape best = set.wide;
  for (const TileShape& shape : {set.middle, set.narrow}) {
    if (round_up(conv.out_per_group, shape.block) < round_up(conv.out_per_group, best.block)) best = shape;
  }
  return best;
}

void pack_block(const Conv& conv, const float* weight, int64_t lanes, int64_t block, float* packed) {
  for (int64_t channel = 0; channel < conv.in_per_group; ++channel) {
    for (int64_t row = 0; row < conv.rows.kernel; ++row) {
      for (int64_t col = 0; col < conv.cols.kernel; ++col) {
        const float* tap = weight + channel * conv.weight.channel + row * conv.weight.row + col * conv.weight.col;
        for (int64_t lane = 0; lane < lanes; ++lane) packed[lane] = tap[lane * conv.weight.outer];
        std::fill(packed + lanes, packed + block, 0.0F);
        packed += block;
      }
    }
  }
}

void pack(DirectPlan& plan) {
  const Conv& conv = plan.conv;
  const int64_t block = plan.shape.block;
  float* packed_weight = plan.weight.get();
  float* packed_bias = plan.bias.get();
  for (int64_t group = 0; group < conv.groups; ++group) {
    for (int64_t first = 0; first < conv.out_per_group; first += block) {
      const int64_t out_channel = group * conv.out_per_group + first;
      const int64_t lanes = std::min(block, conv.out_per_group - first);
      pack_block(conv, plan.user_weight + out_channel * conv.weight.outer, lanes, block, packed_weight);
      std::fill(packed_bias, packed_bias + block, 0.0F);
      for (int64_t lane = 0; lane < lanes && conv.has_bias; ++lane) {
        packed_bias[lane] = plan.user_bias[(out_channel + lane) * conv.bias_step];
      }
      packed_weight += plan.block_floats();
      packed_bias += block;
    }
  }
}

int64_t packed_count(const DirectPlan& plan) {
  const Conv& conv = plan.conv;
  return capped_count(
      {conv.groups, plan.blocks, plan.shape.block, conv.in_per_group, conv.rows.kernel, conv.cols.kernel});
}

}  // namespace

void make_plan(DirectPlan& plan) {
  const Conv& conv = plan.conv;
  plan.depthwise = choose_depthwise(plan);
  plan.shape = plan.depthwise != nullptr ? best_tile_set().line : choose_shape(conv, best_tile_set());
  plan.blocks = (conv.out_per_group - 1) / plan.shape.block + 1;
  const int64_t count = packed_count(plan);
  plan.plain = conv.batch == 0 || count > kMostFloats;
  if (plan.plain) return;
  plan.weight = allocate_floats(count);
  plan.bias = allocate_floats(conv.groups * plan.blocks * plan.shape.block);
  plan.rows = spans_of(conv.rows);
  plan.cols = spans_of(conv.cols);
  pack(plan);
}

}  // namespace convcheck::impls
