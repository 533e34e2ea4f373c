// The files that a run writes: JSON by its schema, and JUnit that says the same.
#include <gtest/gtest.h>
#include <tinyxml2.h>

#include <algorithm>
#include <fstream>

#include "properties/law.h"
#include "tests/tools/program.h"

namespace convcheck::tools {
namespace {

// By a validator that is not ours.
Ended validate(const std::string& report) {
  return shell(std::string(CONVCHECK_PYTHON) + " -W ignore -m jsonschema -i '" + report + "' '" +
               CONVCHECK_REPORT_SCHEMA + "'");
}

// One run with all there is in a report: kernels that are right, a wrong one, laws not claimed, a network.
struct Files {
  TemporaryFolder folder;
  std::string json = folder.file("report.json");
  std::string junit = folder.file("report.xml");
  Ended ended;

  explicit Files(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "run");
    arguments.insert(arguments.end(), {"--json", json, "--junit", junit, "--budget", "50ms"});
    ended = convcheck(std::move(arguments));
  }
};

std::vector<std::vector<std::string>> runs() {
  return {
      {"--kernel", "direct", "--kernel", "winograd2x2", "--networks", "all"},
      {kRightKernel, kFaultyKernel},
      {kRightKernel, "--law", "rejects_invalid"},
  };
}

constexpr int kStatuses[] = {0, 1, 3};

TEST(Json, FollowsItsSchema) {
  for (size_t i = 0; i < runs().size(); ++i) {
    const Files files(runs()[i]);
    EXPECT_EQ(files.ended.status, kStatuses[i]) << files.ended.err;
    const Ended validated = validate(files.json);
    EXPECT_EQ(validated.status, 0) << validated.out << validated.err << read_file(files.json);
  }
}

// A schema that lets anything through would pass the test above.
TEST(Json, IsRefusedByItsSchemaWhenItIsWrong) {
  const Files files({kFaultyKernel});
  const auto report = nlohmann::json::parse(read_file(files.json));
  const auto violated = std::find_if(laws().begin(), laws().end(),
                                     [](const Law& law) { return law.name == "matches_reference_exactly"; });
  const std::string violation = "/kernels/0/laws/" + std::to_string(violated - laws().begin()) + "/violation";
  const std::vector<std::string> patches = {
      R"([{"op": "remove", "path": "/seed"}])",
      R"([{"op": "add", "path": "/verdict", "value": "fine"}])",
      R"([{"op": "add", "path": "/extra", "value": 1}])",
      R"([{"op": "remove", "path": "/kernels/0/name"}])",
      R"([{"op": "add", "path": "/kernels/0/laws/0/cases", "value": 0}])",
      R"([{"op": "add", "path": ")" + violation + R"(", "value": null}])",
      R"([{"op": "remove", "path": ")" + violation + R"(/replay"}])",
      R"([{"op": "add", "path": ")" + violation + R"(/case", "value": "somewhere"}])",
      R"([{"op": "remove", "path": "/kernels/0/laws/)" + std::to_string(laws().size() - 1) + R"(/reason"}])",
      R"([{"op": "remove", "path": "/coverage/classes"}])",
  };
  for (const std::string& patch : patches) {
    const std::string wrong = files.folder.file("wrong.json");
    std::ofstream(wrong) << report.patch(nlohmann::json::parse(patch));
    EXPECT_EQ(validate(wrong).status, 1) << patch;
  }
}

struct Counts {
  int tests = 0, failures = 0, skipped = 0;

  bool operator==(const Counts&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Counts& counts) {
  return out << counts.tests << " tests, " << counts.failures << " failures, " << counts.skipped << " skipped";
}

// What a kernel's laws come to as tests.
Counts counts_of(const nlohmann::json& kernel) {
  Counts counts;
  for (const auto& law : kernel.at("laws")) {
    const std::string verdict = law.at("verdict");
    ++counts.tests;
    if (verdict == "violated" || verdict == "harness_fault") ++counts.failures;
    if (verdict == "not_claimed" || verdict == "not_applicable") ++counts.skipped;
  }
  return counts;
}

// The same, counted by hand in a JUnit suite, and what the suite says of itself.
Counts counted(const tinyxml2::XMLElement& suite) {
  Counts counts;
  for (const auto* test = suite.FirstChildElement("testcase"); test != nullptr;
       test = test->NextSiblingElement("testcase")) {
    ++counts.tests;
    if (test->FirstChildElement("failure") != nullptr) ++counts.failures;
    if (test->FirstChildElement("skipped") != nullptr) ++counts.skipped;
  }
  return counts;
}

Counts claimed(const tinyxml2::XMLElement& suite) {
  return {suite.IntAttribute("tests"), suite.IntAttribute("failures"), suite.IntAttribute("skipped")};
}

TEST(Junit, SaysWhatTheJsonSays) {
  for (const auto& run : runs()) {
    const Files files(run);
    const auto report = nlohmann::json::parse(read_file(files.json));
    tinyxml2::XMLDocument document;
    ASSERT_EQ(document.LoadFile(files.junit.c_str()), tinyxml2::XML_SUCCESS) << document.ErrorStr();
    const tinyxml2::XMLElement* const root = document.FirstChildElement("testsuites");
    ASSERT_NE(root, nullptr);
    Counts all;
    const tinyxml2::XMLElement* suite = root->FirstChildElement("testsuite");
    for (const auto& kernel : report.at("kernels")) {
      ASSERT_NE(suite, nullptr) << kernel.at("name");
      EXPECT_EQ(suite->Attribute("name"), kernel.at("name").get<std::string>());
      EXPECT_EQ(claimed(*suite), counts_of(kernel));
      EXPECT_EQ(counted(*suite), counts_of(kernel));
      all.tests += counts_of(kernel).tests;
      all.failures += counts_of(kernel).failures;
      suite = suite->NextSiblingElement("testsuite");
    }
    EXPECT_EQ(suite, nullptr);
    EXPECT_EQ(root->IntAttribute("tests"), all.tests);
    EXPECT_EQ(root->IntAttribute("failures"), all.failures);
  }
}

TEST(Junit, ShowsTheViolationAndNoPathOfTheBuild) {
  const Files files({kFaultyKernel});
  const auto report = nlohmann::json::parse(read_file(files.json));
  const std::string junit = read_file(files.junit);
  const auto law = law_of(report, "faulty_kernel", "groups_are_independent");
  EXPECT_NE(junit.find(law.at("violation").at("case").get<std::string>()), std::string::npos);
  EXPECT_EQ(junit.find(CONVCHECK_SOURCE_DIR "/tools"), std::string::npos);
}

}  // namespace
}  // namespace convcheck::tools
