// Reports with numbers that can be checked by hand.
#pragma once

#include <gtest/gtest.h>

#include "tools/convcheck/bench/writers.h"

namespace convcheck::bench {

inline Problem problem(const std::string& text) {
  return parse_corpus("a: " + text + '\n', "here").entries.at(0).the_case.problem;
}

/// `first` has layers a, b, c, of which a and c are the same; `second` has d, which is b.
inline std::vector<Network> networks() {
  return {{"first", parse_corpus("a: input=1x8x8x8 weight=8x8x1x1\n"
                                 "b: input=1x8x8x8 weight=8x8x3x3 padding=1,1,0,2\n"
                                 "c: input=1x8x8x8 weight=8x8x1x1\n",
                                 "first.cases")
                        .entries},
          {"second", parse_corpus("d: input=1x8x8x8 weight=8x8x3x3 padding=1,1,0,2\n", "second.cases").entries}};
}

inline Workload two_networks() {
  return workload_of(networks(), {});
}

/// A timing of one microsecond times `microseconds`, three rounds alike.
inline Timing timed(double microseconds) {
  return {.outcome = Outcome::timed, .reason = {}, .seconds = std::vector<double>(3, microseconds * 1e-6)};
}

/// oneDNN takes 8 us for each problem; `quick` 4 and 16; `picky` serves the first in 2 and is wrong on the second. The
/// peak is 8.192 GFLOP/s, which oneDNN's 8192 operations on the first problem come to an eighth of.
inline Measurement measurement(int threads = 1, double faster = 1) {
  return {
      .threads = threads,
      .contenders = {kOnednn, kOnednnBlocked, "quick", "picky"},
      .onednn_version = "2.6.3",
      .problems = {{.timings = {timed(8 / faster), timed(8), timed(4 / faster), timed(2)},
                    .peak_flops = {8.192e9, 8.192e9, 8.192e9}},
                   {.timings = {timed(8 / faster),
                                timed(4),
                                timed(16 / faster),
                                {.outcome = Outcome::wrong, .reason = "1 of 2 is off, by \"a lot\"", .seconds = {}}},
                    .peak_flops = {8.192e9, 8.192e9, 8.192e9}}},
      .error = {}};
}

inline BenchReport report() {
  const Workload workload = two_networks();
  return {.workload = workload,
          .rounds = 3,
          .seconds = 0.01,
          .runs = {figures_of(workload, measurement()), figures_of(workload, measurement(2, 2))}};
}

}  // namespace convcheck::bench
