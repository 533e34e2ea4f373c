// Every tap's run holds the input elements that the tap meets, and zeros on the padding.
#include "reference/tap_planes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "reference/case_text.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

// The row or column that a tap meets at an output.
int64_t met(const Axis& axis, int64_t out, int64_t tap) {
  return out * axis.stride + tap * axis.dilation - axis.pad_before;
}

bool is_inside(const Axis& axis, int64_t position) {
  return position >= 0 && position < axis.in;
}

bool meets_input(const Axis& axis, int64_t tap) {
  for (int64_t out = 0; out < axis.out; ++out) {
    if (is_inside(axis, met(axis, out, tap))) return true;
  }
  return false;
}

void expect_runs_hold_what_taps_meet(const Geometry& g, const Data& data, int64_t strip_rows) {
  TapPlanes planes(g, strip_rows);
  std::map<int64_t, int64_t> begin_of;
  for (const TapPlanes::Run& run : planes.runs()) begin_of[run.tap] = run.begin;
  ASSERT_EQ(begin_of.size(), planes.runs().size());
  std::vector<int32_t> memory(static_cast<size_t>(planes.size()), 9999);
  const View<const float> x = data.input.view();
  for (int64_t first = 0; first < g.height.out; first += strip_rows) {
    const int64_t rows = std::min(strip_rows, g.height.out - first);
    const int64_t n = g.batch - 1;
    const int64_t c = g.in_channels() - 1;
    if (!begin_of.empty()) {
      ASSERT_EQ(planes.load(x, n, c, first, rows, memory.data()), 0);
    }
    for (int64_t tap = 0; tap < g.height.kernel * g.width.kernel; ++tap) {
      const int64_t kh = tap / g.width.kernel;
      const int64_t kw = tap % g.width.kernel;
      ASSERT_EQ(begin_of.count(tap) == 1, meets_input(g.height, kh) && meets_input(g.width, kw));
      if (begin_of.count(tap) == 0) continue;
      ASSERT_LE(begin_of[tap] + Combination::padded(rows * planes.pitch()), planes.size());
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t ow = 0; ow < g.width.out; ++ow) {
          const int64_t ih = met(g.height, first + r, kh);
          const int64_t iw = met(g.width, ow, kw);
          const bool inside = is_inside(g.height, ih) && is_inside(g.width, iw);
          const int32_t want = inside ? static_cast<int32_t>(x(n, c, ih, iw)) : 0;
          ASSERT_EQ(memory[static_cast<size_t>(begin_of[tap] + r * planes.pitch() + ow)], want);
        }
      }
    }
  }
}

TEST(TapPlanes, RunsHoldWhatTapsMeet) {
  Random random(1);
  int64_t shared = 0;
  int64_t apart = 0;
  int64_t judged = 0;
  for (int64_t i = 0; i < random_cases(10'000); ++i) {
    Problem p = random_valid_problem(random);
    if (p.batch() == 0) continue;
    add_random_strides(random, p);
    const Geometry g = geometry(p);
    const Data data = random_integers(random, p, 4000);
    ASSERT_NO_FATAL_FAILURE(expect_runs_hold_what_taps_meet(g, data, uniform(random, 1, g.height.out)))
        << print({.problem = p});
    ++judged;
    (TapPlanes(g, g.height.out).pitch() > g.width.out ? shared : apart) += g.width.kernel > 1 ? 1 : 0;
  }
  EXPECT_GT(judged, random_cases(10'000) / 2);
  EXPECT_GT(shared, judged / 20);
  EXPECT_GT(apart, judged / 20);
}

TEST(TapPlanes, WideRowsAndEveryStrideAreCopiedInWhole) {
  for (const char* const text :
       {"input=1x1x9x100 weight=1x1x3x3 padding=1", "input=1x1x9x101 weight=1x1x3x5 stride=1x2 padding=1x7",
        "input=1x1x9x101 weight=1x1x3x5 stride=3x3 padding=4", "input=1x1x30x33 weight=1x1x3x3 dilation=12 padding=12",
        "input=1x1x30x33 weight=1x1x3x3 dilation=40 padding=40",
        "input=1x1x8x40 weight=1x1x1x1 stride=2 layout=nhwc"}) {
    const Problem p = problem_of(text);
    Random random(2);
    for (const int64_t rows : {1, 2, 5, 8}) {
      const Geometry g = geometry(p);
      ASSERT_NO_FATAL_FAILURE(expect_runs_hold_what_taps_meet(g, random_integers(random, p, 4000), rows)) << text;
    }
  }
}

TEST(TapPlanes, ValuesThatAreNoIntegersAreReported) {
  const Problem p = problem_of("input=1x1x5x6 weight=1x1x3x3 padding=1");
  Random random(3);
  Data data = random_integers(random, p, 100);
  TapPlanes planes(geometry(p), 5);
  std::vector<int32_t> memory(static_cast<size_t>(planes.size()));
  const auto load = [&] { return planes.load(DataView(data).input, 0, 0, 0, 5, memory.data()); };
  for (float& element : data.input.memory()) {
    const float kept = element;
    element = std::numeric_limits<float>::quiet_NaN();
    EXPECT_NE(load(), 0);
    element = kept;
  }
  EXPECT_EQ(load(), 0);
}

TEST(TapPlanes, HolesCostNoMemory) {
  // One tap alone meets input here, or two that are far apart: planes that spanned the holes would have millions of
  // rows or columns, in the first case a thousand times over.
  for (const char* const text : {"input=1x1x1000x1 weight=1x1x1x3 dilation=1x1000000 padding=0,0,1000000,1000000",
                                 "input=1x1x1000001x1 weight=1x1x2x1 dilation=1000000x1",
                                 "input=1x1x1x1000001 weight=1x1x1x2 dilation=1x1000000"}) {
    const Geometry g = geometry(problem_of(text));
    EXPECT_LE(TapPlanes(g, g.height.out).size(), 1100) << text;
  }
}

}  // namespace
}  // namespace convcheck
