// One kernel before its laws: what is found is shrunk and kept, and nothing that goes wrong is passed over in silence.
#include "harness/docket.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "properties/generate.h"
#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/harness/hearing.h"
#include "tests/properties/faulty_kernels.h"
#include "tests/properties/judging.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

const Case kGrouped = case_of("input=2x6x5x6 weight=4x3x3x3 groups=2 padding=1 bias=4 seed=9");

std::vector<const Law*> all_laws() {
  std::vector<const Law*> all;
  for (const Law& law : laws()) all.push_back(&law);
  return all;
}

const LawReport& of(const KernelReport& report, std::string_view law) {
  for (const LawReport& entry : report.laws) {
    if (entry.law == law) return entry;
  }
  throw std::logic_error("no such law in the report");
}

// A law for tests, judged by a function of its own.
Law law_of(Judgement (*judge)(Trial&)) {
  Law law = *find_law("matches_reference_exactly");
  law.name = "a_law_for_tests";
  law.judge = judge;
  return law;
}

Judgement violation() {
  return Judgement::violated({.index = "", .expected = "this", .got = "that", .explanation = "It is wrong."});
}

TEST(Docket, KeepsAViolationShrunkWithWhereItCameFrom) {
  const Subject subject = {&kernel_with(Defect::group_ignored), nullptr};
  Hearing docket(subject, "linked", {find_law("matches_reference_exactly")}, {});
  Scratch scratch;
  EXPECT_FALSE(docket.docket().is_violated());
  docket.judge_case(kGrouped, Depth::all, "corpus/bugs/groups.cases:12", scratch);
  EXPECT_TRUE(docket.docket().is_violated());
  const KernelReport report = docket.report();
  EXPECT_EQ(report.name, "groups_above_one_read_the_first_group");
  EXPECT_EQ(report.library, "linked");
  EXPECT_EQ(report.algorithm, "summation");
  EXPECT_EQ(report.verdict(), Verdict::violated);
  ASSERT_EQ(report.laws.size(), 1U);
  EXPECT_EQ(report.laws[0].verdict, Verdict::violated);
  ASSERT_TRUE(report.laws[0].violation);
  const Violation& found = *report.laws[0].violation;
  EXPECT_EQ(found.the_case, "input=1x2x1x1 weight=2x1x1x1 groups=2");
  EXPECT_EQ(found.shrunk_from, print(kGrouped));
  EXPECT_EQ(found.source, "corpus/bugs/groups.cases:12");
  EXPECT_TRUE(found.keep.starts_with("convcheck corpus add input=1x2x1x1 weight=2x1x1x1 groups=2 --name NAME --note '"))
      << found.keep;
  EXPECT_TRUE(found.is_minimal);
  EXPECT_EQ(found.index, "n=0 k=1 h=0 w=0");
  EXPECT_NE(found.expected, found.got);
  EXPECT_NE(found.explanation.find("group 1 (the last)"), std::string::npos) << found.explanation;
  EXPECT_EQ(found.replay,
            "convcheck replay input=1x2x1x1 weight=2x1x1x1 groups=2 "
            "--kernel groups_above_one_read_the_first_group --law matches_reference_exactly");
}

TEST(Docket, KeepsAViolationAsFoundUntilItIsShrunk) {
  const Subject subject = {&kernel_with(Defect::group_ignored), nullptr};
  Hearing docket(subject, "", {find_law("matches_reference_exactly")}, {});
  Scratch scratch;
  docket.docket().judge_case(kGrouped, Depth::all, "here", scratch);
  const Violation found = *docket.report().laws[0].violation;
  EXPECT_EQ(found.the_case, print(kGrouped));
  EXPECT_EQ(found.shrunk_from, print(kGrouped));
  EXPECT_FALSE(found.is_minimal);
  EXPECT_FALSE(found.explanation.empty());
}

TEST(Docket, SaysAfterHowManyCasesALawWasViolated) {
  const Subject subject = {&kernel_with(Defect::group_ignored), nullptr};
  Hearing docket(subject, "", {find_law("matches_reference_exactly")}, {});
  Scratch scratch;
  docket.judge_case(case_of("input=1x1x3x3 weight=1x1x2x2"), Depth::all, "", scratch);
  docket.judge_case(case_of("input=1x2x3x3 weight=1x2x2x2"), Depth::all, "", scratch);
  docket.judge_case(kGrouped, Depth::all, "", scratch);
  docket.judge_case(kGrouped, Depth::all, "", scratch);
  const Violation found = *docket.report().laws[0].violation;
  EXPECT_EQ(found.cases_until_found, 3);
  EXPECT_GT(found.seconds_until_found, 0);
}

