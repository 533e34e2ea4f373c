// The points of docs/thread.md that are about numbers, on the problems of corpus/seeds/thread/: which channels see
// which, and what folding channels into the batch gives.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "reference/case_text.h"
#include "reference/convolution.h"
#include "reference/fill.h"

namespace convcheck {
namespace {

// A problem with its data and the reference's output, in logical order.
struct Layer {
  Problem problem;
  Data data;
  std::vector<Sum> output;

  explicit Layer(std::string_view text) {
    const Parsed<Case> parsed = parse_case(text);
    EXPECT_TRUE(parsed) << text;
    problem = parsed->problem;
    EXPECT_EQ(fill(*parsed, geometry(problem), Accuracy{}, data), "");
  }

  void convolve() { convcheck::convolve(geometry(problem), data, output); }

  // Output channel k, summed over the batch.
  [[nodiscard]] std::vector<double> channel(int64_t k) const {
    const Shape shape = output_shape(problem);
    const auto pixels = static_cast<size_t>(shape[2] * shape[3]);
    std::vector<double> plane(pixels);
    for (int64_t n = 0; n < shape[0]; ++n) {
      const size_t start = static_cast<size_t>(n * shape[1] + k) * pixels;
      for (size_t i = 0; i < pixels; ++i) plane[i] += output[start + i].value;
    }
    return plane;
  }
};

std::vector<double> values_of(const std::vector<Sum>& sums) {
  std::vector<double> values;
  for (const Sum& sum : sums) values.push_back(sum.value);
  return values;
}

bool is_zero(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return value == 0; });
}

// The output channels that change when input channel c alone is not zero.
std::vector<int64_t> seen_by(std::string_view text, int64_t c) {
  Layer layer(text);
  std::vector<float>& input = layer.data.input.memory();
  const auto plane = input.size() / static_cast<size_t>(layer.problem.in_channels());
  std::fill(input.begin(), input.end(), 0.0F);
  std::fill_n(input.begin() + static_cast<int64_t>(plane) * c, plane, 1.0F);
  std::vector<float>& weight = layer.data.weight.memory();
  std::fill(weight.begin(), weight.end(), 1.0F);
  layer.convolve();
  std::vector<int64_t> seen;
  for (int64_t k = 0; k < layer.problem.out_channels(); ++k) {
    if (!is_zero(layer.channel(k))) seen.push_back(k);
  }
  return seen;
}

using Channels = std::vector<int64_t>;

// 3. Conv2d(4, 8, 3) without groups, and with 2: four output channels of each group, not two.
TEST(Thread, OutputChannelsOfAGroupSeeItsInputChannels) {
  constexpr std::string_view kOneGroup = "input=1x4x32x32 weight=8x4x3x3";
  constexpr std::string_view kTwoGroups = "input=1x4x32x32 weight=8x2x3x3 groups=2";
  const Channels all = {0, 1, 2, 3, 4, 5, 6, 7};
  const Channels first = {0, 1, 2, 3};
  const Channels second = {4, 5, 6, 7};
  for (int64_t c = 0; c < 4; ++c) {
    EXPECT_EQ(seen_by(kOneGroup, c), all) << c;
    EXPECT_EQ(seen_by(kTwoGroups, c), c < 2 ? first : second) << c;
  }
}

// 5. The fold's output, element by element, is that of groups that all carry the same kernels.
TEST(Thread, FoldingChannelsIntoTheBatchEqualsTiedGroups) {
  Layer tied("input=2x3x9x8 weight=24x1x3x3 groups=3");
  Layer fold("input=6x1x9x8 weight=8x1x3x3");
  fold.data.input.memory() = tied.data.input.memory();
  const std::vector<float>& kernels = fold.data.weight.memory();
  for (size_t i = 0; i < tied.data.weight.memory().size(); ++i) {
    tied.data.weight.memory()[i] = kernels[i % kernels.size()];
  }
  fold.convolve();
  tied.convolve();
  EXPECT_EQ(output_shape(fold.problem), (Shape{6, 8, 7, 6}));
  EXPECT_EQ(output_shape(tied.problem), (Shape{2, 24, 7, 6}));
  EXPECT_FALSE(is_zero(values_of(fold.output)));
  EXPECT_EQ(values_of(fold.output), values_of(tied.output));
}

// 6 and 7. The fold summed over the channels is the convolution whose weight is the same for every input channel.
void expect_sum_of_fold(std::string_view fold_text, std::string_view sum_text) {
  Layer fold(fold_text);
  Layer sum(sum_text);
  ASSERT_EQ(fold.data.weight.memory().size(), sum.data.weight.memory().size())
      << "one kernel in memory for all channels";
  sum.data.input.memory() = fold.data.input.memory();
  sum.data.weight.memory() = fold.data.weight.memory();
  fold.convolve();
  sum.convolve();
  for (int64_t k = 0; k < sum.problem.out_channels(); ++k) {
    EXPECT_FALSE(is_zero(sum.channel(k))) << k;
    EXPECT_EQ(fold.channel(k), sum.channel(k)) << k;
  }
}

TEST(Thread, AveragingOverChannelsIsOneConvolutionWithTheSameWeightForEach) {
  expect_sum_of_fold("input=3x1x9x8 weight=8x1x3x3", "input=1x3x9x8 weight=8x3x3x3 weight_strides=9x0x3x1");
}

TEST(Thread, SixteenChannelsFoldedGive128MapsWhoseSumIs8) {
  EXPECT_EQ(output_shape(parse_case("input=16x1x9x8 weight=8x1x3x3")->problem), (Shape{16, 8, 7, 6}));
  EXPECT_EQ(output_shape(parse_case("input=1x16x9x8 weight=128x1x3x3 groups=16")->problem), (Shape{1, 128, 7, 6}));
  expect_sum_of_fold("input=16x1x9x8 weight=8x1x3x3", "input=1x16x9x8 weight=8x16x3x3 weight_strides=9x0x3x1");
}

// 7. Two channels that are each other's negative cancel out under tied weights, and not under free ones.
TEST(Thread, TiedWeightsAreNotAGeneralConvolution) {
  for (const bool is_tied : {true, false}) {
    Layer layer(is_tied ? "input=1x16x9x8 weight=8x16x3x3 weight_strides=9x0x3x1" : "input=1x16x9x8 weight=8x16x3x3");
    std::vector<float>& input = layer.data.input.memory();
    constexpr size_t kPlane = 9 * 8;
    std::fill(input.begin() + 2 * kPlane, input.end(), 0.0F);
    for (size_t i = 0; i < kPlane; ++i) {
      input[i] = static_cast<float>(i + 1);
      input[kPlane + i] = -input[i];
    }
    layer.convolve();
    EXPECT_EQ(is_zero(values_of(layer.output)), is_tied);
  }
}

}  // namespace
}  // namespace convcheck
