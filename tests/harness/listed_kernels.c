/* Kernel libraries for the tests of loading, one for each LISTED_* that this file is compiled with. */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

#include "convcheck/kernel.h"

#ifdef LISTED_NO_SYMBOL
CONVCHECK_EXPORT int convcheck_kernels_misspelt(void);
int convcheck_kernels_misspelt(void) {
  return 0;
}
#else

#ifdef LISTED_POOLED
void pool_start(void);
#endif

static int32_t run(const convcheck_problem* problem, const convcheck_buffers* buffers) {
#ifdef LISTED_POOLED
  pool_start();
#endif
  (void)problem;
  (void)buffers;
  return CONVCHECK_UNSUPPORTED;
}

static const convcheck_kernel first = {
#ifdef LISTED_SHORT_STRUCT
    .struct_size = sizeof(convcheck_kernel) - 8,
#else
    .struct_size = sizeof(convcheck_kernel),
#endif
#ifdef LISTED_NO_NAME
    .name = "",
#else
    .name = "first",
#endif
    .description = "declines every problem",
    .algorithm = CONVCHECK_SUMMATION,
    .promises = CONVCHECK_THREAD_SAFE,
#ifndef LISTED_NO_RUN
    .run = run,
#endif
};

#ifndef LISTED_NULL_KERNEL
static const convcheck_kernel second = {
    .struct_size = sizeof(convcheck_kernel),
    .name = "second",
    .description = "declines every problem",
    .algorithm = CONVCHECK_SUMMATION,
#ifndef LISTED_THREAD_SAFE
    .promises = CONVCHECK_DETERMINISTIC,
#else
    .promises = CONVCHECK_THREAD_SAFE,
#endif
    .run = run,
};
#endif

#ifdef LISTED_KILLED
/* Kills the process, as somebody outside would: the first that makes this file, or each where none is named. */
static void be_killed(void) {
  const char* const path = getenv("CONVCHECK_TEST_KILLED");
  if (path == NULL || open(path, O_CREAT | O_EXCL | O_WRONLY, 0600) >= 0) (void)raise(SIGKILL);
}
#endif

const convcheck_kernel* const* convcheck_kernels(uint32_t abi_version, size_t* count) {
#ifdef LISTED_KILLED
  be_killed();
#endif
#ifdef LISTED_FEWER
  if (getenv("CONVCHECK_TEST_FEWER") != NULL) {
    static const convcheck_kernel* const one[] = {&first};
    *count = 1;
    return one;
  }
#endif
  static const convcheck_kernel* const all[] = {
#ifdef LISTED_NULL_KERNEL
      &first,
      NULL,
#else
      &first,
      &second,
#endif
  };
#ifdef LISTED_NOTHING
  (void)all;
  (void)abi_version;
  *count = 0;
  return NULL;
#else
  *count = abi_version == CONVCHECK_ABI_VERSION ? 2 : 0;
  return *count == 0 ? NULL : all;
#endif
}

#endif
