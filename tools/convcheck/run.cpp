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

}  // namespace

int run_command(const RunOptions& options) {
  const Selection selection = select(options.libraries, options.kernels, options.laws);
  if (!selection.error.empty()) return refuse(selection.error);
  const Corpus corpus = read_run_corpus();
  if (!corpus.error.empty()) return refuse(corpus.error);
  const Networks networks = read_networks(options.networks);
  if (!networks.error.empty()) return refuse(networks.error);
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
  session.stop = &g_interrupted;
  session.progress = [&](const std::string& line) { progress(line); };

  std::optional<Report> report;
  state_verdicts(selection.candidates, options.gtest_arguments, options.junit_file,
                 [&](std::vector<Candidate> chosen) -> const Report& {
                   report = run_session(chosen, session);
                   return *report;
                 });
  if (!report) return kNotJudged;  // a filter that leaves nothing, or --gtest_list_tests
  progress.clear();
  fmt::print("{}", to_table(*report, {.colour = wants_colour()}));
  if (!options.json_file.empty()) std::ofstream(options.json_file) << to_json(*report);
  return exit_status(*report);
}

}  // namespace convcheck
