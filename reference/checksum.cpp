#include "reference/checksum.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "reference/tap_planes.h"
#include "reference/winograd.h"

namespace convcheck {
namespace {

// Sizes of what is worked on at a time, so that it stays in a first-level cache of 32 KiB: sums take 16 bytes a
// position, rows of integers 4.
constexpr int64_t kPositionsAtOnce = 1024;
constexpr int64_t kRowsAtOnce = 4;

// Apart from the streams that fill data.
constexpr uint64_t kCoefficientStream = 0x46726569;

// What an output may be, so that it stands for an integer.
struct Tolerance {
  Rounding rounding;
  float distance = 0;  // from the integer

  [[nodiscard]] bool holds(int32_t distance_bits) const { return distance_bits <= std::bit_cast<int32_t>(distance); }
};

// Winograd: the fill keeps the bound below 1/2, and no bound is smaller than that of a summation, n 2^-24 S: so S, and
// with it each right output, is below 2^23. Rounding the bound up to f32 adds more than underflow can.
Tolerance tolerance_of(const Geometry& g, Accuracy accuracy) {
  if (!accuracy.is_winograd()) return {};
  const auto range = integer_range(g, accuracy);
  if (!range) throw std::logic_error("checksum: no integers judge this problem at Winograd's accuracy");
  const auto largest = static_cast<double>(range->largest);
  const double bound = WinogradBound::of(accuracy.winograd_tile, static_cast<int>(g.height.kernel))
                           .for_unit_data(range->active_channels);
  const auto distance = static_cast<float>(largest * largest * bound);
  return {{.limit = 0x1p23F, .half = 0.5F}, std::nextafter(distance, 1.0F)};
}

void require_integers(int32_t distance_bits, const char* tensor) {
  if (distance_bits == 0) return;
  throw std::logic_error(fmt::format("checksum: {} holds a value that is no integer below 2^24", tensor));
}

// Some rows of the output of one image and group.
struct Strip {
  int64_t image, group, first_row, rows;
};

// Rows of integers in memory, and the terms made of them.
class Rows {
 public:
  void resize(int64_t rows, int64_t length) {
    length_ = length;
    integers_.resize(static_cast<size_t>(rows * length));
  }
  [[nodiscard]] int32_t* operator[](int64_t row) { return integers_.data() + row * length_; }
  std::vector<Term> terms;

 private:
  int64_t length_ = 0;
  std::vector<int32_t> integers_;  // what is left over from an earlier use are integers too, as Combination asks
};

// Both sides of the equation, a strip at a time.
class Checksum {
 public:
  Checksum(const Geometry& g, const Data& data, uint64_t seed)
      : g_(g),
        data_(data),
        strip_rows_(std::clamp<int64_t>(kPositionsAtOnce / g.width.out, 1, g.height.out)),
        planes_(g, strip_rows_) {
    Random random(seed, kCoefficientStream);
    for (int64_t k = 0; k < g.out_channels(); ++k) coefficients_.push_back(halves(nonzero_residue(random)));
    for (int64_t group = 0; group < g.groups; ++group) {
      combine_weight(group);
      combine_bias(group);
    }
  }

  [[nodiscard]] int64_t strip_rows() const { return strip_rows_; }

  // sum_k r_k y[k] into left(). Returns the bits of the largest distance of a y from its integer.
  [[nodiscard]] int32_t add_outputs(const Strip& strip, const View<const float>& y, Rounding rounding);

  // sum_k r_k b[k] + conv(x, sum_k r_k w[k]) into right(), where rows are pitch() apart.
  void add_inputs(const Strip& strip);

  [[nodiscard]] std::span<const int64_t> left() { return left_.residues(); }
  [[nodiscard]] std::span<const int64_t> right() { return right_.residues(); }
  [[nodiscard]] int64_t pitch() const { return planes_.pitch(); }

 private:
  void combine_weight(int64_t group);
  void combine_bias(int64_t group);

