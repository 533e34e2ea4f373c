// Winograd in plain form, one tile and one channel at a time, with the transforms as products of matrices.
#include <algorithm>

#include "impls/unusual/themes.h"
#include "impls/unusual/window.h"
#include "impls/unusual/winograd_tables.h"

namespace convcheck::impls::unusual {
namespace {

/// The constant of G as a kernel has it in its source: one rounding.
template <typename T>
constexpr float weight_constant(const T& t, int i, int j) {
  return static_cast<float>(t.weight[i][j]) / static_cast<float>(t.divisor[i]);
}

/// to = G g G^T.
template <typename T, int R = T::kTaps, int E = T::kEdge>
void transform_weight(const T& t, const float (&g)[R][R], float (&to)[E][E]) {
  float half[E][R] = {};
  for (int i = 0; i < E; ++i) {
    for (int j = 0; j < R; ++j) {
      for (int l = 0; l < R; ++l) half[i][j] += weight_constant(t, i, l) * g[l][j];
    }
  }
  for (int i = 0; i < E; ++i) {
    for (int j = 0; j < E; ++j) {
      to[i][j] = 0;
      for (int l = 0; l < R; ++l) to[i][j] += half[i][l] * weight_constant(t, j, l);
    }
  }
}

/// to = matrix tile matrix^T: with B^T for an input tile, with A^T for the sum of products.
template <int N, int E>
void transform_tile(const float (&matrix)[N][E], const float (&tile)[E][E], float (&to)[N][N]) {
  float half[N][E] = {};
  for (int i = 0; i < N; ++i) {
    for (int j = 0; j < E; ++j) {
      for (int l = 0; l < E; ++l) half[i][j] += matrix[i][l] * tile[l][j];
    }
  }
  for (int i = 0; i < N; ++i) {
    for (int j = 0; j < N; ++j) {
      to[i][j] = 0;
      for (int l = 0; l < E; ++l) to[i][j] += half[i][l] * matrix[j][l];
    }
  }
}

bool inside(const Axis& axis, int64_t position) {
  return position >= 0 && position < axis.in;
}

template <int R>
void load_weight(const Call& call, int64_t k, int64_t channel, float (&g)[R][R]) {
  for (int i = 0; i < R; ++i) {
    for (int j = 0; j < R; ++j) g[i][j] = weight_at(call, k, channel, i, j);
  }
}

/// The input that begins at position (row, col), padding as zeros.
template <int E>
void load_input(const Call& call, int64_t image, int64_t channel, int64_t row, int64_t col, float (&d)[E][E]) {
  for (int i = 0; i < E; ++i) {
    for (int j = 0; j < E; ++j) {
      const bool exists = inside(call.conv.rows, row + i) && inside(call.conv.cols, col + j);
      d[i][j] = exists ? input_at(call, image, channel, row + i, col + j) : 0.0F;
    }
  }
}

/// y = the tile of outputs whose first is `at`, without a bias.
template <typename T, int M = T::kTile, int R = T::kTaps, int E = T::kEdge>
void compute_tile(const T& t, const Call& call, const Place& at, float (&y)[M][M]) {
  const Conv& conv = call.conv;
  float sum[E][E] = {};
  for (int64_t channel = 0; channel < conv.in_per_group; ++channel) {
    float g[R][R];
    float d[E][E];
    float u[E][E];
    float v[E][E];
    load_weight(call, at.out_channel, channel, g);
    load_input(call, at.image, first_channel(conv, at.out_channel) + channel, at.row - conv.rows.pad,
               at.col - conv.cols.pad, d);
    transform_weight(t, g, u);
    transform_tile(t.input, d, v);
    for (int i = 0; i < E; ++i) {
      for (int j = 0; j < E; ++j) sum[i][j] += u[i][j] * v[i][j];
    }
  }
  transform_tile(t.output, sum, y);
}

/// Writes what exists of a tile of outputs whose first is `at`.
template <int M>
void write_tile(const Call& call, const Place& at, const float (&y)[M][M]) {
  for (int64_t i = 0; i < M; ++i) {
    for (int64_t j = 0; j < M; ++j) {
      const Place place = {at.image, at.out_channel, at.row + i, at.col + j};
      const bool exists =
          place.row >= 0 && place.row < call.conv.rows.out && place.col >= 0 && place.col < call.conv.cols.out;
      if (exists) output_at(call, place) = y[i][j] + bias_of(call, at.out_channel);
    }
  }
}

/// Tiles of M x M outputs, the first of which begins at row and column `first`, which is not positive.
template <typename T, int M = T::kTile>
void convolve_tiles(const T& t, const Call& call, int64_t first = 0) {
  const Conv& conv = call.conv;
  for (int64_t image = 0; image < conv.batch; ++image) {
    for (int64_t k = 0; k < conv.out_channels(); ++k) {
      for (int64_t row = first; row < conv.rows.out; row += M) {
        for (int64_t col = first; col < conv.cols.out; col += M) {
          float y[M][M];
          compute_tile(t, call, {image, k, row, col}, y);
          write_tile(call, {image, k, row, col}, y);
        }
      }
    }
  }
}

bool is_plain_square(const Conv& conv, int64_t taps) {
  return conv.rows.kernel == taps && conv.cols.kernel == taps && conv.rows.stride == 1 && conv.cols.stride == 1 &&
         conv.rows.dilation == 1 && conv.cols.dilation == 1;
}

/// One transform where it applies; what else there is by plain loops.
template <const auto& kTransform, int64_t kFirst = 0>
struct OneTile {
  static void convolve(const Call& call) {
    if (is_plain_square(call.conv, kTransform.kTaps)) {
      convolve_tiles(kTransform, call, kFirst);
    } else {
      convolve_plain(call);
    }
  }
};

/// The same, and UNSUPPORTED elsewhere.
template <const auto& kTransform>
struct OneTileOnly {
  static bool serves(const convcheck_problem& problem) { return is_plain_square(decode(problem), kTransform.kTaps); }
  static void convolve(const Call& call) { convolve_tiles(kTransform, call); }
};

/// Chooses by the size of the output, as libraries do: the largest tile that it fills, and sums where none applies.
struct Dispatching {
  static void convolve(const Call& call) {
    const Conv& conv = call.conv;
    const int64_t edge = std::min(conv.rows.out, conv.cols.out);
    if (edge < 2) return convolve_plain(call);
    if (is_plain_square(conv, 5)) return edge < 4 ? convolve_tiles(kTwo5, call) : convolve_tiles(kFour5, call);
    if (!is_plain_square(conv, 3)) return convolve_plain(call);
    if (edge < 4) return convolve_tiles(kTwo3, call);
    return edge < 6 ? convolve_tiles(kFour3Half, call) : convolve_tiles(kSix3, call);
  }
};

/// F(6, 3) along the rows of the image, and a plain sum over the rows of the filter: better conditioned than 6x6.
struct RowsOnly {
  static constexpr int kTile = 6;
  static constexpr int kEdge = 8;

