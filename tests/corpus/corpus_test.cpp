// Holds the files of corpus/ to their form and to what they claim: every line is canonical, every problem valid unless
// a message says otherwise, and every message the one that the library gives.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "reference/case_text.h"
#include "reference/layout.h"
#include "reference/rules.h"

#ifndef CONVCHECK_CORPUS_DIR
#error "CONVCHECK_CORPUS_DIR is the path of corpus/"
#endif

namespace convcheck {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

const fs::path kCorpus = CONVCHECK_CORPUS_DIR;

// NAME: CASE [=> MESSAGE] [# NOTE]
struct Entry {
  std::string name, text, message, note;
};

using Read = std::variant<Entry, std::string>;  // an entry, or why the line is none

// Cuts what follows `mark` off `line`. False where the mark is there and one of its sides is empty.
bool cut(std::string& line, std::string_view mark, std::string& rest) {
  const size_t at = line.find(mark);
  if (at == std::string::npos) return true;
  rest = line.substr(at + mark.size());
  line.erase(at);
  return !line.empty() && !rest.empty();
}

Read read_line(std::string line) {
  if (line.find_first_of("\t\r") != std::string::npos) return "has a tab or a carriage return";
  if (line.empty() || line.front() == ' ' || line.back() == ' ') return "starts or ends with a space";
  Entry entry;
  if (!cut(line, " # ", entry.note)) return "has an empty note";
  if (!cut(line, " => ", entry.message)) return "has an empty message";
  if (!cut(line, ": ", entry.text) || entry.text.empty()) return "is not 'NAME: CASE'";
  entry.name = line;
  if (entry.name.find_first_of(" =#") != std::string::npos) return "has a name with a space, '=' or '#'";
  return entry;
}

// What is wrong with an entry; empty where nothing is.
std::string fault(const Entry& entry) {
  const Parsed<Case> parsed = parse_case(entry.text);
  if (!parsed) return "cannot be read: " + describe(parsed.error());
  if (print(*parsed) != entry.text) return "is not canonical, which is: " + print(*parsed);
  const auto broken = broken_rule(parsed->problem);
  const std::string expected = broken ? message(parsed->problem, *broken) : "";
  if (expected == entry.message) return "";
  if (!broken) return "is valid and has a message";
  return "is invalid; its message is: " + expected;
}

struct File {
  fs::path path;
  std::vector<Entry> entries;
  Lines faults;  // of lines that are no entries
};

File read_file(const fs::path& path) {
  File file{.path = path, .entries = {}, .faults = {}};
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    Read read = read_line(line);
    if (auto* entry = std::get_if<Entry>(&read)) {
      file.entries.push_back(std::move(*entry));
    } else {
      file.faults.push_back(line + "\n  " + std::get<std::string>(read));
    }
  }
  return file;
}

