// Exact integers: the range in which every order of summation is exact, and neighbours that all differ.
#include <algorithm>
#include <array>
#include <cmath>

#include "reference/fill_parts.h"
#include "reference/winograd.h"

namespace convcheck {
namespace {

// Integers below this magnitude are exact in f32.
constexpr int64_t kExactLimit = int64_t{1} << 24;
// Fewer values than this per sign, and neighbours along four axes could not all differ.
constexpr int64_t kWantedLargest = 3;

int64_t most_taps(const Axis& axis) {
  int64_t most = 0;
  for (int64_t out = 0; out < axis.out; ++out) {
    const int64_t first = out * axis.stride - axis.pad_before;
    // Taps k with 0 <= first + k * dilation < in.
    const int64_t begin = first >= 0 ? 0 : (-first + axis.dilation - 1) / axis.dilation;
    const int64_t end = first >= axis.in ? 0 : (axis.in - 1 - first) / axis.dilation + 1;
    most = std::max(most, std::min(end, axis.kernel) - begin);
    if (most == axis.kernel) break;
  }
  return most;
}

int64_t largest_below(double limit) {
  auto m = static_cast<int64_t>(std::sqrt(std::max(limit, 0.0)));
  while (m > 0 && static_cast<double>(m) * static_cast<double>(m) >= limit) --m;
  return m;
}

// M for a number of active channels.
int64_t largest_for(const Geometry& g, Accuracy accuracy, int64_t channels) {
  const auto terms = static_cast<double>(most_terms(g, channels));
  int64_t m = largest_below(static_cast<double>(kExactLimit) / std::max(terms, 1.0));
  if (accuracy.is_winograd()) {
    const WinogradBound& bound = WinogradBound::of(accuracy.winograd_tile, static_cast<int>(g.height.kernel));
    // A little below 1/2: the bound that is applied to the data adds underflow and the reference's own error.
    m = std::min(m, largest_below(0.499 / bound.for_unit_data(channels)));
  }
  return m;
}

// Integers of magnitude 1 to M with random signs, each different from its neighbours before it on every axis.
class IntegerSource {
 public:
  IntegerSource(int64_t largest, Random random) : largest_(largest), random_(random) {}

  // A value that differs from all of `taken`, where 2 M values are enough for that.
  float draw(std::span<const float> taken) {
    auto code = static_cast<int64_t>(random_.below(static_cast<uint64_t>(2 * largest_)));
    for (int64_t tries = 0; tries < 2 * largest_; ++tries) {
      const float value = decode(code);
      if (std::find(taken.begin(), taken.end(), value) == taken.end()) return value;
      code = code + 1 == 2 * largest_ ? 0 : code + 1;
    }
    return decode(code);
  }

 private:
  [[nodiscard]] float decode(int64_t code) const {
    return static_cast<float>(code < largest_ ? code + 1 : largest_ - 1 - code);
  }

  int64_t largest_;
  Random random_;
};

// Which input channels of a group are not zero in one image: `active` of them, spread evenly from a start that the seed
// and the image choose.
class ActiveChannels {
 public:
  ActiveChannels(const Geometry& g, int64_t active, uint64_t seed)
      : per_group_(g.in_channels_per_group), active_(active), seed_(seed) {}

  // Of places 0 to P - 1 those where floor(place * active / P) steps up, and place 0: `active` of them.
  [[nodiscard]] bool contains(int64_t image, int64_t channel) const {
    if (active_ >= per_group_) return true;
    const auto start = static_cast<int64_t>(Random(seed_, static_cast<uint64_t>(image)).bits() >> 33);
    const int64_t place = (channel % per_group_ + start) % per_group_;
    return place == 0 || place * active_ / per_group_ != (place - 1) * active_ / per_group_;
  }

 private:
  int64_t per_group_, active_;
  uint64_t seed_;
};

template <class Contains>
void fill_integers(Tensor& tensor, IntegerSource source, Contains contains) {
  const View<float> view = tensor.view();
  const Shape& shape = tensor.shape();
  std::array<float, 4> taken{};
  for (int64_t i = 0; i < shape[0]; ++i) {
    for (int64_t j = 0; j < shape[1]; ++j) {
      const bool active = contains(i, j);
      for (int64_t k = 0; k < shape[2]; ++k) {
        for (int64_t l = 0; l < shape[3]; ++l) {
          float& element = view(i, j, k, l);
          if (!active) {
            element = 0;
            continue;
          }
          size_t count = 0;
          if (i > 0) taken[count++] = view(i - 1, j, k, l);
          if (j > 0) taken[count++] = view(i, j - 1, k, l);
          if (k > 0) taken[count++] = view(i, j, k - 1, l);
          if (l > 0) taken[count++] = view(i, j, k, l - 1);
          element = source.draw({taken.data(), count});
        }
      }
    }
  }
}

void fill_bias_integers(Tensor& bias, IntegerSource source) {
  std::vector<float>& values = bias.memory();
  for (size_t k = 0; k < values.size(); ++k) {
    values[k] = source.draw(k > 0 ? std::span<const float>(&values[k - 1], 1) : std::span<const float>());
  }
}

}  // namespace

int64_t most_terms(const Geometry& g, int64_t channels) {
  return channels * most_taps(g.height) * most_taps(g.width) + (g.has_bias ? 1 : 0);
}

std::optional<IntegerRange> integer_range(const Geometry& g, Accuracy accuracy) {
  // The most channels for which M reaches what is wanted, by bisection: M only falls with their number.
  if (const int64_t m = largest_for(g, accuracy, g.in_channels_per_group); m >= kWantedLargest) {
    return IntegerRange{m, g.in_channels_per_group};
  }
  int64_t enough = 1;
  int64_t too_many = g.in_channels_per_group;
  while (too_many - enough > 1) {
    const int64_t middle = enough + (too_many - enough) / 2;
    (largest_for(g, accuracy, middle) >= kWantedLargest ? enough : too_many) = middle;
  }
  const int64_t m = largest_for(g, accuracy, enough);
  if (m < 1) return std::nullopt;
  return IntegerRange{m, enough};
}

void fill_integers(const Case& c, const Geometry& g, const IntegerRange& range, Data& data) {
  const ActiveChannels active(g, range.active_channels, Random(c.seed, kChannelStream).bits());
  fill_integers(data.input, {range.largest, Random(c.seed, kInputStream)},
                [&](int64_t image, int64_t channel) { return active.contains(image, channel); });
  fill_integers(data.weight, {range.largest, Random(c.seed, kWeightStream)}, [](int64_t, int64_t) { return true; });
  fill_bias_integers(data.bias, {range.largest * range.largest, Random(c.seed, kBiasStream)});
}

}  // namespace convcheck
