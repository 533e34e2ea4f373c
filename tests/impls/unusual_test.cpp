// The unusual kernels are acquitted by every law that they claim, are judged by the laws that they are there to try,
// and are as odd as they say.
#include "impls/unusual.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "properties/generate.h"
#include "reference/bound.h"
#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/properties/judging.h"
#include "tests/properties/sanitized.h"

namespace convcheck {
namespace {

std::vector<const convcheck_kernel*> kernels() {
  size_t count = 0;
  const convcheck_kernel* const* const first = convcheck_unusual_kernels(CONVCHECK_ABI_VERSION, &count);
  return {first, first + count};
}

const convcheck_kernel& kernel_named(std::string_view name) {
  const auto all = kernels();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto* kernel) { return kernel->name == name; });
  if (found == all.end()) ADD_FAILURE() << "no kernel is named " << name;
  return found == all.end() ? *all.front() : **found;
}

bool starts_with(const convcheck_kernel& kernel, std::string_view prefix) {
  return std::string_view(kernel.name).starts_with(prefix);
}

Case parsed(const std::string& text) {
  const auto result = parse_case(text);
  EXPECT_TRUE(static_cast<bool>(result)) << text;
  return result ? *result : Case{};
}

// What the kernel makes of the case, in logical order; nothing where it does not answer OK.
std::vector<float> output_of(const convcheck_kernel& kernel, const Case& c) {
  const Subject subject = {&kernel, nullptr};
  Scratch scratch;
  Trial trial(subject, c, scratch);
  EXPECT_NE(trial.expectation(), nullptr) << print(c);
  if (trial.expectation() == nullptr || !trial.result().ok()) return {};
  std::vector<float> values;
  const Tensor& output = trial.output();
  for (int64_t i = 0; i < output.elements(); ++i) {
    values.push_back(output.memory()[static_cast<size_t>(output.offset(i))]);
  }
  return values;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && !a.empty() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// With stride and dilation 1.
void set_kernel_size(Problem& problem, int64_t size) {
  problem.input_strides.reset();
  problem.weight_strides.reset();
  problem.output_strides.reset();
  problem.stride = problem.dilation = {1, 1, 1};
  for (int axis = 2; axis < 4; ++axis) {
    problem.weight[axis] = size;
    problem.input[axis] = std::max(problem.input[axis], size);
  }
}

// A case that a kernel with few problems is sure to serve often enough.
Case suited(const convcheck_kernel& kernel, const Law& law, Case c) {
  if (kernel.name == std::string_view("nhwc_only") && !c.problem.input_strides && !c.problem.output_strides) {
    c.problem.layout = Layout::nhwc;
  }
  // Of few cases hardly one would have the kernel's only size.
  if (law.one_in > 1 && kernel.name == std::string_view("pointwise_only")) set_kernel_size(c.problem, 1);
  if (law.one_in > 1 && kernel.name == std::string_view("winograd_f4x4_5x5")) set_kernel_size(c.problem, 5);
  return c;
}

// Laws that a kernel claims and no problem can judge it by: those that compare with a problem of another kind, which
// it does not serve.
bool can_be_judged(const convcheck_kernel& kernel, const Law& law) {
  using Laws = std::set<std::string_view>;
  static const std::map<std::string_view, Laws> kNever = {
      {"depthwise_only",
       {"equals_block_diagonal_dense", "permuting_filters_permutes_outputs",
        "permuting_input_channels_changes_nothing"}},
      {"dense_only",
       {"groups_are_independent", "equals_block_diagonal_dense", "tied_groups_equal_channel_fold",
        "permuting_groups_permutes_outputs"}},
      {"pointwise_only", {"padding_equals_explicit_zeros"}},
      // Windows of the statistical tier are 1x1 or do not overlap, and Winograd has no full significands.
      {"winograd_f4x4_3x3",
       {"errs_like_f32", "keeps_the_full_significand", "stride_equals_subsampling", "dilation_equals_zero_stuffing",
        "pointwise_is_a_matrix_product"}},
      {"winograd_f4x4_5x5",
       {"errs_like_f32", "keeps_the_full_significand", "stride_equals_subsampling", "dilation_equals_zero_stuffing",
        "pointwise_is_a_matrix_product"}},
  };
  if (!can_be_judged_here(law.name)) return false;
  if (law.name == "plans_are_independent" && kernel.prepare == nullptr) return false;
  const bool rejects_invalid = (kernel.promises & CONVCHECK_REJECTS_INVALID) != 0;
  if (law.name == "rejects_without_writing" && !rejects_invalid) return false;
  const auto found = kNever.find(kernel.name);
  return found == kNever.end() || !found->second.contains(law.name);
}

class EachUnusualKernel : public testing::TestWithParam<const convcheck_kernel*> {};

TEST_P(EachUnusualKernel, IsAcquittedByEveryLawThatItClaims) {
  const convcheck_kernel& kernel = *GetParam();
  for (const Law& law : laws()) {
    if (law.of_loading || !why_not_claimed(law, kernel).empty()) continue;
    Tally tally;
    for_each_case(law, kIsSanitized ? 250 : 500, 120, [&](const Case& plain) {
      const Case c = suited(kernel, law, plain);
      const Judgement judgement = judge_once(law, kernel, c);
      EXPECT_NE(judgement.outcome, Outcome::violated)
          << law.name << " on " << print(c) << ": " << judgement.finding->explanation;
      ++(judgement.outcome == Outcome::holds ? tally.holds : tally.not_applicable);
      return judgement.outcome != Outcome::violated;
    });
    if (can_be_judged(kernel, law)) {
      EXPECT_GT(tally.holds, 0) << kernel.name << " was never judged by " << law.name;
    } else {
      EXPECT_EQ(tally.holds, 0) << kernel.name << " is judged by " << law.name << " after all: take it off the list";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Unusual, EachUnusualKernel, testing::ValuesIn(kernels()),
                         [](const auto& kernel) { return std::string(kernel.param->name); });

TEST(UnusualKernels, AreManyWithNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const convcheck_kernel* kernel : kernels()) {
    EXPECT_TRUE(names.insert(kernel->name).second) << kernel->name;
    EXPECT_STRNE(kernel->description, "");
    EXPECT_EQ(kernel->struct_size, sizeof(convcheck_kernel));
    EXPECT_EQ(kernel->algorithm == CONVCHECK_WINOGRAD, kernel->winograd_tile != 0) << kernel->name;
  }
  EXPECT_GE(names.size(), 22U);
}

TEST(UnusualKernels, AreListedForThisVersionOfTheAbiAlone) {
  size_t count = 7;
  EXPECT_EQ(convcheck_unusual_kernels(CONVCHECK_ABI_VERSION + 1, &count), nullptr);
  EXPECT_EQ(count, 0U);
}

// Of the 32-bit patterns of sums of 90 products on 32 outputs hardly one order gives those of another.
TEST(UnusualOrders, DifferInBitsFromThePlainOrderAndFromEachOther) {
  const Case c = parsed("input=3x10x5x5 weight=4x10x3x3 padding=1 bias=4 fill=reals seed=5");
  const std::vector<float> plain = output_of(kernel_named("no_promises"), c);
  ASSERT_FALSE(plain.empty());
  std::map<std::string, std::vector<float>> outputs;
  for (const convcheck_kernel* kernel : kernels()) {
    if (!starts_with(*kernel, "sums_") && !starts_with(*kernel, "order_")) continue;
    const std::vector<float> output = output_of(*kernel, c);
    EXPECT_EQ(output.size(), plain.size()) << kernel->name;
    EXPECT_FALSE(same_bits(output, plain)) << kernel->name << " sums as the plain kernel does";
    for (const auto& [name, other] : outputs) {
      EXPECT_FALSE(same_bits(output, other)) << kernel->name << " sums as " << name << " does";
    }
    outputs[kernel->name] = output;
  }
  EXPECT_GE(outputs.size(), 18U);
}

// What the plain kernel gives is what it gives again: the comparison of bits itself is sound.
TEST(UnusualOrders, AreComparedByBitsThatRepeatWhereThatIsPromised) {
  const Case c = parsed("input=3x10x5x5 weight=4x10x3x3 padding=1 bias=4 fill=reals seed=5");
  int repeated = 0;
  for (const convcheck_kernel* kernel : kernels()) {
    const std::vector<float> first = output_of(*kernel, c);
    if ((kernel->promises & CONVCHECK_DETERMINISTIC) == 0 || first.empty()) continue;
    // Twice in one place: the output's address, modulo 64, may have its say.
    if (kernel->name == std::string_view("order_by_address")) continue;
    EXPECT_TRUE(same_bits(first, output_of(*kernel, c))) << kernel->name;
    ++repeated;
  }
  EXPECT_GE(repeated, 30);
}

TEST(UnusualOrders, ByTheClockChangeFromCallToCall) {
  const Case c = parsed("input=1x10x5x5 weight=4x10x3x3 fill=reals seed=5");
  const convcheck_kernel& kernel = kernel_named("order_by_the_clock");
  EXPECT_EQ(kernel.promises & CONVCHECK_DETERMINISTIC, 0U);
  const std::vector<float> first = output_of(kernel, c);
  bool differs = false;
  for (int i = 0; i < 100 && !differs; ++i) differs = !same_bits(first, output_of(kernel, c));
  EXPECT_TRUE(differs);
}

// The same image three times: the second is summed backwards.
TEST(UnusualOrders, ByImageChangeWithinABatch) {
  const Case c = parsed("input=3x10x5x5 weight=4x10x3x3 input_strides=0x25x5x1 fill=reals seed=5");
  const convcheck_kernel& kernel = kernel_named("order_by_image");
  EXPECT_EQ(kernel.promises & CONVCHECK_BATCH_INVARIANT, 0U);
  const std::vector<float> all = output_of(kernel, c);
  ASSERT_EQ(all.size(), 3U * 36U);
  const std::vector<float> first(all.begin(), all.begin() + 36), second(all.begin() + 36, all.begin() + 72),
      third(all.begin() + 72, all.end());
  EXPECT_FALSE(same_bits(first, second));
  EXPECT_TRUE(same_bits(first, third));
}

// The worst error over the bound of a summation, were the kernel judged as one.
double worst_as_summation(const convcheck_kernel& kernel, const std::string& problem) {
  double worst = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Case c = parsed(problem + " fill=reals seed=" + std::to_string(seed));
    Expectation expected;
    EXPECT_EQ(expect(c, Accuracy{}, expected), "");
    const std::vector<float> output = output_of(kernel, c);
    EXPECT_EQ(output.size(), expected.sums.size()) << kernel.name;
    for (size_t i = 0; i < output.size() && i < expected.sums.size(); ++i) {
      const double error = std::abs(static_cast<double>(output[i]) - expected.sums[i].value);
      worst = std::max(worst, error / summation_bound(expected.sums[i]));
    }
  }
  return worst;
}

TEST(UnusualWinograds, OfLargeTilesErrMoreThanASummationMay) {
  const std::string three = "input=1x1x14x14 weight=1x1x3x3";
  const std::string five = "input=1x1x14x14 weight=1x1x5x5";
  const std::map<std::string_view, std::string> large = {
      {"winograd_f4x4_3x3", three},    {"winograd_f4x4_halves", three}, {"winograd_f4x4_mixed", three},
      {"winograd_f5x5_in_6x6", three}, {"winograd_f6x6_3x3", three},    {"winograd_f6x6_from_outside", three},
      {"winograd_dispatching", three}, {"winograd_f4x4_5x5", five}};
  for (const auto& [name, problem] : large) {
    EXPECT_GT(worst_as_summation(kernel_named(name), problem), 1) << name;
  }
  EXPECT_LT(worst_as_summation(kernel_named("winograd_only_sums"), three), 1);
}

// Where its bound is loosened, a kernel is judged by that of its tile, and nowhere else.
TEST(UnusualWinograds, AreJudgedAtTheAccuracyThatTheyDeclare) {
  const Law& law = *find_law("matches_reference_within_bound");
  for (const convcheck_kernel* kernel : kernels()) {
    if (kernel->algorithm != CONVCHECK_WINOGRAD || !why_not_claimed(law, *kernel).empty()) continue;
    int64_t loosened = 0;
    for_each_case(law, 0, 400, [&](const Case& c) {
      if (!accuracy_of(*kernel, geometry(c.problem)).is_winograd()) return true;
      const Judgement judgement = judge_once(law, *kernel, c);
      EXPECT_NE(judgement.outcome, Outcome::violated) << kernel->name << " on " << print(c);
      loosened += judgement.outcome == Outcome::holds ? 1 : 0;
      return judgement.outcome != Outcome::violated;
    });
    EXPECT_GT(loosened, 10) << kernel->name;
  }
}

struct Served {
  std::string_view kernel;
  std::string served;
  std::string declined;
  Stage stage;
};

TEST(UnusualNarrowKernels, DeclineWhatTheySay) {
  const std::vector<Served> all = {
      {"nhwc_only", "input=2x3x5x4 weight=2x3x3x3 layout=nhwc", "input=2x3x5x4 weight=2x3x3x3", Stage::supports},
      {"depthwise_only", "input=2x3x5x4 weight=3x1x3x3 groups=3", "input=2x3x5x4 weight=6x1x3x3 groups=3",
       Stage::supports},
      {"dense_only", "input=2x4x5x4 weight=2x4x3x3", "input=2x4x5x4 weight=2x2x3x3 groups=2", Stage::supports},
      {"pointwise_only", "input=2x4x5x4 weight=2x4x1x1 stride=2", "input=2x4x5x4 weight=2x4x1x2", Stage::supports},
      {"no_supports", "input=2x4x5x4 weight=2x4x3x3", "input=2x4x5x4 weight=2x4x3x3 layout=nhwc", Stage::supports},
      {"declines_in_run", "input=2x4x5x4 weight=2x4x3x3", "input=2x4x5x5 weight=2x4x3x3", Stage::run},
      {"declines_in_prepare", "input=2x4x5x4 weight=2x4x3x3", "input=2x4x5x5 weight=2x4x3x3", Stage::prepare},
      {"winograd_f4x4_3x3", "input=2x4x5x4 weight=2x4x3x3", "input=2x4x5x5 weight=2x4x3x3 stride=2", Stage::supports},
      {"winograd_f4x4_5x5", "input=2x4x5x5 weight=2x4x5x5", "input=2x4x5x5 weight=2x4x3x3", Stage::supports},
      {"sums_largest_first", "input=1x4x32x32 weight=4x4x3x3", "input=1x64x64x64 weight=16x64x3x3", Stage::supports},
      {"sums_reversed", "input=1x4x32x32 weight=4x4x3x3", "input=1x64x64x64 weight=96x64x3x3", Stage::supports},
      {"no_supports", "input=2x4x5x4 weight=2x4x3x3", "input=1x64x64x64 weight=96x64x3x3", Stage::run},
  };
  for (const Served& one : all) {
    const Subject subject = {&kernel_named(one.kernel), nullptr};
    Scratch scratch;
    const Case served = parsed(one.served), declined = parsed(one.declined);
    Trial accepted(subject, served, scratch);
    ASSERT_NE(accepted.expectation(), nullptr);
    EXPECT_TRUE(accepted.result().ok()) << one.kernel;
    Scratch other;
    Trial refused(subject, declined, other);
    ASSERT_NE(refused.expectation(), nullptr);
    EXPECT_EQ(refused.result().status, CONVCHECK_UNSUPPORTED) << one.kernel;
    EXPECT_EQ(refused.result().stage, one.stage) << one.kernel;
    EXPECT_TRUE(std::all_of(refused.output().memory().begin(), refused.output().memory().end(), is_poison))
        << one.kernel << " wrote before it declined";
  }
}

TEST(UnusualNarrowKernels, OneNeverRejects) {
  const convcheck_kernel& kernel = kernel_named("never_rejects");
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const convcheck_problem problem = to_abi(random_invalid_case(seed).problem);
    convcheck_buffers buffers = {};
    EXPECT_EQ(kernel.supports(&problem), CONVCHECK_UNSUPPORTED);
    EXPECT_EQ(kernel.run(&problem, &buffers), CONVCHECK_UNSUPPORTED);
  }
}

TEST(UnusualResources, AskForAnOddNumberOfBytesAndFailOnFewer) {
  const convcheck_kernel& kernel = kernel_named("workspace_of_odd_bytes");
  const convcheck_problem problem = to_abi(parsed("input=1x1x3x8 weight=1x1x1x2").problem);
  EXPECT_EQ(kernel.workspace_bytes(&problem), 7 * sizeof(float) + 1);
  convcheck_buffers buffers = {};
  buffers.workspace_bytes = 7 * sizeof(float);
  EXPECT_EQ(kernel.run(&problem, &buffers), CONVCHECK_FAILED);
}

// Expanded views, and padding far beyond any memory, have no workspace: the plain loops serve them.
TEST(UnusualResources, AskForNoWorkspaceThatNothingCouldHold) {
  const convcheck_problem problem =
      to_abi(parsed("input=1x1x1x1 weight=1x1x1x1 padding=1073741824 stride=2147483649").problem);
  for (const convcheck_kernel* kernel : kernels()) {
    if (kernel->workspace_bytes == nullptr) continue;
    EXPECT_LE(kernel->workspace_bytes(&problem), size_t{1} << 30) << kernel->name;
  }
}

}  // namespace
}  // namespace convcheck
