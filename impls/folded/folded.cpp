// Grouped convolution with the groups folded into the batch.
//
// Seen as memory, an input of N x (G * C') x H x W is N * G images of C' channels: a grouped convolution is one batch
// of N * G small convolutions, image f of which uses the weights of group f mod G. So there is no loop over images with
// groups inside, but one batched product over folds: each fold's input is packed tile by tile (fold_tile.h) and
// multiplied by its group's K / G kernels, vectors running over pixels (product.h). Nothing is lost where groups are
// many and small, depthwise convolution included, since a vector never has to be filled with output channels; with one
// group it is an ordinary convolution.
//
// Tied weights are its special form. When all groups carry the same K / G kernels, bit for bit, the folds no longer
// differ: the kernels are packed once, and all N * G images run through that one set of weights. This is what "apply
// these 8 kernels to each of my 3 channels" means, and why it is the same as a convolution with groups = 3 whose weight
// is repeated. A view that repeats the weight by stride 0 is found in the same way. The bias may differ between groups
// all the same.
//
// Padding is packed as zeros, which is exact as long as every weight is finite; prepare() looks, and otherwise leaves
// the problem to the plain loops.
#include <algorithm>
#include <bit>
#include <vector>

#include "impls/folded/fold_tile.h"
#include "impls/folded/product.h"
#include "impls/kernels.h"
#include "impls/support/buffer.h"
#include "impls/support/conv.h"
#include "impls/support/gather.h"
#include "impls/support/planned.h"

