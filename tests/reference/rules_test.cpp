// Every rule broken by itself, with its message; what the rules let pass; and the helpers behind "nearest".
#include "reference/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "reference/case_text.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

// A problem that breaks one rule, and the problem that follows its message's advice, which breaks none: hence nothing
// else was wrong.
struct Broken {
  const char* text;
  const char* repaired;
  Rule rule;
  int where;
  const char* message;
};

constexpr int kFarSide = kMaxSpatial;

const std::vector<Broken> kBroken = {
    {"input=1x3x8x8 weight=9x3x3x3 groups=0", "input=1x3x8x8 weight=9x3x3x3 groups=1", Rule::groups_at_least_one, 0,
     "groups (0) must be at least 1; nearest: 1"},
    {"input=1x3x8x8 weight=9x3x3x3 groups=-9223372036854775808", "input=1x3x8x8 weight=9x3x3x3",
     Rule::groups_at_least_one, 0, "groups (-9223372036854775808) must be at least 1; nearest: 1"},
    {"input=1x3x8x8 weight=9x3x3x3 stride=0x2", "input=1x3x8x8 weight=9x3x3x3 stride=1x2", Rule::stride_at_least_one, 0,
     "stride height (0) must be at least 1; nearest: 1"},
    {"input=1x3x8x8 weight=9x3x3x3 stride=2x-1", "input=1x3x8x8 weight=9x3x3x3 stride=2x1", Rule::stride_at_least_one,
     1, "stride width (-1) must be at least 1; nearest: 1"},
    {"input=1x3x4x8x8 weight=9x3x1x3x3 stride=0x1x1", "input=1x3x4x8x8 weight=9x3x1x3x3", Rule::stride_at_least_one, 0,
     "stride depth (0) must be at least 1; nearest: 1"},
    {"input=1x3x8x8 weight=9x3x3x3 dilation=0", "input=1x3x8x8 weight=9x3x3x3", Rule::dilation_at_least_one, 0,
     "dilation height (0) must be at least 1; nearest: 1"},
    {"input=1x3x8 weight=9x3x3 dilation=-2", "input=1x3x8 weight=9x3x3", Rule::dilation_at_least_one, 0,
     "dilation width (-2) must be at least 1; nearest: 1"},
    {"input=1x3x8x8 weight=9x3x3x3 padding=-1,0,0,0", "input=1x3x8x8 weight=9x3x3x3", Rule::padding_not_negative, 0,
     "padding top (-1) must not be negative; nearest: 0 (to crop, slice the input)"},
    {"input=1x3x8x8 weight=9x3x3x3 padding=0,0,-3,0", "input=1x3x8x8 weight=9x3x3x3", Rule::padding_not_negative, 1,
     "padding left (-3) must not be negative; nearest: 0 (to crop, slice the input)"},
    {"input=1x3x8x8 weight=9x3x3x3 padding=0,-2,0,0", "input=1x3x8x8 weight=9x3x3x3", Rule::padding_not_negative,
     kFarSide + 0, "padding bottom (-2) must not be negative; nearest: 0 (to crop, slice the input)"},
    {"input=1x3x8x8 weight=9x3x3x3 padding=0,0,0,-1", "input=1x3x8x8 weight=9x3x3x3", Rule::padding_not_negative,
     kFarSide + 1, "padding right (-1) must not be negative; nearest: 0 (to crop, slice the input)"},
    {"input=1x3x4x8x8 weight=9x3x1x3x3 padding=0,-1,0,0,0,0", "input=1x3x4x8x8 weight=9x3x1x3x3",
     Rule::padding_not_negative, kFarSide + 0,
     "padding back (-1) must not be negative; nearest: 0 (to crop, slice the input)"},
    {"input=1x3x8x8 weight=9x3x3", "input=1x3x8x8 weight=9x3x3x3", Rule::ranks_agree, kWeightRank,
     "weight has rank 3 but input has rank 4; weight must have 4 axes: out_channels, in_channels / groups and the "
     "kernel's sizes"},
    {"input=1x3x8x8 weight=9x3x3x3 bias=9x1", "input=1x3x8x8 weight=9x3x3x3 bias=9", Rule::ranks_agree, kBiasRank,
     "bias has rank 2; it must have one axis, of out_channels (9)"},
    {"input=1x3x8x8 weight=9x3x3x3 output=1x9x6", "input=1x3x8x8 weight=9x3x3x3", Rule::ranks_agree, kOutputRank,
     "output has rank 3 but input has rank 4; output must have 4 axes: batch, out_channels and the output's sizes"},
    {"input=-1x3x8x8 weight=9x3x3x3", "input=0x3x8x8 weight=9x3x3x3", Rule::batch_not_negative, 0,
     "batch (-1) must not be negative; nearest: 0"},
    {"input=1x0x8x8 weight=9x0x3x3", "input=1x1x8x8 weight=9x1x3x3", Rule::in_channels_at_least_one, 0,
     "in_channels (0) must be at least 1; nearest: 1"},
    {"input=1x0x8x8 weight=9x0x3x3 groups=3", "input=1x3x8x8 weight=9x1x3x3 groups=3", Rule::in_channels_at_least_one,
     0, "in_channels (0) must be at least 1; nearest: 3, since groups is 3"},
    {"input=1x3x8x8 weight=0x3x3x3", "input=1x3x8x8 weight=1x3x3x3", Rule::out_channels_at_least_one, 0,
     "out_channels (0) must be at least 1; nearest: 1"},
    {"input=1x3x8x8 weight=9x3x0x3", "input=1x3x8x8 weight=9x3x1x3", Rule::kernel_at_least_one, 0,
     "kernel height (0) must be at least 1; nearest: 1"},
    {"input=1x3x8x8 weight=9x3x3x-7", "input=1x3x8x8 weight=9x3x3x1", Rule::kernel_at_least_one, 1,
     "kernel width (-7) must be at least 1; nearest: 1"},
    {"input=1x3x-1x8 weight=9x3x3x3 padding=3", "input=1x3x0x8 weight=9x3x3x3 padding=3", Rule::input_size_not_negative,
     0, "input height (-1) must not be negative; nearest: 0"},
    {"input=1x4x8x8 weight=9x1x3x3 groups=3", "input=1x3x8x8 weight=9x1x3x3 groups=3",
     Rule::in_channels_divisible_by_groups, 0, "in_channels (4) must be divisible by groups (3); nearest: 3 or 6"},
    {"input=1x3x8x8 weight=8x1x3x3 groups=3", "input=1x3x8x8 weight=9x1x3x3 groups=3",
     Rule::out_channels_divisible_by_groups, 0, "out_channels (8) must be divisible by groups (3); nearest: 6 or 9"},
    {"input=1x3x8x8 weight=2x1x3x3 groups=3", "input=1x3x8x8 weight=3x1x3x3 groups=3",
     Rule::out_channels_divisible_by_groups, 0, "out_channels (2) must be divisible by groups (3); nearest: 3"},
    {"input=1x6x32x32 weight=16x6x5x5 groups=2", "input=1x6x32x32 weight=16x3x5x5 groups=2",
     Rule::weight_channels_match, 0,
     "weight channels (6) must be in_channels / groups = 6 / 2 = 3; nearest: a weight of 16x3x5x5, or groups 1"},
    {"input=1x6x32x32 weight=16x4x5x5 groups=2", "input=1x6x32x32 weight=16x3x5x5 groups=2",
     Rule::weight_channels_match, 0,
     "weight channels (4) must be in_channels / groups = 6 / 2 = 3; nearest: a weight of 16x3x5x5"},
    {"input=1x6x32x32 weight=16x0x5x5 groups=2", "input=1x6x32x32 weight=16x3x5x5 groups=2",
     Rule::weight_channels_match, 0,
     "weight channels (0) must be in_channels / groups = 6 / 2 = 3; nearest: a weight of 16x3x5x5"},
    {"input=1x3x8x8 weight=9x3x3x3 bias=8", "input=1x3x8x8 weight=9x3x3x3 bias=9", Rule::bias_length_matches, 0,
     "bias length (8) must be out_channels (9); nearest: 9, or no bias"},
    {"input=1x3x2x8 weight=9x3x3x3", "input=1x3x2x8 weight=9x3x2x3", Rule::kernel_fits_padded_input, 0,
     "the kernel does not fit the height: dilation * (kernel - 1) + 1 = 1 * (3 - 1) + 1 = 3 exceeds the padded input "
     "2 + 0 + 0 = 2; nearest: a kernel of 2, or padding that adds 1 more"},
    {"input=1x3x8x2 weight=9x3x3x3 padding=1 dilation=1x3", "input=1x3x8x2 weight=9x3x3x3 padding=1,1,2,3 dilation=1x3",
     Rule::kernel_fits_padded_input, 1,
     "the kernel does not fit the width: dilation * (kernel - 1) + 1 = 3 * (3 - 1) + 1 = 7 exceeds the padded input "
     "2 + 1 + 1 = 4; nearest: a kernel of 2, or a dilation of 1, or padding that adds 3 more"},
    {"input=1x3x0x8 weight=9x3x1x3", "input=1x3x0x8 weight=9x3x1x3 padding=1,0,0,0", Rule::kernel_fits_padded_input, 0,
     "the kernel does not fit the height: dilation * (kernel - 1) + 1 = 1 * (1 - 1) + 1 = 1 exceeds the padded input "
     "0 + 0 + 0 = 0; nearest: padding that adds 1 more"},
    {"input=1x3x8x8 weight=9x3x3x3 output=1x9x6x7", "input=1x3x8x8 weight=9x3x3x3 output=1x9x6x6",
     Rule::output_shape_matches, 0,
     "output (1x9x6x7) must be 1x9x6x6: its width is floor((padded input 8 - dilated kernel 3) / stride 1) + 1 = 6"},
    {"input=2x3x8x8 weight=9x3x3x3 output=1x9x6x6", "input=2x3x8x8 weight=9x3x3x3", Rule::output_shape_matches, 0,
     "output (1x9x6x6) must be 2x9x6x6: it has the input's batch of 2"},
    {"input=2x3x8x8 weight=9x3x3x3 output=2x8x6x6", "input=2x3x8x8 weight=9x3x3x3", Rule::output_shape_matches, 0,
     "output (2x8x6x6) must be 2x9x6x6: it has out_channels = 9 channels"},
    {"input=1x1x9223372036854775807 weight=1x1x9 padding=0,1 stride=9",
     "input=1x1x2305843009213693951 weight=1x1x9 padding=0,1 stride=9", Rule::sizes_fit_int64, 0,
     "the padded width (9223372036854775807 + 0 + 1 = 9223372036854775808) must be at most 9223372036854775807, "
     "the largest signed 64-bit integer"},
    {"input=4294967296x2147483648x1 weight=1x2147483648x1", "input=268435456x2147483648x1 weight=1x2147483648x1",
     Rule::sizes_fit_int64, kMaxSpatial + static_cast<int>(TensorRole::input),
     "input (4294967296x2147483648x1) must have at most 9223372036854775807 elements, the largest signed 64-bit "
     "integer"},
    {"input=1x1x1 weight=1x1x2305843009213693952 padding=2305843009213693952",
     "input=1x1x1 weight=1x1x2305843009213693951 padding=1152921504606846976", Rule::sizes_fit_int64,
     kMaxSpatial + static_cast<int>(TensorRole::weight),
     "weight (1x1x2305843009213693952, strides 2305843009213693952x2305843009213693952x1, 4 bytes an element) must "
     "span at most 9223372036854775807 bytes, the largest signed 64-bit integer"},
    {"input=1x1x1 weight=1x1x1 padding=1152921504606846976,1152921504606846976",
     "input=1x1x1 weight=1x1x1 padding=1152921504606846975,1152921504606846975", Rule::sizes_fit_int64,
     kMaxSpatial + static_cast<int>(TensorRole::output),
     "output (1x1x2305843009213693953, strides 2305843009213693953x2305843009213693953x1, 4 bytes an element) must "
     "span at most 9223372036854775807 bytes, the largest signed 64-bit integer"},
};

