// Kernels that change the process that they are guests of: its floating-point control, its files, its signals and
// timers, its threads.
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xmmintrin.h>

#include <array>
#include <cfenv>
#include <csignal>

#include "tests/torture/themes.h"

namespace convcheck::torture {
namespace {

void flush_subnormals(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  constexpr unsigned kFlushToZero = 0x8000;
  constexpr unsigned kDenormalsAreZero = 0x0040;
  _mm_setcsr(_mm_getcsr() | kFlushToZero | kDenormalsAreZero);
}

void flush_in_passing() {
  static const Buffers kNone{};
  static const Problem kNothing{};
  flush_subnormals(kNothing, kNone);
}

int32_t supports_by_flushing(const Problem* problem) {
  flush_in_passing();
  return check(*problem);
}

void round_upward(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  constexpr unsigned kRounding = 0x6000;
  constexpr unsigned kUpward = 0x4000;
  _mm_setcsr((_mm_getcsr() & ~kRounding) | kUpward);
}

// Precision of 24 bits, as some libraries of old set it.
void change_x87(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  constexpr unsigned kPrecision = 0x0300;
  unsigned short control = 0;
  asm volatile("fnstcw %0" : "=m"(control));
  control = static_cast<unsigned short>(control & ~kPrecision);
  asm volatile("fldcw %0" : : "m"(control));
}

void close_output(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  close(STDOUT_FILENO);
  close(STDERR_FILENO);
}

void close_everything(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  syscall(SYS_close_range, 0U, ~0U, 0U);
}

void* work_for_ever(void* /*nothing*/) {
  constexpr unsigned kMicroseconds = 100;
  static volatile bool is_going_on = true;
  while (is_going_on) usleep(kMicroseconds);
  return nullptr;
}

void leave_a_thread(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  static bool is_there = false;
  pthread_t thread{};
  if (!is_there && pthread_create(&thread, nullptr, work_for_ever, nullptr) == 0) pthread_detach(thread);
  is_there = true;
}

void arm_an_alarm(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  alarm(1);
}

void ignore_faults(int /*signal*/) {}

void install_a_handler(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  struct sigaction action {};
  action.sa_handler = ignore_faults;
  sigaction(SIGUSR2, &action, nullptr);
}

void block_signals(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

// To one of those that the thread may run on now.
void pin_the_thread(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed) == 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
    return;
  }
}

void change_the_umask(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  umask(0);
}

constexpr convcheck_kernel flushing_in_supports() {
  convcheck_kernel k = kernel("flushes_subnormals_in_supports", "supports switches on flush-to-zero");
  k.supports = supports_by_flushing;
  return k;
}

constexpr std::array kKernels = {
    kernel("flushes_subnormals", "switches on flush-to-zero and leaves it so", run_before<flush_subnormals>),
    flushing_in_supports(),
    kernel("rounds_upward", "leaves the rounding mode changed", run_before<round_upward>),
    kernel("changes_x87", "leaves the precision of x87 changed", run_before<change_x87>),
    kernel("closes_its_output", "closes standard output and standard error", run_before<close_output>),
    kernel("closes_everything", "closes every descriptor that there is", run_before<close_everything>),
    kernel("leaves_a_thread_running", "starts a thread that goes on when the library is unloaded",
           run_before<leave_a_thread>),
    kernel("arms_an_alarm", "arms an alarm of one second", run_before<arm_an_alarm>),
    kernel("installs_a_signal_handler", "installs a handler of SIGUSR2", run_before<install_a_handler>),
    kernel("blocks_signals", "blocks SIGUSR1", run_before<block_signals>),
    kernel("pins_the_thread", "binds the calling thread to one processor", run_before<pin_the_thread>),
    kernel("changes_the_umask", "sets the umask to 0", run_before<change_the_umask>),
};

}  // namespace

std::span<const convcheck_kernel> meddling_kernels() {
  return kKernels;
}

}  // namespace convcheck::torture
