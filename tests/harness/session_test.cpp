// A whole run: every source of cases in its order, the same for the same seed, and no verdict without a judgement.
#include "harness/session.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "properties/small_world.h"
#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/properties/faulty_kernels.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

int32_t decline(const convcheck_problem* /*problem*/) {
  return CONVCHECK_UNSUPPORTED;
}

// Wrong on one shape of the small world, with any strides and paddings.
int32_t run_wrong_once(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  const int32_t status = kernel_with(Oddity::none).run(problem, buffers);
  const int64_t* const in = problem->input.shape;
  const int64_t* const weight = problem->weight.shape;
  const bool is_it = in[0] == 2 && in[1] == 6 && in[2] == 3 && in[3] == 2 && weight[0] == 3 && weight[2] == 2 &&
                     weight[3] == 2 && problem->groups == 3;
  if (status == CONVCHECK_OK && is_it) *static_cast<float*>(buffers->output) += 1;
  return status;
}

// The list that a linked library is made from; its first `count` kernels.
const convcheck_kernel* const* list_kernels(uint32_t /*version*/, size_t* count) {
  static const convcheck_kernel kDeclining = [] {
    convcheck_kernel kernel = kernel_with(Oddity::none);
    kernel.name = "declines_all";
    kernel.supports = decline;
    kernel.promises = 0;
    return kernel;
  }();
  static const convcheck_kernel kWrong = [] {
    convcheck_kernel kernel = kernel_with(Oddity::none);
    kernel.name = "wrong_once";
    kernel.run = run_wrong_once;
    return kernel;
  }();
  static const convcheck_kernel* const kAll[] = {&kernel_with(Oddity::none),
                                                 &kernel_with(Defect::group_ignored),
                                                 &kernel_with(Defect::padding_sides_swapped),
                                                 &kDeclining,
                                                 &kernel_with(Oddity::winograd_declared),
                                                 &kernel_with(Defect::accumulates_in_bf16),
                                                 &kWrong};
  *count = std::size(kAll);
  return kAll;
}
enum Which : size_t { kSound, kGroupIgnored, kPaddingSwapped, kDeclinesAll, kWinograd, kBf16, kWrongOnce };

const Library& library() {
  static const Library kLibrary = Library::linked("tests", list_kernels);
  return kLibrary;
}

std::vector<const Law*> laws_named(std::initializer_list<std::string_view> names) {
  std::vector<const Law*> found;
  for (const std::string_view law : names) found.push_back(find_law(law));
  return found;
}

Candidate candidate(Which which, std::initializer_list<std::string_view> law_names) {
  return {&library(), &library().kernels()[which], laws_named(law_names)};
}

Candidate with_all_laws(Which which) {
  Candidate result = candidate(which, {});
  for (const Law& law : laws()) result.laws.push_back(&law);
  return result;
}

std::vector<CorpusEntry> entries_of(std::string_view text) {
  Corpus corpus = parse_corpus(text, "test.cases");
  EXPECT_EQ(corpus.error, "");
  return corpus.entries;
}

Report run(const std::vector<Candidate>& candidates, const SessionOptions& options) {
  return run_session(candidates, options);
}

// What may not differ from run to run.
std::string lasting(const Report& report) {
  std::string text;
  for (const KernelReport& kernel : report.kernels) {
    text += kernel.name + ' ' + std::to_string(kernel.small_world_done) + ' ' + std::to_string(kernel.random_cases);
    for (const LawReport& law : kernel.laws) {
      text += '\n' + law.law + ' ' + std::string(name(law.verdict)) + ' ' + std::to_string(law.cases);
      if (!law.violation) continue;
      const Violation& v = *law.violation;
      for (const std::string& part : {v.the_case, v.shrunk_from, v.source, v.expected, v.got, v.index, v.explanation}) {
        text += "\n  " + part;
      }
    }
    text += '\n';
  }
  for (const int64_t count : report.coverage.counts()) text += std::to_string(count) + ' ';
  return text;
}

TEST(Session, WithASmallBudgetJudgesASoundKernelAndHolds) {
  const Report report = run({with_all_laws(kSound)}, {.budget_s = 0.2});
  EXPECT_EQ(report.verdict(), Verdict::holds);
  ASSERT_EQ(report.kernels.size(), 1U);
  EXPECT_GT(report.kernels[0].covering_done, 0);
  EXPECT_LT(report.kernels[0].small_world_done, small_world_size());
  EXPECT_EQ(report.small_world_size, small_world_size());
  EXPECT_GE(report.coverage.cases(), report.kernels[0].small_world_done);
  for (const LawReport& law : report.kernels[0].laws) {
    const bool is_of_each =
        find_law(law.law)->single_call && find_law(law.law)->takes == Takes::integers && law.law != "matches_checksum";
    EXPECT_TRUE(!is_of_each || law.cases >= report.kernels[0].small_world_done) << law.law;
  }
}

