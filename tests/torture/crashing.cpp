// Kernels that crash: in each of the entries, by each of the usual signals, by exceptions, and on one class of problems
// alone.
#include <array>
#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "tests/torture/themes.h"

namespace convcheck::torture {
namespace {

// The compiler is not told that nothing is there.
void write_to_nowhere() {
  static volatile int* volatile nowhere = nullptr;
  *nowhere = 1;
}

int32_t supports_by_crash(const Problem* /*problem*/) {
  write_to_nowhere();
  return CONVCHECK_OK;
}

size_t workspace_by_crash(const Problem* /*problem*/) {
  write_to_nowhere();
  return 0;
}

int32_t prepare_nothing(const Problem* problem, const Buffers* buffers, void** plan) {
  *plan = nullptr;
  return check(*problem, *buffers);
}

int32_t prepare_by_crash(const Problem* problem, const Buffers* buffers, void** plan) {
  write_to_nowhere();
  return prepare_nothing(problem, buffers, plan);
}

void release_nothing(void* /*plan*/) {}

void release_by_crash(void* /*plan*/) {
  write_to_nowhere();
}

void crash(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  write_to_nowhere();
}

void give_up(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  std::abort();
}

void trap(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  static volatile bool is_reached = true;
  if (is_reached) __builtin_trap();
}

void free_twice(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  void* const memory = std::malloc(100);
  void* volatile again = memory;
  std::free(memory);
  std::free(again);
}

void raise_bus(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  static_cast<void>(raise(SIGBUS));
}

// It divides before it looks, and is right otherwise.
int32_t supports_by_division(const Problem* problem) {
  const int64_t volatile per_group = problem->input.shape[1] / problem->groups;
  static_cast<void>(per_group);
  return check(*problem);
}

int32_t run_by_division(const Problem* problem, const Buffers* buffers) {
  const int32_t status = supports_by_division(problem);
  return status == CONVCHECK_OK ? run_soundly(problem, buffers) : status;
}

void throw_error(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  throw std::runtime_error("thrown through the ABI");
}

int32_t supports_by_throwing(const Problem* /*problem*/) {
  throw std::runtime_error("thrown by supports");
}

void crash_on_stride_above_kernel(const Problem& problem, const Buffers& /*buffers*/) {
  if (problem.stride[0] > problem.weight.shape[2] || problem.stride[1] > problem.weight.shape[3]) write_to_nowhere();
}

// So that no compiler leaves out what fills memory.
void use(void* memory) {
  asm volatile("" : : "r"(memory) : "memory");
}

// Where a function that has returned once was.
std::jmp_buf& stale() {
  static std::jmp_buf buffer;
  return buffer;
}

[[gnu::noinline]] void note_where_we_are() {
  // Some way down, so that the frame is not that of the jump itself.
  std::array<char, 2048> room;
  room.fill(0);
  use(room.data());
  if (setjmp(stale()) != 0) use(room.data());
}

[[gnu::noinline]] void overwrite_what_is_left() {
  std::array<char, 4096> room;
  room.fill(1);
  use(room.data());
}

void jump_into_what_is_gone(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  note_where_we_are();
  overwrite_what_is_left();
  std::longjmp(stale(), 1);
}

constexpr convcheck_kernel with_supports(convcheck_kernel k, int32_t (*supports)(const Problem*)) {
  k.supports = supports;
  return k;
}

constexpr convcheck_kernel with_workspace(convcheck_kernel k, size_t (*workspace)(const Problem*)) {
  k.workspace_bytes = workspace;
  return k;
}

constexpr convcheck_kernel with_plan(convcheck_kernel k, int32_t (*prepare)(const Problem*, const Buffers*, void**),
                                     void (*release)(void*)) {
  k.prepare = prepare;
  k.release = release;
  return k;
}

constexpr std::array kKernels = {
    kernel("crashes_in_run", "writes to address 0", run_after<crash>),
    with_supports(kernel("crashes_in_supports", "supports writes to address 0"), supports_by_crash),
    with_workspace(kernel("crashes_in_workspace_bytes", "workspace_bytes writes to address 0"), workspace_by_crash),
    with_plan(kernel("crashes_in_prepare", "prepare writes to address 0"), prepare_by_crash, release_nothing),
    with_plan(kernel("crashes_in_release", "release writes to address 0"), prepare_nothing, release_by_crash),
    kernel("crashes_on_stride_above_kernel", "writes to address 0 where a stride is above its kernel",
           run_after<crash_on_stride_above_kernel>),
    kernel("aborts", "calls abort()", run_after<give_up>),
    kernel("traps", "runs an illegal instruction", run_after<trap>),
    kernel("frees_twice", "frees a block twice", run_after<free_twice>),
    kernel("raises_sigbus", "raises SIGBUS", run_after<raise_bus>),
    with_supports(kernel("divides_by_zero_groups", "divides by the groups before it looks at them", run_by_division,
                         CONVCHECK_REJECTS_INVALID),
                  supports_by_division),
    kernel("throws", "throws an exception through the ABI", run_after<throw_error>),
    with_supports(kernel("throws_from_supports", "supports throws an exception"), supports_by_throwing),
    kernel("jumps_into_a_stale_buffer", "jumps to where a function was that has returned",
           run_after<jump_into_what_is_gone>),
};

}  // namespace

std::span<const convcheck_kernel> crashing_kernels() {
  return kKernels;
}

}  // namespace convcheck::torture
