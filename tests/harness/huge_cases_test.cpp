// The huge cases of a session: judged last, kept as they were found, and what is left out is told.
#include "harness/huge_cases.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "harness/json.h"
#include "harness/session.h"
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

// Dockets of some kernels before all laws.
struct Judged {
  std::vector<std::unique_ptr<Subject>> subjects;
  std::vector<std::unique_ptr<Docket>> dockets;

  explicit Judged(const std::vector<const convcheck_kernel*>& kernels) {
    for (const convcheck_kernel* kernel : kernels) {
      subjects.push_back(std::make_unique<Subject>(Subject{kernel, nullptr}));
      dockets.push_back(std::make_unique<Docket>(*subjects.back(), "", all_laws(), ReplayForm{}));
    }
  }
};

TEST(HugeCases, KeepAViolationAsItWasFound) {
  const Judged judged({&narrow_kernel(TensorRole::input, OffsetType::uint32)});
  HugeCases cases(judged.dockets, 7);
  cases.judge(entry_of(kView));
  const KernelReport report = judged.dockets[0]->report();
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
  EXPECT_EQ(cases.judged(0), 1);
  EXPECT_TRUE(cases.omissions().empty());
}

TEST(HugeCases, JudgeKernelsOfEachAccuracy) {
  const Judged judged({&wide_kernel(), &kernel_with(Oddity::winograd_declared), &kernel_with(Oddity::sums_reversed)});
  HugeCases cases(judged.dockets, 1);
  cases.judge(entry_of(kView));
  for (size_t i = 0; i < judged.dockets.size(); ++i) {
    EXPECT_EQ(of(judged.dockets[i]->report(), kValues).verdict, Verdict::holds) << i;
    EXPECT_EQ(cases.judged(i), 1) << i;
  }
}

TEST(HugeCases, TellWhatIsNotJudgedUnlessTheKernelDoesNotServeIt) {
  convcheck_kernel hungry = wide_kernel();
  hungry.name = "hungry";
  hungry.workspace_bytes = [](const convcheck_problem*) -> size_t { return size_t{1} << 50; };
  convcheck_kernel dense = wide_kernel();
  dense.supports = nullptr;
  const Judged judged({&hungry, &dense, &wide_kernel()});
  HugeCases cases(judged.dockets, 1);
  cases.judge(entry_of(kView));
  cases.judge(entry_of("input=1x1x1x1 weight=1x1x65537x65537 padding=32768"));
  EXPECT_EQ(cases.judged(0), 0);
  EXPECT_EQ(cases.judged(1), 0);
  EXPECT_EQ(cases.judged(2), 1);
  ASSERT_EQ(cases.omissions().size(), 4U) << "one for its workspace, and all three for the window";
  EXPECT_EQ(cases.omissions()[0].kernel, "hungry");
  EXPECT_EQ(cases.omissions()[0].source, "huge.cases:1 one");
  EXPECT_NE(cases.omissions()[0].reason.find("FAILED from the workspace's allocation"), std::string::npos)
      << cases.omissions()[0].reason;
  EXPECT_NE(cases.omissions()[3].reason.find("a window of 4295098369 taps"), std::string::npos);
  EXPECT_EQ(of(judged.dockets[1]->report(), kValues).verdict, Verdict::not_applicable);
}

TEST(HugeCases, LeaveAKernelAloneWhoseLawsAreDecided) {
  const Judged judged({&narrow_kernel(TensorRole::input, OffsetType::int32)});
  HugeCases cases(judged.dockets, 1);
  EXPECT_TRUE(judged.dockets[0]->wants_huge());
  cases.judge(entry_of(kView));
  cases.judge(entry_of(kView));
  EXPECT_EQ(of(judged.dockets[0]->report(), kValues).cases, 1) << "its law is closed";
  EXPECT_EQ(of(judged.dockets[0]->report(), "accepts_valid").cases, 2);
  const Subject subject = {&wide_kernel(), nullptr};
  EXPECT_FALSE(Docket(subject, "", {find_law("bias_adds")}, {}).wants_huge());
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
  EXPECT_GT(said.find("huge case one"), said.find("random cases")) << said;
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
