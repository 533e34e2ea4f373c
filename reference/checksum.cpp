#include "reference/checksum.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "reference/checksum_sides.h"
#include "reference/winograd.h"

namespace convcheck {
namespace {

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

// Both sides of the strip are computed; its outputs are all integers, or not.
template <class Sides>
void find_wrong_pixels(const JudgedOutput& judged, const Strip& strip, Sides& sides, bool all_integers,
                       WrongPixels& wrong) {
  const auto width = static_cast<size_t>(judged.g.width.out);
  const auto pitch = static_cast<size_t>(sides.pitch());
  std::vector<int32_t> integers;
  for (int64_t r = 0; r < strip.rows; ++r) {
    const auto left = sides.left().subspan(static_cast<size_t>(r) * width, width);
    const auto right = sides.right().subspan(static_cast<size_t>(r) * pitch, width);
    if (all_integers && std::equal(left.begin(), left.end(), right.begin())) continue;
    for (size_t i = 0; i < width; ++i) {
      const Pixel pixel = {strip.image, strip.group, strip.first_row + r, static_cast<int64_t>(i)};
      const bool holds = left[i] == right[i] && (all_integers || is_of_integers(judged, pixel, integers));
      if (!holds) wrong.add(pixel);
    }
  }
}

// Of the whole output. Returns the bits of the largest distance from an integer.
template <class Sides>
int32_t find_wrong_pixels(const JudgedOutput& judged, Sides sides, WrongPixels& wrong) {
  const Geometry& g = judged.g;
  int32_t worst = 0;
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t group = 0; group < g.groups; ++group) {
      for (int64_t row = 0; row < g.height.out; row += sides.strip_rows()) {
        const Strip strip = {n, group, row, std::min(sides.strip_rows(), g.height.out - row)};
        const int32_t distance = sides.compute(strip, judged.y, judged.tolerance.rounding);
        find_wrong_pixels(judged, strip, sides, judged.tolerance.holds(distance), wrong);
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
  const int32_t bits = g.out_channels_per_group == 1 ? find_wrong_pixels(judged, SingleSides(g, data), pixels)
                                                     : find_wrong_pixels(judged, CombinedSides(g, data, seed), pixels);
  if (accuracy.is_winograd()) {
    const double ratio =
        static_cast<double>(std::bit_cast<float>(bits)) / static_cast<double>(judged.tolerance.distance);
    result.worst_ratio = ratio >= 0 ? ratio : std::numeric_limits<double>::infinity();
  }
  report(judged, pixels, result);
}

}  // namespace convcheck
