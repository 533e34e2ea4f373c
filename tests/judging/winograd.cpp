#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "reference/random.h"
#include "tests/judging/evidence.h"
#include "tests/reference/problems.h"
#include "tests/reference/winograd_kernel.h"

namespace convcheck::judging {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The outputs of one tile, computed in f32 operation by operation: the largest error over the bound.
double worst_of(const FloatTransform& kernel, const Geometry& g, const Data& data) {
  const WinogradBound& bound = WinogradBound::of(kernel.m, kernel.r);
  const std::vector<float> got = winograd_tile(kernel, g, data, 0, 0, 0, 0);
  std::vector<Sum> sums;
  convolve(g, data, sums);
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double error = std::abs(static_cast<double>(got[i]) - sums[i].value);
    if (error == 0) continue;
    const Shape at = index_of({1, 1, kernel.m, kernel.m}, static_cast<int64_t>(i));
    worst = larger(worst, error / bound.at(g, data, at, sums[i], kInfinity));
  }
  return worst;
}

Problem tile_problem(Random& random, const PointSet& set, int64_t channels) {
  const int64_t edge = set.m + set.r - 1;
  Problem p;
  p.input = {1, channels, edge, edge};
  p.weight = {1, channels, set.r, set.r};
  if (random.below(3) == 0) p.bias = {1};
  return p;
}

// From random data uphill: an element is drawn anew, and stays where that makes the worst ratio larger.
double climb(Random& random, const FloatTransform& kernel, const PointSet& set, int64_t steps) {
  const Problem problem = tile_problem(random, set, 1);
  const Geometry g = geometry(problem);
  Data data = random_tile_data(random, problem);
  double worst = worst_of(kernel, g, data);
  for (int64_t step = 0; step < steps; ++step) {
    Tensor& tensor = random.below(3) == 0 ? data.weight : data.input;
    float& element = tensor.memory()[random.below(tensor.memory().size())];
    const float before = element;
    element = random_real(random, -1, 1);
    const double now = worst_of(kernel, g, data);
    if (now < worst) {
      element = before;
    } else {
      worst = larger(worst, now);
    }
  }
  return worst;
}

}  // namespace

bool print_winograd(int64_t tiles, uint64_t seed) {
  constexpr int64_t kSteps = 1000;
  fmt::print("| F(m, r) | points | tiles | worst of random ones | worst after climbing |\n|---|---|--:|--:|--:|\n");
  double worst_of_all = 0;
  for (const PointSet& set : usual_point_sets()) {
    const FloatTransform kernel = rounded(make_transform(set.m, set.r, set.points));
    Random random(seed);
    double worst = 0;
    const int64_t random_tiles = tiles / 2;
    for (int64_t i = 0; i < random_tiles; ++i) {
      const Problem problem = tile_problem(random, set, 1 + static_cast<int64_t>(random.below(6)));
      const Data data = random_tile_data(random, problem);
      worst = larger(worst, worst_of(kernel, geometry(problem), data));
    }
    double climbed = 0;
    for (int64_t i = random_tiles; i < tiles; i += kSteps)
      climbed = larger(climbed, climb(random, kernel, set, kSteps));
    fmt::print("| F({}, {}) | {} and infinity | {} | {:.4f} | {:.4f} |\n", set.m, set.r, fmt::join(set.points, ", "),
               tiles, worst, climbed);
    std::fflush(stdout);
    worst_of_all = larger(larger(worst_of_all, worst), climbed);
  }
  return worst_of_all <= 1;
}

}  // namespace convcheck::judging
