// The mutants that harm the process do the harm that they are there for, and no other: each is called in a child, where
// its trigger is met and where it is not.
#include <gtest/gtest.h>
#include <malloc.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/time.h>

#include <algorithm>
#include <cfenv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "impls/mutants.h"
#include "tests/impls/mutant_child.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

// A problem on which nothing happens; some mutants need one of their own.
Case quiet_case(std::string_view name) {
  static const std::map<std::string_view, const char*> kOwn = {
      {"workspace_cleared_in_lines", "input=1x3x2x17 weight=2x3x2x2"},
  };
  const auto own = kOwn.find(name);
  return case_of(own == kOwn.end() ? "input=1x3x5x5 weight=4x3x2x2" : own->second);
}

TEST(HarmfulMutants, AreManyAndRightWhereTheirTriggerIsNotMet) {
  int64_t checked = 0;
  for (const impls::MutantFacts& facts : impls::mutant_facts()) {
    if (!facts.harms_process) continue;
    for (const Beside beside : {Beside::end, Beside::start}) {
      const ChildEnd end = call_in_a_child(kernel_of(facts.name), quiet_case(facts.name), beside);
      EXPECT_EQ(end, returned(kRight)) << facts.name << ' ' << describe(end);
    }
    EXPECT_FALSE(facts.wrong_values) << facts.name;
    ++checked;
  }
  EXPECT_GE(checked, 40);
}

TEST(HarmfulMutants, AreNotTheOthers) {
  int64_t checked = 0;
  for (const impls::MutantFacts& facts : impls::mutant_facts()) {
    if (facts.harms_process) continue;
    for (const Beside beside : {Beside::end, Beside::start}) {
      const ChildEnd end = call_in_a_child(kernel_of(facts.name), quiet_case(facts.name), beside);
      EXPECT_TRUE(end.returned.has_value()) << facts.name << ' ' << describe(end);
    }
    ++checked;
  }
  EXPECT_GE(checked, 250);
}

// Memory.

struct Trespass {
  const char* name;
  const char* text;
  Beside beside;         ///< where the trespass meets a page that nobody may touch
  bool reads_only_read;  ///< else what it writes to may be written
};

constexpr Trespass kTrespasses[] = {
    {"last_pixel_loaded_in_a_vector", "input=1x2x3x7 weight=2x2x1x1", Beside::end, true},
    {"partial_second_tile_read_whole", "input=1x2x3x10 weight=2x2x1x1", Beside::end, true},
    {"depthwise_weight_tail_loaded_in_a_vector", "input=1x2x3x4 weight=2x1x1x3 groups=2", Beside::end, true},
    {"bias_loaded_in_fours", "input=1x2x3x4 weight=7x2x1x1 bias=7", Beside::end, true},
    {"column_before_the_first_read", "input=1x2x3x4 weight=2x2x1x3 stride=1x2 padding=1", Beside::start, true},
    {"row_below_the_last_read", "input=1x2x4x4 weight=2x1x2x2 groups=2 stride=2x1", Beside::end, true},
    {"weight_before_the_first_read", "input=1x3x4x4 weight=3x1x2x2 groups=3", Beside::start, true},
    {"last_row_stored_in_vectors", "input=1x2x3x7 weight=2x2x1x1", Beside::end, true},
    {"element_before_the_first_stored", "input=1x2x3x3 weight=2x2x1x1 padding=1", Beside::start, true},
    {"filters_of_a_block_stored", "input=1x2x3x3 weight=5x2x1x1", Beside::end, true},
    {"input_masked_in_place", "input=1x2x3x3 weight=2x2x3x3 padding=1", Beside::nothing, false},
    {"weight_reversed_in_place", "input=1x2x4x4 weight=2x1x3x3 groups=2", Beside::nothing, false},
    {"bias_scaled_in_place", "input=1x2x4x4 weight=4x2x1x1 bias=4", Beside::nothing, false},
    {"workspace_by_the_stride_of_rows", "input=1x1x9x9 weight=1x1x1x1 stride=3x1", Beside::end, true},
    {"workspace_without_dilation", "input=1x1x9x9 weight=1x1x1x3 dilation=1x3", Beside::end, true},
    {"workspace_of_one_group", "input=1x4x4x4 weight=2x2x1x1 groups=2", Beside::end, true},
    {"workspace_cleared_in_lines", "input=1x1x4x9 weight=1x1x1x1", Beside::end, true},
};

