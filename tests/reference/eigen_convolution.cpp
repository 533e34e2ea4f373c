#include "tests/reference/eigen_convolution.h"

#include <Eigen/Core>

namespace convcheck {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

// One channel of one image between its borders of padding, and 1 where it is not padding.
struct Bordered {
  MatrixXd image, inside;
};

Bordered add_border(const Problem& p, const Tensor& input, Index n, Index c) {
  const Index height = p.input[2];
  const Index width = p.input[3];
  MatrixXd image(height, width);
  const Shape& s = input.strides();
  for (Index i = 0; i < height; ++i) {
    for (Index j = 0; j < width; ++j) {
      const int64_t place = n * s[0] + c * s[1] + i * s[2] + j * s[3];
      image(i, j) = static_cast<double>(input.memory()[static_cast<size_t>(place)]);
    }
  }
  const Index rows = p.pad_before[0] + height + p.pad_after[0];
  const Index columns = p.pad_before[1] + width + p.pad_after[1];
  Bordered result = {MatrixXd::Zero(rows, columns), MatrixXd::Zero(rows, columns)};
  result.image.block(p.pad_before[0], p.pad_before[1], height, width) = image;
  result.inside.block(p.pad_before[0], p.pad_before[1], height, width).setOnes();
  return result;
}

// Each row of `patches` from row `first` on is what one tap sees, over all output positions.
void add_patches(const Problem& p, const MatrixXd& bordered, Index out_height, Index out_width, Index first,
                 MatrixXd& patches) {
  for (Index kh = 0; kh < p.weight[2]; ++kh) {
    for (Index kw = 0; kw < p.weight[3]; ++kw) {
      const auto rows = Eigen::seqN(kh * p.dilation[0], out_height, p.stride[0]);
      const auto columns = Eigen::seqN(kw * p.dilation[1], out_width, p.stride[1]);
      const MatrixXd seen = bordered(rows, columns).transpose();  // column-major: now a row is one output row
      patches.row(first + kh * p.weight[3] + kw) = Eigen::Map<const Eigen::RowVectorXd>(seen.data(), seen.size());
    }
  }
}

MatrixXd weight_rows(const Problem& p, const Tensor& weight, Index first_k, Index count) {
  const Index taps = p.weight[2] * p.weight[3];
  MatrixXd rows(count, p.weight[1] * taps);
  const Shape& s = weight.strides();
  for (Index k = 0; k < count; ++k) {
    for (Index column = 0; column < rows.cols(); ++column) {
      const int64_t place = (first_k + k) * s[0] + column / taps * s[1] + column % taps / p.weight[3] * s[2] +
                            column % p.weight[3] * s[3];
      rows(k, column) = static_cast<double>(weight.memory()[static_cast<size_t>(place)]);
    }
  }
  return rows;
}

}  // namespace

std::vector<Sum> eigen_convolution(const Problem& p, const Data& data) {
  const Shape output = rule_output_shape(p);
  const Index taps = p.weight[2] * p.weight[3];
  const Index per_group = p.weight[0] / p.groups;
  std::vector<Sum> result;
  for (Index n = 0; n < output[0]; ++n) {
    for (Index g = 0; g < p.groups; ++g) {
      MatrixXd patches(p.weight[1] * taps, output[2] * output[3]);
      MatrixXd inside(patches.rows(), patches.cols());
      for (Index c = 0; c < p.weight[1]; ++c) {
        const Bordered bordered = add_border(p, data.input, n, g * p.weight[1] + c);
        add_patches(p, bordered.image, output[2], output[3], c * taps, patches);
        add_patches(p, bordered.inside, output[2], output[3], c * taps, inside);
      }
      const MatrixXd weight = weight_rows(p, data.weight, g * per_group, per_group);
      const MatrixXd value = weight * patches;
      const MatrixXd magnitude = weight.cwiseAbs() * patches.cwiseAbs();
      const Eigen::RowVectorXd terms = inside.colwise().sum();
      for (Index k = 0; k < per_group; ++k) {
        const bool has_bias = p.bias.rank() == 1;
        const double bias =
            has_bias ? static_cast<double>(data.bias.memory()[static_cast<size_t>(g * per_group + k)]) : 0;
        for (Index at = 0; at < value.cols(); ++at) {
          result.push_back({.value = value(k, at) + bias,
                            .magnitude = magnitude(k, at) + std::abs(bias),
                            .terms = static_cast<int32_t>(terms(at)) + (has_bias ? 1 : 0)});
        }
      }
    }
  }
  return result;
}

}  // namespace convcheck
