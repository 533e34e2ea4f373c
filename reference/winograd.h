// How far a right Winograd kernel may be from the exact result.
//
// F(m, r) computes m outputs of an r-tap correlation as A^T [(G g) o (B^T d)], a = m + r - 1 products (S. Winograd,
// Arithmetic Complexity of Computations, 1980; A. Lavin and S. Gray, Fast Algorithms for Convolutional Neural Networks,
// 2015). In two dimensions each transform is applied to rows and columns. Every value that is computed on the way is a
// sum of products with the transforms' constants, so by the same lemma as in bound.h the error of one output is at most
//
//   gamma_p |A^T| [ sum_c (|G| |g| |G^T|) o (|B^T| |d| |B|) ] |A|  +  what underflow adds,
//
// p being the longest chain of roundings from an input to an output: docs/judging.md derives both. Scaling the rows of
// A, B and G against each other, which implementations do in different ways, leaves the first term as it is, and adds
// to the second. Which points and which tiles a kernel uses and where its tiles start is its own business, so the bound
// is the largest over all of them.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "reference/bound.h"

namespace convcheck {

/// A small matrix of double, at most 8 x 8: the largest tile has m + r - 1 = 8.
struct Matrix {
  int rows = 0, columns = 0;
  std::array<std::array<double, 8>, 8> value{};

  [[nodiscard]] double& operator()(int i, int j) { return value[static_cast<size_t>(i)][static_cast<size_t>(j)]; }
  [[nodiscard]] double operator()(int i, int j) const { return value[static_cast<size_t>(i)][static_cast<size_t>(j)]; }
};

/// The three transforms of one F(m, r) on given points, and infinity.
struct WinogradTransform {
  int m = 0, r = 0;
  Matrix a_transposed;  ///< m x a
  Matrix g;             ///< a x r
  Matrix b_transposed;  ///< a x a
  /// By how much implementations scale a product down in the transformed domain, and up again in A^T: as far as makes
  /// their columns of A^T and rows of B^T whole numbers.
  std::array<double, 8> scale{};
  int roundings = 0;  ///< the most that an input meets in both passes of the three transforms

  [[nodiscard]] int a() const { return m + r - 1; }
};

/// By Toom and Cook: requires m + r - 2 distinct points.
[[nodiscard]] WinogradTransform make_transform(int m, int r, std::span<const double> points);

/// True where the ABI loosens the bound of a kernel that declares Winograd: kernel 3x3 or 5x5, stride and dilation 1.
[[nodiscard]] bool winograd_applies(const Geometry& g);

/// True for the declared tiles that have a bound: 2, 4 and 6.
[[nodiscard]] bool winograd_tile_is_judged(int tile);

/// The bound of every tile up to the declared one, on the usual points: F(2,3) on 0, +-1; F(4,3) and F(2,5) with +-2 or
/// with +-1/2; F(6,3) and F(4,5) with both. Immutable: one object serves any number of threads.
class WinogradBound {
 public:
  /// Requires winograd_tile_is_judged(tile) and r 3 or 5.
  [[nodiscard]] static const WinogradBound& of(int tile, int r);

  /// The bound of output element (n, k, oh, ow), never smaller than `summation`. Stops early, with some value of at
  /// least `enough`, once that is reached. Requires winograd_applies(g).
  [[nodiscard]] double at(const Geometry& g, const Data& data, const Shape& output_index, const Sum& sum,
                          double enough) const;

  /// A bound that holds for all data with |x|, |w| and |b| at most 1 of which `channels` input channels are not zero.
  /// For data up to M, and a bias up to M^2, it is M^2 times that.
  [[nodiscard]] double for_unit_data(int64_t channels) const;

 private:
  WinogradBound(int tile, int r);

  std::vector<WinogradTransform> transforms_;  // the largest tile first: its bound mostly is the largest
};

}  // namespace convcheck
