// Each law of memory is violated by kernels that are wrong in what it is about and right in all else, be it by a death
// that tells the law or by what its function finds, and holds on kernels that are right, however close.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cfenv>
#include <set>
#include <string>

#include "impls/shipped.h"
#include "properties/faults.h"
#include "properties/law.h"
#include "properties/small_stack.h"
#include "reference/case_text.h"
#include "tests/properties/dying.h"
#include "tests/properties/faulty_kernels.h"
#include "tests/properties/judging.h"
#include "tests/properties/memory_law_kernels.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

constexpr std::array<std::string_view, 7> kMemoryLaws = {"reads_only_its_tensors",
                                                         "writes_only_its_output",
                                                         "inputs_stay_untouched",
                                                         "asks_for_the_workspace_it_uses",
                                                         "keeps_the_floating_point_environment",
                                                         "serves_unaligned_tensors",
                                                         "uses_little_stack"};

// Seeds of both parities, so that both ends come to lie at a guard.
Case case_at(Flush flush, const Law& law,
             std::string problem = "input=1x4x4x4 weight=2x4x3x3 bias=2 output_strides=24x12x3x1") {
  const bool is_reals = law.takes == Takes::reals;
  if (is_reals) problem += " fill=reals";
  Case c = case_of(problem);
  for (c.seed = 1; flush_of(c) != flush; ++c.seed) {
  }
  return c;
}

constexpr std::array kEnds = {Flush::end, Flush::start};

class WrongKernel : public testing::TestWithParam<WrongInMemory> {
 protected:
  static const Law& law() { return *find_law(GetParam().law); }
  static std::string_view name() { return GetParam().kernel.name; }
};

Judgement judge_with_guards_off(const Law& law, const convcheck_kernel& kernel, const Case& c) {
  const Subject subject = {&kernel, nullptr};
  Scratch scratch;
  scratch.memory.set_guards(Guards::off);
  Trial trial(subject, c, scratch);
  return judge(law, trial);
}

TEST_P(WrongKernel, ViolatesItsLaw) {
  if (law().name == "uses_little_stack" && !kCanChangeStacks) GTEST_SKIP() << "sanitizers have stacks of their own";
  int found = 0, deaths = 0;
  for (const Flush flush : kEnds) {
    const Case c = case_at(flush, law());
    Judgement judgement;
    if (!GetParam().death.empty()) {
      // Whether it dies depends on the side: a child finds out.
      const pid_t child = fork();
      if (child == 0) {
        die_telling([&] { judgement = judge_once(law(), GetParam().kernel, c); });
        _exit(judgement.outcome == Outcome::violated ? 1 : 0);
      }
      int status = 0;
      ASSERT_EQ(waitpid(child, &status, 0), child);
      ASSERT_TRUE(WIFEXITED(status)) << name();
      if (WEXITSTATUS(status) == kDiedOfFault) {
        ++deaths;
        EXPECT_FAULT((void)judge_once(law(), GetParam().kernel, c), std::string(GetParam().death)) << name();
        continue;
      }
    }
    judgement = judge_once(law(), GetParam().kernel, c);
    if (judgement.outcome != Outcome::violated) continue;
    ++found;
    EXPECT_NE(judgement.finding->got.find(GetParam().got), std::string::npos) << judgement.finding->got;
    EXPECT_FALSE(GetParam().got.empty()) << name() << " is only expected to die";
    EXPECT_NE(judgement.finding->expected, judgement.finding->got);
    EXPECT_TRUE(judgement.finding->explanation.ends_with(".")) << judgement.finding->explanation;
  }
  EXPECT_EQ(deaths > 0, !GetParam().death.empty()) << name();
  EXPECT_EQ(found > 0, !GetParam().got.empty()) << name();
  // What looks at both ends, or at what is no matter of ends, misses nothing.
  const bool looks_at_both_ends = law().name == "reads_only_its_tensors";
  const bool is_no_matter_of_ends = GetParam().death.empty() && law().name != "serves_unaligned_tensors";
  if (looks_at_both_ends || is_no_matter_of_ends) {
    EXPECT_EQ(deaths + found, 2) << name();
  }
}

