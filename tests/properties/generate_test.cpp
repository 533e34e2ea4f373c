#include "properties/generate.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "properties/classify.h"
#include "reference/case_text.h"
#include "reference/layout.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

int64_t elements(const Shape& shape) {
  int64_t count = 1;
  for (const int64_t extent : shape) count *= extent;
  return count;
}

class RandomCases : public testing::Test {
 protected:
  static constexpr int64_t kCases = 20'000;
  static const std::vector<Problem>& problems() {
    static const std::vector<Problem> kProblems = [] {
      std::vector<Problem> all;
      for (uint64_t seed = 1; seed <= kCases; ++seed) all.push_back(random_case(seed, Fill::integers).problem);
      return all;
    }();
    return kProblems;
  }

  template <class Predicate>
  static int64_t count(Predicate predicate) {
    int64_t found = 0;
    for (const Problem& problem : problems()) found += predicate(problem) ? 1 : 0;
    return found;
  }
};

TEST_F(RandomCases, AreValidAndSmallEnoughToBeJudgedQuickly) {
  for (const Problem& p : problems()) {
    ASSERT_TRUE(is_valid(p)) << print(p) << ": " << message(p, *broken_rule(p));
    ASSERT_EQ(p.spatial_rank(), 2);
    ASSERT_EQ(stride_fault(p), std::nullopt) << print(p);
    ASSERT_LE(multiply_count(p), kMostMultiplies) << print(p);
    ASSERT_LE(elements(p.input), kMostElements) << print(p);
    ASSERT_LE(elements(p.weight), kMostElements) << print(p);
  }
}

TEST_F(RandomCases, OccurInEveryClassThatIsReported) {
  // What is dear is rare; an empty image comes from the corpus alone, since shrinking would end at it.
  const std::set<std::string> rare = {"kernel extent, 256 and more", "larger of C and K, 1024 and more"};
  const std::string never = "image extent, 0";
  Coverage coverage;
  for (const Problem& p : problems()) coverage.add(p);
  for (size_t i = 0; i < kCaseClassCount; ++i) {
    const CaseClass& one = case_classes()[i];
    const std::string label = std::string(one.parameter) + ", " + std::string(one.value);
    RecordProperty(label, std::to_string(coverage.counts()[i]));
    if (label == never) continue;
    EXPECT_GT(coverage.counts()[i], kCases / (rare.contains(label) ? 300 : 80)) << label;
  }
  ASSERT_EQ(coverage.never_seen().size(), 1U);
  EXPECT_EQ(coverage.never_seen()[0].value, "0");
}

// A wish, and how many in a thousand cases are to have it.
struct Wish {
  const char* what;
  int64_t in_a_thousand;
  std::function<bool(const Problem&)> holds;
};

// True where it is so on one of the axes.
std::function<bool(const Problem&)> on_an_axis(std::function<bool(const Geometry&, const Axis&)> holds) {
  return [holds](const Problem& p) {
    const Geometry g = geometry(p);
    return holds(g, g.height) || holds(g, g.width);
  };
}

bool is_beside_multiple(int64_t channels, int64_t of) {
  return channels >= of && (channels + 1) % of <= 2;
}

// How many parameters are not at their default: groups, stride, dilation, padding before and after, kernel, batch,
// bias.
int parameters_at_work(const Problem& p) {
  const PerAxis ones = {1, 1, 1};
  return (p.groups != 1) + (p.stride != ones) + (p.dilation != ones) + (p.pad_before != PerAxis{}) +
         (p.pad_after != PerAxis{}) + (p.weight[2] != 3 || p.weight[3] != 3) + (p.batch() != 1) + p.has_bias();
}

bool is_contiguous(const Problem& p) {
  return p.layout == Layout::nchw && !p.input_strides && !p.weight_strides && !p.output_strides;
}

