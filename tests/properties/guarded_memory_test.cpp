// Tensors lie flush against guards and are read-only where they should be, what is written beside them is noticed, and
// a call costs no system call.
#include "properties/guarded_memory.h"

#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include "properties/subject.h"
#include "tests/properties/dying.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

constexpr std::array kEnds = {Flush::end, Flush::start};
constexpr uintptr_t kPage = 4096;  // or a part of one

uintptr_t number(const void* address) {
  return std::bit_cast<uintptr_t>(address);
}

// For a kernel that is not to be stopped by the optimizer.
float peek(const float* at) {
  return *static_cast<const volatile float*>(at);
}
void poke(const void* at, float value) {
  *static_cast<volatile float*>(const_cast<void*>(at)) = value;
}

class Memory : public testing::TestWithParam<Flush> {
 protected:
  Memory() {
    data_.reshape(problem_);
    float next = 1;
    for (Tensor* tensor : {&data_.input, &data_.weight, &data_.bias}) {
      for (float& value : tensor->memory()) value = next++;
    }
    output_.reshape(problem_, TensorRole::output);
  }

  [[nodiscard]] bool lay_out(size_t workspace_bytes) {
    return memory_.lay_out(data_, span(), workspace_bytes, {.flush = GetParam()});
  }
  [[nodiscard]] int64_t span() const { return static_cast<int64_t>(output_.memory().size()); }

  const Problem problem_ = problem_of("input=2x4x5x6 weight=4x2x3x3 groups=2 bias=4");
  Data data_;
  Tensor output_;
  GuardedMemory memory_;
};

TEST_P(Memory, HoldsTheDataAndPoisonFlushAgainstTheChosenEnd) {
  ASSERT_TRUE(lay_out(1024));
  const CallMemory at = memory_.tensors();
  const auto holds = [](const Tensor& tensor, const float* there) {
    return std::equal(tensor.memory().begin(), tensor.memory().end(), there);
  };
  EXPECT_TRUE(holds(data_.input, at.input));
  EXPECT_TRUE(holds(data_.weight, at.weight));
  EXPECT_TRUE(holds(data_.bias, at.bias));
  EXPECT_TRUE(std::all_of(at.output, at.output + span(), is_poison));
  const auto* const bytes = static_cast<const unsigned char*>(memory_.workspace());
  EXPECT_TRUE(std::all_of(bytes, bytes + 1024, [](unsigned char byte) { return byte == 0xFF; }));
  const auto edge = [&](const void* start, size_t size) {
    return (number(start) + (GetParam() == Flush::end ? size : 0)) % kPage;
  };
  EXPECT_EQ(edge(at.input, 240 * 4), 0U);
  EXPECT_EQ(edge(at.weight, 72 * 4), 0U);
  EXPECT_EQ(edge(at.bias, 4 * 4), 0U);
  EXPECT_EQ(edge(at.output, static_cast<size_t>(span()) * 4), 0U);
  EXPECT_EQ(edge(memory_.workspace(), 1024), 0U);
}

TEST_P(Memory, FillsOutputAndWorkspaceAsItIsTold) {
  ASSERT_TRUE(
      memory_.lay_out(data_, span(), 77, {.flush = GetParam(), .output_poison = 0x7FC12345, .workspace_byte = 0x4B}));
  const CallMemory at = memory_.tensors();
  EXPECT_TRUE(std::all_of(at.output, at.output + span(),
                          [](float value) { return std::bit_cast<uint32_t>(value) == 0x7FC12345; }));
  const auto* const bytes = static_cast<const unsigned char*>(memory_.workspace());
  EXPECT_TRUE(std::all_of(bytes, bytes + 77, [](unsigned char byte) { return byte == 0x4B; }));
}

