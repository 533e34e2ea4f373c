// The kernels of the torture library do what they are named after: each is called once, or a few times, in a child of
// this test, so that what the report says of them can be believed.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/time.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "tests/impls/guarded_call.h"
#include "tests/reference/problems.h"
#include "tests/torture/expected.h"

namespace convcheck::torture {
namespace {

using KernelsFunction = const convcheck_kernel* const* (*)(uint32_t, size_t*);

std::span<const convcheck_kernel* const> kernels() {
  static void* const library = dlopen(CONVCHECK_TORTURE_DIR "/torture_kernels.so", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) std::abort();
  const auto list = reinterpret_cast<KernelsFunction>(dlsym(library, "convcheck_kernels"));
  size_t count = 0;
  const auto* const all = list(CONVCHECK_ABI_VERSION, &count);
  return {all, count};
}

const convcheck_kernel& kernel_of(std::string_view name) {
  const auto found = std::ranges::find(kernels(), name, [](const auto* kernel) { return kernel->name; });
  if (found == kernels().end()) std::abort();
  return **found;
}

constexpr const char* kPlain = "input=1x2x4x5 weight=2x2x2x2 bias=2";
enum Said { kRight = 0, kWrong = 10, kNotOk = 20, kThrew = 30 };

// Ten calls; a timer ends what hangs, on which nothing else depends.
ChildEnd call_in_a_child(std::string_view name, const char* text, Beside beside, bool read_only) {
  return in_a_child([&]() -> int {
    const convcheck_kernel& kernel = kernel_of(name);
    constexpr itimerval kTimer = {.it_interval = {}, .it_value = {.tv_sec = 0, .tv_usec = 300'000}};
    if (name.starts_with("never") || name == "sleeps") setitimer(ITIMER_REAL, &kTimer, nullptr);
    try {
      for (int calls = 0; calls < 10; ++calls) {
        GuardedCall made(case_of(text), beside, read_only);
        if (made.make(kernel) != CONVCHECK_OK) return kNotOk;
        if (!made.is_right()) return kWrong;
      }
      return kRight;
    } catch (...) {
      return kThrew;
    }
  });
}

struct Behaviour {
  const char* kernel;
  const char* text;
  Beside beside;
  ChildEnd end;
};

ChildEnd returned(int number) {
  return {.returned = number, .signal = 0};
}

ChildEnd died(int signal) {
  return {.returned = std::nullopt, .signal = signal};
}

TEST(TortureBehaviour, IsThatOfTheirNames) {
  const Behaviour all[] = {
      {"crashes_in_run", kPlain, Beside::nothing, died(SIGSEGV)},
      {"crashes_in_supports", kPlain, Beside::nothing, died(SIGSEGV)},
      {"crashes_in_workspace_bytes", kPlain, Beside::nothing, died(SIGSEGV)},
      {"crashes_in_prepare", kPlain, Beside::nothing, died(SIGSEGV)},
      {"crashes_in_release", kPlain, Beside::nothing, died(SIGSEGV)},
      {"crashes_on_stride_above_kernel", "input=1x2x4x5 weight=2x2x2x2 stride=1x3", Beside::nothing, died(SIGSEGV)},
      {"crashes_on_stride_above_kernel", kPlain, Beside::nothing, returned(kRight)},
      {"aborts", kPlain, Beside::nothing, died(SIGABRT)},
      {"traps", kPlain, Beside::nothing, died(SIGILL)},
      {"frees_twice", kPlain, Beside::nothing, died(SIGABRT)},
      {"raises_sigbus", kPlain, Beside::nothing, died(SIGBUS)},
      {"divides_by_zero_groups", kPlain, Beside::nothing, returned(kRight)},
      {"throws", kPlain, Beside::nothing, returned(kThrew)},
      {"throws_from_supports", kPlain, Beside::nothing, returned(kThrew)},
      {"jumps_into_a_stale_buffer", kPlain, Beside::nothing, died(SIGSEGV)},
      {"exits", kPlain, Beside::nothing, returned(0)},
      {"exits_from_a_thread", kPlain, Beside::nothing, returned(3)},
      {"never_ends", kPlain, Beside::nothing, died(SIGALRM)},
      {"sleeps", kPlain, Beside::nothing, died(SIGALRM)},
      {"never_ends_where_dilated", "input=1x2x5x5 weight=2x2x2x2 dilation=2", Beside::nothing, died(SIGALRM)},
      {"never_ends_where_dilated", kPlain, Beside::nothing, returned(kRight)},
      {"recurses_without_end", kPlain, Beside::nothing, died(SIGSEGV)},
      {"writes_after_its_output", kPlain, Beside::end, died(SIGSEGV)},
      {"writes_before_its_output", kPlain, Beside::start, died(SIGSEGV)},
      {"writes_far_from_its_output", kPlain, Beside::end, died(SIGSEGV)},
      {"writes_into_gaps", kPlain, Beside::end, returned(kRight)},
      {"reads_past_the_input", kPlain, Beside::end, died(SIGSEGV)},
      {"reads_before_the_input", kPlain, Beside::start, died(SIGSEGV)},
      {"reads_past_the_weight", kPlain, Beside::end, died(SIGSEGV)},
      {"reads_past_the_bias", kPlain, Beside::end, died(SIGSEGV)},
      {"changes_the_input", kPlain, Beside::end, died(SIGSEGV)},
      {"changes_the_input_for_a_while", kPlain, Beside::end, died(SIGSEGV)},
      {"changes_the_weight", kPlain, Beside::end, died(SIGSEGV)},
      {"believes_the_workspace_is_zero", kPlain, Beside::end, returned(kWrong)},
      {"asks_for_too_little_workspace", kPlain, Beside::end, died(SIGSEGV)},
      {"answers_seven", kPlain, Beside::end, returned(kNotOk)},
      {"writes_and_refuses", "input=1x2x4x5 weight=2x1x2x2 groups=2", Beside::end, returned(kNotOk)},
      {"writes_and_refuses", kPlain, Beside::end, returned(kRight)},
  };
  for (const Behaviour& one : all) {
    const ChildEnd end = call_in_a_child(one.kernel, one.text, one.beside, true);
    EXPECT_EQ(end, one.end) << one.kernel << " returned " << end.returned.value_or(-1) << ", signal " << end.signal;
  }
}

// The others give right values, ten times in a row, in memory where every trespass is deadly.
TEST(TortureBehaviour, IsRightInItsValuesWhereItIsAboutSomethingElse) {
  std::set<std::string_view> names(kSound.begin(), kSound.end());
  for (const char* name :
       {"leaks_16_bytes", "leaks_descriptors", "leaks_mappings", "flushes_subnormals", "flushes_subnormals_in_supports",
        "changes_x87", "leaves_a_thread_running", "installs_a_signal_handler", "blocks_signals", "pins_the_thread",
        "changes_the_umask", "shares_its_plan", "shares_scratch_memory", "takes_a_mib_of_stack", "closes_its_output"}) {
    names.insert(name);
  }
  for (const std::string_view name : names) {
    for (const Beside beside : {Beside::end, Beside::start}) {
      for (const char* text : {kPlain, "input=2x2x4x5 weight=4x1x3x3 groups=2 padding=1,0,2,1 stride=2x1"}) {
        const ChildEnd end = call_in_a_child(name, text, beside, true);
        EXPECT_EQ(end, returned(kRight)) << name << " returned " << end.returned.value_or(-1) << ", signal "
                                         << end.signal;
      }
    }
  }
}

TEST(TortureBehaviour, OfDivisionIsSeenOnZeroGroups) {
  const auto ask = [](int64_t groups) {
    return in_a_child([&]() -> int {
      convcheck_problem problem = GuardedCall(case_of(kPlain), Beside::nothing).problem();
      problem.groups = groups;
      return kernel_of("divides_by_zero_groups").supports(&problem);
    });
  };
  EXPECT_EQ(ask(0), died(SIGFPE));
  EXPECT_EQ(ask(3), returned(CONVCHECK_REJECTED));
  EXPECT_EQ(ask(-1), returned(CONVCHECK_REJECTED));
}

TEST(TortureLibrary, HasTheKernelsOfTheTablesAndNoOthers) {
  std::set<std::string_view> expected(kSound.begin(), kSound.end());
  for (const Expected& row : kExpected) expected.insert(row.kernel);
  std::set<std::string_view> found;
  for (const convcheck_kernel* kernel : kernels()) EXPECT_TRUE(found.insert(kernel->name).second) << kernel->name;
  EXPECT_EQ(found, expected);
}

// Loading one that exits ends a child with 0; the others by signal, or they can be looked at.
TEST(TortureLoading, IsAsStrangeAsTheNamesSay) {
  const auto load = [](std::string_view kind, bool lists) {
    return in_a_child([&]() -> int {
      constexpr itimerval kTimer = {.it_interval = {}, .it_value = {.tv_sec = 0, .tv_usec = 300'000}};
      if (kind == "hangs") setitimer(ITIMER_REAL, &kTimer, nullptr);
      const std::string path = std::string(CONVCHECK_TORTURE_DIR "/torture_loading_") + std::string(kind) + ".so";
      void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
      if (library == nullptr) return 1;
      if (!lists) return 2;
      size_t count = 0;
      const auto list = reinterpret_cast<KernelsFunction>(dlsym(library, "convcheck_kernels"));
      try {
        const auto* const all = list(CONVCHECK_ABI_VERSION, &count);
        if (all == nullptr) return 3;
        return all[0]->run == nullptr ? 4 : 5;
      } catch (...) {
        return 6;
      }
    });
  };
  EXPECT_EQ(load("crashes", false), died(SIGSEGV));
  EXPECT_EQ(load("hangs", false), died(SIGALRM));
  EXPECT_EQ(load("exits", false), returned(0));
  EXPECT_EQ(load("prints", true), returned(5));
  EXPECT_EQ(load("flushes", true), returned(5));
  EXPECT_EQ(load("throws", true), returned(6));
  EXPECT_EQ(load("aborts", true), died(SIGABRT));
  EXPECT_EQ(load("lists_null", true), returned(3));
  EXPECT_EQ(load("without_run", true), returned(4));
}

}  // namespace
}  // namespace convcheck::torture
