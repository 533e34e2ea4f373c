// Huge problems: kernels that compute offsets in 32 bits are caught, sound ones hold, and what does not fit into memory
// is not judged, with the reason.
#include "properties/huge.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "impls/shipped.h"
#include "properties/corpus.h"
#include "properties/huge_sample.h"
#include "reference/layout.h"
#include "reference/rules.h"
#include "tests/properties/faulty_kernels.h"
#include "tests/properties/narrow_kernels.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

// More than 2^32 elements in one tensor each, and few outputs to compute: inputs cost nothing, and views have gaps.
constexpr std::string_view kHugeInput = "input=1x66x8192x8192 weight=4x33x1x1 groups=2 stride=1024 bias=4";
constexpr std::string_view kHugeInputChannelsLast =
    "input=1x66x8192x8192 weight=4x33x1x1 groups=2 stride=1170 layout=nhwc";
constexpr std::string_view kHugeInputView =
    "input=2x4x12x10 weight=8x1x3x3 groups=4 padding=1 bias=8 input_strides=4294967296x1073741824x4099x3";
constexpr std::string_view kHugeWeight =
    "input=1x6x9x8 weight=6x3x3x3 groups=2 weight_strides=1073741824x268435456x16384x5";
constexpr std::string_view kHugeOutput =
    "input=2x4x9x11 weight=6x4x3x3 bias=6 output_strides=4294967296x536870912x65536x4099";
constexpr std::string_view kAllHuge[] = {kHugeInput, kHugeInputChannelsLast, kHugeInputView, kHugeWeight, kHugeOutput};

// Judges kernels on one case, the data made once for those of one accuracy.
class HugeJudge {
 public:
  explicit HugeJudge(std::string_view text) : case_(case_of(text)), g_(geometry(case_.problem)) {
    EXPECT_TRUE(is_valid(case_.problem)) << text;
    EXPECT_TRUE(is_huge(case_.problem)) << text;
  }

  Judgement judge(const convcheck_kernel& kernel, std::string_view law, int64_t most_bytes = kHugeMemory) {
    const Accuracy accuracy = accuracy_of(kernel, g_);
    if (!made_ || !(made_->accuracy == accuracy)) {
      made_.emplace();
      EXPECT_EQ(expect_huge(case_, accuracy, *made_), "");
      EXPECT_GT(made_->indices.size(), 0U);
    }
    const Subject subject = {&kernel, nullptr};
    HugeTrial trial(subject, case_, *made_, most_bytes);
    Judgement judgement = trial.judge(*find_law(law));
    reason_ = judgement.reason;
    judgement.reason = reason_;
    return judgement;
  }

 private:
  Case case_;
  Geometry g_;
  std::optional<HugeExpectation> made_;
  std::string reason_;  // outlives the trial
};

constexpr std::string_view kValues = "matches_reference_exactly";

std::vector<const convcheck_kernel*> shipped_kernels() {
  size_t count = 0;
  const convcheck_kernel* const* const kernels = convcheck_shipped_kernels(CONVCHECK_ABI_VERSION, &count);
  return {kernels, kernels + count};
}

void expect_narrow_kernels_fail(std::string_view text, TensorRole tensor) {
  HugeJudge judge(text);
  EXPECT_EQ(judge.judge(wide_kernel(), kValues).outcome, Outcome::holds) << text;
  for (const OffsetType type : kNarrowTypes) {
    const convcheck_kernel& kernel = narrow_kernel(tensor, type);
    const Judgement judgement = judge.judge(kernel, kValues);
    ASSERT_EQ(judgement.outcome, Outcome::violated) << kernel.name << " on " << text;
    EXPECT_NE(judgement.finding->index, "");
    EXPECT_NE(judgement.finding->expected, judgement.finding->got);
    EXPECT_NE(judgement.finding->explanation.find(" of the output's memory; input, weight and output span "),
              std::string::npos)
        << judgement.finding->explanation;
  }
}

TEST(Huge, CatchesInputOffsetsIn32Bits) {
  expect_narrow_kernels_fail(kHugeInput, TensorRole::input);
}

TEST(Huge, CatchesInputOffsetsIn32BitsWithChannelsLast) {
  expect_narrow_kernels_fail(kHugeInputChannelsLast, TensorRole::input);
}

TEST(Huge, CatchesInputOffsetsIn32BitsOfAView) {
  expect_narrow_kernels_fail(kHugeInputView, TensorRole::input);
}

