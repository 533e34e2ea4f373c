// The reader of corpus files: what is good is read, and what is not is refused with its place.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "properties/corpus.h"

namespace convcheck {
namespace {

TEST(CorpusReader, ReadsNamesCasesMessagesAndNotes) {
  const Corpus corpus = parse_corpus(
      "# a comment\n"
      "\n"
      "plain: input=1x3x8x8 weight=9x3x3x3\n"
      "  indented : input=1x3x8x8 weight=9x3x3x3 seed=5 # a note: with a colon, => an arrow\r\n"
      "refused: input=1x3x8x8 weight=8x1x3x3 groups=3 => out_channels (8) must be divisible # thread\n"
      "last: in_channels=3 out_channels=9 kernel=3 size=8 groups=3",
      "corpus/a.cases");
  ASSERT_EQ(corpus.error, "");
  ASSERT_EQ(corpus.entries.size(), 4U);
  EXPECT_EQ(corpus.entries[0].name, "plain");
  EXPECT_EQ(corpus.entries[0].place, "corpus/a.cases:3");
  EXPECT_EQ(corpus.entries[0].message, "");
  EXPECT_EQ(corpus.entries[0].note, "");
  EXPECT_EQ(corpus.entries[0].the_case, *parse_case("input=1x3x8x8 weight=9x3x3x3"));
  EXPECT_EQ(corpus.entries[1].name, "indented");
  EXPECT_EQ(corpus.entries[1].note, "a note: with a colon, => an arrow");
  EXPECT_EQ(corpus.entries[1].message, "");
  EXPECT_EQ(corpus.entries[1].the_case.seed, 5U);
  EXPECT_EQ(corpus.entries[2].message, "out_channels (8) must be divisible");
  EXPECT_EQ(corpus.entries[2].note, "thread");
  EXPECT_EQ(corpus.entries[2].place, "corpus/a.cases:5");
  EXPECT_EQ(corpus.entries[3].the_case.problem.groups, 3);
}

TEST(CorpusReader, ReadsTheLineThatItWrites) {
  for (const char* line : {"plain: input=1x3x8x8 weight=9x3x3x3", "noted: input=1x1x3x3 weight=1x1x2x2 seed=5 # a => b",
                           "refused: input=1x3x8x8 weight=8x1x3x3 groups=3 => out_channels (8) # thread"}) {
    const Corpus corpus = parse_corpus(line, "a line");
    ASSERT_EQ(corpus.entries.size(), 1U) << corpus.error;
    EXPECT_EQ(to_line(corpus.entries[0]), line);
  }
}

TEST(CorpusReader, ReadsNothingFromNothing) {
  for (const std::string_view text : {"", "\n\n", "# only a comment", "   \r\n#\n"}) {
    const Corpus corpus = parse_corpus(text, "empty");
    EXPECT_EQ(corpus.error, "") << text;
    EXPECT_TRUE(corpus.entries.empty()) << text;
  }
}

struct Malformed {
  std::string_view line;
  std::string_view error;  ///< what stands somewhere behind the place
};

TEST(CorpusReader, RefusesEachMalformedLineWithItsPlace) {
  const std::vector<Malformed> table = {
      {"no colon at all", "a line is NAME: CASE"},
      {": input=1x3x8x8 weight=9x3x3x3", "a line is NAME: CASE"},
      {"name:input=1x3x8x8 weight=9x3x3x3", "a line is NAME: CASE"},
      {"name:", "a line is NAME: CASE"},
      {"name: input=1x3x8x8 weigth=9x3x3x3", "column 21: unknown key 'weigth'"},
      {"a longer name: input=1x3x8x8 weigth=9x3x3x3", "column 30: unknown key 'weigth'"},
      {"  name: input=1x3x8x8 weigth=9x3x3x3", "column 23: unknown key 'weigth'"},
      {"name: input=1x3x8x8 weight=9x3x3x3 stride=2,1", "column 43: "},
      {"name: input=1x3x8x8 weight=8x1x3x3 groups=3", "an invalid problem carries its message"},
      {"name: input=1x3x8x8 weight=8x1x3x3 groups=3", "(8)"},
      {"name: input=1x3x8x8 weight=9x3x3x3 => but it is fine", "a valid problem has no message"},
  };
  for (const Malformed& row : table) {
    const std::string text = "# first\ngood: input=1x3x8x8 weight=9x3x3x3\n" + std::string(row.line) + "\nnever read\n";
    const Corpus corpus = parse_corpus(text, "x.cases");
    EXPECT_TRUE(corpus.error.starts_with("x.cases:3: ")) << row.line << ": " << corpus.error;
    EXPECT_NE(corpus.error.find(row.error), std::string::npos) << row.line << ": " << corpus.error;
    EXPECT_EQ(corpus.entries.size(), 1U) << row.line;
  }
}

class CorpusFolder : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) / (std::string("convcheck_corpus_") + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "b");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& path, std::string_view text) const { std::ofstream(folder_ / path) << text; }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
};

constexpr std::string_view kGood = "one: input=1x3x8x8 weight=9x3x3x3\n";

TEST_F(CorpusFolder, IsReadInTheOrderOfItsPathsAndNothingButCases) {
  write("c.cases", "three: input=1x3x8x8 weight=9x3x3x3\n");
  write("b/z.cases", "two: input=1x3x8x8 weight=9x3x3x3\n");
  write("a.cases", kGood);
  write("README.md", "not a case");
  const Corpus corpus = read_corpus(folder_.string());
  EXPECT_EQ(corpus.error, "");
  std::vector<std::string> names;
  for (const CorpusEntry& entry : corpus.entries) names.push_back(entry.name);
  EXPECT_EQ(names, (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(corpus.entries[1].place, path("b/z.cases") + ":1");
}

TEST_F(CorpusFolder, StopsAtTheFirstWrongFile) {
  write("a.cases", kGood);
  write("b.cases", "wrong\n");
  write("c.cases", kGood);
  const Corpus corpus = read_corpus(folder_.string());
  EXPECT_EQ(corpus.error, path("b.cases") + ":1: a line is NAME: CASE");
  EXPECT_EQ(corpus.entries.size(), 1U);
}

TEST_F(CorpusFolder, MayBeOneFile) {
  write("a.cases", kGood);
  EXPECT_EQ(read_corpus(path("a.cases")).entries.size(), 1U);
}

TEST_F(CorpusFolder, ThatIsMissingIsSaidToBeUnreadable) {
  const Corpus corpus = read_corpus(path("missing.cases"));
  EXPECT_EQ(corpus.error, path("missing.cases") + ": cannot be read");
  EXPECT_TRUE(corpus.entries.empty());
}

}  // namespace
}  // namespace convcheck
