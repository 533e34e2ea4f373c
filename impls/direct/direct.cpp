// Direct convolution: register tiles of pixels x output channels walk over the tensors in place, in any layout.
//
// The output is cut into boxes of pixels whose windows have the same taps on padding. Inside a box no tap has to be
// asked about: the micro-kernel (tile.h) runs over the taps that all its pixels share, and padding is never multiplied.
// Weights are packed once, so that a tile reads them in order. Vectors run over output channels; where a group has only
// a few of them (depthwise), over pixels.
#include <algorithm>
#include <utility>

#include "impls/direct/plan.h"
#include "impls/kernels.h"
#include "impls/support/buffer.h"
#include "impls/support/conv.h"
#include "impls/support/planned.h"

namespace convcheck::impls {

namespace {

/// How the pixels of a box are walked along one axis.
struct Walk {
  int64_t count;
  int64_t input_step;
  int64_t output_step;
};

/// Steps that are never taken are zero: of themselves they may be larger than any address.
Walk walk_of(const Span& span, const Axis& axis, bool reads, int64_t input_step, int64_t output_step) {
  const int64_t count = span.end - span.begin;
  return {.count = count, .input_step = reads && count > 1 ? axis.stride * input_step : 0, .output_step = output_step};
}

/// One block of output channels of one image.
struct BlockJob {
  const DirectPlan& plan;
  const float* input;  // the group's first channel; null where no tap is ever read
  float* output;       // the block's first channel
  const float* weight;
  const float* bias;
  int64_t lanes;  // output channels that exist
};

void write_tile(const BlockJob& job, const float* sums, int64_t pixels, int64_t pixel_step, float* output) {
  const int64_t block = job.plan.shape.block;
  const int64_t channel_step = job.plan.conv.output.channel;
  for (int64_t lane = 0; lane < job.lanes; ++lane) {
    float* to = output + lane * channel_step;
    for (int64_t pixel = 0; pixel < pixels; ++pixel) to[pixel * pixel_step] = sums[pixel * block + lane];
  }
}

/// One line of pixels, cut into tiles of nearly equal length.
void convolve_line(const BlockJob& job, TileArgs args, const Walk& line, float* output) {
  if (job.plan.shape.is_line && line.output_step == 1) {
    args.pixels = line.count;
    args.sums = output;  // it is laid out as the output is
    return job.plan.shape.run(args);
  }
  alignas(kAlignment) float sums[kMostSums];
  const float* input = args.input;
  const int64_t tiles = (line.count + job.plan.shape.pixels_max - 1) / job.plan.shape.pixels_max;
  const int64_t each = line.count / tiles;
  const int64_t longer = line.count % tiles;  // tiles with one pixel more
  int64_t pixel = 0;
  for (int64_t tile = 0; tile < tiles; ++tile) {
    args.pixels = each + (tile < longer ? 1 : 0);
    args.input = input != nullptr ? input + pixel * line.input_step : nullptr;
    args.sums = sums;
    job.plan.shape.run(args);
    write_tile(job, sums, args.pixels, line.output_step, output + pixel * line.output_step);
    pixel += args.pixels;
  }
}

int64_t tiles_along(const Walk& inner, const Walk& outer, int64_t pixels_max) {
  return (inner.count + pixels_max - 1) / pixels_max * outer.count;
}

/// The taps that the pixels of a box share.
TileArgs box_args(const BlockJob& job, const Span& rows, const Span& cols) {
  const Conv& conv = job.plan.conv;
  const int64_t block = job.plan.shape.block;
  TileArgs args{};
  args.bias = job.bias;
  if (rows.taps.begin == rows.taps.end || cols.taps.begin == cols.taps.end) return args;
  args.input = job.input + input_position(conv.rows, rows.begin, rows.taps.begin) * conv.input.row +
               input_position(conv.cols, cols.begin, cols.taps.begin) * conv.input.col;
  args.channel_step = conv.input.channel;
  args.weight = job.weight + (rows.taps.begin * conv.cols.kernel + cols.taps.begin) * block;
  args.weight_row_step = conv.cols.kernel * block;
  args.weight_channel_step = conv.rows.kernel * args.weight_row_step;
  args.channels = conv.in_per_group;
  args.tap_rows = rows.taps.end - rows.taps.begin;
  args.tap_cols = cols.taps.end - cols.taps.begin;
  // As in walk_of(): a step that is never taken may be too large to be formed.
  args.row_step = args.tap_rows > 1 ? conv.rows.dilation * conv.input.row : 0;
  args.col_step = args.tap_cols > 1 ? conv.cols.dilation * conv.input.col : 0;
  if (conv.rows.kernel == 1 && conv.cols.kernel == 1) {
    // The channels of a 1x1 kernel are one long row of taps.
    std::swap(args.channels, args.tap_cols);
    args.col_step = conv.input.channel;
  }
  return args;
}

void convolve_box(const BlockJob& job, const Span& rows, const Span& cols) {
  const Conv& conv = job.plan.conv;
  TileArgs args = box_args(job, rows, cols);
  const bool reads = args.channels > 0;
  Walk inner = walk_of(cols, conv.cols, reads, conv.input.col, conv.output.col);
  Walk outer = walk_of(rows, conv.rows, reads, conv.input.row, conv.output.row);
  if (outer.input_step == inner.count * inner.input_step && outer.output_step == inner.count * inner.output_step) {
    // Lines follow each other without a gap: they are one line.
    inner.count *= outer.count;
    outer.count = 1;
  }
  const int64_t pixels_max = job.plan.shape.pixels_max;
  const bool vectors_along = job.plan.shape.is_line && inner.input_step == 1 && inner.count > 1;
  if (!vectors_along && tiles_along(outer, inner, pixels_max) < tiles_along(inner, outer, pixels_max)) {
    std::swap(inner, outer);  // borders at the left and right are columns of pixels
  }
  args.pixel_step = inner.input_step;
  float* output = job.output + rows.begin * conv.output.row + cols.begin * conv.output.col;
  const float* input = args.input;
  for (int64_t line = 0; line < outer.count; ++line) {
    args.input = input != nullptr ? input + line * outer.input_step : nullptr;
    convolve_line(job, args, inner, output + line * outer.output_step);
  }
}

void convolve_depthwise(const DirectPlan& plan, const float* input, float* output) {
  const Conv& conv = plan.conv;
  DepthwiseJob job{.rows = conv.rows,
                   .cols = conv.cols,
                   .input_row = conv.input.row,
                   .output_row = conv.output.row,
                   .input = nullptr,
                   .weight = nullptr,
                   .bias = 0,
                   .output = nullptr};
  for (int64_t image = 0; image < conv.batch; ++image) {
    for (int64_t channel = 0; channel < conv.out_channels(); ++channel) {
      job.input = input + image * conv.input.outer + channel / conv.out_per_group * conv.input.channel;
      job.weight = plan.weight.get() + channel * conv.taps();
      job.bias = plan.bias[static_cast<size_t>(channel)];
      job.output = output + image * conv.output.outer + channel * conv.output.channel;
      plan.depthwise(job);
    }
  }
}

void convolve(const DirectPlan& plan, const float* input, float* output) {
  if (plan.depthwise != nullptr) return convolve_depthwise(plan, input, output);
  const Conv& conv = plan.conv;
  const bool has_input = conv.rows.in > 0 && conv.cols.in > 0;
  for (int64_t image = 0; image < conv.batch; ++image) {
    for (int64_t block = 0; block < conv.groups * plan.blocks; ++block) {
      const int64_t group = block / plan.blocks;
      const int64_t first = block % plan.blocks * plan.shape.block;
      const int64_t in_channel = group * conv.in_per_group;
      const int64_t out_channel = group * conv.out_per_group + first;
      const BlockJob job = {
          .plan = plan,
          .input = has_input ? input + image * conv.input.outer + in_channel * conv.input.channel : nullptr,
          .output = output + image * conv.output.outer + out_channel * conv.output.channel,
          .weight = plan.weight.get() + block * plan.block_floats(),
          .bias = plan.bias.get() + block * plan.shape.block,
          .lanes = std::min(plan.shape.block, conv.out_per_group - first)};
      for (const Span& rows : plan.rows) {
        for (const Span& cols : plan.cols) convolve_box(job, rows, cols);
      }
    }
  }
}

struct Direct {
  using Plan = DirectPlan;

  static int64_t workspace_floats(const Conv& /*conv*/) { return 0; }
  static void plan(Plan& plan) { make_plan(plan); }

  static void convolve(const Plan& plan, const float* input, float* output, float* /*workspace*/) {
    impls::convolve(plan, input, output);
  }
};

}  // namespace

constinit const convcheck_kernel kDirect =
    Planned<Direct>::kernel("direct", "register tiles over pixels and output channels, in place, any layout");

}  // namespace convcheck::impls
