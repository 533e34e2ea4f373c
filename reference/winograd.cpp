#include "reference/winograd.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace convcheck {
namespace {

// The coefficients of the product of (x - p) over all points but one; -1 leaves none out.
std::vector<double> polynomial_without(std::span<const double> points, int left_out) {
  std::vector<double> coefficients = {1};
  for (size_t i = 0; i < points.size(); ++i) {
    if (static_cast<int>(i) == left_out) continue;
    coefficients.insert(coefficients.begin(), 0);
    for (size_t power = 0; power + 1 < coefficients.size(); ++power) {
      coefficients[power] -= points[i] * coefficients[power + 1];
    }
  }
  return coefficients;
}

// True where f32 holds the constant exactly.
bool is_exact(double constant) {
  return static_cast<double>(static_cast<float>(constant)) == constant;
}

// Roundings of one pass: each non-zero of a row is a product and an addition less the first; a constant that f32 does
// not hold is one rounding more.
int pass_roundings(const Matrix& transform) {
  int most = 0;
  for (int i = 0; i < transform.rows; ++i) {
    int roundings = 0;
    bool inexact = false;
    for (int j = 0; j < transform.columns; ++j) {
      roundings += transform(i, j) != 0 ? 1 : 0;
      inexact = inexact || !is_exact(transform(i, j));
    }
    most = std::max(most, roundings + (inexact ? 1 : 0));
  }
  return most;
}

Matrix absolute(const Matrix& matrix) {
  Matrix result = matrix;
  for (auto& row : result.value) {
    for (double& element : row) element = std::abs(element);
  }
  return result;
}

Matrix transposed(const Matrix& matrix) {
  Matrix result = {.rows = matrix.columns, .columns = matrix.rows};
  for (int i = 0; i < result.rows; ++i) {
    for (int j = 0; j < result.columns; ++j) result(i, j) = matrix(j, i);
  }
  return result;
}

// Whole rows at a time, zeros behind the last column among them: a compiler makes vector code of that.
Matrix product(const Matrix& left, const Matrix& right) {
  Matrix result = {.rows = left.rows, .columns = right.columns};
  for (size_t i = 0; i < static_cast<size_t>(left.rows); ++i) {
    std::array<double, 8> row{};
    for (size_t l = 0; l < static_cast<size_t>(left.columns); ++l) {
      for (size_t j = 0; j < 8; ++j) row[j] += left.value[i][l] * right.value[l][j];
    }
    result.value[i] = row;
  }
  return result;
}

// |transform| tile |transform^T|.
Matrix absolute_both_sides(const Matrix& transform, const Matrix& tile) {
  const Matrix left = absolute(transform);
  return product(product(left, tile), transposed(left));
}

// Absolute error that underflow adds to a transformed value: at most the least subnormal per product of the first pass,
// carried through the second by at most its largest absolute row sum, and as many again in the second.
double underflow_of(const Matrix& transform) {
  double norm = 0;
  for (const auto& row : transform.value) {
    double sum = 0;
    for (const double constant : row) sum += std::abs(constant);
    norm = std::max(norm, sum);
  }
  return transform.columns * (norm + 1) * kLeastSubnormal;
}

// A tile placed somewhere over one output element.
struct Placement {
  const WinogradTransform& transform;
  int row, column;  // of the output element within the tile
};

// |d|: one channel of the input tile, zero where it lies on padding. Returns whether anything in it is not zero.
bool load_input(const Geometry& g, const View<const float>& x, const Shape& at, const Placement& placement,
                int64_t channel, Matrix& tile) {
  const int64_t top = at[2] - placement.row - g.height.pad_before;
  const int64_t left = at[3] - placement.column - g.width.pad_before;
  bool any = false;
  for (int i = 0; i < tile.rows; ++i) {
    for (int j = 0; j < tile.columns; ++j) {
      const bool inside = top + i >= 0 && top + i < g.height.in && left + j >= 0 && left + j < g.width.in;
      tile(i, j) = inside ? std::abs(static_cast<double>(x(at[0], channel, top + i, left + j))) : 0;
      any = any || tile(i, j) != 0;
    }
  }
  return any;
}

Matrix load_kernel(const View<const float>& w, int64_t k, int64_t c, int r) {
  Matrix kernel = {.rows = r, .columns = r};
  for (int i = 0; i < r; ++i) {
    for (int j = 0; j < r; ++j) kernel(i, j) = std::abs(static_cast<double>(w(k, c, i, j)));
  }
  return kernel;
}

// What is summed over channels in the transformed domain.
struct TransformedSum {
  Matrix magnitude;    // (|G| |g| |G^T|) o (|B^T| |d| |B|)
  Matrix underflow;    // absolute error of the same products
  int64_t active = 0;  // channels that are not all zero: the others are exact zeros throughout, and add no rounding
};

TransformedSum sum_channels(const Geometry& g, const Data& data, const Shape& at, const Placement& placement) {
  const WinogradTransform& t = placement.transform;
  const int64_t first_channel = at[1] / g.out_channels_per_group * g.in_channels_per_group;
  const double of_input = underflow_of(t.b_transposed);
  const double of_weight = underflow_of(t.g);
  Matrix tile = {.rows = t.a(), .columns = t.a()};
  TransformedSum sum;
  for (int64_t c = 0; c < g.in_channels_per_group; ++c) {
    if (!load_input(g, data.input.view(), at, placement, first_channel + c, tile)) continue;
    ++sum.active;
    const Matrix v = absolute_both_sides(t.b_transposed, tile);
    const Matrix u = absolute_both_sides(t.g, load_kernel(data.weight.view(), at[1], c, t.r));
    for (int i = 0; i < t.a(); ++i) {
      for (int j = 0; j < t.a(); ++j) {
        sum.magnitude(i, j) += u(i, j) * v(i, j);
        sum.underflow(i, j) += u(i, j) * of_input + v(i, j) * of_weight + of_input * of_weight + kLeastSubnormal;
      }
    }
  }
  return sum;
}

double placement_bound(const Geometry& g, const Data& data, const Shape& at, const Placement& placement, double bias) {
  const WinogradTransform& t = placement.transform;
  const TransformedSum sum = sum_channels(g, data, at, placement);
  double magnitude = bias;
  double underflow = underflow_of(t.a_transposed) + kLeastSubnormal;
  for (int i = 0; i < t.a(); ++i) {
    for (int j = 0; j < t.a(); ++j) {
      const double weight = std::abs(t.a_transposed(placement.row, i)) * std::abs(t.a_transposed(placement.column, j));
      magnitude += weight * sum.magnitude(i, j);
      underflow += weight * t.scale[static_cast<size_t>(i)] * t.scale[static_cast<size_t>(j)] * sum.underflow(i, j);
    }
  }
  const double p = static_cast<double>(sum.active) + 1 + (g.has_bias ? 1 : 0) + t.roundings;
  // Twice the underflow covers the roundings that it goes through itself; 2^-40 those of this computation in double.
  return (gamma(p) * magnitude + 2 * underflow) * (1 + 0x1p-40);
}

bool is_whole(double value) {
  return value == std::floor(value);
}

// The power of two by which the numbers become whole; their denominators are powers of two.
double scale_to_whole(std::span<const double> values) {
  double scale = 1;
  while (!std::all_of(values.begin(), values.end(), [&](double value) { return is_whole(value * scale); })) scale *= 2;
  return scale;
}

Matrix ones(int edge) {
  Matrix result = {.rows = edge, .columns = edge};
  for (int i = 0; i < edge; ++i) {
    for (int j = 0; j < edge; ++j) result(i, j) = 1;
  }
  return result;
}

}  // namespace

