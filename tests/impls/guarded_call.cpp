#include "tests/impls/guarded_call.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

#include "impls/mutants/mutant.h"
#include "reference/layout.h"

namespace convcheck {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kFarthest = 1U << 20;
constexpr int kFailed = 255;  // the child itself could not do its work

size_t whole_pages(size_t bytes) {
  return (bytes + kPage - 1) / kPage * kPage;
}

Expectation expectation_of(const Case& c) {
  Expectation expected;
  if (!expect(c, {}, expected).empty()) std::abort();
  return expected;
}

size_t bytes_of(const Tensor& tensor) {
  return tensor.memory().size() * sizeof(float);
}

void fill(const GuardedBytes& bytes, const Tensor& tensor, bool is_read_only) {
  if (bytes_of(tensor) != 0) std::memcpy(bytes.at(), tensor.memory().data(), bytes_of(tensor));
  if (is_read_only) bytes.make_read_only();
}

// The plain loops, which are what the mutants are made of.
Tensor right_output(const Case& c, const Expectation& expected) {
  const convcheck_kernel loops = impls::mutants::kernel_of<impls::mutants::Sound>("loops", "the plain loops");
  Tensor output;
  Workspace workspace;
  if (!call({&loops, nullptr}, c.problem, expected.data, output, workspace).ok()) std::abort();
  return output;
}

}  // namespace

ChildEnd in_a_child(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child < 0) std::abort();
  if (child == 0) {
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) std::signal(signal, SIG_DFL);
    int returned = kFailed;
    try {
      returned = body();
    } catch (...) {
      returned = kFailed;
    }
    _exit(returned);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) std::abort();
  if (WIFSIGNALED(status)) return {.returned = std::nullopt, .signal = WTERMSIG(status)};
  return {.returned = WEXITSTATUS(status), .signal = 0};
}

// A page in front, what is asked for in whole pages, and behind it as much as a kernel may stray.
GuardedBytes::GuardedBytes(size_t bytes, Beside beside)
    : usable_(whole_pages(bytes + (beside == Beside::nothing ? 2 * kPage : 0))),
      mapped_(kPage + usable_ + kFarthest),
      first_(static_cast<std::byte*>(mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))),
      at_(first_ + kPage) {
  if (first_ == MAP_FAILED) std::abort();
  if (usable_ != 0 && mprotect(first_ + kPage, usable_, PROT_READ | PROT_WRITE) != 0) std::abort();
  if (beside == Beside::end) at_ += usable_ - bytes;
  if (beside == Beside::nothing) at_ += kPage;
}

GuardedBytes::~GuardedBytes() {
  munmap(first_, mapped_);
}

void GuardedBytes::make_read_only() const {
  if (usable_ != 0 && mprotect(first_ + kPage, usable_, PROT_READ) != 0) std::abort();
}

GuardedCall::GuardedCall(const Case& c, Beside beside, bool are_inputs_read_only)
    : problem_(to_abi(c.problem)),
      expected_(expectation_of(c)),
      right_(right_output(c, expected_)),
      beside_(beside),
      input_(bytes_of(expected_.data.input), beside),
      weight_(bytes_of(expected_.data.weight), beside),
      bias_(bytes_of(expected_.data.bias), beside),
      output_(bytes_of(right_), beside) {
  fill(input_, expected_.data.input, are_inputs_read_only);
  fill(weight_, expected_.data.weight, are_inputs_read_only);
  fill(bias_, expected_.data.bias, are_inputs_read_only);
  Tensor poisoned = right_;
  poison(poisoned);
  fill(output_, poisoned, false);
}

int32_t GuardedCall::make(const convcheck_kernel& kernel) {
  if (kernel.supports != nullptr) {
    if (const int32_t status = kernel.supports(&problem_); status != CONVCHECK_OK) return status;
  }
  convcheck_buffers buffers{};
  buffers.weight = weight_.at();
  buffers.bias = problem_.bias.rank == 0 ? nullptr : bias_.at();
  void* plan = nullptr;
  if (kernel.prepare != nullptr) {
    if (const int32_t status = kernel.prepare(&problem_, &buffers, &plan); status != CONVCHECK_OK) return status;
  }
  buffers.workspace_bytes = kernel.workspace_bytes == nullptr ? 0 : kernel.workspace_bytes(&problem_);
  const GuardedBytes workspace(buffers.workspace_bytes, beside_);
  buffers.workspace = buffers.workspace_bytes == 0 ? nullptr : workspace.at();
  if (buffers.workspace != nullptr) std::memset(buffers.workspace, 0xFF, buffers.workspace_bytes);
  buffers.input = input_.at();
  buffers.output = output_.at();
  buffers.plan = plan;
  const int32_t status = kernel.run(&problem_, &buffers);
  if (kernel.release != nullptr) kernel.release(plan);
  return status;
}

bool GuardedCall::is_right() const {
  const auto* const output = reinterpret_cast<const float*>(output_.at());
  for (int64_t i = 0; i < right_.elements(); ++i) {
    const int64_t at = right_.offset(i);
    if (std::memcmp(&output[at], &right_.memory()[static_cast<size_t>(at)], sizeof(float)) != 0) return false;
  }
  return right_.elements() > 0;
}

}  // namespace convcheck
