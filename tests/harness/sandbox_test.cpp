// Kernels that end, block or deceive the process they run in: each gets its verdict, and nobody else notices.
#include "harness/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/json.h"
#include "harness/results_log.h"
#include "harness/session.h"
#include "reference/case_text.h"
#include "tests/properties/faulty_kernels.h"
#include "tests/properties/sanitized.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

bool has_stride_above_kernel(const convcheck_problem* p) {
  return p->stride[0] > p->weight.shape[2];
}

template <void (*harm)()>
int32_t run_and_harm(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (has_stride_above_kernel(problem)) harm();
  return kernel_with(Oddity::none).run(problem, buffers);
}

__attribute__((no_sanitize("undefined", "address"))) void touch_nothing() {
  *reinterpret_cast<volatile int*>(uintptr_t{8}) = 1;
}
void loop_forever() {
  for (volatile bool is_on = true; is_on;) {
  }
}
void leave() {
  std::printf("good bye\n");
  std::fflush(stdout);
  std::exit(0);
}
void throw_something() {
  throw std::runtime_error("from a kernel");
}
void split() {
  static_cast<void>(fork());
}
void give_up() {
  std::abort();
}
// What UndefinedBehaviorSanitizer would otherwise answer with an exit.
__attribute__((no_sanitize("undefined"))) void divide() {
  volatile int zero = 0;
  volatile int one = 1;
  one = one / zero;
}

// Wrong, and says of each call which one it is.
int32_t talk(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  std::printf("an image of %d rows\x1b\n", static_cast<int>(problem->input.shape[2]));
  return kernel_with(Defect::group_ignored).run(problem, buffers);
}

convcheck_kernel kernel_called(const char* name, int32_t (*run)(const convcheck_problem*, const convcheck_buffers*)) {
  convcheck_kernel kernel = kernel_with(Oddity::none);
  kernel.name = name;
  if (run != nullptr) kernel.run = run;
  return kernel;
}

enum Which : size_t {
  kSoundFirst,
  kCrashes,
  kHangs,
  kExits,
  kThrows,
  kForks,
  kAborts,
  kDivides,
  kWrong,
  kTalks,
  kSoundLast,
  kCount
};

const convcheck_kernel* const* list_kernels(uint32_t /*version*/, size_t* count) {
  static const convcheck_kernel kKernels[kCount] = {kernel_called("sound_first", nullptr),
                                                    kernel_called("crashes", run_and_harm<touch_nothing>),
                                                    kernel_called("hangs", run_and_harm<loop_forever>),
                                                    kernel_called("exits", run_and_harm<leave>),
                                                    kernel_called("throws", run_and_harm<throw_something>),
                                                    kernel_called("forks", run_and_harm<split>),
                                                    kernel_called("aborts", run_and_harm<give_up>),
                                                    kernel_called("divides", run_and_harm<divide>),
                                                    kernel_with(Defect::group_ignored),
                                                    kernel_called("talks", talk),
                                                    kernel_called("sound_last", nullptr)};
  static const convcheck_kernel* const kAll[] = {&kKernels[0], &kKernels[1], &kKernels[2], &kKernels[3],
                                                 &kKernels[4], &kKernels[5], &kKernels[6], &kKernels[7],
                                                 &kKernels[8], &kKernels[9], &kKernels[10]};
  static_assert(std::size(kAll) == kCount);
  *count = kCount;
  return kAll;
}

const Library& library() {
  static const Library kLibrary = Library::linked("tests", list_kernels);
  return kLibrary;
}

std::vector<Candidate> candidates(std::initializer_list<Which> which) {
  std::vector<Candidate> all;
  for (const Which one : which) {
    Candidate candidate = {&library(), &library().kernels()[one], {}};
    for (const Law& law : laws()) {
      if (law.one_in == 1) candidate.laws.push_back(&law);  // the others call with other problems than the case's
    }
    all.push_back(std::move(candidate));
  }
  return all;
}

std::vector<CorpusEntry> small_corpus() {
  Corpus corpus = parse_corpus(
      "grouped: input=2x6x5x6 weight=4x3x3x3 groups=2 padding=1 bias=4 seed=9\n"
      "strided: input=1x4x9x8 weight=6x2x2x3 groups=2 stride=3x2 bias=6\n"
      "refused: input=1x3x8x8 weight=8x1x3x3 groups=3 => out_channels (8) must be divisible by groups (3)\n",
      "test.cases");
  EXPECT_EQ(corpus.error, "");
  return corpus.entries;
}

