#include "tests/torture/report_check.h"

#include <algorithm>
#include <set>

#include "tests/torture/expected.h"

namespace convcheck::torture {
namespace {

using nlohmann::json;
using Complaints = std::vector<std::string>;

constexpr std::string_view kKernels = "torture_kernels.so";

std::string file_of(const json& kernel) {
  const std::string path = kernel.at("library");
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

// The kernels of one library, all of them or those of one name.
std::vector<json> kernels_of(const json& report, std::string_view file, std::string_view name = {}) {
  std::vector<json> found;
  for (const json& kernel : report.at("kernels")) {
    if (file_of(kernel) == file && (name.empty() || kernel.at("name") == name)) found.push_back(kernel);
  }
  return found;
}

json law_of(const json& kernel, std::string_view law) {
  for (const json& one : kernel.at("laws")) {
    if (one.at("law") == law) return one;
  }
  return nullptr;
}

// Everything that a violation says in words.
std::string words_of(const json& law) {
  const json& violation = law.at("violation");
  std::string text;
  for (const char* part : {"expected", "got", "explanation"}) text += violation.at(part).get<std::string>() + '\n';
  return text;
}

void judge_violation(const json& kernel, std::string_view law, std::string_view words, Complaints& complaints) {
  const std::string who = file_of(kernel) + ": " + kernel.at("name").get<std::string>() + ' ' + std::string(law);
  const json found = law_of(kernel, law);
  if (found.is_null()) return complaints.push_back(who + ": the report does not speak of it");
  if (found.at("verdict") != "violated")
    return complaints.push_back(who + ": is " + found.at("verdict").get<std::string>() + ", not violated");
  const std::string text = words_of(found);
  if (text.find(words) == std::string::npos)
    complaints.push_back(who + ": does not say '" + std::string(words) + "': " + text);
}

void judge_expected(const json& report, Complaints& complaints) {
  for (const Expected& row : kExpected) {
    const std::vector<json> found = kernels_of(report, kKernels, row.kernel);
    if (found.size() != 1) {
      complaints.push_back(std::string(row.kernel) + ": is there " + std::to_string(found.size()) + " times");
      continue;
    }
    judge_violation(found[0], row.law, row.words, complaints);
    if (found[0].at("verdict") != "violated") complaints.push_back(std::string(row.kernel) + ": is not condemned");
  }
}

void judge_sound(const json& report, Complaints& complaints) {
  for (const std::string_view name : kSound) {
    const std::vector<json> found = kernels_of(report, kKernels, name);
    if (found.size() != 1) {
      complaints.push_back(std::string(name) + ": is there " + std::to_string(found.size()) + " times");
      continue;
    }
    if (found[0].at("verdict") != "holds") complaints.push_back(std::string(name) + ": is not acquitted");
    for (const json& law : found[0].at("laws")) {
      if (law.at("verdict") == "violated")
        complaints.push_back(std::string(name) + ": is accused by " + law.at("law").get<std::string>() + ": " +
                             words_of(law));
    }
    for (const char* law : {"matches_reference_exactly", "returns_from_every_call", "reads_only_its_tensors"}) {
      const json entry = law_of(found[0], law);
      if (entry.is_null() || entry.at("verdict") != "holds")
        complaints.push_back(std::string(name) + ": does not hold " + law);
    }
  }
}

void judge_alone(const json& report, Complaints& complaints) {
  for (const std::string_view name : kAlone) {
    for (const json& kernel : kernels_of(report, kKernels, name)) {
      for (const json& law : kernel.at("laws")) {
        const std::string law_name = law.at("law");
        const bool is_expected = std::any_of(kExpected.begin(), kExpected.end(), [&](const Expected& row) {
          return row.kernel == name && row.law == law_name;
        });
        if (law.at("verdict") == "violated" && !is_expected)
          complaints.push_back(std::string(name) + ": is accused by " + law_name + " as well: " + words_of(law));
      }
    }
  }
}

void judge_loading(const json& report, Complaints& complaints) {
  for (const ExpectedLoading& row : kExpectedLoading) {
    const std::string file = "torture_loading_" + std::string(row.library) + ".so";
    const std::vector<json> found = kernels_of(report, file);
    if (found.size() != 1) {
      complaints.push_back(file + ": has " + std::to_string(found.size()) + " kernels in the report");
      continue;
    }
    judge_violation(found[0], "loads_quietly", row.words, complaints);
  }
}

// Nobody is there who is in no table, and nothing is the harness's own fault.
void judge_all(const json& report, Complaints& complaints) {
  std::set<std::string_view> known(kSound.begin(), kSound.end());
  for (const Expected& row : kExpected) known.insert(row.kernel);
  for (const json& kernel : report.at("kernels")) {
    const std::string name = kernel.at("name");
    if (file_of(kernel) == kKernels && !known.contains(name)) complaints.push_back(name + ": is in no table");
    if (kernel.at("verdict") == "harness_fault") complaints.push_back(name + ": was not judged");
    for (const json& law : kernel.at("laws")) {
      if (law.at("verdict") != "harness_fault") continue;
      complaints.push_back(name + ' ' + law.at("law").get<std::string>() +
                           ": is a fault of the harness: " + law.value("reason", ""));
    }
  }
  if (report.at("verdict") != "violated") complaints.emplace_back("the report as a whole is not a condemnation");
}

}  // namespace

std::vector<std::string> complaints_about(const json& report) {
  Complaints complaints;
  if (!report.is_object() || !report.contains("kernels")) return {"there is no report"};
  judge_expected(report, complaints);
  judge_sound(report, complaints);
  judge_alone(report, complaints);
  judge_loading(report, complaints);
  judge_all(report, complaints);
  return complaints;
}

}  // namespace convcheck::torture
