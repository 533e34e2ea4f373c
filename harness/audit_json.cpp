// The audit as JSON.
#include <nlohmann/json.hpp>

#include "harness/audit.h"

namespace convcheck {
namespace {

using Json = nlohmann::ordered_json;

Json of(const LawReport& law) {
  Json json = {{"law", law.law}, {"verdict", name(law.verdict)}, {"cases", law.cases}, {"seconds", law.seconds}};
  if (law.violation) {
    json["caught"] = {{"cases", law.violation->cases_until_found},
                      {"seconds", law.violation->seconds_until_found},
                      {"case", law.violation->the_case},
                      {"explanation", law.violation->explanation}};
  }
  return json;
}

Json of(const AuditEntry& entry) {
  Json laws = Json::array();
  for (const LawReport& law : entry.report.laws) laws.push_back(of(law));
  Json json = {{"name", entry.report.name},
               {"mutant", entry.suspect.is_mutant},
               {"verdict", name(entry.report.verdict())},
               {"plain_test", name(entry.plain)},
               {"behaves_as", entry.named_theory()}};
  if (entry.suspect.is_mutant) {
    json["bug_class"] = entry.suspect.bug_class;
    json["modelled_on"] = entry.suspect.modelled_on;
    json["killers"] = entry.suspect.killers;
    json["wrong_values"] = entry.suspect.has_wrong_values;
    json["theory"] = entry.suspect.theory;
  }
  json["laws"] = laws;
  return json;
}

}  // namespace

std::string to_json(const Audit& audit) {
  Json kernels = Json::array();
  for (const AuditEntry& entry : audit.entries) kernels.push_back(of(entry));
  Json laws = Json::array();
  for (const LawRecord& record : audit.laws()) {
    laws.push_back({{"law", record.law}, {"caught", record.caught}, {"sole", record.sole}});
  }
  const Json json = {{"convcheck", audit.version},
                     {"passed", audit.passed()},
                     {"seed", audit.seed},
                     {"extent", std::string(audit.extent == Extent::matrix ? "matrix" : "until_caught")},
                     {"seconds", audit.seconds},
                     {"mutants", audit.mutants()},
                     {"sound", audit.sound()},
                     {"survivors", audit.survivors()},
                     {"accused", audit.accused()},
                     {"unjudged", audit.unjudged()},
                     {"idle_laws", audit.idle_laws()},
                     {"named", audit.named()},
                     {"named_wrongly", audit.named_wrongly()},
                     {"unseen_classes", audit.unseen_classes},
                     {"median_cases", audit.median_cases()},
                     {"laws", laws},
                     {"kernels", kernels}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace convcheck
