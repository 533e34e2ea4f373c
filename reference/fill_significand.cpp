// Each output one product, of a value whose 24 significand bits are all needed and a power of two.
#include <algorithm>

#include "reference/fill_parts.h"

namespace convcheck {
namespace {

// A power of two of either sign, near enough to 1 that products with full significands stay normal.
float draw_power(Random& random) {
  const uint64_t bits = random.bits();
  const float magnitude = static_cast<float>(1 << (bits & 15)) * 0x1p-8F;
  return (bits >> 63) != 0 ? -magnitude : magnitude;
}

void fill_full(Tensor& tensor, Random random) {
  for (int64_t i = 0; i < tensor.elements(); ++i)
    tensor.memory()[static_cast<size_t>(tensor.offset(i))] = draw_full_significand(random);
}

void fill_zero(Tensor& tensor) {
  for (int64_t i = 0; i < tensor.elements(); ++i) tensor.memory()[static_cast<size_t>(tensor.offset(i))] = 0;
}

// Which positions of an axis hold impulses: of positions that lie a dilation apart every kernel-th one, from a start
// that is drawn. The taps of a window are kernel neighbours among positions a dilation apart, so that each window that
// lies inside the input meets one impulse, and none meets two.
class Impulses {
 public:
  Impulses(const Axis& axis, Random& random)
      : axis_(axis), start_(static_cast<int64_t>(random.bits() % static_cast<uint64_t>(axis.kernel))) {}

  [[nodiscard]] bool at(int64_t position) const { return (position / axis_.dilation + start_) % axis_.kernel == 0; }

 private:
  const Axis& axis_;
  int64_t start_;
};

}  // namespace

void fill_input_significand(const Case& c, const Geometry& g, Data& data) {
  fill_full(data.input, Random(c.seed, kInputStream));
  fill_zero(data.weight);
  fill_zero(data.bias);
  Random random(c.seed, kWeightStream);
  const auto draw = [&](int64_t extent) { return static_cast<int64_t>(random.bits() % static_cast<uint64_t>(extent)); };
  for (int64_t k = 0; k < g.out_channels(); ++k) {
    const int64_t channel = draw(g.in_channels_per_group);
    const int64_t row = draw(g.height.kernel);
    const int64_t column = draw(g.width.kernel);
    data.weight.view()(k, channel, row, column) = draw_power(random);
  }
}

void fill_weight_significand(const Case& c, const Geometry& g, Data& data) {
  fill_full(data.weight, Random(c.seed, kWeightStream));
  fill_zero(data.input);
  fill_zero(data.bias);
  Random random(c.seed, kInputStream);
  const Impulses rows(g.height, random);
  const Impulses columns(g.width, random);
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t h = 0; h < g.height.in; ++h) {
      if (!rows.at(h)) continue;
      for (int64_t w = 0; w < g.width.in; ++w) {
        if (!columns.at(w)) continue;
        for (int64_t group = 0; group < g.groups; ++group) {
          const auto channel = static_cast<int64_t>(random.bits() % static_cast<uint64_t>(g.in_channels_per_group));
          data.input.view()(n, group * g.in_channels_per_group + channel, h, w) = draw_power(random);
        }
      }
    }
  }
}

}  // namespace convcheck