TEST(Rules, EachIsBrokenByItselfAndSaysSo) {
  for (const Broken& b : kBroken) {
    SCOPED_TRACE(b.text);
    const Problem problem = problem_of(b.text);
    const auto broken = broken_rule(problem);
    ASSERT_TRUE(broken);
    EXPECT_EQ(name(broken->rule), name(b.rule));
    EXPECT_EQ(broken->where, b.where);
    EXPECT_EQ(message(problem, *broken), b.message);
    EXPECT_FALSE(is_valid(problem));
    const Problem repaired = problem_of(b.repaired);
    EXPECT_TRUE(is_valid(repaired)) << message(repaired, *broken_rule(repaired));
  }
}

TEST(Rules, EachHasAProblemInTheTable) {
  std::set<Rule> seen;
  for (const Broken& b : kBroken) seen.insert(b.rule);
  EXPECT_EQ(static_cast<int>(seen.size()), kRuleCount);
}

TEST(Rules, AnInputOfTheWrongRankIsRefused) {
  for (const Shape& input : {Shape{}, Shape{1}, Shape{1, 3}}) {
    Problem problem = problem_of("input=1x3x8x8 weight=9x3x3x3 groups=0");
    problem.input = input;
    const auto broken = broken_rule(problem);
    ASSERT_TRUE(broken);
    EXPECT_EQ(*broken, (BrokenRule{Rule::ranks_agree, kInputRank}));
    EXPECT_EQ(message(problem, *broken), "input has rank " + std::to_string(input.rank()) +
                                             "; it must have 3 to 5 axes: batch, in_channels and 1 to 3 sizes");
  }
}

