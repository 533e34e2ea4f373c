#include "harness/standing.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "reference/case_text.h"

namespace convcheck {
namespace {

using nlohmann::json;

// Exact, and for infinities too, which JSON does not know.
std::string hex(double value) {
  return fmt::format("{:a}", value);
}

double number(const json& text) {
  return std::strtod(text.get_ref<const std::string&>().c_str(), nullptr);
}

Case case_in(const json& text) {
  const auto parsed = parse_case(text.get_ref<const std::string&>());
  if (!parsed) throw std::runtime_error("no case: " + text.get<std::string>());
  return *parsed;
}

json json_of(const FoundViolation& v) {
  return {{"found", print(v.found)},       {"source", v.source},
          {"index", v.finding.index},      {"expected", v.finding.expected},
          {"got", v.finding.got},          {"explanation", v.finding.explanation},
          {"cases_until", v.cases_until},  {"seconds_until", hex(v.seconds_until)},
          {"smallest", print(v.smallest)}, {"shrunk", v.is_shrunk},
          {"minimal", v.is_minimal},       {"seen_by", v.seen_by},
          {"behaves_as", v.behaves_as}};
}

FoundViolation violation_in(const json& j) {
  FoundViolation v;
  v.found = case_in(j.at("found"));
  v.source = j.at("source");
  v.finding = {
      .index = j.at("index"), .expected = j.at("expected"), .got = j.at("got"), .explanation = j.at("explanation")};
  v.cases_until = j.at("cases_until");
  v.seconds_until = number(j.at("seconds_until"));
  v.smallest = case_in(j.at("smallest"));
  v.is_shrunk = j.at("shrunk");
  v.is_minimal = j.at("minimal");
  v.seen_by = j.at("seen_by");
  v.behaves_as = j.at("behaves_as");
  return v;
}

json json_of(const Standing& law) {
  json j = {{"offered", law.offered},  {"asked", law.asked},   {"cases", law.cases}, {"seconds", hex(law.seconds)},
            {"worst", hex(law.worst)}, {"reason", law.reason}, {"fault", law.fault}};
  if (law.violation) j["violation"] = json_of(*law.violation);
  return j;
}

Standing standing_in(const json& j) {
  Standing law;
  law.offered = j.at("offered");
  law.asked = j.at("asked");
  law.cases = j.at("cases");
  law.seconds = number(j.at("seconds"));
  law.worst = number(j.at("worst"));
  law.reason = j.at("reason");
  law.fault = j.at("fault");
  if (j.contains("violation")) law.violation = violation_in(j.at("violation"));
  return law;
}

// Both found a violation, or one did: the one that came first counts.
void absorb_law(Standing& law, const Standing& later, int64_t cases_before, double seconds_before) {
  law.offered += later.offered;
  law.asked += later.asked;
  law.cases += later.cases;
  law.seconds += later.seconds;
  law.worst = std::max(law.worst, later.worst);
  if (law.reason.empty()) law.reason = later.reason;
  if (law.fault.empty()) law.fault = later.fault;
  if (law.violation || !later.violation) return;
  law.violation = later.violation;
  law.violation->cases_until += cases_before;
  law.violation->seconds_until += seconds_before;
}

json json_of(const std::vector<CaseNumber>& cases) {
  json j = json::array();
  for (const CaseNumber& c : cases) j.push_back({c.phase, c.item, c.sub});
  return j;
}

}  // namespace

bool KernelRecord::is_violated() const {
  return std::any_of(laws.begin(), laws.end(), [](const Standing& law) { return law.violation.has_value(); });
}

void KernelRecord::absorb(const KernelRecord& later) {
  if (laws.empty()) laws.resize(later.laws.size());
  for (size_t i = 0; i < later.laws.size(); ++i) absorb_law(laws.at(i), later.laws[i], cases, seconds);
  cases += later.cases;
  seconds += later.seconds;
  coverage.add(later.coverage);
  covering_done += later.covering_done;
  small_world_done += later.small_world_done;
  random_done += later.random_done;
  huge_done += later.huge_done;
  huge_omissions.insert(huge_omissions.end(), later.huge_omissions.begin(), later.huge_omissions.end());
  if (cut_short.empty()) cut_short = later.cut_short;
  remarks.insert(remarks.end(), later.remarks.begin(), later.remarks.end());
}

std::string to_text(const KernelRecord& record) {
  json j = {{"cases", record.cases},
            {"seconds", hex(record.seconds)},
            {"coverage", record.coverage.counts()},
            {"covered_cases", record.coverage.cases()},
            {"covering_done", record.covering_done},
            {"small_world_done", record.small_world_done},
            {"random_done", record.random_done},
            {"huge_done", record.huge_done},
            {"phase", record.phase},
            {"item", record.item},
            {"budget_spent", hex(record.budget_spent_s)},
            {"lethal", json_of(record.lethal)},
            {"hangs", record.hangs},
            {"cut_short", record.cut_short},
            {"remarks", record.remarks},
            {"done", record.done}};
  json& omissions = j["huge_omissions"] = json::array();
  for (const HugeOmission& one : record.huge_omissions) omissions.push_back({one.kernel, one.source, one.reason});
  json& laws = j["laws"] = json::array();
  for (const Standing& law : record.laws) laws.push_back(json_of(law));
  // Whatever a kernel or a file called itself.
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

KernelRecord record_of(std::string_view text) try {
  const json j = json::parse(text);
  KernelRecord record;
  record.cases = j.at("cases");
  record.seconds = number(j.at("seconds"));
  record.coverage = Coverage(j.at("coverage"), j.at("covered_cases"));
  record.covering_done = j.at("covering_done");
  record.small_world_done = j.at("small_world_done");
  record.random_done = j.at("random_done");
  record.huge_done = j.at("huge_done");
  record.phase = j.at("phase");
  record.item = j.at("item");
  record.budget_spent_s = number(j.at("budget_spent"));
  for (const json& c : j.at("lethal")) record.lethal.push_back({c.at(0), c.at(1), c.at(2)});
  record.hangs = j.at("hangs");
  record.cut_short = j.at("cut_short");
  record.remarks = j.at("remarks");
  record.done = j.at("done");
  for (const json& one : j.at("huge_omissions")) record.huge_omissions.push_back({one.at(0), one.at(1), one.at(2)});
  for (const json& law : j.at("laws")) record.laws.push_back(standing_in(law));
  return record;
} catch (const json::exception& error) {
  throw std::runtime_error(std::string("no record of a kernel: ") + error.what());
}

}  // namespace convcheck
