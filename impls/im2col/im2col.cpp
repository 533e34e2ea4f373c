// Convolution as a matrix product: the patch under each output pixel becomes a column of a matrix, the weights of a
// group are a matrix of output channels x taps, and Eigen multiplies the two.
//
// The patch matrix of a whole image is kernel height x kernel width times larger than the image, so it is made tile by
// tile: some pixels times some taps, small enough to stay in the cache and to be multiplied there. A 1x1 convolution of
// a dense image has its patch matrix already, the image itself.
//
// Padding is gathered as zeros, which is exact as long as every weight is finite; prepare() looks, and otherwise leaves
// the problem to the plain loops.
#include <algorithm>

#include "impls/im2col/product.h"
#include "impls/kernels.h"
#include "impls/support/buffer.h"
#include "impls/support/conv.h"
#include "impls/support/gather.h"
#include "impls/support/planned.h"

namespace convcheck::impls {

namespace {

/// Sides of a tile of the patch matrix. 1024 taps x 256 pixels are 1 MiB.
constexpr int64_t kMostTaps = 1024;
constexpr int64_t kMostPixels = 256;
constexpr int64_t kMostPatches = kMostTaps * kMostPixels;

/// A product of a very small matrix or a vector may be summed in an order that depends on its factors' addresses: only
/// columns of at least so many pixels are left in place.
constexpr int64_t kLeastInPlace = 32;

/// Output channels that are summed in the workspace at once.
constexpr int64_t kMostChannels = 1024;

struct Plan : PlanBase {
  MultiplyAdd multiply_add;
  Floats weight;  // [output channel][channel][kernel row][kernel col]
};

/// How the patch matrix of a group and an image is cut.
struct Tiling {
  int64_t taps;
  int64_t pixels;
  int64_t channels;  // rows of the sums

  int64_t floats() const { return round_up(taps * pixels, kFloatsPerLine) + channels * pixels; }

