// Kernels that lose memory or change the process.
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <list>
#include <memory>
#include <thread>
#include <vector>

#include "tests/properties/conduct_kernel.h"

namespace convcheck::conduct {
namespace {

// Leaks.

/// What is lost is kept here until the program ends: the tests lose nothing.
template <class Kept>
std::list<Kept>& kept() {
  static std::list<Kept> all;
  return all;
}

void lose_16_bytes() {
  kept<std::array<char, 16>>().emplace_back();
}

/// In the arena of another thread.
void lose_in_a_thread() {
  std::jthread([] {
    auto lost = std::make_unique<std::array<char, 24>>();
    static std::vector<std::unique_ptr<std::array<char, 24>>> all = [] {
      std::vector<std::unique_ptr<std::array<char, 24>>> reserved;
      reserved.reserve(1 << 16);
      return reserved;
    }();
    if (all.size() < all.capacity()) all.push_back(std::move(lost));
  });
}

void lose_a_descriptor() {
  kept<int>().push_back(dup(STDERR_FILENO));
}

void lose_a_page() {
  kept<void*>().push_back(mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

/// The last eight shapes have a table each; where `kLoses`, the table that makes room is not freed.
template <bool kLoses>
void cache_of_eight(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  struct Entry {
    convcheck_problem problem;
    std::unique_ptr<std::array<char, 100>> table;
  };
  static std::list<Entry> entries;
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
    return std::memcmp(&entry.problem, &problem, sizeof(problem)) == 0;
  });
  if (found == entries.end()) {
    entries.push_front({problem, std::make_unique<std::array<char, 100>>()});
    if (entries.size() > 8) {
      if (kLoses) kept<std::unique_ptr<std::array<char, 100>>>().push_back(std::move(entries.back().table));
      entries.pop_back();
    }
  }
  convolve(problem, buffers);
}

// The process.

void install_handler() {
  (void)std::signal(SIGUSR2, SIG_IGN);
}
void block_signal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}
void pin_thread() {
  cpu_set_t all;
  cpu_set_t one;
  sched_getaffinity(0, sizeof(all), &all);
  CPU_ZERO(&one);
  for (int cpu = CPU_SETSIZE - 1; cpu >= 0; --cpu) {
    if (CPU_ISSET(cpu, &all) && CPU_COUNT(&one) == 0) CPU_SET(cpu, &one);
  }
  sched_setaffinity(0, sizeof(one), &one);
}
void set_alarm() {
  alarm(1000);
}
void set_profiling_timer() {
  const itimerval timer = {.it_interval = {1000, 0}, .it_value = {1000, 0}};
  setitimer(ITIMER_PROF, &timer, nullptr);
}
void set_umask() {
  umask(0123);
}
void change_directory() {
  if (chdir("/") != 0) std::abort();
}
void lower_a_limit() {
  rlimit limit = {};
  getrlimit(RLIMIT_CORE, &limit);
  limit.rlim_cur = limit.rlim_cur == 0 ? std::min<rlim_t>(limit.rlim_max, 4096) : 0;
  setrlimit(RLIMIT_CORE, &limit);
}
void set_variable() {
  setenv("CONVCHECK_TEST_VARIABLE", "1", 1);  // NOLINT(concurrency-mt-unsafe): the test has one thread
}
void open_file() {
  static const int kFile = open("/dev/null", O_RDONLY | O_CLOEXEC);
  (void)kFile;
}
void replace_stdin() {
  const int file = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  dup2(file, STDIN_FILENO);
  close(file);
}
void close_stdin() {
  close(STDIN_FILENO);
}
void change_and_restore() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(file);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

constexpr convcheck_kernel kKernels[] = {
    kernel("loses_16_bytes", run_after<lose_16_bytes>),
    kernel("loses_in_a_thread", run_after<lose_in_a_thread>),
    kernel("loses_a_descriptor", run_after<lose_a_descriptor>),
    kernel("loses_a_page", run_after<lose_a_page>),
    kernel("loses_what_it_drops", run_with<cache_of_eight<true>>),
    kernel("cache_of_eight", run_with<cache_of_eight<false>>),
    kernel("installs_handler", run_after<install_handler>),
    kernel("blocks_signal", run_after<block_signal>),
    kernel("pins_thread", run_after<pin_thread>),
    kernel("sets_alarm", run_after<set_alarm>),
    kernel("sets_profiling_timer", run_after<set_profiling_timer>),
    kernel("sets_umask", run_after<set_umask>),
    kernel("changes_directory", run_after<change_directory>),
    kernel("lowers_a_limit", run_after<lower_a_limit>),
    kernel("sets_variable", run_after<set_variable>),
    kernel("opens_file", run_after<open_file>),
    kernel("replaces_stdin", run_after<replace_stdin>),
    kernel("closes_stdin", run_after<close_stdin>),
    kernel("changes_and_restores", run_after<change_and_restore>),
};

}  // namespace

std::span<const convcheck_kernel> meddling_kernels() {
  return kKernels;
}

}  // namespace convcheck::conduct
