// convcheck run: kernels x laws x cases.
#include <fmt/format.h>

#include <cstdio>

#include "harness/json.h"
#include "harness/table.h"
#include "tools/convcheck/commands.h"
#include "tools/convcheck/console.h"
#include "tools/convcheck/selection.h"
#include "tools/convcheck/verdicts.h"

namespace convcheck {
namespace {

int refuse(const std::string& message) {
  fmt::print(stderr, "convcheck run: {}\n", message);
  return kUsage;
}

int exit_status(const Report& report) {
  if (interrupted()) return kInterrupted;
  switch (report.verdict()) {
    case Verdict::violated:
      return kViolated;
    case Verdict::harness_fault:
      return kNotJudged;
    default:
      break;
  }
  return kHolds;
}

// A report that did not arrive is a failure, whatever it says, except that a violation wins.
int write_out(const Report& report, const RunOptions& options) {
  const int status = exit_status(report);
  const std::string json = options.json_file.empty() ? std::string() : to_json(report);
  const bool is_complete =
      write_report("convcheck run", to_table(report, {.colour = wants_colour(), .verbose = options.verbose}),
                   options.json_file, json);
  return status == kHolds && !is_complete ? kNotJudged : status;
}

}  // namespace

int run_command(const RunOptions& options) {
  if (options.in_process && !options.resume_file.empty()) {
    return refuse("--resume needs the sandbox, which --in-process turns off; leave one of them out");
  }
  const Selection selection = select(options.libraries, options.kernels, options.laws,
                                     options.in_process ? Loading::here : Loading::in_a_child);
  if (!selection.error.empty()) return refuse(selection.error);
  const Corpus corpus = read_run_corpus();
  if (!corpus.error.empty()) return refuse(corpus.error);
  const Networks networks = read_networks(options.networks);
  if (!networks.error.empty()) return refuse(networks.error);
  const Corpus huge = options.huge ? read_huge_corpus() : Corpus();
  if (!huge.error.empty()) return refuse(huge.error);
  for (const std::string& file : {options.json_file, options.junit_file}) {
    if (!file.empty() && !is_writable(file))
      return refuse(fmt::format("{}: cannot be written; does its folder exist?", file));
  }
  stop_on_interrupt();

  Progress progress;
  SessionOptions session;
  session.seed = options.seed;
  session.budget_s = options.budget_s;
  session.random_cases = options.cases;
  session.jobs = jobs_of(options.jobs);
  session.program = options.program;
  session.corpus = corpus.entries;
  session.networks = networks.networks;
  session.huge = huge.entries;
  session.stop = &interrupted();
  session.isolated = !options.in_process;
  session.call_limit_s = options.time_limit_s;
  session.memory_limit = static_cast<int64_t>(options.memory_limit * (int64_t{1} << 30));
  session.results_file = options.resume_file;
  session.progress = [&](const std::string& line) { progress(line); };

  std::optional<Report> report;
  const Stated stated = state_verdicts(selection.candidates, options.gtest_arguments, options.junit_file,
                                       [&](std::vector<Candidate> chosen) -> const Report& {
                                         report = run_session(chosen, session);
                                         return *report;
                                       });
  if (stated == Stated::listed) return kHolds;
  if (!report) {
    fmt::print(stderr, "convcheck run: the filter leaves nothing to judge; --gtest_list_tests lists what there is\n");
    return kNotJudged;
  }
  progress.clear();
  return write_out(*report, options);
}

}  // namespace convcheck
