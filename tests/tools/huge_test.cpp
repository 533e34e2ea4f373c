// Huge problems from the command line: with --huge alone, and replayed like any other.
#include <gtest/gtest.h>

#include "tests/tools/program.h"

namespace convcheck::tools {
namespace {

const std::string kHuge =
    "input=2x4x12x10 weight=8x1x3x3 groups=4 padding=1 bias=8 input_strides=4294967296x1073741824x4099x3";

TEST(HugeRun, JudgesHugeCasesWhereItIsAskedTo) {
  const Reported with = report_of({"run", kRightKernel, "--budget", "10ms", "--huge"});
  EXPECT_EQ(with.ended.status, 0) << with.ended.out << with.ended.err;
  EXPECT_EQ(with.json.at("coverage").at("huge_cases"), 1);
  EXPECT_EQ(with.json.at("coverage").at("huge_omissions").size(), 0U);
  EXPECT_EQ(with.json.at("kernels").at(0).at("huge_cases"), 1);
  EXPECT_NE(with.ended.out.find("huge: 1 cases; judged: my_kernel 1"), std::string::npos) << with.ended.out;

  const Reported without = report_of({"run", kRightKernel, "--budget", "10ms"});
  EXPECT_EQ(without.json.at("coverage").at("huge_cases"), 0);
  EXPECT_EQ(without.json.at("kernels").at(0).at("huge_cases"), 0);
  EXPECT_EQ(without.ended.out.find("huge"), std::string::npos) << without.ended.out;
}

// A law that is violated on a small problem is not judged again.
TEST(HugeRun, IsAboutLawsThatAreLeft) {
  const Reported run = report_of({"run", kFaultyKernel, "--budget", "10ms", "--huge", "--law", "accepts_valid", "--law",
                                  "matches_reference_exactly"});
  EXPECT_EQ(run.ended.status, 1);
  const auto values = law_of(run.json, "faulty_kernel", "matches_reference_exactly");
  EXPECT_EQ(values.at("violation").at("source"), "corpus/bugs/groups.cases:2 two-groups");
  EXPECT_EQ(run.json.at("kernels").at(0).at("huge_cases"), 1) << "it accepts the problem";
}

TEST(HugeReplay, JudgesARightKernelAndAFaultyOne) {
  const Ended right = shell(std::string(CONVCHECK_PROGRAM) + " replay " + kHuge + " " + kRightKernel);
  EXPECT_EQ(right.status, 0) << right.out << right.err;
  EXPECT_NE(right.out.find("3 held, 0 violated"), std::string::npos) << right.out;
  const Ended faulty = shell(std::string(CONVCHECK_PROGRAM) + " replay " + kHuge + " " + kFaultyKernel +
                             " --kernel faulty_kernel --law matches_reference_exactly");
  EXPECT_EQ(faulty.status, 1) << faulty.out << faulty.err;
  EXPECT_NE(joined(faulty.out).find("all in groups 1 to 3"), std::string::npos) << faulty.out;
  for (const std::string& line : lines(faulty.out)) {
    EXPECT_TRUE(line.size() <= 100 || line.starts_with("input=")) << line;
  }
}

TEST(HugeReplay, SaysWhatCannotBeJudged) {
  const Ended reals = convcheck(words("replay " + kHuge + " fill=reals " + kRightKernel));
  EXPECT_EQ(reals.status, 3);
  EXPECT_NE(reals.out.find("not judged: huge problems are judged on integers alone"), std::string::npos) << reals.out;
}

}  // namespace
}  // namespace convcheck::tools
