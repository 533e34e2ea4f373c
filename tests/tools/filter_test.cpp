// GoogleTest's filter selects what the session does, not only what is said about it.
#include <gtest/gtest.h>

#include <set>

#include "properties/law.h"
#include "tests/tools/program.h"

namespace convcheck::tools {
namespace {

// "KERNEL.LAW" for all that a report speaks of.
std::set<std::string> judged(const nlohmann::json& report) {
  std::set<std::string> found;
  for (const auto& kernel : report.at("kernels")) {
    for (const auto& law : kernel.at("laws")) {
      found.insert(kernel.at("name").get<std::string>() + "." + law.at("law").get<std::string>());
    }
  }
  return found;
}

TEST(Filter, LeavesTheChosenKernelsAndLawsAlone) {
  const Reported both =
      report_of({"run", kRightKernel, kFaultyKernel, "--budget", "10ms", "--gtest_filter=*.bias_adds"});
  EXPECT_EQ(judged(both.json), (std::set<std::string>{"my_kernel.bias_adds", "faulty_kernel.bias_adds"}));
  EXPECT_EQ(both.ended.status, 0) << both.ended.out;

  const Reported one = report_of({"run", kRightKernel, kFaultyKernel, "--budget", "10ms",
                                  "--gtest_filter=my_kernel.*-*.bias_adds:*.rejects_invalid"});
  EXPECT_EQ(one.ended.status, 0) << one.ended.out << "the faulty kernel was judged";
  EXPECT_EQ(judged(one.json).size(), laws().size() - 2);
  EXPECT_EQ(judged(one.json).count("my_kernel.bias_adds"), 0U);
}

TEST(Filter, WorksWithTheProgramsOwnChoice) {
  const Reported run = report_of({"run", "--kernel", "direct", "--kernel", "folded", "--law", "bias_adds", "--law",
                                  "accepts_valid", "--budget", "10ms", "--gtest_filter=-folded.bias_adds"});
  EXPECT_EQ(judged(run.json),
            (std::set<std::string>{"direct.accepts_valid", "direct.bias_adds", "folded.accepts_valid"}));
}

TEST(Filter, ThatLeavesNothingIsNoSuccess) {
  const Ended ended = convcheck({"run", kRightKernel, "--gtest_filter=no_such_kernel.*"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_EQ(ended.err, "convcheck run: the filter leaves nothing to judge; --gtest_list_tests lists what there is\n");
}

TEST(Filter, ListsEachKernelAndLaw) {
  const Ended ended = convcheck({"run", kRightKernel, "--kernel", "my_kernel", "--law", "bias_adds", "--law",
                                 "accepts_valid", "--gtest_list_tests"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(lines(ended.out), (std::vector<std::string>{"my_kernel.", "  bias_adds", "  accepts_valid"}));
  EXPECT_EQ(ended.err, "");
}

TEST(Filter, KnowsKernelsOfOneNameByTheirLibraries) {
  const Ended ended = convcheck({"run", kRightKernel, kRightKernel, "--law", "bias_adds", "--gtest_list_tests"});
  const auto listed = lines(ended.out);
  ASSERT_EQ(listed.size(), 4U) << ended.out;
  EXPECT_NE(listed[0], listed[2]);
  EXPECT_NE(listed[0].find("right_kernel_so_my_kernel"), std::string::npos) << listed[0];
}

}  // namespace
}  // namespace convcheck::tools
