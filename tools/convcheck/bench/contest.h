// All entrants on one problem: verified, then timed in the same rounds.
#pragma once

#include "reference/compare.h"
#include "tools/convcheck/bench/entrant.h"
#include "tools/convcheck/bench/measurement.h"

namespace convcheck::bench {

class Contest {
 public:
  /// `module` and the kernels must outlive it. Of `rounds`, the warm-up is set here.
  Contest(const Module& module, std::vector<Entrant> entrants, int threads, const RoundOptions& rounds);

  /// Requires a valid problem of spatial rank 2. Throws what a kernel throws.
  [[nodiscard]] ProblemTimings measure(const Problem& problem);

 private:
  [[nodiscard]] Timing admit(const Entrant& entrant, const Problem& problem, const Material& material,
                             Expectation& expected, std::unique_ptr<Contender>& contender) const;
  void time(const std::vector<std::unique_ptr<Contender>>& contenders, ProblemTimings& result);

  const Module& module_;
  std::vector<Entrant> entrants_;
  Peak peak_;
  RoundOptions rounds_;
};

}  // namespace convcheck::bench
