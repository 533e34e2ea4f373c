// Shapes and counts of a problem against a table worked by hand.
#include "reference/problem.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

struct Row {
  const char* text;
  const char* output;
  int64_t multiplies;  // N * K * (C / groups) * product of output and kernel extents
};

// Beside each the working: floor((size + padding - dilation * (kernel - 1) - 1) / stride) + 1.
const std::vector<Row> kTable = {
    // Conv2d(3, 9, 3, groups=3): weight 9x1x3x3. 8 - 3 + 1 = 6; 9 * 1 * 36 * 9.
    {"in_channels=3 out_channels=9 kernel=3 groups=3 size=8", "1x9x6x6", 2916},
    // Conv2d(6, 16, 5, groups=2): weight 16x3x5x5. 32 - 5 + 1 = 28; 16 * 3 * 784 * 25.
    {"in_channels=6 out_channels=16 kernel=5 groups=2 size=32", "1x16x28x28", 940800},
    // Conv2d(4, 8, 3), one group and two. 5 - 3 + 1 = 3; 8 * 4 * 9 * 9, and half of it.
    {"input=1x4x5x5 weight=8x4x3x3", "1x8x3x3", 2592},
    {"input=1x4x5x5 weight=8x2x3x3 groups=2", "1x8x3x3", 1296},
    // Folded: (N * C, 1) -> K.  48 images of 8 maps each. 8 * 1 * 4 * 9 * 48.
    {"input=48x1x4x4 weight=8x1x3x3", "48x8x2x2", 13824},
    // The least there is.
    {"input=1x1x1x1 weight=1x1x1x1", "1x1x1x1", 1},
    // A kernel as large as the image: one output. 7 * 2 * 3 * 5 * 6.
    {"input=2x3x5x6 weight=7x3x5x6", "2x7x1x1", 1260},
    // Strides that come out even, and with a remainder: (7 - 3) / 2 + 1 = 3; floor((8 - 3) / 2) + 1 = 3.
    {"input=1x1x7x8 weight=1x1x3x3 stride=2", "1x1x3x3", 81},
    // floor((9 - 3) / 2) + 1 = 4; floor((10 - 3) / 3) + 1 = 3; 12 * 9.
    {"input=1x1x9x10 weight=1x1x3x3 stride=2x3", "1x1x4x3", 108},
    // Stride above the kernel: floor((10 - 2) / 5) + 1 = 2; floor((9 - 2) / 5) + 1 = 2.
    {"input=1x1x10x9 weight=1x1x2x2 stride=5", "1x1x2x2", 16},
    // Stride above the image: one output. floor((4 - 3) / 9) + 1 = 1.
    {"input=1x1x4x4 weight=1x1x3x3 stride=9", "1x1x1x1", 9},
    // padding=same: 3 - 1 = 2, one a side. 5 * 5 * 9.
    {"input=1x1x5x5 weight=1x1x3x3 padding=same", "1x1x5x5", 225},
    // same with an even kernel: 4 - 1 = 3, one before, two after: the size stays. 25 * 16.
    {"input=1x1x5x5 weight=1x1x4x4 padding=same", "1x1x5x5", 400},
    // ResNet's first layer: floor((224 + 6 - 7) / 2) + 1 = 112; 64 * 3 * 112^2 * 49.
    {"input=1x3x224x224 weight=64x3x7x7 stride=2 padding=3", "1x64x112x112", 118013952},
    // Every side its own: (4 + 1 + 0 - 3) + 1 = 3; floor((5 + 2 + 3 - 3) / 1) + 1 = 8. 24 * 9.
    {"input=1x1x4x5 weight=1x1x3x3 padding=1,0,2,3", "1x1x3x8", 216},
    // Only the far side: (2 + 0 + 1 - 3) + 1 = 1. One row, and (5 - 3) + 1 = 3 columns. 3 * 9.
    {"input=1x1x2x5 weight=1x1x3x3 padding=0,1,0,0", "1x1x1x3", 27},
    // Padding above the kernel: 1 + 8 - 2 + 1 = 8. 64 * 4.
    {"input=1x1x1x1 weight=1x1x2x2 padding=4", "1x1x8x8", 256},
    // Dilation 2: 2 * 2 + 1 = 5: 9 - 5 + 1 = 5. Dilation 3: 3 * 2 + 1 = 7: 9 - 7 + 1 = 3. 15 * 9.
    {"input=1x1x9x9 weight=1x1x3x3 dilation=2x3", "1x1x5x3", 135},
    // Dilation, stride, padding together: 2 * (4 - 1) + 1 = 7; floor((10 + 3 - 7) / 4) + 1 = 2;
    // 3 * (2 - 1) + 1 = 4; floor((11 + 0 - 4) / 3) + 1 = 3. 6 * 8.
    {"input=1x1x10x11 weight=1x1x4x2 dilation=2x3 stride=4x3 padding=1,2,0,0", "1x1x2x3", 48},
    // The dilated kernel just fits: 7 * 1 + 1 = 8. 4.
    {"input=1x1x8x8 weight=1x1x2x2 dilation=7", "1x1x1x1", 4},
    // Depthwise with a multiplier of 2 and batch 4: 5 - 3 + 1 = 3. 4 * 6 * 1 * 9 * 9.
    {"input=4x3x5x5 weight=6x1x3x3 groups=3", "4x6x3x3", 1944},
    // The claim of the bias changes nothing: 1x1 convolution. 2 * 5 * 3 * 16.
    {"input=2x3x4x4 weight=5x3x1x1 bias=5", "2x5x4x4", 480},
    // An empty batch, and an image without rows: 0 + 3 - 3 + 1 = 1 row of padding alone, 4 - 3 + 1 = 2 columns.
    {"input=0x3x4x4 weight=5x3x3x3", "0x5x2x2", 0},
    {"input=1x1x0x4 weight=1x1x3x3 padding=1,2,0,0", "1x1x1x2", 18},
    // One axis: floor((10 + 2 - 3) / 2) + 1 = 5. 4 * 2 * 5 * 3.
    {"input=1x2x10 weight=4x2x3 stride=2 padding=1", "1x4x5", 120},
    // One axis, sides apart, dilated: 2 * 2 + 1 = 5: 7 + 0 + 4 - 5 + 1 = 7. 7 * 3.
    {"input=1x1x7 weight=1x1x3 padding=0,4 dilation=2", "1x1x7", 21},
    // Three axes: floor((4 - 2) / 1) + 1 = 3; floor((5 - 3) / 2) + 1 = 2; floor((6 - 1) / 3) + 1 = 2. 2 * 12 * 6.
    {"input=1x1x4x5x6 weight=2x1x2x3x1 stride=1x2x3", "1x2x3x2x2", 144},
    // Three axes, all six sides apart: 2+1+0-2+1 = 2; 2+2+1-2+1 = 4; 2+0+3-2+1 = 4. 32 * 8.
    {"input=1x1x2x2x2 weight=1x1x2x2x2 padding=1,0,2,1,0,3", "1x1x2x4x4", 256},
    // Grouped in three axes: 3 - 2 + 1 = 2 on each. 3 * 4 * 2 * 8 * 8.
    {"input=3x4x3x3x3 weight=4x2x2x2x2 groups=2", "3x4x2x2x2", 1536},
};