// One problem that breaks every rule at once is repaired step by step; each time the next rule in the order speaks.
struct Step {
  BrokenRule seen;
  std::function<void(Problem&)> repair;
};

const std::vector<Step> kSteps = {
    {{Rule::groups_at_least_one}, [](Problem& p) { p.groups = 2; }},
    {{Rule::stride_at_least_one, 0}, [](Problem& p) { p.stride[0] = 1; }},
    {{Rule::stride_at_least_one, 1}, [](Problem& p) { p.stride[1] = 1; }},
    {{Rule::dilation_at_least_one, 0},
     [](Problem& p) {
       p.dilation = {1, 1, 1};
     }},
    {{Rule::padding_not_negative, 0},
     [](Problem& p) {
       p.pad_before = {0, 0, 0};
     }},
    {{Rule::padding_not_negative, kFarSide},
     [](Problem& p) {
       p.pad_after = {0, 0, 0};
     }},
    {{Rule::ranks_agree, kWeightRank}, [](Problem& p) { p.weight.push_back(0); }},
    {{Rule::ranks_agree, kBiasRank}, [](Problem& p) { p.bias = {3}; }},
    {{Rule::ranks_agree, kOutputRank},
     [](Problem& p) {
       p.claimed_output = Shape{9, 9, 9, 9};
     }},
    {{Rule::batch_not_negative}, [](Problem& p) { p.input[0] = int64_t{1} << 62; }},
    {{Rule::in_channels_at_least_one}, [](Problem& p) { p.input[1] = 5; }},
    {{Rule::out_channels_at_least_one}, [](Problem& p) { p.weight[0] = 7; }},
    {{Rule::kernel_at_least_one, 0}, [](Problem& p) { p.weight[2] = 9; }},
    {{Rule::kernel_at_least_one, 1}, [](Problem& p) { p.weight[3] = 9; }},
    {{Rule::input_size_not_negative, 0}, [](Problem& p) { p.input[2] = 4; }},
    {{Rule::input_size_not_negative, 1}, [](Problem& p) { p.input[3] = 4; }},
    {{Rule::in_channels_divisible_by_groups}, [](Problem& p) { p.input[1] = 6; }},
    {{Rule::out_channels_divisible_by_groups}, [](Problem& p) { p.weight[0] = 8; }},
    {{Rule::weight_channels_match}, [](Problem& p) { p.weight[1] = 3; }},
    {{Rule::bias_length_matches}, [](Problem& p) { p.bias = {8}; }},
    {{Rule::kernel_fits_padded_input, 0}, [](Problem& p) { p.weight[2] = 3; }},
    {{Rule::kernel_fits_padded_input, 1}, [](Problem& p) { p.weight[3] = 3; }},
    {{Rule::output_shape_matches}, [](Problem& p) { p.claimed_output.reset(); }},
    {{Rule::sizes_fit_int64, kMaxSpatial}, [](Problem& p) { p.input[0] = 1; }},
};

