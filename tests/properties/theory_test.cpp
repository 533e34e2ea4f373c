// What is wrong with a kernel is said where one theory alone is true of it, and never otherwise.
#include "properties/theory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include "impls/shipped.h"
#include "properties/generate.h"
#include "properties/theories/telling.h"
#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/properties/faulty_kernels.h"
#include "tests/properties/judging.h"
#include "tests/properties/sanitized.h"
#include "tests/properties/theory_kernels.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

// The name given to a kernel, or "".
std::string named(const convcheck_kernel& kernel, const std::vector<Case>& failing = {}) {
  const Subject subject = {&kernel, nullptr};
  const Theory* const theory = behaves_as(subject, failing);
  return std::string(theory == nullptr ? "" : theory->name);
}

// A case on which the kernel violates a law about values or writing, if one is soon found.
std::vector<Case> failing_cases(const convcheck_kernel& kernel) {
  for (const Law& law : laws()) {
    if (!law.needs_values() && law.name != "writes_every_output_element") continue;
    if (!why_not_claimed(law, kernel).empty()) continue;
    if (const auto found = first_violation(law, kernel, 400, 60)) return {found->the_case};
  }
  return {};
}

TEST(Theories, AreManyAndEachHasANameAndWords) {
  EXPECT_GE(theories().size(), 100U);
  EXPECT_LE(theories().size(), kMostTheories);
  std::set<std::string_view> names;
  std::set<std::string_view> words;
  for (const Theory& theory : theories()) {
    names.insert(theory.name);
    words.insert(theory.behaves);
    EXPECT_EQ(find_theory(theory.name), &theory);
    EXPECT_TRUE(theory.base.empty());
    EXPECT_TRUE(std::all_of(theory.name.begin(), theory.name.end(), [](char c) {
      return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_';
    })) << theory.name;
    EXPECT_FALSE(theory.behaves.ends_with('.')) << theory.name;
  }
  EXPECT_EQ(names.size(), theories().size());
  EXPECT_EQ(words.size(), theories().size());
  EXPECT_EQ(find_theory("no_such_theory"), nullptr);
}

TEST(LimitedTheories, LimitATheoryToSomeProblems) {
  EXPECT_EQ(limited_theories().size() % theories().size(), 0U);
  std::set<std::string_view> names;
  for (const Theory& theory : limited_theories()) {
    names.insert(theory.name);
    EXPECT_EQ(find_theory(theory.name), &theory);
    EXPECT_TRUE(theory.name.starts_with(theory.base));
    ASSERT_NE(find_theory(theory.base), nullptr) << theory.name;
    EXPECT_TRUE(find_theory(theory.base)->base.empty());
    EXPECT_NE(theory.model.applies, nullptr);
  }
  EXPECT_EQ(names.size(), limited_theories().size());
  EXPECT_EQ(sentence(*find_theory("stride_ignored_when_pointwise")),
            "It behaves as if the stride were 1, where the kernel is 1x1.");
}

TEST(Theories, HaveASentence) {
  EXPECT_EQ(sentence(*find_theory("dilation_h_for_both")), "It behaves as if dilation_h were used for both axes.");
  EXPECT_EQ(sentence(*find_theory("kernel_flipped")),
            "It behaves as if the kernel were flipped: convolution, not cross-correlation.");
}

