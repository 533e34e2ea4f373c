// Two more sound kernels for mutants to bend: patches gathered into a matrix that the weight is multiplied by (im2col),
// and blocks of eight filters at once, as vectors would have them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "impls/mutants/sound.h"

namespace convcheck::impls::mutants {

template <class M>
void convolve_by_patches(M& kernel);
template <class M>
void convolve_by_blocks(M& kernel);

/// Padding is gathered as zeros, which an infinite weight would turn into NaN: so it does not promise to propagate what
/// is not finite.
struct Patches : Sound {
  static constexpr uint32_t kPromises = kPromisesOfMatrices;
  static constexpr int64_t kPixelsAtOnce = 1024;

  template <class M>
  static void convolve(M& kernel) {
    convolve_by_patches(kernel);
  }

  /// Whether the input is the matrix of patches already.
  bool is_matrix_already() const {
    const auto is_plain = [](const Axis& axis) { return axis.kernel == 1 && axis.stride == 1 && axis.in == axis.out; };
    return is_plain(conv.rows) && is_plain(conv.cols) && conv.rows.pad == 0 && conv.cols.pad == 0;
  }
  // Where an element of the matrix lies in its memory; `pixels` are those at hand.
  static int64_t patch_at(int64_t tap, int64_t pixel, int64_t pixels) { return tap * pixels + pixel; }
};

template <class M>
class PatchMatrix {
 public:
  explicit PatchMatrix(M& kernel)
      : kernel_(kernel),
        most_(std::min<int64_t>(kernel.conv.rows.out * kernel.conv.cols.out, M::kPixelsAtOnce)),
        patches_(static_cast<size_t>(kernel.conv.taps() * most_)),
        sums_(static_cast<size_t>(most_)) {}

  void compute_group(int64_t group) {
    const int64_t pixels = kernel_.conv.rows.out * kernel_.conv.cols.out;
    for (int64_t first = 0; first < pixels; first += most_) {
      const int64_t count = std::min(most_, pixels - first);
      kernel_.k = group * kernel_.conv.out_per_group;
      gather(first, count);
      for (; kernel_.group() == group; ++kernel_.k) multiply(first, count);
    }
  }

 private:
  Spot spot(int64_t pixel) const { return {pixel / kernel_.conv.cols.out, pixel % kernel_.conv.cols.out}; }

  void gather(int64_t first, int64_t count) {
    const Conv& conv = kernel_.conv;
    int64_t tap = 0;
    for (int64_t c = 0; c < conv.in_per_group; ++c) {
      const int64_t plane = kernel_.source_image() * conv.input.outer + kernel_.channel(c) * conv.input.channel;
      for (int64_t h = 0; h < conv.rows.kernel; ++h) {
        for (int64_t w = 0; w < conv.cols.kernel; ++w, ++tap) {
          for (int64_t i = 0; i < count; ++i) {
            patches_[static_cast<size_t>(kernel_.patch_at(tap, i, count))] =
                kernel_.is_matrix_already() ? straight(plane, first + i) : value(plane, h, w, spot(first + i));
          }
        }
      }
    }
  }

  /// The pixel with that index of a plane; one behind the end starts over.
  float straight(int64_t plane, int64_t pixel) const {
    const Conv& conv = kernel_.conv;
    const int64_t pixels = conv.rows.in * conv.cols.in;
    if (pixels == 0) return 0;
    const int64_t row = pixel % pixels / conv.cols.in;
    const int64_t col = pixel % pixels % conv.cols.in;
    return kernel_.input[plane + row * conv.input.row + col * conv.input.col];
  }

  float value(int64_t plane, int64_t h, int64_t w, Spot at) const {
    const Conv& conv = kernel_.conv;
    const int64_t row = kernel_.row(at.row, h);
    const int64_t col = kernel_.col(at.col, w);
    const bool inside = row >= 0 && row < conv.rows.in && col >= 0 && col < conv.cols.in;
    return inside ? kernel_.input[plane + row * conv.input.row + col * conv.input.col] : 0.0F;
  }

