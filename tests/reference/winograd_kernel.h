// A plain Winograd convolution in f32, one tile at a time, as a kernel might compute it.
#pragma once

#include <array>
#include <vector>

#include "reference/random.h"
#include "reference/winograd.h"

namespace convcheck {

/// One F(m, r) with its constants rounded to f32, as a kernel has them in its source.
struct FloatTransform {
  using Rows = std::array<std::array<float, 8>, 8>;

  int m = 0, r = 0, a = 0;
  Rows a_transposed{}, g{}, b_transposed{};
};

[[nodiscard]] FloatTransform rounded(const WinogradTransform& t);

/// A point set that the bound allows for, by its sizes.
struct PointSet {
  int m, r;
  std::vector<double> points;
};

[[nodiscard]] const std::vector<PointSet>& usual_point_sets();

/// Data for one tile: plain reals, wide exponents, alternating signs, constants, or values whose products underflow.
[[nodiscard]] Data random_tile_data(Random& random, const Problem& problem);

/// The m x m outputs of channel k of image n whose tile starts at (top, left), row by row. Every operation is one
/// rounding in f32. Outputs beyond the output tensor are computed all the same.
[[nodiscard]] std::vector<float> winograd_tile(const FloatTransform& t, const Geometry& g, const Data& data, int64_t n,
                                               int64_t k, int64_t top, int64_t left);

}  // namespace convcheck
