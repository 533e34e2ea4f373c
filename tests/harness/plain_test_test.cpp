// The baseline is what it says: it fails on faults that its shapes show, and lets the others through.
#include "harness/plain_test.h"

#include <gtest/gtest.h>

#include "reference/rules.h"
#include "tests/properties/faulty_kernels.h"

namespace convcheck {
namespace {

Subject subject_of(const convcheck_kernel& kernel) {
  return {&kernel, nullptr};
}

TEST(PlainTest, HasTwentyValidSquareShapesWithOneGroupOrAsManyAsChannels) {
  EXPECT_EQ(plain_shapes().size(), 20U);
  int depthwise = 0;
  for (const Problem& problem : plain_shapes()) {
    EXPECT_TRUE(is_valid(problem));
    EXPECT_TRUE(problem.groups == 1 || problem.groups == problem.in_channels());
    EXPECT_EQ(problem.input[2], problem.input[3]);
    EXPECT_EQ(problem.weight[2], problem.weight[3]);
    depthwise += problem.groups > 1 ? 1 : 0;
  }
  EXPECT_EQ(depthwise, 6);
}

TEST(PlainTest, PassesSoundKernels) {
  for (const Oddity oddity : {Oddity::none, Oddity::sums_reversed}) {
    EXPECT_EQ(plain_test(subject_of(kernel_with(oddity)), 1), PlainVerdict::passes) << name(oddity);
  }
}

TEST(PlainTest, FailsOnFaultsThatItsShapesShow) {
  for (const Defect defect : {Defect::group_ignored, Defect::kernel_flipped, Defect::bias_skipped,
                              Defect::last_column_unwritten, Defect::accumulates_in_bf16}) {
    EXPECT_EQ(plain_test(subject_of(kernel_with(defect)), 1), PlainVerdict::fails) << name(defect);
  }
}

TEST(PlainTest, LetsThroughWhatItsShapesHide) {
  for (const Defect defect : {Defect::padding_sides_swapped, Defect::strided_read_as_dense, Defect::zeros_skipped,
                              Defect::accepts_indivisible_outputs, Defect::rejects_stride_above_kernel}) {
    EXPECT_EQ(plain_test(subject_of(kernel_with(defect)), 1), PlainVerdict::passes) << name(defect);
  }
}

TEST(PlainTest, SkipsWhatAKernelDoesNotServe) {
  EXPECT_EQ(plain_test(subject_of(kernel_with(Oddity::depthwise_only)), 1), PlainVerdict::passes);
  convcheck_kernel declining = kernel_with(Oddity::none);
  declining.supports = [](const convcheck_problem*) -> int32_t { return CONVCHECK_UNSUPPORTED; };
  EXPECT_EQ(plain_test(subject_of(declining), 1), PlainVerdict::not_served);
}

}  // namespace
}  // namespace convcheck
