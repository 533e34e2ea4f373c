// What each command's exit status says.
#include <gtest/gtest.h>

#include "tests/tools/program.h"

namespace convcheck::tools {
namespace {

struct Command {
  std::string text;
  int status;
};

void expect_statuses(const std::vector<Command>& commands) {
  for (const auto& [text, status] : commands) {
    const Ended ended = convcheck(words(text));
    EXPECT_EQ(ended.status, status) << text << '\n' << ended.out << ended.err;
  }
}

// As whoever starts programs in the background and never asks for them leaves it to its children.
TEST(ExitStatus, IsThatOfTheRunWhereEndedChildrenAreIgnored) {
  Running run({"/usr/bin/timeout", "60", "/usr/bin/env", "--ignore-signal=CHLD", CONVCHECK_PROGRAM, "run", kRightKernel,
               "--law", "accepts_valid", "--budget", "0"});
  EXPECT_EQ(run.wait().status, 0);
}

TEST(ExitStatus, OfRun) {
  const std::string laws = " --budget 10ms --law ";
  expect_statuses({
      {"run " + kRightKernel + laws + "accepts_valid", 0},
      {"run " + kFaultyKernel + laws + "accepts_valid", 0},
      {"run " + kFaultyKernel + laws + "groups_are_independent", 1},
      {"run " + kRightKernel + " " + kFaultyKernel + laws + "matches_reference_exactly", 1},
      {"run " + kRightKernel + laws + "no_such_law", 2},
      // Without the promise the law is not claimed, and nothing is left to judge.
      {"run " + kRightKernel + laws + "rejects_invalid", 3},
      // A violation wins over a kernel that could not be judged.
      {"run " + kRightKernel + " " + kFaultyKernel + laws + "matches_reference_exactly --gtest_filter=faulty*", 1},
      {"run " + kRightKernel + laws + "accepts_valid --gtest_filter=nothing", 3},
  });
}

TEST(ExitStatus, OfReplay) {
  const std::string grouped = "replay input=1x2x1x1 weight=2x1x1x1 groups=2 ";
  expect_statuses({
      {grouped + kRightKernel, 0},
      {grouped, 0},
      {grouped + kFaultyKernel, 1},
      {grouped + kFaultyKernel + " --law accepts_valid", 0},
      {grouped + "--kernel no_such_kernel", 2},
      {grouped + "no_such_file.so", 2},
      {"replay input=1x2x1x1", 2},
      {grouped + kRightKernel + " --law rejects_invalid", 3},
  });
}

TEST(ExitStatus, OfExplain) {
  expect_statuses({
      {"explain input=1x3x8x8 weight=9x1x3x3 groups=3", 0},
      {"explain g2mb1ic6ih32oc16oh28kh5ph0", 0},
      {"explain input=1x3x8x8 weight=8x1x3x3 groups=3", 1},
      {"explain input=1x3x8x8 weight=9x1x3x3 group=3", 2},
  });
}

TEST(ExitStatus, OfList) {
  expect_statuses({
      {"list kernels", 0},
      {"list kernels " + kRightKernel, 0},
      {"list laws", 0},
      {"list networks", 0},
      {"list corpus", 0},
      {"list everything", 2},
      {"list kernels no_such_file.so", 2},
  });
}

TEST(ExitStatus, OfHelpIsZeroAndSaysHowToGoOn) {
  for (const std::string command : {"", "run ", "replay ", "explain ", "list "}) {
    const Ended ended = convcheck(words(command + "--help"));
    EXPECT_EQ(ended.status, 0) << command;
    EXPECT_NE(ended.out.find("Usage: convcheck " + command), std::string::npos) << ended.out;
  }
  EXPECT_NE(convcheck({"--help"}).out.find("Examples:"), std::string::npos);
  EXPECT_EQ(convcheck({"--version"}).out.rfind("convcheck ", 0), 0U);
}

// Of the report that did not arrive nothing can be said.
TEST(ExitStatus, IsThreeWhereTheReportCannotBeWritten) {
  const std::string run = std::string(CONVCHECK_PROGRAM) + " run --budget 10ms --law accepts_valid ";
  for (const std::string rest : {" > /dev/full", " --json /dev/full"}) {
    const Ended ended = shell(run + kRightKernel + rest);
    EXPECT_EQ(ended.status, 3) << rest << '\n' << ended.err;
    EXPECT_NE(ended.err.find("could not be written"), std::string::npos) << ended.err;
  }
}

}  // namespace
}  // namespace convcheck::tools
