#include "tools/convcheck/bench/figures.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/tools/bench/reports.h"

namespace convcheck::bench {
namespace {

constexpr size_t kOfOnednn = 0, kOfQuick = 2, kOfPicky = 3, kOfFastest = 4;

Figures figures() {
  return figures_of(two_networks(), measurement());
}

// 8 * 8 * 64 multiply-adds are 8192 operations.
TEST(Figures, CountTwoOperationsForEachMultiplyAdd) {
  const Figure& quick = figures().problems[0].contenders[kOfQuick];
  EXPECT_DOUBLE_EQ(quick.flops, 8192 / 4e-6);
  EXPECT_DOUBLE_EQ(quick.share_of_peak, 0.25);
  EXPECT_DOUBLE_EQ(quick.ratio, 2);
  EXPECT_EQ(quick.standing, Standing::faster);
}

TEST(Figures, HaveNoneOfWhatIsWrong) {
  const Figures all = figures();
  const Figure& picky = all.problems[1].contenders[kOfPicky];
  EXPECT_FALSE(picky.has_ratio());
  EXPECT_TRUE(std::isnan(picky.flops));
  EXPECT_EQ(all.networks[0][kOfPicky].layers_timed, 2);
  EXPECT_EQ(all.networks[1][kOfPicky].layers_timed, 0);
  EXPECT_TRUE(std::isnan(all.networks[1][kOfPicky].ratios.geometric_mean));
}

TEST(Figures, CountALayerAsOftenAsItOccurs) {
  const NetworkFigure quick = figures().networks[0][kOfQuick];
  EXPECT_EQ(quick.layers, 3);
  EXPECT_NEAR(quick.ratios.geometric_mean, std::cbrt(2 * 0.5 * 2), 1e-12);
  EXPECT_DOUBLE_EQ(quick.ratios.lowest, 0.5);
  EXPECT_DOUBLE_EQ(quick.ratios.highest, 2);
  EXPECT_EQ(quick.ratios.lowest_layer, "b");
  EXPECT_EQ(quick.ratios.faster, 2);
  EXPECT_EQ(quick.ratios.slower, 1);
  EXPECT_NEAR(quick.seconds, 24e-6, 1e-15);
}

TEST(Figures, FastestIsTheQuickestRightKernelOfEachProblem) {
  const Figures all = figures();
  ASSERT_EQ(all.contenders[kOfFastest], kFastest);
  EXPECT_DOUBLE_EQ(all.problems[0].contenders[kOfFastest].ratio, 4);
  EXPECT_DOUBLE_EQ(all.problems[1].contenders[kOfFastest].ratio, 0.5);
}

TEST(Figures, AreGatheredByKindOverAllNetworks) {
  const Figures all = figures();
  EXPECT_EQ(all.kinds[static_cast<size_t>(Kind::pointwise)][kOfQuick].layers, 2);
  EXPECT_DOUBLE_EQ(all.kinds[static_cast<size_t>(Kind::pointwise)][kOfQuick].geometric_mean, 2);
  EXPECT_EQ(all.kinds[static_cast<size_t>(Kind::dense_3x3)][kOfQuick].layers, 2);
  EXPECT_DOUBLE_EQ(all.kinds[static_cast<size_t>(Kind::dense_3x3)][kOfQuick].geometric_mean, 0.5);
  EXPECT_EQ(all.kinds[static_cast<size_t>(Kind::depthwise)][kOfQuick].layers, 0);
}

TEST(Figures, WithoutOnednnHaveNoRatios) {
  Measurement alone = measurement();
  alone.contenders.erase(alone.contenders.begin(), alone.contenders.begin() + 2);
  for (ProblemTimings& one : alone.problems) one.timings.erase(one.timings.begin(), one.timings.begin() + 2);
  const Figures all = figures_of(two_networks(), alone);
  EXPECT_DOUBLE_EQ(all.problems[0].contenders[0].share_of_peak, 0.25);
  EXPECT_FALSE(all.problems[0].contenders[0].has_ratio());
}

TEST(Figures, OfAnInterruptedRunAreOfWhatWasMeasured) {
  Measurement half = measurement();
  half.problems.pop_back();
  const Figures all = figures_of(two_networks(), half);
  EXPECT_EQ(all.networks[0][kOfQuick].layers_timed, 2);
  EXPECT_EQ(all.networks[1][kOfQuick].layers_timed, 0);
}

TEST(SpeedUps, CompareEachWithItself) {
  const auto table = speed_ups(two_networks(), figures(), figures_of(two_networks(), measurement(2, 2)));
  EXPECT_DOUBLE_EQ(table[0][kOfOnednn], 2);
  EXPECT_DOUBLE_EQ(table[1][kOfQuick], 2);
  EXPECT_DOUBLE_EQ(table[0][kOfPicky], 1);
  EXPECT_TRUE(std::isnan(table[1][kOfPicky]));
}

TEST(Measurement, GoesThroughALineAndBack) {
  const ProblemTimings before = measurement().problems[1];
  ProblemTimings with_failure = before;
  with_failure.timings[0].seconds[1] = std::nan("");
  const ProblemTimings after = from_line(to_line(with_failure));
  ASSERT_EQ(after.timings.size(), 4U);
  EXPECT_EQ(after.peak_flops, before.peak_flops);
  EXPECT_TRUE(std::isnan(after.timings[0].seconds[1]));
  EXPECT_EQ(after.timings[2].seconds, before.timings[2].seconds);
  EXPECT_EQ(after.timings[3].outcome, Outcome::wrong);
  EXPECT_EQ(after.timings[3].reason, before.timings[3].reason);
}

}  // namespace
}  // namespace convcheck::bench
