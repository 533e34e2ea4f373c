// Each law is violated by kernels that are wrong in what it is about, and holds on kernels that are right, however
// unusual.
#include "properties/law.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "properties/describe.h"
#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/properties/faulty_kernels.h"
#include "tests/properties/judging.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

using enum Defect;

struct Killers {
  std::string_view law;
  std::vector<Defect> defects;
};

// Which defects each law must catch. Whoever adds a law adds its line here.
const std::vector<Killers> kKillers = {
    {"accepts_valid",
     {rejects_kernel_above_image, rejects_stride_above_kernel, rejects_empty_batch, run_rejects_groups, answers_42}},
    {"writes_every_output_element", {last_column_unwritten, group_tail_unwritten, output_added_to}},
    {"matches_reference_exactly",
     {group_ignored,        groups_interleaved,      weight_group_lost,     last_channel_dropped,
      kernel_flipped,       stride_dilation_swapped, padding_sides_swapped, strided_read_as_dense,
      channel_residue,      bias_per_group,          bias_skipped,          bias_doubled_after_first,
      first_image_repeated, image_carried_over,      output_added_to,       nan_in_one,
      accumulates_in_bf16,  inputs_cut_to_bf16,      winograd_inaccurate,   last_column_unwritten,
      one_index_wrong,      group_tail_unwritten}},
    {"matches_reference_within_bound",
     {accumulates_in_bf16, inputs_cut_to_bf16, winograd_inaccurate, winograd_undeclared, group_ignored, nan_in_one,
      last_channel_dropped, bias_skipped, strided_read_as_dense, last_column_unwritten}},
    {"keeps_the_full_significand",
     {inputs_cut_to_bf16, inputs_cut_to_tf32, weights_cut_to_half, outputs_cut_to_tf32, accumulates_in_bf16,
      accumulates_in_half, winograd_undeclared, group_ignored, kernel_flipped, nan_in_one, last_column_unwritten}},
    {"errs_like_f32",
     {accumulates_in_bf16, accumulates_in_half, accumulates_in_22_bits, small_terms_dropped, last_channel_dropped,
      nan_in_one, last_column_unwritten}},
    {"matches_checksum",
     {group_ignored, last_channel_dropped, channel_residue, first_image_repeated, nan_in_one, last_column_unwritten,
      bias_skipped}},
    {"computes_extremes_exactly",
     {subnormals_flushed, subnormal_inputs_flushed, overflows_early, channel_residue, bias_skipped}},
    {"propagates_nonfinite",
     {zeros_skipped, padding_multiplied, nan_lost, infinity_saturated, nan_spread, group_ignored,
      group_tail_unwritten}},
    {"groups_are_independent", {group_ignored, groups_interleaved, weight_group_lost, nan_in_one, bias_per_group}},
    {"equals_block_diagonal_dense", {group_ignored, groups_interleaved, weight_group_lost, nan_in_one}},
    {"tied_groups_equal_channel_fold", {group_ignored, groups_interleaved, channel_residue, first_image_repeated}},
    {"bias_adds", {bias_per_group, bias_skipped, bias_doubled_after_first}},
    {"batch_is_independent", {first_image_repeated, image_carried_over, bias_doubled_after_first}},
    {"permuting_groups_permutes_outputs", {group_ignored, weight_group_lost, channel_residue, one_index_wrong}},
    {"permuting_filters_permutes_outputs", {one_index_wrong, channel_residue, groups_interleaved}},
    {"permuting_input_channels_changes_nothing", {last_channel_dropped, one_index_wrong}},
    {"permuting_images_permutes_outputs", {first_image_repeated, image_carried_over, bias_doubled_after_first}},
    {"linear_in_the_input", {channel_residue, bias_skipped, accumulates_in_bf16, output_added_to}},
    {"linear_in_the_weight", {channel_residue, bias_skipped, accumulates_in_bf16, output_added_to}},
    {"padding_equals_explicit_zeros", {padding_sides_swapped, last_column_unwritten}},
    {"stride_equals_subsampling", {stride_dilation_swapped, last_column_unwritten}},
    {"dilation_equals_zero_stuffing", {stride_dilation_swapped, last_column_unwritten}},
    {"transposing_the_axes_transposes_outputs", {one_index_wrong, last_column_unwritten}},
    {"shifting_the_input_shifts_the_output", {padding_sides_swapped, nan_in_one, last_column_unwritten}},
    {"identity_kernel_copies", {kernel_flipped, padding_sides_swapped, group_ignored, last_channel_dropped}},
    {"pointwise_is_a_matrix_product", {last_channel_dropped, group_ignored, bias_skipped}},
    {"memory_layout_does_not_matter", {strided_read_as_dense, last_column_unwritten}},
    {"images_keep_their_bits_in_any_batch", {first_image_repeated, image_carried_over, bias_doubled_after_first}},
    {"repeats_bit_for_bit", {output_added_to, last_column_unwritten}},
    {"rejects_invalid",
     {accepts_indivisible_outputs, skips_weight_shape, supports_accepts_invalid, prepare_accepts_invalid,
      fails_invalid}},
    {"survives_hostile_arguments",
     {supports_accepts_invalid, prepare_accepts_invalid, fails_invalid, writes_then_rejects}},
};