// The kernel's docket after one case, with the search for a theory.
KernelReport explained(Defect defect, const std::vector<const Law*>& laws) {
  const Subject subject = {&kernel_with(defect), nullptr};
  Hearing docket(subject, "linked", laws, {});
  Scratch scratch;
  docket.judge_case(kGrouped, Depth::all, "a test", scratch);
  docket.docket().name_theory();
  return docket.report();
}

TEST(Docket, SaysHowAWrongKernelBehavesWithEveryLawAboutOutputs) {
  const KernelReport report = explained(Defect::group_ignored, all_laws());
  int count = 0;
  for (const LawReport& law : report.laws) {
    if (!law.violation) continue;
    ++count;
    EXPECT_EQ(law.violation->behaves_as, "first_group_read_by_all") << law.law;
  }
  EXPECT_GE(count, 3);
}

TEST(Docket, SaysNothingOfHowAKernelBehavesWhereNoTheoryIsTrue) {
  const KernelReport report = explained(Defect::nan_in_one, {find_law("matches_reference_exactly")});
  ASSERT_TRUE(report.laws[0].violation);
  EXPECT_EQ(report.laws[0].violation->behaves_as, "");
}

TEST(Docket, SaysNothingOfHowAKernelBehavesWithLawsAboutRules) {
  const KernelReport report = explained(Defect::run_rejects_groups, {find_law("accepts_valid")});
  ASSERT_TRUE(report.laws[0].violation);
  EXPECT_EQ(report.laws[0].violation->behaves_as, "");
}

TEST(Docket, ShowsTheFindingOfTheShrunkCase) {
  const Subject subject = {&kernel_with(Defect::group_ignored), nullptr};
  const Law& law = *find_law("matches_reference_exactly");
  Hearing docket(subject, "", {&law}, {});
  Scratch scratch;
  docket.judge_case(kGrouped, Depth::all, "", scratch);
  const Violation found = *docket.report().laws[0].violation;
  const Judgement again = judge_once(law, *subject.kernel, case_of(found.the_case));
  ASSERT_EQ(again.outcome, Outcome::violated);
  EXPECT_EQ(again.finding->expected, found.expected);
  EXPECT_EQ(again.finding->got, found.got);
  EXPECT_EQ(again.finding->explanation, found.explanation);
}

TEST(Docket, QuotesWhatAShellWouldSplit) {
  convcheck_kernel kernel = kernel_with(Defect::group_ignored);
  kernel.name = "it's mine";
  const Subject subject = {&kernel, nullptr};
  Hearing docket(subject, "", {find_law("matches_reference_exactly")}, {"./build/my convcheck", "/tmp/a b/$kernel.so"});
  Scratch scratch;
  docket.judge_case(kGrouped, Depth::all, "", scratch);
  EXPECT_EQ(docket.report().laws[0].violation->replay,
            "'./build/my convcheck' replay input=1x2x1x1 weight=2x1x1x1 groups=2 --kernel 'it'\\''s mine' --law "
            "matches_reference_exactly '/tmp/a b/$kernel.so'");
}

TEST(Docket, ClosesALawOnceItIsViolated) {
  const Subject subject = {&kernel_with(Defect::group_ignored), nullptr};
  Hearing docket(subject, "", {find_law("matches_reference_exactly"), find_law("accepts_valid")}, {});
  Scratch scratch;
  const Case harmless = case_of("input=1x1x3x3 weight=1x1x2x2");
  docket.judge_case(harmless, Depth::all, "first", scratch);
  docket.judge_case(kGrouped, Depth::all, "second", scratch);
  EXPECT_FALSE(docket.docket().is_decided()) << "one law is still open";
  docket.judge_case(kGrouped, Depth::all, "third", scratch);
  const KernelReport report = docket.report();
  EXPECT_EQ(of(report, "matches_reference_exactly").cases, 2);
  EXPECT_EQ(of(report, "matches_reference_exactly").violation->source, "second");
  EXPECT_EQ(of(report, "accepts_valid").cases, 3);
  EXPECT_EQ(of(report, "accepts_valid").verdict, Verdict::holds);
}

TEST(Docket, IsDecidedWhereNoLawIsOpen) {
  const Subject subject = {&kernel_with(Oddity::no_promises), nullptr};
  EXPECT_TRUE(Hearing(subject, "", {find_law("rejects_invalid")}, {}).docket().is_decided());
  EXPECT_FALSE(Hearing(subject, "", all_laws(), {}).docket().is_decided());
}

