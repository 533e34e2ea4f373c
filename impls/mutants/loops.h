// The plain loops: a row of sums at a time, so that the sums do not wait for each other. Each sum is still formed in
// one order: bias, then channels, rows and columns of the kernel.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "impls/mutants/sound.h"

namespace convcheck::impls::mutants {

inline constexpr int64_t kSumsInARow = 64;
inline constexpr int64_t kOnPadding = -1;

/// One row of sums and where their taps fall.
template <class M>
class RowOfSums {
 public:
  explicit RowOfSums(M& kernel)
      : kernel_(kernel),
        rows_(static_cast<size_t>(kernel.conv.rows.kernel)),
        cols_(static_cast<size_t>(kernel.conv.cols.kernel * kSumsInARow)) {}

  /// Columns [first, first + count) of the output.
  void set_columns(int64_t first, int64_t count) {
    first_ = first;
    count_ = count;
    const Axis& axis = kernel_.conv.cols;
    for (int64_t tap = 0; tap < axis.kernel; ++tap) {
      for (int64_t i = 0; i < count; ++i) {
        const int64_t col = kernel_.col(first + i, tap);
        cols_[static_cast<size_t>(tap * kSumsInARow + i)] =
            col >= 0 && col < axis.in ? col * kernel_.conv.input.col : kOnPadding;
      }
    }
  }

  void compute(int64_t out_row) {
    const Axis& axis = kernel_.conv.rows;
    for (int64_t tap = 0; tap < axis.kernel; ++tap) {
      const int64_t row = kernel_.row(out_row, tap);
      rows_[static_cast<size_t>(tap)] = row >= 0 && row < axis.in ? row * kernel_.conv.input.row : kOnPadding;
    }
    for (int64_t i = 0; i < count_; ++i) sums_[static_cast<size_t>(i)] = kernel_.start({out_row, first_ + i});
    for (int64_t i = 0; i < kernel_.channels(); ++i) add_channel(kernel_.turn(i));
    for (int64_t i = 0; i < count_; ++i) {
      const Spot at = {out_row, first_ + i};
      if (kernel_.writes(at)) kernel_.output[kernel_.place(at)] = kernel_.finish(sums_[static_cast<size_t>(i)], at);
    }
  }

 private:
  void add_channel(int64_t c) {
    const Conv& conv = kernel_.conv;
    const int64_t plane = kernel_.source_image() * conv.input.outer + kernel_.channel(c) * conv.input.channel;
    for (int64_t h = 0; h < conv.rows.kernel; ++h) {
      const int64_t row = rows_[static_cast<size_t>(h)];
      for (int64_t w = 0; w < conv.cols.kernel; ++w) {
        const float tap = kernel_.weight_at(c, h, w);
        if (row == kOnPadding) {
          for (int64_t i = 0; i < count_; ++i) kernel_.add_padding(sums_[static_cast<size_t>(i)], tap);
        } else {
          add_tap(plane + row, &cols_[static_cast<size_t>(w * kSumsInARow)], tap);
        }
      }
    }
  }

  void add_tap(int64_t row, const int64_t* cols, float tap) {
    for (int64_t i = 0; i < count_; ++i) {
      float& sum = sums_[static_cast<size_t>(i)];
      if (cols[i] == kOnPadding) {
        kernel_.add_padding(sum, tap);
      } else {
        kernel_.add(sum, kernel_.input[row + cols[i]], tap);
      }
    }
  }

  M& kernel_;
  std::vector<int64_t> rows_, cols_;
  std::array<float, static_cast<size_t>(kSumsInARow)> sums_{};
  int64_t first_ = 0, count_ = 0;
};

template <class M>
void convolve_by_loops(M& kernel) {
  const Conv& conv = kernel.conv;
  RowOfSums<M> sums(kernel);
  for (kernel.image = 0; kernel.image < conv.batch; ++kernel.image) {
    kernel.begin_image();
    for (kernel.k = 0; kernel.k < conv.out_channels(); ++kernel.k) {
      kernel.begin_plane();
      for (int64_t col = 0; col < conv.cols.out; col += kSumsInARow) {
        sums.set_columns(col, std::min(kSumsInARow, conv.cols.out - col));
        for (int64_t row = 0; row < conv.rows.out; ++row) sums.compute(row);
      }
    }
  }
}

}  // namespace convcheck::impls::mutants
