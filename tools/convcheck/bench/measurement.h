// What was measured, before anything is made of it.
#pragma once

#include <string>
#include <vector>

#include "tools/convcheck/bench/statistics.h"

namespace convcheck::bench {

/// What came of a contender on a problem: only right results are timed.
enum class Outcome { timed, not_served, wrong };
/// "timed", "not_served", "wrong".
[[nodiscard]] std::string_view name(Outcome outcome);

struct Timing {
  Outcome outcome = Outcome::timed;
  std::string reason;           ///< why not timed, or the code that a library chose
  std::vector<double> seconds;  ///< of a run, by round; empty where not timed

  [[nodiscard]] bool is_timed() const { return outcome == Outcome::timed; }
};

/// One problem: a timing for each contender in their order.
struct ProblemTimings {
  std::vector<Timing> timings;
  std::vector<double> peak_flops;  ///< a second, by round
};

/// All problems of a workload in their order, on so many threads. Fewer where it was interrupted or died.
struct Measurement {
  int threads = 1;
  std::vector<std::string> contenders;  ///< names: kOnednn and kOnednnBlocked first where there is oneDNN, then kernels
  std::string onednn_version;           ///< empty where there is none
  std::vector<ProblemTimings> problems;
  std::string error;  ///< one line where the process that measured died
};

inline constexpr const char* kOnednn = "onednn";
inline constexpr const char* kOnednnBlocked = "onednn_blocked";

/// One line of JSON for each problem, and back: how the process that measures tells what it found.
[[nodiscard]] std::string to_line(const ProblemTimings& timings);
[[nodiscard]] ProblemTimings from_line(const std::string& line);

}  // namespace convcheck::bench