TEST(TrespassingMutants, DieAtAGuardAndAreRightInRoomyMemory) {
  for (const Trespass& one : kTrespasses) {
    const convcheck_kernel& kernel = kernel_of(one.name);
    const ChildEnd guarded = call_in_a_child(kernel, case_of(one.text), one.beside);
    EXPECT_EQ(guarded, died(SIGSEGV)) << one.name << ' ' << describe(guarded);
    const ChildEnd roomy = call_in_a_child(kernel, case_of(one.text), Beside::nothing, one.reads_only_read);
    EXPECT_EQ(roomy, returned(kRight)) << one.name << ' ' << describe(roomy);
  }
}

TEST(TrespassingMutants, OfAlignmentDieOfAnUnalignedInput) {
  // 14 floats that end at a page begin 8 bytes behind a multiple of 16.
  const Case c = case_of("input=1x1x3x4 weight=1x1x2x1 input_strides=12x12x5x1");
  const ChildEnd end = call_in_a_child(kernel_of("aligned_loads_of_rows"), c, Beside::end);
  if (kIsSanitized) {
    EXPECT_FALSE(end == returned(kRight))
        << "the sanitizer sees the load before the processor does, and ends the process";
  } else {
    EXPECT_EQ(end, died(SIGSEGV)) << describe(end);
  }
  EXPECT_EQ(call_in_a_child(kernel_of("aligned_loads_of_rows"), c, Beside::start), returned(kRight));
}

struct Gap {
  const char* name;
  const char* text;
};

// Between rows 3 wide and 5 apart, and between planes of 9 that are 12 apart.
TEST(TrespassingMutants, OfGapsWriteBetweenRowsAndPlanesAlone) {
  const Gap gaps[] = {
      {"rows_of_a_view_written_through", "input=1x1x3x3 weight=1x1x1x1 output_strides=15x15x5x1"},
      {"planes_of_a_view_written_through", "input=1x1x3x3 weight=2x1x1x1 output_strides=24x12x3x1"},
  };
  for (const Gap& gap : gaps) {
    Tensor output;
    Expectation expected;
    Workspace workspace;
    const Case c = case_of(gap.text);
    ASSERT_EQ(expect(c, {}, expected), "");
    ASSERT_TRUE(call({&kernel_of(gap.name), nullptr}, c.problem, expected.data, output, workspace).ok());
    std::vector<bool> is_element(output.memory().size());
    for (int64_t i = 0; i < output.elements(); ++i) is_element[static_cast<size_t>(output.offset(i))] = true;
    int64_t written = 0;
    for (size_t at = 0; at < is_element.size(); ++at) {
      written += !is_element[at] && !is_poison(output.memory()[at]) ? 1 : 0;
    }
    EXPECT_GT(written, 0) << gap.name;
    EXPECT_EQ(call_in_a_child(kernel_of(gap.name), c, Beside::end), returned(kRight)) << gap.name;
  }
}

// The stack, which a thread of a given size has: all that it leaves of 512 KiB is this mutant's.
ChildEnd call_on_a_stack_of(size_t bytes, const convcheck_kernel& kernel, const Case& c) {
  return in_a_child([&]() -> int {
    GuardedCall made(c, Beside::end);
    struct Shared {
      GuardedCall* made;
      const convcheck_kernel* kernel;
      int32_t status;
    } shared = {&made, &kernel, CONVCHECK_FAILED};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, bytes);
    pthread_t thread{};
    const auto body = [](void* argument) -> void* {
      auto& mine = *static_cast<Shared*>(argument);
      mine.status = mine.made->make(*mine.kernel);
      return nullptr;
    };
    if (pthread_create(&thread, &attributes, body, &shared) != 0) return kNotOk;
    pthread_join(thread, nullptr);
    return say(shared.status, made);
  });
}

