// The seeded defects: each is known in full, right where its trigger is not met, and caught by every law that is said
// to kill it. What they are made of, without a defect, is right.
#include "impls/mutants.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "impls/mutants/mutant.h"
#include "impls/mutants/products.h"
#include "impls/mutants/tiles.h"
#include "properties/huge.h"
#include "properties/law.h"
#include "reference/case_text.h"
#include "tests/properties/judging.h"
#include "tests/properties/sanitized.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

using impls::mutant_facts;
using impls::MutantFacts;

std::span<const convcheck_kernel* const> kernels() {
  size_t count = 0;
  const auto* all = convcheck_mutant_kernels(CONVCHECK_ABI_VERSION, &count);
  return {all, count};
}

const convcheck_kernel& kernel_of(std::string_view name) {
  return **std::ranges::find(kernels(), name, [](const convcheck_kernel* kernel) { return kernel->name; });
}

std::vector<std::string> killers_of(const MutantFacts& facts) {
  std::istringstream words(facts.killers);
  return {std::istream_iterator<std::string>(words), {}};
}

/// The classes of bugs that concern forward f32, rules and conduct, and how many mutants of each there are at least.
const std::map<std::string_view, int> kClasses = {
    {"group-indexing", 5},
    {"depth-multiplier", 3},
    {"hw-mixup", 5},
    {"asymmetric-padding", 5},
    {"same-padding-even-kernel", 1},
    {"dilation", 5},
    {"stride", 1},
    {"stride-gt-kernel", 1},
    {"padding-ge-kernel", 3},
    {"param-ignored", 1},
    {"output-size-formula", 1},
    {"kernel-1x1-fastpath", 3},
    {"large-kernel", 3},
    {"kernel-larger-than-input", 1},
    {"channel-tail", 5},
    {"tile-tail", 5},
    {"degenerate-dimension", 3},
    {"batch-accumulation", 1},
    {"dispatch-wrong-kernel", 5},
    {"winograd-applicability", 3},
    {"isa-dispatch", 1},
    {"layout", 1},
    {"strided-input", 3},
    {"strided-output", 1},
    {"alignment", 3},
    {"oob-read-tail", 5},
    {"oob-write-tail", 5},
    {"workspace-size", 3},
    {"stack-overflow", 3},
    {"input-mutated", 3},
    {"uninitialized-memory", 3},
    {"output-not-written", 3},
    {"fixed-size-buffer", 1},
    {"integer-overflow", 3},
    {"winograd-accuracy", 3},
    {"accumulator-precision", 5},
    {"nan-inf-semantics", 3},
    {"denormals", 3},
    {"thread-race", 3},
    {"nondeterminism", 3},
    {"stale-cache", 5},
    {"leak", 3},
    {"process-state", 3},
    {"hang", 3},
    {"invalid-arg-crash", 3},
    {"invalid-arg-accepted", 5},
    {"bad-weight-shape-accepted", 1},
    {"bad-bias-shape-accepted", 1},
    {"negative-output-size", 1},
    {"negative-padding", 1},
    {"over-rejection", 5},
    {"error-message", 1},
    {"zero-size", 3},
    {"bias-missing", 3},
    {"bias-wrong", 3},
    {"fused-epilogue", 1},
    {"reference-wrong", 1},
    {"unsupported-not-declared", 1},
};

/// Cases for the defects that ordinary ones hardly meet.
const std::multimap<std::string_view, const char*> kNarrow = {
    {"columns_beyond_128", "input=1x1x1x200 weight=1x1x1x3"},
    {"empty_image_loses_the_bias", "input=2x3x0x4 weight=5x3x2x2 padding=1,2,0,0 bias=5"},
    {"rejects_empty_image", "input=2x3x0x4 weight=5x3x2x2 padding=1,2,0,0 bias=5"},
    {"kernel_column_in_eight_bits", "input=1x1x2x260 weight=2x1x1x257 bias=2"},
    {"filters_wrap_at_1024", "input=1x1x2x2 weight=1030x1x1x1"},
    {"grouped_weight_channels_last_read_as_first", "input=2x4x5x6 weight=6x2x3x3 groups=2 weight_strides=18x1x6x2"},
    {"filters_in_16_bits", "input=1x1x1x1 weight=65540x1x1x1"},
    {"patch_index_in_16_bits", "input=1x8x40x40 weight=1x8x3x3 padding=1"},
    {"one_pixel_in_a_million", "input=1x24x512x512 weight=4x24x1x1"},
    {"last_pixel_of_a_large_problem", "input=1x16x256x256 weight=8x16x4x4 padding=1,2,1,2"},
    {"inputs_rounded_to_tf32_in_whole_vectors", "input=1x32x3x3 weight=8x32x1x1 fill=input_significand"},
    {"winograd_multiplies_in_tf32_in_whole_vectors", "input=1x16x9x9 weight=2x16x3x3 fill=reals"},
    {"winograd_filters_wrap_at_32", "input=1x2x5x5 weight=35x2x3x3"},
    {"depthwise_eights_repeat_a_kernel_row", "input=1x8x5x5 weight=8x1x3x3 groups=8"},
};