TEST(Session, FindsInTheCoveringArrayWhatIsWrongWithManyProblems) {
  const Report report = run({candidate(kGroupIgnored, {"matches_reference_exactly"}),
                             candidate(kPaddingSwapped, {"matches_reference_exactly"})},
                            {.random_cases = 3, .jobs = 2});
  EXPECT_EQ(report.verdict(), Verdict::violated);
  for (const KernelReport& kernel : report.kernels) {
    ASSERT_TRUE(kernel.laws[0].violation) << kernel.name;
    EXPECT_EQ(kernel.laws[0].violation->source, "covering array");
    EXPECT_EQ(kernel.small_world_done, 0) << "no law was left to judge";
    EXPECT_EQ(kernel.random_cases, 0);
  }
  EXPECT_EQ(report.kernels[kGroupIgnored - 1].laws[0].violation->the_case, "input=1x2x1x1 weight=2x1x1x1 groups=2");
}

TEST(Session, FindsInTheSmallWorldWhatIsWrongWithOneShape) {
  const Report report = run({candidate(kWrongOnce, {"matches_reference_exactly"})}, {.random_cases = 0});
  ASSERT_TRUE(report.kernels[0].laws[0].violation);
  EXPECT_EQ(report.kernels[0].laws[0].violation->source, "small world");
  EXPECT_EQ(report.kernels[0].laws[0].violation->the_case, "input=2x6x3x2 weight=3x2x2x2 groups=3");
}

TEST(Session, CannotJudgeAKernelThatServesNothing) {
  const auto corpus = entries_of("one: input=1x1x3x3 weight=1x1x2x2\n");
  const Report report = run({with_all_laws(kSound), with_all_laws(kDeclinesAll)}, {.budget_s = 0.05, .corpus = corpus});
  EXPECT_EQ(report.kernels[0].verdict(), Verdict::holds);
  EXPECT_EQ(report.kernels[1].verdict(), Verdict::harness_fault);
  EXPECT_EQ(report.verdict(), Verdict::harness_fault);
  for (const LawReport& law : report.kernels[1].laws) {
    EXPECT_EQ(law.cases, 0) << law.law;
    EXPECT_NE(law.verdict, Verdict::holds) << law.law;
  }
  EXPECT_NE(report.kernels[1].laws[0].reason.find("does not serve"), std::string::npos);
}

TEST(Session, WithoutKernelsHasNothingToHold) {
  EXPECT_EQ(run({}, {}).verdict(), Verdict::harness_fault);
}

TEST(Session, GivesTheSameForTheSameSeedAndOtherCasesForAnother) {
  const auto once = [](uint64_t seed, int jobs) {
    return run({candidate(kGroupIgnored, {"matches_reference_exactly", "rejects_invalid"}),
                candidate(kPaddingSwapped, {"matches_reference_exactly"})},
               {.seed = seed, .random_cases = 20, .jobs = jobs});
  };
  const Report first = once(5, 1);
  EXPECT_EQ(lasting(first), lasting(once(5, 1)));
  EXPECT_EQ(lasting(first), lasting(once(5, 2)));
  const Report other = once(6, 1);
  EXPECT_NE(first.kernels[0].laws[0].violation->shrunk_from, other.kernels[0].laws[0].violation->shrunk_from);
  EXPECT_EQ(first.kernels[0].laws[0].violation->the_case, other.kernels[0].laws[0].violation->the_case)
      << "from wherever it began, the smallest case is the same";
}

TEST(Session, WithCasesFinishesTheSmallWorldAndJudgesSoManyRandomOnes) {
  // A law about invalid problems leaves the small world unjudged, which makes this quick.
  const Report report = run({candidate(kSound, {"rejects_invalid"})}, {.random_cases = 25});
  EXPECT_EQ(report.kernels[0].small_world_done, small_world_size());
  EXPECT_EQ(report.kernels[0].random_cases, 25);
  EXPECT_EQ(report.kernels[0].laws[0].cases, report.covering_size + 25) << "an invalid problem beside each";
  EXPECT_EQ(report.kernels[0].covering_done, report.covering_size);
  EXPECT_GT(report.covering_size, 0);
  EXPECT_EQ(report.coverage.cases(), report.covering_size + small_world_size() + 25);
  EXPECT_EQ(report.verdict(), Verdict::holds);
}

