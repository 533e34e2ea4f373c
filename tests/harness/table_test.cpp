#include "harness/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "properties/generate.h"
#include "tests/harness/reports.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const std::vector<std::string> kShipped = {"direct", "im2col", "winograd2x2", "winograd4x4", "folded"};

TEST(ViolationText, SaysHowToKeepTheCase) {
  Violation violation;
  violation.keep = "convcheck corpus add input=1x1x1x1 weight=1x1x1x1 --name NAME --note 'k l'";
  EXPECT_NE(to_text(violation, "k", "bias_adds", {}).find("\n  keep      " + violation.keep + '\n'), std::string::npos);
}

TEST(Table, OfFiveKernelsFitsAHundredColumns) {
  const std::string text = to_table(report_on(kShipped), {});
  const auto lines = lines_of(text);
  ASSERT_GT(lines.size(), laws().size());
  for (const std::string& line : lines) EXPECT_LE(line.size(), 100U) << line;
  // Side by side: all five names in the line above the laws.
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const std::string& line) {
                            return !contains(line, ":") && !contains(line, ";") &&
                                   std::all_of(kShipped.begin(), kShipped.end(),
                                               [&](const std::string& name) { return contains(line, name); });
                          }),
            1)
      << text;
}

TEST(Table, OfManyOrLongNamedKernelsGoesOnBelow) {
  std::vector<std::string> names;
  for (int i = 0; i < 12; ++i) names.push_back("a_kernel_with_a_long_name_" + std::to_string(i));
  const std::string text = to_table(report_on(names), {});
  for (const std::string& name : names) EXPECT_TRUE(contains(text, name)) << name;
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with("accepts_valid")) {
      EXPECT_LE(line.size(), 100U) << line;
    }
  }
}

TEST(Table, HasARowForEachLawAndACellForEachVerdict) {
  const std::string text = to_table(report_on({"one", "two"}), {});
  for (const Law& law : laws()) EXPECT_TRUE(contains(text, law.name)) << law.name;
  EXPECT_TRUE(contains(text, "VIOLATED"));
  EXPECT_TRUE(contains(text, "FAULT"));
  EXPECT_TRUE(contains(text, "1234k"));
  EXPECT_TRUE(contains(text, "no error bound is derived"));
  EXPECT_TRUE(contains(text, "out of memory"));
}

TEST(Table, LeavesOutLawsThatWereNotAskedFor) {
  Report report = report_on({"one"});
  report.kernels[0].laws.resize(1);
  const std::string text = to_table(report, {});
  EXPECT_TRUE(contains(text, laws()[0].name));
  EXPECT_FALSE(contains(text, laws()[1].name));
}

TEST(Table, EndsWithTheVerdict) {
  const auto last = [](const Report& report) { return lines_of(to_table(report, {})).back(); };
  EXPECT_TRUE(last(report_on({"one", "two"})).starts_with("1 of 2 kernels hold all laws that they claim"));
  EXPECT_TRUE(contains(last(report_on({"one", "two"})), "violations in two"));
  EXPECT_TRUE(contains(to_table(report_on({"one", "two"}), {}), "seed 7")) << "what it takes to repeat the run";
  Report sound = report_on({"one", "two"});
  sound.kernels.pop_back();
  EXPECT_TRUE(last(sound).starts_with("1 of 1 kernels hold"));
  EXPECT_FALSE(contains(last(sound), "judged:"));
  sound.kernels[0].laws.clear();
  EXPECT_TRUE(last(sound).starts_with("0 of 1 kernels hold")) << "a kernel of which nothing was judged does not hold";
  EXPECT_TRUE(contains(last(sound), "could not be judged"));
}

TEST(Table, SaysHowMuchOfTheSmallWorldWasDone) {
  Report report = report_on({"one", "two"});
  EXPECT_TRUE(contains(to_table(report, {}), "519168 problems, all done"));
  report.kernels[1].small_world_done = 519'168 / 4;
  EXPECT_TRUE(contains(to_table(report, {}), "done in part: two 25.0%"));
}

TEST(Table, SaysWhichClassesOfCasesWereNeverSeen) {
  Report report = report_on({"one"});
  EXPECT_FALSE(contains(to_table(report, {}), "cases by class")) << "no case ran";
  report.coverage.add(problem_of("input=0x4x8x8 weight=4x4x3x3"));
  const std::string text = to_table(report, {});
  EXPECT_TRUE(contains(text, "cases by class: 21 of 82 classes seen, never groups between 1 and C; groups C; "))
      << text;
  EXPECT_TRUE(contains(text, "; and 53 more (--verbose shows all)\n")) << text;
  for (const std::string& line : lines_of(text)) EXPECT_LE(line.size(), 100U) << line;
}

TEST(Table, SaysThatEveryClassWasSeen) {
  Report report = report_on({"one"});
  uint64_t seed = 0;
  while (report.coverage.never_seen().size() > 1) report.coverage.add(random_case(++seed, Fill::integers).problem);
  EXPECT_TRUE(contains(to_table(report, {}), "81 of 82 classes seen, never image extent 0\n"));
  report.coverage.add(problem_of("input=2x3x0x4 weight=5x3x2x2 padding=1,2,0,0"));
  EXPECT_TRUE(contains(to_table(report, {}), "\ncases by class: 82 classes, all seen\n"));
}

