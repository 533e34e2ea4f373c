// The mutants whose calls get in each other's way do so on two threads.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "reference/sanitized.h"
#include "tests/impls/mutant_child.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

// Calls that start together, many times over, until one gives something else than it gives alone. Each thread has its
// own tensors; where `other` is no text all have the same problem.
bool differs_on_threads(const convcheck_kernel& kernel, const char* text, const char* other) {
  constexpr int kRounds = 20'000;
  std::barrier start(2);
  std::atomic<bool> differs = false;
  const auto loop = [&](const char* mine) {
    for (int round = 0; round < kRounds; ++round) {
      GuardedCall made(case_of(mine), Beside::end);
      start.arrive_and_wait();
      const bool is_over = differs;
      if (say(made.make(kernel), made) != kRight) differs = true;
      start.arrive_and_wait();
      if (is_over) return;
    }
  };
  std::thread second(loop, other);
  loop(text);
  second.join();
  return differs;
}

TEST(RacingMutants, GiveOtherValuesOnTwoThreads) {
  if (kIsSanitized) GTEST_SKIP() << "a sanitizer slows the threads down until they hardly meet";
  struct Race {
    const char* name;
    const char* text;
    const char* other;
  };
  const Race races[] = {
      {"outputs_in_static_memory", "input=2x3x9x9 weight=5x3x3x3 padding=1",
       "input=2x3x9x9 weight=5x3x3x3 padding=1 seed=2"},
      {"groups_in_static_memory", "input=2x4x9x9 weight=6x2x3x3 groups=2",
       "input=2x4x9x9 weight=6x2x3x3 groups=2 seed=2"},
      {"planes_by_one_counter", "input=2x3x9x9 weight=5x3x3x3", "input=2x3x9x9 weight=5x3x3x3 seed=2"},
      {"rows_in_a_shared_table", "input=2x3x9x9 weight=5x3x3x3", "input=2x3x9x9 weight=5x3x3x3 padding=2"},
  };
  for (const Race& race : races) {
    const auto raced = [&](const char* name) {
      return in_a_child([&] { return differs_on_threads(kernel_of(name), race.text, race.other) ? kWrong : kRight; });
    };
    EXPECT_EQ(raced(race.name), returned(kWrong)) << race.name;
  }
}

// One plan and two threads: the mutant whose plans hold scratch memory is right where each has a plan of its own.
TEST(RacingMutants, OfPlansHoldScratchMemoryInThem) {
  const convcheck_kernel& kernel = kernel_of("outputs_in_the_plan");
  ASSERT_NE(kernel.prepare, nullptr);
  const GuardedCall made(case_of("input=1x2x3x3 weight=2x2x1x1"), Beside::end);
  const convcheck_buffers buffers{};
  void* plan = nullptr;
  ASSERT_EQ(kernel.prepare(&made.problem(), &buffers, &plan), CONVCHECK_OK);
  EXPECT_NE(plan, nullptr);
  kernel.release(plan);
}

}  // namespace
}  // namespace convcheck