std::vector<Wish> wishes() {
  return {
      {"groups between 1 and C", 410, [](const Problem& p) { return p.groups > 1 && p.groups < p.in_channels(); }},
      {"multiplier 2 to 9", 450,
       [](const Problem& p) {
         const int64_t multiplier = p.out_channels() / p.groups;
         return multiplier >= 2 && multiplier <= 9;
       }},
      {"stride above kernel", 170, on_an_axis([](const Geometry&, const Axis& a) { return a.stride > a.kernel; })},
      {"padding equal to the kernel", 300,
       on_an_axis([](const Geometry&, const Axis& a) { return a.pad_before == a.kernel || a.pad_after == a.kernel; })},
      {"padding above the kernel", 230,
       on_an_axis([](const Geometry&, const Axis& a) { return a.pad_before > a.kernel || a.pad_after > a.kernel; })},
      {"dilation 3", 90, on_an_axis([](const Geometry&, const Axis& a) { return a.dilation == 3; })},
      {"dilation 5", 80, on_an_axis([](const Geometry&, const Axis& a) { return a.dilation == 5; })},
      {"a kernel of 1xN", 60, [](const Problem& p) { return p.weight[2] == 1 && p.weight[3] > 1; }},
      {"a kernel of Nx1", 60, [](const Problem& p) { return p.weight[3] == 1 && p.weight[2] > 1; }},
      {"a kernel of 31 to 33", 60,
       on_an_axis([](const Geometry&, const Axis& a) { return a.kernel >= 31 && a.kernel <= 33; })},
      {"a kernel 255 wide", 3, [](const Problem& p) { return p.weight[3] == 255; }},
      {"a kernel 256 wide", 4, [](const Problem& p) { return p.weight[3] == 256; }},
      {"a kernel 257 wide", 3, [](const Problem& p) { return p.weight[3] == 257; }},
      {"a kernel 257 high", 1, [](const Problem& p) { return p.weight[2] == 257; }},
      {"in channels beside a multiple of 8", 280,
       [](const Problem& p) { return is_beside_multiple(p.in_channels(), 8); }},
      {"out channels beside a multiple of 8", 280,
       [](const Problem& p) { return is_beside_multiple(p.out_channels(), 8); }},
      {"channels of a group beside a multiple of 16", 200,
       [](const Problem& p) {
         return is_beside_multiple(p.weight[1], 16) || is_beside_multiple(p.out_channels() / p.groups, 16);
       }},
      {"channels of a group beside a multiple of 32", 100,
       [](const Problem& p) {
         return is_beside_multiple(p.weight[1], 32) || is_beside_multiple(p.out_channels() / p.groups, 32);
       }},
      {"a size of 1", 140, on_an_axis([](const Geometry&, const Axis& a) { return a.in == 1; })},
      {"a size of 2", 80, on_an_axis([](const Geometry&, const Axis& a) { return a.in == 2; })},
      {"an output of 1", 370, on_an_axis([](const Geometry&, const Axis& a) { return a.out == 1; })},
      {"axes different in all parameters", 360,
       [](const Problem& p) {
         const Axis h = geometry(p).height;
         const Axis w = geometry(p).width;
         return h.in != w.in && h.kernel != w.kernel && h.stride != w.stride && h.dilation != w.dilation &&
                h.pad_before != w.pad_before && h.pad_after != w.pad_after;
       }},
      {"batch 0", 40, [](const Problem& p) { return p.batch() == 0; }},
      {"batch 2", 140, [](const Problem& p) { return p.batch() == 2; }},
      {"batch 3", 110, [](const Problem& p) { return p.batch() == 3; }},
      {"batch 5", 30, [](const Problem& p) { return p.batch() == 5; }},
      {"256 channels and more", 26,
       [](const Problem& p) { return std::max(p.in_channels(), p.out_channels()) >= 256 && p.weight[2] == 1; }},
      {"1024 in channels and more", 4, [](const Problem& p) { return p.in_channels() >= 1024; }},
      {"1024 out channels and more", 6, [](const Problem& p) { return p.out_channels() >= 1024; }},
      {"more than 256 groups", 2, [](const Problem& p) { return p.groups > 256; }},
      {"3x3, several tiles of 6x6 on each axis", 40,
       [](const Problem& p) {
         const Geometry g = geometry(p);
         return p.weight[2] == 3 && p.weight[3] == 3 && p.stride == PerAxis{1, 1, 1} &&
                p.dilation == PerAxis{1, 1, 1} && g.height.out > 12 && g.width.out > 12;
       }},
      {"one parameter at work", 40, [](const Problem& p) { return parameters_at_work(p) == 1 && is_contiguous(p); }},
      {"all parameters at work", 30, [](const Problem& p) { return parameters_at_work(p) == 8 && !is_contiguous(p); }},
  };
}

TEST_F(RandomCases, HaveWhatOtherSuitesHaveNot) {
  for (const Wish& wish : wishes()) {
    const int64_t found = count(wish.holds);
    RecordProperty(wish.what, std::to_string(found));
    EXPECT_GE(found * 1000, wish.in_a_thousand * kCases) << wish.what << ": " << found << " of " << kCases;
  }
}

// Tiles end in tails: every residue occurs, of the outputs of fast algorithms and of the pixels of a register.
TEST_F(RandomCases, HaveEveryTailOfATile) {
  for (const int64_t tile : {2, 4, 6, 8, 16}) {
    for (int64_t rest = 0; rest < tile; ++rest) {
      const auto of_plain = [&](const Problem& p) {
        return p.weight[3] > 1 && p.stride[1] == 1 && geometry(p).width.out % tile == rest;
      };
      EXPECT_GT(count(of_plain), kCases / 250) << rest << " modulo " << tile;
      EXPECT_GT(count([&](const Problem& p) { return p.input[3] >= tile && p.input[3] % tile == rest; }), kCases / 100)
          << rest << " modulo " << tile;
    }
  }
}