TEST(Rules, TheFirstBrokenRuleNamesTheError) {
  Problem problem;
  problem.input = {-1, 0, -5, -5};
  problem.weight = {0, 9, 0};
  problem.groups = 0;
  problem.stride = {0, 0, 1};
  problem.dilation = {0, 0, 1};
  problem.pad_before = problem.pad_after = {-1, -1, 0};
  problem.bias = {3, 3};
  problem.claimed_output = Shape{1, 1};
  Rule last = Rule::groups_at_least_one;
  for (const Step& step : kSteps) {
    const auto broken = broken_rule(problem);
    ASSERT_TRUE(broken) << name(step.seen.rule);
    EXPECT_EQ(name(broken->rule), name(step.seen.rule));
    EXPECT_EQ(broken->where, step.seen.where) << name(step.seen.rule);
    EXPECT_LE(last, broken->rule);
    EXPECT_LE(abi_number(last), abi_number(broken->rule));
    last = broken->rule;
    step.repair(problem);
  }
  EXPECT_EQ(last, Rule::sizes_fit_int64);
  EXPECT_TRUE(is_valid(problem));
}

TEST(Rules, OddProblemsThatBreakNoneAreValid) {
  for (const char* text : {
           "input=0x3x8x8 weight=9x3x3x3",                               // an empty batch
           "input=1x3x0x8 weight=9x3x3x3 padding=3,0,0,0",               // no rows, but padding alone fits
           "input=1x3x0x0 weight=9x3x1x1 padding=1",                     // no image at all
           "input=0x1x0 weight=1x1x1 padding=1",                         // neither batch nor image
           "input=1x3x8x8 weight=9x3x3x3 stride=7",                      // stride > kernel
           "input=1x3x8x8 weight=9x3x3x3 stride=1000000",                // stride > image
           "input=1x3x8x8 weight=9x3x3x3 padding=3",                     // padding = kernel
           "input=1x3x8x8 weight=9x3x3x3 padding=100",                   // padding > kernel and image
           "input=1x3x8x8 weight=9x3x1x1 dilation=9223372036854775807",  // dilation of a kernel of 1 is moot
           "input=1x3x8x8 weight=9x3x3x3 padding=0,0,0,9 dilation=1x8",  // dilated kernel exactly fits
           "input=1x1x2305843009213693951 weight=1x1x1",                 // 2^63 - 4 bytes
           "input=1x1x4611686018427387903 weight=1x1x1 dtype=f16",       // the same of half the size
           "input=0x1x2305843009213693951 weight=1x1x1",                 // nothing, but as large
           "input=4x4x8x8 weight=8x4x3x3 input_strides=0x0x0x0",         // one value everywhere
           "input=4x4x8x8 weight=8x4x3x3 direction=backward_data",       // directions and types are not rules
           "input=1x3x1x1 weight=3x1x1x1 groups=3 bias=3 stride=5 dtype=bf16",
       }) {
    const Problem problem = problem_of(text);
    const auto broken = broken_rule(problem);
    EXPECT_FALSE(broken) << text << ": " << message(problem, *broken);
  }
}