namespace convcheck::impls {

namespace {

/// Output channels of a group that one product computes.
struct Block {
  int64_t first;
  ProductShape shape;
};

struct Plan : PlanBase {
  FoldTile tile;
  std::vector<int64_t> offsets;
  std::vector<Block> blocks;
  int64_t group_floats;  // from one group's weights to the next one's; 0 where they are tied
  Floats weight;         // [group][block][tap][output channel of the block]
  Floats bias;           // [output channel]
};

std::vector<Block> cut_into_blocks(int64_t out_per_group) {
  const ProductSet set = best_product_set();
  std::vector<Block> blocks;
  int64_t first = 0;
  for (const ProductShape& shape : set.shapes) {
    for (; shape.run != nullptr && first + shape.block <= out_per_group; first += shape.block) {
      blocks.push_back({.first = first, .shape = shape});
    }
  }
  return blocks;
}

/// Whether every group carries the first one's kernels, bit for bit (a NaN equals itself, zeros differ by their sign).
bool weights_tied(const Conv& conv, const float* weight) {
  if (conv.groups == 1 || conv.weight.outer == 0) return true;
  const int64_t group_step = conv.out_per_group * conv.weight.outer;
  for (int64_t out = conv.out_per_group; out < conv.out_channels(); ++out) {
    const float* filter = weight + out * conv.weight.outer;
    const int64_t back = out / conv.out_per_group * group_step;
    const bool equal = all_taps(conv, filter, [&](const float* tap, int64_t) {
      return std::bit_cast<uint32_t>(*tap) == std::bit_cast<uint32_t>(*(tap - back));
    });
    if (!equal) return false;
  }
  return true;
}

void pack_weight(Plan& plan) {
  const Conv& conv = plan.conv;
  const int64_t filters = conv.out_per_group * conv.taps();
  const bool tied = weights_tied(conv, plan.user_weight);
  const int64_t groups = tied ? 1 : conv.groups;
  plan.group_floats = tied ? 0 : filters;
  plan.weight = allocate_floats(groups * filters);
  for (int64_t group = 0; group < groups; ++group) {
    for (const Block& block : plan.blocks) {
      float* packed = plan.weight.get() + group * filters + block.first * conv.taps();
      for (int64_t lane = 0; lane < block.shape.block; ++lane) {
        const int64_t out_channel = group * conv.out_per_group + block.first + lane;
        all_taps(conv, plan.user_weight + out_channel * conv.weight.outer, [&](const float* tap, int64_t index) {
          packed[index * block.shape.block + lane] = *tap;
          return true;
        });
      }
    }
  }
}

void pack_bias(Plan& plan) {
  const Conv& conv = plan.conv;
  plan.bias = allocate_floats(conv.out_channels());
  for (int64_t out_channel = 0; out_channel < conv.out_channels(); ++out_channel) {
    plan.bias[static_cast<std::size_t>(out_channel)] =
        conv.has_bias ? plan.user_bias[out_channel * conv.bias_step] : 0.0F;
  }
}

/// Floats of the workspace: a packed tile, then the sums of the widest block. Both start on a vector's boundary.
struct Workspace {
  int64_t input_floats;
  int64_t sums_step;
  int64_t floats;
};

constexpr int64_t kBlockMost = 8;

Workspace workspace_of(const FoldTile& tile) {
  // The last vector of a run goes on beyond the tile's last pixel.
  const int64_t input_floats = round_up(tile.input_floats + kProductSlack, kProductSlack);
  const int64_t sums_step = round_up(tile.pixels(tile.height) + kProductSlack, kProductSlack);
  return {.input_floats = input_floats, .sums_step = sums_step, .floats = input_floats + kBlockMost * sums_step};
}

/// One tile of one fold.
struct TileJob {
  const Plan& plan;
  int64_t group;
  int64_t out_row;
  int64_t out_col;
  float* output;  // the fold's first channel
};

void write_sums(const TileJob& job, const Block& block, const float* sums, int64_t sums_step) {
  const Conv& conv = job.plan.conv;
  const int64_t height = std::min(job.plan.tile.height, conv.rows.out - job.out_row);
  const int64_t width = std::min(job.plan.tile.width, conv.cols.out - job.out_col);
  for (int64_t lane = 0; lane < block.shape.block; ++lane) {
    float* plane = job.output + (block.first + lane) * conv.output.channel + job.out_col * conv.output.col;
    for (int64_t row = 0; row < height; ++row) {
      const float* from = sums + lane * sums_step + row * job.plan.tile.pitch;
      float* to = plane + (job.out_row + row) * conv.output.row;
      if (conv.output.col == 1) {
        std::copy(from, from + width, to);
      } else {
        for (int64_t col = 0; col < width; ++col) to[col * conv.output.col] = from[col];
      }
    }
  }
}

void convolve_tile(const TileJob& job, const float* packed, float* sums, int64_t sums_step) {
  const Plan& plan = job.plan;
  const int64_t height = std::min(plan.tile.height, plan.conv.rows.out - job.out_row);
  ProductArgs args{};
  args.input = packed;
  args.offsets = plan.offsets.data();
  args.sums = sums;
  args.sums_step = sums_step;
  args.taps = plan.conv.taps();
  args.pixels = plan.tile.pixels(height);
  for (const Block& block : plan.blocks) {
    args.weight = plan.weight.get() + job.group * plan.group_floats + block.first * args.taps;
    args.bias = plan.bias.get() + job.group * plan.conv.out_per_group + block.first;
    block.shape.run(args);
    write_sums(job, block, sums, sums_step);
  }
}

void convolve(const Plan& plan, const float* input, float* output, float* workspace) {
  const Conv& conv = plan.conv;
  const Workspace space = workspace_of(plan.tile);
  float* sums = workspace + space.input_floats;
  for (int64_t fold = 0; fold < conv.batch * conv.groups; ++fold) {
    const int64_t image = fold / conv.groups;
    const int64_t group = fold % conv.groups;
    const bool has_input = conv.rows.in > 0 && conv.cols.in > 0;
    const float* fold_input =
        has_input ? input + image * conv.input.outer + group * conv.in_per_group * conv.input.channel : nullptr;
    float* fold_output = output + image * conv.output.outer + group * conv.out_per_group * conv.output.channel;
    for (int64_t row = 0; row < conv.rows.out; row += plan.tile.height) {
      for (int64_t col = 0; col < conv.cols.out; col += plan.tile.width) {
        const TileJob job = {.plan = plan, .group = group, .out_row = row, .out_col = col, .output = fold_output};
        pack_fold_tile(conv, plan.tile, fold_input, row, col, workspace);
        convolve_tile(job, workspace, sums, space.sums_step);
      }
    }
  }
}

struct Folded {
  using Plan = impls::Plan;

  static int64_t workspace_floats(const Conv& conv) {
    const FoldTile tile = make_fold_tile(conv);
    return tile.reasonable ? workspace_of(tile).floats : 0;
  }

  static void plan(Plan& plan) {
    plan.tile = make_fold_tile(plan.conv);
    plan.plain =
        !plan.tile.reasonable || plan.conv.weights() > kMostFloats || !weights_finite(plan.conv, plan.user_weight);
    if (plan.plain) return;
    plan.offsets = tap_offsets(plan.conv, plan.tile);
    plan.blocks = cut_into_blocks(plan.conv.out_per_group);
    pack_weight(plan);
    pack_bias(plan);
  }

  static void convolve(const Plan& plan, const float* input, float* output, float* workspace) {
    impls::convolve(plan, input, output, workspace);
  }
};

}  // namespace

constinit const convcheck_kernel kFolded =
    Planned<Folded>::kernel("folded", "groups folded into the batch, vectors over pixels, any layout");

}  // namespace convcheck::impls
