// The data sets of the statistical tier; statistical.h says what they are.
#include <cmath>

#include "reference/fill_parts.h"
#include "reference/statistical.h"

namespace convcheck {
namespace {

constexpr double kLargest = 0x1p64 - 0x1p40;  // B

// An input that no window reads has no number in one.
constexpr int64_t kInNoWindow = -1;

// Uniform in [-1, 1), with more bits than f32 keeps.
double draw_unit(Random& random) {
  return static_cast<double>(random.bits() >> 11) * 0x1p-52 - 1;
}

double draw_sign(Random& random) {
  return (random.bits() >> 63) != 0 ? -1 : 1;
}

// +-0.75 + 0.25 s: magnitudes from 1/2 to 1.
double draw_large(Random& random) {
  return 0.75 * draw_sign(random) + 0.25 * draw_unit(random);
}

// exp(t) for |t| <= 2 by its series, which 2^28 / 28! ends: std::exp differs from one library to the next.
double exponential(double t) {
  double sum = 1;
  for (int i = 28; i > 0; --i) sum = 1 + sum * t / i;
  return sum;
}

// What one operand of product k in a window of a group is, for one set.
class Operands {
 public:
  Operands(int set, uint64_t seed, const Geometry& g)
      : set_(set),
        products_(g.in_channels_per_group * g.height.kernel * g.width.kernel),
        coins_(Random(seed, kChannelStream).bits()) {}

  [[nodiscard]] double draw(TensorRole role, int64_t group, int64_t k, Random& random) const {
    const auto products = static_cast<double>(products_);
    switch (set_) {
      case 1:
        return is_zero(role, group, k) ? 0 : draw_unit(random);
      case 2:
        return kLargest / std::sqrt(products + 1) * draw_large(random);
      case 3:
        return k == 0 ? 1 : draw_unit(random) / std::sqrt(products);
      case 4:
        return k == 0 ? 16 * draw_sign(random) : exponential(2 * draw_unit(random)) * draw_unit(random);
      case 5:
        if (k == products_ / 2) return coin(group, k) == (role == TensorRole::input) ? 0.5 : -0.5;
        return is_zero(role, group, k) ? 0 : kLargest / std::sqrt(products) * draw_unit(random);
      default:
        return kLargest / std::sqrt(products + 1) * draw_unit(random);
    }
  }

  [[nodiscard]] double draw_bias(Random& random) const {
    if (set_ != 2) return 0;
    return kLargest * kLargest / static_cast<double>(products_ + 1) * draw_large(random);
  }

  [[nodiscard]] int64_t products() const { return products_; }

 private:
  // One for all windows and filters of a group.
  [[nodiscard]] bool coin(int64_t group, int64_t k) const {
    return (Random(coins_, static_cast<uint64_t>(group * products_ + k)).bits() >> 63) != 0;
  }
  [[nodiscard]] bool is_zero(TensorRole role, int64_t group, int64_t k) const {
    return k != kInNoWindow && coin(group, k) == (role == TensorRole::input);
  }

  int64_t set_, products_;
  uint64_t coins_;
};

// Which tap reads this position of an axis without padding whose windows do not overlap.
int64_t tap_at(const Axis& axis, int64_t position) {
  const int64_t inside = position % axis.stride;
  const int64_t tap = inside / axis.dilation;
  const bool is_read = position / axis.stride < axis.out && inside % axis.dilation == 0 && tap < axis.kernel;
  return is_read ? tap : kInNoWindow;
}

void fill_input(const Geometry& g, const Operands& operands, Random random, Tensor& input) {
  const View<float> x = input.view();
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t c = 0; c < g.in_channels(); ++c) {
      const int64_t group = c / g.in_channels_per_group;
      const int64_t channel = c % g.in_channels_per_group;
      for (int64_t h = 0; h < g.height.in; ++h) {
        const int64_t row = tap_at(g.height, h);
        for (int64_t w = 0; w < g.width.in; ++w) {
          const int64_t column = tap_at(g.width, w);
          const bool is_read = row != kInNoWindow && column != kInNoWindow;
          const int64_t k = is_read ? (channel * g.height.kernel + row) * g.width.kernel + column : kInNoWindow;
          x(n, c, h, w) = static_cast<float>(operands.draw(TensorRole::input, group, k, random));
        }
      }
    }
  }
}

void fill_weight(const Geometry& g, const Operands& operands, Random random, Tensor& weight) {
  for (int64_t i = 0; i < weight.elements(); ++i) {
    const int64_t group = i / operands.products() / g.out_channels_per_group;
    const double value = operands.draw(TensorRole::weight, group, i % operands.products(), random);
    weight.memory()[static_cast<size_t>(weight.offset(i))] = static_cast<float>(value);
  }
}

constexpr bool overlaps(const Axis& axis) {
  return axis.stride < axis.dilation * (axis.kernel - 1) + 1;
}

constexpr bool is_padded(const Axis& axis) {
  return axis.pad_before != 0 || axis.pad_after != 0;
}

bool shares_places(const Problem& problem, TensorRole role) {
  const Shape shape = shape_of(problem, role);
  return !is_nested(shape, strides_of(problem, role, shape));
}

}  // namespace

std::string_view why_not_statistical(const Geometry& g) {
  if (overlaps(g.height) || overlaps(g.width)) return "windows overlap, so that their errors have data in common";
  if (is_padded(g.height) || is_padded(g.width)) return "windows that meet padding have fewer products than others";
  if (g.output_elements() < kFewestOutputs) return "fewer than 1000 outputs are too few for a statistic";
  return {};
}

std::string_view why_not_statistical(const Problem& problem) {
  if (shares_places(problem, TensorRole::input) || shares_places(problem, TensorRole::weight))
    return "elements that share a place make outputs that err alike";
  return why_not_statistical(geometry(problem));
}

void fill_statistical(int set, uint64_t seed, const Geometry& g, Data& data) {
  const Operands operands(set, seed, g);
  fill_input(g, operands, Random(seed, kInputStream), data.input);
  fill_weight(g, operands, Random(seed, kWeightStream), data.weight);
  Random random(seed, kBiasStream);
  for (float& bias : data.bias.memory()) bias = static_cast<float>(operands.draw_bias(random));
}

}  // namespace convcheck