TEST(Session, AsksTheCorpusFirst) {
  const auto corpus = entries_of(
      "harmless: input=1x1x3x3 weight=1x1x2x2\n"
      "telling: input=1x4x6x6 weight=6x2x3x3 groups=2 stride=2x1\n");
  const Report report =
      run({candidate(kGroupIgnored, {"matches_reference_exactly"})}, {.random_cases = 1, .corpus = corpus});
  const LawReport& law = report.kernels[0].laws[0];
  ASSERT_TRUE(law.violation);
  EXPECT_EQ(law.violation->source, "test.cases:2 telling");
  EXPECT_EQ(law.violation->shrunk_from, print(corpus[1].the_case));
  EXPECT_EQ(law.cases, 2);
  EXPECT_EQ(report.kernels[0].small_world_done, 0);
  EXPECT_EQ(report.corpus_entries, 2);
}

TEST(Session, FinishesTheCorpusHoweverSmallTheBudget) {
  const auto corpus = entries_of(
      "one: input=1x1x3x3 weight=1x1x2x2\n"
      "two: input=1x1x3x4 weight=1x1x2x2\n"
      "bad: input=1x3x8x8 weight=8x1x3x3 groups=3 => refused\n"
      "rank1: input=1x3x8 weight=8x3x3\n"
      "half: input=1x3x8x8 weight=8x3x3x3 dtype=f16\n");
  const Report report = run({with_all_laws(kSound)}, {.budget_s = 0, .corpus = corpus});
  const auto& laws_of_kernel = report.kernels[0].laws;
  const auto cases = [&](std::string_view law_name) {
    for (const LawReport& law : laws_of_kernel) {
      if (law.law == law_name) return law.cases;
    }
    return int64_t{-1};
  };
  EXPECT_EQ(cases("rejects_invalid"), 1);
  EXPECT_GE(cases("matches_reference_exactly"), 2);
  EXPECT_GE(cases("matches_reference_within_bound"), 2) << "a corpus case is judged on reals as well";
}

TEST(Session, JudgesNetworkLayersByValuesAloneAndEachProblemOnce) {
  const std::vector<Network> networks = {
      {"small", entries_of("a: input=1x4x9x9 weight=4x4x3x3\nb: input=1x4x9x9 weight=8x2x3x3 groups=2\n")},
      {"alike", entries_of("c: input=1x4x9x9 weight=4x4x3x3\n")}};
  const Report report = run({with_all_laws(kSound), with_all_laws(kWinograd)}, {.budget_s = 0, .networks = networks});
  EXPECT_EQ(report.network_problems, 2);
  ASSERT_EQ(report.networks.size(), 2U);
  EXPECT_EQ(report.networks[0].layers, 2);
  for (const KernelReport& kernel : report.kernels) {
    for (const LawReport& law : kernel.laws) {
      const Law& known = *find_law(law.law);
      const bool is_judged = known.topic == Topic::value && known.takes != Takes::special;
      if (known.takes == Takes::statistical) continue;  // judged apart, whatever the networks
      const int64_t fills = known.takes == Takes::significands ? 2 : 1;
      // Two problems; significands cannot judge what is left to a Winograd bound.
      const bool can_judge = known.takes != Takes::significands || &kernel == report.kernels.data();
      EXPECT_EQ(law.asked, is_judged && can_judge ? 2 * fills : 0) << kernel.name << ' ' << law.law;
    }
  }
}

TEST(Session, NamesTheLayerOnWhichAKernelIsWrong) {
  const std::vector<Network> networks = {{"small", entries_of("b: input=1x4x9x9 weight=8x2x3x3 groups=2\n")}};
  const Report report =
      run({candidate(kGroupIgnored, {"matches_reference_exactly"})}, {.budget_s = 0, .networks = networks});
  ASSERT_TRUE(report.kernels[0].laws[0].violation);
  EXPECT_EQ(report.kernels[0].laws[0].violation->source, "small b");
}

