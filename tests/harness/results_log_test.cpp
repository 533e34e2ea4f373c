// The file that results stream to: what was written is there, what was cut off or damaged is not believed.
#include "harness/results_log.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace convcheck {
namespace {

class ResultsLogTest : public testing::Test {
 protected:
  void SetUp() override { std::remove(path_.c_str()); }
  void TearDown() override { std::remove(path_.c_str()); }

  [[nodiscard]] std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path_, std::ios::binary).rdbuf();
    return all.str();
  }
  void write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }

  std::string path_ =
      testing::TempDir() + "results_log_test." + testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(ResultsLogTest, GivesBackTheLastRecordOfEachPiece) {
  {
    ResultsLog log(path_, "session one");
    EXPECT_TRUE(log.records().empty());
    EXPECT_TRUE(log.append(0, "first"));
    EXPECT_TRUE(log.append(12, "of twelve"));
    EXPECT_TRUE(log.append(0, "second"));
  }
  const ResultsLog again(path_, "session one");
  ASSERT_EQ(again.records().size(), 2U);
  EXPECT_EQ(again.records().at(0), "second");
  EXPECT_EQ(again.records().at(12), "of twelve");
}

TEST_F(ResultsLogTest, DoesNotBelieveALineThatWasCutOffAndGoesOnBehindTheOthers) {
  {
    ResultsLog log(path_, "s");
    log.append(0, "first");
    log.append(0, "second");
  }
  const std::string whole = text();
  for (size_t cut = 1; cut < 20; ++cut) {
    write(whole.substr(0, whole.size() - cut));
    {
      ResultsLog log(path_, "s");
      EXPECT_EQ(log.records().at(0), "first") << cut;
      log.append(1, "third");
    }
    const ResultsLog again(path_, "s");
    EXPECT_EQ(again.records().at(0), "first") << cut;
    EXPECT_EQ(again.records().at(1), "third") << cut;
  }
}

TEST_F(ResultsLogTest, WritesBehindTheLastWholeLineWhereAWriterWasCutOff) {
  ResultsLog log(path_, "s");
  EXPECT_TRUE(log.append(0, "first"));
  const std::string whole = text();
  std::ofstream(path_, std::ios::binary | std::ios::app) << "0123456789abcdef 1 a part of a l";
  EXPECT_TRUE(log.append(1, "third"));
  EXPECT_TRUE(text().starts_with(whole));
  log.let_go();
  const ResultsLog again(path_, "s");
  EXPECT_EQ(again.records().at(0), "first");
  EXPECT_EQ(again.records().at(1), "third");
}

TEST_F(ResultsLogTest, SaysWhereALineCouldNotBeWritten) {
  ResultsLog log(path_, "s");
  log.let_go();
  EXPECT_FALSE(log.append(0, "first"));
}

TEST_F(ResultsLogTest, DoesNotBelieveADamagedLineNorWhatFollowsIt) {
  {
    ResultsLog log(path_, "s");
    log.append(0, "first");
    log.append(1, "other");
    log.append(0, "second");
  }
  std::string damaged = text();
  damaged[damaged.find("other")] = 'O';
  write(damaged);
  const ResultsLog log(path_, "s");
  EXPECT_EQ(log.records().size(), 1U);
  EXPECT_EQ(log.records().at(0), "first");
}

TEST_F(ResultsLogTest, RefusesTheResultsOfAnotherSessionAndFilesThatAreNone) {
  { ResultsLog log(path_, "seed 1"); }
  try {
    const ResultsLog log(path_, "seed 2");
    FAIL() << "the file is another session's";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("seed 1"), std::string::npos) << error.what();
  }
  const std::string precious = "my precious notes\nof two lines\n";
  write(precious);
  EXPECT_THROW(ResultsLog(path_, "s"), std::runtime_error);
  EXPECT_EQ(text(), precious) << "and it is left as it was";
  write("one line");
  EXPECT_THROW(ResultsLog(path_, "s"), std::runtime_error);
  EXPECT_EQ(text(), "one line");
  EXPECT_THROW(ResultsLog("/nowhere/at/all", "s"), std::runtime_error);
}

}  // namespace
}  // namespace convcheck
