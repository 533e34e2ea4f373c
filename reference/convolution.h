// The specification: the naive grouped convolution in double, and beside each sum what its error bound needs.
//
//   y[n, k, oh, ow] = b[k] + sum over c, kh, kw of
//                     x[n, g * C/G + c, oh * stride_h + kh * dilation_h - pad_top, ...] * w[k, c, kh, kw],  g = k /
//                     (K/G)
//
// where taps that fall outside the input are not part of the sum. Cross-correlation: the weight is not flipped.
#pragma once

#include <span>
#include <vector>

#include "reference/tensor.h"

namespace convcheck {

/// What is read, wherever it lies. Copies like pointers.
struct DataView {
  View<const float> input, weight, bias;
};

/// What is read: input, weight and bias (empty where the problem has none).
struct Data {
  Tensor input, weight, bias;

  /// Shapes of the problem; values unspecified.
  void reshape(const Problem& problem);

  /// Implicit: what takes views takes tensors.
  operator DataView() const { return {input.view(), weight.view(), bias.view()}; }
};

/// One output element.
struct Sum {
  double value = 0;      ///< the sum, each product exact, each addition rounded to double
  double magnitude = 0;  ///< S = sum of |x w| + |b|, likewise
  int32_t terms = 0;     ///< n: products whose tap is inside the input, plus one for a bias
};

/// Element (n, k, oh, ow) of the output. Requires a valid problem of spatial rank 2 and data of its shapes.
[[nodiscard]] Sum convolve_at(const Geometry& g, const DataView& data, int64_t n, int64_t k, int64_t oh, int64_t ow);

/// The whole output in logical order (seven loops), or the elements of the given logical indices in their order. Writes
/// `result`, whose memory is reused. Thread-safe.
void convolve(const Geometry& g, const DataView& data, std::vector<Sum>& result);
void convolve(const Geometry& g, const DataView& data, std::span<const int64_t> indices, std::vector<Sum>& result);

}  // namespace convcheck
