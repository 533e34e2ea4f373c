// Reports made by hand, for the tests of the writers.
#pragma once

#include <string>
#include <vector>

#include "harness/report.h"
#include "properties/law.h"

namespace convcheck {

/// A report on kernels of these names: each holds all laws but the last kernel, which violates the first one, does not
/// claim the second and could not be judged by the third.
[[nodiscard]] inline Report report_on(const std::vector<std::string>& names) {
  Report report;
  report.version = "1.2.3";
  report.seed = 7;
  report.seconds = 1.5;
  report.small_world_size = 519'168;
  report.corpus_entries = 300;
  report.networks = {{"alexnet", 5}, {"resnet50", 53}};
  report.network_problems = 20;
  for (const std::string& kernel_name : names) {
    KernelReport kernel;
    kernel.name = kernel_name;
    kernel.library = "./kernels.so";
    kernel.algorithm = "summation";
    kernel.small_world_done = 519'168;
    kernel.random_cases = 1000;
    for (const Law& law : laws()) {
      LawReport entry;
      entry.law = law.name;
      entry.verdict = Verdict::holds;
      entry.cases = entry.asked = 1'234'567;
      if (law.topic == Topic::value) entry.worst_error_over_bound = 0.25;
      kernel.laws.push_back(entry);
    }
    report.kernels.push_back(kernel);
  }
  KernelReport& last = report.kernels.back();
  last.laws[0].verdict = Verdict::violated;
  last.laws[0].violation = {.the_case = "input=1x2x1x1 weight=2x1x1x1 groups=2",
                            .shrunk_from = "input=1x4x5x5 weight=4x2x3x3 groups=2 seed=9",
                            .source = "small world",
                            .is_minimal = true,
                            .expected = "0x1.8p+1 (3)",
                            .got = "nan",
                            .index = "n=0 k=1 h=0 w=0",
                            .explanation = "1 of 2 outputs compared are wrong: all in group 1 (the last).",
                            .replay = "convcheck replay input=1x2x1x1 weight=2x1x1x1 groups=2"};
  last.laws[1].verdict = Verdict::not_claimed;
  last.laws[1].reason = "no error bound is derived";
  last.laws[1].cases = 0;
  last.laws[2].verdict = Verdict::harness_fault;
  last.laws[2].reason = "out of memory";
  return report;
}

}  // namespace convcheck