// A kernel that is known to die is judged by the other laws with guards off.
TEST_P(WrongKernel, LivesWithGuardsOffAndIsNotAccusedOfAnythingElse) {
  for (const std::string_view other : kMemoryLaws) {
    const Law& judged_law = *find_law(other);
    if (judged_law.name == law().name || judged_law.name == "uses_little_stack") continue;
    const bool is_far = name() == "writes_far_past_output";  // beyond any slack
    const bool moves = name() == "rounds_pointers_down" || name() == "declines_unaligned";
    if (is_far || moves) continue;
    for (const Flush flush : kEnds) {
      const Judgement judgement = judge_with_guards_off(judged_law, GetParam().kernel, case_at(flush, judged_law));
      // A write beside an input is a fault of one kind, and its being noticed there of another.
      EXPECT_NE(judgement.outcome, Outcome::violated)
          << name() << ' ' << other << ": " << judgement.finding->got << ' ' << judgement.finding->explanation;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, WrongKernel, testing::ValuesIn(wrong_in_memory().begin(), wrong_in_memory().end()),
                         [](const auto& wrong) { return std::string(wrong.param.kernel.name); });

TEST(MemoryLaws, EachHaveAKernelThatViolatesThem) {
  std::set<std::string_view> violated;
  for (const WrongInMemory& wrong : wrong_in_memory()) violated.insert(wrong.law);
  for (const std::string_view law : kMemoryLaws) EXPECT_TRUE(violated.contains(law)) << law;
  EXPECT_EQ(violated.size(), kMemoryLaws.size());
}

class EachMemoryLaw : public testing::TestWithParam<std::string_view> {
 protected:
  static const Law& law() { return *find_law(GetParam()); }

  static void expect_holds_on(const convcheck_kernel& kernel, int64_t small, int64_t random) {
    Tally tally;
    for_each_case(law(), small, random, [&](const Case& c) {
      const Judgement judgement = judge_once(law(), kernel, c);
      EXPECT_NE(judgement.outcome, Outcome::violated)
          << kernel.name << " on " << print(c) << ": " << judgement.finding->got << ' '
          << judgement.finding->explanation;
      ++(judgement.outcome == Outcome::holds ? tally.holds : tally.not_applicable);
      return !HasFailure();
    });
    EXPECT_GT(tally.holds, law().one_in > 1 ? 0 : 40) << law().name << " was hardly ever judged for " << kernel.name;
  }
};

TEST_P(EachMemoryLaw, HoldsOnEverySoundKernelHoweverUnusual) {
  if (law().name == "uses_little_stack" && !kCanChangeStacks) GTEST_SKIP() << "sanitizers have stacks of their own";
  for (const Oddity oddity : all_oddities()) expect_holds_on(kernel_with(oddity), 500, 150);
  for (const convcheck_kernel& kernel : right_in_memory()) expect_holds_on(kernel, 200, 50);
}

TEST_P(EachMemoryLaw, HoldsOnEveryShippedKernel) {
  if (law().name == "uses_little_stack" && !kCanChangeStacks) GTEST_SKIP() << "sanitizers have stacks of their own";
  size_t count = 0;
  const auto* const kernels = convcheck_shipped_kernels(CONVCHECK_ABI_VERSION, &count);
  ASSERT_GE(count, 5U);
  for (size_t i = 0; i < count; ++i) expect_holds_on(*kernels[i], 1000, 500);
}

// An algorithm without a bound may give anything within none.
TEST_P(EachMemoryLaw, ComparesNoValuesWhereNoBoundIsDerived) {
  if (law().name == "uses_little_stack" && !kCanChangeStacks) GTEST_SKIP() << "sanitizers have stacks of their own";
  convcheck_kernel fft = kernel_with(Oddity::needs_workspace);
  fft.algorithm = CONVCHECK_FFT;
  fft.promises = 0;
  fft.run = [](const convcheck_problem* problem, const convcheck_buffers* buffers) {
    static float drift = 0;
    const int32_t status = kernel_with(Oddity::needs_workspace).run(problem, buffers);
    if (status == CONVCHECK_OK && buffers->output != nullptr) *static_cast<float*>(buffers->output) += drift += 1;
    return status;
  };
  expect_holds_on(fft, 100, 20);
}

INSTANTIATE_TEST_SUITE_P(Laws, EachMemoryLaw, testing::ValuesIn(kMemoryLaws),
                         [](const auto& law) { return std::string(law.param); });

TEST(Faults, AreViolationsOfLawsThatThereAre) {
  for (const Part part : {Part::input, Part::weight, Part::bias, Part::output, Part::workspace, Part::stack}) {
    EXPECT_FALSE(name(part).empty());
    for (const Where where : {Where::before, Where::inside, Where::after}) {
      for (const Access access : {Access::read, Access::write}) {
        EXPECT_NE(find_law(law_of({part, where, 1}, access)), nullptr);
        EXPECT_NE(describe({part, where, 1}, access).view().find(name(part)), std::string_view::npos);
      }
    }
  }
}

TEST(InnerScratch, HasTheGuardsOfItsTrial) {
  const Case c = case_of("input=1x1x4x4 weight=1x1x3x3");
  const Subject subject = {&kernel_with(Oddity::none), nullptr};
  Scratch scratch;
  const Trial trial(subject, c, scratch);
  EXPECT_EQ(trial.inner_scratch().memory.guards(), Guards::on);
  scratch.memory.set_guards(Guards::off);
  EXPECT_EQ(trial.inner_scratch().memory.guards(), Guards::off);
  EXPECT_NE(&trial.inner_scratch(), &scratch);
}

TEST(FlushOf, TakesTurnsWithSeedsAndFills) {
  Case c;
  std::set<Flush> ends;
  for (c.seed = 1; c.seed <= 2; ++c.seed) ends.insert(flush_of(c));
  EXPECT_EQ(ends.size(), 2U);
  c.seed = 1;
  EXPECT_EQ(flush_of(c), Flush::end) << "what a case has that says nothing of seed and fill";
  const Flush of_integers = flush_of(c);
  c.fill = Fill::reals;
  EXPECT_EQ(flush_of(c) == of_integers, static_cast<int>(Fill::reals) % 2 == 0);
}

TEST(FloatingPoint, IsAsBeforeForWhoeverComputesNext) {
  for (const WrongInMemory& wrong : wrong_in_memory()) {
    if (wrong.law != "keeps_the_floating_point_environment") continue;
    const FloatingControl before = floating_control();
    (void)judge_once(*find_law(wrong.law), wrong.kernel, case_of("input=1x1x4x4 weight=1x1x3x3"));
    EXPECT_EQ(floating_control(), before) << wrong.kernel.name;
    EXPECT_EQ(std::fegetround(), FE_TONEAREST);
  }
}

TEST(FloatingPoint, KeepsItsFlagsWhenItIsSetBack) {
  std::feclearexcept(FE_ALL_EXCEPT);
  std::feraiseexcept(FE_DIVBYZERO);
  FloatingControl other = floating_control();
  const FloatingControl before = other;
  other.mxcsr |= 0x8000;
  set_floating_control(other);
  EXPECT_EQ(floating_control(), other);
  set_floating_control(before);
  EXPECT_EQ(floating_control(), before);
  EXPECT_EQ(std::fetestexcept(FE_ALL_EXCEPT), FE_DIVBYZERO);
}

}  // namespace
}  // namespace convcheck