WinogradTransform make_transform(int m, int r, std::span<const double> points) {
  const int a = m + r - 1;
  WinogradTransform t = {.m = m,
                         .r = r,
                         .a_transposed = {.rows = m, .columns = a},
                         .g = {.rows = a, .columns = r},
                         .b_transposed = {.rows = a, .columns = a}};
  for (int j = 0; j + 1 < a; ++j) {
    const double point = points[static_cast<size_t>(j)];
    double denominator = 1;
    for (int l = 0; l + 1 < a; ++l) {
      if (l != j) denominator *= point - points[static_cast<size_t>(l)];
    }
    for (int i = 0; i < m; ++i) t.a_transposed(i, j) = std::pow(point, i);
    for (int k = 0; k < r; ++k) t.g(j, k) = std::pow(point, k) / denominator;
    const std::vector<double> row = polynomial_without(points, j);
    for (int l = 0; l + 1 < a; ++l) t.b_transposed(j, l) = row[static_cast<size_t>(l)];
  }
  t.a_transposed(m - 1, a - 1) = 1;
  t.g(a - 1, r - 1) = 1;
  const std::vector<double> row = polynomial_without(points, -1);
  for (int l = 0; l < a; ++l) t.b_transposed(a - 1, l) = row[static_cast<size_t>(l)];
  for (int i = 0; i < a; ++i) {
    const auto point = static_cast<size_t>(i);
    t.scale[point] =
        scale_to_whole(transposed(t.a_transposed).value[point]) * scale_to_whole(t.b_transposed.value[point]);
  }
  t.roundings = 2 * (pass_roundings(t.a_transposed) + pass_roundings(t.g) + pass_roundings(t.b_transposed));
  return t;
}