  static constexpr int64_t kFloatsPerLine = kAlignment / sizeof(float);
};

Tiling make_tiling(const Conv& conv) {
  Tiling tiling{};
  tiling.taps = std::min(conv.taps(), kMostTaps);
  // Fewer taps leave room for more pixels, which spares the product its fixed costs.
  const int64_t most_pixels = std::min(kMostPatches / tiling.taps, int64_t{4} * kMostPixels);
  // No more than exist; the first factor alone may be beyond what can be multiplied.
  const int64_t out_pixels = conv.rows.out > most_pixels
                                 ? most_pixels
                                 : std::min(conv.rows.out * std::min(conv.cols.out, most_pixels), most_pixels);
  tiling.pixels = out_pixels;
  tiling.channels = std::min(conv.out_per_group, kMostChannels);
  return tiling;
}

/// Pixels [first, first + count) of an image, in row order.
struct Pixels {
  int64_t first;
  int64_t count;
};

/// Calls `row(out_row, out_col, count, done)` for every piece of a row of the output that the pixels cover.
template <typename Row>
void for_each_row(const Conv& conv, const Pixels& pixels, Row row) {
  for (int64_t done = 0; done < pixels.count;) {
    const int64_t pixel = pixels.first + done;
    const int64_t out_col = pixel % conv.cols.out;
    const int64_t count = std::min(conv.cols.out - out_col, pixels.count - done);
    row(pixel / conv.cols.out, out_col, count, done);
    done += count;
  }
}

/// Fills patches[tap][pixel] for taps [first_tap, first_tap + taps). `input` is the group's first channel.
void gather(const Conv& conv, const float* input, int64_t first_tap, int64_t taps, const Pixels& pixels,
            float* patches) {
  const int64_t plane_taps = conv.rows.kernel * conv.cols.kernel;
  for (int64_t tap = first_tap; tap < first_tap + taps; ++tap, patches += pixels.count) {
    const int64_t channel = tap / plane_taps;
    const int64_t tap_row = tap % plane_taps / conv.cols.kernel;
    const int64_t tap_col = tap % conv.cols.kernel;
    for_each_row(conv, pixels, [&](int64_t out_row, int64_t out_col, int64_t count, int64_t done) {
      const int64_t in_row = input_position(conv.rows, out_row, tap_row);
      if (in_row < 0 || in_row >= conv.rows.in || conv.cols.in == 0) {
        std::fill(patches + done, patches + done + count, 0.0F);
      } else {
        const float* line = input + channel * conv.input.channel + in_row * conv.input.row;
        gather_line(conv.cols, line, conv.input.col, input_position(conv.cols, out_col, tap_col), count,
                    patches + done);
      }
    });
  }
}

/// Whether the image is its own patch matrix.
bool is_pointwise(const Conv& conv) {
  const auto copies = [](const Axis& axis) {
    return axis.kernel == 1 && axis.stride == 1 && axis.in == axis.out && axis.pad == 0;
  };
  const bool contiguous =
      (conv.cols.in == 1 || conv.input.col == 1) && (conv.rows.in == 1 || conv.input.row == conv.cols.in);
  return copies(conv.rows) && copies(conv.cols) && contiguous;
}

/// One tile of pixels of one image and group, for output channels [first_channel, first_channel + channels) of the
/// group.
struct TileJob {
  const Plan& plan;
  const Tiling& tiling;
  const float* input;  // the group's first channel
  float* output;       // of the first of these output channels
  const float* weight;
  const float* bias;  // the user's, of the first of these; null where there is none
  int64_t channels;
  Pixels pixels;
  float* workspace;
};

void write_sums(const TileJob& job, const float* sums) {
  const Conv& conv = job.plan.conv;
  for (int64_t channel = 0; channel < job.channels; ++channel) {
    float* plane = job.output + channel * conv.output.channel;
    const float* from = sums + channel * job.pixels.count;
    for_each_row(conv, job.pixels, [&](int64_t out_row, int64_t out_col, int64_t count, int64_t done) {
      float* to = plane + out_row * conv.output.row + out_col * conv.output.col;
      for (int64_t col = 0; col < count; ++col) to[col * conv.output.col] = from[done + col];
    });
  }
}

/// The sums are made in the workspace, whose alignment never changes: Eigen may take the products of a very small
/// matrix in an order that depends on its address, and an image must not depend on where in the batch it lies.
void convolve_tile(const TileJob& job) {
  const Conv& conv = job.plan.conv;
  const int64_t pixels = job.pixels.count;
  float* patches = job.workspace;
  float* sums = patches + round_up(job.tiling.taps * job.tiling.pixels, Tiling::kFloatsPerLine);
  for (int64_t channel = 0; channel < job.channels; ++channel) {
    std::fill_n(sums + channel * pixels, pixels, job.bias != nullptr ? job.bias[channel * conv.bias_step] : 0.0F);
  }
  const bool in_place = is_pointwise(conv) && pixels >= kLeastInPlace && job.channels > 1;
  for (int64_t tap = 0; tap < conv.taps(); tap += job.tiling.taps) {
    const int64_t taps = std::min(job.tiling.taps, conv.taps() - tap);
    const float* columns = patches;
    int64_t columns_step = pixels;
    if (in_place) {
      columns = job.input + tap * conv.input.channel + job.pixels.first;
      columns_step = conv.input.channel;
    } else {
      gather(conv, job.input, tap, taps, job.pixels, patches);
    }
    job.plan.multiply_add({.left = {.data = job.weight + tap, .step = conv.taps()},
                           .right = {.data = columns, .step = columns_step},
                           .sums = sums,
                           .rows = job.channels,
                           .inner = taps,
                           .columns = pixels});
  }
  write_sums(job, sums);
}

/// All output channels of one tile of pixels.
void convolve_pixels(const Plan& plan, const Tiling& tiling, const float* input, float* output, int64_t image,
                     int64_t group, const Pixels& pixels, float* workspace) {
  const Conv& conv = plan.conv;
  const bool has_input = conv.rows.in > 0 && conv.cols.in > 0;
  const int64_t in_channel = group * conv.in_per_group;
  for (int64_t first = 0; first < conv.out_per_group; first += tiling.channels) {
    const int64_t out_channel = group * conv.out_per_group + first;
    convolve_tile({.plan = plan,
                   .tiling = tiling,
                   .input = has_input ? input + image * conv.input.outer + in_channel * conv.input.channel : nullptr,
                   .output = output + image * conv.output.outer + out_channel * conv.output.channel,
                   .weight = plan.weight.get() + out_channel * conv.taps(),
                   .bias = conv.has_bias ? plan.user_bias + out_channel * conv.bias_step : nullptr,
                   .channels = std::min(tiling.channels, conv.out_per_group - first),
                   .pixels = pixels,
                   .workspace = workspace});
  }
}

void convolve(const Plan& plan, const float* input, float* output, float* workspace) {
  const Conv& conv = plan.conv;
  const Tiling tiling = make_tiling(conv);
  const int64_t out_pixels = conv.rows.out * conv.cols.out;
  for (int64_t image = 0; image < conv.batch; ++image) {
    for (int64_t group = 0; group < conv.groups; ++group) {
      for (int64_t first = 0; first < out_pixels; first += tiling.pixels) {
        const Pixels pixels = {.first = first, .count = std::min(tiling.pixels, out_pixels - first)};
        convolve_pixels(plan, tiling, input, output, image, group, pixels, workspace);
      }
    }
  }
}

/// Copies the weights into the order of the matrix.
void pack(Plan& plan) {
  const Conv& conv = plan.conv;
  plan.weight = allocate_floats(conv.weights());
  for (int64_t out_channel = 0; out_channel < conv.out_channels(); ++out_channel) {
    float* packed = plan.weight.get() + out_channel * conv.taps();
    all_taps(conv, plan.user_weight + out_channel * conv.weight.outer, [&](const float* tap, int64_t index) {
      packed[index] = *tap;
      return true;
    });
  }
}

struct Im2col {
  using Plan = impls::Plan;

  static int64_t workspace_floats(const Conv& conv) { return conv.batch == 0 ? 0 : make_tiling(conv).floats(); }

  static void plan(Plan& plan) {
    const Conv& conv = plan.conv;
    plan.multiply_add = best_multiply_add();
    plan.plain = conv.batch == 0 || conv.weights() > kMostFloats || !weights_finite(conv, plan.user_weight);
    if (!plan.plain) pack(plan);
  }

  static void convolve(const Plan& plan, const float* input, float* output, float* workspace) {
    impls::convolve(plan, input, output, workspace);
  }
};

}  // namespace

constinit const convcheck_kernel kIm2col =
    Planned<Im2col>::kernel("im2col", "patches gathered tile by tile and multiplied by Eigen, any layout");

}  // namespace convcheck::impls
