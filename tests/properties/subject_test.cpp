// A call through the ABI: what the kernel is given at each step, and what is made of its answers.
#include "properties/subject.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "properties/trial.h"
#include "reference/sanitized.h"
#include "tests/properties/faulty_kernels.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

// What a kernel that records its calls saw, and what it is to answer. A kernel's functions have no argument to find
// this by.
struct Record {
  std::vector<std::string> calls;
  convcheck_problem problem{};
  convcheck_buffers at_prepare{}, at_run{};
  bool workspace_is_poisoned = false;
  bool output_is_poisoned = false;
  void* released = nullptr;
  int32_t supports = CONVCHECK_OK, prepare = CONVCHECK_OK, run = CONVCHECK_OK;
  size_t workspace = 0;
};

Record& record() {
  static Record the_record;
  return the_record;
}

int the_plan = 0;  // its address is the plan

int32_t supports(const convcheck_problem* problem) {
  record().calls.emplace_back("supports");
  record().problem = *problem;
  return record().supports;
}

size_t workspace_bytes(const convcheck_problem* /*problem*/) {
  record().calls.emplace_back("workspace_bytes");
  return record().workspace;
}

int32_t prepare(const convcheck_problem* /*problem*/, const convcheck_buffers* buffers, void** plan) {
  record().calls.emplace_back("prepare");
  record().at_prepare = *buffers;
  *plan = &the_plan;
  return record().prepare;
}

int32_t run(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  record().calls.emplace_back("run");
  record().at_run = *buffers;
  const auto* bytes = static_cast<const unsigned char*>(buffers->workspace);
  record().workspace_is_poisoned =
      std::all_of(bytes, bytes + buffers->workspace_bytes, [](unsigned char byte) { return byte == 0xFF; });
  const auto* output = static_cast<const float*>(buffers->output);
  const int64_t span = problem->output.shape[0] * problem->output.stride[0];
  record().output_is_poisoned = std::all_of(output, output + span, is_poison);
  return record().run;
}

void release(void* plan) {
  record().calls.emplace_back("release");
  record().released = plan;
}

const convcheck_kernel kRecording = {.struct_size = sizeof(convcheck_kernel),
                                     .name = "recording",
                                     .description = "",
                                     .algorithm = CONVCHECK_SUMMATION,
                                     .winograd_tile = 0,
                                     .promises = CONVCHECK_DETERMINISTIC | CONVCHECK_THREAD_SAFE,
                                     .supports = supports,
                                     .workspace_bytes = workspace_bytes,
                                     .run = run,
                                     .prepare = prepare,
                                     .release = release};

using Calls = std::vector<std::string>;

class Call : public testing::Test {
 protected:
  void SetUp() override { record() = {}; }

  CallResult call_kernel(const convcheck_kernel& kernel,
                         std::string_view text = "input=2x4x5x6 weight=4x2x3x3 groups=2 bias=4") {
    const Problem problem = problem_of(text);
    data_.reshape(problem);
    const Subject subject = {&kernel, nullptr};
    return call(subject, problem, data_, output_, workspace_);
  }

  Data data_;
  Tensor output_;
  Workspace workspace_;
};

TEST_F(Call, GoesThroughTheStepsInOrderAndReleasesThePlanOnce) {
  record().workspace = 100;
  const CallResult result = call_kernel(kRecording);
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.stage, Stage::run);
  EXPECT_EQ(record().calls, (Calls{"supports", "workspace_bytes", "prepare", "run", "release"}));
  EXPECT_EQ(record().released, &the_plan);
}

TEST_F(Call, GivesPrepareTheWeightAndTheBiasAlone) {
  record().workspace = 100;
  (void)call_kernel(kRecording);
  const convcheck_buffers& seen = record().at_prepare;
  EXPECT_EQ(seen.weight, data_.weight.memory().data());
  EXPECT_EQ(seen.bias, data_.bias.memory().data());
  EXPECT_EQ(seen.input, nullptr);
  EXPECT_EQ(seen.output, nullptr);
  EXPECT_EQ(seen.workspace, nullptr);
  EXPECT_EQ(seen.workspace_bytes, 0U);
  EXPECT_EQ(seen.plan, nullptr);
}

