#include <fmt/format.h>

#include <cmath>

#include "reference/case_text.h"
#include "tools/convcheck/bench/writers.h"

namespace convcheck::bench {
namespace {

constexpr const char* kHeader =
    "threads,network,layer,occurrences,kind,problem,contender,outcome,rounds,median_s,first_quartile_s,"
    "third_quartile_s,gflops,peak_gflops,share_of_peak,ratio_to_onednn,standing_to_onednn,detail\n";

// A field that holds a comma, a quote or the end of a line is quoted, as RFC 4180 has it.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

// Empty where there is none.
std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{:.6g}", value) : std::string();
}

std::string standing_of(const Figure& figure) {
  constexpr std::array<const char*, 3> kNames = {"faster", "alike", "slower"};
  return figure.has_ratio() ? kNames[static_cast<size_t>(figure.standing)] : "";
}

std::string line(const Figures& run, const std::string& network, const NetworkLayer& layer, const Problem& problem,
                 size_t contender) {
  const ProblemFigures& figures = run.problems[layer.problem];
  const Figure& figure = figures.contenders[contender];
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", run.threads, field(network),
                     field(layer.name), layer.occurrences, name(kind_of(problem)), field(print({.problem = problem})),
                     field(run.contenders[contender]), name(figure.timing.outcome), figure.timing.seconds.size(),
                     number(figure.seconds.median), number(figure.seconds.first_quartile),
                     number(figure.seconds.third_quartile), number(figure.flops * 1e-9), number(figures.peak * 1e-9),
                     number(figure.share_of_peak), number(figure.ratio), standing_of(figure),
                     field(figure.timing.reason));
}

}  // namespace

std::string to_csv(const BenchReport& report) {
  std::string csv = kHeader;
  for (const Figures& run : report.runs) {
    for (const WorkloadNetwork& network : report.workload.networks) {
      for (const NetworkLayer& layer : network.layers) {
        if (layer.problem >= run.problems.size()) continue;
        for (size_t contender = 0; contender < run.contenders.size(); ++contender) {
          csv += line(run, network.name, layer, report.workload.problems[layer.problem], contender);
        }
      }
    }
  }
  return csv;
}

}  // namespace convcheck::bench