// The files below a folder of the corpus, in the order of their paths.
std::vector<File> files_below(const std::string& folder) {
  std::vector<fs::path> paths;
  for (const auto& found : fs::recursive_directory_iterator(kCorpus / folder)) {
    if (found.path().extension() == ".cases") paths.push_back(found.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<File> files;
  for (const fs::path& path : paths) files.push_back(read_file(path));
  return files;
}

std::vector<Entry> entries_below(const std::string& folder) {
  std::vector<Entry> entries;
  for (const File& file : files_below(folder)) {
    entries.insert(entries.end(), file.entries.begin(), file.entries.end());
  }
  return entries;
}

// The name up to the first '/': of an invalid problem the rule that it breaks.
std::string_view rule_of(const Entry& entry) {
  return std::string_view(entry.name).substr(0, entry.name.find('/'));
}

// Empty where the note starts with the address of a GitHub issue or pull request, which is then the result.
std::string link_of(const Entry& entry) {
  const std::string link = entry.note.substr(0, entry.note.find(' '));
  const bool is_thread = link.starts_with("https://github.com/") &&
                         (link.find("/issues/") != std::string::npos || link.find("/pull/") != std::string::npos);
  return is_thread ? link : "";
}

TEST(CorpusLine, ReadsItsFourParts) {
  const Read read = read_line("a/b: input=1x1x1x1 weight=2x1x1x1 => some message: with marks # a note, and more");
  ASSERT_TRUE(std::holds_alternative<Entry>(read));
  const Entry& entry = std::get<Entry>(read);
  EXPECT_EQ(entry.name, "a/b");
  EXPECT_EQ(entry.text, "input=1x1x1x1 weight=2x1x1x1");
  EXPECT_EQ(entry.message, "some message: with marks");
  EXPECT_EQ(entry.note, "a note, and more");
}

TEST(CorpusLine, RefusesWhatHasAnotherForm) {
  constexpr std::array<std::string_view, 12> kWrong = {
      "",
      "input=1x1x1x1 weight=2x1x1x1",
      "name:input=1x1x1x1 weight=2x1x1x1",
      "name: ",
      ": input=1x1x1x1 weight=2x1x1x1",
      "two words: input=1x1x1x1 weight=2x1x1x1",
      "name: input=1x1x1x1 weight=2x1x1x1 => ",
      "name: input=1x1x1x1 weight=2x1x1x1 # ",
      " name: input=1x1x1x1 weight=2x1x1x1",
      "name: input=1x1x1x1 weight=2x1x1x1 ",
      "name: input=1x1x1x1\tweight=2x1x1x1",
      "name: input=1x1x1x1 weight=2x1x1x1\r",
  };
  for (const std::string_view line : kWrong) {
    EXPECT_TRUE(std::holds_alternative<std::string>(read_line(std::string(line)))) << "'" << line << "'";
  }
}

TEST(CorpusEntry, IsFaultyUnlessCanonicalWithTheRightMessage) {
  const std::string right = "groups (0) must be at least 1; nearest: 1";
  const auto fault_of = [](std::string_view text, std::string_view message) {
    return fault({.name = "name", .text = std::string(text), .message = std::string(message), .note = ""});
  };
  EXPECT_EQ(fault_of("input=1x3x4x4 weight=2x3x3x3", ""), "");
  EXPECT_EQ(fault_of("input=1x3x4x4 weight=2x3x3x3 groups=0", right), "");
  EXPECT_NE(fault_of("input=1x3x4x4 weight=2x3x3x3 groups=0", ""), "");
  EXPECT_NE(fault_of("input=1x3x4x4 weight=2x3x3x3 groups=0", right + "."), "");
  EXPECT_NE(fault_of("input=1x3x4x4 weight=2x3x3x3", right), "");
  EXPECT_NE(fault_of("input=1x3x4x4 weight=2x3x3x3 groups=1", ""), "");
  EXPECT_NE(fault_of("weight=2x3x3x3 input=1x3x4x4", ""), "");
  EXPECT_NE(fault_of("input=1x3x4x4", ""), "");
}

TEST(Corpus, EveryLineIsCanonicalAndSaysWhetherItIsValid) {
  size_t entries = 0;
  for (const File& file : files_below(".")) {
    for (const std::string& found : file.faults) ADD_FAILURE() << file.path << "\n" << found;
    for (const Entry& entry : file.entries) EXPECT_EQ(fault(entry), "") << file.path << ": " << entry.name;
    entries += file.entries.size();
    // Regressions are the one file that starts out empty.
    EXPECT_TRUE(!file.entries.empty() || file.path.filename() == "regressions.cases") << file.path << " has no case";
  }
  EXPECT_GE(entries, 300U) << "much of the corpus was not read";
}

TEST(Corpus, HasNoFilesThatNobodyReads) {
  for (const auto& found : fs::recursive_directory_iterator(kCorpus)) {
    if (!found.is_regular_file() || found.path().extension() == ".cases") continue;
    EXPECT_EQ(found.path().filename(), "README.md") << found.path();
  }
}

TEST(Corpus, NamesAreUniqueInAFile) {
  for (const File& file : files_below(".")) {
    std::set<std::string> names;
    for (const Entry& entry : file.entries) {
      EXPECT_TRUE(names.insert(entry.name).second) << file.path << ": " << entry.name << " is there twice";
    }
  }
}

TEST(CorpusBugs, AreTheThirtyNineEachWithItsThread) {
  std::set<std::string> links;
  std::set<std::string> names;
  const std::vector<Entry> entries = entries_below("bugs");
  for (const Entry& entry : entries) {
    EXPECT_NE(link_of(entry), "") << entry.name << " names no thread: " << entry.note;
    EXPECT_TRUE(links.insert(link_of(entry)).second) << link_of(entry) << " is there twice";
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name << " is there twice";
  }
  EXPECT_EQ(entries.size(), 39U);
  const auto is_invalid = [](const Entry& entry) { return !entry.message.empty(); };
  EXPECT_EQ(std::count_if(entries.begin(), entries.end(), is_invalid), 6);
}

TEST(CorpusInvalid, IsNamedAfterTheRuleThatItBreaks) {
  const std::vector<Entry> entries = entries_below("invalid");
  EXPECT_GE(entries.size(), 60U);
  for (const Entry& entry : entries) {
    EXPECT_LT(rule_of(entry).size() + 1, entry.name.size()) << entry.name << " says the rule alone";
    EXPECT_NE(entry.message, "") << entry.name << " is valid";
    const Parsed<Case> parsed = parse_case(entry.text);
    ASSERT_TRUE(parsed) << entry.name;
    const auto broken = broken_rule(parsed->problem);
    ASSERT_TRUE(broken) << entry.name;
    EXPECT_EQ(rule_of(entry), name(broken->rule)) << entry.name;
  }
}

// Where a rule can be broken: each axis (of padding each side), each rank, each tensor whose size is counted.
std::set<int> places_of(Rule rule) {
  switch (rule) {
    case Rule::padding_not_negative:
      return {0, 1, 2, 3, 4, 5};
    case Rule::stride_at_least_one:
    case Rule::dilation_at_least_one:
    case Rule::kernel_at_least_one:
    case Rule::input_size_not_negative:
    case Rule::kernel_fits_padded_input:
      return {0, 1, 2};
    case Rule::ranks_agree:
      return {kWeightRank, kBiasRank, kOutputRank};  // the text form has no input of another rank
    case Rule::sizes_fit_int64:
      return {0,
              1,
              2,
              kMaxSpatial + static_cast<int>(TensorRole::input),
              kMaxSpatial + static_cast<int>(TensorRole::weight),
              kMaxSpatial + static_cast<int>(TensorRole::output)};
    default:
      return {0};
  }
}

TEST(CorpusInvalid, BreaksEveryRuleInEveryPlaceAndSpatialRank) {
  std::map<Rule, std::set<int>> places;
  std::map<Rule, std::set<int>> ranks;
  std::map<Rule, int> count;
  for (const Entry& entry : entries_below("invalid")) {
    const Parsed<Case> parsed = parse_case(entry.text);
    if (!parsed) continue;  // said elsewhere
    const auto broken = broken_rule(parsed->problem);
    if (!broken) continue;
    places[broken->rule].insert(broken->where);
    ranks[broken->rule].insert(parsed->problem.spatial_rank());
    ++count[broken->rule];
  }
  for (int i = 0; i < kRuleCount; ++i) {
    const auto rule = static_cast<Rule>(i);
    EXPECT_GE(count[rule], 3) << name(rule);
    EXPECT_EQ(places[rule], places_of(rule)) << name(rule);
    EXPECT_EQ(ranks[rule], (std::set<int>{1, 2, 3})) << name(rule);
  }
}

TEST(CorpusSeeds, HaveEachPointOfTheThread) {
  const std::vector<File> files = files_below("seeds/thread");
  ASSERT_EQ(files.size(), 8U);
  for (size_t point = 0; point < files.size(); ++point) {
    EXPECT_TRUE(files[point].path.filename().string().starts_with(fmt::format("{}-", point + 1))) << files[point].path;
    const auto is_valid = [](const Entry& entry) { return entry.message.empty(); };
    EXPECT_TRUE(std::any_of(files[point].entries.begin(), files[point].entries.end(), is_valid)) << files[point].path;
  }
}

// The wish for channels per kernel: each note of that file says the same problem in the other way.
TEST(CorpusSeeds, SayChannelsPerKernelOrGroupsAlike) {
  const std::vector<Entry> entries = read_file(kCorpus / "seeds/thread/8-channels-per-kernel.cases").entries;
  EXPECT_GE(entries.size(), 3U);
  for (const Entry& entry : entries) {
    EXPECT_NE(entry.note.find("channels_per_kernel="), std::string::npos) << entry.name;
    const Parsed<Case> other = parse_case(entry.note);
    ASSERT_TRUE(other) << entry.name << ": " << describe(other.error());
    EXPECT_EQ(print(*other), entry.text) << entry.name;
  }
}

}  // namespace
}  // namespace convcheck
