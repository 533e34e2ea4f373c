// A wrong command is answered by one line that says what to do, and nothing is judged.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/tools/program.h"

namespace convcheck::tools {
namespace {

struct Wrong {
  std::vector<std::string> arguments;
  std::string answer;
};

void expect_answers(const std::vector<Wrong>& commands) {
  for (const auto& [arguments, answer] : commands) {
    const Ended ended = convcheck(arguments);
    EXPECT_EQ(ended.status, 2) << answer;
    EXPECT_EQ(ended.err, answer + "\n");
    EXPECT_EQ(ended.out, "") << answer;
  }
}

TEST(WrongCommand, TheThreeThatANewcomerTypesFirst) {
  expect_answers({
      {words("run --bugdet 3s"), "convcheck run: unknown option '--bugdet'; did you mean '--budget'?"},
      {words("run my_kernel.so"),
       "convcheck run: my_kernel.so: no such file; name a kernel library, such as ./my_kernel.so"},
      {words("replay input=1x3x8x8 weigth=8x3x3x3"),
       "convcheck replay: 'input=1x3x8x8 weigth=8x3x3x3': column 15: unknown key 'weigth'; did you mean 'weight'?"},
  });
}

TEST(WrongCommand, OfTheCommandItself) {
  expect_answers({
      {{}, "convcheck: name a command: run, replay, explain, audit, bench, list or corpus; convcheck --help says more"},
      {words("rum"), "convcheck: unknown command 'rum'; did you mean 'run'?"},
      {words("--verison"), "convcheck: unknown option '--verison'; did you mean '--version'?"},
      {words("explain"),
       "convcheck explain: name a problem, such as: convcheck explain input=1x3x8x8 weight=9x1x3x3 groups=3"},
      {words("replay"),
       "convcheck replay: name a case, such as: convcheck replay input=1x3x8x8 weight=9x1x3x3 groups=3"},
      {words("list"), "convcheck list: name what to list: kernels, laws, mutants, networks or corpus"},
      {words("list mutants --markdown"), "convcheck list: only `list laws` is a page"},
      {words("audit --budget soon"), "convcheck audit: --budget 'soon' is no duration; write 20s, 500ms or 2m"},
      {words("audit --kernel kernel_fliped"),
       "convcheck audit: unknown kernel 'kernel_fliped'; did you mean 'kernel_flipped'?"},
      {words("audit --law bias_add"), "convcheck audit: unknown law 'bias_add'; did you mean 'bias_adds'?"},
      {words("audit --json /nowhere/a.json"),
       "convcheck audit: /nowhere/a.json: cannot be written; does its folder exist?"},
      {words("list kernel"), "convcheck list: unknown 'kernel'; did you mean 'kernels'?"},
      {words("list laws " + kRightKernel), "convcheck list: only `list kernels` takes libraries"},
  });
}

TEST(WrongCommand, NamesOfWhatThereIsNot) {
  expect_answers({
      {words("run --kernel dirct"), "convcheck run: unknown kernel 'dirct'; did you mean 'direct'?"},
      {words("run --kernel direct " + kRightKernel), "convcheck run: unknown kernel 'direct'; known: my_kernel"},
      {words("run --law bias_add"), "convcheck run: unknown law 'bias_add'; did you mean 'bias_adds'?"},
      {words("run --networks tiny,resnet"), "convcheck run: unknown network 'resnet'; known: tiny"},
      {words("run --gtest_fliter=*"), "convcheck run: unknown option '--gtest_fliter'; did you mean '--gtest_filter'?"},
      {words("explain --gtest_filter=* input=1x3x8x8 weight=8x3x3x3"),
       "convcheck explain: unknown option '--gtest_filter'; known: --help"},
  });
}

TEST(WrongCommand, ValuesThatMeanNothing) {
  const std::string more = "; convcheck run --help says more";
  expect_answers({
      {words("run --budget soon"), "convcheck run: --budget 'soon' is no duration; write 20s, 500ms or 2m"},
      {words("run --budget -3s"), "convcheck run: --budget '-3s' is no duration; write 20s, 500ms or 2m"},
      {words("run --budget nan"), "convcheck run: --budget 'nan' is no duration; write 20s, 500ms or 2m"},
      {words("run --budget 3s --cases 5"),
       "convcheck run: --budget and --cases both say when to stop; give one of them"},
      {words("run --cases many"), "convcheck run: --cases: 'many' is not a whole number from 0 to 1000000000" + more},
      {words("run --jobs 0"), "convcheck run: --jobs: '0' is not a whole number from 1 to 4096" + more},
      {words("run --seed -1"),
       "convcheck run: --seed: '-1' is not a whole number from 0 to 18446744073709551615" + more},
      {words("run --json"), "convcheck run: --json needs a value: --json FILE" + more},
  });
}

TEST(WrongCommand, FilesThatCannotBeUsed) {
  const TemporaryFolder folder;
  const std::string json = folder.file("no/such/folder/report.json");
  expect_answers({
      {{"run", "--json", json}, "convcheck run: " + json + ": cannot be written; does its folder exist?"},
      {{"run", "--junit", json}, "convcheck run: " + json + ": cannot be written; does its folder exist?"},
  });
  const std::string text = folder.file("text.so");
  std::ofstream(text) << "no library\n";
  const Ended ended = convcheck({"run", text});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err.rfind("convcheck run: " + text + ": cannot be loaded: ", 0), 0U) << ended.err;
  EXPECT_EQ(lines(ended.err).size(), 1U) << ended.err;
}

// Whatever bytes come in, one line goes out.
TEST(WrongCommand, IsAnsweredByOneLineWhateverItHolds) {
  const std::vector<std::vector<std::string>> commands = {
      {"run", "--bugdet\nnow"},  {"explain", "input=1x3\n8x8"}, {"replay", "input=\x1b[2J"},
      {"run", "--law", "a\nb"},  {"run", "--kernel", "a\nb"},   {"list", "a\nb"},
      {"run", "--budget", "\n"}, {"run", "--cases", "\n5"},     {"ru\nn"},
  };
  for (const auto& arguments : commands) {
    const Ended ended = convcheck(arguments);
    EXPECT_EQ(ended.status, 2) << arguments.back();
    EXPECT_EQ(lines(ended.err).size(), 1U) << ended.err;
    EXPECT_EQ(ended.err.find('\x1b'), std::string::npos) << ended.err;
  }
}

}  // namespace
}  // namespace convcheck::tools
