// The planes, compiled for each of Highway's targets.
#include "impls/direct/depthwise.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "impls/direct/depthwise.cpp"
#include <hwy/foreach_target.h>

#include "impls/support/copy.h"
#include "impls/support/simd.h"

HWY_BEFORE_NAMESPACE();
namespace convcheck::impls::HWY_NAMESPACE {
namespace {

/// Rows of the output at once. More would need more than the 16 registers of AVX2; fewer load each row more often.
constexpr int kRows = 4;

/// The input under kRows x kLanes outputs.
template <int kStride, int kSize>
struct Block {
  static constexpr int kHeight = (kRows - 1) * kStride + kSize;
  static constexpr int64_t kWidth = (kLanes - 1) * kStride + kSize;
  /// What the last load of a row takes beyond that.
  static constexpr int64_t kSlack = kStride - 1;
};

/// A part of the plane with its padding, copied.
struct Padded {
  static constexpr int64_t kMost = 8192;  // floats: most of the first cache
  alignas(64) float floats[kMost + 2 * kLanes];
  int64_t pitch;
};

/// The input under one tap of kLanes successive outputs: taps[c] for kernel column c.
template <int kStride, int kSize>
HWY_INLINE void load_taps(const float* from, Vector (&taps)[kSize]) {
  if constexpr (kStride == 1) {
    for (int c = 0; c < kSize; ++c) taps[c] = load(from + c);
  } else {
    for (int c = 0; c + 1 < kSize; c += 2) load_pairs(from + c, taps[c], taps[c + 1]);
    taps[kSize - 1] = load_even(from + kSize - 1);
  }
}

/// The weights of a plane, in registers where there are enough of them.
template <int kSize>
class Weights {
 public:
  explicit HWY_INLINE Weights(const float* weight) : weight_(weight) {
    for (int i = 0; i < kKept; ++i) kept_[i] = spread(weight[i]);
  }
  HWY_INLINE Vector at(int row, int col) const {
    const int i = row * kSize + col;
    return i < kKept ? kept_[i] : spread(weight_[i]);
  }