// Laws with kernels of their own, some of which would end this program, each with the test that has them.
const std::map<std::string_view, std::string_view> kTestedElsewhere = {
    {"writes_only_its_output", "memory_law_test.cpp"},
    {"inputs_stay_untouched", "memory_law_test.cpp"},
    {"keeps_the_floating_point_environment", "memory_law_test.cpp"},
    {"reads_only_its_tensors", "memory_law_test.cpp"},
    {"asks_for_the_workspace_it_uses", "memory_law_test.cpp"},
    {"serves_unaligned_tensors", "memory_law_test.cpp"},
    {"uses_little_stack", "memory_law_test.cpp"},
    {"forgets_earlier_calls", "conduct_law_test.cpp"},
    {"plans_are_independent", "conduct_law_test.cpp"},
    {"runs_on_many_threads_at_once", "conduct_law_test.cpp"},
    {"leaves_the_process_alone", "conduct_law_test.cpp"},
    {"does_not_leak", "conduct_law_test.cpp"},
    {"rejects_without_writing", "conduct_law_test.cpp"},
    {"returns_from_every_call", "sandbox_test.cpp"},
    {"ends_in_time", "sandbox_test.cpp"},
    {"stays_within_memory", "torture_test.cpp"},
    {"loads_quietly", "torture_test.cpp"},
};

constexpr int64_t kSmallCases = 3000;

class EachLaw : public testing::TestWithParam<Killers> {
 protected:
  static const Law& law() { return *find_law(GetParam().law); }
};

TEST_P(EachLaw, IsViolatedByEachKernelThatIsWrongInWhatItIsAbout) {
  ASSERT_GE(GetParam().defects.size(), 2U);
  for (const Defect defect : GetParam().defects) {
    const auto violation = first_violation(law(), kernel_with(defect), kSmallCases, 2000);
    ASSERT_TRUE(violation) << law().name << " holds on every case for the kernel " << name(defect);
    const std::string where = std::string(name(defect)) + " on " + print(violation->the_case);
    ASSERT_TRUE(violation->judgement.finding) << where;
    const Finding& finding = *violation->judgement.finding;
    EXPECT_FALSE(finding.expected.empty()) << where;
    EXPECT_FALSE(finding.got.empty()) << where;
    EXPECT_NE(finding.expected, finding.got) << where;
    EXPECT_TRUE(finding.explanation.ends_with(".")) << where << ": " << finding.explanation;
    // Where a refusal is at fault there is no element; every other law names one.
    EXPECT_EQ(finding.index.empty(), law().topic == Topic::rules || law().needs_promise == CONVCHECK_REJECTS_INVALID)
        << where;
  }
}

