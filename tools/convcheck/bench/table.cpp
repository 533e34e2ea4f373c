#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reference/case_text.h"
#include "tools/convcheck/bench/writers.h"

namespace convcheck::bench {
namespace {

std::string counted(int count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string number(double value, int digits) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : "-";
}

std::string percent(double share) {
  return std::isfinite(share) ? fmt::format("{:.0f}%", share * 100) : "-";
}

// "84.2 1.31": GFLOP/s and the ratio to oneDNN, with ~ where the spreads of the two overlap.
std::string cell(const Figure& figure, bool is_onednn) {
  if (figure.timing.outcome == Outcome::wrong) return "WRONG";
  if (!(figure.flops > 0)) return "-";
  std::string speed = number(figure.flops * 1e-9, 1);
  if (is_onednn || !figure.has_ratio()) return speed;
  return fmt::format("{} {}{:.2f}", speed, figure.standing == Standing::alike ? "~" : "", figure.ratio);
}

size_t widest(const std::vector<std::string>& names, size_t least) {
  for (const std::string& name : names) least = std::max(least, name.size());
  return least;
}

std::string layer_rows(const BenchReport& report, const WorkloadNetwork& network, const Figures& run) {
  std::vector<std::string> names;
  for (const NetworkLayer& layer : network.layers) names.push_back(layer.name);
  const size_t width = widest(names, 5);
  const size_t column = widest(run.contenders, 12);
  std::string text = fmt::format("  {:<{}}  {:>3} {:<9}", "layer", width, "n", "kind");
  for (const std::string& contender : run.contenders) text += fmt::format(" {:>{}}", contender, column);
  text += '\n';
  for (const NetworkLayer& layer : network.layers) {
    if (layer.problem >= run.problems.size()) continue;
    text += fmt::format("  {:<{}}  {:>3} {:<9}", layer.name, width, layer.occurrences,
                        name(kind_of(report.workload.problems[layer.problem])));
    for (size_t c = 0; c < run.contenders.size(); ++c) {
      const Figure& figure = run.problems[layer.problem].contenders[c];
      text += fmt::format(" {:>{}}", cell(figure, run.contenders[c] == kOnednn), column);
    }
    text += '\n';
  }
  return text;
}

std::string verbose_rows(const BenchReport& report, const WorkloadNetwork& network, const Figures& run) {
  const size_t width = widest(run.contenders, 9);
  std::string text;
  for (const NetworkLayer& layer : network.layers) {
    if (layer.problem >= run.problems.size()) continue;
    const ProblemFigures& figures = run.problems[layer.problem];
    text += fmt::format("  {}: {}\n    {:<{}} {:>11} {:>7} {:>9} {:>8} {:>10}\n", layer.name,
                        print({.problem = report.workload.problems[layer.problem]}), "contender", width, "median ms",
                        "spread", "GFLOP/s", "of peak", "to oneDNN");
    for (size_t c = 0; c < run.contenders.size(); ++c) {
      const Figure& figure = figures.contenders[c];
      text += fmt::format("    {:<{}} {:>11} {:>7} {:>9} {:>8} {:>10}  {}\n", run.contenders[c], width,
                          number(figure.seconds.median * 1e3, 4), percent(relative_width(figure.seconds)),
                          number(figure.flops * 1e-9, 1), percent(figure.share_of_peak), number(figure.ratio, 2),
                          figure.timing.reason);
    }
  }
  return text;
}

std::string summary_rows(const std::vector<NetworkFigure>& figures, const Figures& run) {
  const size_t width = widest(run.contenders, 9);
  std::string text =
      fmt::format("  {:<{}} {:>9} {:>9} {:>9} {:>8} {:>10} {:>7}  {:<22} {}\n", "contender", width, "layers", "ms",
                  "GFLOP/s", "of peak", "to oneDNN", "lowest", "faster, alike, slower", "lowest on");
  for (size_t c = 0; c < run.contenders.size(); ++c) {
    const NetworkFigure& figure = figures[c];
    const Ratios& ratios = figure.ratios;
    const std::string standings =
        ratios.layers == 0 ? "-" : fmt::format("{}, {}, {}", ratios.faster, ratios.alike, ratios.slower);
    const bool is_onednn = run.contenders[c] == kOnednn;
    text += fmt::format("  {:<{}} {:>9} {:>9} {:>9} {:>8} {:>10} {:>7}  {:<22} {}\n", run.contenders[c], width,
                        fmt::format("{} of {}", figure.layers_timed, figure.layers), number(figure.seconds * 1e3, 2),
                        number(figure.flops * 1e-9, 1), percent(figure.share_of_peak), number(ratios.geometric_mean, 3),
                        number(ratios.lowest, 2), is_onednn ? "" : standings, is_onednn ? "" : ratios.lowest_layer);
  }
  return text;
}

std::string kind_rows(const Figures& run) {
  const size_t width = widest(run.contenders, 9);
  std::string text = fmt::format("geometric mean of ratios to oneDNN by kind of layer, all networks, {}\n  {:<{}}",
                                 counted(run.threads, "thread"), "contender", width);
  for (int kind = 0; kind < kKinds; ++kind) text += fmt::format(" {:>15}", name(static_cast<Kind>(kind)));
  text += '\n';
  for (size_t c = 0; c < run.contenders.size(); ++c) {
    text += fmt::format("  {:<{}}", run.contenders[c], width);
    for (const auto& kind : run.kinds) {
      const Ratios& ratios = kind[c];
      text += fmt::format(" {:>15}",
                          ratios.layers == 0 ? "-" : fmt::format("{:.3f} on {}", ratios.geometric_mean, ratios.layers));
    }
    text += '\n';
  }
  return text + '\n';
}

std::string speed_up_rows(const BenchReport& report, const Figures& run) {
  const Figures& first = report.runs.front();
  const auto table = speed_ups(report.workload, first, run);
  const size_t width = widest(run.contenders, 9);
  std::string text = fmt::format("speed-up by {} over {}, geometric mean over a network's layers\n  {:<22}",
                                 counted(run.threads, "thread"), first.threads, "network");
  for (const std::string& contender : run.contenders) text += fmt::format(" {:>{}}", contender, width);
  text += '\n';
  for (size_t n = 0; n < table.size(); ++n) {
    text += fmt::format("  {:<22}", report.workload.networks[n].name);
    for (const double value : table[n]) text += fmt::format(" {:>{}}", number(value, 2), width);
    text += '\n';
  }
  text += fmt::format("  the peak itself: {} times; where that is far below {:.3g}, other work had the cores\n",
                      number(run.peak / first.peak, 2), static_cast<double>(run.threads) / first.threads);
  return text + '\n';
}

std::string wrong_lines(const BenchReport& report, const Figures& run) {
  std::string text;
  for (size_t i = 0; i < run.problems.size(); ++i) {
    for (size_t c = 0; c < run.contenders.size(); ++c) {
      const Figure& figure = run.problems[i].contenders[c];
      if (figure.timing.outcome != Outcome::wrong || run.contenders[c] == kFastest) continue;
      text += fmt::format("{} is wrong and was not timed on {}: {}\n", run.contenders[c],
                          print({.problem = report.workload.problems[i]}), figure.timing.reason);
    }
  }
  return text;
}

std::string run_text(const BenchReport& report, const Figures& run, bool verbose) {
  std::string text;
  for (size_t n = 0; n < report.workload.networks.size(); ++n) {
    const WorkloadNetwork& network = report.workload.networks[n];
    int layers = 0;
    for (const NetworkLayer& layer : network.layers) layers += layer.occurrences;
    text += fmt::format("{}: {}, {} different; {}, peak {} GFLOP/s\n", network.name, counted(layers, "layer"),
                        network.layers.size(), counted(run.threads, "thread"), number(run.peak * 1e-9, 1));
    text += verbose ? verbose_rows(report, network, run) : layer_rows(report, network, run);
    text += '\n' + summary_rows(run.networks[n], run) + '\n';
  }
  return text + kind_rows(run);
}

}  // namespace

std::string to_table(const BenchReport& report, bool verbose) {
  std::string text;
  for (const Figures& run : report.runs) text += run_text(report, run, verbose);
  for (size_t i = 1; i < report.runs.size(); ++i) text += speed_up_rows(report, report.runs[i]);
  for (const Figures& run : report.runs) text += wrong_lines(report, run);
  const std::string version = report.runs.empty() ? std::string() : report.runs.front().onednn_version;
  text += version.empty()
              ? "no oneDNN: this was built without it, so there are no ratios; install libdnnl-dev and build again\n"
              : fmt::format("ratios are to oneDNN {} on plain NCHW: above 1 is faster; ~ where the spreads overlap\n",
                            version);
  text += fmt::format("medians of {} interleaved rounds of {:.3g} ms for each\n", report.rounds, report.seconds * 1e3);
  return text;
}

}  // namespace convcheck::bench
