#include "tools/convcheck/bench/workload.h"

#include <gtest/gtest.h>

#include "tests/tools/bench/reports.h"

namespace convcheck::bench {
namespace {

TEST(KindOf, TellsLayersApart) {
  const std::vector<std::pair<const char*, std::string_view>> layers = {
      {"input=1x8x9x9 weight=8x1x3x3 groups=8", "depthwise"},
      {"input=1x8x9x9 weight=16x1x1x1 groups=8", "depthwise"},
      {"input=1x8x9x9 weight=8x4x3x3 groups=2", "grouped"},
      {"input=1x8x9x9 weight=8x4x1x1 groups=2", "grouped"},
      {"input=1x8x9x9 weight=8x8x1x1", "1x1"},
      {"input=1x8x9x9 weight=8x8x1x1 stride=2", "1x1"},
      {"input=1x1x9x9 weight=8x1x3x3", "3x3"},
      {"input=1x8x9x9 weight=8x8x3x3 padding=1", "3x3"},
      {"input=1x8x9x9 weight=8x8x3x3 stride=2", "other"},
      {"input=1x8x9x9 weight=8x8x3x3 stride=1x2", "other"},
      {"input=1x8x9x9 weight=8x8x3x3 dilation=2", "other"},
      {"input=1x8x9x9 weight=8x8x3x1", "other"},
      {"input=1x8x9x9 weight=8x8x5x5", "other"},
  };
  for (const auto& [text, kind] : layers) EXPECT_EQ(name(kind_of(problem(text))), kind) << text;
}

TEST(WorkloadOf, CountsEqualLayersAndSharesProblemsAmongNetworks) {
  const Workload workload = two_networks();
  ASSERT_EQ(workload.error, "");
  ASSERT_EQ(workload.problems.size(), 2U);
  ASSERT_EQ(workload.networks.size(), 2U);
  const auto& first = workload.networks[0].layers;
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].name, "a");
  EXPECT_EQ(first[0].occurrences, 2);
  EXPECT_EQ(first[1].occurrences, 1);
  ASSERT_EQ(workload.networks[1].layers.size(), 1U);
  EXPECT_EQ(workload.networks[1].layers[0].problem, first[1].problem);
}

TEST(WorkloadOf, KeepsNamedLayersAndRefusesUnknownOnes) {
  const Workload one = workload_of(networks(), {"a"});
  ASSERT_EQ(one.networks.size(), 1U);
  EXPECT_EQ(one.networks[0].layers.size(), 1U);
  EXPECT_EQ(workload_of(networks(), {"x"}).error.substr(0, 17), "unknown layer 'x'");
}

TEST(WorkloadOf, RefusesWhatCannotBeTimed) {
  const std::vector<Network> channels_last = {
      {"n", parse_corpus("a: input=1x8x9x9 weight=8x8x3x3 layout=nhwc\n", "n.cases").entries}};
  EXPECT_EQ(workload_of(channels_last, {}).error,
            "n.cases:1: only valid forward f32 layers of two spatial axes in plain NCHW can be timed");
}

}  // namespace
}  // namespace convcheck::bench