TEST_P(Memory, AlignsAWorkspaceTo64BytesAndNoFurtherOffItsEndThanThat) {
  for (const size_t bytes : {size_t{1}, size_t{63}, size_t{64}, size_t{65}, size_t{1000}, size_t{4096}, size_t{5000}}) {
    ASSERT_TRUE(lay_out(bytes));
    const uintptr_t start = number(memory_.workspace());
    EXPECT_EQ(start % 64, 0U) << bytes;
    const uintptr_t whole = (bytes + 63) / 64 * 64;
    EXPECT_EQ(GetParam() == Flush::end ? (start + whole) % kPage : start % kPage, 0U) << bytes;
  }
}

TEST_P(Memory, GivesNullForWhatHasNoElements) {
  const Problem empty = problem_of("input=0x4x5x6 weight=4x4x3x3");
  data_.reshape(empty);
  ASSERT_TRUE(memory_.lay_out(data_, 0, 0, {.flush = GetParam()}));
  const CallMemory at = memory_.tensors();
  EXPECT_EQ(at.input, nullptr);
  EXPECT_EQ(at.bias, nullptr);
  EXPECT_EQ(at.output, nullptr);
  EXPECT_EQ(memory_.workspace(), nullptr);
  EXPECT_NE(at.weight, nullptr);
  const Noticed noticed = memory_.notice(data_);
  EXPECT_FALSE(noticed.overwritten || noticed.workspace_overwritten || noticed.input_changed);
}

TEST_P(Memory, NoticesEachByteOfTheCanaryBesideWhatIsWritten) {
  const bool is_at_end = GetParam() == Flush::end;
  for (const uint64_t distance : {1, 2, 3, 4, 63, 64, 65, 255, 256}) {
    for (const Part part : {Part::output, Part::workspace}) {
      ASSERT_TRUE(lay_out(1024));
      ASSERT_FALSE(memory_.notice(data_).overwritten || memory_.notice(data_).workspace_overwritten);
      char* const start = part == Part::output ? reinterpret_cast<char*>(memory_.tensors().output)
                                               : static_cast<char*>(memory_.workspace());
      const size_t bytes = part == Part::output ? static_cast<size_t>(span()) * 4 : 1024;
      char* const victim = is_at_end ? start - distance : start + bytes + (distance - 1);
      *victim = static_cast<char>(*victim + 1);
      const uint64_t unit = part == Part::output ? 4 : 1;
      const Fault expected = {part, is_at_end ? Where::before : Where::after,
                              is_at_end ? (distance + unit - 1) / unit * unit : (distance - 1) / unit * unit};
      const Noticed noticed = memory_.notice(data_);
      EXPECT_EQ(noticed.overwritten, part == Part::output ? std::optional(expected) : std::nullopt);
      EXPECT_EQ(noticed.workspace_overwritten, part == Part::workspace ? std::optional(expected) : std::nullopt);
    }
  }
}

TEST_P(Memory, NoticesAWriteIntoWhatAlignmentLeavesOfAWorkspace) {
  for (const size_t bytes : {size_t{1}, size_t{37}, size_t{63}, size_t{65}}) {
    ASSERT_TRUE(lay_out(bytes));
    static_cast<char*>(memory_.workspace())[bytes] = 0;
    EXPECT_EQ(memory_.notice(data_).workspace_overwritten, (Fault{Part::workspace, Where::after, 0})) << bytes;
  }
}

TEST_P(Memory, HoldsNaNBesideATensor) {
  ASSERT_TRUE(lay_out(0));
  const CallMemory at = memory_.tensors();
  const bool is_at_end = GetParam() == Flush::end;
  EXPECT_TRUE(std::isnan(peek(is_at_end ? at.input - 1 : at.input + data_.input.memory().size())));
  EXPECT_TRUE(std::isnan(peek(is_at_end ? at.weight - 16 : at.weight + data_.weight.memory().size() + 15)));
}