TEST(Mutants, AreAtLeastNinetyAndKnownInFull) {
  ASSERT_EQ(kernels().size(), mutant_facts().size());
  EXPECT_GE(kernels().size(), 90U);
  const std::regex name_form("[a-z][a-z0-9_]*");
  const std::regex issue_form(R"([\w.-]+/[\w.-]+#[1-9][0-9]*)");
  std::set<std::string_view> names;
  for (size_t i = 0; i < kernels().size(); ++i) {
    const MutantFacts& facts = mutant_facts()[i];
    const convcheck_kernel& kernel = *kernels()[i];
    EXPECT_EQ(std::string_view(facts.name), kernel.name);
    EXPECT_TRUE(names.insert(facts.name).second) << facts.name << " is there twice";
    EXPECT_TRUE(std::regex_match(facts.name, name_form)) << facts.name;
    EXPECT_TRUE(std::regex_match(facts.modelled_on, issue_form)) << facts.name << ": " << facts.modelled_on;
    EXPECT_TRUE(kClasses.contains(facts.bug_class)) << facts.name << ": " << facts.bug_class;
    const std::string_view description = kernel.description;
    EXPECT_FALSE(description.empty() || description.ends_with('.')) << facts.name;
    EXPECT_NE(facts.theory, nullptr);
    EXPECT_FALSE(killers_of(facts).empty()) << facts.name;
    for (const std::string& law : killers_of(facts)) {
      EXPECT_NE(find_law(law), nullptr) << facts.name << ": " << law << " is no law";
    }
  }
}

TEST(Mutants, AreOfEveryClass) {
  std::map<std::string_view, int> seen;
  for (const MutantFacts& facts : mutant_facts()) ++seen[facts.bug_class];
  for (const auto& [name, least] : kClasses) EXPECT_GE(seen[name], least) << name;
}

TEST(Mutants, GiveEveryLawSomethingToCatch) {
  std::set<std::string> killing;
  for (const MutantFacts& facts : mutant_facts()) {
    for (const std::string& law : killers_of(facts)) killing.insert(law);
  }
  // What breaks that is a library of its own: tests/torture has some.
  killing.insert("loads_quietly");
  for (const Law& law : laws()) EXPECT_TRUE(killing.contains(std::string(law.name))) << law.name;
}

TEST(Mutants, AreNotServedToAnotherVersion) {
  size_t count = 1;
  EXPECT_EQ(convcheck_mutant_kernels(CONVCHECK_ABI_VERSION + 1, &count), nullptr);
  EXPECT_EQ(count, 0U);
}

// What the mutants are made of.

using impls::mutants::Blocked;
using impls::mutants::Patches;
using impls::mutants::Sound;
using impls::mutants::Winograd;

constexpr convcheck_kernel kBases[] = {
    impls::mutants::kernel_of<Sound>("loops", "the plain loops"),
    impls::mutants::kernel_of<Winograd<2>>("winograd_2x2", "tiles of 2x2"),
    impls::mutants::kernel_of<Winograd<4>>("winograd_4x4", "tiles of 4x4"),
    impls::mutants::kernel_of<Patches>("patches", "the matrix of patches"),
    impls::mutants::kernel_of<Blocked>("blocked", "blocks of filters"),
};

class EachBase : public testing::TestWithParam<convcheck_kernel> {};

