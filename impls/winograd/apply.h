// The additions that apply the matrices of transforms.h, for the target that a file is being compiled for: included
// anew for each. The static assertions at the end show that they are the matrices.
//
// Rounding: a sum is never longer than its row's non-zeros, a product with a constant that is no power of two rounds
// once, and what is shared between rows enters each with the row's own coefficients: no path from an input to a result
// rounds more often than the row has non-zeros, which is what the error bound counts.
#if defined(CONVCHECK_IMPLS_WINOGRAD_APPLY_H) == defined(HWY_TARGET_TOGGLE)  // NOLINT(llvm-header-guard)
#ifdef CONVCHECK_IMPLS_WINOGRAD_APPLY_H
#undef CONVCHECK_IMPLS_WINOGRAD_APPLY_H
#else
#define CONVCHECK_IMPLS_WINOGRAD_APPLY_H
#endif

#include "impls/support/vector.h"
#include "impls/winograd/transforms.h"

HWY_BEFORE_NAMESPACE();
namespace convcheck::impls::winograd::HWY_NAMESPACE {
namespace {

using namespace impls::HWY_NAMESPACE;  // NOLINT(google-build-using-namespace): the vectors of this target

HWY_INLINE constexpr float times(float factor, float value) {
  return factor * value;
}
HWY_INLINE Vector times(float factor, Vector value) {
  return hn::Mul(spread(factor), value);
}

/// input(d, v): v = B^T d, and output(s, y): y = A^T s, for one row or column of floats or of vectors of floats.
template <int Tile>
struct Apply;

template <>
struct Apply<2> {
  template <typename V>
  static HWY_INLINE constexpr void input(const V (&d)[4], V (&v)[4]) {
    v[0] = d[0] - d[2];
    v[1] = d[1] + d[2];
    v[2] = d[2] - d[1];
    v[3] = d[1] - d[3];
  }

  template <typename V>
  static HWY_INLINE constexpr void output(const V (&s)[4], V (&y)[2]) {
    y[0] = s[0] + s[1] + s[2];
    y[1] = s[1] - s[2] - s[3];
  }
};

template <>
struct Apply<4> {
  template <typename V>
  static HWY_INLINE constexpr void input(const V (&d)[6], V (&v)[6]) {
    const V even_far = d[4] - times(4, d[2]);
    const V odd_far = d[3] - times(4, d[1]);
    const V even_near = d[4] - d[2];
    const V odd_near = times(2, d[3] - d[1]);
    v[0] = times(4, d[0] - d[2]) + even_near;  // 4 d0 - 5 d2 + d4 without a product by 5, which would round
    v[1] = even_far + odd_far;
    v[2] = even_far - odd_far;
    v[3] = even_near + odd_near;
    v[4] = even_near - odd_near;
    v[5] = times(4, d[1] - d[3]) + (d[5] - d[3]);
  }

  template <typename V>
  static HWY_INLINE constexpr void output(const V (&s)[6], V (&y)[4]) {
    const V sum_near = s[1] + s[2];
    const V difference_near = s[1] - s[2];
    const V sum_far = s[3] + s[4];
    const V difference_far = s[3] - s[4];
    y[0] = s[0] + sum_near + sum_far;
    y[1] = difference_near + times(2, difference_far);
    y[2] = sum_near + times(4, sum_far);
    y[3] = difference_near + times(8, difference_far) + s[5];
  }
};

template <>
struct Apply<6> {
  template <typename V>
  static HWY_INLINE constexpr void input(const V (&d)[8], V (&v)[8]) {
    v[0] = (d[0] - d[6]) + times(5.25F, d[4] - d[2]);
    v[7] = (d[7] - d[1]) + times(5.25F, d[3] - d[5]);
    const V even_one = (d[2] + d[6]) - times(4.25F, d[4]);
    const V odd_one = (d[1] + d[5]) - times(4.25F, d[3]);
    v[1] = even_one + odd_one;
    v[2] = even_one - odd_one;
    const V odd_middle = times(2.5F, d[3]);
    const V even_two = (d[6] + times(0.25F, d[2])) - times(1.25F, d[4]);
    const V odd_two = (times(0.5F, d[1]) + times(2, d[5])) - odd_middle;
    v[3] = even_two + odd_two;
    v[4] = even_two - odd_two;
    const V even_half = (d[6] + times(4, d[2])) - times(5, d[4]);
    const V odd_half = (times(2, d[1]) + times(0.5F, d[5])) - odd_middle;
    v[5] = even_half + odd_half;
    v[6] = even_half - odd_half;
  }

  template <typename V>
  static HWY_INLINE constexpr void output(const V (&s)[8], V (&y)[6]) {
    const V sum_one = s[1] + s[2];
    const V difference_one = s[1] - s[2];
    const V sum_two = s[3] + s[4];
    const V difference_two = s[3] - s[4];
    const V sum_half = s[5] + s[6];
    const V difference_half = s[5] - s[6];
    y[0] = (s[0] + sum_one) + (sum_two + times(32, sum_half));
    y[1] = difference_one + (times(2, difference_two) + times(16, difference_half));
    y[2] = sum_one + (times(4, sum_two) + times(8, sum_half));
    y[3] = difference_one + (times(8, difference_two) + times(4, difference_half));
    y[4] = sum_one + (times(16, sum_two) + times(2, sum_half));
    y[5] = (difference_one + s[7]) + (times(32, difference_two) + difference_half);
  }
};

/// v = G g for one row or column. The division rounds once and the sum at most twice: what the bound allows a row of G
/// whose divisor is no power of two (its non-zeros and one more), with one to spare.
template <int Tile>
HWY_INLINE void apply_weight(const float (&g)[kTaps], float (&v)[Transform<Tile>::kAlpha]) {
  for (int i = 0; i < Transform<Tile>::kAlpha; ++i) {
    const auto& row = Transform<Tile>::kWeight[i];
    const float near = static_cast<float>(row[0]) * g[0] + static_cast<float>(row[1]) * g[1];
    v[i] = (near + static_cast<float>(row[2]) * g[2]) / static_cast<float>(Transform<Tile>::kWeightDivisor[i]);
  }
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
    Apply<Tile>::input(unit, v);
    Apply<Tile>::output(unit, y);
    for (int i = 0; i < T::kAlpha; ++i) {
      if (v[i] != T::kInput[i][column]) return false;
    }
    for (int i = 0; i < T::kTile; ++i) {
      if (y[i] != T::kOutput[i][column]) return false;
    }
  }
  return true;
}

static_assert(applies_matrices<2>() && applies_matrices<4>() && applies_matrices<6>());

}  // namespace
}  // namespace convcheck::impls::winograd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
