#include "tests/reference/accumulator.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace convcheck {
namespace {

using Floats = std::span<const float>;

float sequential(Floats x, Floats w, float bias) {
  float sum = bias;
  for (size_t i = 0; i < x.size(); ++i) sum += x[i] * w[i];
  return sum;
}

float reversed(Floats x, Floats w, float bias) {
  float sum = 0;
  for (size_t i = x.size(); i > 0; --i) sum += x[i - 1] * w[i - 1];
  return sum + bias;
}

template <size_t kLanes>
float in_lanes(Floats x, Floats w, float bias) {
  std::array<float, kLanes> lane{};
  for (size_t i = 0; i < x.size(); ++i) lane[i % kLanes] += x[i] * w[i];
  for (size_t step = kLanes / 2; step > 0; step /= 2) {
    for (size_t i = 0; i < step; ++i) lane[i] += lane[i + step];
  }
  return lane[0] + bias;
}

float pairwise_products(Floats x, Floats w) {
  if (x.size() == 1) return x[0] * w[0];
  const size_t half = x.size() / 2;
  return pairwise_products(x.first(half), w.first(half)) + pairwise_products(x.subspan(half), w.subspan(half));
}

float pairwise(Floats x, Floats w, float bias) {
  return pairwise_products(x, w) + bias;
}

float fused(Floats x, Floats w, float bias) {
  float sum = bias;
  for (size_t i = 0; i < x.size(); ++i) sum = std::fma(x[i], w[i], sum);
  return sum;
}

float compensated(Floats x, Floats w, float bias) {
  float sum = bias;
  float lost = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const float term = x[i] * w[i] - lost;
    const float next = sum + term;
    lost = (next - sum) - term;
    sum = next;
  }
  return sum;
}

float in_double(Floats x, Floats w, float bias) {
  double sum = static_cast<double>(bias);
  for (size_t i = 0; i < x.size(); ++i) sum += static_cast<double>(x[i]) * static_cast<double>(w[i]);
  return static_cast<float>(sum);
}

template <int kBits>
float in_bits(Floats x, Floats w, float bias) {
  float sum = 0;
  for (size_t i = 0; i < x.size(); ++i) sum = rounded_to(sum + x[i] * w[i], kBits);
  return sum + bias;
}

float in_half(Floats x, Floats w, float bias) {
  float sum = 0;
  for (size_t i = 0; i < x.size(); ++i) sum = rounded_to_half(sum + x[i] * w[i]);
  return sum + bias;
}

float dropping(Floats x, Floats w, float bias) {
  float sum = 0;
  const auto add = [&](float term) {
    if (std::abs(term) >= 0x1p-11F * std::abs(sum)) sum += term;
  };
  for (size_t i = 0; i < x.size(); ++i) add(x[i] * w[i]);
  add(bias);
  return sum;
}

template <int kBits>
float of_rounded(Floats x, Floats w, float bias) {
  float sum = bias;
  for (size_t i = 0; i < x.size(); ++i) sum += rounded_to(x[i], kBits) * rounded_to(w[i], kBits);
  return sum;
}

constexpr int kBfloat16 = 8;
constexpr int kTf32 = 11;

constexpr std::array<Accumulator, 8> kRight = {{{"sequential", sequential},
                                                {"reversed", reversed},
                                                {"8 lanes", in_lanes<8>},
                                                {"64 lanes", in_lanes<64>},
                                                {"pairwise", pairwise},
                                                {"fused", fused},
                                                {"compensated", compensated},
                                                {"double", in_double}}};
constexpr std::array<Accumulator, 4> kWrong = {{{"accumulates in bfloat16", in_bits<kBfloat16>},
                                                {"accumulates in half", in_half},
                                                {"accumulates in TF32", in_bits<kTf32>},
                                                {"drops small terms", dropping}}};
constexpr std::array<Accumulator, 2> kRoundedOperands = {
    {{"operands in bfloat16", of_rounded<kBfloat16>}, {"operands in TF32", of_rounded<kTf32>}}};

// The inputs of one window, in the order of a filter's weights.
void gather(const Geometry& g, const Data& data, int64_t n, int64_t group, int64_t oh, int64_t ow,
            std::vector<float>& window) {
  const View<const float> x = data.input.view();
  window.clear();
  for (int64_t c = 0; c < g.in_channels_per_group; ++c) {
    for (int64_t kh = 0; kh < g.height.kernel; ++kh) {
      for (int64_t kw = 0; kw < g.width.kernel; ++kw) {
        window.push_back(x(n, group * g.in_channels_per_group + c, oh * g.height.stride + kh * g.height.dilation,
                           ow * g.width.stride + kw * g.width.dilation));
      }
    }
  }
}

std::vector<float> in_logical_order(const Tensor& tensor) {
  std::vector<float> values;
  values.reserve(static_cast<size_t>(tensor.elements()));
  for (int64_t i = 0; i < tensor.elements(); ++i)
    values.push_back(tensor.memory()[static_cast<size_t>(tensor.offset(i))]);
  return values;
}

}  // namespace

std::span<const Accumulator> right_accumulators() {
  return kRight;
}

std::span<const Accumulator> wrong_accumulators() {
  return kWrong;
}

std::span<const Accumulator> rounded_operands() {
  return kRoundedOperands;
}

float rounded_to(float value, int bits) {
  if (!std::isfinite(value)) return value;
  const auto pattern = std::bit_cast<uint32_t>(value);
  const int cut = 24 - bits;
  const uint32_t half_less_one = (1U << (cut - 1)) - 1;
  const uint32_t odd = pattern >> cut & 1;
  return std::bit_cast<float>((pattern + half_less_one + odd) >> cut << cut);
}

float rounded_to_half(float value) {
  const float magnitude = std::abs(value);
  if (magnitude >= 65520) return std::copysign(std::numeric_limits<float>::infinity(), value);
  // Floats from 1/2 to 1 are 2^-24 apart, as subnormal halves are.
  if (magnitude < 0x1p-14F) return (value + 0.75F) - 0.75F;
  return rounded_to(value, 11);
}

void convolve_by(Dot dot, const Geometry& g, const Data& data, Tensor& output) {
  const std::vector<float> weight = in_logical_order(data.weight);
  const auto products = static_cast<size_t>(g.in_channels_per_group * g.height.kernel * g.width.kernel);
  const View<float> y = output.view();
  std::vector<float> window;
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t group = 0; group < g.groups; ++group) {
      for (int64_t oh = 0; oh < g.height.out; ++oh) {
        for (int64_t ow = 0; ow < g.width.out; ++ow) {
          gather(g, data, n, group, oh, ow, window);
          for (int64_t i = 0; i < g.out_channels_per_group; ++i) {
            const int64_t k = group * g.out_channels_per_group + i;
            const Floats filter(weight.data() + static_cast<size_t>(k) * products, products);
            y(n, k, oh, ow) = dot(window, filter, g.has_bias ? data.bias.view()(k) : 0);
          }
        }
      }
    }
  }
}

}  // namespace convcheck
