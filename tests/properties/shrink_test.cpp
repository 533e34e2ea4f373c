#include "properties/shrink.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "properties/generate.h"
#include "reference/case_text.h"
#include "reference/layout.h"
#include "reference/rules.h"
#include "tests/properties/faulty_kernels.h"
#include "tests/properties/judging.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

using Fails = std::function<bool(const Case&)>;

// What shrink() promises: the result fails, is of the origin's kind, and no neighbour fails under the seeds it tries.
void expect_minimal(const Case& origin, const Fails& fails, const std::string& what) {
  const Shrunk shrunk = shrink(origin, fails);
  const Case& smallest = shrunk.smallest;
  const std::string text = what + ": " + print(origin) + " became " + print(smallest);
  EXPECT_TRUE(shrunk.is_minimal) << text;
  EXPECT_GT(shrunk.tried, 0) << text;
  EXPECT_TRUE(fails(smallest)) << text;
  EXPECT_EQ(smallest.fill, origin.fill);
  const auto before = broken_rule(origin.problem);
  const auto after = broken_rule(smallest.problem);
  ASSERT_EQ(before.has_value(), after.has_value()) << text;
  if (before) {
    EXPECT_EQ(before->rule, after->rule) << text;
  }
  for (Case neighbour : smaller_cases(smallest)) {
    for (const uint64_t seed : {uint64_t{1}, smallest.seed, uint64_t{2}}) {
      neighbour.seed = seed;
      EXPECT_FALSE(fails(neighbour)) << text << ", and " << print(neighbour) << " fails as well";
    }
  }
}

struct Predicate {
  std::string name;
  Fails fails;
  std::string smallest;  ///< the text of what is left, the same from wherever it began
};

// The plainest problem of all is what a predicate leaves alone.
const std::vector<Predicate> kPredicates = {
    {"everything", [](const Case&) { return true; }, "input=0x1x1x1 weight=1x1x1x1"},
    {"groups >= 2", [](const Case& c) { return c.problem.groups >= 2; }, "groups=2"},
    {"a bias", [](const Case& c) { return c.problem.has_bias(); }, "bias="},
    {"dilation_w >= 2 and stride_h >= 2",
     [](const Case& c) { return c.problem.dilation[1] >= 2 && c.problem.stride[0] >= 2; }, "stride=2x1 dilation=1x2"},
    {"K % 3 == 2", [](const Case& c) { return c.problem.out_channels() % 3 == 2; }, "weight=2x1x1x1"},
    {"K % 8 == 7", [](const Case& c) { return c.problem.out_channels() % 8 == 7; }, "weight=7x1x1x1"},
    {"kernel_h >= 3", [](const Case& c) { return c.problem.weight[2] >= 3; }, "weight=1x1x3x1"},
    {"three images", [](const Case& c) { return c.problem.batch() >= 3; }, "input=3x1"},
    {"padding_left >= 2", [](const Case& c) { return c.problem.pad_before[1] >= 2; }, "padding=0,0,2,0"},
    {"padding_bottom >= 1", [](const Case& c) { return c.problem.pad_after[0] >= 1; }, "padding=0,1,0,0"},
    {"channels last", [](const Case& c) { return c.problem.layout == Layout::nhwc; }, "layout=nhwc"},
    {"an output of 4 columns at least",
     [](const Case& c) { return is_valid(c.problem) && output_shape(c.problem)[3] >= 4; }, "input=0x1x"},
    {"an odd seed", [](const Case& c) { return c.seed % 2 == 1; }, "weight=1x1x1x1"},
};

TEST(Shrink, LeavesWhatAPredicateNeedsAndNothingElse) {
  for (const Predicate& predicate : kPredicates) {
    int64_t judged = 0;
    for (uint64_t seed = 1; seed <= 4000 && judged < 12; ++seed) {
      const Case c = random_case(seed, Fill::integers);
      if (!predicate.fails(c)) continue;
      ++judged;
      expect_minimal(c, predicate.fails, predicate.name);
      const std::string text = print(shrink(c, predicate.fails).smallest);
      EXPECT_NE(text.find(predicate.smallest), std::string::npos)
          << predicate.name << ": " << print(c) << " became " << text;
    }
    EXPECT_EQ(judged, 12) << predicate.name;
  }
}