TEST(Docket, HoldsForASoundKernelAndCountsWhatWasJudged) {
  const Subject subject = {&kernel_with(Oddity::none), nullptr};
  Hearing docket(subject, "", all_laws(), {});
  Scratch scratch;
  int64_t cases = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Case c = random_case(seed, Fill::integers);
    if (multiply_count(c.problem) > 100'000) continue;
    ++cases;
    for (size_t fill = 0; fill < kFillNames.size(); ++fill) {
      c.fill = static_cast<Fill>(fill);
      docket.judge_case(c, Depth::all, "random", scratch);
    }
    docket.judge_case(random_invalid_case(seed), Depth::all, "random", scratch);
  }
  ASSERT_GT(cases, 10);
  const KernelReport report = docket.report();
  EXPECT_EQ(report.verdict(), Verdict::holds);
  for (const LawReport& law : report.laws) {
    // What takes statistical sets, large problems or libraries that are loaded does not apply to these.
    if (find_law(law.law)->takes == Takes::statistical || law.law == "matches_checksum") continue;
    if (find_law(law.law)->of_loading) continue;
    int64_t fills = find_law(law.law)->takes == Takes::invalid ? 1 : 0;
    for (size_t fill = 0; fill < kFillNames.size(); ++fill)
      fills += is_about(find_law(law.law)->takes, static_cast<Fill>(fill)) ? 1 : 0;
    const int64_t one_in = find_law(law.law)->one_in;
    EXPECT_EQ(law.asked, (fills * cases + one_in - 1) / one_in)
        << law.law << " is given its share of the fills that it is about, and no other";
    // The kernel has no plan, and of what is dear a few cases may all be too large.
    if (law.law == "plans_are_independent" || one_in > 16) continue;
    EXPECT_EQ(law.verdict, Verdict::holds) << law.law;
    EXPECT_GT(law.cases, 0) << law.law;
    EXPECT_EQ(law.worst_error_over_bound.has_value(), find_law(law.law)->topic == Topic::value) << law.law;
  }
  EXPECT_EQ(of(report, "accepts_valid").cases, cases);
  EXPECT_LT(of(report, "groups_are_independent").cases, cases);
}

TEST(Docket, SaysWhyALawWasNotJudged) {
  const Subject subject = {&kernel_with(Oddity::no_promises), nullptr};
  Hearing docket(subject, "", all_laws(), {});
  Scratch scratch;
  docket.judge_case(case_of("input=1x1x3x3 weight=1x1x2x2"), Depth::all, "", scratch);
  const KernelReport report = docket.report();
  EXPECT_EQ(of(report, "rejects_invalid").verdict, Verdict::not_claimed);
  EXPECT_NE(of(report, "rejects_invalid").reason.find("CONVCHECK_REJECTS_INVALID"), std::string::npos);
  EXPECT_EQ(of(report, "bias_adds").verdict, Verdict::not_applicable);
  EXPECT_EQ(of(report, "bias_adds").reason, "asked on 1 cases: the problem has no bias");
  EXPECT_EQ(of(report, "matches_reference_within_bound").verdict, Verdict::not_applicable);
  EXPECT_EQ(of(report, "matches_reference_within_bound").reason, "no case of the run was of its kind");
}

TEST(Docket, JudgesByTheLawsOfTheDepthAlone) {
  const Subject subject = {&kernel_with(Oddity::none), nullptr};
  for (const Depth depth : {Depth::single_call, Depth::values, Depth::all}) {
    Hearing docket(subject, "", all_laws(), {});
    Scratch scratch;
    docket.judge_case(kGrouped, depth, "", scratch);
    for (const LawReport& entry : docket.report().laws) {
      const Law& law = *find_law(entry.law);
      const bool of_depth = depth == Depth::all || (depth == Depth::values && law.topic == Topic::value) ||
                            (depth == Depth::single_call && law.single_call);
      EXPECT_EQ(entry.asked, of_depth && law.takes == Takes::integers ? 1 : 0) << entry.law;
    }
  }
}

TEST(Docket, CallsAnExceptionInALawAFaultOfTheHarness) {
  const Law law = law_of([](Trial&) -> Judgement { throw std::runtime_error("the law ran out of ideas"); });
  const Subject subject = {&kernel_with(Oddity::none), nullptr};
  Hearing docket(subject, "", {&law, find_law("accepts_valid")}, {});
  Scratch scratch;
  docket.judge_case(kGrouped, Depth::all, "", scratch);
  const KernelReport report = docket.report();
  EXPECT_EQ(report.laws[0].verdict, Verdict::harness_fault);
  EXPECT_NE(report.laws[0].reason.find("the law ran out of ideas"), std::string::npos) << report.laws[0].reason;
  EXPECT_NE(report.laws[0].reason.find(print(kGrouped)), std::string::npos) << report.laws[0].reason;
  EXPECT_EQ(report.laws[0].cases, 0);
  EXPECT_EQ(report.laws[1].verdict, Verdict::holds) << "the other laws go on";
  EXPECT_EQ(report.verdict(), Verdict::harness_fault);
}

