// The report of `convcheck bench` in each of its forms. They only format.
#pragma once

#include "tools/convcheck/bench/figures.h"

namespace convcheck::bench {

struct BenchReport {
  Workload workload;
  int rounds = 0;
  double seconds = 0;         ///< a contender's share of a round
  std::vector<Figures> runs;  ///< one for each number of threads
};

/// For people: per network its layers and what they come to, means by kind of layer, speed-ups by threads, and what was
/// wrong. `verbose` adds medians and spreads.
[[nodiscard]] std::string to_table(const BenchReport& report, bool verbose);

/// A line for each run, network, layer and contender; docs/performance.md says what the columns are.
[[nodiscard]] std::string to_csv(const BenchReport& report);

/// All of it, every round included.
[[nodiscard]] std::string to_json(const BenchReport& report);

/// A plot: for each run and network the ratios to oneDNN of its contenders, as a dot for the geometric mean on a line
/// from the lowest to the highest layer.
[[nodiscard]] std::string to_svg(const BenchReport& report);

}  // namespace convcheck::bench