TEST_P(Memory, DiesOfAccessesBeyondTheFlushEndAndTellsThem) {
  ASSERT_TRUE(lay_out(1024));
  const CallMemory at = memory_.tensors();
  const auto* const workspace = static_cast<const float*>(memory_.workspace());
  if (GetParam() == Flush::end) {
    EXPECT_FAULT(peek(at.input + 240), "^read right past the end of input: reads_only_its_tensors$");
    EXPECT_FAULT(peek(at.weight + 72 + 4), "^read 16 bytes past the end of weight: reads_only_its_tensors$");
    EXPECT_FAULT(peek(at.bias + 4), "^read right past the end of bias: reads_only_its_tensors$");
    EXPECT_FAULT(poke(at.output + span(), 1), "^wrote right past the end of output: writes_only_its_output$");
    EXPECT_FAULT(peek(at.output + span() + 250000),
                 "^read 1000000 bytes past the end of output: reads_only_its_tensors$");
    EXPECT_FAULT(poke(workspace + 256, 1),
                 "^wrote right past the end of the workspace: asks_for_the_workspace_it_uses$");
  } else {
    EXPECT_FAULT(peek(at.input - 1), "^read 4 bytes before the start of input: reads_only_its_tensors$");
    EXPECT_FAULT(peek(at.weight - 5), "^read 20 bytes before the start of weight: reads_only_its_tensors$");
    EXPECT_FAULT(peek(at.bias - 1), "^read 4 bytes before the start of bias: reads_only_its_tensors$");
    EXPECT_FAULT(poke(at.output - 1, 1), "^wrote 4 bytes before the start of output: writes_only_its_output$");
    EXPECT_FAULT(poke(at.input - 1, 1), "^wrote 4 bytes before the start of input: writes_only_its_output$");
    EXPECT_FAULT(peek(workspace - 1),
                 "^read 4 bytes before the start of the workspace: asks_for_the_workspace_it_uses$");
  }
}

TEST_P(Memory, DiesOfWritesToWhatIsReadAndTellsThem) {
  ASSERT_TRUE(lay_out(0));
  const CallMemory at = memory_.tensors();
  EXPECT_FAULT(poke(at.input + 3, 1), "^wrote to byte 12 of input: inputs_stay_untouched$");
  EXPECT_FAULT(poke(at.weight, 1), "^wrote to byte 0 of weight: inputs_stay_untouched$");
  EXPECT_FAULT(poke(at.bias + 3, 4), "^wrote to byte 12 of bias: inputs_stay_untouched$") << "what it holds already";
}

TEST_P(Memory, WithGuardsOffNoticesWhatItCanAndDiesOfNothing) {
  memory_.set_guards(Guards::off);
  ASSERT_TRUE(lay_out(1024));
  const CallMemory at = memory_.tensors();
  for (const int64_t off : {int64_t{-256}, int64_t{-1}, span(), span() + 256}) {
    ASSERT_TRUE(lay_out(1024));
    EXPECT_TRUE(std::isnan(peek(at.output - 1)) && std::isnan(peek(at.output + span()))) << off;
    poke(at.output + off, 1);
    peek(at.input - 256);
    peek(at.weight + 72 + 255);
    const auto overwritten = memory_.notice(data_).overwritten;
    if (off == -1) {
      EXPECT_EQ(overwritten, (Fault{Part::output, Where::before, 4}));
    } else if (off == span()) {
      EXPECT_EQ(overwritten, (Fault{Part::output, Where::after, 0}));
    }
  }
  ASSERT_TRUE(lay_out(1024));
  EXPECT_FALSE(memory_.notice(data_).overwritten || memory_.notice(data_).input_changed);
  poke(at.weight + 5, -7);
  EXPECT_EQ(memory_.notice(data_).input_changed, (Fault{Part::weight, Where::inside, 20}));
  ASSERT_TRUE(lay_out(1024));
  EXPECT_EQ(peek(at.weight + 5), data_.weight.memory()[5]) << "the next call finds it mended";
  poke(at.bias + 4, 1);
  EXPECT_EQ(memory_.notice(data_).overwritten, (Fault{Part::bias, Where::after, 0}));
  memory_.set_guards(Guards::on);
  ASSERT_TRUE(lay_out(1024));
  EXPECT_FAULT(poke(memory_.tensors().weight, 1), "inputs_stay_untouched$");
}

