// A violation is reported so that it can be repeated, on a case that nothing smaller replaces.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "harness/library.h"
#include "properties/law.h"
#include "properties/shrink.h"
#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/tools/program.h"

namespace convcheck::tools {
namespace {

// The violations of faulty_kernel, by law.
std::map<std::string, nlohmann::json> violations() {
  const Reported run = report_of({"run", kFaultyKernel, "--budget", "500ms"});
  EXPECT_EQ(run.ended.status, 1) << run.ended.err;
  std::map<std::string, nlohmann::json> found;
  for (const auto& law : run.json.at("kernels").at(0).at("laws")) {
    if (law.at("verdict") == "violated") found[law.at("law")] = law.at("violation");
  }
  return found;
}

TEST(Violation, IsFoundByEveryLawThatTheFaultBreaks) {
  std::set<std::string> found;
  for (const auto& [law, violation] : violations()) found.insert(law);
  EXPECT_EQ(found,
            (std::set<std::string>{"matches_reference_exactly", "matches_reference_within_bound",
                                   "keeps_the_full_significand", "errs_like_f32", "computes_extremes_exactly",
                                   "propagates_nonfinite", "groups_are_independent", "equals_block_diagonal_dense",
                                   "tied_groups_equal_channel_fold", "permuting_groups_permutes_outputs",
                                   "identity_kernel_copies", "pointwise_is_a_matrix_product"}));
}

// The replay line is given to a shell as it stands.
TEST(Violation, FailsTheSameWayWhenReplayed) {
  for (const auto& [law, violation] : violations()) {
    const std::string command = violation.at("replay");
    const Ended ended = shell(command);
    EXPECT_EQ(ended.status, 1) << command << '\n' << ended.err;
    EXPECT_TRUE(std::regex_search(ended.out, std::regex(law + " +VIOLATED"))) << ended.out;
    EXPECT_NE(ended.out.find("0 held, 1 violated"), std::string::npos) << ended.out;
    const std::string shown = joined(ended.out);
    for (const char* part : {"case", "index", "expected", "got", "explanation", "behaves_as"}) {
      // The sentence at the explanation's end has a line of its own.
      std::string text = violation.at(part).get<std::string>();
      text = text.substr(0, text.find(" It behaves as if"));
      EXPECT_NE(shown.find(text), std::string::npos) << part << '\n' << ended.out;
    }
    for (const std::string& line : lines(ended.out)) EXPECT_LE(line.size(), 100U) << line;
  }
}

TEST(Violation, NamesTheGroupsThatAreWrong) {
  for (const auto& [law, violation] : violations()) {
    // With two groups exchanged, what the first one reads changes as well.
    if (law == "permuting_groups_permutes_outputs") continue;
    EXPECT_NE(violation.at("explanation").get<std::string>().find("group 1"), std::string::npos) << law;
  }
}

TEST(Violation, SaysHowTheKernelBehaves) {
  for (const auto& [law, violation] : violations()) {
    EXPECT_EQ(violation.at("behaves_as"), "first_group_read_by_all") << law;
    EXPECT_TRUE(violation.at("explanation")
                    .get<std::string>()
                    .ends_with(" It behaves as if groups after the first read the first group's input channels."))
        << law << ": " << violation.at("explanation");
  }
}

TEST(Violation, IsMinimal) {
  const Library library = Library::load(kFaultyKernel);
  ASSERT_EQ(library.error(), "");
  for (const auto& [name, violation] : violations()) {
    EXPECT_TRUE(violation.at("is_minimal").get<bool>()) << name;
    const auto smallest = parse_case(violation.at("case").get<std::string>());
    ASSERT_TRUE(smallest);
    const Law& law = *find_law(name);
    const auto outcome = [&](const Case& c) {
      Scratch scratch;
      Trial trial(library.kernels()[0], c, scratch);
      return judge(law, trial).outcome;
    };
    EXPECT_EQ(outcome(*smallest), Outcome::violated) << name;
    const std::vector<Case> neighbours = smaller_cases(*smallest);
    EXPECT_FALSE(neighbours.empty());
    for (const Case& smaller : neighbours) {
      if (!takes(law, smaller, is_valid(smaller.problem))) continue;
      EXPECT_NE(outcome(smaller), Outcome::violated) << name << " on " << print(smaller);
    }
  }
}

TEST(Violation, IsShownOnScreensOf100Columns) {
  const Ended ended = convcheck({"run", kFaultyKernel, "--budget", "10ms"});
  for (const std::string& line : lines(ended.out)) {
    // What is to be pasted, and the case as it was found, are not broken.
    if (line.rfind("  replay", 0) == 0 || line.rfind("  keep", 0) == 0 || line.rfind("  found on", 0) == 0 ||
        line.rfind("  case", 0) == 0)
      continue;
    EXPECT_LE(line.size(), 100U) << line;
  }
}

// "found on" names a place that a reader can open.
TEST(Violation, SaysWhereItsCaseCameFrom) {
  const auto found = violations();
  EXPECT_EQ(found.at("matches_reference_exactly").at("source"), "corpus/bugs/groups.cases:2 two-groups");
  EXPECT_EQ(found.at("matches_reference_exactly").at("shrunk_from"),
            "input=1x4x5x5 weight=4x2x3x3 groups=2 padding=1 bias=4");
}

}  // namespace
}  // namespace convcheck::tools
