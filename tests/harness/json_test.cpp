#include "harness/json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/harness/reports.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

using Json = nlohmann::json;

std::set<std::string> keys(const Json& json) {
  std::set<std::string> all;
  for (const auto& item : json.items()) all.insert(item.key());
  return all;
}

bool has_all(const Json& json, const std::set<std::string>& wanted) {
  const std::set<std::string> found = keys(json);
  return std::includes(found.begin(), found.end(), wanted.begin(), wanted.end());
}

TEST(Json, HasEveryKeyThatIsDocumented) {
  const Json json = Json::parse(to_json(report_on({"one", "two"})));
  EXPECT_TRUE(has_all(json, {"convcheck", "verdict", "seed", "shard", "seconds", "kernels", "coverage"})) << json;
  ASSERT_EQ(json["kernels"].size(), 2U);
  for (const Json& kernel : json["kernels"]) {
    EXPECT_TRUE(has_all(kernel, {"name", "library", "algorithm", "laws"})) << kernel;
    ASSERT_EQ(kernel["laws"].size(), laws().size());
    for (const Json& law : kernel["laws"]) {
      EXPECT_TRUE(has_all(law, {"law", "verdict", "cases", "seconds", "worst_error_over_bound", "violation"})) << law;
    }
  }
  const Json& violation = json["kernels"][1]["laws"][0]["violation"];
  EXPECT_TRUE(has_all(violation, {"case", "shrunk_from", "expected", "got", "index", "explanation", "replay"}));
}

TEST(Json, SaysHowAKernelBehavesWhereThatIsKnown) {
  Report report = report_on({"one"});
  const auto violation = [&] { return Json::parse(to_json(report))["kernels"][0]["laws"][0]["violation"]; };
  const std::string plain = violation()["explanation"];
  EXPECT_FALSE(violation().contains("behaves_as"));
  report.kernels[0].laws[0].violation->behaves_as = "bias_ignored";
  EXPECT_EQ(violation()["behaves_as"], "bias_ignored");
  EXPECT_EQ(violation()["explanation"], plain + " It behaves as if there were no bias.");
}

TEST(Json, HasRemarksWhereThereAreAny) {
  Report report = report_on({"one"});
  EXPECT_FALSE(Json::parse(to_json(report)).at("kernels")[0].contains("remarks"));
  report.kernels[0].remarks = {"a thread goes on"};
  EXPECT_EQ(Json::parse(to_json(report)).at("kernels")[0].at("remarks")[0], "a thread goes on");
}

TEST(Json, SaysWhatTheReportSays) {
  const Report report = report_on({"one", "two"});
  const Json json = Json::parse(to_json(report));
  EXPECT_EQ(json["convcheck"], "1.2.3");
  EXPECT_EQ(json["verdict"], "violated");
  EXPECT_EQ(json["seed"], 7);
  EXPECT_EQ(json["seconds"], 1.5);
  EXPECT_EQ(json["coverage"]["small_world_size"], 519'168);
  EXPECT_EQ(json["coverage"]["networks"]["resnet50"], 53);
  EXPECT_EQ(json["kernels"][0]["name"], "one");
  EXPECT_EQ(json["kernels"][0]["verdict"], "holds");
  EXPECT_EQ(json["kernels"][0]["laws"][0]["cases"], 1'234'567);
  EXPECT_TRUE(json["kernels"][0]["laws"][0]["violation"].is_null());
  const Json& laws_of_last = json["kernels"][1]["laws"];
  EXPECT_EQ(laws_of_last[0]["verdict"], "violated");
  EXPECT_EQ(laws_of_last[0]["violation"]["case"], "input=1x2x1x1 weight=2x1x1x1 groups=2");
  EXPECT_EQ(laws_of_last[0]["violation"]["got"], "nan");
  EXPECT_EQ(laws_of_last[1]["verdict"], "not_claimed");
  EXPECT_EQ(laws_of_last[1]["reason"], "no error bound is derived");
  EXPECT_EQ(laws_of_last[2]["verdict"], "harness_fault");
  EXPECT_TRUE(laws_of_last[0]["worst_error_over_bound"].is_null());
  const auto value =
      std::find_if(laws().begin(), laws().end(), [](const Law& law) { return law.topic == Topic::value; });
  EXPECT_EQ(laws_of_last[static_cast<size_t>(value - laws().begin())]["worst_error_over_bound"], 0.25);
}

TEST(Json, CountsEveryClass) {
  Report report = report_on({"one"});
  const Json json = Json::parse(to_json(report));
  size_t classes = 0;
  for (const Json& values : json["coverage"]["classes"]) classes += values.size();
  EXPECT_EQ(classes, kCaseClassCount);
}

TEST(Json, ListsTheClassesThatWereNeverSeen) {
  Report report = report_on({"one"});
  EXPECT_EQ(Json::parse(to_json(report))["coverage"]["never_seen"].size(), kCaseClassCount);
  report.coverage.add(problem_of("input=0x4x8x8 weight=4x4x3x3 bias=4"));
  const Json json = Json::parse(to_json(report))["coverage"];
  size_t zeros = 0;
  for (const Json& values : json["classes"]) zeros += static_cast<size_t>(std::count(values.begin(), values.end(), 0));
  EXPECT_GT(zeros, 0U);
  EXPECT_EQ(json["never_seen"].size(), zeros);
  const auto has = [&](const Json& one) {
    return std::count(json["never_seen"].begin(), json["never_seen"].end(), one) == 1;
  };
  EXPECT_TRUE(has({{"parameter", "bias"}, {"class", "absent"}}));
  EXPECT_FALSE(has({{"parameter", "bias"}, {"class", "present"}}));
}

TEST(Json, IsValidWhateverBytesAKernelIsNamedBy) {
  const Json json = Json::parse(to_json(report_on({"\xFF\xFE kernel\n\"quoted\"\x01", "two"})));
  const auto name_of_kernel = json["kernels"][0]["name"].get<std::string>();
  EXPECT_NE(name_of_kernel.find(" kernel\n\"quoted\"\x01"), std::string::npos) << name_of_kernel;
}

TEST(Json, WritesARatioThatIsNoNumberAsTheLargestOne) {
  for (const double ratio : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    Report report = report_on({"one"});
    report.kernels[0].laws[3].worst_error_over_bound = ratio;
    const Json json = Json::parse(to_json(report));
    EXPECT_EQ(json["kernels"][0]["laws"][3]["worst_error_over_bound"], std::numeric_limits<double>::max());
  }
}

TEST(Json, KeepsSeedsBeyond63Bits) {
  Report report = report_on({"one"});
  report.seed = ~uint64_t{0};
  EXPECT_EQ(Json::parse(to_json(report))["seed"].get<uint64_t>(), ~uint64_t{0});
}

TEST(Json, OfAReportWithoutKernelsIsAFault) {
  const Json json = Json::parse(to_json(Report{}));
  EXPECT_EQ(json["verdict"], "harness_fault");
  EXPECT_TRUE(json["kernels"].empty());
  EXPECT_TRUE(json["kernels"].is_array());
}

}  // namespace
}  // namespace convcheck