TEST_P(EachBase, KeepsEveryLaw) {
  const convcheck_kernel kernel = GetParam();
  for (const Law& law : laws()) {
    if (!why_not_claimed(law, kernel).empty()) continue;
    if (law.of_loading || law.name == "plans_are_independent") continue;  // they are linked in, and make none
    if (!can_be_judged_here(law.name)) continue;
    int64_t holds = 0;
    // Under sanitizers there are few, and still some for each law.
    for_each_case(law, std::max<int64_t>(random_cases(150), 40), std::max<int64_t>(random_cases(100), 30),
                  [&](const Case& c) {
                    const Judgement judgement = judge_once(law, kernel, c);
                    holds += judgement.outcome == Outcome::holds ? 1 : 0;
                    EXPECT_NE(judgement.outcome, Outcome::violated)
                        << law.name << ' ' << print(c) << ": " << judgement.finding->explanation;
                    return !HasFailure();
                  });
    EXPECT_GT(holds, random_cases(law.takes == Takes::statistical || law.one_in > 1 ? 5 : 15)) << law.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Mutants, EachBase, testing::ValuesIn(kBases),
                         [](const auto& base) { return std::string(base.param.name); });

// Each by each.

/// Mutants that remember earlier calls: what they do with a case alone depends on what was called before.
const std::set<std::string_view> kRemembering = {"packed_weight_kept_by_address", "dilation_kept_by_kernel_and_stride",
                                                 "strides_kept_by_shape",         "sum_left_by_a_larger_call",
                                                 "every_fiftieth_call",           "order_of_summation_by_call",
                                                 "dilation_of_the_call_before",   "padding_of_the_call_before",
                                                 "stride_of_the_call_before",     "output_kept_by_addresses"};

/// Whether the kernel violates the law on one of the usual cases, judged one after the other in the same memory, on
/// integers or on reals.
bool is_caught_in_turn(const convcheck_kernel& kernel, const Law& law) {
  const Subject subject = {&kernel, nullptr};
  Scratch scratch;
  bool is_violated = false;
  bool takes_reals = false;
  for_each_case(law, 3000, 500, [&](Case c) {
    takes_reals = !takes_reals && law.topic != Topic::value;
    if (takes_reals) c.fill = Fill::reals;
    Trial trial(subject, c, scratch);
    is_violated = judge(law, trial).outcome == Outcome::violated;
    return !is_violated;
  });
  return is_violated;
}

/// Whether the kernel violates the law on a case made for it, or else on one of the usual ones.
bool is_caught(const convcheck_kernel& kernel, const Law& law) {
  const auto [first, last] = kNarrow.equal_range(kernel.name);
  for (auto narrow = first; narrow != last; ++narrow) {
    const Case c = case_of(narrow->second);
    if (takes(law, c, true) && judge_once(law, kernel, c).outcome == Outcome::violated) return true;
  }
  if (kRemembering.contains(kernel.name)) return is_caught_in_turn(kernel, law);
  return first_violation(law, kernel, 400, 1500).has_value();
}

TEST(Mutants, AreCaughtByEachOfTheirKillers) {
  int64_t caught = 0;
  for (const MutantFacts& facts : mutant_facts()) {
    if (facts.name == std::string_view("input_offsets_in_32_bits")) continue;  // below
    if (facts.harms_process) continue;                                         // mutants_in_children_test.cpp
    for (const std::string& name : killers_of(facts)) {
      const Law* law = find_law(name);
      ASSERT_NE(law, nullptr) << name;
      if (!can_be_judged_here(name)) continue;
      EXPECT_EQ(why_not_claimed(*law, kernel_of(facts.name)), "") << facts.name << ' ' << name;
      EXPECT_TRUE(is_caught(kernel_of(facts.name), *law)) << facts.name << " survives " << name;
      ++caught;
    }
  }
  EXPECT_GT(caught, 350);
}

TEST(Mutants, WithOffsetsIn32BitsAreCaughtByAHugeCase) {
  const Case c = case_of("input=1x28x514x131584 weight=2x28x1x1 stride=8x64");
  ASSERT_TRUE(is_huge(c.problem));
  HugeExpectation expected;
  ASSERT_EQ(expect_huge(c, {}, expected), "");
  const Subject subject = {&kernel_of("input_offsets_in_32_bits"), nullptr};
  HugeTrial trial(subject, c, expected);
  const Judgement judgement = trial.judge(*find_law("matches_reference_exactly"));
  EXPECT_EQ(judgement.outcome, Outcome::violated) << judgement.reason;
}

// A 3x3 kernel on one channel of 4x4: the trigger of most is not met.
TEST(Mutants, AreRightOnAPlainProblemUnlessTheirDefectShowsThere) {
  const std::set<std::string_view> wrong_there = {"one_tap_of_the_last_filter",
                                                  "accumulates_in_22_bits",
                                                  "accumulates_in_bf16",
                                                  "accumulates_in_half",
                                                  "inputs_rounded_to_bf16",
                                                  "kernel_flipped",
                                                  "kernel_read_by_columns",
                                                  "last_column_loses_a_tap",
                                                  "last_column_unwritten",
                                                  "missing_bias_read_from_the_weight",
                                                  "output_added_to",
                                                  "outputs_rounded_to_tf32",

                                                  "partial_tile_adds_zero_times_the_output",
                                                  "small_terms_dropped",
                                                  "winograd_multiplies_in_bf16",
                                                  "winograd_multiplies_in_tf32",
                                                  "winograd_undeclared",
                                                  "workspace_not_cleared_for_the_last_image"};
  Case c = case_of("input=1x1x4x4 weight=1x1x3x3");
  for (const MutantFacts& facts : mutant_facts()) {
    if (kRemembering.contains(facts.name) || facts.harms_process) continue;
    bool is_wrong = false;
    for (const char* law : {"accepts_valid", "writes_every_output_element", "matches_reference_exactly"}) {
      for (c.seed = 1; c.seed < 9; ++c.seed) {
        is_wrong |= judge_once(*find_law(law), kernel_of(facts.name), c).outcome == Outcome::violated;
      }
    }
    EXPECT_EQ(is_wrong, wrong_there.contains(facts.name)) << facts.name;
  }
}

/// The output of one call, on reals.
std::vector<float> output_of(const convcheck_kernel& kernel, const Problem& problem, uint64_t seed) {
  const Case c = {.problem = problem, .fill = Fill::reals, .seed = seed};
  Expectation expected;
  EXPECT_EQ(expect(c, {}, expected), "");
  const Subject subject = {&kernel, nullptr};
  Scratch scratch;
  EXPECT_TRUE(call(subject, problem, expected.data, scratch.output, scratch.workspace).ok());
  std::vector<float> values;
  for (int64_t i = 0; i < scratch.output.elements(); ++i) {
    values.push_back(scratch.output.memory()[static_cast<size_t>(scratch.output.offset(i))]);
  }
  return values;
}

TEST(Mutants, OfOrderDifferInBitsAlone) {
  const Problem one = case_of("input=1x9x5x5 weight=4x9x3x3").problem;
  const convcheck_kernel& by_call = kernel_of("order_of_summation_by_call");
  std::set<std::vector<float>> outputs;
  for (int calls = 0; calls < 3; ++calls) outputs.insert(output_of(by_call, one, 1));
  EXPECT_EQ(outputs.size(), 2U);
  for (const char* name :
       {"order_of_summation_by_call", "order_of_summation_by_batch", "order_of_summation_by_image"}) {
    EXPECT_FALSE(first_violation(*find_law("matches_reference_within_bound"), kernel_of(name), 100, 50)) << name;
    EXPECT_FALSE(first_violation(*find_law("matches_reference_exactly"), kernel_of(name), 100, 50)) << name;
  }
}

TEST(Mutants, ThatKeepStridesByShapeReadTheNextViewByThem) {
  const convcheck_kernel& kernel = kernel_of("strides_kept_by_shape");
  const Problem dense = case_of("input=1x2x4x4 weight=1x2x3x3").problem;
  const Problem view = case_of("input=1x2x4x4 weight=1x2x3x3 input_strides=64x32x8x1").problem;
  const std::vector<float> right = output_of(kBases[0], view, 1);
  EXPECT_EQ(output_of(kBases[0], dense, 1), right);
  EXPECT_EQ(output_of(kernel, view, 1), right);
  EXPECT_EQ(output_of(kernel, dense, 1), right);
  EXPECT_NE(output_of(kernel, view, 1), right);
}

}  // namespace
}  // namespace convcheck
