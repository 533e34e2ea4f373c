// Padding made explicit, zeros multiplied and zeros skipped, and memory read that no product needs.
#include <algorithm>
#include <cstring>

#include "impls/support/gather.h"
#include "impls/unusual/themes.h"
#include "impls/unusual/window.h"

namespace convcheck::impls::unusual {
namespace {

/// What the windows cover of an axis with its padding, from the first output's first tap to the last output's last. Its
/// end may lie before that of the padding, where a stride does not come out even.
int64_t covered(const Axis& axis) {
  return (axis.out - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1;
}

/// The part of [0, covered) that is input and not padding, copied; the rest is zeros.
void copy_padded(const Call& call, int64_t image, int64_t channel, float* padded) {
  const Axis& rows = call.conv.rows;
  const Axis& cols = call.conv.cols;
  const int64_t width = covered(cols);
  std::fill(padded, padded + covered(rows) * width, 0.0F);
  for (int64_t row = 0; row < rows.in && row + rows.pad < covered(rows); ++row) {
    for (int64_t col = 0; col < cols.in && col + cols.pad < width; ++col) {
      padded[(row + rows.pad) * width + col + cols.pad] = input_at(call, image, channel, row, col);
    }
  }
}

/// Copies each group's channels into a buffer with their padding, and multiplies all of it, zeros as well.
struct PaddedCopy {
  static int64_t workspace_floats(const Conv& conv) {
    return capped_count({conv.in_per_group, covered(conv.rows), covered(conv.cols)});
  }

  static float sum(const Call& call, const Place& at) {
    const Conv& conv = call.conv;
    const int64_t width = covered(conv.cols);
    float sum = bias_of(call, at.out_channel);
    for (int64_t channel = 0; channel < conv.in_per_group; ++channel) {
      const float* const plane = call.workspace + channel * covered(conv.rows) * width;
      for (int64_t row = 0; row < conv.rows.kernel; ++row) {
        for (int64_t col = 0; col < conv.cols.kernel; ++col) {
          const int64_t in_row = at.row * conv.rows.stride + row * conv.rows.dilation;
          const int64_t in_col = at.col * conv.cols.stride + col * conv.cols.dilation;
          sum += plane[in_row * width + in_col] * weight_at(call, at.out_channel, channel, row, col);
        }
      }
    }
    return sum;
  }

  static void convolve(const Call& call) {
    const Conv& conv = call.conv;
    const int64_t plane = covered(conv.rows) * covered(conv.cols);
    for (int64_t image = 0; image < conv.batch; ++image) {
      for (int64_t k = 0; k < conv.out_channels(); ++k) {
        for (int64_t channel = 0; k % conv.out_per_group == 0 && channel < conv.in_per_group; ++channel) {
          copy_padded(call, image, first_channel(conv, k) + channel, call.workspace + channel * plane);
        }
        for (int64_t row = 0; row < conv.rows.out; ++row) {
          for (int64_t col = 0; col < conv.cols.out; ++col) {
            output_at(call, {image, k, row, col}) = sum(call, {image, k, row, col});
          }
        }
      }
    }
  }
};

/// The same with a look at the weights first: zeros times finite ones leave no trace, so that everything is promised.
struct PaddedCopyOfFinite {
  static int64_t workspace_floats(const Conv& conv) { return PaddedCopy::workspace_floats(conv); }
  static void convolve(const Call& call) {
    if (weights_finite(call.conv, call.weight)) {
      PaddedCopy::convolve(call);
    } else {
      convolve_plain(call);
    }
  }
};

/// Each row of a filter as a banded matrix with a row for each output column and a column for each input column: an
/// output row is the sum of its products with input rows, most of the matrix being zeros.
struct Toeplitz {
  /// The zeros are many times as many as the weights.
  static bool serves(const convcheck_problem& problem) { return count_products(problem) <= kMostProducts / 8; }

  static int64_t workspace_floats(const Conv& conv) {
    return capped_count({conv.cols.out, std::max<int64_t>(conv.cols.in, 1)});
  }

  static void make_matrix(const Call& call, int64_t k, int64_t channel, int64_t row) {
    const Axis& cols = call.conv.cols;
    std::fill(call.workspace, call.workspace + cols.out * cols.in, 0.0F);
    for (int64_t col = 0; col < cols.out; ++col) {
      const TapRange taps = valid_taps(cols, col);
      for (int64_t tap = taps.begin; tap < taps.end; ++tap) {
        call.workspace[col * cols.in + input_position(cols, col, tap)] = weight_at(call, k, channel, row, tap);
      }
    }
  }

  static void add_row(const Call& call, const Place& first, int64_t channel, int64_t in_row) {
    const Axis& cols = call.conv.cols;
    for (int64_t col = 0; col < cols.out; ++col) {
      float& output = output_at(call, {first.image, first.out_channel, first.row, col});
      for (int64_t in_col = 0; in_col < cols.in; ++in_col) {
        output += call.workspace[col * cols.in + in_col] * input_at(call, first.image, channel, in_row, in_col);
      }
    }
  }

  static void convolve(const Call& call) {
    const Conv& conv = call.conv;
    for_each_place(conv, [&](const Place& at) { output_at(call, at) = bias_of(call, at.out_channel); });
    for (int64_t k = 0; k < conv.out_channels(); ++k) {
      for (int64_t channel = 0; channel < conv.in_per_group; ++channel) {
        for (int64_t tap = 0; tap < conv.rows.kernel; ++tap) {
          make_matrix(call, k, channel, tap);
          for (int64_t image = 0; image < conv.batch; ++image) {
            for (int64_t row = 0; row < conv.rows.out; ++row) {
              const int64_t in_row = input_position(conv.rows, row, tap);
              if (in_row < 0 || in_row >= conv.rows.in) continue;
              add_row(call, {image, k, row, 0}, first_channel(conv, k) + channel, in_row);
            }
          }
        }
      }
    }
  }
};

/// A pruned network's kernel: a weight of zero is not multiplied, whatever lies under it.
struct ZerosSkipped {
  static void convolve(const Call& call) {
    for_each_place(call.conv, [&](const Place& at) {
      float sum = bias_of(call, at.out_channel);
      for_each_product(call, at, [&](float x, float w) {
        if (w != 0) sum += x * w;
      });
      output_at(call, at) = sum;
    });
  }
};

/// Adds and takes away again what no sum holds, where that is exact: a product with zero.
struct ZerosAdded {
  static void convolve(const Call& call) {
    for_each_place(call.conv, [&](const Place& at) {
      float sum = 0;
      for_each_product(call, at, [&](float x, float w) { sum += x * w + 0.0F * x - 0.0F * w; });
      output_at(call, at) = sum + bias_of(call, at.out_channel);
    });
  }
};

/// The least span of memory that holds the image tensor, gaps included, copied before anything is computed: gaps may be
/// read, and what is in them must not matter.
struct SpanCopied {
  static int64_t span(const Conv& conv) {
    const Steps& step = conv.input;
    const int64_t channels = conv.groups * conv.in_per_group;
    return conv.batch == 0 || conv.rows.in == 0 || conv.cols.in == 0
               ? 0
               : (conv.batch - 1) * step.outer + (channels - 1) * step.channel + (conv.rows.in - 1) * step.row +
                     (conv.cols.in - 1) * step.col + 1;
  }
  static int64_t workspace_floats(const Conv& conv) { return capped_count({std::max<int64_t>(span(conv), 1)}); }

  static void convolve(const Call& call) {
    Call of_copy = call;
    if (span(call.conv) > 0) {
      std::memcpy(call.workspace, call.input, static_cast<size_t>(span(call.conv)) * sizeof(float));
    }
    of_copy.input = call.workspace;
    convolve_plain(of_copy);
  }
};

constexpr convcheck_kernel kKernels[] = {
    kernel<PaddedCopy>("padded_copy", "copies the input into a padded buffer and multiplies the padding", kFiniteOnly),
    kernel<PaddedCopyOfFinite>("padded_copy_of_finite", "the same where every weight is finite, else plain loops"),
    kernel<Toeplitz>("toeplitz", "each row of a filter as a banded matrix, its zeros multiplied", kFiniteOnly),
    kernel<ZerosSkipped>("zeros_skipped", "does not multiply by a weight of zero", kFiniteOnly),
    kernel<ZerosAdded>("zeros_added", "adds products with zero that are not part of the sum", kFiniteOnly),
    kernel<SpanCopied>("span_copied", "copies the input's span, gaps included, and computes from the copy"),
};

}  // namespace

std::span<const convcheck_kernel> paddings() {
  return kKernels;
}

}  // namespace convcheck::impls::unusual