TEST(Problem, OutputShapesAndMultiplyCountsAreThoseWorkedByHand) {
  ASSERT_GE(kTable.size(), 25U);
  for (const Row& row : kTable) {
    SCOPED_TRACE(row.text);
    const Problem problem = problem_of(row.text);
    ASSERT_TRUE(is_valid(problem));
    EXPECT_EQ(print(rule_output_shape(problem)), row.output);
    EXPECT_EQ(print(output_shape(problem)), row.output);
    EXPECT_EQ(to_string(multiply_count(problem)), std::to_string(row.multiplies));
  }
}

TEST(Problem, GroupedWeightsHaveTheShapesThatTheThreadAsksFor) {
  EXPECT_EQ(print(problem_of("in_channels=3 out_channels=9 kernel=3 size=8 groups=3").weight), "9x1x3x3");
  EXPECT_EQ(print(problem_of("in_channels=6 out_channels=16 kernel=5 size=32 groups=2").weight), "16x3x5x5");
  EXPECT_EQ(print(problem_of("in_channels=6 out_channels=16 kernel=5 size=32 channels_per_kernel=3").weight),
            "16x3x5x5");
}

TEST(Problem, AClaimedOutputIsTheOutputWhateverTheRulesSay) {
  const Problem problem = problem_of("input=1x3x8x8 weight=9x3x3x3 output=1x9x5x6");
  EXPECT_EQ(print(output_shape(problem)), "1x9x5x6");
  EXPECT_EQ(print(rule_output_shape(problem)), "1x9x6x6");
}

