// The huge cases of a session: judged last, kept as they were found, and what is left out is told.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "harness/agenda.h"
#include "harness/json.h"
#include "harness/table.h"
#include "reference/case_text.h"
#include "tests/properties/faulty_kernels.h"
#include "tests/properties/narrow_kernels.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

constexpr std::string_view kView =
    "input=2x4x12x10 weight=8x1x3x3 groups=4 padding=1 bias=8 input_strides=4294967296x1073741824x4099x3";
constexpr std::string_view kValues = "matches_reference_exactly";

std::vector<CorpusEntry> entries_of(std::string_view text) {
  Corpus corpus = parse_corpus(text, "huge.cases");
  EXPECT_EQ(corpus.error, "");
  return corpus.entries;
}

CorpusEntry entry_of(std::string_view text) {
  return entries_of("one: " + std::string(text) + "\n").front();
}

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

// One kernel before all laws, on these huge cases.
struct Judged {
  Subject subject;
  std::vector<const Law*> all = all_laws();
  KernelRecord record;

  Judged(const convcheck_kernel& kernel, const std::vector<CorpusEntry>& huge, uint64_t seed = 1)
      : subject{.kernel = &kernel} {
    const SessionOptions options = {.seed = seed, .budget_s = 0, .huge = huge};
    Docket docket(subject, all, record);
    JudgingWatch nobody;
    Agenda(options).judge_huge(docket, record, nobody);
  }
  [[nodiscard]] KernelReport report() const { return report_of(*subject.kernel, "", all, record, ReplayForm{}); }
};

TEST(HugeCases, KeepAViolationAsItWasFound) {
  const Judged judged(narrow_kernel(TensorRole::input, OffsetType::uint32), {entry_of(kView)}, 7);
  const KernelReport report = judged.report();
  const LawReport& law = of(report, kValues);
  ASSERT_EQ(law.verdict, Verdict::violated);
  EXPECT_EQ(law.cases, 1);
  const std::string the_case = std::string(kView) + " seed=7";
  EXPECT_EQ(law.violation->the_case, the_case);
  EXPECT_EQ(law.violation->shrunk_from, the_case);
  EXPECT_FALSE(law.violation->is_minimal);
  EXPECT_EQ(law.violation->source, "huge.cases:1 one");
  EXPECT_EQ(law.violation->replay,
            "convcheck replay " + the_case + " --kernel input_in_uint32 --law matches_reference_exactly");
  EXPECT_EQ(of(report, "accepts_valid").verdict, Verdict::holds);
  EXPECT_EQ(of(report, "bias_adds").asked, 0);
  EXPECT_EQ(report.huge_cases, 1);
  EXPECT_TRUE(judged.record.huge_omissions.empty());
}

TEST(HugeCases, JudgeKernelsOfEachAccuracy) {
  for (const convcheck_kernel* kernel :
       {&wide_kernel(), &kernel_with(Oddity::winograd_declared), &kernel_with(Oddity::sums_reversed)}) {
    const Judged judged(*kernel, {entry_of(kView)});
    EXPECT_EQ(of(judged.report(), kValues).verdict, Verdict::holds) << kernel->name;
    EXPECT_EQ(judged.record.huge_done, 1) << kernel->name;
  }
}

