#include "harness/json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace convcheck {
namespace {

using Json = nlohmann::ordered_json;

// JSON has no infinity: a ratio beyond every number is written as the largest one.
double finite(double value) {
  return std::isfinite(value) ? value : 1.7976931348623157e308;
}

Json of(const Violation& violation) {
  Json json = {{"case", violation.the_case},        {"shrunk_from", violation.shrunk_from},
               {"expected", violation.expected},    {"got", violation.got},
               {"index", violation.index},          {"explanation", full_explanation(violation)},
               {"replay", violation.replay},        {"source", violation.source},
               {"is_minimal", violation.is_minimal}};
  if (!violation.behaves_as.empty()) json["behaves_as"] = violation.behaves_as;
  return json;
}

Json of(const LawReport& law) {
  Json json = {{"law", law.law}, {"verdict", name(law.verdict)}, {"cases", law.cases}, {"seconds", law.seconds}};
  json["worst_error_over_bound"] =
      law.worst_error_over_bound ? Json(finite(*law.worst_error_over_bound)) : Json(nullptr);
  if (!law.reason.empty()) json["reason"] = law.reason;
  json["violation"] = law.violation ? of(*law.violation) : Json(nullptr);
  return json;
}

Json of(const KernelReport& kernel) {
  Json laws = Json::array();
  for (const LawReport& law : kernel.laws) laws.push_back(of(law));
  Json json = {{"name", kernel.name},
               {"library", kernel.library},
               {"algorithm", kernel.algorithm},
               {"verdict", name(kernel.verdict())},
               {"covering_done", kernel.covering_done},
               {"small_world_done", kernel.small_world_done},
               {"random_cases", kernel.random_cases},
               {"huge_cases", kernel.huge_cases},
               {"laws", laws}};
  if (!kernel.cut_short.empty()) json["cut_short"] = kernel.cut_short;
  if (!kernel.remarks.empty()) json["remarks"] = kernel.remarks;
  return json;
}

Json coverage_of(const Report& report) {
  Json classes = Json::object();
  const auto all = case_classes();
  for (size_t i = 0; i < all.size(); ++i) {
    classes[std::string(all[i].parameter)][std::string(all[i].value)] = report.coverage.counts()[i];
  }
  Json never_seen = Json::array();
  for (const CaseClass& one : report.coverage.never_seen()) {
    never_seen.push_back({{"parameter", one.parameter}, {"class", one.value}});
  }
  Json networks = Json::object();
  for (const NetworkReport& network : report.networks) networks[network.name] = network.layers;
  Json omissions = Json::array();
  for (const HugeOmission& one : report.huge_omissions) {
    omissions.push_back({{"kernel", one.kernel}, {"source", one.source}, {"reason", one.reason}});
  }
  return {{"cases", report.coverage.cases()},
          {"covering_size", report.covering_size},
          {"covering_triples", report.covering_triples},
          {"small_world_size", report.small_world_size},
          {"corpus_entries", report.corpus_entries},
          {"networks", networks},
          {"network_problems", report.network_problems},
          {"huge_cases", report.huge_cases},
          {"huge_omissions", omissions},
          {"classes", classes},
          {"never_seen", never_seen}};
}

}  // namespace

std::string to_json(const Report& report) {
  Json kernels = Json::array();
  for (const KernelReport& kernel : report.kernels) kernels.push_back(of(kernel));
  const Json json = {
      {"convcheck", report.version},           {"verdict", name(report.verdict())}, {"seed", report.seed},
      {"shard", {{"index", 0}, {"count", 1}}}, {"seconds", report.seconds},         {"kernels", kernels},
      {"coverage", coverage_of(report)}};
  // A kernel's name may hold any bytes: what is not UTF-8 is replaced, since the report must be valid whatever was
  // judged.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace convcheck