  const Geometry& g_;
  const Data& data_;
  int64_t strip_rows_;
  TapPlanes planes_;
  std::vector<Halves> coefficients_;  // r, of each output channel
  std::vector<Halves> weight_;        // sum_k r_k w[k], of each input channel and tap
  std::vector<int64_t> bias_;         // sum_k r_k b[k], of each group
  Combination left_, right_;
  Rows rows_;
};

void Checksum::combine_weight(int64_t group) {
  const View<const float> w = data_.weight.view();
  const int64_t taps = g_.height.kernel * g_.width.kernel;
  const int64_t most = std::clamp<int64_t>(kPositionsAtOnce / taps, 1, g_.in_channels_per_group);
  const int64_t first = group * g_.out_channels_per_group;
  rows_.resize(kRowsAtOnce, Combination::padded(most * taps));
  for (int64_t c = 0; c < g_.in_channels_per_group; c += most) {
    const int64_t channels = std::min(most, g_.in_channels_per_group - c);
    left_.restart(channels * taps, 0);
    for (int64_t k = 0; k < g_.out_channels_per_group; k += kRowsAtOnce) {
      rows_.terms.clear();
      for (int64_t i = 0; i < std::min(kRowsAtOnce, g_.out_channels_per_group - k); ++i) {
        const Box box = {&w(first + k + i, c, 0, 0),
                         {channels, g_.height.kernel, g_.width.kernel},
                         {w.stride[1], w.stride[2], w.stride[3]}};
        require_integers(to_integers(box, {}, rows_[i]), "the weight");
        rows_.terms.push_back({rows_[i], coefficients_[static_cast<size_t>(first + k + i)]});
      }
      left_.add(rows_.terms);
    }
    for (const int64_t r : left_.residues()) weight_.push_back(halves(r));
  }
}

void Checksum::combine_bias(int64_t group) {
  int64_t sum = 0;
  for (int64_t k = 0; g_.has_bias && k < g_.out_channels_per_group; ++k) {
    const int64_t channel = group * g_.out_channels_per_group + k;
    int32_t b = 0;
    require_integers(to_integers({&data_.bias.view()(channel), {1, 1, 1}, {}}, {}, &b), "the bias");
    const Halves r = coefficients_[static_cast<size_t>(channel)];
    sum = residue(sum + joined(int64_t{b} * r.low, int64_t{b} * r.high));
  }
  bias_.push_back(sum);
}

int32_t Checksum::add_outputs(const Strip& strip, const View<const float>& y, Rounding rounding) {
  const int64_t positions = strip.rows * g_.width.out;
  const int64_t first = strip.group * g_.out_channels_per_group;
  rows_.resize(kRowsAtOnce, Combination::padded(positions));
  left_.restart(positions, 0);
  int32_t worst = 0;
  for (int64_t k = 0; k < g_.out_channels_per_group; k += kRowsAtOnce) {
    rows_.terms.clear();
    for (int64_t i = 0; i < std::min(kRowsAtOnce, g_.out_channels_per_group - k); ++i) {
      const Box box = {&y(strip.image, first + k + i, strip.first_row, 0),
                       {1, strip.rows, g_.width.out},
                       {0, y.stride[2], y.stride[3]}};
      worst = std::max(worst, to_integers(box, rounding, rows_[i]));
      rows_.terms.push_back({rows_[i], coefficients_[static_cast<size_t>(first + k + i)]});
    }
    left_.add(rows_.terms);
  }
  return worst;
}

void Checksum::add_inputs(const Strip& strip) {
  const View<const float> x = data_.input.view();
  const int64_t taps = g_.height.kernel * g_.width.kernel;
  const int64_t first = strip.group * g_.in_channels_per_group;
  right_.restart(strip.rows * planes_.pitch(), bias_[static_cast<size_t>(strip.group)]);
  if (planes_.runs().empty()) return;
  rows_.resize(kRowsAtOnce, planes_.size());
  for (int64_t c = 0; c < g_.in_channels_per_group; c += kRowsAtOnce) {
    rows_.terms.clear();
    for (int64_t i = 0; i < std::min(kRowsAtOnce, g_.in_channels_per_group - c); ++i) {
      const int64_t channel = first + c + i;
      require_integers(planes_.load(x, strip.image, channel, strip.first_row, strip.rows, rows_[i]), "the input");
      for (const TapPlanes::Run& run : planes_.runs()) {
        rows_.terms.push_back({rows_[i] + run.begin, weight_[static_cast<size_t>(channel * taps + run.tap)]});
      }
    }
    right_.add(rows_.terms);
  }
}

// One pixel of the output of one image and group: K / groups elements.
struct Pixel {
  int64_t image, group, row, column;
};

// Pixels where something is wrong, in the order in which they were found: how many, and the first of them.
struct WrongPixels {
  int64_t count = 0;
  std::vector<Pixel> first;