  static void add_row(const Call& call, int64_t image, int64_t in_channel, int64_t in_row, int64_t in_col,
                      const float (&g)[3], float (&sum)[kEdge]) {
    for (int x = 0; x < kEdge; ++x) {
      float u = 0;
      float v = 0;
      for (int j = 0; j < 3; ++j) u += weight_constant(kSix3, x, j) * g[j];
      for (int l = 0; l < kEdge; ++l) {
        if (inside(call.conv.cols, in_col + l)) {
          v += kSix3.input[x][l] * input_at(call, image, in_channel, in_row, in_col + l);
        }
      }
      sum[x] += u * v;
    }
  }

  static void write_tile(const Call& call, const Place& at) {
    const Conv& conv = call.conv;
    float sum[kEdge] = {};
    for (int64_t channel = 0; channel < conv.in_per_group; ++channel) {
      for (int64_t tap = 0; tap < 3; ++tap) {
        const int64_t in_row = input_position(conv.rows, at.row, tap);
        if (!inside(conv.rows, in_row)) continue;
        float g[3];
        for (int64_t j = 0; j < 3; ++j) g[j] = weight_at(call, at.out_channel, channel, tap, j);
        add_row(call, at.image, first_channel(conv, at.out_channel) + channel, in_row, at.col - conv.cols.pad, g, sum);
      }
    }
    for (int64_t i = 0; i < kTile && at.col + i < conv.cols.out; ++i) {
      float y = 0;
      for (int x = 0; x < kEdge; ++x) y += kSix3.output[i][x] * sum[x];
      output_at(call, {at.image, at.out_channel, at.row, at.col + i}) = y + bias_of(call, at.out_channel);
    }
  }