bool winograd_applies(const Geometry& g) {
  const Axis& h = g.height;
  const Axis& w = g.width;
  return h.kernel == w.kernel && (h.kernel == 3 || h.kernel == 5) && h.stride == 1 && w.stride == 1 &&
         h.dilation == 1 && w.dilation == 1;
}

bool winograd_tile_is_judged(int tile) {
  return tile == 2 || tile == 4 || tile == 6;
}

WinogradBound::WinogradBound(int tile, int r) {
  const auto add = [&](int m, std::initializer_list<double> points) {
    if (m <= tile) transforms_.push_back(make_transform(m, r, std::vector<double>(points)));
  };
  if (r == 3) {
    add(6, {0, 1, -1, 2, -2, 0.5, -0.5});
    add(4, {0, 1, -1, 2, -2});
    add(4, {0, 1, -1, 0.5, -0.5});
    add(2, {0, 1, -1});
  } else {
    // The usual points end here: r = 5 has no larger tile on them.
    add(4, {0, 1, -1, 2, -2, 0.5, -0.5});
    add(2, {0, 1, -1, 2, -2});
    add(2, {0, 1, -1, 0.5, -0.5});
  }
}

const WinogradBound& WinogradBound::of(int tile, int r) {
  static const std::array<WinogradBound, 6> kBounds = {WinogradBound(2, 3), WinogradBound(4, 3), WinogradBound(6, 3),
                                                       WinogradBound(2, 5), WinogradBound(4, 5), WinogradBound(6, 5)};
  const int first_of_kernel = r == 5 ? 3 : 0;
  return kBounds.at(static_cast<size_t>(first_of_kernel + tile / 2 - 1));
}

double WinogradBound::at(const Geometry& g, const Data& data, const Shape& output_index, const Sum& sum,
                         double enough) const {
  const double bias = g.has_bias ? std::abs(static_cast<double>(data.bias.view()(output_index[1]))) : 0;
  const double own = gamma(sum.terms + 8, 0x1p-53) * sum.magnitude;  // of the reference, in double
  double most = summation_bound(sum);
  for (const WinogradTransform& transform : transforms_) {
    for (int row = 0; row < transform.m; ++row) {
      for (int column = 0; column < transform.m; ++column) {
        if (most >= enough) return most;
        most = std::max(most, placement_bound(g, data, output_index, {transform, row, column}, bias) + own);
      }
    }
  }
  return most;
}

double WinogradBound::for_unit_data(int64_t channels) const {
  const auto active = static_cast<double>(channels);
  double most = 0;
  for (const WinogradTransform& t : transforms_) {
    const Matrix u = absolute_both_sides(t.g, ones(t.r));
    const Matrix v = absolute_both_sides(t.b_transposed, ones(t.a()));
    Matrix product = {.rows = t.a(), .columns = t.a()};
    for (int i = 0; i < t.a(); ++i) {
      for (int j = 0; j < t.a(); ++j) product(i, j) = u(i, j) * v(i, j);
    }
    const Matrix outputs = absolute_both_sides(t.a_transposed, product);
    double largest = 0;
    for (const auto& row : outputs.value) largest = std::max(largest, *std::max_element(row.begin(), row.end()));
    most = std::max(most, gamma(active + 2 + t.roundings) * (active * largest + 1));
  }
  return most;
}

}  // namespace convcheck