TEST(Table, CountsCasesByClassWhereAllIsAskedFor) {
  Report report = report_on({"one"});
  for (int i = 0; i < 3; ++i) report.coverage.add(problem_of("input=0x4x8x8 weight=4x4x3x3"));
  EXPECT_FALSE(contains(to_table(report, {}), "3 to 7: ")) << "a line is enough";
  const std::string text = to_table(report, {.verbose = true});
  EXPECT_TRUE(contains(text, "\n  batch                         0: 3  1: 0  2: 0  3: 0  above 3: 0\n")) << text;
  EXPECT_TRUE(contains(text, "\n  kernel extent                 1: 0  2: 0  3: 6  4 to 7: 0")) << text;
  for (const CaseClass& one : case_classes()) {
    EXPECT_TRUE(contains(text, "\n  " + std::string(one.parameter) + "  ")) << one.parameter;
    EXPECT_TRUE(contains(text, std::string(one.value) + ": ")) << one.parameter << ' ' << one.value;
  }
  for (const std::string& line : lines_of(text)) EXPECT_LE(line.size(), 100U) << line;
}

TEST(Table, IsPlainWithoutColourAndColouredWithIt) {
  const Report report = report_on(kShipped);
  const std::string plain = to_table(report, {.colour = false});
  std::string coloured = to_table(report, {.colour = true});
  EXPECT_FALSE(contains(plain, "\033"));
  EXPECT_TRUE(contains(coloured, "\033[31m"));
  // Colour changes nothing else.
  for (size_t at = coloured.find('\033'); at != std::string::npos; at = coloured.find('\033')) {
    coloured.erase(at, coloured.find('m', at) - at + 1);
  }
  EXPECT_EQ(coloured, plain);
}

TEST(ViolationText, TellsAllThereIsToTell) {
  const Violation violation = *report_on({"one"}).kernels[0].laws[0].violation;
  const std::string text = to_text(violation, "one", "accepts_valid", {});
  for (const std::string& part :
       {violation.the_case, violation.shrunk_from, violation.source, violation.expected, violation.got, violation.index,
        violation.explanation, violation.replay, std::string("one violates accepts_valid"),
        std::string("nothing smaller fails"), std::string(find_law("accepts_valid")->statement)}) {
    EXPECT_TRUE(contains(text, part)) << part << " is missing in\n" << text;
  }
}

TEST(ViolationText, SaysHowTheKernelBehavesWhereThatIsKnown) {
  Violation violation = *report_on({"one"}).kernels[0].laws[0].violation;
  EXPECT_FALSE(contains(to_text(violation, "one", "accepts_valid", {}), "behaves"));
  violation.behaves_as = "dilation_h_for_both";
  EXPECT_TRUE(contains(to_text(violation, "one", "accepts_valid", {}),
                       "\n  behaves   as if dilation_h were used for both axes (dilation_h_for_both)\n"));
}

TEST(ViolationText, DoesNotClaimMinimalityThatWasNotShown) {
  Violation violation = *report_on({"one"}).kernels[0].laws[0].violation;
  violation.is_minimal = false;
  violation.index.clear();
  const std::string text = to_text(violation, "one", "accepts_valid", {});
  EXPECT_FALSE(contains(text, "nothing smaller fails"));
  EXPECT_TRUE(contains(text, "before this was shown to be minimal"));
  violation.the_case = violation.shrunk_from;
  EXPECT_TRUE(contains(to_text(violation, "one", "accepts_valid", {}), "it was not made smaller"));
}

TEST(ViolationText, WrapsLongProseAndKeepsEveryWord) {
  Violation violation = *report_on({"one"}).kernels[0].laws[0].violation;
  violation.explanation.clear();
  for (int i = 0; i < 60; ++i) violation.explanation += "word" + std::to_string(i) + (i < 59 ? " " : ".");
  const std::string text = to_text(violation, "one", "accepts_valid", {});
  for (const std::string& line : lines_of(text)) EXPECT_LE(line.size(), 100U) << line;
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(contains(text, "word" + std::to_string(i))) << i;
}

TEST(Table, SaysWhereAKernelWasJudgedNoFurther) {
  Report report = report_on({"one", "two"});
  EXPECT_EQ(to_table(report, {}).find("judged no further"), std::string::npos);
  report.kernels[0].cut_short = "the kernel died on 50 cases";
  EXPECT_NE(to_table(report, {}).find("  one was judged no further: the kernel died on 50 cases\n"), std::string::npos);
}

TEST(Table, HasALineForEachRemark) {
  Report report = report_on({"one", "two"});
  report.kernels[1].remarks = {"a thread goes on", "another as well"};
  EXPECT_NE(to_table(report, {}).find("  two: a thread goes on\n  two: another as well\n"), std::string::npos);
}

}  // namespace
}  // namespace convcheck