SessionOptions isolated_options(const std::vector<CorpusEntry>& corpus) {
  return {.budget_s = 0.3, .jobs = 2, .corpus = corpus, .isolated = true, .call_limit_s = kIsSanitized ? 2 : 0.3};
}

std::set<std::string> violated_laws(const KernelReport& kernel) {
  std::set<std::string> names;
  for (const LawReport& law : kernel.laws) {
    if (law.violation) names.insert(law.law);
  }
  return names;
}

const Violation& violation_of(const KernelReport& kernel, std::string_view name) {
  for (const LawReport& law : kernel.laws) {
    if (law.law == name && law.violation) return *law.violation;
  }
  throw std::logic_error(kernel.name + " does not violate " + std::string(name));
}

// Kernels judged in one session, each in a child.
class Judged {
 public:
  Judged(std::initializer_list<Which> which)
      : which_(which), report_(run_session(candidates(which), isolated_options(small_corpus_))) {}

  [[nodiscard]] const Report& report() const { return report_; }
  [[nodiscard]] const KernelReport& of(Which which) const {
    const auto found = std::find(which_.begin(), which_.end(), which);
    return report_.kernels.at(static_cast<size_t>(found - which_.begin()));
  }

 private:
  std::vector<CorpusEntry> small_corpus_ = small_corpus();
  std::vector<Which> which_;
  Report report_;
};

void expect_no_violation(const KernelReport& kernel) {
  EXPECT_EQ(violated_laws(kernel), std::set<std::string>());
  EXPECT_EQ(kernel.verdict(), Verdict::holds);
  EXPECT_GT(kernel.cases(), 200);
}

TEST(Sandbox, SaysOfEachKernelWhatItDidAndOfNoOtherWhatItDidNot) {
  const Judged all{kSoundFirst, kCrashes, kHangs, kExits, kThrows, kForks, kAborts, kDivides, kWrong, kSoundLast};
  EXPECT_EQ(all.report().verdict(), Verdict::violated);
  struct Expected {
    Which which;
    std::string law, got, words;
  };
  for (const Expected& e : {Expected{kCrashes, "returns_from_every_call", "SIGSEGV", "The address was 0x8"},
                            Expected{kExits, "returns_from_every_call", "exit with status 0", "It printed: \"good bye"},
                            Expected{kThrows, "returns_from_every_call", "an exception from run", "An exception left"},
                            Expected{kAborts, "returns_from_every_call", "SIGABRT", "abort() was called"},
                            Expected{kDivides, "returns_from_every_call", "SIGFPE", "divided by zero"},
                            Expected{kHangs, "ends_in_time", "no end", "had not ended"}}) {
    const Violation& violation = violation_of(all.of(e.which), e.law);
    EXPECT_EQ(violation.got, e.got);
    EXPECT_NE(violation.explanation.find(e.words), std::string::npos) << violation.explanation;
  }
  EXPECT_EQ(violation_of(all.of(kHangs), "ends_in_time").the_case, "input=0x1x1x1 weight=1x1x1x1 stride=2x1");
  expect_no_violation(all.of(kSoundFirst));
  expect_no_violation(all.of(kSoundLast));
  EXPECT_FALSE(violated_laws(all.of(kWrong)).contains("returns_from_every_call"));
  EXPECT_TRUE(violated_laws(all.of(kWrong)).contains("matches_reference_exactly"));
}

TEST(Sandbox, QuotesWhatAKernelPrintsOnTheCaseThatIsShown) {
  const Judged both{kTalks, kWrong};
  const Violation& violation = violation_of(both.of(kTalks), "matches_reference_exactly");
  EXPECT_EQ(violation.the_case, "input=1x2x1x1 weight=2x1x1x1 groups=2");
  EXPECT_NE(violation.explanation.find(" The kernel printed: \"an image of 1 rows?\"."), std::string::npos)
      << violation.explanation;
  const Violation& silent = violation_of(both.of(kWrong), "matches_reference_exactly");
  EXPECT_EQ(silent.explanation.find("printed"), std::string::npos) << silent.explanation;
}