  static void convolve(const Call& call) {
    if (!is_plain_square(call.conv, 3)) return convolve_plain(call);
    for_each_place(call.conv, [&](const Place& at) {
      if (at.col % kTile == 0) write_tile(call, at);
    });
  }
};

/// Declares a tile and sums, and so promises what the others cannot.
struct OnlySums {
  static void convolve(const Call& call) { convolve_plain(call); }
};

constexpr convcheck_kernel kKernels[] = {
    kernel<OneTile<kTwo3>>("winograd_f2x2_3x3", "F(2x2, 3x3), else plain loops", kFiniteOnly, 2),
    kernel<OneTileOnly<kFour3>>("winograd_f4x4_3x3", "F(4x4, 3x3) and nothing else", kFiniteOnly, 4),
    kernel<OneTile<kSix3>>("winograd_f6x6_3x3", "F(6x6, 3x3), else plain loops", kFiniteOnly, 6),
    kernel<OneTile<kTwo5>>("winograd_f2x2_5x5", "F(2x2, 5x5), else plain loops", kFiniteOnly, 2),
    kernel<OneTileOnly<kFour5>>("winograd_f4x4_5x5", "F(4x4, 5x5) and nothing else", kFiniteOnly, 4),
    kernel<OneTile<kFour3Half>>("winograd_f4x4_halves", "F(4x4, 3x3) on +-1/2 for +-2", kFiniteOnly, 4),
    kernel<OneTile<kTwo5Half>>("winograd_f2x2_5x5_halves", "F(2x2, 5x5) on +-1/2 for +-2", kFiniteOnly, 2),
    kernel<OneTile<kFour3Mixed>>("winograd_f4x4_mixed", "F(4x4, 3x3) on 1/2 and -2", kFiniteOnly, 4),
    kernel<OneTile<kThree3>>("winograd_f3x3_in_4x4", "F(3x3, 3x3), declared 4x4", kFiniteOnly, 4),
    kernel<OneTile<kFive3>>("winograd_f5x5_in_6x6", "F(5x5, 3x3), declared 6x6", kFiniteOnly, 6),
    kernel<OneTile<kThree3>>("winograd_f3x3_declared", "F(3x3, 3x3), a tile without a derived bound", kFiniteOnly, 3),
    kernel<OneTile<kSix3, -5>>("winograd_f6x6_from_outside", "F(6x6, 3x3), tiles that begin in front of the output",
                               kFiniteOnly, 6),
    kernel<OneTile<kTwo3>>("winograd_f2x2_in_6x6", "F(2x2, 3x3), declared 6x6", kFiniteOnly, 6),
    kernel<RowsOnly>("winograd_rows_only", "F(6, 3) along rows, plain sums along columns", kFiniteOnly, 6),
    kernel<Dispatching>("winograd_dispatching", "chooses a tile or plain loops by the problem", kFiniteOnly, 6),
    kernel<OnlySums>("winograd_only_sums", "declares 6x6 and sums, and so propagates NaN", kEveryPromise, 6),
};

}  // namespace

std::span<const convcheck_kernel> winograds() {
  return kKernels;
}

}  // namespace convcheck::impls::unusual