TEST(StackMutants, OverflowTheStackOfASecondaryThreadAndNotALargeOne) {
  const Gap all[] = {{"tile_of_1_mib_on_the_stack", "input=1x1x4x4 weight=1x1x3x3"},
                     {"groups_on_the_stack", "input=2x2x3x3 weight=2x1x1x1 groups=2"},
                     {"recursion_over_the_outputs", "input=1x1x30x30 weight=1x1x1x1"}};
  for (const Gap& one : all) {
    const ChildEnd small = call_on_a_stack_of(size_t{512} << 10, kernel_of(one.name), case_of(one.text));
    EXPECT_EQ(small, died(SIGSEGV)) << one.name << ' ' << describe(small);
    const ChildEnd large = call_on_a_stack_of(size_t{8} << 20, kernel_of(one.name), case_of(one.text));
    EXPECT_EQ(large, returned(kRight)) << one.name << ' ' << describe(large);
  }
}

// The process.

uint32_t mxcsr() {
#if defined(__x86_64__)
  return __builtin_ia32_stmxcsr() & ~0x3FU;
#else
  return static_cast<uint32_t>(std::fegetround());
#endif
}

uint32_t x87() {
#if defined(__x86_64__)
  uint16_t control = 0;
  asm volatile("fnstcw %0" : "=m"(control));
  return control;
#else
  return 0;
#endif
}

uint32_t rounding() {
  return static_cast<uint32_t>(std::fegetround());
}

uint32_t sigill_handler() {
  struct sigaction action {};
  sigaction(SIGILL, nullptr, &action);
  return action.sa_handler == SIG_DFL ? 0 : 1;
}

uint32_t open_files() {
  using Files = std::filesystem::directory_iterator;
  return static_cast<uint32_t>(std::distance(Files("/proc/self/fd"), Files()));
}

uint32_t processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof allowed, &allowed);
  return static_cast<uint32_t>(CPU_COUNT(&allowed));
}

uint32_t environment() {
  const char* const value = std::getenv("OMP_PROC_BIND");
  return value == nullptr ? 0 : 1;
}

uint32_t is_sigprof_blocked() {
  sigset_t blocked;
  sigemptyset(&blocked);
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  return sigismember(&blocked, SIGPROF) == 1 ? 1 : 0;
}

uint32_t heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<uint32_t>(info.uordblks);
}

uint32_t mappings() {
  std::FILE* const maps = std::fopen("/proc/self/statm", "r");
  unsigned pages = 0;
  if (maps == nullptr || std::fscanf(maps, "%u", &pages) != 1) std::abort();
  std::fclose(maps);
  return pages;
}

struct Change {
  const char* name;
  const char* text;
  uint32_t (*state)();
};

/// Whether what the process is in that respect is otherwise after 20 calls than after one: or, of the very first call,
/// before it.
Said change_by(const convcheck_kernel& kernel, const Case& c, uint32_t (*state)(), bool from_the_first) {
  GuardedCall made(c, Beside::end);
  uint32_t before = state();
  for (int calls = 0; calls < 21; ++calls) {
    if (calls == 1 && !from_the_first) before = state();
    if (made.make(kernel) != CONVCHECK_OK) return kNotOk;
    if (calls == 0 && !made.is_right()) return kWrong;
  }
  return state() == before ? kUnchanged : kChanged;
}

void expect_changes(std::span<const Change> changes, bool from_the_first) {
  for (const Change& one : changes) {
    const auto in_child = [&](const char* name) {
      return in_a_child([&] { return int{change_by(kernel_of(name), case_of(one.text), one.state, from_the_first)}; });
    };
    EXPECT_EQ(in_child(one.name), returned(kChanged)) << one.name << ' ' << describe(in_child(one.name));
    // Another mutant, which does nothing of the kind: the measure itself is sound.
    EXPECT_EQ(in_child("fails_on_seven"), returned(kUnchanged)) << one.name;
  }
}

TEST(MeddlingMutants, ChangeTheProcessAndNotTheirValues) {
  const Change changes[] = {
      {"leaves_subnormals_flushed", "input=1x2x3x3 weight=2x1x1x1 groups=2", mxcsr},
      {"leaves_subnormal_operands_zero", "input=2x1x3x3 weight=1x1x3x3 padding=1", mxcsr},
      {"leaves_rounding_upward", "input=1x1x3x15 weight=1x1x1x1", rounding},
      {"leaves_x87_at_single_precision", "input=1x2x3x3 weight=2x2x1x1 bias=2", x87},
      {"keeps_its_signal_handler", "input=1x2x3x3 weight=2x2x1x1", sigill_handler},
      {"keeps_a_file_open", "input=1x2x3x3 weight=2x2x1x1", open_files},
      {"sets_the_environment", "input=1x1x3x3 weight=1x1x1x2 dilation=1x2", environment},
      {"leaves_a_signal_blocked", "input=1x1x3x3 weight=1x1x1x1 stride=2", is_sigprof_blocked},
  };
  expect_changes(changes, true);
  const Change pinned[] = {{"pins_the_thread_with_a_batch", "input=2x1x3x3 weight=1x1x1x1", processors}};
  if (processors() > 1) expect_changes(pinned, true);
}

