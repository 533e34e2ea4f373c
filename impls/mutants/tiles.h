// Sound Winograd kernels for mutants to bend: F(m x m, 3 x 3) in plain loops, from the points on which the polynomials
// are evaluated. What Winograd does not serve goes through the plain loops.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "impls/mutants/loops.h"
#include "impls/mutants/sound.h"

namespace convcheck::impls::mutants {

template <int Rows, int Cols>
using Matrix = std::array<std::array<float, static_cast<size_t>(Cols)>, static_cast<size_t>(Rows)>;

/// y = l x l^T.
template <int Rows, int Cols>
Matrix<Rows, Rows> sandwich(const Matrix<Rows, Cols>& l, const Matrix<Cols, Cols>& x) {
  Matrix<Rows, Cols> half{};
  for (size_t i = 0; i < Rows; ++i) {
    for (size_t j = 0; j < Cols; ++j) {
      for (size_t n = 0; n < Cols; ++n) half[i][j] += l[i][n] * x[n][j];
    }
  }
  Matrix<Rows, Rows> y{};
  for (size_t i = 0; i < Rows; ++i) {
    for (size_t j = 0; j < Rows; ++j) {
      for (size_t n = 0; n < Cols; ++n) y[i][j] += half[i][n] * l[j][n];
    }
  }
  return y;
}

/// The three transforms of F(Tile, 3) on Tile + 1 points and infinity, by Toom and Cook: S. Winograd, Arithmetic
/// Complexity of Computations, SIAM 1980.
template <int Tile>
struct Transforms {
  static constexpr int kAlpha = Tile + 2;
  Matrix<Tile, kAlpha> output{};   // A^T
  Matrix<kAlpha, 3> weight{};      // G
  Matrix<kAlpha, kAlpha> input{};  // B^T

  explicit constexpr Transforms(const std::array<double, Tile + 1>& points) {
    constexpr size_t kLast = Tile + 1;
    for (size_t j = 0; j < kLast; ++j) {
      std::array<double, kAlpha> others = {1};  // the product of x - p over the other points
      double divisor = 1;
      double power = 1;
      for (size_t other = 0; other < kLast; ++other) {
        if (other == j) continue;
        multiply(others, points[other]);
        divisor *= points[j] - points[other];
      }
      for (size_t i = 0; i < kAlpha; ++i) {
        input[j][i] = static_cast<float>(others[i]);
        if (i < 3) weight[j][i] = static_cast<float>(power / divisor);
        if (i < Tile) output[i][j] = static_cast<float>(power);
        power *= points[j];
      }
    }
    std::array<double, kAlpha> all = {1};
    for (const double point : points) multiply(all, point);
    for (size_t i = 0; i < kAlpha; ++i) input[kLast][i] = static_cast<float>(all[i]);
    weight[kLast][2] = output[Tile - 1][kLast] = 1;
  }

 private:
  static constexpr void multiply(std::array<double, kAlpha>& polynomial, double point) {
    for (size_t i = kAlpha; i-- > 0;) polynomial[i] = (i > 0 ? polynomial[i - 1] : 0) - point * polynomial[i];
  }
};

template <int Tile>
constexpr std::array<double, Tile + 1> usual_points() {
  constexpr std::array<double, 5> kPoints = {0, 1, -1, 2, -2};
  std::array<double, Tile + 1> points{};
  for (size_t i = 0; i < points.size(); ++i) points[i] = kPoints[i];
  return points;
}

template <class M>
void convolve_by_tiles(M& kernel);

/// A call of the kernel F(Tile x Tile, 3 x 3), with the parts of its own.
template <int Tile>
struct Winograd : Sound {
  static constexpr int32_t kAlgorithm = CONVCHECK_WINOGRAD;
  static constexpr int32_t kTile = Tile;
  static constexpr int kEdge = Tile;
  static constexpr uint32_t kPromises = kPromisesOfMatrices;
  static constexpr Transforms<Tile> kTransforms{usual_points<Tile>()};

  template <class M>
  static void convolve(M& kernel) {
    if (kernel.applies()) {
      convolve_by_tiles(kernel);
    } else {
      convolve_by_loops(kernel);
    }
  }

  static bool is_plain(const Axis& axis) { return axis.kernel == 3 && axis.stride == 1 && axis.dilation == 1; }
  bool applies() const { return is_plain(conv.rows) && is_plain(conv.cols); }

