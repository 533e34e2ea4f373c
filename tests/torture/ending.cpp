// Kernels that end the process that they are guests of, or double it; and kernels whose calls do not end.
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "tests/torture/themes.h"

namespace convcheck::torture {
namespace {

void leave(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  std::exit(0);
}

void* leave_at_once(void* /*nothing*/) {
  _exit(3);
}

void leave_from_a_thread(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  pthread_t thread{};
  if (pthread_create(&thread, nullptr, leave_at_once, nullptr) == 0) pthread_join(thread, nullptr);
}

// Both go on from here. Once in a process: a thousand of them are a hazard to the machine and prove no more.
void double_the_process(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  static bool is_done = false;
  if (is_done) return;
  is_done = true;
  static_cast<void>(fork());
}

void go_round_in_circles(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  static volatile bool is_going_on = true;
  while (is_going_on) continue;
}

void sleep_for_an_hour(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  sleep(3600);
}

void hang_on_dilation(const Problem& problem, const Buffers& buffers) {
  if (problem.dilation[0] > 1 && problem.dilation[1] > 1) go_round_in_circles(problem, buffers);
}

// Each level keeps something, so that no compiler makes a loop of it.
[[gnu::noinline]] int go_deeper(int level) {
  volatile char room[1024];
  room[level % 1024] = static_cast<char>(level);
  return level < 0 ? 0 : go_deeper(level + 1) + room[level % 1024];
}

void recurse(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  static volatile int first = 0;
  first = go_deeper(first);
}

constexpr std::array kKernels = {
    kernel("exits", "calls exit(0)", run_after<leave>),
    kernel("exits_from_a_thread", "calls _exit(3) in a thread of its own", run_after<leave_from_a_thread>),
    kernel("forks", "forks, and both processes go on", run_after<double_the_process>),
    kernel("never_ends", "goes round in circles", run_after<go_round_in_circles>),
    kernel("sleeps", "sleeps for an hour", run_after<sleep_for_an_hour>),
    kernel("never_ends_where_dilated", "goes round in circles where both axes are dilated",
           run_after<hang_on_dilation>),
    kernel("recurses_without_end", "calls itself until the stack is used up", run_after<recurse>),
};

}  // namespace

std::span<const convcheck_kernel> ending_kernels() {
  return kKernels;
}

}  // namespace convcheck::torture
