#include "harness/report.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace convcheck {
namespace {

using enum Verdict;

KernelReport kernel_of(std::initializer_list<Verdict> verdicts, int64_t cases = 5) {
  KernelReport kernel;
  for (const Verdict verdict : verdicts) {
    LawReport law;
    law.verdict = verdict;
    law.cases = verdict == holds || verdict == violated ? cases : 0;
    kernel.laws.push_back(law);
  }
  return kernel;
}

Report report_of(const std::vector<KernelReport>& kernels) {
  Report report;
  report.kernels = kernels;
  return report;
}

TEST(KernelReport, HoldsWhereWhatWasJudgedHolds) {
  EXPECT_EQ(kernel_of({holds}).verdict(), holds);
  EXPECT_EQ(kernel_of({holds, not_claimed, not_applicable, holds}).verdict(), holds);
  EXPECT_EQ(kernel_of({holds, not_claimed, holds}).cases(), 10);
}

TEST(KernelReport, IsViolatedByOneLawWhateverElse) {
  EXPECT_EQ(kernel_of({holds, violated, harness_fault}).verdict(), violated);
  EXPECT_EQ(kernel_of({harness_fault, violated}, 0).verdict(), violated);
}

TEST(KernelReport, CouldNotBeJudgedWhereALawFailedOrNoCaseWasJudged) {
  EXPECT_EQ(kernel_of({holds, harness_fault}).verdict(), harness_fault);
  EXPECT_EQ(kernel_of({}).verdict(), harness_fault);
  EXPECT_EQ(kernel_of({not_claimed, not_applicable}).verdict(), harness_fault);
  EXPECT_EQ(kernel_of({holds}, 0).verdict(), harness_fault) << "a law that held on no case held nothing";
}

TEST(Report, IsViolatedWhereAnyKernelIs) {
  EXPECT_EQ(report_of({kernel_of({holds}), kernel_of({violated}), kernel_of({})}).verdict(), violated);
}

TEST(Report, CouldNotBeJudgedWhereAKernelCouldNotOrThereIsNone) {
  EXPECT_EQ(report_of({}).verdict(), harness_fault);
  EXPECT_EQ(report_of({kernel_of({holds}), kernel_of({})}).verdict(), harness_fault);
}

TEST(Report, HoldsWhereEveryKernelDoes) {
  EXPECT_EQ(report_of({kernel_of({holds}), kernel_of({holds, not_claimed})}).verdict(), holds);
}

TEST(Verdict, IsSpelledAsInJson) {
  const std::vector<std::string> names = {"holds", "violated", "not_claimed", "not_applicable", "harness_fault"};
  const std::vector<Verdict> all = {holds, violated, not_claimed, not_applicable, harness_fault};
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(name(all[i]), names[i]);
}

}  // namespace
}  // namespace convcheck