  // Where on the input a tile begins, and what is multiplied.
  int64_t tile_row(int64_t tile) const { return tile * Tile - conv.rows.pad; }
  int64_t tile_col(int64_t tile) const { return tile * Tile - conv.cols.pad; }
  void reshape(float& /*weight_or_data*/) const {}
};

/// One group of one image.
template <class M>
class GroupOfTiles {
 public:
  static constexpr int kEdge = M::kEdge;
  using Square = Matrix<kEdge + 2, kEdge + 2>;

  explicit GroupOfTiles(M& kernel) : kernel_(kernel), data_(static_cast<size_t>(kernel.conv.in_per_group)) {
    const Conv& conv = kernel.conv;
    for (kernel.k = 0; kernel.k < conv.out_channels(); ++kernel.k) {
      for (int64_t c = 0; c < conv.in_per_group; ++c) {
        Matrix<3, 3> taps{};
        for (size_t h = 0; h < 3; ++h) {
          for (size_t w = 0; w < 3; ++w) {
            taps[h][w] = kernel.weight_at(kernel.filter(), c, static_cast<int64_t>(h), static_cast<int64_t>(w));
          }
        }
        weights_.push_back(reshaped(sandwich<kEdge + 2, 3>(M::kTransforms.weight, taps)));
      }
    }
  }

  void compute(int64_t group) {
    const Conv& conv = kernel_.conv;
    for (int64_t row = 0; row * kEdge < conv.rows.out; ++row) {
      for (int64_t col = 0; col * kEdge < conv.cols.out; ++col) {
        kernel_.k = group * conv.out_per_group;
        for (int64_t c = 0; c < conv.in_per_group; ++c) data_[static_cast<size_t>(c)] = data_of(c, row, col);
        for (; kernel_.group() == group; ++kernel_.k) write(row, col);
      }
    }
  }

 private:
  Square reshaped(Square square) const {
    for (auto& line : square) {
      for (float& value : line) kernel_.reshape(value);
    }
    return square;
  }

  Square data_of(int64_t c, int64_t tile_row, int64_t tile_col) const {
    const Conv& conv = kernel_.conv;
    const int64_t plane = kernel_.source_image() * conv.input.outer + kernel_.channel(c) * conv.input.channel;
    Square data{};
    for (size_t i = 0; i < kEdge + 2; ++i) {
      const int64_t row = kernel_.tile_row(tile_row) + static_cast<int64_t>(i);
      if (row < 0 || row >= conv.rows.in) continue;
      for (size_t j = 0; j < kEdge + 2; ++j) {
        const int64_t col = kernel_.tile_col(tile_col) + static_cast<int64_t>(j);
        if (col < 0 || col >= conv.cols.in) continue;
        data[i][j] = kernel_.input[plane + row * conv.input.row + col * conv.input.col];
      }
    }
    return reshaped(sandwich<kEdge + 2, kEdge + 2>(M::kTransforms.input, data));
  }

  void write(int64_t tile_row, int64_t tile_col) {
    const Conv& conv = kernel_.conv;
    Square sums{};
    for (int64_t c = 0; c < conv.in_per_group; ++c) {
      const Square& u = weights_[static_cast<size_t>(kernel_.k * conv.in_per_group + c)];
      const Square& v = data_[static_cast<size_t>(c)];
      for (size_t i = 0; i < kEdge + 2; ++i) {
        for (size_t j = 0; j < kEdge + 2; ++j) sums[i][j] += u[i][j] * v[i][j];
      }
    }
    const auto results = sandwich<kEdge, kEdge + 2>(M::kTransforms.output, sums);
    for (int64_t i = 0; i < kEdge; ++i) {
      for (int64_t j = 0; j < kEdge; ++j) {
        const Spot at = {tile_row * kEdge + i, tile_col * kEdge + j};
        if (at.row >= conv.rows.out || at.col >= conv.cols.out) continue;
        const float sum = results[static_cast<size_t>(i)][static_cast<size_t>(j)] + kernel_.start(at);
        if (kernel_.writes(at)) kernel_.output[kernel_.place(at)] = kernel_.finish(sum, at);
      }
    }
  }

  M& kernel_;
  std::vector<Square> weights_, data_;
};

template <class M>
void convolve_by_tiles(M& kernel) {
  GroupOfTiles<M> tiles(kernel);
  for (kernel.image = 0; kernel.image < kernel.conv.batch; ++kernel.image) {
    for (int64_t group = 0; group < kernel.conv.groups; ++group) tiles.compute(group);
  }
}

}  // namespace convcheck::impls::mutants