TEST_F(Call, GivesRunEveryTensorThePlanAndAWorkspaceOfTheSizeAskedFor) {
  record().workspace = 1000;
  (void)call_kernel(kRecording);
  const convcheck_buffers& seen = record().at_run;
  EXPECT_EQ(seen.input, data_.input.memory().data());
  EXPECT_EQ(seen.weight, data_.weight.memory().data());
  EXPECT_EQ(seen.bias, data_.bias.memory().data());
  EXPECT_EQ(seen.output, output_.memory().data());
  EXPECT_EQ(seen.plan, &the_plan);
  EXPECT_EQ(seen.workspace_bytes, 1000U);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(seen.workspace) % 64, 0U);
  EXPECT_TRUE(record().workspace_is_poisoned);
  EXPECT_TRUE(record().output_is_poisoned);
}

TEST_F(Call, GivesTheProblemAsTheAbiHasIt) {
  (void)call_kernel(kRecording);
  const convcheck_problem& seen = record().problem;
  EXPECT_EQ(seen.struct_size, sizeof(convcheck_problem));
  EXPECT_EQ(seen.groups, 2);
  EXPECT_EQ(seen.output.shape[2], 3);
  EXPECT_EQ(seen.bias.rank, 1);
}

TEST_F(Call, PoisonsAWorkspaceAndAnOutputThatWereUsedBefore) {
  record().workspace = 256;
  (void)call_kernel(kRecording);
  std::memset(record().at_run.workspace, 0, 256);
  std::fill(output_.memory().begin(), output_.memory().end(), 1.0F);
  (void)call_kernel(kRecording);
  EXPECT_TRUE(record().workspace_is_poisoned);
  EXPECT_TRUE(record().output_is_poisoned);
}

TEST_F(Call, GivesNullWhereThereIsNothingToPointAt) {
  (void)call_kernel(kRecording, "input=0x4x5x6 weight=4x4x3x3");
  EXPECT_EQ(record().at_run.bias, nullptr);
  EXPECT_EQ(record().at_run.input, nullptr);
  EXPECT_EQ(record().at_run.output, nullptr);
  EXPECT_EQ(record().at_run.workspace, nullptr);
  EXPECT_EQ(record().at_run.workspace_bytes, 0U);
  EXPECT_NE(record().at_run.weight, nullptr);
}

TEST_F(Call, NeedsNoneOfTheOptionalFunctions) {
  convcheck_kernel bare = kRecording;
  bare.supports = nullptr;
  bare.workspace_bytes = nullptr;
  bare.prepare = nullptr;
  bare.release = nullptr;
  EXPECT_TRUE(call_kernel(bare).ok());
  EXPECT_EQ(record().calls, Calls{"run"});
  EXPECT_EQ(record().at_run.plan, nullptr);
  convcheck_kernel never_released = kRecording;
  never_released.release = nullptr;
  EXPECT_TRUE(call_kernel(never_released).ok());
}

TEST_F(Call, EndsAtTheStageThatDoesNotAnswerOk) {
  for (const int32_t status : {CONVCHECK_REJECTED + 0, CONVCHECK_UNSUPPORTED + 0, CONVCHECK_FAILED + 0, -1, 42}) {
    record() = {};
    record().supports = status;
    CallResult result = call_kernel(kRecording);
    EXPECT_EQ(result.status, status);
    EXPECT_EQ(result.stage, Stage::supports);
    EXPECT_EQ(record().calls, Calls{"supports"});

    record() = {};
    record().prepare = status;
    result = call_kernel(kRecording);
    EXPECT_EQ(result.status, status);
    EXPECT_EQ(result.stage, Stage::prepare);
    EXPECT_EQ(record().calls, (Calls{"supports", "workspace_bytes", "prepare"})) << "a plan is released on OK alone";

    record() = {};
    record().run = status;
    result = call_kernel(kRecording);
    EXPECT_EQ(result.status, status);
    EXPECT_EQ(result.stage, Stage::run);
    EXPECT_EQ(record().calls.back(), "release") << "a plan is released however the run ended";
    EXPECT_FALSE(result.ok());
  }
}

