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

/// Where one column of the kernel falls on the input, for each sum of a row: offsets of columns, or kOnPadding.
struct TapColumns {
  std::array<int64_t, static_cast<size_t>(kSumsInARow)> offset{};
  // The sums [begin, end) of a tap inside the input are evenly spaced on it; else, and beyond, `offset` has to be
  // asked.
  int64_t begin = 0, end = 0;
  int64_t step = 0;

  void find_even_run(int64_t count) {
    const auto at = [&](int64_t i) { return offset[static_cast<size_t>(i)]; };
    for (begin = 0; begin < count && at(begin) == kOnPadding;) ++begin;
    step = begin + 1 < count ? at(begin + 1) - at(begin) : 0;
    for (end = begin; end < count && at(end) == at(begin) + (end - begin) * step && at(end) != kOnPadding;) ++end;
  }
};

/// One row of sums.
template <class M>
class RowOfSums {
 public:
  explicit RowOfSums(M& kernel)
      : kernel_(kernel),
        rows_(static_cast<size_t>(kernel.conv.rows.kernel)),
        cols_(static_cast<size_t>(kernel.conv.cols.kernel)) {}

  /// Columns [first, first + count) of the output.
  void set_columns(int64_t first, int64_t count) {
    first_ = first;
    count_ = count;
    const Axis& axis = kernel_.conv.cols;
    for (int64_t tap = 0; tap < axis.kernel; ++tap) {
      TapColumns& columns = cols_[static_cast<size_t>(tap)];
      for (int64_t i = 0; i < count; ++i) {
        const int64_t col = kernel_.col(first + i, tap);
        columns.offset[static_cast<size_t>(i)] = col >= 0 && col < axis.in ? col * kernel_.conv.input.col : kOnPadding;
      }
      columns.find_even_run(count);
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
        const float tap = kernel_.weight_at(kernel_.filter(), c, h, w);
        if (row == kOnPadding) {
          for (int64_t i = 0; i < count_; ++i) kernel_.add_padding(sums_[static_cast<size_t>(i)], tap);
        } else {
          add_tap(plane + row, cols_[static_cast<size_t>(w)], tap);
        }
      }
    }
  }

  void add_tap(int64_t row, const TapColumns& columns, float tap) {
    add_one_by_one(row, columns, tap, 0, columns.begin);
    if (columns.begin < columns.end) {
      const float* x = kernel_.input + row + columns.offset[static_cast<size_t>(columns.begin)];
      float* sums = &sums_[static_cast<size_t>(columns.begin)];
      const int64_t step = columns.step;
      for (int64_t i = 0; i < columns.end - columns.begin; ++i) kernel_.add(sums[i], x[i * step], tap);
    }
    add_one_by_one(row, columns, tap, columns.end, count_);
  }

  void add_one_by_one(int64_t row, const TapColumns& columns, float tap, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      float& sum = sums_[static_cast<size_t>(i)];
      const int64_t offset = columns.offset[static_cast<size_t>(i)];
      if (offset == kOnPadding) {
        kernel_.add_padding(sum, tap);
      } else {
        kernel_.add(sum, kernel_.input[row + offset], tap);
      }
    }
  }

  M& kernel_;
  std::vector<int64_t> rows_;
  std::vector<TapColumns> cols_;
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
