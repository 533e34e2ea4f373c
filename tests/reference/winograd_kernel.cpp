#include "tests/reference/winograd_kernel.h"

#include <cmath>

#include "tests/reference/problems.h"

namespace convcheck {
namespace {

using Rows = FloatTransform::Rows;

Rows rounded_rows(const Matrix& matrix) {
  Rows rows{};
  for (int i = 0; i < matrix.rows; ++i) {
    for (int j = 0; j < matrix.columns; ++j) {
      rows[static_cast<size_t>(i)][static_cast<size_t>(j)] = static_cast<float>(matrix(i, j));
    }
  }
  return rows;
}

// transform tile transform^T, columns first; the transform has `rows` rows, the tile is `size` x `size`.
Rows both_sides(const Rows& transform, const Rows& tile, int rows, int size) {
  const auto r = static_cast<size_t>(rows);
  const auto s = static_cast<size_t>(size);
  Rows half{};
  for (size_t i = 0; i < r; ++i) {
    for (size_t j = 0; j < s; ++j) {
      for (size_t l = 0; l < s; ++l) half[i][j] += transform[i][l] * tile[l][j];
    }
  }
  Rows result{};
  for (size_t i = 0; i < r; ++i) {
    for (size_t j = 0; j < r; ++j) {
      for (size_t l = 0; l < s; ++l) result[i][j] += half[i][l] * transform[j][l];
    }
  }
  return result;
}

Rows input_tile(const FloatTransform& t, const Geometry& g, const Data& data, int64_t n, int64_t c, int64_t top,
                int64_t left) {
  Rows tile{};
  for (int i = 0; i < t.a; ++i) {
    for (int j = 0; j < t.a; ++j) {
      const int64_t row = top + i - g.height.pad_before;
      const int64_t column = left + j - g.width.pad_before;
      if (row < 0 || row >= g.height.in || column < 0 || column >= g.width.in) continue;
      tile[static_cast<size_t>(i)][static_cast<size_t>(j)] = data.input.view()(n, c, row, column);
    }
  }
  return tile;
}

}  // namespace

FloatTransform rounded(const WinogradTransform& t) {
  return {.m = t.m,
          .r = t.r,
          .a = t.a(),
          .a_transposed = rounded_rows(t.a_transposed),
          .g = rounded_rows(t.g),
          .b_transposed = rounded_rows(t.b_transposed)};
}

const std::vector<PointSet>& usual_point_sets() {
  static const std::vector<PointSet> kSets = {
      {2, 3, {0, 1, -1}},
      {4, 3, {0, 1, -1, 2, -2}},
      {4, 3, {0, 1, -1, 0.5, -0.5}},
      {6, 3, {0, 1, -1, 2, -2, 0.5, -0.5}},
      {2, 5, {0, 1, -1, 2, -2}},
      {2, 5, {0, 1, -1, 0.5, -0.5}},
      {4, 5, {0, 1, -1, 2, -2, 0.5, -0.5}},
  };
  return kSets;
}

Data random_tile_data(Random& random, const Problem& problem) {
  const uint64_t kind = random.below(5);
  Data data;
  data.reshape(problem);
  const auto draw = [&](size_t i) {
    switch (kind) {
      case 0:
        return random_real(random, -20, 20);
      case 1:
        return std::abs(random_real(random, -1, 0)) * (i % 2 == 0 ? 1.0F : -1.0F);
      case 2:
        return 1.9999999F;
      case 3:
        return random_real(random, -80, -60);
      default:
        return random_real(random, -4, 3);
    }
  };
  for (Tensor* tensor : {&data.input, &data.weight, &data.bias}) {
    for (size_t i = 0; i < tensor->memory().size(); ++i) tensor->memory()[i] = draw(i);
  }
  return data;
}

std::vector<float> winograd_tile(const FloatTransform& t, const Geometry& g, const Data& data, int64_t n, int64_t k,
                                 int64_t top, int64_t left) {
  const int64_t first_channel = k / g.out_channels_per_group * g.in_channels_per_group;
  Rows sum{};
  for (int64_t c = 0; c < g.in_channels_per_group; ++c) {
    Rows kernel{};
    for (int i = 0; i < t.r; ++i) {
      for (int j = 0; j < t.r; ++j) {
        kernel[static_cast<size_t>(i)][static_cast<size_t>(j)] = data.weight.view()(k, c, i, j);
      }
    }
    const Rows u = both_sides(t.g, kernel, t.a, t.r);
    const Rows v = both_sides(t.b_transposed, input_tile(t, g, data, n, first_channel + c, top, left), t.a, t.a);
    for (size_t i = 0; i < 8; ++i) {
      for (size_t j = 0; j < 8; ++j) sum[i][j] += u[i][j] * v[i][j];
    }
  }
  const Rows outputs = both_sides(t.a_transposed, sum, t.m, t.a);
  std::vector<float> result;
  for (size_t i = 0; i < static_cast<size_t>(t.m); ++i) {
    for (size_t j = 0; j < static_cast<size_t>(t.m); ++j) {
      result.push_back(g.has_bias ? outputs[i][j] + data.bias.view()(k) : outputs[i][j]);
    }
  }
  return result;
}

}  // namespace convcheck
