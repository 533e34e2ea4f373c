// An input channel laid out so that every tap of the kernel finds its inputs, for all outputs of some rows, in one
// contiguous run of integers: a convolution becomes a sum of runs times coefficients (combination.h), whatever the
// strides of the tensor, the stride, the dilation and the padding.
//
// A plane is a copy of the padded channel that takes each stride-th row and column from some origin. Taps whose
// distances from each other are multiples of the stride can share one (with stride 1 all do): then each run is shifted
// by some rows and columns, rows of planes are longer than those of the output, and the sums have a few positions at
// the end of each row that belong to no output. Or each tap has a plane of its own, nothing is shifted, and more is
// copied; that is better where the dilation is large. Each axis takes what makes the two together work less.
#pragma once

#include <vector>

#include "reference/combination.h"
#include "reference/convolution.h"

namespace convcheck {

class TapPlanes {
 public:
  /// For up to `rows` rows of the output at a time.
  TapPlanes(const Geometry& g, int64_t rows);

  /// One tap that meets input at some output; the others are left out.
  struct Run {
    int64_t tap = 0;    ///< kh * kernel_w + kw
    int64_t begin = 0;  ///< of the run, in what load() writes
  };
  [[nodiscard]] std::span<const Run> runs() const { return runs_; }

  /// Positions from one output row to the next in each run; at least the output's width.
  [[nodiscard]] int64_t pitch() const { return pitch_; }

  /// Integers that load() needs for one channel, so that each run is Combination::padded(rows * pitch()) long. It does
  /// not write all of them: the caller gives them some value once.
  [[nodiscard]] int64_t size() const { return size_; }

  /// Writes the planes of one channel for the output rows from first_row on; zeros on padding. Returns the bits of the
  /// largest distance from an integer, as to_integers() does.
  [[nodiscard]] int32_t load(const View<const float>& x, int64_t image, int64_t channel, int64_t first_row,
                             int64_t rows, int32_t* to);

 private:
  // Of one axis: where planes begin, in the input, for output 0; and for each tap its plane and the shift in it.
  struct Plan {
    struct Tap {
      int64_t index = 0;
      size_t origin = 0;
      int64_t shift = 0;
    };
    std::vector<int64_t> origins;
    std::vector<Tap> taps;
    int64_t largest_shift = 0;
  };

  static Plan shared(const Axis& axis);
  static Plan apart(const Axis& axis);
  [[nodiscard]] double work(const Plan& height, const Plan& width) const;
  void add_runs();
  void copy_rows(int64_t left, int64_t rows, int32_t* to) const;

  Axis height_axis_, width_axis_;
  int64_t rows_;
  Plan height_, width_;
  int64_t pitch_ = 0, plane_ = 0, size_ = 0;
  std::vector<Run> runs_;
  std::vector<int32_t> input_rows_;  // of one channel, those that one plane is made of
};

}  // namespace convcheck