TEST(Rules, HaveDistinctNamesAndASentenceEach) {
  std::set<std::string_view> names;
  std::set<std::string_view> sentences;
  for (int i = 0; i < kRuleCount; ++i) {
    const auto rule = static_cast<Rule>(i);
    names.insert(name(rule));
    sentences.insert(sentence(rule));
    EXPECT_GE(abi_number(rule), i == 0 ? 1 : abi_number(static_cast<Rule>(i - 1)));
  }
  EXPECT_EQ(static_cast<int>(names.size()), kRuleCount);
  EXPECT_EQ(static_cast<int>(sentences.size()), kRuleCount);
  EXPECT_EQ(abi_number(Rule::sizes_fit_int64), 10);
  EXPECT_EQ(name(Rule::out_channels_divisible_by_groups), "out_channels_divisible_by_groups");
}

using Values = std::vector<int64_t>;

TEST(NearestMultiples, AreOneBelowAndOneAbove) {
  EXPECT_EQ(nearest_multiples(8, 3), (Values{6, 9}));
  EXPECT_EQ(nearest_multiples(9, 3), (Values{9}));
  EXPECT_EQ(nearest_multiples(2, 3), (Values{3}));
  EXPECT_EQ(nearest_multiples(0, 3), (Values{3}));
  EXPECT_EQ(nearest_multiples(-7, 3), (Values{3}));
  EXPECT_EQ(nearest_multiples(7, 1), (Values{7}));
  EXPECT_EQ(nearest_multiples(kInt64Max, 2), (Values{kInt64Max - 1}));  // the next one is no int64
  EXPECT_EQ(nearest_multiples(kInt64Max - 2, 2), (Values{kInt64Max - 3, kInt64Max - 1}));
  EXPECT_EQ(nearest_multiples(std::numeric_limits<int64_t>::min(), kInt64Max), (Values{kInt64Max}));
}