TEST_F(Call, FailsWhereThereIsNotThatMuchMemory) {
  for (const size_t bytes : {SIZE_MAX, SIZE_MAX - 63, SIZE_MAX / 2}) {
    record() = {};
    record().workspace = bytes;
    const CallResult result = call_kernel(kRecording);
    EXPECT_EQ(result.status, CONVCHECK_FAILED);
    EXPECT_EQ(result.stage, Stage::workspace);
    EXPECT_EQ(record().calls, (Calls{"supports", "workspace_bytes"}));
  }
  // And the memory is there again afterwards.
  record().workspace = 64;
  EXPECT_TRUE(call_kernel(kRecording).ok());
}

TEST_F(Call, HoldsTheLibrarysLockWhereThereIsOne) {
  std::mutex mutex;
  static std::mutex* watched = nullptr;
  watched = &mutex;
  static bool was_locked = false;
  convcheck_kernel kernel = kRecording;
  kernel.run = [](const convcheck_problem*, const convcheck_buffers*) -> int32_t {
    // From a thread of its own: a thread must not try a mutex that it holds.
    was_locked = false;
    std::thread([] {
      was_locked = !watched->try_lock();
      if (!was_locked) watched->unlock();
    }).join();
    return CONVCHECK_OK;
  };
  const Problem problem = problem_of("input=1x1x1x1 weight=1x1x1x1");
  data_.reshape(problem);
  EXPECT_TRUE(call({&kernel, &mutex}, problem, data_, output_, workspace_).ok());
  EXPECT_TRUE(was_locked);
  EXPECT_TRUE(call({&kernel, nullptr}, problem, data_, output_, workspace_).ok());
  EXPECT_FALSE(was_locked);
}

TEST_F(Call, WithoutSupportsServesDenseForwardF32WithTwoSpatialAxes) {
  convcheck_kernel bare = kRecording;
  bare.supports = nullptr;
  const std::vector<std::string_view> served = {"input=2x4x5x6 weight=4x4x3x3",
                                                "input=2x4x5x6 weight=4x4x3x3 input_strides=120x30x6x1",
                                                "input=1x4x5x6 weight=4x4x3x3 input_strides=7x30x6x1",
                                                "input=2x1x5x6 weight=1x1x3x3 bias=1",
                                                "input=2x1x5x6 weight=1x1x3x3 layout=nhwc",
                                                "input=0x4x5x6 weight=4x4x3x3"};
  for (const std::string_view text : served) EXPECT_TRUE(call_kernel(bare, text).ok()) << text;
  const std::vector<std::string_view> declined = {"input=2x4x5x6 weight=4x4x3x3 layout=nhwc",
                                                  "input=2x4x5x6 weight=4x4x3x3 input_strides=140x35x7x1",
                                                  "input=2x4x5x6 weight=4x4x3x3 weight_strides=0x9x3x1",
                                                  "input=2x4x5x6 weight=4x4x3x3 output_strides=60x15x5x1",
                                                  "input=2x4x5 weight=4x4x3",
                                                  "input=2x4x5x6 weight=4x4x3x3 dtype=f16",
                                                  "input=2x4x5x6 weight=4x4x3x3 direction=backward_data"};
  for (const std::string_view text : declined) {
    record() = {};
    const CallResult result = call_kernel(bare, text);
    EXPECT_EQ(result.status, CONVCHECK_UNSUPPORTED) << text;
    EXPECT_EQ(result.stage, Stage::supports) << text;
    EXPECT_TRUE(record().calls.empty()) << text;
  }
}

