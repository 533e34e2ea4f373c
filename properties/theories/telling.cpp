#include "properties/theories/telling.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "properties/generate.h"
#include "reference/case_text.h"

namespace convcheck {
namespace {

constexpr std::array<std::string_view, 72> kByHand = {
    // All parameters different.
    "input=3x6x11x13 weight=4x3x3x2 groups=2 stride=2x3 padding=1,3,2,4 dilation=3x2 bias=4",
    "input=2x12x10x9 weight=12x3x2x3 groups=4 stride=3x2 padding=2,0,1,3 dilation=2x3 bias=12",
    "input=3x6x8x7 weight=9x2x3x4 groups=3 padding=2,1,0,3 bias=9",
    "input=2x4x9x8 weight=8x1x3x2 groups=4 stride=1x2 padding=1,0,2,1 bias=8",
    "input=3x4x7x6 weight=6x4x2x3 stride=2x1 padding=1,2,3,0 dilation=1x2 bias=6",
    "input=2x6x12x11 weight=6x2x3x2 groups=3 stride=3x4 padding=4,1,2,3 dilation=4x5 bias=6",
    // Sizes of one and two.
    "input=1x1x1x1 weight=1x1x1x1 bias=1",
    "input=1x1x5x6 weight=1x1x2x3 bias=1",
    "input=2x2x4x1 weight=3x2x2x1 padding=1,0,0,1",
    "input=2x3x1x7 weight=2x3x1x3 padding=0,1,1,0 bias=2",
    "input=2x5x3x3 weight=4x5x1x1 bias=4",
    "input=3x4x3x4 weight=6x2x3x4 groups=2 bias=6",
    "input=5x2x2x3 weight=2x1x2x2 groups=2",
    "input=2x6x6x5 weight=4x3x1x1 groups=2 stride=2x3 padding=1 bias=4",
    // Plain ones, and one parameter changed.
    "input=1x2x6x6 weight=2x2x3x3",
    "input=2x4x9x10 weight=6x4x3x3",
    "input=2x4x9x10 weight=6x2x3x3 groups=2",
    "input=2x4x9x10 weight=6x2x3x3 groups=2 bias=6",
    "input=3x6x9x10 weight=6x2x3x3 groups=3 padding=1 bias=6",
    "input=2x4x9x10 weight=6x2x3x3 groups=2 stride=2",
    "input=2x4x9x10 weight=6x2x3x3 groups=2 stride=2x1",
    "input=2x4x9x10 weight=6x2x3x3 groups=2 stride=1x3",
    "input=2x4x9x10 weight=6x2x3x3 groups=2 dilation=2",
    "input=2x4x9x10 weight=6x2x3x3 groups=2 dilation=2x1",
    "input=2x4x9x10 weight=6x2x3x3 groups=2 dilation=1x3",
    "input=2x4x9x10 weight=6x2x3x3 groups=2 dilation=4",
    "input=2x4x9x10 weight=6x2x3x3 groups=2 padding=1",
    "input=2x4x9x10 weight=6x2x3x3 groups=2 padding=2,0,0,0",
    "input=2x4x9x10 weight=6x2x3x3 groups=2 padding=0,2,0,0",
    "input=2x4x9x10 weight=6x2x3x3 groups=2 padding=0,0,2,0",
    "input=2x4x9x10 weight=6x2x3x3 groups=2 padding=0,0,0,2",
    "input=2x4x9x10 weight=6x2x3x3 groups=2 padding=5,5,4,4",
    "input=2x4x9x10 weight=6x2x3x3 groups=2 stride=2 padding=1 bias=6",
    "input=2x4x9x10 weight=6x4x1x3",
    "input=2x4x9x10 weight=6x4x3x1",
    "input=2x4x9x10 weight=6x4x2x2",
    "input=2x3x9x10 weight=4x3x5x5 padding=2 bias=4",
    "input=2x4x9x10 weight=6x4x1x1",
    "input=2x8x5x6 weight=12x2x1x1 groups=4 bias=12",
    // Depthwise, with and without a multiplier.
    "input=2x5x8x9 weight=5x1x3x3 groups=5 padding=1 bias=5",
    "input=2x4x8x9 weight=12x1x3x3 groups=4 padding=1 bias=12",
    "input=2x4x8x9 weight=8x1x3x3 groups=4 stride=2x1 padding=1,0,0,1 dilation=1x2 bias=8",
    // A kernel with more rows, or columns, than the image.
    "input=2x3x3x8 weight=4x3x5x3 padding=2,1,0,3 bias=4",
    "input=2x4x3x8 weight=6x2x5x3 groups=2 padding=2,1,0,3 bias=6",
    "input=2x3x3x8 weight=6x1x5x3 groups=3 padding=2,1,0,3 bias=6",
    "input=2x3x8x3 weight=4x3x3x5 padding=0,3,2,1 bias=4",
    "input=2x4x8x3 weight=6x2x3x5 groups=2 padding=0,3,2,1 bias=6",
    "input=2x3x3x8 weight=4x3x5x3 stride=2x1 padding=3,2,0,3 bias=4",
    "input=2x3x8x3 weight=4x3x3x5 stride=1x2 padding=0,3,3,2 bias=4",
    "input=2x3x3x8 weight=4x3x3x3 dilation=2x1 padding=2,1,0,3 bias=4",
    // Views.
    "input=2x4x6x7 weight=4x2x3x2 groups=2 bias=4 layout=nhwc",
    "input=2x3x6x7 weight=4x3x3x2 padding=1 layout=nhwc",
    "input=2x4x6x7 weight=4x2x3x2 groups=2 bias=4 input_strides=280x67x10x1",
    "input=2x4x6x7 weight=4x2x3x2 groups=2 bias=4 input_strides=200x50x7x1",
    "input=2x4x6x7 weight=4x2x3x2 groups=2 bias=4 input_strides=216x54x9x1",
    "input=2x4x6x7 weight=4x2x3x2 groups=2 bias=4 weight_strides=40x17x5x2",
    "input=2x4x6x7 weight=4x2x3x2 groups=2 bias=4 output_strides=180x43x9x1",
    "input=2x4x6x7 weight=4x2x3x2 groups=2 input_strides=280x67x10x1 output_strides=180x43x9x1",
    "input=2x4x6x7 weight=4x2x3x2 groups=2 input_strides=280x67x10x1 weight_strides=40x17x5x2 "
    "output_strides=180x43x9x1",
    // The full significand.
    "input=2x4x7x8 weight=6x2x3x2 groups=2 padding=1 fill=input_significand seed=3",
    "input=2x4x7x8 weight=6x2x3x2 groups=2 padding=1 fill=weight_significand seed=4",
    "input=1x3x9x9 weight=4x3x1x1 fill=input_significand seed=5",
    "input=1x3x9x9 weight=4x3x1x1 fill=weight_significand seed=6",
    "input=2x3x8x9 weight=5x3x3x3 stride=2x1 padding=0,1,1,0 fill=input_significand seed=7",
    "input=2x3x8x9 weight=5x3x3x3 stride=2x1 padding=0,1,1,0 fill=weight_significand seed=8",
    // Subnormal numbers and large ones.
    "input=2x4x5x6 weight=6x2x2x3 groups=2 bias=6 fill=special seed=0",
    "input=2x4x5x6 weight=6x2x2x3 groups=2 bias=6 fill=special seed=2",
    "input=2x4x5x6 weight=6x2x2x3 groups=2 bias=6 fill=special seed=4",
    "input=2x4x5x6 weight=6x2x2x3 groups=2 bias=6 fill=special seed=6",
    "input=1x3x6x5 weight=4x3x3x1 fill=special seed=8",
    "input=1x3x6x5 weight=4x3x3x1 fill=special seed=10",
    "input=1x3x6x5 weight=4x3x3x1 fill=special seed=12",
};

// Every one of these channels with every one of these steps, padding and view: a kernel that is wrong in one of its
// paths alone is right in the others.
constexpr std::array<std::string_view, 4> kChannels = {
    "input=2x3xH weight=4x3xK bias=4", "input=2x4xH weight=6x2xK groups=2 bias=6",
    "input=2x3xH weight=6x1xK groups=3 bias=6", "input=2x3xH weight=3x1xK groups=3"};
constexpr std::array<std::string_view, 7> kSteps = {
    "3x3", "2x3", "1x1", "3x2 stride=2x3", "2x3 dilation=3x2", "3x2 stride=3x2 dilation=2x3", "1x1 stride=2x3"};
constexpr std::array<std::string_view, 2> kSides = {"", " padding=2,1,0,3"};
enum class Gaps { none, input, weight, output, channels_last };
constexpr std::array kGaps = {Gaps::none, Gaps::input, Gaps::weight, Gaps::output, Gaps::channels_last};

constexpr size_t kRandomCases = 60;
constexpr int64_t kMostMultipliesOfRandom = 20'000;
constexpr int64_t kMostElementsOfRandom = 4'096;

bool is_expanded(const std::optional<Shape>& strides) {
  return strides && std::find(strides->begin(), strides->end(), 0) != strides->end();
}

int64_t elements(const Shape& shape) {
  return shape[0] * shape[1] * shape[2] * shape[3];
}

bool is_small(const Problem& problem) {
  return multiply_count(problem) <= kMostMultipliesOfRandom && elements(problem.input) <= kMostElementsOfRandom &&
         elements(problem.weight) <= kMostElementsOfRandom && elements(output_shape(problem)) <= kMostElementsOfRandom;
}

Case parsed(std::string_view text) {
  const auto c = parse_case(std::string(text));
  if (!c) std::abort();  // a text above is misspelt; the tests parse them all
  return *c;
}

// Rows, planes and images with gaps behind them.
Shape with_gaps(const Shape& shape) {
  const int64_t row = shape[3] + 2;
  const int64_t plane = row * shape[2] + 3;
  return {plane * shape[1] + 5, plane, row, 1};
}

void place(Problem& problem, Gaps gaps) {
  if (gaps == Gaps::input) problem.input_strides = with_gaps(problem.input);
  if (gaps == Gaps::weight) problem.weight_strides = with_gaps(problem.weight);
  if (gaps == Gaps::output) problem.output_strides = with_gaps(output_shape(problem));
  if (gaps == Gaps::channels_last) problem.layout = Layout::nhwc;
}

// "input=2x3xH weight=4x3xK" with its image and kernel.
Case crossed(std::string text, std::string_view steps, std::string_view sides) {
  const size_t extents_end = std::min(steps.find(' '), steps.size());
  text.replace(text.find('K'), 1, steps.substr(0, extents_end));
  text.replace(text.find('H'), 1, "7x8");
  return parsed(text.append(steps.substr(extents_end)).append(sides));
}

void add_crossed(std::vector<Case>& cases) {
  for (const std::string_view channels : kChannels) {
    for (const std::string_view steps : kSteps) {
      for (const std::string_view sides : kSides) {
        for (const Gaps gaps : kGaps) {
          if (gaps != Gaps::none && !sides.empty()) continue;
          cases.push_back(crossed(std::string(channels), steps, sides));
          cases.back().seed = cases.size();
          place(cases.back().problem, gaps);
        }
      }
    }
  }
}

std::vector<Case> make_cases() {
  std::vector<Case> cases;
  for (const std::string_view text : kByHand) {
    cases.push_back(parsed(text));
    // Data of their own, where none were asked for.
    if (cases.back().fill == Fill::integers) cases.back().seed = cases.size();
  }
  add_crossed(cases);
  const size_t chosen = cases.size();
  for (uint64_t seed = 1; cases.size() < chosen + kRandomCases; ++seed) {
    Case c = random_case(seed, Fill::integers);
    const bool expanded = is_expanded(c.problem.input_strides) || is_expanded(c.problem.weight_strides);
    if (is_small(c.problem) && !expanded) cases.push_back(c);
  }
  return cases;
}

}  // namespace

std::span<const Case> telling_cases() {
  static const std::vector<Case> kCases = make_cases();
  return kCases;
}

}  // namespace convcheck