TEST(Problem, AProblemWithWrongChannelsHasTheOutputOfItsAxes) {
  EXPECT_EQ(print(output_shape(problem_of("input=2x3x8x8 weight=8x1x3x3 groups=3"))), "2x8x6x6");
  EXPECT_EQ(print(output_shape(problem_of("input=2x3x8x8 weight=8x1x3x3"))), "2x8x6x6");
  EXPECT_EQ(print(output_shape(problem_of("input=2x3x8x8 weight=8x3x3x3 bias=7"))), "2x8x6x6");
}

TEST(Problem, AProblemWithoutPlaceForItsKernelHasAnOutputWithoutElements) {
  EXPECT_EQ(print(output_shape(problem_of("input=2x3x8x2 weight=8x1x3x3 groups=3"))), "2x8x0x0");
  EXPECT_EQ(print(output_shape(problem_of("input=2x3x8 weight=8x3x9"))), "2x8x0");
}

TEST(Problem, ShapesAreEqualWhereRankAndExtentsAre) {
  EXPECT_EQ((Shape{1, 2}), (Shape{1, 2}));
  EXPECT_NE((Shape{1, 2}), (Shape{1, 3}));
  EXPECT_NE((Shape{1, 0}), (Shape{1}));
  EXPECT_EQ(Shape{}.rank(), 0);
}

TEST(Problem, GeometryNamesEachExtent) {
  const Geometry g =
      geometry(problem_of("input=2x6x9x8 weight=4x3x3x2 groups=2 stride=2x3 padding=1,2,3,4 dilation=3x5 bias=4"));
  EXPECT_EQ(g.batch, 2);
  EXPECT_EQ(g.groups, 2);
  EXPECT_EQ(g.in_channels_per_group, 3);
  EXPECT_EQ(g.out_channels_per_group, 2);
  EXPECT_EQ(g.in_channels(), 6);
  EXPECT_EQ(g.out_channels(), 4);
  EXPECT_TRUE(g.has_bias);
  const auto numbers = [](const Axis& a) {
    return std::vector<int64_t>{a.in, a.kernel, a.out, a.stride, a.dilation, a.pad_before, a.pad_after};
  };
  // floor((9 + 3 - 7) / 2) + 1 = 3; floor((8 + 7 - 6) / 3) + 1 = 4.
  EXPECT_EQ(numbers(g.height), (std::vector<int64_t>{9, 3, 3, 2, 3, 1, 2}));
  EXPECT_EQ(numbers(g.width), (std::vector<int64_t>{8, 2, 4, 3, 5, 3, 4}));
  EXPECT_EQ(g.output_elements(), 2 * 4 * 3 * 4);
  EXPECT_FALSE(geometry(problem_of("input=1x1x1x1 weight=1x1x1x1")).has_bias);
}

TEST(Problem, ExtentsBeyondInt64AreStillRight) {
  const Problem problem = problem_of(
      "input=1x1x9223372036854775807 weight=1x1x9223372036854775807 padding=9223372036854775807 "
      "dilation=9223372036854775807");
  EXPECT_EQ(to_string(padded_extent(problem, 0)), "27670116110564327421");  // 3 * (2^63 - 1)
  // (2^63 - 1) (2^63 - 2) + 1 = 2^126 - 3 * 2^63 + 3
  EXPECT_EQ(to_string(dilated_extent(problem, 0)), "85070591730234615838173535747377725443");
}

}  // namespace
}  // namespace convcheck
