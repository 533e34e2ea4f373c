#include <cmath>
#include <nlohmann/json.hpp>

#include "reference/case_text.h"
#include "tools/convcheck/bench/writers.h"

namespace convcheck::bench {
namespace {

using Json = nlohmann::ordered_json;

// JSON has neither NaN nor infinity: what is not there is null.
Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json of(const Ratios& ratios) {
  return {{"geometric_mean", number(ratios.geometric_mean)},
          {"lowest", number(ratios.lowest)},
          {"lowest_layer", ratios.lowest_layer},
          {"highest", number(ratios.highest)},
          {"layers", ratios.layers},
          {"slower", ratios.slower},
          {"alike", ratios.alike},
          {"faster", ratios.faster}};
}

Json of(const std::string& contender, const Figure& figure) {
  Json seconds = Json::array();
  for (const double of_a_run : figure.timing.seconds) seconds.push_back(number(of_a_run));
  return {{"contender", contender},
          {"outcome", name(figure.timing.outcome)},
          {"detail", figure.timing.reason},
          {"median_s", number(figure.seconds.median)},
          {"first_quartile_s", number(figure.seconds.first_quartile)},
          {"third_quartile_s", number(figure.seconds.third_quartile)},
          {"gflops", number(figure.flops * 1e-9)},
          {"share_of_peak", number(figure.share_of_peak)},
          {"ratio_to_onednn", number(figure.ratio)},
          {"rounds_s", seconds}};
}

Json of(const std::string& contender, const NetworkFigure& figure) {
  return {{"contender", contender},
          {"layers", figure.layers},
          {"layers_timed", figure.layers_timed},
          {"seconds", number(figure.seconds)},
          {"gflops", number(figure.flops * 1e-9)},
          {"share_of_peak", number(figure.share_of_peak)},
          {"ratio_to_onednn", of(figure.ratios)}};
}

Json problems_of(const Workload& workload, const Figures& run) {
  Json problems = Json::array();
  for (size_t i = 0; i < run.problems.size(); ++i) {
    Json contenders = Json::array();
    for (size_t c = 0; c < run.contenders.size(); ++c) {
      contenders.push_back(of(run.contenders[c], run.problems[i].contenders[c]));
    }
    problems.push_back({{"problem", print({.problem = workload.problems[i]})},
                        {"kind", name(kind_of(workload.problems[i]))},
                        {"flops", 2 * static_cast<double>(multiply_count(workload.problems[i]))},
                        {"peak_gflops", number(run.problems[i].peak * 1e-9)},
                        {"contenders", contenders}});
  }
  return problems;
}

Json networks_of(const Workload& workload, const Figures& run) {
  Json networks = Json::array();
  for (size_t n = 0; n < workload.networks.size(); ++n) {
    Json layers = Json::array();
    for (const NetworkLayer& layer : workload.networks[n].layers) {
      layers.push_back({{"layer", layer.name}, {"problem", layer.problem}, {"occurrences", layer.occurrences}});
    }
    Json contenders = Json::array();
    for (size_t c = 0; c < run.contenders.size(); ++c) {
      contenders.push_back(of(run.contenders[c], run.networks[n][c]));
    }
    networks.push_back({{"network", workload.networks[n].name}, {"layers", layers}, {"contenders", contenders}});
  }
  return networks;
}

Json kinds_of(const Figures& run) {
  Json kinds = Json::array();
  for (size_t kind = 0; kind < run.kinds.size(); ++kind) {
    for (size_t c = 0; c < run.contenders.size(); ++c) {
      kinds.push_back({{"kind", name(static_cast<Kind>(kind))},
                       {"contender", run.contenders[c]},
                       {"ratio_to_onednn", of(run.kinds[kind][c])}});
    }
  }
  return kinds;
}

Json speed_ups_of(const BenchReport& report) {
  Json all = Json::array();
  for (size_t i = 1; i < report.runs.size(); ++i) {
    const auto table = speed_ups(report.workload, report.runs[0], report.runs[i]);
    for (size_t n = 0; n < table.size(); ++n) {
      for (size_t c = 0; c < table[n].size(); ++c) {
        all.push_back({{"threads", report.runs[i].threads},
                       {"over_threads", report.runs[0].threads},
                       {"network", report.workload.networks[n].name},
                       {"contender", report.runs[0].contenders[c]},
                       {"speed_up", number(table[n][c])}});
      }
    }
  }
  return all;
}

}  // namespace

std::string to_json(const BenchReport& report) {
  Json json = {{"convcheck", CONVCHECK_VERSION},
               {"rounds", report.rounds},
               {"seconds_of_a_share", report.seconds},
               {"runs", Json::array()},
               {"speed_ups", speed_ups_of(report)}};
  for (const Figures& run : report.runs) {
    json["runs"].push_back({{"threads", run.threads},
                            {"onednn", run.onednn_version.empty() ? Json(nullptr) : Json(run.onednn_version)},
                            {"peak_gflops", number(run.peak * 1e-9)},
                            {"problems", problems_of(report.workload, run)},
                            {"networks", networks_of(report.workload, run)},
                            {"kinds", kinds_of(run)}});
  }
  return json.dump(2, ' ', true, Json::error_handler_t::replace) + '\n';
}

}  // namespace convcheck::bench
