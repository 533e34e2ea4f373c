// What `convcheck explain` answers to the question that started it.
#include <gtest/gtest.h>

#include "tests/tools/program.h"

namespace convcheck::tools {
namespace {

// The texts, wherever lines are broken.
void expect_says(const Ended& ended, const std::vector<std::string>& texts) {
  const std::string shown = joined(ended.out);
  for (const std::string& text : texts) EXPECT_NE(shown.find(text), std::string::npos) << text << "\n" << ended.out;
  for (const std::string& line : lines(ended.out)) EXPECT_LE(line.size(), 100U) << line;
}

TEST(Explain, EightKernelsForThreeGroups) {
  const Ended ended = convcheck(words("explain in_channels=3 out_channels=8 kernel=3 size=8 groups=3"));
  EXPECT_EQ(ended.status, 1);
  expect_says(ended, {
                         "invalid: input=1x3x8x8 weight=8x1x3x3 groups=3 ",
                         "out_channels (8) must be divisible by groups (3); nearest: 6 or 9",
                         "5 (out_channels_divisible_by_groups)",
                         "8 kernels cannot be shared out evenly among 3 groups: 3+3+2 is one of several ways",
                         "nearest valid input=1x3x8x8 weight=6x1x3x3 groups=3 ",
                         "input=1x3x8x8 weight=9x1x3x3 groups=3 ",
                         // What was wanted: each kernel on every channel.
                         "view 1x3x8x8 as 3x1x8x8, convolve 1 -> 8",
                         "3x8x6x6 as 1x24x6x6: 3 * 8 = 24 maps, not 8",
                         "input=3x1x8x8 weight=8x1x3x3 ",
                         "input=1x3x8x8 weight=24x1x3x3 groups=3, the 8 kernels repeated 3 times",
                     });
}

TEST(Explain, FourInputChannelsForThreeGroups) {
  const Ended ended = convcheck(words("explain input=1x4x8x8 weight=9x1x3x3 groups=3"));
  EXPECT_EQ(ended.status, 1);
  expect_says(ended, {"in_channels (4) must be divisible by groups (3); nearest: 3 or 6",
                      "4 input channels cannot be shared out evenly among 3 groups"});
}

TEST(Explain, WhatGoesWhere) {
  const Ended grouped = convcheck(words("explain in_channels=4 out_channels=8 kernel=3 size=6 groups=2"));
  EXPECT_EQ(grouped.status, 0);
  expect_says(grouped, {"output channels 0-3 see input channels 0-1", "output channels 4-7 see input channels 2-3",
                        "the groups' results are stacked in this order", "channels_per_kernel=2"});
  const Ended dense = convcheck(words("explain in_channels=4 out_channels=8 kernel=3 size=6"));
  expect_says(dense, {"output channels 0-7 see input channels 0-3"});
  // The other way of saying it.
  const Ended other = convcheck(words("explain in_channels=4 out_channels=8 kernel=3 size=6 channels_per_kernel=2"));
  EXPECT_EQ(other.out, grouped.out);
}

TEST(Explain, TheShapeOfAWeight) {
  expect_says(
      convcheck(words("explain in_channels=6 out_channels=16 kernel=5 size=32 groups=2")),
      {"Conv2d(6, 16, 5, groups=2, bias=False)", "16 x 3 x 5 x 5: out_channels, in_channels / groups",
       "16 * 6 / 2 = 48 kernel planes", "1 x 16 x 28 x 28", "floor((32 + 0 + 0 - 1 * (5 - 1) - 1) / 1) + 1 = 28"});
}

TEST(Explain, SixteenChannelsFoldedAreNotEight) {
  expect_says(convcheck(words("explain in_channels=16 out_channels=8 kernel=3 size=10")),
              {"16 * 8 = 128 maps, not 8", "16 -> 8 whose weight is the same for every input channel"});
}

}  // namespace
}  // namespace convcheck::tools