class GuardedCall : public Call {
 protected:
  CallResult call_guarded(const convcheck_kernel& kernel, const CallSetting& setting = {}) {
    const Problem problem = problem_of("input=2x4x5x6 weight=4x2x3x3 groups=2 bias=4");
    data_.reshape(problem);
    output_.reshape(problem, TensorRole::output);
    std::fill(output_.memory().begin(), output_.memory().end(), 1.0F);
    return call({&kernel, nullptr}, problem, data_, output_, memory_, setting);
  }
  [[nodiscard]] bool is_all_poison() const {
    return std::all_of(output_.memory().begin(), output_.memory().end(), is_poison);
  }

  GuardedMemory memory_;
};

TEST_F(GuardedCall, SaysWhichAddressesAndHowMuchOfAWorkspaceTheKernelHad) {
  record().workspace = 1000;
  const CallResult result = call_guarded(kRecording);
  EXPECT_TRUE(result.ok());
  const convcheck_buffers& seen = record().at_run;
  EXPECT_EQ(result.at.input, seen.input);
  EXPECT_EQ(result.at.weight, seen.weight);
  EXPECT_EQ(result.at.bias, seen.bias);
  EXPECT_EQ(result.at.output, seen.output);
  EXPECT_EQ(seen.weight, record().at_prepare.weight) << "they stay where they are until release";
  EXPECT_EQ(seen.bias, record().at_prepare.bias);
  EXPECT_NE(seen.input, data_.input.memory().data());
  EXPECT_EQ(result.workspace_bytes, 1000U);
  EXPECT_EQ(seen.workspace_bytes, 1000U);
  EXPECT_TRUE(record().workspace_is_poisoned);
  EXPECT_TRUE(record().output_is_poisoned);
  EXPECT_TRUE(is_all_poison());
}

TEST_F(GuardedCall, BringsTheOutputBack) {
  convcheck_kernel writing = kRecording;
  writing.run = [](const convcheck_problem*, const convcheck_buffers* buffers) -> int32_t {
    static_cast<float*>(buffers->output)[7] = 70;
    return CONVCHECK_OK;
  };
  EXPECT_TRUE(call_guarded(writing).ok());
  EXPECT_EQ(output_.memory()[7], 70);
  EXPECT_TRUE(is_poison(output_.memory()[6]) && is_poison(output_.memory()[8]));
}

TEST_F(GuardedCall, GivesLessOfAWorkspaceWhereItIsTold) {
  record().workspace = 1000;
  CallResult result = call_guarded(kRecording, {.workspace_shortage = 1});
  EXPECT_EQ(result.workspace_bytes, 1000U);
  EXPECT_EQ(record().at_run.workspace_bytes, 999U);
  record().workspace = 1;
  result = call_guarded(kRecording, {.workspace_shortage = 1});
  EXPECT_EQ(record().at_run.workspace_bytes, 0U);
  EXPECT_EQ(record().at_run.workspace, nullptr);
}

TEST_F(GuardedCall, FailsWhereThereIsNotThatMuchMemory) {
  record().workspace = SIZE_MAX - 63;
  const CallResult result = call_guarded(kRecording);
  EXPECT_EQ(result.status, CONVCHECK_FAILED);
  EXPECT_EQ(result.stage, Stage::workspace);
  EXPECT_EQ(record().calls, (Calls{"supports", "workspace_bytes"}));
  EXPECT_TRUE(is_all_poison());
  record().workspace = 64;
  EXPECT_TRUE(call_guarded(kRecording).ok());
}