TEST(LeakingMutants, LoseSomethingInEachCall) {
  if (kIsSanitized) GTEST_SKIP() << "a sanitizer has a heap of its own";
  const Change changes[] = {
      {"loses_16_bytes_with_a_bias", "input=1x2x3x3 weight=2x2x1x1 bias=2", heap_bytes},
      {"loses_a_page_with_padding", "input=1x2x3x3 weight=2x2x1x1 padding=1", mappings},
      {"loses_a_descriptor_with_groups", "input=1x2x3x3 weight=2x1x1x1 groups=2", open_files},
      {"loses_a_part_of_the_plan", "input=1x2x3x3 weight=2x1x1x1 groups=2", heap_bytes},
  };
  expect_changes(changes, false);
}

// Crashes.

ChildEnd ask_of_invalid(const char* name, int64_t convcheck_problem::*field, int64_t value, bool is_run) {
  return in_a_child([&]() -> int {
    const GuardedCall made(case_of("input=1x2x3x3 weight=2x2x1x1"), Beside::end);
    convcheck_problem problem = made.problem();
    problem.*field = value;
    const convcheck_kernel& kernel = kernel_of(name);
    const convcheck_buffers buffers{};
    return (is_run ? kernel.run(&problem, &buffers) : kernel.supports(&problem)) == CONVCHECK_OK ? kWrong : kRight;
  });
}

TEST(CrashingMutants, DieOfArgumentsThatAreInvalidAndOfImagesThatAreNotThere) {
  for (const bool is_run : {false, true}) {
    EXPECT_EQ(ask_of_invalid("divides_by_zero_groups", &convcheck_problem::groups, 0, is_run), died(SIGFPE));
    EXPECT_EQ(ask_of_invalid("divides_by_zero_groups", &convcheck_problem::groups, 3, is_run), returned(kRight));
  }
  const auto with_stride = [&](int64_t stride) {
    return in_a_child([&]() -> int {
      convcheck_problem problem = GuardedCall(case_of("input=1x2x3x3 weight=2x2x1x1"), Beside::end).problem();
      problem.stride[1] = stride;
      const convcheck_buffers buffers{};
      return kernel_of("divides_by_a_zero_stride").run(&problem, &buffers) == CONVCHECK_REJECTED ? kRight : kWrong;
    });
  };
  EXPECT_EQ(with_stride(0), died(SIGFPE));
  EXPECT_EQ(with_stride(-1), returned(kRight));
  EXPECT_EQ(call_in_a_child(kernel_of("divides_by_the_images"), case_of("input=0x2x3x3 weight=2x2x1x1"), Beside::end),
            died(SIGFPE));
  EXPECT_EQ(call_in_a_child(kernel_of("asserts_equal_dilations"), case_of("input=1x1x9x9 weight=1x1x2x2 dilation=1x3"),
                            Beside::end),
            died(SIGABRT));
}

TEST(CrashingMutants, LetExceptionsOut) {
  const auto thrown = [](const char* name, const char* text, int64_t padding) {
    return in_a_child([&]() -> int {
      GuardedCall made(case_of(text), Beside::end);
      try {
        if (padding == 0) return say(made.make(kernel_of(name)), made);
        convcheck_problem problem = made.problem();
        problem.pad_before[1] = padding;
        return kernel_of(name).supports(&problem) == CONVCHECK_OK ? kWrong : kRight;
      } catch (...) {
        return kThrew;
      }
    });
  };
  EXPECT_EQ(thrown("throws_beyond_sixteen_channels", "input=1x1x2x2 weight=17x1x1x1", 0), returned(kThrew));
  EXPECT_EQ(thrown("throws_beyond_sixteen_channels", "input=1x1x2x2 weight=16x1x1x1", 0), returned(kRight));
  EXPECT_EQ(thrown("throws_on_negative_padding", "input=1x1x2x2 weight=1x1x1x1", -1), returned(kThrew));
  EXPECT_EQ(thrown("throws_on_negative_padding", "input=1x1x2x2 weight=1x1x1x1", 0), returned(kRight));
}

