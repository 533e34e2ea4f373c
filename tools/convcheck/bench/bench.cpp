// convcheck bench: how fast kernels are, beside oneDNN and the machine's peak.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>

#include "reference/spelling.h"
#include "tools/convcheck/bench/measure.h"
#include "tools/convcheck/bench/writers.h"
#include "tools/convcheck/commands.h"
#include "tools/convcheck/console.h"
#include "tools/convcheck/selection.h"

namespace convcheck {
namespace {

int refuse(const std::string& message) {
  fmt::print(stderr, "convcheck bench: {}\n", message);
  return kUsage;
}

// "1", "1,2" or "all"; empty where it is none of these.
std::vector<int> thread_counts(const std::string& text) {
  std::vector<int> counts;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    const std::string word = text.substr(at, end - at);
    int count = 0;
    const auto [last, error] = std::from_chars(word.data(), word.data() + word.size(), count);
    const bool is_number = error == std::errc() && last == word.data() + word.size() && count >= 1 && count <= 4096;
    if (word != "all" && !is_number) return {};
    counts.push_back(word == "all" ? jobs_of(0) : count);
    at = end + 1;
  }
  return counts;
}

bool write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return true;
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) fmt::print(stderr, "convcheck bench: {}: could not be written; is the disk full?\n", path);
  return file.good();
}

bool write_all(const bench::BenchReport& report, const BenchOptions& options) {
  const std::string json = options.json_file.empty() ? std::string() : to_json(report);
  const bool is_printed = write_report("convcheck bench", to_table(report, options.verbose), options.json_file, json);
  const bool has_csv = write_file(options.csv_file, options.csv_file.empty() ? std::string() : to_csv(report));
  const bool has_svg = write_file(options.svg_file, options.svg_file.empty() ? std::string() : to_svg(report));
  return is_printed && has_csv && has_svg;
}

bool has(const bench::BenchReport& report, bench::Outcome outcome) {
  for (const bench::Figures& run : report.runs) {
    for (const bench::ProblemFigures& problem : run.problems) {
      for (const bench::Figure& figure : problem.contenders) {
        if (figure.timing.outcome == outcome) return true;
      }
    }
  }
  return false;
}

// What is wrong with the options beside the workload; empty where nothing is.
std::string why_refused(const BenchOptions& options, const std::vector<int>& threads) {
  if (threads.empty()) {
    return fmt::format("--threads '{}' is no number of threads; write 1, all, or 1,2 to compare",
                       printable(options.threads));
  }
  for (const std::string& file : {options.csv_file, options.json_file, options.svg_file}) {
    if (!file.empty() && !is_writable(file)) return file + ": cannot be written; does its folder exist?";
  }
  return {};
}

int finish(const bench::BenchReport& report, const BenchOptions& options) {
  std::string error;
  for (const bench::Figures& run : report.runs) error = error.empty() ? run.error : error;
  if (!error.empty()) fmt::print(stderr, "convcheck bench: {}\n", error);
  const bool has_any = has(report, bench::Outcome::timed) || has(report, bench::Outcome::wrong);
  const bool is_complete = has_any && write_all(report, options) && error.empty();
  if (interrupted()) return kInterrupted;
  if (has(report, bench::Outcome::wrong)) return kViolated;
  return is_complete ? kHolds : kNotJudged;
}

}  // namespace

int bench_command(const BenchOptions& options) {
  const Selection selection = select(options.libraries, options.kernels, {}, Loading::in_a_child);
  if (!selection.error.empty()) return refuse(selection.error);
  const Networks networks = read_networks(options.networks);
  if (!networks.error.empty()) return refuse(networks.error);
  bench::BenchReport report = {.workload = bench::workload_of(networks.networks, options.layers),
                               .rounds = options.rounds,
                               .seconds = options.seconds,
                               .runs = {}};
  if (!report.workload.error.empty()) return refuse(report.workload.error);
  const std::vector<int> threads = thread_counts(options.threads);
  if (const std::string why = why_refused(options, threads); !why.empty()) return refuse(why);
  stop_on_interrupt();

  Progress progress;
  const bench::MeasureOptions measuring = {.libraries = options.libraries,
                                           .kernels = options.kernels,
                                           .rounds = options.rounds,
                                           .seconds = options.seconds,
                                           .stop = &interrupted(),
                                           .progress = [&](const std::string& line) { progress(line); }};
  for (const int count : threads) {
    if (interrupted()) break;
    report.runs.push_back(figures_of(report.workload, measure(report.workload, count, measuring)));
  }
  progress.clear();
  return finish(report, options);
}

}  // namespace convcheck