TEST_P(EachLaw, HoldsOnEverySoundKernelHoweverUnusual) {
  for (const Oddity oddity : all_oddities()) {
    const convcheck_kernel& kernel = kernel_with(oddity);
    if (!why_not_claimed(law(), kernel).empty()) continue;
    Tally tally;
    for_each_case(law(), random_cases(900) + 100, random_cases(150), [&](const Case& c) {
      const Judgement judgement = judge_once(law(), kernel, c);
      EXPECT_NE(judgement.outcome, Outcome::violated)
          << name(oddity) << " on " << print(c) << ": " << judgement.finding->explanation;
      EXPECT_EQ(judgement.outcome == Outcome::not_applicable, !judgement.reason.empty()) << print(c);
      ++(judgement.outcome == Outcome::holds ? tally.holds : tally.not_applicable);
      return !HasFailure();
    });
    // A depthwise kernel serves no dense convolution, and its groups have one input channel: the laws that ask it for
    // more do not apply.
    const bool needs_dense = law().name == "groups_are_independent" || law().name == "equals_block_diagonal_dense" ||
                             law().name == "tied_groups_equal_channel_fold" ||
                             law().name == "permuting_input_channels_changes_nothing";
    if (oddity == Oddity::depthwise_only && needs_dense) {
      EXPECT_EQ(tally.holds, 0) << law().name;
      EXPECT_GT(tally.not_applicable, 0);
    } else {
      const int64_t enough = random_cases(law().takes == Takes::statistical ? 10 : 40);
      EXPECT_GT(tally.holds, enough) << law().name << " was hardly ever judged for " << name(oddity);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Laws, EachLaw, testing::ValuesIn(kKillers),
                         [](const auto& killers) { return std::string(killers.param.law); });

TEST(Laws, AreAllInTheTableOfThisTestAndNoneTwice) {
  std::set<std::string_view> tested;
  for (const Killers& killers : kKillers) {
    EXPECT_TRUE(tested.insert(killers.law).second) << killers.law;
    EXPECT_NE(find_law(killers.law), nullptr) << killers.law << " is no law";
  }
  std::set<std::string_view> names;
  for (const Law& law : laws()) {
    EXPECT_TRUE(names.insert(law.name).second) << law.name;
    EXPECT_NE(tested.contains(law.name), kTestedElsewhere.contains(law.name))
        << law.name << " has no kernel here that it must catch: add one";
    EXPECT_EQ(find_law(law.name), &law);
    EXPECT_FALSE(law.statement.empty());
    EXPECT_TRUE(law.statement.ends_with('.')) << law.name;
    EXPECT_TRUE(law.why.ends_with('.')) << law.name;
    EXPECT_FALSE(law.catches.empty() || law.catches.ends_with('.')) << law.name;
    EXPECT_FALSE(law.cost.empty() || law.cost.ends_with('.')) << law.name;
  }
  EXPECT_EQ(find_law("no_such_law"), nullptr);
}

TEST(Laws, CatchEveryDefectOfTheFaultyKernels) {
  std::set<Defect> caught;
  for (const Killers& killers : kKillers) caught.insert(killers.defects.begin(), killers.defects.end());
  for (const Defect defect : all_defects()) EXPECT_TRUE(caught.contains(defect)) << name(defect);
}

TEST(Laws, ThatNeedOneCallComeFirstAndDoNotCallTwice) {
  EXPECT_TRUE(std::is_partitioned(laws().begin(), laws().end(), [](const Law& law) { return law.single_call; }));
}

// A defect in one thing is not laid at the door of laws about another.
TEST(Laws, DoNotAccuseAKernelOfWhatItDoesRight) {
  const std::map<Defect, std::vector<std::string_view>> innocent = {
      {bias_skipped,
       {"accepts_valid", "writes_every_output_element", "groups_are_independent", "batch_is_independent"}},
      {group_ignored, {"accepts_valid", "writes_every_output_element", "bias_adds", "batch_is_independent"}},
      {first_image_repeated, {"bias_adds", "groups_are_independent", "equals_block_diagonal_dense"}},
      {answers_42, {"matches_reference_exactly", "writes_every_output_element", "rejects_invalid"}},
      {run_rejects_groups, {"matches_reference_exactly", "writes_every_output_element", "bias_adds"}},
      {weight_group_lost, {"tied_groups_equal_channel_fold"}},
      {fails_invalid, {"accepts_valid", "matches_reference_exactly"}},
  };
  for (const auto& [defect, names] : innocent) {
    for (const std::string_view name_of_law : names) {
      const Law& law = *find_law(name_of_law);
      int64_t holds = 0;
      for_each_case(law, 600, 100, [&](const Case& c) {
        const Judgement judgement = judge_once(law, kernel_with(defect), c);
        holds += judgement.outcome == Outcome::holds ? 1 : 0;
        EXPECT_NE(judgement.outcome, Outcome::violated) << name(defect) << ' ' << law.name << ' ' << print(c);
        return !HasFailure();
      });
      ASSERT_GT(holds, 20) << name(defect) << ' ' << law.name;
    }
  }
}

TEST(Laws, AreNotClaimedWhereTheKernelPromisesNothingOrNoBoundIsDerived) {
  const convcheck_kernel& plain = kernel_with(Oddity::none);
  convcheck_kernel fft = plain;
  fft.algorithm = CONVCHECK_FFT;
  convcheck_kernel tile3 = plain;
  tile3.algorithm = CONVCHECK_WINOGRAD;
  tile3.winograd_tile = 3;
  convcheck_kernel unknown = plain;
  unknown.algorithm = 77;
  for (const Law& law : laws()) {
    EXPECT_EQ(why_not_claimed(law, plain), "") << law.name;
    const std::string of_no_promise = why_not_claimed(law, kernel_with(Oddity::no_promises));
    EXPECT_EQ(of_no_promise.empty(), law.needs_promise == 0) << law.name;
    EXPECT_EQ(of_no_promise.empty(), promise_names(law.needs_promise).empty()) << law.name;
    EXPECT_TRUE(of_no_promise.ends_with(promise_names(law.needs_promise))) << law.name << ": " << of_no_promise;
    EXPECT_EQ(why_not_claimed(law, fft).find("FFT") != std::string::npos, law.needs_values()) << law.name;
    EXPECT_EQ(why_not_claimed(law, tile3).find("3x3") != std::string::npos, law.needs_values()) << law.name;
    EXPECT_EQ(why_not_claimed(law, unknown).find("77") != std::string::npos, law.needs_values()) << law.name;
    for (const Oddity winograd : {Oddity::winograd_accuracy, Oddity::winograd_declared}) {
      EXPECT_EQ(why_not_claimed(law, kernel_with(winograd)), "") << law.name;
    }
  }
}

TEST(Laws, NameThePromiseThatIsMissing) {
  const std::map<std::string_view, std::string_view> promises = {
      {"rejects_invalid", "CONVCHECK_REJECTS_INVALID"},
      {"propagates_nonfinite", "CONVCHECK_PROPAGATES_NONFINITE"},
      {"images_keep_their_bits_in_any_batch", "CONVCHECK_BATCH_INVARIANT"},
      {"repeats_bit_for_bit", "CONVCHECK_DETERMINISTIC"},
      {"runs_on_many_threads_at_once", "CONVCHECK_THREAD_SAFE"},
      {"survives_hostile_arguments", "CONVCHECK_REJECTS_INVALID"},
  };
  for (const Law& law : laws()) {
    const auto promise = promises.find(law.name);
    EXPECT_EQ(law.needs_promise != 0, promise != promises.end()) << law.name;
    if (promise == promises.end()) continue;
    convcheck_kernel kernel = kernel_with(Oddity::none);
    kernel.promises &= ~law.needs_promise;
    EXPECT_EQ(why_not_claimed(law, kernel), "the kernel does not promise " + std::string(promise->second));
    kernel.promises = law.needs_promise;
    EXPECT_EQ(why_not_claimed(law, kernel), "");
  }
  EXPECT_EQ(promise_names(CONVCHECK_THREAD_SAFE | CONVCHECK_DETERMINISTIC),
            "CONVCHECK_DETERMINISTIC and CONVCHECK_THREAD_SAFE");
}

struct NotApplicable {
  std::string_view law, text, reason;
  Oddity oddity = Oddity::none;
};

TEST(Laws, SayWhyTheyDoNotApply) {
  constexpr std::string_view kPlain = "input=1x2x4x4 weight=2x2x3x3";
  const std::vector<NotApplicable> table = {
      {"groups_are_independent", kPlain, "one group"},
      {"equals_block_diagonal_dense", kPlain, "one group"},
      {"tied_groups_equal_channel_fold", kPlain, "one group"},
      {"bias_adds", kPlain, "no bias"},
      {"batch_is_independent", kPlain, "fewer than two images"},
      {"batch_is_independent", "input=0x2x4x4 weight=2x2x3x3", "fewer than two images"},
      {"permuting_groups_permutes_outputs", kPlain, "one group"},
      {"permuting_filters_permutes_outputs", "input=1x2x4x4 weight=2x1x3x3 groups=2", "one output channel"},
      {"permuting_input_channels_changes_nothing", "input=1x2x4x4 weight=2x1x3x3 groups=2", "one input channel"},
      {"permuting_images_permutes_outputs", kPlain, "fewer than two images"},
      {"linear_in_the_input", "input=0x2x4x4 weight=2x2x3x3", "no element"},
      {"padding_equals_explicit_zeros", kPlain, "no padding"},
      {"padding_equals_explicit_zeros",
       "input=1x1x1x1 weight=1x1x1x1 padding=1000000000000000000 stride=1000000000000000000", "20 million"},
      {"stride_equals_subsampling", kPlain, "the stride is 1"},
      {"stride_equals_subsampling",
       "input=1x1x1x1 weight=1x1x1x1 padding=1000000000000000000 stride=1000000000000000000", "20 million"},
      {"dilation_equals_zero_stuffing", kPlain, "the dilation is 1"},
      {"dilation_equals_zero_stuffing", "input=1x1x1x1 weight=1x1x2x2 padding=100000 dilation=200000", "20 million"},
      {"equals_block_diagonal_dense", "input=0x10000x1x1 weight=10000x1x3x3 groups=10000 padding=1", "20 million"},
      {"shifting_the_input_shifts_the_output", "input=1x2x3x3 weight=2x2x3x3", "no output is left"},
      {"pointwise_is_a_matrix_product", kPlain, "not 1x1"},
      {"images_keep_their_bits_in_any_batch", "input=0x2x4x4 weight=2x2x3x3 fill=reals", "empty"},
      {"matches_reference_exactly", kPlain, "does not serve", Oddity::depthwise_only},
      {"matches_reference_exactly", "input=1x2x4 weight=2x2x3", "two spatial axes"},
      {"matches_reference_exactly", "input=1x2x4x4 weight=2x2x3x3 dtype=bf16", "forward f32"},
      {"matches_reference_exactly", "input=1x2x4x4 weight=2x2x3x3 direction=backward_data", "forward f32"},
      {"bias_adds", "input=1x64x100x100 weight=64x64x3x3 padding=1 bias=64", "20 million"},
      {"rejects_invalid", kPlain, "valid"},
  };
  for (const NotApplicable& row : table) {
    const Judgement judgement = judge_once(*find_law(row.law), kernel_with(row.oddity), case_of(row.text));
    EXPECT_EQ(judgement.outcome, Outcome::not_applicable) << row.law << ' ' << row.text;
    EXPECT_NE(judgement.reason.find(row.reason), std::string_view::npos) << row.law << ": " << judgement.reason;
    EXPECT_FALSE(judgement.finding);
  }
}

TEST(Laws, TakeTheDataThatTheyAreAbout) {
  Case c = case_of("input=1x2x4x4 weight=2x2x3x3");
  const Case invalid = case_of("input=1x3x4x4 weight=8x1x3x3 groups=3");
  ASSERT_FALSE(is_valid(invalid.problem));
  for (const Law& law : laws()) {
    const bool wants_invalid = law.takes == Takes::invalid;
    EXPECT_EQ(takes(law, invalid, false), wants_invalid) << law.name;
    EXPECT_FALSE(is_about(law.takes, Fill::integers) && law.topic != Topic::value && law.takes != Takes::integers);
    int about = 0;
    for (size_t fill = 0; fill < kFillNames.size(); ++fill) {
      c.fill = static_cast<Fill>(fill);
      about += is_about(law.takes, c.fill) ? 1 : 0;
      const bool on_reals = c.fill == Fill::reals && law.topic != Topic::value;
      EXPECT_EQ(takes(law, c, true), !wants_invalid && (is_about(law.takes, c.fill) || on_reals)) << law.name;
      EXPECT_FALSE(takes(law, c, false) && !wants_invalid);
    }
    EXPECT_EQ(about == 0, wants_invalid) << law.name;
  }
}

// Structure and conduct laws are true of reals as well, within the sum of both bounds.
TEST(Laws, HoldOnRealsForEverySoundKernelWhereTheyTakeThem) {
  for (const Law& law : laws()) {
    if (law.topic != Topic::structure) continue;
    for (const Oddity oddity : all_oddities()) {
      int64_t holds = 0;
      for_each_case(law, random_cases(200), random_cases(50), [&](Case c) {
        c.fill = Fill::reals;
        const Judgement judgement = judge_once(law, kernel_with(oddity), c);
        holds += judgement.outcome == Outcome::holds ? 1 : 0;
        EXPECT_NE(judgement.outcome, Outcome::violated) << law.name << ' ' << name(oddity) << ' ' << print(c);
        return !HasFailure();
      });
      // A dense kernel serves no view but where the view is dense as well.
      const bool serves_few = oddity == Oddity::depthwise_only ||
                              (oddity == Oddity::no_supports && law.name == "memory_layout_does_not_matter");
      ASSERT_TRUE(holds > 0 || serves_few) << law.name << ' ' << name(oddity);
    }
    // And it is the bound that holds them: a wrong kernel is caught on reals too.
    const Killers& killers = *std::ranges::find(kKillers, law.name, &Killers::law);
    bool caught = false;
    for_each_case(law, kSmallCases, 2000, [&](Case c) {
      c.fill = Fill::reals;
      caught = judge_once(law, kernel_with(killers.defects.front()), c).outcome == Outcome::violated;
      return !caught;
    });
    EXPECT_TRUE(caught) << law.name << ' ' << name(killers.defects.front());
  }
}

// An accumulator that loses bits, though each output is inside of its worst-case bound, is not said to be outside of
// it.
TEST(Laws, SayOfAnAccumulatorThatItIsTheErrorsTogetherThatAreTooLarge) {
  const Case c = case_of("input=1x4096x16x16 weight=4x4096x1x1 fill=statistical3");
  const Judgement judgement = judge_once(*find_law("errs_like_f32"), kernel_with(accumulates_in_22_bits), c);
  ASSERT_EQ(judgement.outcome, Outcome::violated);
  const std::string& explanation = judgement.finding->explanation;
  EXPECT_NE(explanation.find("all together"), std::string::npos) << explanation;
  EXPECT_NE(explanation.find("mean square"), std::string::npos) << explanation;
  EXPECT_EQ(explanation.find("where a right kernel is off by at most"), std::string::npos) << explanation;
}

// What was never written holds a NaN: it is wrong also where a NaN is due.
TEST(Laws, DoNotTakeAnUnwrittenOutputForANaN) {
  const Law& law = *find_law("propagates_nonfinite");
  int64_t due = 0;
  Case c = case_of("input=1x1x1x3 weight=1x1x1x1 fill=special");
  for (c.seed = 1; c.seed < 200; c.seed += 2) {
    const Judgement judgement = judge_once(law, kernel_with(last_column_unwritten), c);
    ASSERT_EQ(judgement.outcome, Outcome::violated) << print(c);
    due += judgement.finding->expected == "nan" ? 1 : 0;
  }
  EXPECT_GT(due, 10);
}

TEST(Laws, ReportTheWorstErrorOverTheBoundOfReals) {
  double worst = 0;
  const Law& law = *find_law("matches_reference_within_bound");
  for_each_case(law, 300, 0, [&](const Case& c) {
    worst = std::max(worst, judge_once(law, kernel_with(Oddity::none), c).worst_error_over_bound);
    return true;
  });
  EXPECT_GT(worst, 0.01);
  EXPECT_LE(worst, 1);
}

}  // namespace
}  // namespace convcheck