TEST_P(Memory, LiesAsFarOffAlignmentAsItIsTold) {
  for (uint8_t first = 1; first <= 12; ++first) {
    const CallSetting setting = {.flush = GetParam(),
                                 .off = {first, static_cast<uint8_t>(first + 1), static_cast<uint8_t>(first + 2),
                                         static_cast<uint8_t>(first + 3)}};
    ASSERT_TRUE(memory_.lay_out(data_, span(), 0, setting));
    const CallMemory at = memory_.tensors();
    EXPECT_EQ(number(at.input) % 64, first * 4U);
    EXPECT_EQ(number(at.weight) % 64, first * 4U + 4);
    EXPECT_EQ(number(at.bias) % 64, first * 4U + 8);
    EXPECT_EQ(number(at.output) % 64, first * 4U + 12);
    EXPECT_EQ(at.input[239], 240);
    EXPECT_FALSE(memory_.notice(data_).overwritten);
    at.output[-1] = 0;
    EXPECT_EQ(memory_.notice(data_).overwritten, (Fault{Part::output, Where::before, 4}));
    ASSERT_TRUE(memory_.lay_out(data_, span(), 0, setting));
    at.output[span()] = 0;
    EXPECT_EQ(memory_.notice(data_).overwritten, (Fault{Part::output, Where::after, 0}));
  }
}

TEST_P(Memory, CopiesTheOutputWithItsGaps) {
  const Problem strided = problem_of("input=1x2x3x3 weight=2x2x1x1 output_strides=40x20x4x1");
  Tensor output(strided, TensorRole::output);
  data_.reshape(strided);
  const auto count = static_cast<int64_t>(output.memory().size());
  ASSERT_TRUE(memory_.lay_out(data_, count, 0, {.flush = GetParam()}));
  for (int64_t i = 0; i < count; ++i) memory_.tensors().output[i] = static_cast<float>(i);
  memory_.copy_output(output);
  for (int64_t i = 0; i < count; ++i) EXPECT_EQ(output.memory()[static_cast<size_t>(i)], static_cast<float>(i));
}

INSTANTIATE_TEST_SUITE_P(Ends, Memory, testing::ValuesIn(kEnds),
                         [](const auto& flush) { return flush.param == Flush::end ? "FlushAtEnd" : "FlushAtStart"; });

TEST(GuardedRegion, IsReusedAndGrowsByNeed) {
  GuardedRegion region(Part::input);
  ASSERT_TRUE(region.place(100, 4, Flush::start));
  const void* const first = region.at();
  for (const size_t bytes : {size_t{4}, size_t{400}, size_t{4096}}) {
    ASSERT_TRUE(region.place(bytes, 4, Flush::start));
    EXPECT_EQ(region.at(), first) << bytes;
  }
  for (const size_t bytes : {size_t{4097}, size_t{100} << 20}) {
    ASSERT_TRUE(region.place(bytes, 4, Flush::end));
    region.own()[0] = 1;
    region.own()[bytes - 1] = 2;
    EXPECT_EQ(static_cast<const char*>(region.at())[0], 1);
    EXPECT_EQ(static_cast<const char*>(region.at())[bytes - 1], 2);
    EXPECT_EQ(fault_at(region.at()), (Fault{Part::input, Where::inside, 0}));
    EXPECT_EQ(fault_at(static_cast<const char*>(region.at()) + bytes + (bytes > kPage * 2 ? bytes - 1 : 0))->where,
              Where::after)
        << "the guard is as large as the tensor";
  }
}

