// The matrices of F(m x m, 3 x 3).
//
// With r = 3 and alpha = m + 2, one tile of output along an axis is A^T [(G g) o (B^T d)]: g the 3 weights, d the alpha
// inputs under the tile, o the element-wise product. In two dimensions each transform is applied to columns, then to
// rows; apply.h has the additions that do it.
//
// The algorithm: S. Winograd, Arithmetic Complexity of Computations, SIAM 1980. The matrices: A. Lavin and S. Gray,
// Fast Algorithms for Convolutional Neural Networks, arXiv:1509.09308 (2015), section 4.1 for F(2,3) and section 4.3
// for F(4,3); F(6,3) by the same construction (Toom and Cook) on more points. The static assertion at the end proves
// them: they compute a correlation, exactly.
//
// A tile size of its own is one more specialisation of Transform, and one of Apply.
#pragma once

namespace convcheck::impls::winograd {

inline constexpr int kTaps = 3;  // of the kernel along one axis

/// What every Transform<m> has: kTile = m and kAlpha = m + 2; kOutput[m][alpha] = A^T, kInput[alpha][alpha] = B^T, and
/// G as kWeight[alpha][3] with one divisor per row.
template <int Tile>
struct Transform;

/// F(2 x 2, 3 x 3) on the points 0, 1, -1, infinity.
template <>
struct Transform<2> {
  static constexpr int kTile = 2;
  static constexpr int kAlpha = 4;
  static constexpr float kOutput[kTile][kAlpha] = {{1, 1, 1, 0}, {0, 1, -1, -1}};
  static constexpr float kInput[kAlpha][kAlpha] = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}};
  static constexpr int kWeight[kAlpha][kTaps] = {{1, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 1}};
  static constexpr int kWeightDivisor[kAlpha] = {1, 2, 2, 1};
};

/// F(4 x 4, 3 x 3) on the points 0, 1, -1, 2, -2, infinity.
template <>
struct Transform<4> {
  static constexpr int kTile = 4;
  static constexpr int kAlpha = 6;
  static constexpr float kOutput[kTile][kAlpha] = {
      {1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}};
  static constexpr float kInput[kAlpha][kAlpha] = {{4, 0, -5, 0, 1, 0},  {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
                                                   {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}};
  static constexpr int kWeight[kAlpha][kTaps] = {{1, 0, 0}, {-1, -1, -1}, {-1, 1, -1},
                                                 {1, 2, 4}, {1, -2, 4},   {0, 0, 1}};
  static constexpr int kWeightDivisor[kAlpha] = {4, 6, 6, 24, 24, 1};
};

/// F(6 x 6, 3 x 3) on the points 0, 1, -1, 2, -2, 1/2, -1/2, infinity; the columns of the halves are multiplied by 32
/// in A^T and divided by it in G, which rounds nothing.
template <>
struct Transform<6> {
  static constexpr int kTile = 6;
  static constexpr int kAlpha = 8;
  static constexpr float kOutput[kTile][kAlpha] = {{1, 1, 1, 1, 1, 32, 32, 0}, {0, 1, -1, 2, -2, 16, -16, 0},
                                                   {0, 1, 1, 4, 4, 8, 8, 0},   {0, 1, -1, 8, -8, 4, -4, 0},
                                                   {0, 1, 1, 16, 16, 2, 2, 0}, {0, 1, -1, 32, -32, 1, -1, 1}};
  static constexpr float kInput[kAlpha][kAlpha] = {
      {1, 0, -5.25F, 0, 5.25F, 0, -1, 0},        {0, 1, 1, -4.25F, -4.25F, 1, 1, 0},
      {0, -1, 1, 4.25F, -4.25F, -1, 1, 0},       {0, 0.5F, 0.25F, -2.5F, -1.25F, 2, 1, 0},
      {0, -0.5F, 0.25F, 2.5F, -1.25F, -2, 1, 0}, {0, 2, 4, -2.5F, -5, 0.5F, 1, 0},
      {0, -2, 4, 2.5F, -5, -0.5F, 1, 0},         {0, -1, 0, 5.25F, 0, -5.25F, 0, 1}};
  static constexpr int kWeight[kAlpha][kTaps] = {{1, 0, 0},  {-2, -2, -2}, {-2, 2, -2}, {1, 2, 4},
                                                 {1, -2, 4}, {4, 2, 1},    {4, -2, 1},  {0, 0, 1}};
  static constexpr int kWeightDivisor[kAlpha] = {1, 9, 9, 90, 90, 180, 180, 1};
};

/// True where A^T [(G g) o (B^T d)] is the correlation sum_j g[j] d[i + j] for every g and d. All numbers here are
/// integers, or integers and quarters, far below 2^53: double is exact.
template <int Tile>
consteval bool computes_correlation() {
  using T = Transform<Tile>;
  double common = 1;  // a multiple of every divisor
  for (const int divisor : {2, 4, 6, 9, 24, 90, 180}) common *= divisor;
  for (int i = 0; i < T::kTile; ++i) {
    for (int j = 0; j < kTaps; ++j) {
      for (int l = 0; l < T::kAlpha; ++l) {
        double coefficient = 0;
        for (int x = 0; x < T::kAlpha; ++x) {
          const double weight = T::kWeight[x][j] * (common / T::kWeightDivisor[x]);
          coefficient += static_cast<double>(T::kOutput[i][x]) * weight * static_cast<double>(T::kInput[x][l]);
        }
        if (coefficient != (l == i + j ? common : 0)) return false;
      }
    }
  }
  return true;
}

static_assert(computes_correlation<2>() && computes_correlation<4>() && computes_correlation<6>());

}  // namespace convcheck::impls::winograd