TEST(TellingCases, AreSmallValidAndNotExpanded) {
  EXPECT_GE(telling_cases().size(), 100U);
  std::set<std::string> texts;
  for (const Case& c : telling_cases()) {
    EXPECT_TRUE(is_valid(c.problem)) << print(c);
    EXPECT_FALSE(stride_fault(c.problem)) << print(c);
    EXPECT_LE(multiply_count(c.problem), 60'000) << print(c);
    for (const auto& strides : {c.problem.input_strides, c.problem.weight_strides}) {
      EXPECT_FALSE(strides && std::count(strides->begin(), strides->end(), 0) > 0) << print(c);
    }
    texts.insert(print(c));
  }
  EXPECT_EQ(texts.size(), telling_cases().size());
}

TEST(BehavesAs, LeavesOutProblemsThatComputeMuchOrSpanMuchMemory) {
  const auto can = [](const char* text) { return can_be_predicted(parse_case(text)->problem); };
  EXPECT_TRUE(can("input=1x4x9x9 weight=4x4x3x3"));
  EXPECT_TRUE(can("input=1x2x3x3 weight=2x2x1x1 input_strides=1000000x500000x3x1"));
  EXPECT_FALSE(can("input=1x64x64x64 weight=64x64x3x3"));
  for (const char* strides :
       {"input_strides=1x7000000000x3x1", "weight_strides=7000000000x1x1x1", "output_strides=1x7000000000x3x1"}) {
    EXPECT_FALSE(can((std::string("input=1x2x3x3 weight=2x2x1x1 ") + strides).c_str())) << strides;
  }
}

// A sanitizer looks at one of so many.
constexpr size_t kStep = kIsSanitized ? 5 : 1;

TEST(BehavesAs, NamesAKernelThatDoesWhatATheoryPredictsByThatTheory) {
  for (size_t i = 0; i < theories().size(); i += kStep) {
    EXPECT_EQ(named(predicted_kernel(i)), theories()[i].name);
  }
}

// What two theories say of one telling case differs in a place where both say something.
bool differ(const Theory& one, const Theory& other, const Case& c) {
  Data data;
  data.reshape(c.problem);
  if (!fill(c, geometry(c.problem), {}, data).empty()) return false;
  Tensor output(c.problem, TensorRole::output);
  std::fill(output.memory().begin(), output.memory().end(), 12345.0F);
  const Scene scene = scene_of(c.problem, data, output.memory().data());
  const Predictor left(one.model, scene);
  const Predictor right(other.model, scene);
  for (size_t i = 0; i < output.memory().size(); ++i) {
    const Prediction a = left.at(static_cast<int64_t>(i));
    const Prediction b = right.at(static_cast<int64_t>(i));
    if (a.is_known && b.is_known && !agrees(a, static_cast<float>(b.value), false)) return true;
  }
  return false;
}

TEST(Theories, CanAllBeToldFromEachOtherAndFromTheTruth) {
  const Theory truth = {"truth", "nothing were wrong", {}};
  std::vector<Theory> all(theories().begin(), theories().end());
  all.push_back(truth);
  int64_t pairs = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t j = 0; j < i; ++j, ++pairs) {
      const bool any = std::any_of(telling_cases().begin(), telling_cases().end(),
                                   [&](const Case& c) { return differ(all[i], all[j], c); });
      EXPECT_TRUE(any) << all[i].name << " and " << all[j].name;
    }
  }
  EXPECT_GE(pairs, 5000);
}

class NameableKernel : public testing::TestWithParam<WrongKernel> {};

TEST_P(NameableKernel, IsNamedByWhatIsWrongWithIt) {
  const convcheck_kernel& kernel = GetParam().kernel;
  const std::vector<Case> failing = failing_cases(kernel);
  ASSERT_FALSE(failing.empty());
  EXPECT_EQ(named(kernel, failing), GetParam().theory);
}

INSTANTIATE_TEST_SUITE_P(BehavesAs, NameableKernel,
                         testing::ValuesIn(nameable_kernels().begin(), nameable_kernels().end()),
                         [](const auto& one) { return std::string(one.param.kernel.name); });

class UnnameableKernel : public testing::TestWithParam<WrongKernel> {};

TEST_P(UnnameableKernel, HasNoName) {
  const convcheck_kernel& kernel = GetParam().kernel;
  const std::vector<Case> failing = failing_cases(kernel);
  ASSERT_FALSE(failing.empty());
  EXPECT_EQ(named(kernel, failing), "");
}

INSTANTIATE_TEST_SUITE_P(BehavesAs, UnnameableKernel,
                         testing::ValuesIn(unnameable_kernels().begin(), unnameable_kernels().end()),
                         [](const auto& one) { return std::string(one.param.kernel.name); });

struct NamedDefect {
  Defect defect;
  std::string_view theory;
};

// Of the kernels with a defect, all those that behave as a theory says.
constexpr NamedDefect kNamedDefects[] = {
    {Defect::group_ignored, "first_group_read_by_all"},
    {Defect::groups_interleaved, "group_read_by_remainder"},
    {Defect::weight_group_lost, "first_group_filters_for_all"},
    {Defect::last_channel_dropped, "last_input_channel_of_several_dropped"},
    {Defect::kernel_flipped, "kernel_flipped"},
    {Defect::padding_sides_swapped, "padding_sides_swapped"},
    {Defect::strided_read_as_dense, "input_strides_ignored"},
    {Defect::bias_per_group, "bias_by_remainder_of_groups"},
    {Defect::bias_skipped, "bias_ignored"},
    {Defect::bias_doubled_after_first, "bias_doubled_after_first_image"},
    {Defect::first_image_repeated, "first_image_read_by_all"},
    {Defect::image_carried_over, "images_accumulate"},
    {Defect::output_added_to, "added_to_output"},
    {Defect::inputs_cut_to_bf16, "inputs_rounded_to_bf16"},
    {Defect::inputs_cut_to_tf32, "inputs_rounded_to_11_bits"},
    {Defect::weights_cut_to_half, "weights_rounded_to_11_bits"},
    {Defect::outputs_cut_to_tf32, "outputs_rounded_to_11_bits"},
    {Defect::subnormals_flushed, "subnormal_results_flushed"},
    {Defect::subnormal_inputs_flushed, "subnormal_operands_flushed"},
    {Defect::last_column_unwritten, "last_column_of_several_unwritten"},
    {Defect::group_tail_unwritten, "last_of_group_unwritten"},
};