TEST(Huge, CatchesWeightOffsetsIn32Bits) {
  expect_narrow_kernels_fail(kHugeWeight, TensorRole::weight);
}

// What is written to a wrong place does not end the program, wherever that is.
TEST(Huge, CatchesOutputOffsetsIn32Bits) {
  expect_narrow_kernels_fail(kHugeOutput, TensorRole::output);
  HugeJudge judge(kHugeOutput);
  for (const OffsetType type : kNarrowTypes) {
    const Judgement judgement = judge.judge(narrow_kernel(TensorRole::output, type), "writes_every_output_element");
    ASSERT_EQ(judgement.outcome, Outcome::violated);
    EXPECT_EQ(judgement.finding->got, "not written");
  }
}

// Beyond 2^31 bytes alone a kernel that keeps elements in 32 bits is right, and one that keeps bytes is not.
TEST(Huge, TellsOffsetsInBytesFromThoseInElements) {
  HugeJudge judge("input=1x17x8192x8192 weight=3x17x1x1 stride=1024");
  for (const OffsetType type : kNarrowTypes) {
    const bool in_bytes = type == OffsetType::uint32_bytes || type == OffsetType::int32_bytes;
    const convcheck_kernel& kernel = narrow_kernel(TensorRole::input, type);
    EXPECT_EQ(judge.judge(kernel, kValues).outcome, in_bytes ? Outcome::violated : Outcome::holds) << kernel.name;
  }
}

TEST(Huge, HoldsForTheShippedKernels) {
  int judged = 0;
  for (const std::string_view text : kAllHuge) {
    HugeJudge judge(text);
    for (const convcheck_kernel* kernel : shipped_kernels()) {
      for (const std::string_view law : {"accepts_valid", "writes_every_output_element", "matches_reference_exactly"}) {
        const Judgement judgement = judge.judge(*kernel, law);
        EXPECT_NE(judgement.outcome, Outcome::violated) << kernel->name << ' ' << law << " on " << text;
        if (judgement.outcome == Outcome::holds) ++judged;
      }
    }
  }
  // The Winograd kernels serve the three views alone.
  EXPECT_EQ(judged, 3 * (3 * 6 + 2 * 3));
}

TEST(Huge, HoldsForUnusualKernelsThatAreSound) {
  HugeJudge judge(kHugeInputView);
  for (const Oddity oddity : {Oddity::sums_reversed, Oddity::sums_fused, Oddity::needs_plan, Oddity::needs_workspace,
                              Oddity::winograd_accuracy, Oddity::winograd_declared}) {
    EXPECT_EQ(judge.judge(kernel_with(oddity), kValues).outcome, Outcome::holds) << name(oddity);
  }
}

TEST(Huge, CatchesFaultsThatAreNotAboutSize) {
  HugeJudge judge(kHugeInputView);
  for (const Defect defect : {Defect::group_ignored, Defect::nan_in_one, Defect::bias_skipped}) {
    EXPECT_EQ(judge.judge(kernel_with(defect), kValues).outcome, Outcome::violated) << name(defect);
  }
  EXPECT_EQ(judge.judge(kernel_with(Defect::last_column_unwritten), "writes_every_output_element").outcome,
            Outcome::violated);
}

// A kernel like the sound one but for some entry.
convcheck_kernel wide_kernel_with(int32_t (*run)(const convcheck_problem*, const convcheck_buffers*)) {
  convcheck_kernel kernel = wide_kernel();
  kernel.run = run;
  return kernel;
}

TEST(Huge, IsAboutAcceptingValidProblemsToo) {
  convcheck_kernel kernel = wide_kernel();
  kernel.supports = [](const convcheck_problem*) -> int32_t { return CONVCHECK_REJECTED; };
  HugeJudge judge(kHugeWeight);
  const Judgement judgement = judge.judge(kernel, "accepts_valid");
  ASSERT_EQ(judgement.outcome, Outcome::violated);
  EXPECT_EQ(judgement.finding->got, "REJECTED from supports");
  EXPECT_EQ(judge.judge(kernel, kValues).outcome, Outcome::not_applicable);
  kernel.supports = [](const convcheck_problem*) -> int32_t { return CONVCHECK_UNSUPPORTED; };
  EXPECT_EQ(judge.judge(kernel, "accepts_valid").outcome, Outcome::not_applicable);
  EXPECT_EQ(judge.judge(wide_kernel(), "accepts_valid").outcome, Outcome::holds);
}