TEST_F(RandomCases, HaveABiasInHalf) {
  const int64_t biased = count([](const Problem& p) { return p.has_bias(); });
  EXPECT_GT(biased, kCases * 45 / 100);
  EXPECT_LT(biased, kCases * 55 / 100);
}

TEST_F(RandomCases, HaveParametersThatDifferFromAxisToAxisAndSideToSide) {
  EXPECT_GT(count([](const Problem& p) { return p.groups > 1 && p.groups < p.in_channels(); }), kCases / 4);
  EXPECT_GT(count([](const Problem& p) { return p.stride[0] != p.stride[1]; }), kCases / 10);
  EXPECT_GT(count([](const Problem& p) { return p.dilation[0] != p.dilation[1]; }), kCases / 10);
  EXPECT_GT(count([](const Problem& p) { return p.weight[2] != p.weight[3]; }), kCases / 10);
  EXPECT_GT(count([](const Problem& p) { return p.input[2] != p.input[3]; }), kCases / 10);
  EXPECT_GT(count([](const Problem& p) { return p.pad_before[0] != p.pad_before[1]; }), kCases / 10);
  EXPECT_GT(count([](const Problem& p) { return p.pad_before[0] != p.pad_after[0]; }), kCases / 10);
  EXPECT_GT(count([](const Problem& p) { return p.stride[0] > 1 && p.dilation[0] > 1; }), kCases / 10);
  EXPECT_GT(count([](const Problem& p) { return p.weight[1] != p.out_channels() / p.groups; }), kCases / 4);
}

TEST_F(RandomCases, HaveEachKindOfMemory) {
  const auto is_expanded = [](const std::optional<Shape>& strides, int axis) {
    return strides && (*strides)[axis] == 0;
  };
  constexpr int64_t kEnough = kCases / 80;
  EXPECT_GT(count([](const Problem& p) { return p.layout == Layout::nhwc; }), kEnough);
  EXPECT_GT(count([](const Problem& p) { return p.input_strides.has_value(); }), kEnough);
  EXPECT_GT(count([](const Problem& p) { return p.output_strides.has_value(); }), kEnough);
  EXPECT_GT(count([](const Problem& p) { return p.weight_strides && p.input_strides && p.output_strides; }), kEnough);
  for (const int axis : {0, 1}) {
    EXPECT_GT(count([&](const Problem& p) { return is_expanded(p.weight_strides, axis); }), kEnough) << axis;
    EXPECT_GT(count([&](const Problem& p) { return is_expanded(p.input_strides, axis); }), kEnough) << axis;
  }
  EXPECT_GT(count(is_contiguous), kCases * 3 / 4) << "most kernels serve nothing else";
}

TEST_F(RandomCases, AreOftenOfTheKindsThatSomeKernelsServeAlone) {
  const auto is_plain = [](const Problem& p) {
    return p.weight[2] == p.weight[3] && (p.weight[2] == 3 || p.weight[2] == 5) && p.stride == PerAxis{1, 1, 1} &&
           p.dilation == PerAxis{1, 1, 1};
  };
  const auto is_depthwise = [](const Problem& p) { return p.groups > 1 && p.weight[1] == 1; };
  EXPECT_GT(count(is_plain), kCases * 14 / 100);
  EXPECT_LT(count(is_plain), kCases / 3);
  EXPECT_GT(count([](const Problem& p) { return p.weight[2] == 1 && p.weight[3] == 1; }), kCases * 11 / 100);
  EXPECT_GT(count(is_depthwise), kCases / 20);
  // Plain ones come with all else: padding, groups, channels beside vector registers.
  EXPECT_GT(count([&](const Problem& p) { return is_plain(p) && p.groups > 1; }), kCases / 20);
  EXPECT_GT(count([&](const Problem& p) { return is_plain(p) && p.pad_before[0] >= p.weight[2]; }), kCases / 200);
  EXPECT_GT(count([&](const Problem& p) { return is_plain(p) && p.weight[1] > 12; }), kCases / 200);
}

TEST(RandomCase, IsTheSameForTheSameSeedAndAnotherForAnother) {
  std::set<std::string> valid, invalid;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    EXPECT_EQ(random_case(seed, Fill::reals), random_case(seed, Fill::reals));
    EXPECT_EQ(random_invalid_case(seed), random_invalid_case(seed));
    valid.insert(print(random_case(seed, Fill::integers)));
    invalid.insert(print(random_invalid_case(seed)));
  }
  EXPECT_GT(valid.size(), 495U);
  EXPECT_GT(invalid.size(), 490U);
}

