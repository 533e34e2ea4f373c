#include "tools/convcheck/bench/figures.h"

#include <algorithm>
#include <limits>

namespace convcheck::bench {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double flops_of(const Problem& problem) {
  return 2 * static_cast<double>(multiply_count(problem));
}

bool is_onednn(const std::string& contender) {
  return contender == kOnednn || contender == kOnednnBlocked;
}

Figure figure_of(const Problem& problem, const Timing& timing, double peak, const Spread* onednn) {
  const Spread seconds = spread_of(timing.seconds);
  Figure figure = {.timing = timing, .seconds = seconds, .flops = flops_of(problem) / seconds.median};
  figure.share_of_peak = figure.flops / peak;
  figure.ratio = onednn == nullptr ? kNan : onednn->median / seconds.median;
  if (onednn != nullptr) figure.standing = standing(seconds, *onednn);
  return figure;
}

// The kernel with the least median, or what the first kernel came to where none was timed.
Figure fastest(const std::vector<std::string>& contenders, const std::vector<Figure>& figures) {
  const Figure* best = nullptr;
  for (size_t i = 0; i < figures.size(); ++i) {
    if (is_onednn(contenders[i])) continue;
    if (best == nullptr || (figures[i].seconds.median > 0 && !(best->seconds.median <= figures[i].seconds.median))) {
      best = &figures[i];
    }
  }
  return *best;
}

ProblemFigures figures_of(const Problem& problem, const ProblemTimings& measured,
                          const std::vector<std::string>& contenders) {
  ProblemFigures result = {.peak = spread_of(measured.peak_flops).median, .contenders = {}};
  Spread onednn{};
  const bool has_onednn = contenders.front() == kOnednn && measured.timings.front().is_timed();
  if (has_onednn) onednn = spread_of(measured.timings.front().seconds);
  for (const Timing& timing : measured.timings) {
    result.contenders.push_back(figure_of(problem, timing, result.peak, has_onednn ? &onednn : nullptr));
  }
  return result;
}

// Gathers ratios, then makes their mean.
class RatioSum {
 public:
  void add(const std::string& layer, const Figure& figure, int occurrences) {
    if (!figure.has_ratio()) return;
    values_.insert(values_.end(), static_cast<size_t>(occurrences), figure.ratio);
    if (ratios_.layers == 0 || figure.ratio < ratios_.lowest) {
      ratios_.lowest = figure.ratio;
      ratios_.lowest_layer = layer;
    }
    ratios_.highest = std::max(ratios_.highest, figure.ratio);
    ratios_.layers += occurrences;
    (figure.standing == Standing::slower   ? ratios_.slower
     : figure.standing == Standing::faster ? ratios_.faster
                                           : ratios_.alike) += occurrences;
  }

  [[nodiscard]] Ratios result() const {
    Ratios result = ratios_;
    result.geometric_mean = geometric_mean(values_);
    if (values_.empty()) result.lowest = result.highest = kNan;
    return result;
  }

 private:
  Ratios ratios_;
  std::vector<double> values_;
};

NetworkFigure network_figure(const Workload& workload, const WorkloadNetwork& network, const Figures& figures,
                             size_t contender) {
  NetworkFigure result;
  RatioSum ratios;
  double work = 0;
  double at_peak = 0;  // what the peak would have done in the same time
  for (const NetworkLayer& layer : network.layers) {
    result.layers += layer.occurrences;
    if (layer.problem >= figures.problems.size()) continue;
    const ProblemFigures& problem = figures.problems[layer.problem];
    const Figure& figure = problem.contenders[contender];
    if (!(figure.seconds.median > 0)) continue;
    const double seconds = figure.seconds.median * layer.occurrences;
    result.layers_timed += layer.occurrences;
    result.seconds += seconds;
    work += flops_of(workload.problems[layer.problem]) * layer.occurrences;
    at_peak += problem.peak * seconds;
    ratios.add(layer.name, figure, layer.occurrences);
  }
  result.flops = work / result.seconds;
  result.share_of_peak = work / at_peak;
  result.ratios = ratios.result();
  return result;
}

Ratios kind_ratios(const Workload& workload, const Figures& figures, Kind kind, size_t contender) {
  RatioSum ratios;
  for (const WorkloadNetwork& network : workload.networks) {
    for (const NetworkLayer& layer : network.layers) {
      const bool is_meant =
          layer.problem < figures.problems.size() && kind_of(workload.problems[layer.problem]) == kind;
      if (!is_meant) continue;
      ratios.add(network.name + ' ' + layer.name, figures.problems[layer.problem].contenders[contender],
                 layer.occurrences);
    }
  }
  return ratios.result();
}

double speed_up(const WorkloadNetwork& network, const Figures& from, const Figures& to, size_t contender) {
  std::vector<double> ratios;
  for (const NetworkLayer& layer : network.layers) {
    if (layer.problem >= std::min(from.problems.size(), to.problems.size())) continue;
    const double ratio = from.problems[layer.problem].contenders[contender].seconds.median /
                         to.problems[layer.problem].contenders[contender].seconds.median;
    if (ratio > 0) ratios.insert(ratios.end(), static_cast<size_t>(layer.occurrences), ratio);
  }
  return geometric_mean(ratios);
}

}  // namespace

Figures figures_of(const Workload& workload, const Measurement& measurement) {
  Figures figures = {.threads = measurement.threads,
                     .onednn_version = measurement.onednn_version,
                     .error = measurement.error,
                     .contenders = measurement.contenders,
                     .problems = {},
                     .networks = {},
                     .kinds = {}};
  const auto kernels = std::count_if(figures.contenders.begin(), figures.contenders.end(),
                                     [](const std::string& contender) { return !is_onednn(contender); });
  std::vector<double> peaks;
  for (size_t i = 0; i < measurement.problems.size(); ++i) {
    figures.problems.push_back(figures_of(workload.problems[i], measurement.problems[i], measurement.contenders));
    ProblemFigures& problem = figures.problems.back();
    if (kernels > 1) problem.contenders.push_back(fastest(measurement.contenders, problem.contenders));
    peaks.push_back(problem.peak);
  }
  if (kernels > 1) figures.contenders.emplace_back(kFastest);
  figures.peak = spread_of(peaks).median;
  for (size_t contender = 0; contender < figures.contenders.size(); ++contender) {
    for (int kind = 0; kind < kKinds; ++kind) {
      figures.kinds[static_cast<size_t>(kind)].push_back(
          kind_ratios(workload, figures, static_cast<Kind>(kind), contender));
    }
  }
  for (const WorkloadNetwork& network : workload.networks) {
    std::vector<NetworkFigure>& row = figures.networks.emplace_back();
    for (size_t contender = 0; contender < figures.contenders.size(); ++contender) {
      row.push_back(network_figure(workload, network, figures, contender));
    }
  }
  return figures;
}

std::vector<std::vector<double>> speed_ups(const Workload& workload, const Figures& from, const Figures& to) {
  std::vector<std::vector<double>> result;
  for (const WorkloadNetwork& network : workload.networks) {
    std::vector<double>& row = result.emplace_back();
    for (size_t contender = 0; contender < std::min(from.contenders.size(), to.contenders.size()); ++contender) {
      row.push_back(speed_up(network, from, to, contender));
    }
  }
  return result;
}

}  // namespace convcheck::bench
