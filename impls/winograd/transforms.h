// The matrices of F(m x m, 3 x 3) and the additions that apply them.
//
// With r = 3 and alpha = m + 2, one tile of output along an axis is A^T [(G g) o (B^T d)]: g the 3 weights, d the alpha
// inputs under the tile, o the element-wise product. In two dimensions each transform is applied to columns, then to
// rows.
//
// The algorithm: S. Winograd, Arithmetic Complexity of Computations, SIAM 1980. The matrices: A. Lavin and S. Gray,
// Fast Algorithms for Convolutional Neural Networks, arXiv:1509.09308 (2015), section 4.1 for F(2,3) and section 4.3
// for F(4,3). The static assertions at the end prove them: they compute a correlation, exactly, and the unrolled
// functions apply them.
//
// A tile size of its own is one more specialisation of Transform.
#pragma once

namespace convcheck::impls::winograd {

inline constexpr int kTaps = 3;  // of the kernel along one axis

/// What every Transform<m> has: kTile = m and kAlpha = m + 2;
/// kOutput[m][alpha] = A^T, kInput[alpha][alpha] = B^T, and G as kWeight[alpha][3] with one divisor per row;
/// input(d, v): v = B^T d, and output(s, y): y = A^T s, for one row or column of floats or of vectors of floats.
///
/// Rounding: every constant but those of G is a power of two or an exact sum of such products, so a product with a
/// constant never rounds (short of underflow) and results do not depend on whether the compiler contracts to fused
/// multiply-add. A sum is never longer than its row's non-zeros, and what is shared between rows enters each with the
/// row's own coefficients.
template <int Tile>
struct Transform;

/// F(2 x 2, 3 x 3) on the points 0, 1, -1, infinity.
template <>
struct Transform<2> {
  static constexpr int kTile = 2;
  static constexpr int kAlpha = 4;
  static constexpr int kOutput[kTile][kAlpha] = {{1, 1, 1, 0}, {0, 1, -1, -1}};
  static constexpr int kInput[kAlpha][kAlpha] = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}};
  static constexpr int kWeight[kAlpha][kTaps] = {{1, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 1}};
  static constexpr int kWeightDivisor[kAlpha] = {1, 2, 2, 1};

  template <typename V>
  [[gnu::always_inline]] static constexpr void input(const V (&d)[kAlpha], V (&v)[kAlpha]) {
    v[0] = d[0] - d[2];
    v[1] = d[1] + d[2];
    v[2] = d[2] - d[1];
    v[3] = d[1] - d[3];
  }

  template <typename V>
  [[gnu::always_inline]] static constexpr void output(const V (&s)[kAlpha], V (&y)[kTile]) {
    y[0] = s[0] + s[1] + s[2];
    y[1] = s[1] - s[2] - s[3];
  }
};

/// F(4 x 4, 3 x 3) on the points 0, 1, -1, 2, -2, infinity.
template <>
struct Transform<4> {
  static constexpr int kTile = 4;
  static constexpr int kAlpha = 6;
  static constexpr int kOutput[kTile][kAlpha] = {
      {1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}};
  static constexpr int kInput[kAlpha][kAlpha] = {{4, 0, -5, 0, 1, 0},  {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
                                                 {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}};
  static constexpr int kWeight[kAlpha][kTaps] = {{1, 0, 0}, {-1, -1, -1}, {-1, 1, -1},
                                                 {1, 2, 4}, {1, -2, 4},   {0, 0, 1}};
  static constexpr int kWeightDivisor[kAlpha] = {4, 6, 6, 24, 24, 1};

  template <typename V>
  [[gnu::always_inline]] static constexpr void input(const V (&d)[kAlpha], V (&v)[kAlpha]) {
    const V even_far = d[4] - 4.0F * d[2];
    const V odd_far = d[3] - 4.0F * d[1];
    const V even_near = d[4] - d[2];
    const V odd_near = 2.0F * (d[3] - d[1]);
    v[0] = 4.0F * (d[0] - d[2]) + even_near;  // 4 d0 - 5 d2 + d4 without a product by 5, which would round
    v[1] = even_far + odd_far;
    v[2] = even_far - odd_far;
    v[3] = even_near + odd_near;
    v[4] = even_near - odd_near;
    v[5] = 4.0F * (d[1] - d[3]) + (d[5] - d[3]);
  }

  template <typename V>
  [[gnu::always_inline]] static constexpr void output(const V (&s)[kAlpha], V (&y)[kTile]) {
    const V sum_near = s[1] + s[2];
    const V difference_near = s[1] - s[2];
    const V sum_far = s[3] + s[4];
    const V difference_far = s[3] - s[4];
    y[0] = s[0] + sum_near + sum_far;
    y[1] = difference_near + 2.0F * difference_far;
    y[2] = sum_near + 4.0F * sum_far;
    y[3] = difference_near + 8.0F * difference_far + s[5];
  }
};

/// v = G g for one row or column. The division rounds once and the sum at most twice: what the bound allows a row of G
/// whose divisor is no power of two (its non-zeros and one more), with one to spare.
template <typename T, typename V>
[[gnu::always_inline]] constexpr void weight_pass(const V (&g)[kTaps], V (&v)[T::kAlpha]) {
#pragma GCC unroll 8
  for (int i = 0; i < T::kAlpha; ++i) {
    const auto& row = T::kWeight[i];
    const V near = static_cast<float>(row[0]) * g[0] + static_cast<float>(row[1]) * g[1];
    v[i] = (near + static_cast<float>(row[2]) * g[2]) / static_cast<float>(T::kWeightDivisor[i]);
  }
}

/// True where A^T [(G g) o (B^T d)] is the correlation sum_j g[j] d[i + j] for every g and d, in integers.
template <int Tile>
consteval bool computes_correlation() {
  using T = Transform<Tile>;
  long long common = 1;  // a multiple of every divisor
  for (const int divisor : T::kWeightDivisor) common *= divisor;
  for (int i = 0; i < T::kTile; ++i) {
    for (int j = 0; j < kTaps; ++j) {
      for (int l = 0; l < T::kAlpha; ++l) {
        long long coefficient = 0;
        for (int x = 0; x < T::kAlpha; ++x) {
          coefficient += T::kOutput[i][x] * T::kWeight[x][j] * (common / T::kWeightDivisor[x]) * T::kInput[x][l];
        }
        if (coefficient != (l == i + j ? common : 0)) return false;
      }
    }
  }
  return true;
}

/// True where the unrolled input() and output() are the matrices: each unit vector gives its column.
template <int Tile>
consteval bool applies_matrices() {
  using T = Transform<Tile>;
  for (int column = 0; column < T::kAlpha; ++column) {
    float unit[T::kAlpha] = {};
    float v[T::kAlpha] = {};
    float y[T::kTile] = {};
    unit[column] = 1;
    T::input(unit, v);
    T::output(unit, y);
    for (int i = 0; i < T::kAlpha; ++i) {
      if (v[i] != static_cast<float>(T::kInput[i][column])) return false;
    }
    for (int i = 0; i < T::kTile; ++i) {
      if (y[i] != static_cast<float>(T::kOutput[i][column])) return false;
    }
  }
  return true;
}

static_assert(computes_correlation<2>() && applies_matrices<2>());
static_assert(computes_correlation<4>() && applies_matrices<4>());

}  // namespace convcheck::impls::winograd