 private:
  static constexpr int kKept = kRegisters == 32 && kSize == 3 ? kSize * kSize : 0;
  const float* weight_;
  Vector kept_[kKept + 1];
};

/// kRows x kLanes outputs.
template <int kStride, int kSize>
HWY_INLINE void tile(const float* input, int64_t pitch, const Weights<kSize>& weights, Vector (&sum)[kRows]) {
#pragma GCC unroll 13
  for (int i = 0; i < Block<kStride, kSize>::kHeight; ++i) {
    Vector taps[kSize];
    load_taps<kStride, kSize>(input + i * pitch, taps);
#pragma GCC unroll 4
    for (int j = 0; j < kRows; ++j) {
      const int row = i - j * kStride;
      if (row < 0 || row >= kSize) continue;
#pragma GCC unroll 7
      for (int c = 0; c < kSize; ++c) sum[j] = hn::MulAdd(taps[c], weights.at(row, c), sum[j]);
    }
  }
}

/// Copies `height` rows x `width` columns of the plane, those that lie in padding as zeros.
void copy_padded(const DepthwiseJob& job, int64_t top, int64_t left, int64_t height, int64_t width, Padded& padded) {
  const int64_t begin = std::clamp<int64_t>(-left, 0, width);
  const int64_t end = std::clamp<int64_t>(job.cols.in - left, begin, width);
  for (int64_t i = 0; i < height; ++i) {
    float* const to = padded.floats + i * padded.pitch;
    const int64_t row = top + i;
    const bool is_inside = row >= 0 && row < job.rows.in && begin < end;
    const int64_t first_zero = is_inside ? begin : width;
    for (int64_t j = 0; j < first_zero; j += kLanes) store(to + j, hn::Zero(Tag()));
    if (!is_inside) continue;
    copy_floats(job.input + row * job.input_row + left + begin, to + begin, end - begin);
    for (int64_t j = end; j < width; j += kLanes) store(to + j, hn::Zero(Tag()));
  }
}

/// A part of the output: its first row and column, and how much of kRows x kLanes there is.
struct Part {
  int64_t row, col, height, width;
};

/// Computes one tile of which `input` is under the first tap.
template <int kStride, int kSize>
HWY_INLINE void tile_from(const DepthwiseJob& job, const Weights<kSize>& weights, const float* input, int64_t pitch,
                          const Part& part) {
  Vector sum[kRows];
  for (Vector& one : sum) one = spread(job.bias);
  tile<kStride, kSize>(input, pitch, weights, sum);
  float* const output = job.output + part.row * job.output_row + part.col;
  if (part.height == kRows && part.width == kLanes) {
    for (int j = 0; j < kRows; ++j) store(output + j * job.output_row, sum[j]);
  } else {
    for (int64_t j = 0; j < part.height; ++j) store_first(output + j * job.output_row, sum[j], part.width);
  }
}

/// A tile of a plane that is too large to be copied: in place, but where it touches padding or the end of a row.
template <int kStride, int kSize>
HWY_INLINE void tile_in_place(const DepthwiseJob& job, const Weights<kSize>& weights, const Part& part) {
  using Area = Block<kStride, kSize>;
  const int64_t top = part.row * kStride - job.rows.pad;
  const int64_t left = part.col * kStride - job.cols.pad;
  const bool is_inside =
      top >= 0 && left >= 0 && top + Area::kHeight <= job.rows.in && left + Area::kWidth + Area::kSlack <= job.cols.in;
  if (is_inside) {
    const float* const input = job.input + top * job.input_row + left;
    return tile_from<kStride, kSize>(job, weights, input, job.input_row, part);
  }
  Padded padded;
  padded.pitch = Area::kWidth + kLanes;
  copy_padded(job, top, left, Area::kHeight, Area::kWidth + Area::kSlack, padded);
  tile_from<kStride, kSize>(job, weights, padded.floats, padded.pitch, part);
}

/// The last tiles of each axis cover what is left over, some of it a second time with the same result.
template <typename Tile>
HWY_INLINE void for_each_tile(const DepthwiseJob& job, Tile tile_of) {
  const int64_t height = std::min<int64_t>(kRows, job.rows.out);
  const int64_t width = std::min<int64_t>(kLanes, job.cols.out);
  for (int64_t row = 0; row < job.rows.out; row += height) {
    for (int64_t col = 0; col < job.cols.out; col += width) {
      tile_of(Part{.row = std::min(row, job.rows.out - height),
                   .col = std::min(col, job.cols.out - width),
                   .height = height,
                   .width = width});
    }
  }
}

template <int kStride, int kSize>
void plane(const DepthwiseJob& job) {
  using Area = Block<kStride, kSize>;
  // Whole tiles, even where the output is smaller.
  const int64_t height = (std::max<int64_t>(job.rows.out, kRows) - kRows) * kStride + Area::kHeight;
  const int64_t width = (std::max<int64_t>(job.cols.out, kLanes) - kLanes) * kStride + Area::kWidth + Area::kSlack;
  const Weights<kSize> weights(job.weight);
  Padded padded;
  padded.pitch = width + kLanes;
  if (height > Padded::kMost / padded.pitch) {
    return for_each_tile(job, [&](const Part& part) HWY_ATTR { tile_in_place<kStride, kSize>(job, weights, part); });
  }
  copy_padded(job, -job.rows.pad, -job.cols.pad, height, width, padded);
  for_each_tile(job, [&](const Part& part) HWY_ATTR {
    const float* const input = padded.floats + part.row * kStride * padded.pitch + part.col * kStride;
    tile_from<kStride, kSize>(job, weights, input, padded.pitch, part);
  });
}

DepthwisePlane depthwise_plane(int64_t size, int64_t stride) {
  if (size == 3) return stride == 1 ? plane<1, 3> : plane<2, 3>;
  if (size == 5) return stride == 1 ? plane<1, 5> : plane<2, 5>;
  return stride == 1 ? plane<1, 7> : plane<2, 7>;
}

}  // namespace
}  // namespace convcheck::impls::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convcheck::impls {
namespace {
HWY_EXPORT(depthwise_plane);
}  // namespace

DepthwisePlane best_depthwise_plane(const Conv& conv) {
  const int64_t size = conv.cols.kernel;
  const int64_t stride = conv.cols.stride;
  const bool is_square = conv.rows.kernel == size && conv.rows.stride == stride;
  const bool is_served = is_square && (size == 3 || size == 5 || size == 7) && (stride == 1 || stride == 2) &&
                         conv.rows.dilation == 1 && conv.cols.dilation == 1;
  if (!is_served) return nullptr;
  choose_simd();
  return HWY_DYNAMIC_DISPATCH(depthwise_plane)(size, stride);
}

}  // namespace convcheck::impls
#endif
