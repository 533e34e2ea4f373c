// convcheck run: kernels x laws x cases.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "harness/json.h"
#include "harness/table.h"
#include "tools/convcheck/commands.h"
#include "tools/convcheck/selection.h"
#include "tools/convcheck/verdicts.h"

namespace convcheck {
namespace {

std::atomic<bool> g_interrupted = false;  // set by the signal handler, which can reach nothing else

int refuse(const std::string& message) {
  fmt::print(stderr, "convcheck run: {}\n", message);
  return kUsage;
}

// True where the file can be written; it is left as it was, or empty.
bool is_writable(const std::string& path) {
  return std::ofstream(path, std::ios::app).good();
}

bool is_terminal(int descriptor) {
  return isatty(descriptor) == 1;
}

bool wants_colour() {
  return is_terminal(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr;
}

// One line that is rewritten on a terminal, and lines of their own where it is none, then only when the work changes.
class Progress {
 public:
  void operator()(const std::string& line) {
    const bool is_counter = line.find(" of ") != std::string::npos;
    if (is_terminal(STDERR_FILENO)) {
      fmt::print(stderr, "\r\033[K{}", line.substr(0, 100));
      drawn_ = true;
    } else if (!is_counter || ++counted_ % 50 == 0) {
      fmt::print(stderr, "{}\n", line);
    }
  }
  void clear() const {
    if (drawn_) fmt::print(stderr, "\r\033[K");
  }

 private:
  bool drawn_ = false;
  int counted_ = 0;
};

int exit_status(const Report& report) {
  if (g_interrupted) return kInterrupted;
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

// Prints the report and writes the file where one was asked for. A report that did not arrive is a failure, whatever it
// says, except that a violation wins.
int write_out(const Report& report, const RunOptions& options) {
  const std::string& json_file = options.json_file;
  const int status = exit_status(report);
  bool is_complete = true;
  fmt::print("{}", to_table(report, {.colour = wants_colour(), .verbose = options.verbose}));
  if (std::fflush(stdout) != 0) {
    fmt::print(stderr, "convcheck run: the report could not be written to standard output; is the disk full?\n");
    is_complete = false;
  }
  if (!json_file.empty()) {
    std::ofstream file(json_file);
    file << to_json(report);
    file.close();
    if (!file) {
      fmt::print(stderr, "convcheck run: {}: could not be written; is the disk full?\n", json_file);
      is_complete = false;
    }
  }
  return status == kHolds && !is_complete ? kNotJudged : status;
}

}  // namespace

int run_command(const RunOptions& options) {
  const Selection selection = select(options.libraries, options.kernels, options.laws);
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
  std::signal(SIGINT, [](int) {
    if (g_interrupted.exchange(true)) std::_Exit(kInterrupted);  // the second one is meant
  });

  Progress progress;
  SessionOptions session;
  session.seed = options.seed;
  session.budget_s = options.budget_s;
  session.random_cases = options.cases;
  session.jobs = options.jobs > 0 ? options.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  session.program = options.program;
  session.corpus = corpus.entries;
  session.networks = networks.networks;
  session.huge = huge.entries;
  session.stop = &g_interrupted;
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
