// The check of the report is itself checked: on a report made by hand from the table it has nothing to say, and on each
// way of being wrong it has.
#include "tests/torture/report_check.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/torture/expected.h"

namespace convcheck::torture {
namespace {

using nlohmann::json;

json law(std::string_view name, std::string_view verdict, std::string_view words = {}) {
  json result = {{"law", name}, {"verdict", verdict}, {"violation", nullptr}};
  if (verdict != "violated") return result;
  result["violation"] = {{"expected", "nothing"}, {"got", "something"}, {"explanation", std::string(words) + '.'}};
  return result;
}

json kernel(std::string_view name, const std::string& library, std::string_view verdict) {
  return {{"name", name}, {"library", "/some/where/" + library}, {"verdict", verdict}, {"laws", json::array()}};
}

// Words that are asked for twice of one kernel and law stand there once.
json right_report() {
  json report = {{"verdict", "violated"}, {"kernels", json::array()}};
  std::set<std::string_view> names;
  for (const Expected& row : kExpected) {
    if (!names.insert(row.kernel).second) continue;
    json one = kernel(row.kernel, "torture_kernels.so", "violated");
    for (const Expected& other : kExpected) {
      if (other.kernel == row.kernel) one["laws"].push_back(law(other.law, "violated", other.words));
    }
    one["laws"].push_back(law("bias_adds", "holds"));
    report["kernels"].push_back(one);
  }
  for (const std::string_view name : kSound) {
    json one = kernel(name, "torture_kernels.so", "holds");
    for (const char* held : {"matches_reference_exactly", "returns_from_every_call", "reads_only_its_tensors"}) {
      one["laws"].push_back(law(held, "holds"));
    }
    report["kernels"].push_back(one);
  }
  for (const ExpectedLoading& row : kExpectedLoading) {
    const std::string file = "torture_loading_" + std::string(row.library);
    json one = kernel(file, file + ".so", "violated");
    one["laws"].push_back(law("loads_quietly", "violated", row.words));
    report["kernels"].push_back(one);
  }
  return report;
}

json& named(json& report, std::string_view name) {
  for (json& one : report["kernels"]) {
    if (one["name"] == name) return one;
  }
  ADD_FAILURE() << name << " is not there";
  return report["kernels"][0];
}

// The one complaint about a report, or all of them.
std::string complaint(const json& report) {
  std::string all;
  for (const std::string& one : complaints_about(report)) all += one + '\n';
  return all;
}

TEST(TortureReport, IsRightAsTheTableHasIt) {
  EXPECT_EQ(complaint(right_report()), "");
}

TEST(TortureReport, TablesNameEnoughKernelsAndEachPairOnce) {
  std::set<std::string_view> names;
  std::set<std::pair<std::string_view, std::string_view>> pairs;
  for (const Expected& row : kExpected) {
    names.insert(row.kernel);
    EXPECT_TRUE(pairs.insert({row.kernel, row.law}).second) << row.kernel << ' ' << row.law;
  }
  EXPECT_GE(names.size() + kExpectedLoading.size(), 36U);
  for (const std::string_view name : kSound) EXPECT_FALSE(names.contains(name)) << name;
  for (const std::string_view name : kAlone) EXPECT_TRUE(names.contains(name)) << name;
}

TEST(TortureReport, IsNoneWhereThereIsNone) {
  EXPECT_NE(complaint(json()), "");
  EXPECT_NE(complaint(json::array()), "");
  EXPECT_NE(complaint(json::parse("{", nullptr, false)), "");
}

TEST(TortureReport, MissesEachKernelThatIsNotThereOrThereTwice) {
  const json right = right_report();
  for (size_t i = 0; i < right["kernels"].size(); ++i) {
    json fewer = right;
    fewer["kernels"].erase(i);
    EXPECT_NE(complaint(fewer), "") << right["kernels"][i]["name"];
    json more = right;
    more["kernels"].push_back(right["kernels"][i]);
    EXPECT_NE(complaint(more), "") << right["kernels"][i]["name"];
  }
}

TEST(TortureReport, MissesEachViolationAndItsWords) {
  json report = right_report();
  for (json& one : report["kernels"]) {
    for (json& entry : one["laws"]) {
      if (entry["verdict"] != "violated") continue;
      const json kept = entry;
      entry = law(kept["law"].get<std::string>(), "holds");
      EXPECT_NE(complaint(report), "") << one["name"] << ' ' << kept["law"];
      entry = kept;
      if (kept["violation"]["explanation"] == ".") continue;  // no words are asked for
      entry["violation"]["explanation"] = "Something else.";
      EXPECT_NE(complaint(report), "") << one["name"] << ' ' << kept["law"];
      entry = kept;
    }
  }
  EXPECT_EQ(complaint(report), "");
}

TEST(TortureReport, IsWrongWhereASoundKernelIsAccusedOrNotJudged) {
  for (const std::string_view name : kSound) {
    json accused = right_report();
    named(accused, name)["laws"].push_back(law("bias_adds", "violated", "wrong"));
    EXPECT_NE(complaint(accused).find("bias_adds"), std::string::npos) << name;
    json unjudged = right_report();
    named(unjudged, name)["laws"][0]["verdict"] = "not_applicable";
    EXPECT_NE(complaint(unjudged), "") << name;
    json condemned = right_report();
    named(condemned, name)["verdict"] = "violated";
    EXPECT_NE(complaint(condemned), "") << name;
  }
}

TEST(TortureReport, IsWrongWhereAKernelIsAccusedOfMoreThanItDid) {
  for (const std::string_view name : kAlone) {
    json report = right_report();
    named(report, name)["laws"].push_back(law("matches_reference_exactly", "violated", "wrong"));
    EXPECT_NE(complaint(report).find("as well"), std::string::npos) << name;
  }
}

TEST(TortureReport, IsWrongWhereTheHarnessFails) {
  json report = right_report();
  named(report, "aborts")["laws"].push_back(law("bias_adds", "harness_fault"));
  EXPECT_NE(complaint(report).find("fault of the harness"), std::string::npos);
  report = right_report();
  named(report, "aborts")["verdict"] = "harness_fault";
  EXPECT_NE(complaint(report), "");
  report = right_report();
  report["verdict"] = "harness_fault";
  EXPECT_NE(complaint(report), "");
}

TEST(TortureReport, IsWrongWhereAKernelIsInNoTable) {
  json report = right_report();
  report["kernels"].push_back(kernel("unheard_of", "torture_kernels.so", "holds"));
  EXPECT_NE(complaint(report).find("in no table"), std::string::npos);
}

}  // namespace
}  // namespace convcheck::torture