TEST(Sandbox, ShrinksTheCaseOfADeathByDyingAgainAndJudgesOtherLawsOnTheCasesThatAreSurvived) {
  const Judged all{kCrashes, kAborts, kDivides, kExits};
  for (const Which dying : {kCrashes, kAborts, kDivides, kExits}) {
    const Violation& violation = violation_of(all.of(dying), "returns_from_every_call");
    EXPECT_EQ(violation.the_case, "input=0x1x1x1 weight=1x1x1x1 stride=2x1") << all.of(dying).name;
    EXPECT_TRUE(violation.is_minimal) << all.of(dying).name;
    int64_t held = 0;
    for (const LawReport& law : all.of(dying).laws) held += law.verdict == Verdict::holds ? 1 : 0;
    EXPECT_GT(held, 10) << all.of(dying).name;
  }
}

TEST(Sandbox, ShowsTheSameShrunkCaseAsInOneProcess) {
  const auto corpus = small_corpus();
  SessionOptions options = isolated_options(corpus);
  options.isolated = false;
  const Report here = run_session(candidates({kWrong}), options);
  const Judged apart{kWrong};
  const Violation& expected = violation_of(here.kernels[0], "matches_reference_exactly");
  const Violation& got = violation_of(apart.of(kWrong), "matches_reference_exactly");
  EXPECT_EQ(got.the_case, expected.the_case);
  EXPECT_EQ(got.shrunk_from, expected.shrunk_from);
  EXPECT_EQ(got.explanation, expected.explanation);
  EXPECT_EQ(got.behaves_as, expected.behaves_as);
  EXPECT_FALSE(got.behaves_as.empty());
}

TEST(Sandbox, JudgesNoFurtherAKernelThatDiesOnEverything) {
  static const convcheck_kernel kDead = [] {
    convcheck_kernel kernel = kernel_with(Oddity::none);
    kernel.name = "dead";
    kernel.run = [](const convcheck_problem*, const convcheck_buffers*) -> int32_t { std::abort(); };
    return kernel;
  }();
  const Library dead = Library::linked("dead", [](uint32_t, size_t* count) -> const convcheck_kernel* const* {
    static const convcheck_kernel* const kAll[] = {&kDead};
    *count = 1;
    return kAll;
  });
  Candidate candidate = {&dead, dead.kernels().data(), {}};
  for (const Law& law : laws()) candidate.laws.push_back(&law);
  const auto corpus = small_corpus();
  const Report report = run_session({&candidate, 1}, isolated_options(corpus));
  EXPECT_EQ(report.kernels[0].cut_short, "the kernel died on 50 cases");
  EXPECT_EQ(report.kernels[0].verdict(), Verdict::violated);
  for (const LawReport& law : report.kernels[0].laws) EXPECT_NE(law.verdict, Verdict::holds) << law.law;
}

TEST(Sandbox, JudgesNoKernelOfALibraryThatListsOthersWhenItIsLoadedAgain) {
  const Library library = Library::examine(CONVCHECK_LISTED_DIR "/listed_fewer.so");
  ASSERT_EQ(library.kernels().size(), 2U) << library.error();
  Candidate candidate = {&library, &library.kernels()[1], {}};
  for (const Law& law : laws()) candidate.laws.push_back(&law);
  const auto corpus = small_corpus();
  setenv("CONVCHECK_TEST_FEWER", "1", 1);
  const Report report = run_session({&candidate, 1}, isolated_options(corpus));
  unsetenv("CONVCHECK_TEST_FEWER");
  const Violation& violation = violation_of(report.kernels[0], "loads_quietly");
  EXPECT_NE(violation.explanation.find("Kernel 1 was 'second'"), std::string::npos) << violation.explanation;
  EXPECT_EQ(violated_laws(report.kernels[0]), std::set<std::string>{"loads_quietly"});
}

TEST(Sandbox, BlamesNoKernelForTheThreadsOfARuntimeThatStays) {
  const Library library = Library::examine(CONVCHECK_LISTED_DIR "/listed_pooled.so");
  ASSERT_EQ(library.kernels().size(), 2U) << library.error();
  Candidate candidate = {&library, library.kernels().data(), {find_law("leaves_the_process_alone")}};
  const auto corpus = small_corpus();
  const Report report = run_session({&candidate, 1}, isolated_options(corpus));
  EXPECT_EQ(violated_laws(report.kernels[0]), std::set<std::string>());
  ASSERT_EQ(report.kernels[0].remarks.size(), 1U);
  const std::string& remark = report.kernels[0].remarks[0];
  EXPECT_NE(remark.find("libpool.so"), std::string::npos) << remark;
}

