// A convolution problem: the shapes and parameters of one convolution, valid or not.
//
// Shapes are kept as tensors, since the rules are about tensors: weight 8x1x3x3 with groups=3 must be expressible. What
// makes a problem valid is in rules.h, its text in case_text.h.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>

#include "convcheck/kernel.h"
#include "reference/wide.h"

namespace convcheck {

inline constexpr int kMaxRank = CONVCHECK_MAX_RANK;
inline constexpr int kMaxSpatial = CONVCHECK_MAX_SPATIAL;

/// The extents of a tensor, or its strides in elements; outermost axis first. Rank 0 means absent.
class Shape {
 public:
  constexpr Shape() = default;
  /// Requires at most kMaxRank extents.
  constexpr Shape(std::initializer_list<int64_t> extents) {
    for (const int64_t extent : extents) push_back(extent);
  }

  [[nodiscard]] constexpr int rank() const { return rank_; }
  [[nodiscard]] constexpr int64_t operator[](int axis) const { return extent_[static_cast<size_t>(axis)]; }
  [[nodiscard]] constexpr int64_t& operator[](int axis) { return extent_[static_cast<size_t>(axis)]; }
  [[nodiscard]] constexpr const int64_t* begin() const { return extent_.data(); }
  [[nodiscard]] constexpr const int64_t* end() const { return extent_.data() + rank_; }
  /// Requires rank() < kMaxRank.
  constexpr void push_back(int64_t extent) { extent_[static_cast<size_t>(rank_++)] = extent; }

  [[nodiscard]] constexpr bool operator==(const Shape&) const = default;

 private:
  std::array<int64_t, kMaxRank> extent_{};
  int rank_ = 0;
};

/// One number per spatial axis, outermost first (height, width for rank 2). Entries from the spatial rank on keep their
/// default, so that equal problems compare equal.
using PerAxis = std::array<int64_t, kMaxSpatial>;

enum class Direction {
  forward = CONVCHECK_FORWARD,
  backward_data = CONVCHECK_BACKWARD_DATA,
  backward_weight = CONVCHECK_BACKWARD_WEIGHT
};
enum class DataType { f32 = CONVCHECK_F32, f64 = CONVCHECK_F64, f16 = CONVCHECK_F16, bf16 = CONVCHECK_BF16 };
/// Memory order of input and output where no strides are given: channels before or after the spatial axes.
enum class Layout { nchw, nhwc };

struct Problem {
  Shape input;   ///< N, C, spatial...
  Shape weight;  ///< K, C / groups, spatial...
  int64_t groups = 1;
  PerAxis stride = {1, 1, 1};
  PerAxis pad_before = {0, 0, 0};  ///< top, left
  PerAxis pad_after = {0, 0, 0};   ///< bottom, right
  PerAxis dilation = {1, 1, 1};
  Shape bias;                           ///< rank 0: no bias; else it should be (K)
  std::optional<Shape> claimed_output;  ///< only where it differs from what the rules give
  Direction direction = Direction::forward;
  DataType dtype = DataType::f32;
  Layout layout = Layout::nchw;
  std::optional<Shape> input_strides;   ///< in elements; absent: contiguous in `layout`
  std::optional<Shape> weight_strides;  ///< in elements; absent: contiguous
  std::optional<Shape> output_strides;  ///< in elements; absent: contiguous in `layout`

  [[nodiscard]] bool operator==(const Problem&) const = default;

  [[nodiscard]] int spatial_rank() const { return input.rank() - 2; }
  [[nodiscard]] int64_t batch() const { return input[0]; }
  [[nodiscard]] int64_t in_channels() const { return input[1]; }
  [[nodiscard]] int64_t out_channels() const { return weight[0]; }
  [[nodiscard]] bool has_bias() const { return bias.rank() != 0; }
};

/// One spatial axis of a valid problem.
struct Axis {
  int64_t in, kernel, out;
  int64_t stride, dilation, pad_before, pad_after;
};

/// A valid problem of spatial rank 2 with its extents named.
struct Geometry {
  int64_t batch, groups;
  int64_t in_channels_per_group, out_channels_per_group;
  Axis height, width;
  bool has_bias;

  [[nodiscard]] int64_t in_channels() const { return groups * in_channels_per_group; }
  [[nodiscard]] int64_t out_channels() const { return groups * out_channels_per_group; }
  [[nodiscard]] int64_t output_elements() const { return batch * out_channels() * height.out * width.out; }
};

/// dilation * (kernel - 1) + 1: the extent of the kernel with its holes, per axis.
[[nodiscard]] Wide dilated_extent(const Problem& problem, int axis);

/// size + pad_before + pad_after.
[[nodiscard]] Wide padded_extent(const Problem& problem, int axis);

/// floor((padded - dilated) / stride) + 1: the output's extent by rule 9, per axis. Requires that the problem keeps
/// rules 1 to 3 and 8. Beyond int64 only where rule 10 is broken.
[[nodiscard]] Wide rule_output_extent(const Problem& problem, int axis);

/// The output shape by rule 9, whatever is claimed: N, K and per axis floor((padded - dilated) / stride) + 1. Requires
/// that the problem keeps rules 1 to 3 and 8. An extent beyond int64 is given as the largest int64.
[[nodiscard]] Shape rule_output_shape(const Problem& problem);

/// The output shape of the problem: the one claimed, else the rule's, also where rules 4 to 7 about the channels are
/// broken, else (where rules 1 to 3 or 8 are) N, K, and 0 for each axis.
[[nodiscard]] Shape output_shape(const Problem& problem);

/// Multiply-adds of the naive convolution, taps that fall on padding included: N * K * (C / groups) * product of output
/// and kernel extents. Requires a valid problem.
[[nodiscard]] Wide multiply_count(const Problem& problem);

/// Requires a valid problem of spatial rank 2.
[[nodiscard]] Geometry geometry(const Problem& problem);

}  // namespace convcheck
