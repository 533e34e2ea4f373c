// Each law of structure and of repeated bits is violated by kernels that are bent in what it is about, and by none for
// what it is not about.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "properties/describe.h"
#include "reference/case_text.h"
#include "tests/properties/bent_kernels.h"
#include "tests/properties/judging.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

class EachBentKernel : public testing::TestWithParam<size_t> {
 protected:
  static const BentKernel& bent() { return bent_kernels()[GetParam()]; }
};

TEST_P(EachBentKernel, ViolatesTheLawsAboutWhatIsBent) {
  ASSERT_FALSE(bent().violates.empty());
  for (const std::string_view name : bent().violates) {
    const Law* law = find_law(name);
    ASSERT_NE(law, nullptr) << name;
    const auto violation = first_violation(*law, bent().kernel, 1500, 500);
    ASSERT_TRUE(violation) << name << " holds on every case for " << bent().kernel.name;
    const Finding& finding = *violation->judgement.finding;
    const std::string where = std::string(name) + " on " + print(violation->the_case);
    EXPECT_NE(finding.expected, finding.got) << where;
    EXPECT_FALSE(finding.index.empty()) << where;
    EXPECT_TRUE(finding.explanation.ends_with(".")) << where << ": " << finding.explanation;
  }
}

// The bound does not hide what equality of integers shows.
TEST_P(EachBentKernel, ViolatesThemOnRealsToo) {
  for (const std::string_view name : bent().violates) {
    bool caught = false;
    for_each_case(*find_law(name), 1500, 500, [&](Case c) {
      c.fill = Fill::reals;
      caught = judge_once(*find_law(name), bent().kernel, c).outcome == Outcome::violated;
      return !caught;
    });
    EXPECT_TRUE(caught) << name << ' ' << bent().kernel.name;
  }
}

TEST_P(EachBentKernel, IsNotAccusedByLawsAboutSomethingElse) {
  for (const std::string_view name : bent().innocent) {
    int64_t holds = 0;
    for_each_case(*find_law(name), random_cases(600) + 100, random_cases(150), [&](const Case& c) {
      const Judgement judgement = judge_once(*find_law(name), bent().kernel, c);
      EXPECT_NE(judgement.outcome, Outcome::violated)
          << bent().kernel.name << ' ' << name << ' ' << print(c) << ": " << judgement.finding->explanation;
      holds += judgement.outcome == Outcome::holds ? 1 : 0;
      return !HasFailure();
    });
    EXPECT_GT(holds, random_cases(30)) << bent().kernel.name << ' ' << name;
  }
}

INSTANTIATE_TEST_SUITE_P(BentKernels, EachBentKernel, testing::Range<size_t>(0, bent_kernels().size()),
                         [](const auto& number) { return std::string(bent_kernels()[number.param].kernel.name); });

TEST(StructureLaws, EachCatchABentKernelOrOneOfTheFaultyOnes) {
  std::set<std::string_view> catching;
  for (const BentKernel& bent : bent_kernels()) catching.insert(bent.violates.begin(), bent.violates.end());
  // Its bent kernels are the faulty ones of law_test.cpp.
  catching.insert("equals_block_diagonal_dense");
  for (const Law& law : laws()) {
    if (law.topic == Topic::structure || law.name == "repeats_bit_for_bit") {
      EXPECT_TRUE(catching.contains(law.name)) << law.name;
    }
  }
}

// An output that was never written is a NaN on both sides: it must agree with nothing, itself included.
TEST(StructureLaws, DoNotTakeTwoUnwrittenOutputsForEqual) {
  const auto unwritten = std::find_if(bent_kernels().begin(), bent_kernels().end(), [](const BentKernel& bent) {
    return std::string_view(bent.kernel.name) == "zeros_unwritten";
  });
  ASSERT_NE(unwritten, bent_kernels().end());
  // The corner of the output is on padding alone, so both sides leave it.
  const Case c = case_of("input=2x2x3x3 weight=4x1x1x1 groups=2 padding=1");
  for (const std::string_view name :
       {"permuting_groups_permutes_outputs", "permuting_filters_permutes_outputs", "permuting_images_permutes_outputs",
        "transposing_the_axes_transposes_outputs", "groups_are_independent", "batch_is_independent",
        "equals_block_diagonal_dense", "linear_in_the_weight", "memory_layout_does_not_matter",
        "images_keep_their_bits_in_any_batch", "repeats_bit_for_bit"}) {
    Case of_law = c;
    const Law& law = *find_law(name);
    of_law.fill = law.takes == Takes::reals ? Fill::reals : Fill::integers;
    const Judgement judgement = judge_once(law, unwritten->kernel, of_law);
    ASSERT_EQ(judgement.outcome, Outcome::violated) << name;
    EXPECT_TRUE(judgement.finding->got.starts_with("nan")) << name << ": " << judgement.finding->got;
  }
}

}  // namespace
}  // namespace convcheck
