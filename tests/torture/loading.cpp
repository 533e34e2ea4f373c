// Libraries that misbehave while they are loaded, listed or unloaded, one for each LOADING_* that this file is compiled
// with.
#include <pthread.h>
#include <unistd.h>
#include <xmmintrin.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "tests/torture/convolution.h"

namespace {

#if defined(LOADING_CRASHES)
[[gnu::constructor]] void crash() {
  static volatile int* volatile nowhere = nullptr;
  *nowhere = 1;
}
#elif defined(LOADING_HANGS)
[[gnu::constructor]] void hang() {
  static volatile bool is_going_on = true;
  while (is_going_on) continue;
}
#elif defined(LOADING_PRINTS)
[[gnu::constructor]] void print() {
  std::puts("torture: loaded with pleasure");
  std::fflush(stdout);
}
#elif defined(LOADING_FLUSHES)
[[gnu::constructor]] void flush() {
  constexpr unsigned kFlushToZero = 0x8000;
  _mm_setcsr(_mm_getcsr() | kFlushToZero);
}
#elif defined(LOADING_BLOCKS_AT_ITS_END)
// As one that joins a thread which waits for ever.
[[gnu::destructor]] void block() {
  for (;;) pause();
}
#elif defined(LOADING_IS_KILLED_AT_ITS_END)
[[gnu::destructor]] void be_killed() {
  kill(getpid(), SIGKILL);
}
#elif defined(LOADING_EXITS)
[[gnu::constructor]] void leave() {
  _exit(0);
}
#endif

constexpr convcheck_kernel only_kernel() {
  convcheck_kernel k = convcheck::torture::kernel("loaded", "plain loops", convcheck::torture::run_soundly,
                                                  convcheck::torture::kAllPromises);
#ifdef LOADING_WITHOUT_RUN
  k.run = nullptr;
#endif
  return k;
}

constexpr convcheck_kernel kKernel = only_kernel();
constexpr const convcheck_kernel* kAll[] = {&kKernel};

}  // namespace

const convcheck_kernel* const* convcheck_kernels(uint32_t abi_version, size_t* count) {
  *count = abi_version == CONVCHECK_ABI_VERSION ? 1 : 0;
#if defined(LOADING_THROWS)
  throw std::runtime_error("thrown by the list");
#elif defined(LOADING_ABORTS)
  std::abort();
#elif defined(LOADING_LISTS_NULL)
  return nullptr;
#else
  return *count == 0 ? nullptr : kAll;
#endif
}
