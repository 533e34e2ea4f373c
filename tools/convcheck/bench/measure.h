// The measuring itself, in a process of its own for each number of threads: a pool that is made once keeps its size.
#pragma once

#include <atomic>
#include <functional>

#include "tools/convcheck/bench/measurement.h"
#include "tools/convcheck/bench/workload.h"

namespace convcheck::bench {

struct MeasureOptions {
  std::vector<std::string> libraries, kernels;  ///< as Selection has them
  int rounds = 15;
  double seconds = 0.01;
  const std::atomic<bool>* stop = nullptr;           ///< not null; once true, what is not finished is left out
  std::function<void(const std::string&)> progress;  ///< not empty; the child calls it
};

/// The size of a kernel's pool of threads, and oneDNN's.
inline constexpr const char* kThreadsVariable = "CONVCHECK_THREADS";
inline constexpr const char* kOpenMpVariable = "OMP_NUM_THREADS";

/// Forks a child that sets both variables, loads the libraries, and then verifies and times every contender on every
/// problem. This process must have no other thread. Where the child dies, what it measured before is kept.
[[nodiscard]] Measurement measure(const Workload& workload, int threads, const MeasureOptions& options);

}  // namespace convcheck::bench
