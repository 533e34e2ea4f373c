#include "reference/checksum_sides.h"

#include <fmt/format.h>

#include <stdexcept>

namespace convcheck {
namespace {

// What is worked on at a time, so that it stays in a first-level cache of 32 KiB, or not far from it: sums take 16
// bytes a position, rows of integers 4.
constexpr int64_t kPositionsAtOnce = 2048;
constexpr int64_t kRowsAtOnce = 4;

// Apart from the streams that fill data.
constexpr uint64_t kCoefficientStream = 0x46726569;

int64_t taps_of(const Geometry& g) {
  return g.height.kernel * g.width.kernel;
}

void require_integers(int32_t distance_bits, const char* tensor) {
  if (distance_bits == 0) return;
  throw std::logic_error(fmt::format("checksum: the {} holds a value that is no integer below 2^24", tensor));
}

// Channels c to c + count - 1 of filter k.
Box filter_box(const Geometry& g, const View<const float>& w, int64_t k, int64_t c, int64_t count) {
  return {&w(k, c, 0, 0), {count, g.height.kernel, g.width.kernel}, {w.stride[1], w.stride[2], w.stride[3]}};
}

Box output_box(const Geometry& g, const View<const float>& y, const Strip& strip, int64_t k) {
  return {&y(strip.image, k, strip.first_row, 0), {1, strip.rows, g.width.out}, {0, y.stride[2], y.stride[3]}};
}

int32_t bias_at(const View<const float>& b, int64_t k) {
  int32_t integer = 0;
  require_integers(to_integers({&b(k), {1, 1, 1}, {0, 0, 0}}, {}, &integer), "bias");
  return integer;
}

}  // namespace

InputSide::InputSide(const Geometry& g)
    : g_(g),
      strip_rows_(std::clamp<int64_t>(kPositionsAtOnce / g.width.out, 1, g.height.out)),
      planes_(g, strip_rows_) {
  rows_.resize(kChannelsAtOnce, planes_.size());
}

void InputSide::load(const Strip& strip, const View<const float>& x, int64_t first, int64_t count,
                     std::span<const Halves> filter) {
  rows_.terms.clear();
  for (int64_t i = 0; i < count; ++i) {
    const int64_t channel = strip.group * g_.in_channels_per_group + first + i;
    require_integers(planes_.load(x, strip.image, channel, strip.first_row, strip.rows, rows_[i]), "input");
    const Halves* const taps = &filter[static_cast<size_t>(channel * taps_of(g_))];
    for (const TapPlanes::Run& run : planes_.runs()) rows_.terms.push_back({rows_[i] + run.begin, taps[run.tap]});
  }
}

CombinedSides::CombinedSides(const Geometry& g, const Data& data, uint64_t seed)
    : g_(g), x_(data.input.view()), input_(g) {
  Random random(seed, kCoefficientStream);
  for (int64_t k = 0; k < g.out_channels(); ++k) r_.push_back(halves(nonzero_residue(random)));
  for (int64_t group = 0; group < g.groups; ++group) {
    combine_weight(data.weight.view(), group);
    combine_bias(data.bias.view(), group);
  }
}

void CombinedSides::combine_weight(const View<const float>& w, int64_t group) {
  const int64_t most = std::clamp<int64_t>(kPositionsAtOnce / taps_of(g_), 1, g_.in_channels_per_group);
  const int64_t first = group * g_.out_channels_per_group;
  const int64_t last = first + g_.out_channels_per_group;
  rows_.resize(kRowsAtOnce, Combination::padded(most * taps_of(g_)));
  for (int64_t c = 0; c < g_.in_channels_per_group; c += most) {
    const int64_t count = std::min(most, g_.in_channels_per_group - c);
    left_.restart(count * taps_of(g_), 0);
    for (int64_t k = first; k < last; k += kRowsAtOnce) {
      rows_.terms.clear();
      for (int64_t i = 0; i < std::min(kRowsAtOnce, last - k); ++i) {
        require_integers(to_integers(filter_box(g_, w, k + i, c, count), {}, rows_[i]), "weight");
        rows_.terms.push_back({rows_[i], r_[static_cast<size_t>(k + i)]});
      }
      left_.add(rows_.terms);
    }
    for (const int64_t sum : left_.residues()) weight_.push_back(halves(sum));
  }
}

void CombinedSides::combine_bias(const View<const float>& b, int64_t group) {
  int64_t sum = 0;
  for (int64_t i = 0; g_.has_bias && i < g_.out_channels_per_group; ++i) {
    const int64_t k = group * g_.out_channels_per_group + i;
    const Halves r = r_[static_cast<size_t>(k)];
    const int64_t bias = bias_at(b, k);
    sum = joined(sum, bias * r.low, bias * r.high);
  }
  bias_.push_back(sum);
}

int32_t CombinedSides::compute(const Strip& strip, const View<const float>& y, Rounding rounding) {
  right_.restart(strip.rows * pitch(), bias_[static_cast<size_t>(strip.group)]);
  input_.for_terms(strip, x_, weight_, [&](std::span<const Term> terms) { right_.add(terms); });
  const int64_t positions = strip.rows * g_.width.out;
  const int64_t first = strip.group * g_.out_channels_per_group;
  const int64_t last = first + g_.out_channels_per_group;
  left_.restart(positions, 0);
  rows_.resize(kRowsAtOnce, Combination::padded(positions));
  int32_t worst = 0;
  for (int64_t k = first; k < last; k += kRowsAtOnce) {
    rows_.terms.clear();
    for (int64_t i = 0; i < std::min(kRowsAtOnce, last - k); ++i) {
      worst = std::max(worst, to_integers(output_box(g_, y, strip, k + i), rounding, rows_[i]));
      rows_.terms.push_back({rows_[i], r_[static_cast<size_t>(k + i)]});
    }
    left_.add(rows_.terms);
  }
  return worst;
}

SingleSides::SingleSides(const Geometry& g, const Data& data) : g_(g), x_(data.input.view()), input_(g) {
  std::vector<int32_t> filter(static_cast<size_t>(g.in_channels_per_group * taps_of(g)));
  for (int64_t k = 0; k < g.out_channels(); ++k) {
    const Box box = filter_box(g, data.weight.view(), k, 0, g.in_channels_per_group);
    require_integers(to_integers(box, {}, filter.data()), "weight");
    for (const int32_t w : filter) weight_.push_back({.low = w, .high = 0});
    bias_.push_back(g.has_bias ? bias_at(data.bias.view(), k) : 0);
  }
}

int32_t SingleSides::compute(const Strip& strip, const View<const float>& y, Rounding rounding) {
  const int64_t positions = strip.rows * pitch();
  right_.assign(static_cast<size_t>(Combination::padded(positions)), bias_[static_cast<size_t>(strip.group)]);
  input_.for_terms(strip, x_, weight_,
                   [&](std::span<const Term> terms) { add_modulo_2_32(terms, positions, right_.data()); });
  left_.resize(static_cast<size_t>(strip.rows * g_.width.out));
  return to_integers(output_box(g_, y, strip, strip.group), rounding, left_.data());
}

}  // namespace convcheck
