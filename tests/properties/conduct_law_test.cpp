// Each law of conduct is violated by kernels that convolve rightly and behave wrongly in what the law is about, with
// words that say so.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <set>
#include <string>

#include "properties/laws/hostile.h"
#include "properties/process_state.h"
#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/properties/conduct_kernels.h"
#include "tests/properties/faulty_kernels.h"
#include "tests/properties/judging.h"
#include "tests/properties/sanitized.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

Judgement judged(std::string_view law, std::string_view kernel, const Case& c) {
  return judge_once(*find_law(law), conduct_kernel(kernel), c);
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct Fault {
  std::string_view law, kernel, in_words;  // part of what was got or of the explanation
};

void expect_violated(const Fault& fault, const Judgement& judgement, const Case& c) {
  ASSERT_EQ(judgement.outcome, Outcome::violated)
      << fault.law << " lets " << fault.kernel << " pass on " << print(c) << ' ' << judgement.reason;
  const Finding& finding = *judgement.finding;
  EXPECT_TRUE(contains(finding.got + " | " + finding.explanation, fault.in_words))
      << fault.kernel << ": " << finding.got << " | " << finding.explanation;
  EXPECT_NE(finding.expected, finding.got);
  EXPECT_TRUE(finding.explanation.ends_with(".")) << finding.explanation;
}

constexpr std::string_view kAllAtWork =
    "input=2x4x9x8 weight=6x2x3x2 groups=2 stride=1x2 padding=1,0,2,1 dilation=2x1 bias=6 seed=3";

class EachFault : public testing::TestWithParam<Fault> {};

TEST_P(EachFault, IsCaughtAndNamed) {
  const Case c = case_of(kAllAtWork);
  if (!can_be_judged_here(GetParam().law)) {
    const Judgement judgement = judged(GetParam().law, GetParam().kernel, c);
    EXPECT_EQ(judgement.outcome, Outcome::not_applicable);
    EXPECT_TRUE(contains(std::string(judgement.reason), "allocator")) << judgement.reason;
    return;
  }
  expect_violated(GetParam(), judged(GetParam().law, GetParam().kernel, c), c);
}

INSTANTIATE_TEST_SUITE_P(Calls, EachFault,
                         testing::Values(Fault{"forgets_earlier_calls", "weight_by_address",
                                               "same problem and other contents"},
                                         Fault{"forgets_earlier_calls", "dilation_by_shape", "another dilation"},
                                         Fault{"forgets_earlier_calls", "padding_by_shape", "other padding"},
                                         Fault{"forgets_earlier_calls", "stride_by_shape", "another stride"},
                                         Fault{"forgets_earlier_calls", "steps_by_shape", "The problem is input="},
                                         Fault{"forgets_earlier_calls", "left_over", "larger image"}),
                         [](const auto& fault) { return std::string(fault.param.kernel); });

INSTANTIATE_TEST_SUITE_P(Plans, EachFault,
                         testing::Values(Fault{"plans_are_independent", "latest_plan", "3 plans live"},
                                         Fault{"plans_are_independent", "kept_problem", "no other plan about"},
                                         Fault{"plans_are_independent", "kept_buffers", "no other plan about"},
                                         Fault{"plans_are_independent", "first_input", "3 plans live"},
                                         Fault{"plans_are_independent", "release_clears_all", "2 plans live"}),
                         [](const auto& fault) { return std::string(fault.param.kernel); });

INSTANTIATE_TEST_SUITE_P(Leaks, EachFault,
                         testing::Values(Fault{"does_not_leak", "loses_16_bytes", "bytes of the heap"},
                                         Fault{"does_not_leak", "loses_in_a_thread", "bytes of the heap"},
                                         Fault{"does_not_leak", "loses_a_descriptor", "1000 open descriptors"},
                                         Fault{"does_not_leak", "loses_a_page", "bytes of mapped memory"},
                                         Fault{"does_not_leak", "loses_plans", "bytes of the heap"},
                                         Fault{"does_not_leak", "loses_what_it_drops", "bytes of the heap"}),
                         [](const auto& fault) { return std::string(fault.param.kernel); });

// Kernels that hold every other law of this kind: each fault is for its law alone.
TEST(Faults, AreNoneOfOtherLaws) {
  const std::vector<Fault> innocent = {
      {"plans_are_independent", "scratch_of_the_plan", ""},
      {"forgets_earlier_calls", "shared_scratch", ""},
      {"forgets_earlier_calls", "latest_plan", ""},
      {"forgets_earlier_calls", "loses_16_bytes", ""},
      {"does_not_leak", "weight_by_address", ""},

      {"does_not_leak", "cache_of_eight", ""},
      {"leaves_the_process_alone", "cache_of_eight", ""},
      {"survives_hostile_arguments", "clears_and_declines", ""},
      {"rejects_without_writing", "any_dtype", ""},
  };
  const Case c = case_of(kAllAtWork);
  for (const Fault& fault : innocent) {
    if (!can_be_judged_here(fault.law)) continue;
    const Judgement judgement = judged(fault.law, fault.kernel, c);
    EXPECT_EQ(judgement.outcome, Outcome::holds) << fault.law << ' ' << fault.kernel << ' ' << judgement.reason;
  }
}

// Threads: what is caught depends on which calls meet, so several tries are given, and hardly more than one is needed.
class EachRace : public testing::TestWithParam<Fault> {};

TEST_P(EachRace, IsCaughtAndNamed) {
  Case c = case_of(kAllAtWork);
  const Law& law = *find_law(GetParam().law);
  Judgement judgement;
  for (int i = 0; i < 50 && judgement.outcome != Outcome::violated; ++i) {
    ++c.seed;
    judgement = judge_once(law, conduct_kernel(GetParam().kernel), c);
  }
  expect_violated(GetParam(), judgement, c);
}

constexpr std::string_view kThreads = "runs_on_many_threads_at_once";
INSTANTIATE_TEST_SUITE_P(Threads, EachRace,
                         testing::Values(Fault{kThreads, "shared_scratch", "other threads call it"},
                                         Fault{kThreads, "packed_input", "other threads call it"},
                                         Fault{kThreads, "scratch_of_the_plan", "with the same problem"},
                                         Fault{kThreads, "one_at_a_time", "UNSUPPORTED from run"}),
                         [](const auto& fault) { return std::string(fault.param.kernel); });

TEST(Threads, AcquitsScratchBehindALock) {
  Case c = case_of(kAllAtWork);
  for (c.seed = 1; c.seed <= 40; ++c.seed) {
    const Judgement judgement = judged(kThreads, "locked_scratch", c);
    ASSERT_EQ(judgement.outcome, Outcome::holds) << judgement.reason;
  }
}

// What a kernel changes of the process the test puts back.
class Process : public testing::Test {
 protected:
  Process() {
    (void)sigaction(SIGUSR2, nullptr, &handler_);
    pthread_sigmask(SIG_SETMASK, nullptr, &mask_);
    sched_getaffinity(0, sizeof(affinity_), &affinity_);
    getrlimit(RLIMIT_CORE, &core_);
    umask_ = umask(022);
    umask(umask_);
    directory_ = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    stdin_ = dup(STDIN_FILENO);
  }
  ~Process() override {
    (void)sigaction(SIGUSR2, &handler_, nullptr);
    pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
    sched_setaffinity(0, sizeof(affinity_), &affinity_);
    const itimerval none = {};
    setitimer(ITIMER_REAL, &none, nullptr);
    setitimer(ITIMER_PROF, &none, nullptr);
    setrlimit(RLIMIT_CORE, &core_);
    umask(umask_);
    EXPECT_EQ(fchdir(directory_), 0);
    close(directory_);
    unsetenv("CONVCHECK_TEST_VARIABLE");  // NOLINT(concurrency-mt-unsafe): the test has one thread
    if (stdin_ >= 0) {
      dup2(stdin_, STDIN_FILENO);
      close(stdin_);
    }
  }

 private:
  struct sigaction handler_ {};
  sigset_t mask_{};
  cpu_set_t affinity_{};
  rlimit core_{};
  mode_t umask_ = 0;
  int directory_ = -1;
  int stdin_ = -1;
};

class EachChange : public Process, public testing::WithParamInterface<Fault> {};

TEST_P(EachChange, IsCaughtAndNamed) {
  cpu_set_t cpus;
  sched_getaffinity(0, sizeof(cpus), &cpus);
  if (GetParam().kernel == "pins_thread" && CPU_COUNT(&cpus) < 2) GTEST_SKIP() << "a machine of one core";
  const Case c = case_of(kAllAtWork);
  expect_violated(GetParam(), judged(GetParam().law, GetParam().kernel, c), c);
}

constexpr std::string_view kProcess = "leaves_the_process_alone";
INSTANTIATE_TEST_SUITE_P(
    Process, EachChange,
    testing::Values(Fault{kProcess, "installs_handler", "the handler of signal 12 (User defined signal 2)"},
                    Fault{kProcess, "blocks_signal", "signal 10 (User defined signal 1) in the signal mask"},
                    Fault{kProcess, "pins_thread", "the affinity of the calling thread"},
                    Fault{kProcess, "sets_alarm", "alarm's"},
                    Fault{kProcess, "sets_profiling_timer", "profiling timer"},
                    Fault{kProcess, "sets_umask", "the umask"},
                    Fault{kProcess, "changes_directory", "the working directory"},
                    Fault{kProcess, "lowers_a_limit", "the resource limit number 4"},
                    Fault{kProcess, "sets_variable", "the environment variable CONVCHECK_TEST_VARIABLE"},
                    Fault{kProcess, "opens_file", "which is left open"},
                    Fault{kProcess, "replaces_stdin", "descriptor 0, which is another file now"},
                    Fault{kProcess, "closes_stdin", "descriptor 0, which is closed"}),
    [](const auto& fault) { return std::string(fault.param.kernel); });

TEST_F(Process, MayBeChangedWhileACallLasts) {
  EXPECT_EQ(judged(kProcess, "changes_and_restores", case_of(kAllAtWork)).outcome, Outcome::holds);
}

class Watch : public CallWatch {
 public:
  void enter() override { notes.push_back(note_); }
  void leave() override {}
  void note(std::string_view what) override { note_ = what; }
  [[nodiscard]] const ProcessState* state_before_any_call() const override { return before; }

  std::vector<std::string> notes;  // as they stood at each call
  const ProcessState* before = nullptr;
  [[nodiscard]] const std::string& last() const { return note_; }

 private:
  std::string note_;
};

Judgement watched(std::string_view law, std::string_view kernel, const Case& c, CallWatch& watch) {
  const Subject subject = {&conduct_kernel(kernel), nullptr, &watch};
  Scratch scratch;
  Trial trial(subject, c, scratch);
  return judge(*find_law(law), trial);
}

// A handler that the first call has installed, whatever law made it.
TEST_F(Process, IsComparedWithWhatItWasBeforeAnyCallWhereThatIsKnown) {
  const ProcessState before = ProcessState::now();
  (void)std::signal(SIGUSR2, SIG_IGN);
  Watch watch;
  EXPECT_EQ(watched(kProcess, "right", case_of(kAllAtWork), watch).outcome, Outcome::holds);
  watch.before = &before;
  const Judgement judgement = watched(kProcess, "right", case_of(kAllAtWork), watch);
  ASSERT_EQ(judgement.outcome, Outcome::violated);
  EXPECT_TRUE(contains(judgement.finding->got, "the handler of signal 12"));
}

// The C library marks what it installs, so that the system's record is another one than before.
TEST_F(Process, IsTheSameOnceAHandlerIsPutBack) {
  const ProcessState before = ProcessState::now();
  struct sigaction own {
  }, found{};
  own.sa_handler = SIG_IGN;
  ASSERT_EQ(sigaction(SIGWINCH, &own, &found), 0);
  EXPECT_EQ(ProcessState::now().changes_since(before).size(), 1U);
  ASSERT_EQ(sigaction(SIGWINCH, &found, nullptr), 0);
  EXPECT_TRUE(ProcessState::now().changes_since(before).empty());
}

TEST(Refusals, WriteNothingWhereRunDeclinesAValidProblem) {
  const Case c = case_of("input=1x2x5x5 weight=2x2x3x3 stride=2");
  expect_violated({"rejects_without_writing", "clears_and_declines", "UNSUPPORTED from run"},
                  judged("rejects_without_writing", "clears_and_declines", c), c);
  EXPECT_EQ(judged("rejects_without_writing", "declines", c).outcome, Outcome::holds);
  EXPECT_EQ(judged("rejects_invalid", "clears_and_declines", case_of("input=1x2x5x5 weight=2x2x3x3 groups=0")).outcome,
            Outcome::holds);
}

TEST(Refusals, WriteNothingWhereTheProblemIsInvalid) {
  const Fault fault = {"rejects_without_writing", "writes_and_rejects", "REJECTED from run"};
  Case c = case_of(kAllAtWork);
  expect_violated(fault, judged(fault.law, fault.kernel, c), c);
  int64_t held = 0;
  for_each_case(*find_law("rejects_invalid"), 0, 300, [&](const Case& invalid) {
    held += judged("rejects_invalid", "writes_and_rejects", invalid).outcome == Outcome::holds ? 1 : 0;
    return true;
  });
  EXPECT_EQ(held, 300);
}

TEST(Refusals, OfInvalidProblemsAreNotAskedOfWhomDoesNotPromiseThem) {
  convcheck_kernel kernel = conduct_kernel("writes_and_rejects");
  kernel.promises = 0;
  const Judgement judgement = judge_once(*find_law("rejects_without_writing"), kernel, case_of(kAllAtWork));
  EXPECT_EQ(judgement.outcome, Outcome::not_applicable);
  EXPECT_EQ(judgement.reason, "the kernel refused nothing");
}

// Hostile arguments: within the seeds of a session each fault is met.
class EachTrust : public testing::TestWithParam<Fault> {};

TEST_P(EachTrust, IsCaughtAndNamedWithinAHundredSeeds) {
  const Law& law = *find_law("survives_hostile_arguments");
  Judgement judgement;
  Case c = case_of(kAllAtWork);
  for (c.seed = 1; c.seed <= 97 && judgement.outcome != Outcome::violated; ++c.seed) {
    judgement = judge_once(law, conduct_kernel(GetParam().kernel), c);
  }
  expect_violated(GetParam(), judgement, c);
}

constexpr std::string_view kHostile = "survives_hostile_arguments";
INSTANTIATE_TEST_SUITE_P(Hostile, EachTrust,
                         testing::Values(Fault{kHostile, "any_struct_size", "struct_size = "},
                                         Fault{kHostile, "any_dtype", "dtype = "},
                                         Fault{kHostile, "any_direction", "direction = "},
                                         Fault{kHostile, "any_spatial_rank", "spatial_rank = "},
                                         Fault{kHostile, "groups_in_32_bits", "groups = 4294967298"},
                                         Fault{kHostile, "strides_in_32_bits", "stride[0] = "},
                                         Fault{kHostile, "bias_of_rank_two", "bias.rank = 2"},
                                         Fault{kHostile, "rejects_unknown", "REJECTED from supports"},
                                         Fault{kHostile, "workspace_for_anything", "from workspace_bytes"},
                                         Fault{kHostile, "trusts_the_bias", "bias shape without a bias pointer"},
                                         Fault{kHostile, "throws_at_negative_groups", "an exception from supports"},
                                         Fault{kHostile, "prepare_trusts", "OK from prepare"},
                                         Fault{kHostile, "writes_and_rejects", "elements were written"}),
                         [](const auto& fault) { return std::string(fault.param.kernel); });

TEST(Hostile, SaysToTheWatchWhatIsGivenBeforeEveryCallAndThatItIsOver) {
  Watch watch;
  std::set<std::string> seen;
  Case c = case_of(kAllAtWork);
  for (c.seed = 1; c.seed <= 97; ++c.seed) {
    EXPECT_EQ(watched(kHostile, "right", c, watch).outcome, Outcome::holds);
    EXPECT_EQ(watch.last(), "");
    seen.insert(watch.notes.begin(), watch.notes.end());
  }
  for (const std::string& note : watch.notes) EXPECT_TRUE(note.starts_with("hostile arguments to ")) << note;
  for (const char* const note :
       {"hostile arguments to supports: groups = 0", "hostile arguments to run: stride[1] = -9223372036854775808",
        "hostile arguments to run: weight.shape[3] = 9223372036854775807",
        "hostile arguments to run: a bias shape without a bias pointer", "hostile arguments to supports: dtype = 5",
        "hostile arguments to run: direction = 0"}) {
    EXPECT_TRUE(seen.contains(note)) << note;
  }
}

// What a death leaves behind names the argument.
class TellingWatch : public CallWatch {
 public:
  void enter() override {}
  void leave() override {}
  void note(std::string_view what) override {
    if (what.find("groups = 0") == std::string_view::npos) return;
    const std::string line = std::string(what) + "\n";
    EXPECT_GT(write(STDERR_FILENO, line.data(), line.size()), 0);
  }
};

TEST(HostileDeathTest, IsToldOfBeforeItHappens) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto judge_all = [] {
    TellingWatch watch;
    Case c = case_of(kAllAtWork);
    for (c.seed = 1; c.seed <= 97; ++c.seed) (void)watched(kHostile, "divides_by_groups", c, watch);
  };
  // A sanitizer reports the signal and exits.
  const auto ended = [](int status) {
    return kIsSanitized ? WIFEXITED(status) && WEXITSTATUS(status) != 0
                        : WIFSIGNALED(status) && WTERMSIG(status) == SIGFPE;
  };
  EXPECT_EXIT(judge_all(), ended, "hostile arguments to supports: .*groups = 0");
}

