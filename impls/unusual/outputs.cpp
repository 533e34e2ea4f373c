// How outputs are written: twice, backwards, piece by piece, by way of the workspace, or from the input's point of
// view.
#include <bit>
#include <limits>

#include "impls/unusual/themes.h"
#include "impls/unusual/window.h"

namespace convcheck::impls::unusual {
namespace {

/// Each element holds a NaN, then an infinity, then garbage before it holds its sum: only the end of a call counts.
struct WrittenTwice {
  static void convolve(const Call& call) {
    const float garbage[] = {std::numeric_limits<float>::signaling_NaN(), std::numeric_limits<float>::infinity(), 42};
    for (const float value : garbage) {
      for_each_place(call.conv, [&](const Place& at) { output_at(call, at) = value; });
    }
    for_each_place(call.conv, [&](const Place& at) { output_at(call, at) = plain_sum(call, at); });
  }
};

struct BackToFront {
  static void convolve(const Call& call) {
    const Conv& conv = call.conv;
    for (int64_t image = conv.batch; image-- > 0;) {
      for (int64_t k = conv.out_channels(); k-- > 0;) {
        for (int64_t row = conv.rows.out; row-- > 0;) {
          for (int64_t col = conv.cols.out; col-- > 0;) {
            output_at(call, {image, k, row, col}) = plain_sum(call, {image, k, row, col});
          }
        }
      }
    }
  }
};

/// The output itself is the accumulator: set to the bias, then read and written once a product.
struct InPlace {
  static void convolve(const Call& call) {
    for_each_place(call.conv, [&](const Place& at) {
      float& output = output_at(call, at);
      output = bias_of(call, at.out_channel);
      for_each_product(call, at, [&](float x, float w) { output += x * w; });
    });
  }
};

/// What is written is written in pieces, of bytes: what lies there before is not looked at, whatever it is.
struct BytePieces {
  static void convolve(const Call& call) {
    for_each_place(call.conv, [&](const Place& at) {
      const auto bits = std::bit_cast<uint32_t>(plain_sum(call, at));
      auto* const bytes = reinterpret_cast<unsigned char*>(&output_at(call, at));
      for (const unsigned place : {3U, 1U, 0U, 2U}) {
        const unsigned shift = std::endian::native == std::endian::little ? 8 * place : 8 * (3 - place);
        bytes[place] = static_cast<unsigned char>(bits >> shift);
      }
    });
  }
};

/// The output positions to which input position `in` contributes by tap `tap` of an axis: at most one.
int64_t output_position(const Axis& axis, int64_t in, int64_t tap) {
  const int64_t distance = in + axis.pad - tap * axis.dilation;
  return distance >= 0 && distance % axis.stride == 0 && distance / axis.stride < axis.out ? distance / axis.stride
                                                                                           : -1;
}

/// From the input's point of view: each element is added, weighted, to all the outputs that it reaches.
struct Scattered {
  static void scatter(const Call& call, int64_t image, int64_t channel, int64_t in_row, int64_t in_col) {
    const Conv& conv = call.conv;
    const int64_t group = channel / conv.in_per_group;
    const float x = input_at(call, image, channel, in_row, in_col);
    for (int64_t tap_row = 0; tap_row < conv.rows.kernel; ++tap_row) {
      const int64_t row = output_position(conv.rows, in_row, tap_row);
      for (int64_t tap_col = 0; row >= 0 && tap_col < conv.cols.kernel; ++tap_col) {
        const int64_t col = output_position(conv.cols, in_col, tap_col);
        if (col < 0) continue;
        for (int64_t k = group * conv.out_per_group; k < (group + 1) * conv.out_per_group; ++k) {
          output_at(call, {image, k, row, col}) +=
              x * weight_at(call, k, channel - group * conv.in_per_group, tap_row, tap_col);
        }
      }
    }
  }

  static void convolve(const Call& call) {
    const Conv& conv = call.conv;
    for_each_place(conv, [&](const Place& at) { output_at(call, at) = bias_of(call, at.out_channel); });
    for (int64_t image = 0; image < conv.batch; ++image) {
      for (int64_t row = 0; row < conv.rows.in; ++row) {
        for (int64_t col = 0; col < conv.cols.in; ++col) {
          for (int64_t channel = 0; channel < conv.groups * conv.in_per_group; ++channel) {
            scatter(call, image, channel, row, col);
          }
        }
      }
    }
  }
};

/// Every output is computed in the workspace, in the order of a transposed image, and copied at the end.
struct FromWorkspace {
  static int64_t workspace_floats(const Conv& conv) {
    return capped_count({conv.batch < 1 ? 1 : conv.batch, conv.out_channels(), conv.rows.out, conv.cols.out});
  }
  static float& slot(const Call& call, const Place& at) {
    const Conv& conv = call.conv;
    return call
        .workspace[((at.col * conv.rows.out + at.row) * conv.out_channels() + at.out_channel) * conv.batch + at.image];
  }
  static void convolve(const Call& call) {
    for_each_place(call.conv, [&](const Place& at) { slot(call, at) = plain_sum(call, at); });
    for_each_place(call.conv, [&](const Place& at) { output_at(call, at) = slot(call, at); });
  }
};

constexpr convcheck_kernel kKernels[] = {
    kernel<WrittenTwice>("written_twice", "writes NaN, infinity and garbage before the sums"),
    kernel<BackToFront>("back_to_front", "writes the last output first"),
    kernel<InPlace>("in_place", "accumulates in the output"),
    kernel<BytePieces>("byte_pieces", "writes each element byte by byte, out of order"),
    kernel<Scattered>("scattered", "adds each input element to the outputs that it reaches"),
    kernel<FromWorkspace>("from_workspace", "computes all outputs in the workspace, transposed, and copies them"),
};

}  // namespace

std::span<const convcheck_kernel> outputs() {
  return kKernels;
}

}  // namespace convcheck::impls::unusual
