#include "tests/properties/memory_law_kernels.h"

#include <xmmintrin.h>

#include <array>
#include <bit>
#include <cfenv>
#include <cstdint>
#include <cstring>

#include "tests/properties/faulty_kernels.h"

namespace convcheck {
namespace {

using Problem = convcheck_problem;
using Buffers = convcheck_buffers;

int32_t sound(const Problem* problem, const Buffers* buffers) {
  return kernel_with(Oddity::none).run(problem, buffers);
}

int64_t span_of(const convcheck_tensor_desc& tensor) {
  int64_t span = 1;
  for (int32_t axis = 0; axis < tensor.rank; ++axis) {
    if (tensor.shape[axis] == 0) return 0;
    span += (tensor.shape[axis] - 1) * tensor.stride[axis];
  }
  return tensor.rank == 0 ? 0 : span;
}

// Where an access goes: to an element counted from the first, or from the one behind the last.
enum class From { start, end };

volatile float* at(const void* data, const convcheck_tensor_desc& tensor, From from, int64_t element) {
  auto* const first = static_cast<float*>(const_cast<void*>(data));
  return first + (from == From::end ? span_of(tensor) : 0) + element;
}

// Each of these accesses one place and then computes.

template <void* convcheck_buffers::*Data, convcheck_tensor_desc convcheck_problem::*Tensor, From F, int64_t Element>
int32_t reads(const Problem* problem, const Buffers* buffers) {
  if (buffers->*Data != nullptr) static_cast<void>(*at(buffers->*Data, problem->*Tensor, F, Element));
  return sound(problem, buffers);
}

template <void* convcheck_buffers::*Data, convcheck_tensor_desc convcheck_problem::*Tensor, From F, int64_t Element>
int32_t writes(const Problem* problem, const Buffers* buffers) {
  const int32_t status = sound(problem, buffers);
  if (buffers->*Data != nullptr) *at(buffers->*Data, problem->*Tensor, F, Element) = 1;
  return status;
}

// Puts back what it changes.
int32_t borrows_input(const Problem* problem, const Buffers* buffers) {
  auto* const input = static_cast<volatile float*>(buffers->input);
  if (input == nullptr) return sound(problem, buffers);
  const float was = *input;
  *input = was + 1;
  *input = was;
  return sound(problem, buffers);
}

// Zeros the first gap of an output with gaps.
int32_t writes_gaps(const Problem* problem, const Buffers* buffers) {
  const int32_t status = sound(problem, buffers);
  const convcheck_tensor_desc& output = problem->output;
  const bool has_gap =
      output.shape[3] > 0 && output.shape[2] > 1 && output.stride[2] > output.shape[3] * output.stride[3];
  if (has_gap && buffers->output != nullptr)
    static_cast<float*>(buffers->output)[output.shape[3] * output.stride[3]] = 0;
  return status;
}

// Workspaces. Each asks for 100 bytes, and does with them what it says.
constexpr size_t kAsked = 100;
size_t asks(const Problem* /*problem*/) {
  return kAsked;
}

volatile char* workspace_of(const Buffers* buffers) {
  return static_cast<volatile char*>(buffers->workspace);
}

int32_t overruns_by_28(const Problem* problem, const Buffers* buffers) {
  if (buffers->workspace_bytes < kAsked) return CONVCHECK_FAILED;
  workspace_of(buffers)[kAsked + 28] = 1;  // beyond what its alignment leaves
  return sound(problem, buffers);
}

int32_t overruns_by_1(const Problem* problem, const Buffers* buffers) {
  if (buffers->workspace_bytes < kAsked) return CONVCHECK_FAILED;
  workspace_of(buffers)[kAsked] = 1;
  return sound(problem, buffers);
}

int32_t trusts_the_workspace(const Problem* problem, const Buffers* buffers) {
  if (buffers->workspace_bytes < kAsked) return CONVCHECK_FAILED;
  const int32_t status = sound(problem, buffers);
  auto* const output = static_cast<float*>(buffers->output);
  // Right as long as the workspace holds no finite number, as NaN and zeros.
  const float kept = static_cast<float*>(buffers->workspace)[0];
  if (output != nullptr && kept > 0 && status == CONVCHECK_OK) output[0] += kept;
  return status;
}

int32_t takes_less_for_granted(const Problem* problem, const Buffers* buffers) {
  workspace_of(buffers)[kAsked - 1] = 1;
  return sound(problem, buffers);
}

int32_t rejects_less(const Problem* problem, const Buffers* buffers) {
  return buffers->workspace_bytes < kAsked ? CONVCHECK_REJECTED : sound(problem, buffers);
}

int32_t computes_otherwise_with_less(const Problem* problem, const Buffers* buffers) {
  const int32_t status = sound(problem, buffers);
  if (buffers->workspace_bytes < kAsked && buffers->output != nullptr) *static_cast<float*>(buffers->output) += 1;
  return status;
}

// Floating point.
template <unsigned Bits>
int32_t sets_mxcsr(const Problem* problem, const Buffers* buffers) {
  const int32_t status = sound(problem, buffers);
  _mm_setcsr(_mm_getcsr() | Bits);
  return status;
}

int32_t rounds_upward(const Problem* problem, const Buffers* buffers) {
  const int32_t status = sound(problem, buffers);
  std::fesetround(FE_UPWARD);
  return status;
}

int32_t lowers_x87_precision(const Problem* problem, const Buffers* buffers) {
  const int32_t status = sound(problem, buffers);
  uint16_t control = 0;
  __asm__ volatile("fnstcw %0" : "=m"(control));
  control = static_cast<uint16_t>(control & ~0x0300U);
  __asm__ volatile("fldcw %0" : : "m"(control));
  return status;
}

// Alignment.
int32_t rounds_pointers_down(const Problem* problem, const Buffers* buffers) {
  Buffers moved = *buffers;
  moved.weight = std::bit_cast<void*>(std::bit_cast<uintptr_t>(moved.weight) & ~uintptr_t{15});
  return sound(problem, &moved);
}

int32_t declines_unaligned(const Problem* problem, const Buffers* buffers) {
  const auto all = std::bit_cast<uintptr_t>(buffers->input) | std::bit_cast<uintptr_t>(buffers->weight) |
                   std::bit_cast<uintptr_t>(buffers->output);
  return all % 16 != 0 ? CONVCHECK_UNSUPPORTED : sound(problem, buffers);
}

// Stack. As a recursion touches it, page by page.
template <size_t Bytes>
[[gnu::noinline]] int32_t uses_stack(const Problem* problem, const Buffers* buffers) {
  std::array<volatile char, Bytes> frame;
  for (size_t i = Bytes; i > 0; --i) frame[i - 1] = static_cast<char>(i);
  const int32_t status = sound(problem, buffers);
  return frame[0] == 1 ? status : CONVCHECK_FAILED;
}

// Right ones.
int32_t raises_flags(const Problem* problem, const Buffers* buffers) {
  std::feraiseexcept(FE_ALL_EXCEPT);
  return sound(problem, buffers);
}

int32_t uses_the_whole_workspace(const Problem* problem, const Buffers* buffers) {
  if (buffers->workspace_bytes < kAsked) return CONVCHECK_FAILED;
  std::memset(buffers->workspace, 1, kAsked);
  return sound(problem, buffers);
}

convcheck_kernel kernel(const char* name, decltype(convcheck_kernel::run) run,
                        decltype(convcheck_kernel::workspace_bytes) workspace = nullptr) {
  convcheck_kernel made = kernel_with(Oddity::none);
  made.name = name;
  made.run = run;
  made.workspace_bytes = workspace;
  return made;
}

using P = convcheck_problem;
using B = convcheck_buffers;
constexpr std::string_view kReads = "reads_only_its_tensors", kWrites = "writes_only_its_output",
                           kInputs = "inputs_stay_untouched", kWorkspace = "asks_for_the_workspace_it_uses",
                           kFloating = "keeps_the_floating_point_environment", kUnaligned = "serves_unaligned_tensors",
                           kStack = "uses_little_stack";

}  // namespace

std::span<const WrongInMemory> wrong_in_memory() {
  static const std::array kAll = {
      WrongInMemory{kernel("reads_past_input", reads<&B::input, &P::input, From::end, 0>), kReads,
                    "^read right past the end of input: reads_only_its_tensors$", ""},
      WrongInMemory{kernel("reads_past_weight", reads<&B::weight, &P::weight, From::end, 4>), kReads,
                    "^read 16 bytes past the end of weight: reads_only_its_tensors$", ""},
      WrongInMemory{kernel("reads_past_bias", reads<&B::bias, &P::bias, From::end, 0>), kReads,
                    "^read right past the end of bias: reads_only_its_tensors$", ""},
      WrongInMemory{kernel("reads_past_output", reads<&B::output, &P::output, From::end, 0>), kReads,
                    "^read right past the end of output: reads_only_its_tensors$", ""},
      WrongInMemory{kernel("reads_before_input", reads<&B::input, &P::input, From::start, -1>), kReads,
                    "^read 4 bytes before the start of input: reads_only_its_tensors$", ""},
      WrongInMemory{kernel("reads_before_weight", reads<&B::weight, &P::weight, From::start, -1>), kReads,
                    "^read 4 bytes before the start of weight: reads_only_its_tensors$", ""},
      WrongInMemory{kernel("reads_before_bias", reads<&B::bias, &P::bias, From::start, -1>), kReads,
                    "^read 4 bytes before the start of bias: reads_only_its_tensors$", ""},
      WrongInMemory{kernel("reads_before_output", reads<&B::output, &P::output, From::start, -1>), kReads,
                    "^read 4 bytes before the start of output: reads_only_its_tensors$", ""},
      // On the side that is not flush the canary has it.
      WrongInMemory{kernel("writes_past_output", writes<&B::output, &P::output, From::end, 0>), kWrites,
                    "^wrote right past the end of output: writes_only_its_output$",
                    "wrote right past the end of output"},
      WrongInMemory{kernel("writes_before_output", writes<&B::output, &P::output, From::start, -1>), kWrites,
                    "^wrote 4 bytes before the start of output: writes_only_its_output$",
                    "wrote 4 bytes before the start of output"},
      WrongInMemory{kernel("writes_far_past_output", writes<&B::output, &P::output, From::end, 100000>), kWrites,
                    "^wrote 400000 bytes past the end of output: writes_only_its_output$", ""},
      WrongInMemory{kernel("writes_past_weight", writes<&B::weight, &P::weight, From::end, 0>), kWrites,
                    "^wrote right past the end of weight: writes_only_its_output$", ""},
      WrongInMemory{kernel("writes_before_input", writes<&B::input, &P::input, From::start, -2>), kWrites,
                    "^wrote 8 bytes before the start of input: writes_only_its_output$", ""},
      WrongInMemory{kernel("writes_gaps", writes_gaps), kWrites, "", "wrote to element 2 of the span of the output"},
      WrongInMemory{kernel("borrows_input", borrows_input), kInputs,
                    "^wrote to byte 0 of input: inputs_stay_untouched$", ""},
      WrongInMemory{kernel("changes_weight", writes<&B::weight, &P::weight, From::start, 1>), kInputs,
                    "^wrote to byte 4 of weight: inputs_stay_untouched$", ""},
      WrongInMemory{kernel("changes_bias", writes<&B::bias, &P::bias, From::end, -1>), kInputs,
                    "^wrote to byte 4 of bias: inputs_stay_untouched$", ""},
      WrongInMemory{kernel("overruns_by_28", overruns_by_28, asks), kWorkspace,
                    "^wrote 28 bytes past the end of the workspace: asks_for_the_workspace_it_uses$",
                    "wrote 28 bytes past the end of the workspace"},
      WrongInMemory{kernel("overruns_by_1", overruns_by_1, asks), kWorkspace, "",
                    "wrote right past the end of the workspace"},
      WrongInMemory{kernel("trusts_the_workspace", trusts_the_workspace, asks), kWorkspace, "", "0x"},
      WrongInMemory{kernel("takes_less_for_granted", takes_less_for_granted, asks), kWorkspace, "",
                    "wrote right past the end of the workspace"},
      WrongInMemory{kernel("rejects_less", rejects_less, asks), kWorkspace, "", "REJECTED from run"},
      WrongInMemory{kernel("computes_otherwise_with_less", computes_otherwise_with_less, asks), kWorkspace, "", "0x"},
      WrongInMemory{kernel("flushes_results", sets_mxcsr<0x8000>), kFloating, "", "MXCSR 0x9f80, x87 control word"},
      WrongInMemory{kernel("flushes_operands", sets_mxcsr<0x0040>), kFloating, "", "MXCSR 0x1fc0, x87 control word"},
      WrongInMemory{kernel("rounds_upward", rounds_upward), kFloating, "", "MXCSR 0x5f80, x87 control word 0x0b7f"},
      WrongInMemory{kernel("lowers_x87_precision", lowers_x87_precision), kFloating, "",
                    "MXCSR 0x1f80, x87 control word 0x007f"},
      WrongInMemory{kernel("rounds_pointers_down", rounds_pointers_down), kUnaligned, "", "0x"},
      WrongInMemory{kernel("declines_unaligned", declines_unaligned), kUnaligned, "", "UNSUPPORTED from run"},
      WrongInMemory{kernel("uses_600_kib", uses_stack<size_t{600} << 10>), kStack,
                    "^went [0-9]+ bytes? beyond the end of the stack: uses_little_stack$", ""},
      WrongInMemory{kernel("uses_512_kib", uses_stack<size_t{512} << 10>), kStack,
                    "^went [0-9]+ bytes? beyond the end of the stack: uses_little_stack$", ""},
  };
  return kAll;
}

std::span<const convcheck_kernel> right_in_memory() {
  static const std::array kAll = {
      kernel("reads_first_of_input", reads<&B::input, &P::input, From::start, 0>),
      kernel("reads_last_of_weight", reads<&B::weight, &P::weight, From::end, -1>),
      kernel("raises_flags", raises_flags),
      kernel("uses_the_whole_workspace", uses_the_whole_workspace, asks),
      kernel("works_with_less", sound, asks),
      kernel("uses_480_kib", uses_stack<size_t{480} << 10>),
  };
  return kAll;
}

}  // namespace convcheck