// Pages that there are, in bytes.
size_t resident_bytes() {
  long pages = 0, resident = 0;
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr || std::fscanf(file, "%ld %ld", &pages, &resident) != 2) ADD_FAILURE();
  if (file != nullptr) std::fclose(file);
  return static_cast<size_t>(resident) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

TEST(GuardedRegion, GivesBackWhatIsFarMoreThanACallNeeds) {
  constexpr size_t kLarge = size_t{200} << 20;
  GuardedRegion region(Part::output);
  ASSERT_TRUE(region.place(kLarge, 4, Flush::end));
  std::memset(region.own(), 1, kLarge);
  const size_t before = resident_bytes();
  ASSERT_TRUE(region.place(kLarge / 2, 4, Flush::end));
  EXPECT_GT(resident_bytes() + kLarge / 4, before) << "not for the next somewhat smaller one";
  ASSERT_TRUE(region.place(100, 4, Flush::end));
  EXPECT_LT(resident_bytes() + kLarge / 2, before);
}

TEST(GuardedRegion, SaysWhereThereIsNotThatMuchMemoryAndGoesOn) {
  GuardedRegion region(Part::workspace);
  for (const size_t bytes : {SIZE_MAX, SIZE_MAX - 63, SIZE_MAX / 2, size_t{1} << 46}) {
    EXPECT_FALSE(region.place(bytes, 64, Flush::end)) << bytes;
    EXPECT_EQ(region.at(), nullptr);
    EXPECT_FALSE(region.overwritten());
    ASSERT_TRUE(region.place(64, 64, Flush::end));
    EXPECT_NE(region.at(), nullptr);
  }
}

TEST(GuardedRegion, CountsAgainstTheLimitOfPrivateMemoryOnlyWhatIsWritten) {
  if (kIsSanitized) GTEST_SKIP() << "a sanitizer's own memory is above any limit";
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_DATA, &before), 0);
  const rlimit limit = {.rlim_cur = rlim_t{256} << 20, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_DATA, &limit), 0);
  constexpr size_t kMore = size_t{300} << 20;
  GuardedRegion input(Part::input), workspace(Part::workspace);
  EXPECT_TRUE(input.place(kMore, 4, Flush::end));
  EXPECT_FALSE(workspace.place(kMore, 64, Flush::end));
  EXPECT_TRUE(workspace.place(kMore / 4, 64, Flush::end));
  ASSERT_EQ(setrlimit(RLIMIT_DATA, &before), 0);
}

// In this mode of seccomp whoever calls more than read, write and exit is killed.
TEST(GuardedMemory, TakesNoSystemCallOnceItIsLargeEnough) {
  if (kIsSanitized) GTEST_SKIP() << "a sanitizer makes system calls of its own";
  const auto call_often = [] {
    const Problem large = problem_of("input=2x4x5x6 weight=4x2x3x3 groups=2 bias=4");
    const Problem small = problem_of("input=1x1x1x1 weight=1x1x1x1");
    Data of_large, of_small;
    of_large.reshape(large);
    of_small.reshape(small);
    GuardedMemory memory;
    if (!memory.lay_out(of_large, 96, 1000, {})) _exit(1);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) _exit(2);
    bool is_all_right = true;
    for (int i = 0; i < 1000; ++i) {
      const Flush flush = i % 2 == 0 ? Flush::start : Flush::end;
      const Data& data = i % 3 == 0 ? of_small : of_large;
      is_all_right &= memory.lay_out(data, i % 3 == 0 ? 1 : 96, static_cast<size_t>(i), {.flush = flush});
      is_all_right &= !memory.notice(data).overwritten;
    }
    syscall(SYS_exit, is_all_right ? 42 : 3);
  };
  EXPECT_EXIT(call_often(), testing::ExitedWithCode(42), "");
}

}  // namespace
}  // namespace convcheck
