// The unusual kernels beside pages that nobody may touch: none of them dies, nor leaves the process otherwise than it
// was.
#include <gtest/gtest.h>

#include <algorithm>
#include <cfenv>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <string_view>

#include "impls/unusual.h"
#include "tests/impls/guarded_call.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

// What a child returns.
enum Said { kServed = 0, kDeclined = 1, kFailed = 2, kControlChanged = 3, kFilesChanged = 4, kHandlerChanged = 5 };

uint32_t control() {
#if defined(__x86_64__)
  return __builtin_ia32_stmxcsr() & ~0x3FU;
#else
  return static_cast<uint32_t>(std::fegetround());
#endif
}

long open_files() {
  using Files = std::filesystem::directory_iterator;
  return std::distance(Files("/proc/self/fd"), Files());
}

bool has_handler(int signal) {
  struct sigaction action {};
  sigaction(signal, nullptr, &action);
  return action.sa_handler != SIG_DFL;
}

int call_and_look_around(const convcheck_kernel& kernel, const char* text, Beside beside) {
  GuardedCall made(case_of(text), beside);
  const uint32_t control_before = control();
  const long files_before = open_files();
  for (int calls = 0; calls < 3; ++calls) {
    const int32_t status = made.make(kernel);
    if (status == CONVCHECK_UNSUPPORTED) return kDeclined;
    if (status != CONVCHECK_OK) return kFailed;
  }
  if (control() != control_before) return kControlChanged;
  if (open_files() != files_before) return kFilesChanged;
  return has_handler(SIGWINCH) || has_handler(SIGILL) ? kHandlerChanged : kServed;
}

TEST(UnusualKernels, TouchNothingButTheirTensorsAndLeaveTheProcessAlone) {
  size_t count = 0;
  const convcheck_kernel* const* const all = convcheck_unusual_kernels(CONVCHECK_ABI_VERSION, &count);
  int64_t served = 0;
  for (size_t i = 0; i < count; ++i) {
    for (const char* text :
         {"input=2x4x9x7 weight=6x2x3x3 groups=2 padding=1,0,2,1 bias=6", "input=1x3x6x6 weight=5x3x5x5 padding=2",
          "input=1x2x5x5 weight=2x2x1x1 input_strides=72x36x7x1 output_strides=80x40x8x1"}) {
      for (const Beside beside : {Beside::end, Beside::start}) {
        const ChildEnd end = in_a_child([&] { return call_and_look_around(*all[i], text, beside); });
        EXPECT_TRUE(end.returned == kServed || end.returned == kDeclined)
            << all[i]->name << " on " << text << " returned " << end.returned.value_or(-1) << ", signal " << end.signal;
        served += end.returned == kServed ? 1 : 0;
      }
    }
  }
  EXPECT_GE(served, 300);
}

// Weights that are kept or shared are those of the same bits alone.
TEST(UnusualKernels, KeepAndShareWeightsOfTheSameBitsAlone) {
  size_t count = 0;
  const convcheck_kernel* const* const all = convcheck_unusual_kernels(CONVCHECK_ABI_VERSION, &count);
  const auto named = [&](std::string_view name) {
    return *std::find_if(all, all + count, [&](const convcheck_kernel* kernel) { return kernel->name == name; });
  };
  const convcheck_kernel& sharing = *named("plans_share_equal_weights");
  const ChildEnd shared = in_a_child([&]() -> int {
    GuardedCall made(case_of("input=1x2x5x5 weight=3x2x2x2"), Beside::end);
    GuardedCall other(case_of("input=1x2x5x5 weight=3x2x2x2 seed=2"), Beside::end);
    return made.make(sharing) == CONVCHECK_OK && other.make(sharing) == CONVCHECK_OK && made.is_right() &&
                   other.is_right()
               ? kServed
               : kFailed;
  });
  EXPECT_EQ(shared.returned, kServed);
  const ChildEnd kept = in_a_child([&]() -> int {
    GuardedCall made(case_of("input=1x2x5x5 weight=3x2x2x2"), Beside::end);
    GuardedCall other(case_of("input=1x2x5x5 weight=3x2x2x2 seed=2"), Beside::end);
    const convcheck_kernel& comparing = *named("compares_what_it_kept");
    return made.make(comparing) == CONVCHECK_OK && other.make(comparing) == CONVCHECK_OK && made.is_right() &&
                   other.is_right()
               ? kServed
               : kFailed;
  });
  EXPECT_EQ(kept.returned, kServed);
}

}  // namespace
}  // namespace convcheck