TEST(Session, JudgesTheCorpussLargeCasesByAllLawsAfterTheRest) {
  const auto corpus = entries_of("large: input=1x64x16x16 weight=64x32x3x3 groups=2 padding=1 bias=64\n");
  ASSERT_GT(multiply_count(corpus[0].the_case.problem), 4'000'000);
  const Report report = run({with_all_laws(kSound)}, {.budget_s = 0, .corpus = corpus});
  for (const LawReport& law : report.kernels[0].laws) {
    const Takes takes = find_law(law.law)->takes;
    if (takes == Takes::statistical) continue;    // judged apart, whatever the corpus
    if (find_law(law.law)->one_in > 1) continue;  // dear, and not for every kernel and size
    const std::set<std::string_view> of_other_problems = {"loads_quietly",
                                                          "batch_is_independent",
                                                          "permuting_images_permutes_outputs",
                                                          "matches_checksum",
                                                          "stride_equals_subsampling",
                                                          "dilation_equals_zero_stuffing",
                                                          "pointwise_is_a_matrix_product"};
    const bool applies = takes != Takes::invalid && takes != Takes::special && !of_other_problems.contains(law.law);
    EXPECT_EQ(law.cases, takes == Takes::significands ? 2 : applies ? 1 : 0) << law.law;
  }
}

TEST(Session, LeavesOutTheCorpussLargestCasesWhereThatIsAskedFor) {
  const auto corpus = entries_of("large: input=1x64x24x24 weight=64x32x3x3 groups=2 padding=1 bias=64\n");
  const int64_t multiplies = static_cast<int64_t>(multiply_count(corpus[0].the_case.problem));
  for (const int64_t most : {multiplies, multiplies - 1}) {
    const Report report = run({candidate(kSound, {"matches_reference_exactly"})},
                              {.budget_s = 0, .most_multiplies = most, .corpus = corpus});
    EXPECT_EQ(report.kernels[0].laws[0].cases, most == multiplies ? 1 : 0);
  }
}

// A regression is judged just as it was written down, beside all other fills: with its own seed, and with a fill that
// the others do not have.
TEST(Session, JudgesACorpussCaseWithItsOwnFillAndSeed) {
  for (const char* text : {"small: input=1x735x76x26 weight=3x245x2x2 groups=3 stride=2 fill=statistical2 seed=77\n",
                           "large: input=1x64x24x24 weight=64x32x3x3 groups=2 padding=1 fill=reals seed=12345\n"}) {
    const auto corpus = entries_of(text);
    const Law& law =
        *find_law(corpus[0].the_case.fill == Fill::reals ? "matches_reference_within_bound" : "errs_like_f32");
    const Report report = run({candidate(kBf16, {law.name})}, {.budget_s = 0, .corpus = corpus});
    ASSERT_TRUE(report.kernels[0].laws[0].violation) << text;
    EXPECT_EQ(report.kernels[0].laws[0].violation->shrunk_from, print(corpus[0].the_case));
  }
}

TEST(Session, StopsWhenItIsToldAndReportsWhatIsDone) {
  const std::atomic<bool> stop = true;
  const auto corpus = entries_of("one: input=1x1x3x3 weight=1x1x2x2\n");
  const Report report = run({with_all_laws(kSound)}, {.random_cases = 1000, .corpus = corpus, .stop = &stop});
  EXPECT_EQ(report.kernels[0].cases(), 0);
  EXPECT_EQ(report.verdict(), Verdict::harness_fault);
}

TEST(Session, SaysWhatItIsDoing) {
  std::string said;
  (void)run({candidate(kSound, {"rejects_invalid"})},
            {.random_cases = 1, .progress = [&](const std::string& line) { said += line + '\n'; }});
  const size_t corpus = said.find("plain: corpus");
  const size_t covering = said.find("plain: covering array");
  const size_t world = said.find("plain: small world");
  const size_t random = said.find("plain: random cases");
  ASSERT_NE(random, std::string::npos) << said;
  EXPECT_LT(corpus, covering) << said;
  EXPECT_LT(covering, world) << said;
  EXPECT_LT(world, random) << said;
}

TEST(Session, PutsTheLibraryIntoReplayLinesUnlessItIsLinked) {
  const Report report = run({candidate(kGroupIgnored, {"matches_reference_exactly"})},
                            {.random_cases = 1, .program = "./build/convcheck"});
  const std::string& replay = report.kernels[0].laws[0].violation->replay;
  EXPECT_TRUE(replay.starts_with("./build/convcheck replay input=1x2x1x1")) << replay;
  EXPECT_TRUE(replay.ends_with("--law matches_reference_exactly")) << replay;
}

}  // namespace
}  // namespace convcheck