TEST(HugeCases, TellWhatIsNotJudgedUnlessTheKernelDoesNotServeIt) {
  convcheck_kernel hungry = wide_kernel();
  hungry.name = "hungry";
  hungry.workspace_bytes = [](const convcheck_problem*) -> size_t { return size_t{1} << 50; };
  convcheck_kernel dense = wide_kernel();
  dense.supports = nullptr;
  const std::vector<CorpusEntry> huge = {entry_of(kView),
                                         entry_of("input=1x1x1x1 weight=1x1x65537x65537 padding=32768")};
  const Judged of_hungry(hungry, huge), of_dense(dense, huge), of_wide(wide_kernel(), huge);
  EXPECT_EQ(of_hungry.record.huge_done, 0);
  EXPECT_EQ(of_dense.record.huge_done, 0);
  EXPECT_EQ(of_wide.record.huge_done, 1);
  const std::vector<HugeOmission>& omissions = of_hungry.record.huge_omissions;
  ASSERT_EQ(omissions.size(), 2U) << "one for its workspace, one for the window";
  EXPECT_EQ(omissions[0].kernel, "hungry");
  EXPECT_EQ(omissions[0].source, "huge.cases:1 one");
  EXPECT_NE(omissions[0].reason.find("FAILED from the workspace's allocation"), std::string::npos)
      << omissions[0].reason;
  EXPECT_NE(omissions[1].reason.find("a window of 4295098369 taps"), std::string::npos);
  EXPECT_EQ(of_dense.record.huge_omissions.size(), 1U);
  EXPECT_EQ(of_wide.record.huge_omissions.size(), 1U);
  EXPECT_EQ(of(of_dense.report(), kValues).verdict, Verdict::not_applicable);
}

TEST(HugeCases, LeaveAKernelAloneWhoseLawsAreDecided) {
  const Judged judged(narrow_kernel(TensorRole::input, OffsetType::int32), {entry_of(kView), entry_of(kView)});
  EXPECT_EQ(of(judged.report(), kValues).cases, 1) << "its law is closed";
  EXPECT_EQ(of(judged.report(), "accepts_valid").cases, 2);
  const Subject subject = {.kernel = &wide_kernel()};
  const std::vector<const Law*> one = {find_law("bias_adds")};
  KernelRecord record;
  EXPECT_FALSE(Docket(subject, one, record).wants_huge());
}

const convcheck_kernel* const* list_kernels(uint32_t /*version*/, size_t* count) {
  static const convcheck_kernel* const kAll[] = {&wide_kernel(), &narrow_kernel(TensorRole::input, OffsetType::int32)};
  *count = std::size(kAll);
  return kAll;
}

// On problems that are not huge both kernels are right.
TEST(Session, JudgesHugeCasesLastAndReportsThem) {
  const Library library = Library::linked("tests", list_kernels);
  const std::vector<Candidate> candidates = {{&library, &library.kernels()[0], all_laws()},
                                             {&library, &library.kernels()[1], all_laws()}};
  const auto corpus = entries_of("small: input=1x4x6x6 weight=6x2x3x3 groups=2\n");
  const auto huge =
      entries_of("one: " + std::string(kView) + "\nwindow: input=1x1x1x1 weight=1x1x65537x65537 padding=32768\n");
  std::string said;
  const Report report = run_session(
      candidates,
      {.budget_s = 0.05, .jobs = 2, .corpus = corpus, .huge = huge, .progress = [&](const std::string& line) {
         said += line + '\n';
       }});
  EXPECT_EQ(report.verdict(), Verdict::violated);
  EXPECT_EQ(report.huge_cases, 2);
  EXPECT_EQ(report.kernels[0].verdict(), Verdict::holds);
  EXPECT_EQ(report.kernels[0].huge_cases, 1);
  ASSERT_TRUE(of(report.kernels[1], kValues).violation);
  EXPECT_EQ(of(report.kernels[1], kValues).violation->source, "huge.cases:1 one");
  EXPECT_EQ(report.huge_omissions.size(), 2U);
  EXPECT_GT(said.find("huge cases, 2"), said.find("corpus, 1 cases")) << said;
  const std::string table = to_table(report, {});
  EXPECT_NE(table.find("huge: 2 cases; judged: wide 1, input_in_int32 1\n  wide not judged on huge.cases:2 window: a"),
            std::string::npos)
      << table;
  EXPECT_NE(to_json(report).find("\"reason\": \"a window of 4295098369 taps"), std::string::npos);

  const Report without = run_session(candidates, {.budget_s = 0.05, .corpus = corpus});
  EXPECT_EQ(without.verdict(), Verdict::holds) << "no other case is huge";
  EXPECT_EQ(without.huge_cases, 0);
  EXPECT_EQ(to_table(without, {}).find("huge"), std::string::npos);
}

}  // namespace
}  // namespace convcheck
