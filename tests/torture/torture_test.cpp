// The torture libraries, judged in one run of the program: each kernel gets the verdict that it deserves, those that
// are sound among them are acquitted, and nothing hangs or dies with them.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/tools/program.h"
#include "tests/torture/expected.h"
#include "tests/torture/report_check.h"

namespace convcheck::torture {
namespace {

using tools::Ended;
using tools::Running;

const std::string kFolder = CONVCHECK_TORTURE_DIR;

// Within less than five minutes; else the status is 124, and what runs is killed.
Ended judge(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"/usr/bin/timeout", "--kill-after=5", "280", CONVCHECK_PROGRAM, "run"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Running(std::move(command)).wait();
}

std::vector<std::string> all_libraries() {
  std::vector<std::string> paths = {kFolder + "/torture_kernels.so"};
  for (const ExpectedLoading& row : kExpectedLoading) {
    paths.push_back(kFolder + "/torture_loading_" + std::string(row.library) + ".so");
  }
  return paths;
}

TEST(Torture, IsJudgedInOneRunWithTheRightVerdicts) {
  const tools::TemporaryFolder folder;
  std::vector<std::string> arguments = all_libraries();
  const std::string json = folder.file("report.json");
  arguments.insert(arguments.end(), {"--budget", "1s", "--time-limit", "1s", "--json", json});
  const Ended ended = judge(arguments);
  EXPECT_EQ(ended.status, 1) << ended.out.substr(0, 2000) << ended.err;
  const auto report = nlohmann::json::parse(tools::read_file(json), nullptr, false);
  for (const std::string& complaint : complaints_about(report)) ADD_FAILURE() << complaint;
}

TEST(Torture, SaysOfALibraryThatCannotBeUnloadedThatItCannot) {
  struct Row {
    std::string library, got, words;
  };
  for (const Row& row : {Row{"blocks_at_its_end", "no end", "had not been unloaded when the time of a call was over"},
                         Row{"is_killed_at_its_end", "SIGKILL", "while the library was unloaded"}}) {
    const tools::TemporaryFolder folder;
    const std::string json = folder.file("report.json");
    const Ended ended = judge({kFolder + "/torture_loading_" + row.library + ".so", "--budget", "100ms", "--time-limit",
                               "500ms", "--json", json});
    EXPECT_EQ(ended.status, 1) << row.library << ended.out << ended.err;
    int violations = 0;
    const auto report = nlohmann::json::parse(tools::read_file(json));
    for (const auto& law : report.at("kernels").at(0).at("laws")) {
      if (law.at("violation").is_null()) continue;
      ++violations;
      EXPECT_EQ(law.at("law"), "leaves_the_process_alone") << row.library;
      EXPECT_EQ(law.at("violation").at("got"), row.got) << row.library;
      const std::string explanation = law.at("violation").at("explanation");
      EXPECT_NE(explanation.find(row.words), std::string::npos) << explanation;
    }
    EXPECT_EQ(violations, 1) << row.library;
  }
}

// Alone, a sound kernel of the library is acquitted: its neighbours are not run.
TEST(Torture, AcquitsASoundKernelOfTheLibraryByItself) {
  for (const std::string_view name : kSound) {
    const Ended ended = judge({kFolder + "/torture_kernels.so", "--kernel", std::string(name), "--budget", "300ms"});
    EXPECT_EQ(ended.status, 0) << name << ended.out << ended.err;
  }
}

}  // namespace
}  // namespace convcheck::torture
