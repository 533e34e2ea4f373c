// Kernels that read and write what a call was not given, or that take for granted what it holds.
#include <array>

#include "tests/torture/themes.h"

namespace convcheck::torture {
namespace {

void read(const void* tensor, int64_t at) {
  static_cast<void>(static_cast<const volatile float*>(tensor)[at]);
}

void write(void* tensor, int64_t at) {
  static_cast<volatile float*>(tensor)[at] = 1.0F;
}

void write_after(const Problem& problem, const Buffers& buffers) {
  write(buffers.output, span(problem.output));
}

void write_before(const Problem& /*problem*/, const Buffers& buffers) {
  write(buffers.output, -1);
}

void write_far_away(const Problem& problem, const Buffers& buffers) {
  constexpr int64_t kFar = 100'000;
  write(buffers.output, span(problem.output) + kFar);
}

// Behind the first row, where there is something between it and the next.
void write_into_gaps(const Problem& problem, const Buffers& buffers) {
  const convcheck_tensor_desc& output = problem.output;
  const int64_t width = output.shape[3];
  const bool has_rows = output.shape[2] > 1 && (width == 1 || output.stride[3] == 1);
  if (has_rows && output.stride[2] > width && output.stride[1] >= output.stride[2] * output.shape[2]) {
    write(buffers.output, width);
  }
}

void read_past_input(const Problem& problem, const Buffers& buffers) {
  if (buffers.input != nullptr) read(buffers.input, span(problem.input));
}

void read_before_input(const Problem& /*problem*/, const Buffers& buffers) {
  if (buffers.input != nullptr) read(buffers.input, -1);
}

void read_past_weight(const Problem& problem, const Buffers& buffers) {
  read(buffers.weight, span(problem.weight));
}

void read_past_bias(const Problem& problem, const Buffers& buffers) {
  if (problem.bias.rank != 0) read(buffers.bias, span(problem.bias));
}

void change_input(const Problem& problem, const Buffers& buffers) {
  if (span(problem.input) != 0) write(buffers.input, span(problem.input) - 1);
}

void change_weight(const Problem& /*problem*/, const Buffers& buffers) {
  write(buffers.weight, 0);
}

int32_t run_on_changed_input(const Problem* problem, const Buffers* buffers) {
  const int32_t status = check(*problem, *buffers);
  if (status != CONVCHECK_OK || elements(problem->output) == 0 || elements(problem->input) == 0) return status;
  auto* const first = static_cast<volatile float*>(buffers->input);
  const float kept = *first;
  *first = 0;
  *first = kept;
  convolve(*problem, *buffers);
  return CONVCHECK_OK;
}

size_t one_float(const Problem* problem) {
  return check(*problem) == CONVCHECK_OK ? sizeof(float) : 0;
}

// Adds up what it takes to be zero.
void add_the_workspace(const Problem& /*problem*/, const Buffers& buffers) {
  *static_cast<float*>(buffers.output) += *static_cast<const float*>(buffers.workspace);
}

void use_twice_the_workspace(const Problem& /*problem*/, const Buffers& buffers) {
  for (int64_t at = 0; at < 32; ++at) write(buffers.workspace, at);
}

size_t half_of_it(const Problem* problem) {
  return one_float(problem) * 16;
}

constexpr convcheck_kernel with_workspace(convcheck_kernel k, size_t (*workspace)(const Problem*)) {
  k.workspace_bytes = workspace;
  return k;
}

constexpr std::array kKernels = {
    kernel("writes_after_its_output", "writes one element behind its output", run_before<write_after>),
    kernel("writes_before_its_output", "writes one element before its output", run_before<write_before>),
    kernel("writes_far_from_its_output", "writes 400 KB behind its output", run_before<write_far_away>),
    kernel("writes_into_gaps", "writes between the rows of a strided output", run_before<write_into_gaps>),
    kernel("reads_past_the_input", "reads one element behind the input", run_after<read_past_input>),
    kernel("reads_before_the_input", "reads one element before the input", run_after<read_before_input>),
    kernel("reads_past_the_weight", "reads one element behind the weight", run_after<read_past_weight>),
    kernel("reads_past_the_bias", "reads one element behind the bias", run_after<read_past_bias>),
    kernel("changes_the_input", "writes the last element of the input", run_before<change_input>),
    kernel("changes_the_input_for_a_while", "changes the input and puts it back", run_on_changed_input),
    kernel("changes_the_weight", "writes the first element of the weight", run_before<change_weight>),
    with_workspace(kernel("believes_the_workspace_is_zero", "adds what the workspace held to an output",
                          run_before<add_the_workspace>),
                   one_float),
    with_workspace(kernel("asks_for_too_little_workspace", "asks for 64 bytes of workspace and uses 128",
                          run_after<use_twice_the_workspace>),
                   half_of_it),
};

}  // namespace

std::span<const convcheck_kernel> trespassing_kernels() {
  return kKernels;
}

}  // namespace convcheck::torture