TEST(Huge, IsNotJudgedWhereTheOutputDoesNotFit) {
  HugeJudge judge(kHugeOutput);
  const Judgement judgement = judge.judge(wide_kernel(), kValues, int64_t{1} << 20);
  EXPECT_EQ(judgement.outcome, Outcome::not_applicable);
  EXPECT_EQ(judgement.reason, "the output takes 3.0 MiB, and 0.0 MiB are left");
}

// Enough for the blocks of a case, and not for a workspace or a plan of 600 MiB.
constexpr int64_t kLittle = int64_t{640} << 20;

TEST(Huge, IsNotJudgedWhereTheWorkspaceDoesNotFit) {
  convcheck_kernel kernel = wide_kernel();
  kernel.workspace_bytes = [](const convcheck_problem*) -> size_t { return size_t{600} << 20; };
  HugeJudge judge(kHugeWeight);
  for (const std::string_view law : {"accepts_valid", "matches_reference_exactly"}) {
    const Judgement judgement = judge.judge(kernel, law, kLittle);
    EXPECT_EQ(judgement.outcome, Outcome::not_applicable);
    EXPECT_TRUE(judgement.reason.starts_with("FAILED from the workspace's allocation with ")) << judgement.reason;
    EXPECT_TRUE(judgement.reason.ends_with(" MiB left")) << judgement.reason;
  }
  kernel.workspace_bytes = [](const convcheck_problem*) -> size_t { return size_t{1} << 20; };
  EXPECT_EQ(judge.judge(kernel, kValues, kLittle).outcome, Outcome::holds);
}