// Every field of 64 bits takes every value, alone, within the seeds of a session; and what is left valid is not given.
TEST(Hostile, MutationsAreDistinctAndBreakSomethingAlmostAll) {
  const Problem valid = problem_of(kAllAtWork);
  std::set<std::string> all;
  size_t broken = 0;
  for (size_t number = 0; number < judges::mutation_count(); ++number) {
    const auto attack = judges::hostile(valid, std::span(&number, 1));
    if (!attack) continue;
    ++broken;
    all.insert(attack->what);
  }
  EXPECT_GT(broken, judges::mutation_count() * 9 / 10);
  EXPECT_GT(all.size(), broken * 9 / 10);
  EXPECT_LE(judges::mutation_count(), 97U * 12U);
  for (const char* const what : {"struct_size = 0", "struct_size = 4", "spatial_rank = 4", "spatial_rank = -1",
                                 "input.rank = 0", "weight.rank = 6", "output.rank = 5", "dtype = 0", "direction = 4",
                                 "bias.shape[0] = 9223372036854775807", "output.shape[2] = 0", "pad_after[1] = -1"}) {
    EXPECT_TRUE(all.contains(what)) << what;
  }
}

TEST(Hostile, TakesABiasPointerWithoutAShapeAsWell) {
  const Problem valid = problem_of("input=1x2x4x4 weight=2x2x3x3");
  const size_t number = judges::mutation_count() - 1;
  const auto attack = judges::hostile(valid, std::span(&number, 1));
  ASSERT_TRUE(attack);
  EXPECT_EQ(attack->what, "a bias pointer without a bias shape");
  EXPECT_TRUE(attack->has_bias_pointer);
  EXPECT_FALSE(attack->is_invalid);
}

TEST(ConductLaws, SayWhyTheyDoNotApply) {
  struct Row {
    std::string_view law, text, reason;
  };
  const std::vector<Row> table = {
      {"plans_are_independent", kAllAtWork, "makes no plans"},
      {"forgets_earlier_calls", "input=0x2x4x4 weight=2x2x3x3", "no element"},
      {"runs_on_many_threads_at_once", "input=0x2x4x4 weight=2x2x3x3", "no element"},
      {"does_not_leak", "input=1x32x40x40 weight=32x32x3x3", "50,000 multiply-adds"},
      {"forgets_earlier_calls", "input=1x64x200x200 weight=64x64x1x1", "no data"},
  };
  for (const Row& row : table) {
    const Judgement judgement = judged(row.law, "right", case_of(row.text));
    EXPECT_EQ(judgement.outcome, Outcome::not_applicable) << row.law << ' ' << row.text;
    EXPECT_TRUE(contains(std::string(judgement.reason), row.reason)) << row.law << ": " << judgement.reason;
  }
}

}  // namespace
}  // namespace convcheck