// Needs a kernel of its own process: the limit stays.
TEST_F(GuardedCall, IsNoFaultOfTheKernelWhereThereIsNoMemoryForTheTensors) {
  if (kIsSanitized) GTEST_SKIP() << "address space cannot be limited under sanitizers";
  const auto call_without_room = [&] {
    const rlimit none = {.rlim_cur = 0, .rlim_max = 0};
    setrlimit(RLIMIT_AS, &none);
    try {
      static_cast<void>(call_guarded(kRecording));
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s", error.what());
      _exit(1);
    }
    _exit(0);
  };
  EXPECT_EXIT(call_without_room(), testing::ExitedWithCode(1), "no memory for the tensors");
}

TEST_F(GuardedCall, PoisonsTheOutputOfACallThatEndsAtSupports) {
  record().supports = CONVCHECK_UNSUPPORTED;
  const CallResult result = call_guarded(kRecording);
  EXPECT_EQ(result.stage, Stage::supports);
  EXPECT_TRUE(is_all_poison());
  EXPECT_EQ(result.at.input, nullptr);
  EXPECT_FALSE(result.noticed.overwritten || result.noticed.workspace_overwritten || result.noticed.input_changed);
}

TEST_F(GuardedCall, NoticesWhatAKernelDidBeforeItThrew) {
  convcheck_kernel throwing = kRecording;
  throwing.run = [](const convcheck_problem*, const convcheck_buffers* buffers) -> int32_t {
    static_cast<float*>(buffers->output)[-2] = 1;
    std::fesetround(FE_DOWNWARD);
    throw std::string("out");
  };
  const CallResult result = call_guarded(throwing);
  EXPECT_TRUE(result.threw);
  EXPECT_EQ(result.noticed.overwritten, (Fault{Part::output, Where::before, 8}));
  if (kReadsFloatingControl) {
    EXPECT_NE(result.after, result.before);
    EXPECT_EQ(std::fegetround(), FE_TONEAREST);
  }
}

TEST(CallResult, IsDescribedByItsStatusAndStage) {
  EXPECT_EQ(describe(CallResult{CONVCHECK_OK, Stage::run}), "OK from run");
  EXPECT_EQ(describe(CallResult{CONVCHECK_REJECTED, Stage::supports}), "REJECTED from supports");
  EXPECT_EQ(describe(CallResult{CONVCHECK_FAILED, Stage::workspace}), "FAILED from the workspace's allocation");
  EXPECT_EQ(describe(CallResult{7, Stage::prepare}), "status 7 (none of the ABI's) from prepare");
  EXPECT_EQ(describe(CallResult{-1, Stage::run}), "status -1 (none of the ABI's) from run");
}

TEST(Poison, IsANaNThatIsToldFromOthersAndSurvivesArithmetic) {
  const auto value = std::bit_cast<float>(kPoison);
  EXPECT_TRUE(std::isnan(value));
  EXPECT_TRUE(is_poison(value));
  EXPECT_FALSE(is_poison(std::nanf("")));
  EXPECT_FALSE(is_poison(-value));
  EXPECT_FALSE(is_poison(0));
  Tensor tensor(problem_of("input=1x2x3x3 weight=2x2x1x1 output_strides=40x20x4x1"), TensorRole::output);
  poison(tensor);
  EXPECT_TRUE(std::all_of(tensor.memory().begin(), tensor.memory().end(), is_poison));
}

TEST(Subject, PromisesAllOfWhatIsAskedOrNot) {
  const Subject subject = {&kRecording, nullptr};
  EXPECT_TRUE(subject.promises(0));
  EXPECT_TRUE(subject.promises(CONVCHECK_DETERMINISTIC));
  EXPECT_TRUE(subject.promises(CONVCHECK_DETERMINISTIC | CONVCHECK_THREAD_SAFE));
  EXPECT_FALSE(subject.promises(CONVCHECK_DETERMINISTIC | CONVCHECK_BATCH_INVARIANT));
}

