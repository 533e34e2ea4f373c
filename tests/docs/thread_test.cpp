// Runs the commands of docs/thread.md and holds each to what the page expects of it.
//
// A command is the line "$ convcheck ARGUMENTS" of a code block; the line below the block is a comment that no reader
// sees: <!-- expects: exit=N text="TEXT" ... -->.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <charconv>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#ifndef CONVCHECK_PROGRAM
#error "CONVCHECK_PROGRAM is the path of the convcheck program"
#endif
#ifndef CONVCHECK_SOURCE_DIR
#error "CONVCHECK_SOURCE_DIR is the path of the source tree"
#endif

namespace convcheck {
namespace {

using Lines = std::vector<std::string>;

struct Command {
  std::string arguments;
  int line = 0;  // in the page, from 1
  int exit_status = 0;
  Lines texts;
};

struct Page {
  std::vector<Command> commands;
  Lines faults;
};

std::string place(int line) {
  return "line " + std::to_string(line);
}

// Reads 'exit=N text="TEXT" ...' into the command. False where it has another form.
bool read_expectation(std::string_view text, Command& command) {
  constexpr std::string_view kExit = "exit=";
  constexpr std::string_view kText = " text=\"";
  if (!text.starts_with(kExit)) return false;
  text.remove_prefix(kExit.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), command.exit_status);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  while (text.starts_with(kText)) {
    text.remove_prefix(kText.size());
    const size_t quote = text.find('"');
    if (quote == std::string_view::npos || quote == 0) return false;
    command.texts.emplace_back(text.substr(0, quote));
    text.remove_prefix(quote + 1);
  }
  return text.empty() && !command.texts.empty();
}

// Takes the comment below a block. False where the line is not such a comment.
bool read_comment(std::string_view line, Command& command) {
  constexpr std::string_view kOpen = "<!-- expects: ";
  constexpr std::string_view kClose = " -->";
  if (!line.starts_with(kOpen) || !line.ends_with(kClose)) return false;
  return read_expectation(line.substr(kOpen.size(), line.size() - kOpen.size() - kClose.size()), command);
}

Page read_page(std::istream& in) {
  constexpr std::string_view kPrompt = "$ convcheck ";
  Page page;
  std::vector<Command> open;  // of the block that ended on the line before, or that is being read
  bool in_block = false;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.starts_with("```")) {
      in_block = !in_block;
      continue;
    }
    if (in_block) {
      if (line.starts_with(kPrompt))
        open.push_back({.arguments = line.substr(kPrompt.size()), .line = number, .exit_status = 0, .texts = {}});
      continue;
    }
    if (open.size() == 1 && read_comment(line, open[0])) {
      page.commands.push_back(open[0]);
    } else if (!open.empty()) {
      page.faults.push_back(place(open[0].line) + ": the line below the block does not say what its one command gives");
    } else if (line.find("<!-- expects:") != std::string::npos) {
      page.faults.push_back(place(number) + ": expects something of no command");
    }
    open.clear();
  }
  if (in_block || !open.empty()) page.faults.emplace_back("the page ends in a code block");
  return page;
}

// What is wrong with how a command ended; empty where nothing is.
Lines faults_of(const Command& command, int status, const std::string& output) {
  Lines faults;
  if (status != command.exit_status) {
    faults.push_back("exit status " + std::to_string(status) + ", not " + std::to_string(command.exit_status));
  }
  for (const std::string& text : command.texts) {
    if (output.find(text) == std::string::npos) faults.push_back("nothing printed says: " + text);
  }
  return faults;
}

// The exit status, or -1 where there was none.
int run(const std::string& arguments, std::string& output) {
  const std::string line = std::string("'") + CONVCHECK_PROGRAM + "' " + arguments + " 2>&1";
  FILE* const pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) return -1;
  char buffer[4096];
  for (size_t got = 0; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, got);
  const int status = pclose(pipe);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Page read_text(const std::string& text) {
  std::istringstream in(text);
  return read_page(in);
}

TEST(ThreadPageReader, TakesCommandsWithWhatIsExpected) {
  const Page page = read_text(
      "```\n$ convcheck explain a=1\nwhat it prints\n```\n<!-- expects: exit=1 text=\"one (1)\" text=\"two\" -->\n");
  EXPECT_TRUE(page.faults.empty());
  ASSERT_EQ(page.commands.size(), 1U);
  EXPECT_EQ(page.commands[0].arguments, "explain a=1");
  EXPECT_EQ(page.commands[0].line, 2);
  EXPECT_EQ(page.commands[0].exit_status, 1);
  EXPECT_EQ(page.commands[0].texts, (Lines{"one (1)", "two"}));
}

TEST(ThreadPageReader, RefusesWhatWouldNotBeChecked) {
  const std::string block = "```\n$ convcheck explain a=1\n```\n";
  for (const std::string& text : {
           block,
           block + "\n<!-- expects: exit=0 text=\"a\" -->\n",
           block + "<!-- expects: text=\"a\" -->\n",
           block + "<!-- expects: exit=0 -->\n",
           block + "<!-- expects: exit=0 text=\"\" -->\n",
           block + "<!-- expects: exit=0 text=a -->\n",
           block + "<!-- expects: exit=0 text=\"a\" text=\"b -->\n",
           block + "some prose\n",
           std::string("```\n$ convcheck a\n$ convcheck b\n```\n<!-- expects: exit=0 text=\"a\" -->\n"),
           std::string("```\n$ convcheck a\n"),
           std::string("<!-- expects: exit=0 text=\"a\" -->\n"),
       }) {
    EXPECT_FALSE(read_text(text).faults.empty()) << text;
  }
}

TEST(ThreadPageReader, SeesAWrongStatusAndAMissingText) {
  const Command command{.arguments = "", .line = 1, .exit_status = 1, .texts = {"6 or 9"}};
  EXPECT_TRUE(faults_of(command, 1, "nearest: 6 or 9\n").empty());
  EXPECT_EQ(faults_of(command, 0, "nearest: 6 or 9\n").size(), 1U);
  EXPECT_EQ(faults_of(command, 1, "nearest: 6\n").size(), 1U);
  EXPECT_EQ(faults_of(command, -1, "").size(), 2U);
}

TEST(ThreadPage, EveryCommandGivesWhatThePageSays) {
  std::ifstream in(std::string(CONVCHECK_SOURCE_DIR) + "/docs/thread.md");
  ASSERT_TRUE(in);
  const Page page = read_page(in);
  for (const std::string& fault : page.faults) ADD_FAILURE() << "docs/thread.md, " << fault;
  ASSERT_GE(page.commands.size(), 8U) << "the page has a command for each of its eight points";
  for (const Command& command : page.commands) {
    std::string output;
    const int status = run(command.arguments, output);
    for (const std::string& fault : faults_of(command, status, output)) {
      ADD_FAILURE() << "docs/thread.md, " << place(command.line) << ": convcheck " << command.arguments << "\n"
                    << fault << "\nit printed:\n"
                    << output;
    }
  }
}

}  // namespace
}  // namespace convcheck