TEST(BehavesAs, NamesEachDefectByItsTheoryAndNoneThatHasNone) {
  size_t count = 0;
  for (const Defect defect : all_defects()) {
    const auto* const found = std::find_if(std::begin(kNamedDefects), std::end(kNamedDefects),
                                           [&](const NamedDefect& one) { return one.defect == defect; });
    const bool has_name = found != std::end(kNamedDefects);
    const std::vector<Case> failing = failing_cases(kernel_with(defect));
    EXPECT_FALSE(has_name && failing.empty()) << name(defect);
    EXPECT_EQ(named(kernel_with(defect), failing), has_name ? found->theory : "") << name(defect);
    count += has_name ? 1 : 0;
  }
  EXPECT_EQ(count, std::size(kNamedDefects));
}

// Cases that the search did not see.
std::vector<Case> other_cases() {
  constexpr size_t kOthers = 150;
  std::vector<Case> others;
  for (uint64_t seed = 1'000'000; others.size() < kOthers; ++seed) {
    const Case c = random_case(seed, static_cast<Fill>(seed % (static_cast<uint64_t>(Fill::reals) + 1)));
    if (multiply_count(c.problem) <= 20'000) others.push_back(c);
  }
  return others;
}

TEST(BehavesAs, NamesTheoriesThatHoldOnOtherCases) {
  const std::vector<Case> others = other_cases();
  for (const NamedDefect& one : kNamedDefects) {
    if (one.theory.find("subnormal") != std::string_view::npos) continue;  // nothing here is as small
    const Subject subject = {&kernel_with(one.defect), nullptr};
    const Theory* const theory = find_theory(one.theory);
    ASSERT_NE(theory, nullptr);
    EXPECT_EQ(behaves_as(subject, {}, {theory, 1}, others), theory) << one.theory;
  }
}

// Many limited theories say the same as another one, or nothing wrong.
TEST(BehavesAs, NamesAKernelThatIsWrongOnSomeProblemsByATheoryThatHoldsOnOtherCasesOrNotAtAll) {
  const std::vector<Case> others = other_cases();
  size_t own = 0;
  for (size_t i = 0; i < kLimitedKernels; i += kStep) {
    const LimitedKernel limited = limited_kernel(i);
    const Subject subject = {limited.kernel, nullptr};
    const Theory* const theory = behaves_as(subject, {});
    if (theory == nullptr) continue;
    own += theory == limited.theory ? 1 : 0;
    std::vector<bool> same;
    for (const Case& c : others) same.push_back(!differ(*theory, *limited.theory, c));
    EXPECT_EQ(std::count(same.begin(), same.end(), false), 0) << theory->name << " for " << limited.theory->name;
  }
  EXPECT_GE(own, kLimitedKernels / kStep / 2);
}

// Where one of the two hides the other a theory is true of both.
TEST(BehavesAs, NamesTwoDefectsAtOnceByATheoryThatHoldsOnOtherCasesOrNotAtAll) {
  const std::vector<Case> others = other_cases();
  size_t count = 0;
  size_t unnamed = 0;
  for (size_t i = 0; i < kMostTheories; i += kStep) {
    const convcheck_kernel* const kernel = kernel_of_two(i);
    if (kernel == nullptr) continue;
    ++count;
    const Subject subject = {kernel, nullptr};
    const Theory* const theory = behaves_as(subject, {});
    unnamed += theory == nullptr ? 1 : 0;
    const bool holds = theory == nullptr || behaves_as(subject, {}, {theory, 1}, others) == theory;
    EXPECT_TRUE(holds) << theory->name << " for two defects, theory number " << i;
  }
  EXPECT_GE(count, 50U / kStep);
  EXPECT_GE(unnamed, count * 3 / 4);
}

TEST(BehavesAs, NamesNoSoundKernel) {
  size_t count = 0;
  const convcheck_kernel* const* const shipped = convcheck_shipped_kernels(CONVCHECK_ABI_VERSION, &count);
  ASSERT_GE(count, 5U);
  for (size_t i = 0; i < count; ++i) EXPECT_EQ(named(*shipped[i]), "") << shipped[i]->name;
  for (const Oddity oddity : all_oddities()) EXPECT_EQ(named(kernel_with(oddity)), "") << name(oddity);
}

TEST(BehavesAs, NamesAKernelThatServesFewProblems) {
  const std::vector<Case> failing = failing_cases(flipped_plain_kernel());
  ASSERT_FALSE(failing.empty());
  EXPECT_EQ(named(flipped_plain_kernel(), failing), "kernel_flipped");
}

TEST(BehavesAs, NamesAKernelOfWinogradsAccuracyByIntegers) {
  EXPECT_EQ(named(flipped_winograd_kernel()), "kernel_flipped");
}

const std::vector<Case> kFlippedFails = {case_of("input=1x1x2x2 weight=1x1x1x2")};

TEST(BehavesAs, NamesNothingWhenThePredictionIsAltered) {
  const Subject subject = {&kernel_with(Defect::kernel_flipped), nullptr};
  Theory altered = *find_theory("kernel_flipped");
  ASSERT_NE(behaves_as(subject, kFlippedFails, {&altered, 1}, telling_cases()), nullptr);
  altered.model.tap = find_theory("kernel_flipped_h")->model.tap;
  EXPECT_EQ(behaves_as(subject, kFlippedFails, {&altered, 1}, telling_cases()), nullptr);
  altered = *find_theory("kernel_flipped");
  altered.model.result = find_theory("outputs_negated")->model.result;
  EXPECT_EQ(behaves_as(subject, kFlippedFails, {&altered, 1}, telling_cases()), nullptr);
}

TEST(BehavesAs, NamesNothingWhenTwoTheoriesSayTheSame) {
  const Subject subject = {&kernel_with(Defect::kernel_flipped), nullptr};
  std::vector<Theory> twice = {*find_theory("kernel_flipped"), *find_theory("kernel_flipped")};
  twice[1].name = "the_same_again";
  EXPECT_EQ(behaves_as(subject, kFlippedFails, twice, telling_cases()), nullptr);
}

TEST(BehavesAs, NamesNothingWhereTheCasesDoNotTellTheoriesApart) {
  const Subject subject = {&kernel_with(Defect::kernel_flipped), nullptr};
  // A kernel of one row is flipped along the width alone just as well.
  EXPECT_EQ(behaves_as(subject, kFlippedFails, theories(), {}), nullptr);
}

// A theory that allows for much rounding agrees with a kernel that rounds too much, and explains nothing.
TEST(BehavesAs, NamesNothingByWhatATheoryAllowsForRounding) {
  const convcheck_kernel& kernel = kernel_with(Defect::accumulates_in_half);
  const Subject subject = {&kernel, nullptr};
  const Case reals = case_of("input=1x16x6x6 weight=4x16x3x3 fill=reals");
  ASSERT_EQ(judge_once(*find_law("matches_reference_within_bound"), kernel, reals).outcome, Outcome::violated);
  Theory loose = {"loose", "rounding were of no account", {}};
  loose.model.result = [](const Geometry& /*g*/, Result& result) { result.slack = 1e6; };
  EXPECT_EQ(behaves_as(subject, {&reals, 1}, {&loose, 1}, {}), nullptr);
}

TEST(BehavesAs, NamesNothingWhereNothingIsSeenToBeWrong) {
  const Subject subject = {&kernel_with(Oddity::none), nullptr};
  const Theory truth = {"truth", "nothing were wrong", {}};
  EXPECT_EQ(behaves_as(subject, kFlippedFails, {&truth, 1}, telling_cases()), nullptr);
}

TEST(BehavesAs, NamesNothingOnAFailingCaseThatItCannotPredict) {
  for (const char* text : {"input=1x3x8x8 weight=8x1x3x3 groups=3", "input=1x3x8 weight=8x3x3",
                           "input=1x64x200x200 weight=64x64x3x3 padding=1"}) {
    const auto c = parse_case(text);
    ASSERT_TRUE(c) << text;
    EXPECT_EQ(named(kernel_with(Defect::kernel_flipped), {*c}), "") << text;
  }
}

}  // namespace
}  // namespace convcheck