// Time. A child that hangs is ended by a timer, on which nothing else depends: what comes back does so before.
ChildEnd call_with_a_timer(const char* name, const char* text, bool after_a_refusal = false) {
  return in_a_child([&]() -> int {
    GuardedCall made(case_of(text), Beside::end);
    const convcheck_kernel& kernel = kernel_of(name);
    if (after_a_refusal) {
      convcheck_problem problem = made.problem();
      problem.groups = -1;
      const convcheck_buffers buffers{};
      if (kernel.run(&problem, &buffers) != CONVCHECK_REJECTED) return kWrong;
    }
    constexpr itimerval kTimer = {.it_interval = {}, .it_value = {.tv_sec = 0, .tv_usec = 200'000}};
    setitimer(ITIMER_REAL, &kTimer, nullptr);
    return say(made.make(kernel), made);
  });
}

TEST(HangingMutants, DoNotComeBack) {
  EXPECT_EQ(call_with_a_timer("hangs_on_one_column_left", "input=1x1x2x17 weight=1x1x1x1"), died(SIGALRM));
  EXPECT_EQ(call_with_a_timer("hangs_on_one_padded_column", "input=1x1x3x1 weight=1x1x1x3 padding=0x1"), died(SIGALRM));
  EXPECT_EQ(call_with_a_timer("hangs_on_an_empty_batch", "input=0x1x3x3 weight=1x1x1x1"), died(SIGALRM));
  EXPECT_EQ(call_with_a_timer("hangs_after_a_refusal", "input=1x1x3x3 weight=1x1x1x1", true), died(SIGALRM));
}

// Memory that there is not.
TEST(GreedyMutants, FailWhereThereAreFourGib) {
  if (kIsSanitized) GTEST_SKIP() << "a sanitizer's own memory is above any limit";
  const auto limited = [](const char* name, const char* text) {
    return in_a_child([&]() -> int {
      GuardedCall made(case_of(text), Beside::end);
      const rlimit limit = {.rlim_cur = rlim_t{4} << 30, .rlim_max = rlim_t{4} << 30};
      setrlimit(RLIMIT_DATA, &limit);
      return made.make(kernel_of(name)) == CONVCHECK_FAILED ? kNotOk : say(CONVCHECK_OK, made);
    });
  };
  EXPECT_EQ(limited("takes_8_gib_for_dilated_patches", "input=1x2x3x5 weight=1x2x1x3 dilation=1x2"), returned(kNotOk));
  EXPECT_EQ(limited("takes_8_gib_for_groups", "input=1x3x3x3 weight=3x1x1x1 groups=3"), returned(kNotOk));
  EXPECT_EQ(limited("takes_8_gib_for_groups", "input=1x2x3x3 weight=2x1x1x1 groups=2"), returned(kRight));
}

TEST(RefusingMutants, HaveWrittenBeforeTheyRefuse) {
  const Gap all[] = {{"computes_and_refuses", "input=1x1x3x6 weight=1x1x1x1"},
                     {"writes_the_bias_and_refuses", "input=1x2x3x3 weight=2x1x1x1 groups=2 stride=2 bias=2"},
                     {"clears_and_refuses", "input=2x1x3x3 weight=1x1x2x1 dilation=2x1"}};
  for (const Gap& one : all) {
    Tensor output;
    Expectation expected;
    Workspace workspace;
    const Case c = case_of(one.text);
    ASSERT_EQ(expect(c, {}, expected), "");
    const CallResult result = call({&kernel_of(one.name), nullptr}, c.problem, expected.data, output, workspace);
    EXPECT_EQ(result.status, CONVCHECK_UNSUPPORTED) << one.name;
    EXPECT_TRUE(std::any_of(output.memory().begin(), output.memory().end(), [](float value) {
      return !is_poison(value);
    })) << one.name;
  }
}

}  // namespace
}  // namespace convcheck
