#include "reference/convolution.h"

#include <cmath>

namespace convcheck {

void Data::reshape(const Problem& problem) {
  input.reshape(problem, TensorRole::input);
  weight.reshape(problem, TensorRole::weight);
  bias.reshape(problem, TensorRole::bias);
}

Sum convolve_at(const Geometry& g, const DataView& data, int64_t n, int64_t k, int64_t oh, int64_t ow) {
  const View<const float>& x = data.input;
  const View<const float>& w = data.weight;
  const int64_t first_channel = k / g.out_channels_per_group * g.in_channels_per_group;
  Sum sum;
  for (int64_t c = 0; c < g.in_channels_per_group; ++c) {
    for (int64_t kh = 0; kh < g.height.kernel; ++kh) {
      const int64_t ih = oh * g.height.stride + kh * g.height.dilation - g.height.pad_before;
      if (ih < 0 || ih >= g.height.in) continue;
      for (int64_t kw = 0; kw < g.width.kernel; ++kw) {
        const int64_t iw = ow * g.width.stride + kw * g.width.dilation - g.width.pad_before;
        if (iw < 0 || iw >= g.width.in) continue;
        // Exact: two significands of 24 bits make one of at most 48.
        const double product =
            static_cast<double>(x(n, first_channel + c, ih, iw)) * static_cast<double>(w(k, c, kh, kw));
        sum.value += product;
        sum.magnitude += std::abs(product);
        ++sum.terms;
      }
    }
  }
  if (g.has_bias) {
    const auto bias = static_cast<double>(data.bias(k));
    sum.value += bias;
    sum.magnitude += std::abs(bias);
    ++sum.terms;
  }
  return sum;
}

void convolve(const Geometry& g, const DataView& data, std::vector<Sum>& result) {
  result.clear();
  result.reserve(static_cast<size_t>(g.output_elements()));
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t k = 0; k < g.out_channels(); ++k) {
      for (int64_t oh = 0; oh < g.height.out; ++oh) {
        for (int64_t ow = 0; ow < g.width.out; ++ow) {
          result.push_back(convolve_at(g, data, n, k, oh, ow));
        }
      }
    }
  }
}

void convolve(const Geometry& g, const DataView& data, std::span<const int64_t> indices, std::vector<Sum>& result) {
  const Shape output = {g.batch, g.out_channels(), g.height.out, g.width.out};
  result.clear();
  result.reserve(indices.size());
  for (const int64_t index : indices) {
    const Shape at = index_of(output, index);
    result.push_back(convolve_at(g, data, at[0], at[1], at[2], at[3]));
  }
}

}  // namespace convcheck