// While shrinking, a law may meet a case on which it throws: the violation that was found stands.
TEST(Docket, KeepsAViolationWhoseShrinkingMeetsAnException) {
  const Law law = law_of([](Trial& trial) -> Judgement {
    if (trial.problem().batch() < 2) throw std::runtime_error("not with one image");
    return violation();
  });
  const Subject subject = {&kernel_with(Oddity::none), nullptr};
  Hearing docket(subject, "", {&law}, {});
  Scratch scratch;
  docket.judge_case(kGrouped, Depth::all, "", scratch);
  const KernelReport report = docket.report();
  ASSERT_TRUE(report.laws[0].violation);
  EXPECT_EQ(report.laws[0].violation->the_case, "input=2x1x1x1 weight=1x1x1x1");
}

TEST(Docket, SaysSoWhereAViolationDoesNotHappenAgain) {
  static bool has_failed = false;
  has_failed = false;
  const Law law = law_of([](Trial&) -> Judgement {
    if (has_failed) return {};
    has_failed = true;
    return violation();
  });
  const Subject subject = {&kernel_with(Oddity::none), nullptr};
  Hearing docket(subject, "", {&law}, {});
  Scratch scratch;
  docket.judge_case(kGrouped, Depth::all, "", scratch);
  const KernelReport report = docket.report();
  ASSERT_TRUE(report.laws[0].violation);
  EXPECT_EQ(report.laws[0].verdict, Verdict::violated);
  EXPECT_EQ(report.laws[0].violation->the_case, print(kGrouped));
  EXPECT_FALSE(report.laws[0].violation->is_minimal);
  EXPECT_EQ(report.laws[0].violation->expected, "this");
  EXPECT_NE(report.laws[0].violation->explanation.find("did not happen again"), std::string::npos);
}

// What a session asks before it makes an expectation that is dear.
TEST(Docket, WantsACaseWhereALawOfTheDepthIsLeftForIt) {
  const Case reals = case_of("input=2x6x5x6 weight=4x3x3x3 groups=2 padding=1 bias=4 fill=reals seed=9");
  const Subject subject = {&kernel_with(Defect::group_ignored), nullptr};
  Hearing docket(subject, "", {find_law("matches_reference_exactly"), find_law("groups_are_independent")}, {});
  EXPECT_TRUE(docket.docket().wants(kGrouped, Depth::single_call));
  EXPECT_TRUE(docket.docket().wants(kGrouped, Depth::values));
  EXPECT_TRUE(docket.docket().wants(kGrouped, Depth::all));
  EXPECT_FALSE(docket.docket().wants(reals, Depth::all)) << "no law here is about reals";

  Scratch scratch;
  docket.judge_case(kGrouped, Depth::values, "", scratch);  // violates the value law, which closes
  EXPECT_FALSE(docket.docket().wants(kGrouped, Depth::single_call));
  EXPECT_FALSE(docket.docket().wants(kGrouped, Depth::values));
  EXPECT_TRUE(docket.docket().wants(kGrouped, Depth::all)) << "the structure law is open";
  Hearing for_reals(subject, "", {find_law("matches_reference_within_bound")}, {});
  EXPECT_TRUE(for_reals.docket().wants(reals, Depth::values));
  EXPECT_FALSE(for_reals.docket().wants(kGrouped, Depth::values));
  EXPECT_FALSE(Hearing(subject, "", {find_law("rejects_invalid")}, {}).docket().wants(kGrouped, Depth::all));
}

TEST(Docket, NamesTheAlgorithm) {
  const auto algorithm = [](int32_t declared, int32_t tile) {
    convcheck_kernel kernel = kernel_with(Oddity::none);
    kernel.algorithm = declared;
    kernel.winograd_tile = tile;
    kernel.description = nullptr;  // a kernel may forget it
    const Subject subject = {&kernel, nullptr};
    return Hearing(subject, "", {}, {}).report().algorithm;
  };
  EXPECT_EQ(algorithm(CONVCHECK_SUMMATION, 0), "summation");
  EXPECT_EQ(algorithm(CONVCHECK_WINOGRAD, 4), "Winograd up to 4x4");
  EXPECT_EQ(algorithm(CONVCHECK_FFT, 0), "FFT");
  EXPECT_EQ(algorithm(9, 0), "unknown (9)");
}

}  // namespace
}  // namespace convcheck