TEST(Accuracy, IsWinogradsWhereTheAbiLoosensTheBoundAlone) {
  convcheck_kernel winograd = kRecording;
  winograd.algorithm = CONVCHECK_WINOGRAD;
  winograd.winograd_tile = 4;
  const auto tile = [](const convcheck_kernel& kernel, std::string_view text) {
    return accuracy_of(kernel, geometry(problem_of(text))).winograd_tile;
  };
  EXPECT_EQ(tile(winograd, "input=1x1x8x8 weight=1x1x3x3"), 4);
  EXPECT_EQ(tile(winograd, "input=1x1x8x8 weight=1x1x5x5 padding=3"), 4);
  EXPECT_EQ(tile(winograd, "input=1x1x8x8 weight=1x1x3x5"), 0);
  for (const int32_t without_bound : {-1, 0, 3, 8, 1000}) {
    winograd.winograd_tile = without_bound;
    EXPECT_EQ(tile(winograd, "input=1x1x8x8 weight=1x1x3x3"), 0) << without_bound;
  }
  winograd.winograd_tile = 4;
  EXPECT_EQ(tile(winograd, "input=1x1x8x8 weight=1x1x3x3 stride=1x2"), 0);
  EXPECT_EQ(tile(winograd, "input=1x1x8x8 weight=1x1x3x3 dilation=2x1"), 0);
  EXPECT_EQ(tile(kRecording, "input=1x1x8x8 weight=1x1x3x3"), 0);
}

TEST(Trial, CallsTheKernelOnceHoweverOftenItIsAsked) {
  record() = {};
  const Case c = case_of("input=2x4x5x6 weight=4x2x3x3 groups=2 bias=4");
  const Subject subject = {&kRecording, nullptr};
  Scratch scratch;
  Trial trial(subject, c, scratch);
  EXPECT_TRUE(trial.result().ok());
  EXPECT_TRUE(trial.result().ok());
  EXPECT_EQ(std::count(record().calls.begin(), record().calls.end(), "run"), 1);
  EXPECT_EQ(trial.expectation(), &scratch.expectation);
}

TEST(Trial, TakesAnExpectationThatWasComputedBefore) {
  const Case c = case_of("input=2x4x5x6 weight=4x2x3x3 groups=2 bias=4");
  const Subject subject = {&kernel_with(Oddity::none), nullptr};
  Expectation shared;
  ASSERT_EQ(expect(c, {}, shared), "");
  Scratch scratch;
  Trial trial(subject, c, scratch, &shared);
  EXPECT_EQ(trial.expectation(), &shared);
  EXPECT_TRUE(trial.result().ok());
  EXPECT_EQ(static_cast<double>(trial.output().memory()[0]), shared.sums[0].value);
}

TEST(Expect, ComputesASampleOfALargeOutput) {
  Expectation result;
  ASSERT_EQ(expect(case_of("input=1x8x400x400 weight=64x8x5x5 padding=2"), {}, result), "");
  ASSERT_EQ(result.indices.size(), static_cast<size_t>(kSampledOutputs));
  EXPECT_EQ(result.sums.size(), result.indices.size());
  EXPECT_TRUE(std::is_sorted(result.indices.begin(), result.indices.end(), std::less_equal<>()));
  EXPECT_GE(result.indices.front(), 0);
  EXPECT_LT(result.indices.back(), result.g.output_elements());
  ASSERT_EQ(expect(case_of("input=1x8x20x20 weight=64x8x5x5 padding=2"), {}, result), "");
  EXPECT_TRUE(result.indices.empty());
  EXPECT_EQ(static_cast<int64_t>(result.sums.size()), result.g.output_elements());
}

TEST(Expect, RefusesAFillThatCannotJudge) {
  Expectation result;
  EXPECT_EQ(expect(case_of("input=1x1x4x4 weight=1x1x3x3 fill=input_significand"), {4}, result),
            "a Winograd transform may round what a sum of products does not");
}

}  // namespace
}  // namespace convcheck