TEST(RandomCase, HasTheFillThatIsAskedForAndTheSameProblem) {
  Case reals = random_case(7, Fill::reals);
  EXPECT_EQ(reals.fill, Fill::reals);
  reals.fill = Fill::integers;
  EXPECT_EQ(reals, random_case(7, Fill::integers));
}

TEST(RandomInvalidCase, BreaksARuleAndEveryRuleOccurs) {
  std::array<int64_t, kRuleCount> counts{};
  for (uint64_t seed = 1; seed <= 5000; ++seed) {
    const Case c = random_invalid_case(seed);
    const auto broken = broken_rule(c.problem);
    ASSERT_TRUE(broken) << print(c);
    ASSERT_EQ(stride_fault(c.problem), std::nullopt) << print(c);
    ++counts.at(static_cast<size_t>(broken->rule));
  }
  for (size_t rule = 0; rule < counts.size(); ++rule) {
    EXPECT_GT(counts[rule], 50) << name(static_cast<Rule>(rule));
  }
}

TEST(BrokenBy, BreaksTheRuleThatIsAskedForInEveryProblemOrSaysThatItCannot) {
  std::array<int64_t, kRuleCount> broken_count{};
  constexpr uint64_t kProblems = 1000;
  for (uint64_t seed = 1; seed <= kProblems; ++seed) {
    const Problem valid = random_case(seed, Fill::integers).problem;
    for (int i = 0; i < kRuleCount; ++i) {
      const auto rule = static_cast<Rule>(i);
      const auto problem = broken_by(valid, rule, Random(seed, static_cast<uint64_t>(i)));
      if (!problem) continue;
      const auto broken = broken_rule(*problem);
      ASSERT_TRUE(broken) << print(*problem);
      ASSERT_EQ(broken->rule, rule) << print(valid) << " made " << print(*problem);
      ++broken_count.at(static_cast<size_t>(i));
    }
  }
  for (int i = 0; i < kRuleCount; ++i) {
    // Divisibility cannot be broken where there is one group: that is nearly half of the problems.
    EXPECT_GT(broken_count.at(static_cast<size_t>(i)), static_cast<int64_t>(kProblems) / 4)
        << name(static_cast<Rule>(i));
  }
}

// The numbers that the broken rule is about put back, nothing else is wrong.
TEST(BrokenBy, LeavesAllOtherRulesKept) {
  int64_t judged = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    Problem valid = random_case(seed, Fill::integers).problem;
    const auto weight = broken_by(valid, Rule::weight_channels_match, Random(seed));
    const auto bias = broken_by(valid, Rule::bias_length_matches, Random(seed));
    const auto fit = broken_by(valid, Rule::kernel_fits_padded_input, Random(seed));
    ASSERT_TRUE(weight && bias && fit) << print(valid);
    Problem mended = *weight;
    mended.weight[1] = valid.weight[1];
    EXPECT_TRUE(is_valid(mended)) << print(*weight);
    // A kernel sees the output that the mended problem has: it has no second hint.
    EXPECT_EQ(output_shape(*weight), output_shape(valid)) << print(*weight);
    EXPECT_EQ(output_shape(*bias), output_shape(valid)) << print(*bias);
    mended = *bias;
    mended.bias = {valid.out_channels()};
    EXPECT_TRUE(is_valid(mended)) << print(*bias);
    mended = *fit;
    mended.weight = valid.weight;
    EXPECT_TRUE(is_valid(mended)) << print(*fit);
    ++judged;
  }
  EXPECT_EQ(judged, 2000);
}

// Long kernels with holes on both axes, or padding all around, were once never small enough. More cases than the tests
// above have, since what is too large twice is rare.
TEST(RandomCase, EndsForEverySeed) {
  int64_t large = 0;
  const auto cases = static_cast<uint64_t>(random_cases(100'000));
  for (uint64_t seed = 1'000'000; seed < 1'000'000 + cases; ++seed) {
    const Problem p = random_case(seed, Fill::integers).problem;
    ASSERT_LE(multiply_count(p), kMostMultiplies) << print(p);
    ASSERT_LE(elements(p.input), kMostElements) << print(p);
    large += dilated_extent(p, 0) > 100 && dilated_extent(p, 1) > 100 ? 1 : 0;
  }
  EXPECT_GT(large, random_cases(100'000) / 1000);
}

// As generators of RapidCheck, whatever its own seed and size.
RC_GTEST_PROP(Generators, ValidProblemIsValidAtEverySize, ()) {
  const Problem problem = *valid_problem();
  RC_ASSERT(is_valid(problem));
  RC_ASSERT(multiply_count(problem) <= kMostMultiplies);
}

RC_GTEST_PROP(Generators, InvalidProblemIsInvalidAtEverySize, ()) {
  RC_ASSERT(!is_valid(*invalid_problem()));
}

}  // namespace
}  // namespace convcheck