// What a kernel takes for itself is held to what is left: asked for more, the system says no.
TEST(Huge, IsNotJudgedWhereTheKernelRunsOutOfMemory) {
  const convcheck_kernel kernel =
      wide_kernel_with([](const convcheck_problem* p, const convcheck_buffers* at) -> int32_t {
        constexpr size_t kPacked = size_t{600} << 20;
        void* const packed =
            mmap(nullptr, kPacked, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (packed == MAP_FAILED) return CONVCHECK_FAILED;
        munmap(packed, kPacked);
        return wide_kernel().run(p, at);
      });
  HugeJudge judge(kHugeWeight);
  const Judgement judgement = judge.judge(kernel, kValues, kLittle);
  EXPECT_EQ(judgement.outcome, Outcome::not_applicable);
  EXPECT_TRUE(judgement.reason.starts_with("FAILED from run with ")) << judgement.reason;
  EXPECT_TRUE(judgement.reason.ends_with(" MiB left")) << judgement.reason;
  EXPECT_EQ(judge.judge(kernel, kValues, kHugeMemory).outcome, Outcome::holds);
}

TEST(HugeExpectation, SaysWhatCannotBeJudged) {
  HugeExpectation expected;
  const auto why = [&](std::string_view text) { return expect_huge(case_of(text), {}, expected); };
  EXPECT_EQ(why("input=1x66x8192x8192 weight=4x66x1x1 stride=1024 fill=reals"),
            "huge problems are judged on integers alone");
  EXPECT_EQ(why("input=1x1x8192x8192x66 weight=4x1x1x1x1"), "only forward f32 with two spatial axes is judged so far");
  EXPECT_EQ(why("input=0x66x8192x8192 weight=4x66x1x1"), "the output has no elements");
  EXPECT_EQ(why("input=1x1x1x1 weight=1x1x65537x65537 padding=32768"),
            "a window of 4295098369 taps is too large to be repeated naively; up to 1048576 are");
  EXPECT_EQ(expect_huge(case_of("input=1x2048x8192x8192 weight=1x2048x3x3"), {.winograd_tile = 6}, expected),
            "no integers in all channels keep every right result exact, or nearer than 1/2 for Winograd");
}

TEST(HugeExpectation, HasOtherDataForAnotherSeed) {
  Case c = case_of(kHugeWeight);
  HugeExpectation first, second;
  ASSERT_EQ(expect_huge(c, {}, first), "");
  ASSERT_EQ(expect_huge(c, {}, second), "");
  for (size_t i = 0; i < first.sums.size(); ++i) ASSERT_EQ(first.sums[i].value, second.sums[i].value);
  c.seed = 2;
  ASSERT_EQ(expect_huge(c, {}, second), "");
  size_t different = 0;
  for (size_t i = 0; i < first.sums.size(); ++i) different += first.sums[i].value != second.sums[i].value ? 1 : 0;
  EXPECT_GT(different, first.sums.size() / 2);
}

// Integers whose sums are exact in every order: n M^2 < 2^24.
TEST(HugeExpectation, HasSumsThatAreExact) {
  for (const std::string_view text : kAllHuge) {
    HugeExpectation expected;
    ASSERT_EQ(expect_huge(case_of(text), {}, expected), "");
    for (const Sum& sum : expected.sums) {
      ASSERT_LT(sum.magnitude, 0x1p24) << text;
      ASSERT_EQ(sum.value, static_cast<double>(static_cast<int64_t>(sum.value)));
    }
  }
}

TEST(IsHuge, WhereATensorOrThePatchesPass2To31) {
  for (const std::string_view text : kAllHuge) EXPECT_TRUE(is_huge(problem_of(text))) << text;
  EXPECT_TRUE(is_huge(problem_of("input=1x9x8192x8192 weight=1x9x1x1"))) << "2^31 bytes are 2^29 elements";
  EXPECT_FALSE(is_huge(problem_of("input=1x8x8192x8192 weight=1x8x1x1")));
  EXPECT_TRUE(is_huge(problem_of("input=1x3x425x620 weight=1x3x65x65"))) << "2.5 * 10^9 elements of the patch matrix";
  EXPECT_FALSE(is_huge(problem_of("input=1x64x224x224 weight=64x64x3x3 padding=1")));
  EXPECT_FALSE(is_huge(problem_of("input=0x64x65536x65536 weight=64x64x1x1"))) << "nothing is there";
}

Corpus corpus_below(const std::string& folder) {
  Corpus corpus = read_corpus(std::string(CONVCHECK_CORPUS_DIR) + "/" + folder);
  EXPECT_EQ(corpus.error, "");
  EXPECT_FALSE(corpus.entries.empty()) << folder;
  return corpus;
}

TEST(HugeCorpus, IsHugeAndNoOtherPartOfTheCorpusIs) {
  for (const CorpusEntry& entry : corpus_below("huge").entries) {
    EXPECT_EQ(entry.message, "") << entry.place;
    EXPECT_TRUE(is_huge(entry.the_case.problem)) << entry.place;
    EXPECT_EQ(entry.the_case.fill, Fill::integers) << entry.place;
  }
  for (const std::string folder : {"bugs", "seeds", "networks"}) {
    for (const CorpusEntry& entry : corpus_below(folder).entries) {
      EXPECT_FALSE(entry.message.empty() && is_huge(entry.the_case.problem)) << entry.place;
    }
  }
}

// Every edge of 32-bit arithmetic is passed by an input, a weight and an output, in outputs that fit into memory.
TEST(HugeCorpus, PassesEveryEdgeInEveryTensor) {
  const Corpus corpus = corpus_below("huge");
  for (const TensorRole role : {TensorRole::input, TensorRole::weight, TensorRole::output}) {
    for (const int64_t edge : kOffsetEdges) {
      EXPECT_TRUE(std::any_of(corpus.entries.begin(), corpus.entries.end(),
                              [&](const CorpusEntry& entry) {
                                const Problem& problem = entry.the_case.problem;
                                const Shape shape = shape_of(problem, role);
                                return span_elements(shape, strides_of(problem, role, shape)) > edge;
                              }))
          << name(role) << " beyond " << edge;
    }
  }
  for (const CorpusEntry& entry : corpus.entries) {
    const Problem& problem = entry.the_case.problem;
    const Shape shape = output_shape(problem);
    const auto span = static_cast<int64_t>(span_elements(shape, strides_of(problem, TensorRole::output, shape)));
    EXPECT_LT(OutputMemory::most_bytes(span, geometry(problem).output_elements()), int64_t{9} << 30) << entry.place;
  }
}

TEST(JudgesHuge, LawsThatNeedOneCallAndTheSamples) {
  std::vector<std::string_view> names;
  for (const Law& law : laws()) {
    if (judges_huge(law)) names.push_back(law.name);
  }
  EXPECT_EQ(names, (std::vector<std::string_view>{"accepts_valid", "writes_every_output_element",
                                                  "matches_reference_exactly"}));
}

}  // namespace
}  // namespace convcheck