  void add(const Pixel& pixel) {
    if (++count <= kMostPixels) first.push_back(pixel);
  }
};

// An output and how it is judged.
struct JudgedOutput {
  const Geometry& g;
  const Data& data;
  View<const float> y;
  Tolerance tolerance;
};

bool is_of_integers(const JudgedOutput& judged, const Pixel& pixel, std::vector<int32_t>& integers) {
  const int64_t channels = judged.g.out_channels_per_group;
  integers.resize(static_cast<size_t>(channels));
  const float* const first = &judged.y(pixel.image, pixel.group * channels, pixel.row, pixel.column);
  const Box box = {first, {1, 1, channels}, {0, 0, judged.y.stride[1]}};
  return judged.tolerance.holds(to_integers(box, judged.tolerance.rounding, integers.data()));
}

// Both sides of the strip are computed; the outputs are all integers, or not.
void find_wrong_pixels(const JudgedOutput& judged, const Strip& strip, Checksum& checksum, bool all_integers,
                       WrongPixels& wrong) {
  const auto width = static_cast<size_t>(judged.g.width.out);
  const auto pitch = static_cast<size_t>(checksum.pitch());
  std::vector<int32_t> integers;
  for (int64_t r = 0; r < strip.rows; ++r) {
    const auto left = checksum.left().subspan(static_cast<size_t>(r) * width, width);
    const auto right = checksum.right().subspan(static_cast<size_t>(r) * pitch, width);
    if (all_integers && std::equal(left.begin(), left.end(), right.begin())) continue;
    for (size_t i = 0; i < width; ++i) {
      const Pixel pixel = {strip.image, strip.group, strip.first_row + r, static_cast<int64_t>(i)};
      const bool holds = left[i] == right[i] && (all_integers || is_of_integers(judged, pixel, integers));
      if (!holds) wrong.add(pixel);
    }
  }
}

// Returns the bits of the largest distance from an integer.
int32_t find_wrong_pixels(const JudgedOutput& judged, uint64_t seed, WrongPixels& wrong) {
  const Geometry& g = judged.g;
  Checksum checksum(g, judged.data, seed);
  int32_t worst = 0;
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t group = 0; group < g.groups; ++group) {
      for (int64_t row = 0; row < g.height.out; row += checksum.strip_rows()) {
        const Strip strip = {n, group, row, std::min(checksum.strip_rows(), g.height.out - row)};
        const int32_t distance = checksum.add_outputs(strip, judged.y, judged.tolerance.rounding);
        checksum.add_inputs(strip);
        find_wrong_pixels(judged, strip, checksum, judged.tolerance.holds(distance), wrong);
        worst = std::max(worst, distance);
      }
    }
  }
  return worst;
}

// Naive sums of the pixel's elements: those that are wrong.
void look_into(const JudgedOutput& judged, const Pixel& pixel, std::vector<Deviation>& wrong) {
  const Geometry& g = judged.g;
  const size_t before = wrong.size();
  for (int64_t i = 0; i < g.out_channels_per_group; ++i) {
    const int64_t k = pixel.group * g.out_channels_per_group + i;
    const double want = convolve_at(g, judged.data, pixel.image, k, pixel.row, pixel.column).value;
    const float got = judged.y(pixel.image, k, pixel.row, pixel.column);
    const double error = std::abs(static_cast<double>(got) - want);
    const auto distance = static_cast<double>(judged.tolerance.distance);
    if (error <= distance) continue;
    const int64_t channel = pixel.image * g.out_channels() + k;
    const int64_t index = (channel * g.height.out + pixel.row) * g.width.out + pixel.column;
    wrong.push_back({index, want, got, error, error < 0.5 ? distance : 0});
  }
  if (wrong.size() > before) return;
  throw std::logic_error(
      fmt::format("checksum: the naive sums agree where the checksum does not: image {}, group {}, "
                  "row {}, column {}",
                  pixel.image, pixel.group, pixel.row, pixel.column));
}

void report(const JudgedOutput& judged, const WrongPixels& pixels, Comparison& result) {
  const Geometry& g = judged.g;
  const Wide multiplies = Wide{g.out_channels_per_group} * g.in_channels_per_group * g.height.kernel * g.width.kernel;
  std::vector<Deviation> wrong;
  int64_t looked_into = 0;
  for (const Pixel& pixel : pixels.first) {
    if (multiplies * looked_into > kMostMultiplies) break;
    look_into(judged, pixel, wrong);
    ++looked_into;
  }
  std::sort(wrong.begin(), wrong.end(), [](const Deviation& a, const Deviation& b) { return a.index < b.index; });
  result.wrong = static_cast<int64_t>(wrong.size()) + pixels.count - looked_into;
  if (!wrong.empty()) result.first = wrong.front();
  wrong.resize(std::min(wrong.size(), Comparison::kMostListed));
  for (const Deviation& deviation : wrong) result.wrong_indices.push_back(deviation.index);
}

}  // namespace

void compare_by_checksum(const Geometry& g, Accuracy accuracy, const Data& data, const Tensor& output, uint64_t seed,
                         Comparison& result) {
  result.compared = g.output_elements();
  result.wrong = 0;
  result.worst_ratio = 0;
  result.first.reset();
  result.wrong_indices.clear();
  if (result.compared == 0) return;
  const JudgedOutput judged = {g, data, output.view(), tolerance_of(g, accuracy)};
  WrongPixels pixels;
  const auto distance = std::bit_cast<float>(find_wrong_pixels(judged, seed, pixels));
  if (accuracy.is_winograd()) {
    const double ratio = static_cast<double>(distance) / static_cast<double>(judged.tolerance.distance);
    result.worst_ratio = ratio >= 0 ? ratio : std::numeric_limits<double>::infinity();
  }
  report(judged, pixels, result);
}

}  // namespace convcheck
