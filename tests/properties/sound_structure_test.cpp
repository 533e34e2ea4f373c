// No law of structure or of repeated bits accuses a sound kernel, on problems whose transformations change what
// accuracy they are judged at above all.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "impls/shipped.h"
#include "properties/generate.h"
#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/properties/bent_kernels.h"
#include "tests/properties/faulty_kernels.h"
#include "tests/properties/judging.h"
#include "tests/properties/true_winograd.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

bool is_judged_here(const Law& law) {
  return law.topic == Topic::structure || law.name == "repeats_bit_for_bit";
}

struct Sound {
  const convcheck_kernel* kernel = nullptr;
  int64_t most_multiplies = 0;  // of a case: the kernels of the tests are slow
};

std::vector<Sound> sound_kernels() {
  std::vector<Sound> kernels;
  for (const Oddity oddity : all_oddities()) kernels.push_back({&kernel_with(oddity), 10'000});
  size_t count = 0;
  const convcheck_kernel* const* shipped = convcheck_shipped_kernels(CONVCHECK_ABI_VERSION, &count);
  for (size_t i = 0; i < count; ++i) kernels.push_back({shipped[i], 100'000});
  for (const convcheck_kernel* kernel : true_winograd_kernels()) kernels.push_back({kernel, 10'000});
  kernels.push_back({&ordered_by_alignment(), 10'000});
  kernels.push_back({&channels_last_only(), 10'000});
  return kernels;
}

// Problems that are judged as a summation and, transformed, as Winograd, or are so from the start: half of all.
Problem near_winograd(Problem problem, Random& random) {
  problem.layout = random.below(4) == 0 ? Layout::nhwc : Layout::nchw;
  problem.input_strides.reset();
  problem.weight_strides.reset();
  problem.output_strides.reset();
  struct Kernel {
    int64_t size, stride, dilation;
  };
  constexpr Kernel kKernels[] = {{3, 1, 1}, {5, 1, 1}, {3, 2, 1}, {5, 3, 1},
                                 {2, 1, 2}, {3, 1, 2}, {2, 1, 4}, {2, 2, 2}};
  const Kernel& kernel = kKernels[random.below(std::size(kKernels))];
  for (int axis = 0; axis < 2; ++axis) {
    const auto at = static_cast<size_t>(axis);
    problem.weight[axis + 2] = kernel.size;
    problem.stride[at] = kernel.stride;
    problem.dilation[at] = kernel.dilation;
    problem.pad_before[at] = uniform(random, 0, 2);
    problem.pad_after[at] = uniform(random, 0, 2);
    problem.input[axis + 2] = uniform(random, kernel.dilation * (kernel.size - 1) + 1, 14);
  }
  return problem;
}

// The same cases on every call.
template <class Judge>
void for_each_sound_case(int64_t count, int64_t most_multiplies, Judge judge_case) {
  Random random(77);
  for (int64_t done = 0; done < count;) {
    Case c = random_case(random.bits(), Fill::integers);
    if (random.below(2) == 0) c.problem = near_winograd(c.problem, random);
    if (multiply_count(c.problem) > most_multiplies) continue;
    ASSERT_TRUE(is_valid(c.problem)) << print(c);
    c.fill = random.below(5) == 0 ? Fill::reals : Fill::integers;
    judge_case(c);
    if (testing::Test::HasFatalFailure()) return;
    ++done;
  }
}

class EachSoundKernel : public testing::TestWithParam<Sound> {};

TEST_P(EachSoundKernel, HoldsEveryLawOfStructureAndOfRepeatedBits) {
  const convcheck_kernel& kernel = *GetParam().kernel;
  const Subject subject = {&kernel, nullptr};
  std::map<std::string_view, int64_t> held;
  int64_t served = 0;
  for_each_sound_case(random_cases(2000) + 500, GetParam().most_multiplies, [&](const Case& c) {
    Scratch scratch;
    Trial trial(subject, c, scratch);
    for (const Law& law : laws()) {
      if (!is_judged_here(law) || !takes(law, c, true) || !why_not_claimed(law, kernel).empty()) continue;
      const Judgement judgement = judge(law, trial);
      ASSERT_NE(judgement.outcome, Outcome::violated)
          << law.name << ' ' << print(c) << ": " << judgement.finding->expected << " became " << judgement.finding->got
          << ". " << judgement.finding->explanation;
      held[law.name] += judgement.outcome == Outcome::holds ? 1 : 0;
    }
    served += trial.expectation() != nullptr && trial.result().ok() ? 1 : 0;
  });
  ASSERT_GT(served, random_cases(100));
  // What the kernel serves at all it serves often enough for each law to be judged, but for what it serves by its kind.
  const std::string_view name = kernel.name;
  const bool is_depthwise = name == "depthwise_only";
  const bool is_of_one_kind =
      name.starts_with("winograd2x2") || name.starts_with("winograd4x4") || name.starts_with("winograd6x6");
  for (const Law& law : laws()) {
    if (!is_judged_here(law) || !why_not_claimed(law, kernel).empty()) continue;
    RecordProperty(std::string(law.name), std::to_string(held[law.name]));
    const bool is_dense_of_another =
        law.name == "groups_are_independent" || law.name == "equals_block_diagonal_dense" ||
        law.name == "tied_groups_equal_channel_fold" || law.name == "permuting_input_channels_changes_nothing";
    const bool is_strided = law.name == "stride_equals_subsampling" || law.name == "dilation_equals_zero_stuffing" ||
                            law.name == "pointwise_is_a_matrix_product";
    if (is_depthwise && is_dense_of_another) continue;
    // It serves one layout, in which channels cannot be folded into the batch.
    if (name == "channels_last_only" && law.name == "memory_layout_does_not_matter") continue;
    if (name == "channels_last_only" && law.name == "tied_groups_equal_channel_fold") continue;
    if (is_of_one_kind && is_strided) continue;
    EXPECT_GT(held[law.name], random_cases(15)) << law.name << " was hardly ever judged for " << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, EachSoundKernel, testing::ValuesIn(sound_kernels()), [](const auto& sound) {
  return std::to_string(sound.index) + "_" + sound.param.kernel->name;
});

// The errors that are forgiven are there: on reals and on integers Winograd's results are not the exact ones.
TEST(TrueWinograd, Errs) {
  for (const convcheck_kernel* kernel : true_winograd_kernels()) {
    const Subject subject = {kernel, nullptr};
    int64_t inexact = 0;
    for_each_sound_case(200, 10'000, [&](const Case& c) {
      Scratch scratch;
      Trial trial(subject, c, scratch);
      if (!trial.accuracy().is_winograd() || c.fill != Fill::integers || trial.expectation() == nullptr) return;
      ASSERT_TRUE(trial.result().ok());
      for (const float value : trial.output().memory()) inexact += value != std::nearbyint(value) ? 1 : 0;
    });
    EXPECT_GT(inexact, 100) << kernel->name;
  }
}

// A problem of stride 2 is judged as a summation, and the same with stride 1 as Winograd: the integers of the one are
// too large for the other, and the laws must not take them.
TEST(TrueWinograd, NeedsSmallerIntegersThanASummation) {
  const Problem strided = problem_of("input=1x16x12x12 weight=4x16x3x3 stride=2");
  Problem plain = strided;
  plain.stride = {1, 1, 1};
  const Problem dilated = problem_of("input=1x16x12x12 weight=4x16x3x3 dilation=2");
  const Problem stuffed = problem_of("input=1x16x12x12 weight=4x16x5x5");
  const convcheck_kernel& kernel = *true_winograd_kernels().back();
  const auto largest = [&](const Problem& problem) {
    const Geometry g = geometry(problem);
    return integer_range(g, accuracy_of(kernel, g))->largest;
  };
  EXPECT_GT(largest(strided), 10 * largest(plain));
  EXPECT_GT(largest(dilated), 10 * largest(stuffed));
  for (const auto& [law, problem] :
       {std::pair("stride_equals_subsampling", strided), std::pair("dilation_equals_zero_stuffing", dilated)}) {
    for (uint64_t seed = 1; seed <= 50; ++seed) {
      const Judgement judgement = judge_once(*find_law(law), kernel, {problem, Fill::integers, seed});
      EXPECT_EQ(judgement.outcome, Outcome::holds) << law << ' ' << seed;
    }
  }
}

}  // namespace
}  // namespace convcheck
