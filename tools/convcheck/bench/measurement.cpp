#include "tools/convcheck/bench/measurement.h"

#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace convcheck::bench {
namespace {

using Json = nlohmann::json;

// JSON has no NaN.
Json numbers(const std::vector<double>& values) {
  Json json = Json::array();
  for (const double value : values) json.push_back(std::isnan(value) ? Json(nullptr) : Json(value));
  return json;
}

std::vector<double> numbers(const Json& json) {
  std::vector<double> values;
  for (const Json& value : json) {
    values.push_back(value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>());
  }
  return values;
}

}  // namespace

std::string_view name(Outcome outcome) {
  constexpr std::array<std::string_view, 3> kNames = {"timed", "not_served", "wrong"};
  return kNames[static_cast<size_t>(outcome)];
}

std::string to_line(const ProblemTimings& timings) {
  Json json = {{"peak", numbers(timings.peak_flops)}, {"timings", Json::array()}};
  for (const Timing& timing : timings.timings) {
    json["timings"].push_back({{"outcome", static_cast<int>(timing.outcome)},
                               {"reason", timing.reason},
                               {"seconds", numbers(timing.seconds)}});
  }
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

ProblemTimings from_line(const std::string& line) {
  const Json json = Json::parse(line);
  ProblemTimings timings;
  timings.peak_flops = numbers(json.at("peak"));
  for (const Json& timing : json.at("timings")) {
    timings.timings.push_back({.outcome = static_cast<Outcome>(timing.at("outcome").get<int>()),
                               .reason = timing.at("reason"),
                               .seconds = numbers(timing.at("seconds"))});
  }
  return timings;
}

}  // namespace convcheck::bench
