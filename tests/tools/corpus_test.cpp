// A found case is kept by one command and judged first ever after.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/tools/program.h"

namespace convcheck::tools {
namespace {

// A copy of the small corpus, to be added to.
class KeptCases : public testing::Test {
 protected:
  KeptCases() { std::filesystem::copy(CONVCHECK_TEST_CORPUS, corpus(), std::filesystem::copy_options::recursive); }

  [[nodiscard]] std::string corpus() const { return folder_.file("corpus"); }
  [[nodiscard]] std::string regressions() const { return corpus() + "/regressions/regressions.cases"; }
  [[nodiscard]] Ended run(const std::string& arguments) const {
    return shell("CONVCHECK_CORPUS=" + corpus() + " " + CONVCHECK_PROGRAM + " " + arguments);
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(KeptCases, AreLinesOfTheRegressionsAndJudgedFirst) {
  const Ended added =
      run("corpus add input=1x2x1x1 weight=2x1x1x1 groups=2 --name second-group-lost --note 'my_kernel 1.0, "
          "matches_reference_exactly'");
  EXPECT_EQ(added.status, 0) << added.err;
  EXPECT_EQ(read_file(regressions()),
            "second-group-lost: input=1x2x1x1 weight=2x1x1x1 groups=2 # my_kernel 1.0, matches_reference_exactly\n");
  EXPECT_NE(added.out.find("second-group-lost: input=1x2x1x1"), std::string::npos) << added.out;
  const Ended judged = run("run " + kFaultyKernel + " --budget 10ms --law matches_reference_exactly");
  EXPECT_EQ(judged.status, 1) << judged.err;
  EXPECT_NE(judged.out.find("from corpus/regressions/regressions.cases:1 second-group-lost"), std::string::npos)
      << judged.out;
}

TEST_F(KeptCases, OfInvalidProblemsCarryTheirMessage) {
  EXPECT_EQ(run("corpus add input=1x3x8x8 weight=8x1x3x3 groups=3 --name eight-of-three").status, 0);
  EXPECT_EQ(
      read_file(regressions()),
      "eight-of-three: input=1x3x8x8 weight=8x1x3x3 groups=3 => out_channels (8) must be divisible by groups (3); "
      "nearest: 6 or 9\n");
  EXPECT_EQ(run("list corpus").status, 0);
}

TEST_F(KeptCases, KeepTheirDataAndFollowALineWithoutAnEnd) {
  EXPECT_EQ(shell("printf 'first: input=1x1x3x3 weight=1x1x2x2' > " + regressions()).status, 0);
  EXPECT_EQ(run("corpus add input=1x1x3x3 weight=1x1x2x2 fill=special seed=7 --name second").status, 0);
  EXPECT_EQ(read_file(regressions()),
            "first: input=1x1x3x3 weight=1x1x2x2\nsecond: input=1x1x3x3 weight=1x1x2x2 fill=special seed=7\n");
}

TEST_F(KeptCases, AreRefusedInOneLineWhereTheyAreNotGood) {
  const std::string good = "input=1x1x3x3 weight=1x1x2x2";
  ASSERT_EQ(run("corpus add " + good + " --name there").status, 0);
  const std::string before = read_file(regressions());
  const std::vector<std::pair<std::string, std::string>> table = {
      {good + " --name another", "is that case already: there"},
      {good + " seed=2 --name there", "has that name already"},
      {good + " seed=2", "give it a name"},
      {good + " seed=2 --name 'two words'", "give it a name"},
      {"input=1x1x3x3 weigth=1x1x2x2 --name typo", "unknown key 'weigth'"},
      {"--name nothing", "name a case"},
      {good + " seed=2 kernel.so --name more", "'kernel.so' is no part of a case"},
      {good + " seed=2 --name noted --note 'a\nb'", "a note is one line"},
      {good + " seed=2 --name elsewhere --file /nowhere/x.cases", "/nowhere/x.cases: cannot be written"},
      {good + " seed=2 --nam x", "unknown option '--nam'; did you mean '--name'?"},
  };
  for (const auto& [arguments, message] : table) {
    const Ended ended = run("corpus add " + arguments);
    EXPECT_EQ(ended.status, 2) << arguments;
    EXPECT_NE(ended.err.find(message), std::string::npos) << arguments << '\n' << ended.err;
    EXPECT_EQ(lines(ended.err).size(), 1U) << ended.err;
  }
  EXPECT_EQ(read_file(regressions()), before);
}

}  // namespace
}  // namespace convcheck::tools
