// The generator: its published values, its ranges, and that streams differ.
#include "reference/random.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace convcheck {
namespace {

TEST(Random, GivesThePublishedSequenceOfSplitMix64) {
  // The first outputs of SplitMix64 for seed 1234567, as published with many implementations of it.
  Random random(1234567);
  EXPECT_EQ(random.bits(), 6457827717110365317U);
  EXPECT_EQ(random.bits(), 3203168211198807973U);
  EXPECT_EQ(random.bits(), 9817491932198370423U);
  EXPECT_EQ(random.bits(), 4593380528125082431U);
  EXPECT_EQ(random.bits(), 16408922859458223821U);
}

TEST(Random, StaysBelowTheCountAndReachesAllOfIt) {
  Random random(1);
  std::array<int, 7> seen{};
  for (int i = 0; i < 7000; ++i) ++seen.at(random.below(7));
  for (const int count : seen) EXPECT_NEAR(count, 1000, 150);  // five standard deviations
  for (int i = 0; i < 100; ++i) EXPECT_EQ(random.below(1), 0U);
}

TEST(Random, EachPairOfSeedAndStreamIsASequenceOfItsOwn) {
  std::set<uint64_t> first;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    for (uint64_t stream = 0; stream < 50; ++stream) first.insert(Random(seed, stream).bits());
  }
  EXPECT_EQ(first.size(), 50U * 50U);
  EXPECT_EQ(Random(3, 4).bits(), Random(3, 4).bits());
}

}  // namespace
}  // namespace convcheck