TEST(Shrink, MakesRealViolationsMinimal) {
  const std::vector<std::pair<std::string_view, Defect>> pairs = {
      {"matches_reference_exactly", Defect::group_ignored},
      {"matches_reference_exactly", Defect::weight_group_lost},
      {"matches_reference_exactly", Defect::stride_dilation_swapped},
      {"matches_reference_exactly", Defect::padding_sides_swapped},
      {"matches_reference_exactly", Defect::channel_residue},
      {"matches_reference_exactly", Defect::strided_read_as_dense},
      {"matches_reference_within_bound", Defect::winograd_inaccurate},
      {"matches_reference_within_bound", Defect::accumulates_in_bf16},
      {"writes_every_output_element", Defect::last_column_unwritten},
      {"accepts_valid", Defect::rejects_kernel_above_image},
      {"bias_adds", Defect::bias_doubled_after_first},
      {"groups_are_independent", Defect::groups_interleaved},
      {"tied_groups_equal_channel_fold", Defect::channel_residue},
      {"rejects_invalid", Defect::accepts_indivisible_outputs},
      {"rejects_invalid", Defect::skips_weight_shape},
      {"rejects_invalid", Defect::fails_invalid},
  };
  for (const auto& [law_name, defect] : pairs) {
    const Law& law = *find_law(law_name);
    const auto found = first_violation(law, kernel_with(defect), 0, 2000);
    ASSERT_TRUE(found) << law_name << ' ' << name(defect);
    const Fails fails = [&, kernel = &kernel_with(defect)](const Case& c) {
      return takes(law, c, is_valid(c.problem)) && judge_once(law, *kernel, c).outcome == Outcome::violated;
    };
    expect_minimal(found->the_case, fails, std::string(law_name) + " by " + name(defect));
  }
}

TEST(Shrink, ShowsADefectOnTheSmallestProblemThatHasIt) {
  const auto smallest = [](std::string_view law_name, Defect defect) {
    const Law& law = *find_law(law_name);
    const auto found = first_violation(law, kernel_with(defect), 0, 2000);
    return print(shrink(found->the_case, [&](const Case& c) {
                   return takes(law, c, is_valid(c.problem)) &&
                          judge_once(law, kernel_with(defect), c).outcome == Outcome::violated;
                 }).smallest);
  };
  EXPECT_EQ(smallest("matches_reference_exactly", Defect::group_ignored), "input=1x2x1x1 weight=2x1x1x1 groups=2");
  EXPECT_EQ(smallest("matches_reference_exactly", Defect::channel_residue), "input=1x1x1x1 weight=8x1x1x1");
  EXPECT_EQ(smallest("matches_reference_exactly", Defect::bias_skipped), "input=1x1x1x1 weight=1x1x1x1 bias=1");
  EXPECT_EQ(smallest("writes_every_output_element", Defect::last_column_unwritten), "input=1x1x1x2 weight=1x1x1x1");
  EXPECT_EQ(smallest("accepts_valid", Defect::rejects_empty_batch), "input=0x1x1x1 weight=1x1x1x1");
}

TEST(Shrink, BringsANumberThatBreaksARuleToTheEdgeOfIt) {
  const auto smallest = [](std::string_view text) {
    return print(shrink(case_of(text), [](const Case&) { return true; }).smallest);
  };
  EXPECT_EQ(smallest("input=-9223372036854775807x4x8x8 weight=4x4x3x3"), "input=-1x1x1x1 weight=1x1x1x1");
  EXPECT_EQ(smallest("input=2x4x8x8 weight=4x4x3x3 groups=-2147483647"), "input=0x1x1x1 weight=1x1x1x1 groups=0");
  EXPECT_EQ(smallest("input=2x4x8x8 weight=4x4x3x3 stride=1x-100"), "input=0x1x1x1 weight=1x1x1x1 stride=1x0");
  EXPECT_EQ(smallest("input=2x4x8x8 weight=4x4x3x3 padding=0,0,0,-9"), "input=0x1x1x2 weight=1x1x1x1 padding=0,0,0,-1");
  EXPECT_EQ(smallest("input=1x3x8x8 weight=8x1x3x3 groups=3"), "input=0x2x1x1 weight=1x1x1x1 groups=2");
}

TEST(Shrink, EndsWhereItsTriesDoAndSaysSo) {
  const Case c = random_case(3, Fill::integers);
  int64_t asked = 0;
  const auto fails = [&](const Case&) {
    ++asked;
    return true;
  };
  const Shrunk shrunk = shrink(c, fails, 5);
  EXPECT_FALSE(shrunk.is_minimal);
  EXPECT_LE(shrunk.tried, 5);
  EXPECT_EQ(shrunk.tried, asked);
}

