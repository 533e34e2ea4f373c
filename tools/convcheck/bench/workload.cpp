#include "tools/convcheck/bench/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reference/rules.h"
#include "reference/spelling.h"

namespace convcheck::bench {
namespace {

bool can_be_timed(const Problem& p) {
  const bool is_plain = p.layout == Layout::nchw && !p.input_strides && !p.weight_strides && !p.output_strides;
  return is_plain && p.spatial_rank() == 2 && p.direction == Direction::forward && p.dtype == DataType::f32 &&
         is_valid(p) && multiply_count(p) > 0;
}

template <class Range, class Value>
bool contains(const Range& range, const Value& value) {
  return std::find(range.begin(), range.end(), value) != range.end();
}

std::string unknown_layer(const std::vector<Network>& networks, const std::vector<std::string>& layers) {
  std::vector<std::string_view> known;
  for (const Network& network : networks) {
    for (const CorpusEntry& layer : network.layers) known.emplace_back(layer.name);
  }
  for (const std::string& layer : layers) {
    if (!contains(known, layer))
      return fmt::format("unknown layer '{}' of the chosen networks; {}", printable(layer), suggestion(layer, known));
  }
  return {};
}

size_t index_of_problem(std::vector<Problem>& problems, const Problem& problem) {
  const auto found = std::find(problems.begin(), problems.end(), problem);
  if (found != problems.end()) return static_cast<size_t>(found - problems.begin());
  problems.push_back(problem);
  return problems.size() - 1;
}

void count_layer(WorkloadNetwork& network, const std::string& name, size_t problem) {
  const auto same = std::find_if(network.layers.begin(), network.layers.end(),
                                 [problem](const NetworkLayer& layer) { return layer.problem == problem; });
  if (same != network.layers.end()) {
    ++same->occurrences;
  } else {
    network.layers.push_back({.name = name, .problem = problem, .occurrences = 1});
  }
}

}  // namespace

std::string_view name(Kind kind) {
  constexpr std::array<std::string_view, kKinds> kNames = {"depthwise", "grouped", "1x1", "3x3", "other"};
  return kNames[static_cast<size_t>(kind)];
}

Kind kind_of(const Problem& problem) {
  const Geometry g = geometry(problem);
  if (g.groups > 1) return g.in_channels_per_group == 1 ? Kind::depthwise : Kind::grouped;
  if (g.height.kernel == 1 && g.width.kernel == 1) return Kind::pointwise;
  const auto is_three = [](const Axis& axis) { return axis.kernel == 3 && axis.stride == 1 && axis.dilation == 1; };
  return is_three(g.height) && is_three(g.width) ? Kind::dense_3x3 : Kind::other;
}

Workload workload_of(const std::vector<Network>& networks, const std::vector<std::string>& layers) {
  Workload workload;
  workload.error = unknown_layer(networks, layers);
  if (!workload.error.empty()) return workload;
  for (const Network& network : networks) {
    WorkloadNetwork chosen = {.name = network.name, .layers = {}};
    for (const CorpusEntry& layer : network.layers) {
      if (!layers.empty() && !contains(layers, layer.name)) continue;
      if (!can_be_timed(layer.the_case.problem)) {
        workload.error = fmt::format("{}: only valid forward f32 layers of two spatial axes in plain NCHW can be timed",
                                     layer.place);
        return workload;
      }
      count_layer(chosen, layer.name, index_of_problem(workload.problems, layer.the_case.problem));
    }
    if (!chosen.layers.empty()) workload.networks.push_back(std::move(chosen));
  }
  return workload;
}

}  // namespace convcheck::bench