TEST(NearestCommonDivisors, AreTheClosestOnBothSides) {
  EXPECT_EQ(nearest_common_divisors(5, 12, 18), (Values{3, 6}));
  EXPECT_EQ(nearest_common_divisors(6, 12, 18), (Values{6}));
  EXPECT_EQ(nearest_common_divisors(7, 12, 18), (Values{6}));
  EXPECT_EQ(nearest_common_divisors(3, 8, 9), (Values{1}));
  EXPECT_EQ(nearest_common_divisors(2, 9, 9), (Values{1, 3}));
  EXPECT_EQ(nearest_common_divisors(5, kInt64Max, kInt64Max),
            (Values{1, 7}));  // 2^63 - 1 = 7^2 73 127 337 92737 649657
}

TEST(NearestCommonDivisors, AreThoseOfAnExhaustiveSearch) {
  for (int64_t left = 1; left <= 40; ++left) {
    for (int64_t right = 1; right <= 40; ++right) {
      for (int64_t value = 1; value <= 45; ++value) {
        Values expected;
        for (int64_t d = value; d >= 1 && expected.empty(); --d) {
          if (left % d == 0 && right % d == 0) expected.push_back(d);
        }
        for (int64_t d = value + 1; d <= 40 && expected.front() != value && expected.size() == 1; ++d) {
          if (left % d == 0 && right % d == 0) expected.push_back(d);
        }
        ASSERT_EQ(nearest_common_divisors(value, left, right), expected) << value << ' ' << left << ' ' << right;
      }
    }
  }
}

}  // namespace
}  // namespace convcheck
