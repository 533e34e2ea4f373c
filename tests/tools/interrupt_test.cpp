// Ctrl-C ends a run with what is done so far.
#include <gtest/gtest.h>

#include <csignal>

#include "tests/tools/program.h"

namespace convcheck::tools {
namespace {

TEST(Interrupt, EndsWithTheReport) {
  const TemporaryFolder folder;
  const std::string json = folder.file("report.json");
  Running run({CONVCHECK_PROGRAM, "run", kRightKernel, "--budget", "1h", "--json", json});
  // The small world comes behind the corpus, and would take until the end of the hour with the random cases.
  std::string line = run.error_line();
  while (!line.empty() && line.find("small world") == std::string::npos) line = run.error_line();
  ASSERT_NE(line, "") << "the run ended before it could be interrupted";
  run.send(SIGINT);
  const Ended ended = run.wait();
  EXPECT_EQ(ended.status, 130) << ended.err;
  EXPECT_NE(ended.out.find("1 of 1 kernels hold all laws that they claim"), std::string::npos) << ended.out;
  const auto report = nlohmann::json::parse(read_file(json), nullptr, false);
  ASSERT_FALSE(report.is_discarded());
  EXPECT_EQ(report.at("kernels").size(), 1U);
}

TEST(Interrupt, LeavesResultsFromWhichTheSameCommandGoesOn) {
  const TemporaryFolder folder;
  const std::string json = folder.file("report.json");
  const std::vector<std::string> command = {
      CONVCHECK_PROGRAM, "run", kRightKernel, "--cases", "3", "--json", json, "--resume", folder.file("results")};
  Running run(command);
  std::string line = run.error_line();
  while (!line.empty() && line.find("small world") == std::string::npos) line = run.error_line();
  run.send(SIGINT);
  EXPECT_EQ(run.wait().status, 130);
  const auto begun = nlohmann::json::parse(read_file(json));
  const int64_t size = begun.at("coverage").at("small_world_size");
  const int64_t part = begun.at("kernels").at(0).at("small_world_done");
  EXPECT_LT(part, size);
  const Ended resumed = Running(command).wait();
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  const auto whole = nlohmann::json::parse(read_file(json)).at("kernels").at(0);
  EXPECT_EQ(whole.at("small_world_done"), size);
  EXPECT_EQ(whole.at("random_cases"), 3);
}

TEST(Interrupt, IsNotHiddenByAViolation) {
  Running run({CONVCHECK_PROGRAM, "run", kFaultyKernel, "--budget", "1h"});
  std::string line = run.error_line();
  while (!line.empty() && line.find("small world") == std::string::npos) line = run.error_line();
  run.send(SIGINT);
  const Ended ended = run.wait();
  EXPECT_EQ(ended.status, 130) << ended.err;
  EXPECT_NE(ended.out.find("faulty_kernel violates matches_reference_exactly"), std::string::npos) << ended.out;
}

}  // namespace
}  // namespace convcheck::tools