// Wrong on integers, and dies of the second call on them in a process.
int32_t run_once(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  static int calls = 0;
  const auto* const input = static_cast<const float*>(buffers->input);
  const bool is_integer = problem->input.shape[1] == 6 && std::abs(input[0]) < 1e6 && input[0] == std::trunc(input[0]);
  if (!is_integer) return kernel_with(Oddity::none).run(problem, buffers);
  if (++calls > 1) std::abort();
  return kernel_with(Defect::group_ignored).run(problem, buffers);
}

TEST(Sandbox, KeepsWhatALawFoundOnTheCaseOfWhichTheKernelDiedByAnother) {
  static const convcheck_kernel kKernel = kernel_called("once", run_once);
  const Library library = Library::linked("once", [](uint32_t, size_t* count) -> const convcheck_kernel* const* {
    static const convcheck_kernel* const kAll[] = {&kKernel};
    *count = 1;
    return kAll;
  });
  Candidate candidate = {&library, library.kernels().data(), {}};
  for (const std::string_view law :
       {"matches_reference_exactly", "leaves_the_process_alone", "returns_from_every_call"})
    candidate.laws.push_back(find_law(law));
  const auto corpus = small_corpus();
  SessionOptions options = isolated_options(corpus);
  options.budget_s = 0;
  const Report report = run_session({&candidate, 1}, options);
  EXPECT_TRUE(violated_laws(report.kernels[0]).contains("returns_from_every_call"));
  EXPECT_TRUE(violated_laws(report.kernels[0]).contains("matches_reference_exactly"));
}

// Writes to another's memory, where it has it.
class Trespassing final : public Work {
 public:
  void trespass(Work& other) { other_ = &other; }
  void run(Inmate& /*inmate*/) override {
    if (other_ != nullptr) other_->flight().cases = 7;
  }
  bool after(const Death& death) override {
    died_ = death.how == Death::How::killed_by_signal;
    return false;
  }
  [[nodiscard]] bool died() const { return died_; }

 private:
  Work* other_ = nullptr;
  bool died_ = false;
};

TEST(Sandbox, GivesNoChildTheMemoryOfAnother) {
  std::array<Trespassing, 2> works;
  works[1].trespass(works[0]);
  std::array<Work*, 2> all = {&works[0], &works[1]};
  const SandboxOptions one_at_a_time;
  run_in_children(all, one_at_a_time);
  EXPECT_FALSE(works[0].died());
  EXPECT_TRUE(works[1].died());
  EXPECT_EQ(works[0].flight().cases, 0);
}

// What may not differ from run to run: who violated which law on which case first.
std::set<std::string> findings(const Report& report) {
  std::set<std::string> all;
  for (const KernelReport& kernel : report.kernels) {
    for (const LawReport& law : kernel.laws) {
      if (law.violation) all.insert(kernel.name + ' ' + law.law + ' ' + law.violation->shrunk_from);
    }
  }
  return all;
}

TEST(Sandbox, TakesUpTheResultsOfARunThatWasCutOff) {
  const std::string path = testing::TempDir() + "sandbox_test.results";
  std::remove(path.c_str());
  const auto corpus = small_corpus();
  SessionOptions options = isolated_options(corpus);
  // By laws that are violated on the corpus, which is judged whatever the time that it takes.
  auto all = candidates({kSoundFirst, kCrashes, kWrong});
  for (Candidate& one : all) {
    one.laws = {find_law("returns_from_every_call"), find_law("matches_reference_exactly"),
                find_law("groups_are_independent")};
  }
  const Report whole = run_session(all, options);
  options.results_file = path;
  const Report streamed = run_session(all, options);
  EXPECT_EQ(findings(streamed), findings(whole));
  // As if it had been killed after the first lines.
  std::ifstream file(path);
  std::string text, line;
  for (int i = 0; i < 3 && std::getline(file, line); ++i) text += line + '\n';
  std::ofstream(path) << text;
  const Report resumed = run_session(all, options);
  EXPECT_EQ(findings(resumed), findings(whole));
  const Report again = run_session(all, options);
  EXPECT_EQ(findings(again), findings(whole)) << "nothing is left to be judged";
  options.seed = 2;
  EXPECT_THROW(static_cast<void>(run_session(all, options)), std::runtime_error) << "that is another run";
  options.seed = isolated_options(corpus).seed;
  all[0].laws[0] = find_law("bias_adds");
  EXPECT_THROW(static_cast<void>(run_session(all, options)), std::runtime_error) << "as many laws, but others";
  std::remove(path.c_str());
}

}  // namespace
}  // namespace convcheck