TEST(Shrink, KeepsACaseThatFailsUnderItsOwnSeedAlone) {
  Case c = case_of("input=2x4x5x5 weight=4x2x3x3 groups=2 seed=7");
  const Shrunk shrunk = shrink(c, [&](const Case& candidate) { return candidate == c; });
  EXPECT_TRUE(shrunk.is_minimal);
  EXPECT_EQ(shrunk.smallest, c);
}

TEST(Shrink, TakesThePlainestSeed) {
  const Case c = case_of("input=1x1x1x1 weight=1x1x1x1 seed=70");
  EXPECT_EQ(shrink(c, [](const Case& candidate) { return candidate.problem.batch() == 1; }).smallest.seed, 1U);
  EXPECT_EQ(shrink(c, [](const Case& candidate) { return candidate.seed >= 2; }).smallest.seed, 70U);
}

TEST(SmallerCases, AreOfTheSameKindAndDifferFromTheirOriginAndEachOther) {
  int64_t neighbours = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    for (const Case& c : {random_case(seed, Fill::reals), random_invalid_case(seed)}) {
      const auto rule = broken_rule(c.problem);
      std::set<std::string> texts = {print(c)};
      for (const Case& neighbour : smaller_cases(c)) {
        ++neighbours;
        EXPECT_TRUE(texts.insert(print(neighbour)).second) << print(c) << ": " << print(neighbour);
        EXPECT_EQ(stride_fault(neighbour.problem), std::nullopt) << print(neighbour);
        EXPECT_EQ(neighbour.fill, c.fill);
        EXPECT_EQ(neighbour.seed, c.seed);
        const auto other = broken_rule(neighbour.problem);
        ASSERT_EQ(rule.has_value(), other.has_value()) << print(c) << ": " << print(neighbour);
        if (rule) {
          EXPECT_EQ(rule->rule, other->rule) << print(c) << ": " << print(neighbour);
        }
      }
    }
  }
  EXPECT_GT(neighbours, 10'000);
}

// The numbers of a problem that a person would try to make smaller, each stepped down by one, with what must follow.
std::vector<Problem> stepped_down(const Problem& p) {
  std::vector<Problem> all;
  const auto add = [&](auto change) {
    Problem q = p;
    change(q);
    if (is_valid(q) && !stride_fault(q)) all.push_back(q);
  };
  const auto set_channels = [](Problem& q, int64_t groups, int64_t in_per_group, int64_t out_per_group) {
    q.groups = groups;
    q.input[1] = groups * in_per_group;
    q.weight[1] = in_per_group;
    q.weight[0] = groups * out_per_group;
    if (q.has_bias()) q.bias = {q.weight[0]};
  };
  const int64_t in = p.weight[1];
  const int64_t out = p.weight[0] / p.groups;
  if (p.groups > 1) add([&](Problem& q) { set_channels(q, p.groups - 1, in, out); });
  if (in > 1) add([&](Problem& q) { set_channels(q, p.groups, in - 1, out); });
  if (out > 1) add([&](Problem& q) { set_channels(q, p.groups, in, out - 1); });
  add([](Problem& q) { --q.input[0]; });
  for (int axis = 0; axis < 2; ++axis) {
    const auto at = static_cast<size_t>(axis);
    add([&](Problem& q) { --q.input[axis + 2]; });
    add([&](Problem& q) { --q.weight[axis + 2]; });
    add([&](Problem& q) { --q.stride[at]; });
    add([&](Problem& q) { --q.dilation[at]; });
    add([&](Problem& q) { --q.pad_before[at]; });
    add([&](Problem& q) { --q.pad_after[at]; });
  }
  add([](Problem& q) { q.bias = {}; });
  return all;
}

TEST(SmallerCases, StepEveryNumberDownByOne) {
  int64_t steps = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const Case c = random_case(seed, Fill::integers);
    const std::vector<Case> neighbours = smaller_cases(c);
    for (const Problem& wanted : stepped_down(c.problem)) {
      if (wanted == c.problem) continue;
      ++steps;
      EXPECT_TRUE(std::any_of(neighbours.begin(), neighbours.end(),
                              [&](const Case& neighbour) { return neighbour.problem == wanted; }))
          << print(c) << " has no neighbour " << print(wanted);
    }
  }
  EXPECT_GT(steps, 2000);
}

TEST(SmallerCases, OfThePlainestCaseAreNone) {
  EXPECT_TRUE(smaller_cases(case_of("input=0x1x1x0 weight=1x1x1x1 padding=0,0,0,1")).size() <= 2);
  EXPECT_TRUE(smaller_cases(case_of("input=0x1x1x1 weight=1x1x1x1")).empty());
}

}  // namespace
}  // namespace convcheck
