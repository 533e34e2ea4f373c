#include "properties/statistical_case.h"

#include <algorithm>
#include <cmath>

#include "reference/random.h"
#include "reference/statistical.h"

namespace convcheck {
namespace {

// What aims at 5 million multiply-adds, and at 3800 outputs, ends a little above.
constexpr int64_t kWantedMultiplies = 5'000'000;
constexpr int64_t kMostWantedOutputs = 3800;
// Beyond this many inputs windows are not spread out any further.
constexpr int64_t kMostSpreadInputs = 2'000'000;

class Source {
 public:
  explicit Source(uint64_t seed) : random_(seed) {}

  int64_t uniform(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(random_.below(static_cast<uint64_t>(most - least + 1)));
  }
  bool one_in(uint64_t count) { return random_.below(count) == 0; }
  // From 2 to 5000, its logarithm uniform.
  int64_t terms() {
    const double at = static_cast<double>(random_.bits() >> 11) * 0x1p-53;
    return std::clamp<int64_t>(std::lround(2 * std::pow(2500.0, at)), 2, 5000);
  }

 private:
  Random random_;
};

struct Extents {
  int64_t height, width;
};

// A kernel of at most so many products a channel.
Extents draw_kernel(Source& source, int64_t most) {
  const int64_t line = source.uniform(1, std::min<int64_t>(most, 9));
  const auto side = static_cast<int64_t>(std::sqrt(static_cast<double>(most)));
  const int64_t square = source.uniform(1, std::min<int64_t>(side, 7));
  switch (source.uniform(0, 3)) {
    case 0:
      return {1, 1};
    case 1:
      return source.one_in(2) ? Extents{1, line} : Extents{line, 1};
    default:
      return {square, square};
  }
}

// Groups, channels and kernel that come to about so many products a window.
void draw_products(Source& source, int64_t products, Problem& problem) {
  if (source.one_in(4)) {  // depthwise
    const auto side = static_cast<int64_t>(std::sqrt(static_cast<double>(products)));
    const int64_t height = source.uniform(1, std::min<int64_t>(side, 17));
    const int64_t width = std::min<int64_t>(products / height, 17);
    problem.groups = source.uniform(2, 64);
    problem.weight = {problem.groups, 1, height, width};
    return;
  }
  const Extents kernel = draw_kernel(source, products);
  problem.groups = source.one_in(2) ? 1 : source.uniform(2, 8);
  problem.weight = {problem.groups, std::max<int64_t>(products / (kernel.height * kernel.width), 1), kernel.height,
                    kernel.width};
}

// Filters and windows: at least the outputs that are wanted, and less than 200 more.
Extents draw_outputs(Source& source, int64_t wanted, Problem& problem) {
  const int64_t filters = source.one_in(4) ? 1 : source.uniform(1, std::max<int64_t>(100 / problem.groups, 1));
  problem.weight[0] = problem.groups * filters;
  problem.input[0] = source.uniform(1, std::min<int64_t>(200 / problem.weight[0], 3));
  const int64_t in_a_row = problem.weight[0] * problem.input[0];
  const int64_t rows = source.uniform(1, std::min<int64_t>(200 / in_a_row, 40));
  return {rows, (wanted + in_a_row * rows - 1) / (in_a_row * rows)};
}

// One axis: windows side by side, or with gaps between and after them.
void set_axis(Problem& problem, int axis, int64_t windows, int64_t gap, int64_t dilation, int64_t rest) {
  const auto at = static_cast<size_t>(axis);
  const int64_t extent = dilation * (problem.weight[axis + 2] - 1) + 1;
  problem.dilation[at] = dilation;
  problem.stride[at] = extent + gap;
  problem.input[axis + 2] = (windows - 1) * problem.stride[at] + extent + std::min(rest, problem.stride[at] - 1);
}

void draw_axes(Source& source, Extents outputs, Problem& problem) {
  for (int axis = 0; axis < 2; ++axis) {
    const int64_t windows = axis == 0 ? outputs.height : outputs.width;
    const int64_t gap = source.one_in(4) ? source.uniform(1, 2) : 0;
    const int64_t dilation = source.one_in(6) ? source.uniform(2, 3) : 1;
    const int64_t rest = source.one_in(4) ? source.uniform(1, 3) : 0;
    set_axis(problem, axis, windows, gap, dilation, rest);
  }
  const int64_t inputs = problem.input[0] * problem.input[1] * problem.input[2] * problem.input[3];
  if (inputs <= kMostSpreadInputs) return;
  set_axis(problem, 0, outputs.height, 0, 1, 0);
  set_axis(problem, 1, outputs.width, 0, 1, 0);
}

}  // namespace

Case random_statistical_case(uint64_t seed) {
  Source source(seed);
  Case c;
  const bool has_bias = source.one_in(2);
  draw_products(source, std::max<int64_t>(source.terms() - (has_bias ? 1 : 0), 1), c.problem);
  const int64_t products = c.problem.weight[1] * c.problem.weight[2] * c.problem.weight[3];
  const int64_t most = std::min(kMostWantedOutputs, kWantedMultiplies / products);
  c.problem.input = {1, c.problem.groups * c.problem.weight[1], 1, 1};
  const Extents outputs = draw_outputs(source, source.uniform(kFewestOutputs, most), c.problem);
  draw_axes(source, outputs, c.problem);
  if (has_bias) c.problem.bias = {c.problem.weight[0]};
  if (source.one_in(2)) c.problem.layout = Layout::nhwc;
  c.fill = static_cast<Fill>(static_cast<uint64_t>(Fill::statistical1) + seed % kStatisticalSets);
  c.seed = static_cast<uint64_t>(source.uniform(1, 1'000'000));
  return c;
}

}  // namespace convcheck