  void multiply(int64_t first, int64_t count) {
    const Conv& conv = kernel_.conv;
    for (int64_t i = 0; i < count; ++i) sums_[static_cast<size_t>(i)] = kernel_.start(spot(first + i));
    int64_t tap = 0;
    for (int64_t c = 0; c < conv.in_per_group; ++c) {
      for (int64_t h = 0; h < conv.rows.kernel; ++h) {
        for (int64_t w = 0; w < conv.cols.kernel; ++w, ++tap) {
          const float factor = kernel_.weight_at(kernel_.filter(), c, h, w);
          for (int64_t i = 0; i < count; ++i) {
            kernel_.add(sums_[static_cast<size_t>(i)], patches_[static_cast<size_t>(kernel_.patch_at(tap, i, count))],
                        factor);
          }
        }
      }
    }
    for (int64_t i = 0; i < count; ++i) {
      const Spot at = spot(first + i);
      kernel_.output[kernel_.place(at)] = kernel_.finish(sums_[static_cast<size_t>(i)], at);
    }
  }

  M& kernel_;
  int64_t most_;
  std::vector<float> patches_, sums_;
};

template <class M>
void convolve_by_patches(M& kernel) {
  PatchMatrix<M> matrix(kernel);
  if (kernel.conv.rows.out * kernel.conv.cols.out == 0) return;
  for (kernel.image = 0; kernel.image < kernel.conv.batch; ++kernel.image) {
    for (int64_t group = 0; group < kernel.conv.groups; ++group) matrix.compute_group(group);
  }
}

/// Eight filters of a group at a time; what is left over of a group is a block that is not full.
struct Blocked : Sound {
  static constexpr int64_t kLanes = 8;

  template <class M>
  static void convolve(M& kernel) {
    convolve_by_blocks(kernel);
  }

  /// The last filter, not counted, of the block that begins at `first`.
  int64_t block_end(int64_t first) const {
    return std::min(first + kLanes, (first / conv.out_per_group + 1) * conv.out_per_group);
  }
  // The filter whose weights and whose bias a lane of a block uses.
  static int64_t weight_of_lane(int64_t first, int64_t lane) { return first + lane; }
  static int64_t bias_of_lane(int64_t first, int64_t lane) { return first + lane; }
};

template <class M>
void convolve_block(M& kernel, int64_t first, Spot at) {
  const Conv& conv = kernel.conv;
  const int64_t lanes = kernel.block_end(first) - first;
  std::array<float, static_cast<size_t>(M::kLanes)> sums{};
  for (int64_t i = 0; i < lanes; ++i) sums[static_cast<size_t>(i)] = kernel.bias_of(kernel.bias_of_lane(first, i));
  kernel.k = first;
  const TapRange rows = valid_taps(conv.rows, at.row);
  const TapRange cols = valid_taps(conv.cols, at.col);
  for (int64_t c = 0; c < conv.in_per_group; ++c) {
    const int64_t plane = kernel.image * conv.input.outer + kernel.channel(c) * conv.input.channel;
    for (int64_t h = rows.begin; h < rows.end; ++h) {
      const int64_t row = plane + input_position(conv.rows, at.row, h) * conv.input.row;
      for (int64_t w = cols.begin; w < cols.end; ++w) {
        const float x = kernel.input[row + input_position(conv.cols, at.col, w) * conv.input.col];
        const float* taps = kernel.weight + c * conv.weight.channel + h * conv.weight.row + w * conv.weight.col;
        for (int64_t i = 0; i < lanes; ++i) {
          sums[static_cast<size_t>(i)] += x * taps[kernel.weight_of_lane(first, i) * conv.weight.outer];
        }
      }
    }
  }
  for (int64_t i = 0; i < lanes; ++i) {
    kernel.k = first + i;
    kernel.output[kernel.place(at)] = kernel.finish(sums[static_cast<size_t>(i)], at);
  }
}

template <class M>
void convolve_by_blocks(M& kernel) {
  const Conv& conv = kernel.conv;
  for (kernel.image = 0; kernel.image < conv.batch; ++kernel.image) {
    for (int64_t first = 0; first < conv.out_channels(); first = kernel.block_end(first)) {
      for (int64_t row = 0; row < conv.rows.out; ++row) {
        for (int64_t col = 0; col < conv.cols.out; ++col) convolve_block(kernel, first, {row, col});
      }
    }
  }
}

}  // namespace convcheck::impls::mutants
