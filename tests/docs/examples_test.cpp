// Holds the examples of docs/rules.md and docs/case-text.md to what the library answers.
//
// An example is a code block's line of case text with "=> ANSWER" on the line below: the canonical text, why the text
// is refused, or the message of the rule that the problem breaks.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "reference/case_text.h"
#include "reference/rules.h"

#ifndef CONVCHECK_SOURCE_DIR
#error "CONVCHECK_SOURCE_DIR is the path of the source tree"
#endif

namespace convcheck {
namespace {

struct Example {
  std::string text, answer;
  int line = 0;  // of the text, from 1
};

std::string read_page(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(CONVCHECK_SOURCE_DIR) + "/docs/" + name).rdbuf();
  return text.str();
}

std::vector<Example> examples_of(const std::string& page) {
  std::vector<Example> examples;
  std::istringstream in(page);
  std::string before;
  int number = 0;
  for (std::string line; std::getline(in, line); before = line) {
    ++number;
    if (line.starts_with("=> ")) examples.push_back({.text = before, .answer = line.substr(3), .line = number - 1});
  }
  return examples;
}

enum class Answer { canonical, refused, invalid, wrong };

// What kind of answer it is, if it is a right one.
Answer check(const Example& example) {
  const Parsed<Case> parsed = parse_case(example.text);
  if (!parsed) return describe(parsed.error()) == example.answer ? Answer::refused : Answer::wrong;
  const auto broken = broken_rule(parsed->problem);
  if (broken && message(parsed->problem, *broken) == example.answer) return Answer::invalid;
  return print(*parsed) == example.answer ? Answer::canonical : Answer::wrong;
}

TEST(DocsExample, IsWrongUnlessTheLibraryAnswersSo) {
  const auto check_text = [](std::string_view text, std::string_view answer) {
    return check({.text = std::string(text), .answer = std::string(answer), .line = 1});
  };
  EXPECT_EQ(check_text("weight=2x1x1x1 input=1x1x1x1", "input=1x1x1x1 weight=2x1x1x1"), Answer::canonical);
  EXPECT_EQ(check_text("weight=2x1x1x1 input=1x1x1x1", "weight=2x1x1x1 input=1x1x1x1"), Answer::wrong);
  EXPECT_EQ(check_text("input=1x1x1x1 weight=2x1x1x1 groups=0", "groups (0) must be at least 1; nearest: 1"),
            Answer::invalid);
  EXPECT_EQ(check_text("input=1x1x1x1 weight=2x1x1x1 groups=0", "groups (0) must be at least 1"), Answer::wrong);
  EXPECT_EQ(check_text("hello", "column 1: 'hello' is not key=value, such as input=1x3x8x8"), Answer::refused);
  EXPECT_EQ(check_text("hello", "column 2: 'hello' is not key=value, such as input=1x3x8x8"), Answer::wrong);
}

std::map<Answer, int> check_page(const std::string& name) {
  std::map<Answer, int> count;
  for (const Example& example : examples_of(read_page(name))) {
    const Answer answer = check(example);
    EXPECT_NE(answer, Answer::wrong) << "docs/" << name << ":" << example.line << ": " << example.text;
    ++count[answer];
  }
  return count;
}

TEST(DocsRules, HasAnExampleOfEveryRuleWithItsMessage) {
  EXPECT_GE(check_page("rules.md")[Answer::invalid], kRuleCount);
  const std::string page = read_page("rules.md");
  std::set<Rule> broken_rules;
  for (const Example& example : examples_of(page)) {
    const Parsed<Case> parsed = parse_case(example.text);
    if (!parsed) continue;  // said above
    if (const auto broken = broken_rule(parsed->problem)) broken_rules.insert(broken->rule);
  }
  for (int i = 0; i < kRuleCount; ++i) {
    const auto rule = static_cast<Rule>(i);
    EXPECT_TRUE(broken_rules.contains(rule)) << name(rule) << " has no example";
    EXPECT_NE(page.find("`" + std::string(name(rule)) + "`"), std::string::npos) << name(rule) << " is not named";
  }
}

TEST(DocsCaseText, ShowsWhatIsReadAndWhatIsRefused) {
  auto count = check_page("case-text.md");
  EXPECT_GE(count[Answer::canonical], 10);
  EXPECT_GE(count[Answer::refused], 20);
  // The example at the top is canonical.
  constexpr std::string_view kFirst =
      "input=1x6x32x32 weight=16x3x5x5 groups=2 stride=2x1 padding=1,0,2,1 dilation=1x3 bias=16 fill=reals seed=42";
  EXPECT_NE(read_page("case-text.md").find(kFirst), std::string::npos);
  EXPECT_EQ(check({.text = std::string(kFirst), .answer = std::string(kFirst), .line = 0}), Answer::canonical);
}

TEST(DocsCaseText, NamesEveryKey) {
  const std::string page = read_page("case-text.md");
  for (const std::string_view key : {"input",          "weight",
                                     "groups",         "stride",
                                     "padding",        "dilation",
                                     "bias",           "output",
                                     "direction",      "dtype",
                                     "layout",         "input_strides",
                                     "weight_strides", "output_strides",
                                     "fill",           "seed",
                                     "in_channels",    "out_channels",
                                     "kernel",         "size",
                                     "batch",          "channels_per_kernel"}) {
    const bool is_named = page.find("`" + std::string(key) + "`") != std::string::npos ||
                          page.find("`" + std::string(key) + "=`") != std::string::npos;
    EXPECT_TRUE(is_named) << key;
  }
}

}  // namespace
}  // namespace convcheck
