// Kernels in which one call or plan has to do with another; and one that answers what nobody asked for.
#include <sched.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <vector>

#include "tests/torture/themes.h"

namespace convcheck::torture {
namespace {

// The weight of the call before, where it was as large.
int32_t run_on_the_last_weight(const Problem* problem, const Buffers* buffers) {
  static void* last = nullptr;
  static int64_t last_span = 0;
  const int32_t status = check(*problem, *buffers);
  if (status != CONVCHECK_OK) return status;
  Buffers used = *buffers;
  if (last_span == span(problem->weight)) used.weight = last;
  last = buffers->weight;
  last_span = span(problem->weight);
  convolve(*problem, used);
  return CONVCHECK_OK;
}

// One plan for all: the weight that was packed last.
std::vector<float>& the_plan() {
  static std::vector<float> weight;
  return weight;
}

int32_t prepare_the_plan(const Problem* problem, const Buffers* buffers, void** plan) {
  const int32_t status = check(*problem, *buffers);
  if (status != CONVCHECK_OK) return status;
  const auto* const weight = static_cast<const float*>(buffers->weight);
  the_plan().assign(weight, weight + span(problem->weight));
  *plan = &the_plan();
  return CONVCHECK_OK;
}

int32_t run_by_the_plan(const Problem* problem, const Buffers* buffers) {
  const int32_t status = check(*problem, *buffers);
  if (status != CONVCHECK_OK) return status;
  // So that a weight of another size is a wrong one and no crash.
  the_plan().resize(static_cast<size_t>(span(problem->weight)));
  Buffers used = *buffers;
  used.weight = the_plan().data();
  convolve(*problem, used);
  return CONVCHECK_OK;
}

// Scratch memory that all calls share. A call writes to it, waits a moment for another one to write as well, and reads.
struct Scratch {
  std::array<std::atomic<float>, 64> values;
  std::atomic<unsigned> written = 0;
};

Scratch& scratch() {
  static Scratch shared;
  return shared;
}

void wait_for_another(unsigned mine) {
  constexpr std::chrono::microseconds kMoment(200);
  const auto start = std::chrono::steady_clock::now();
  while (scratch().written.load() == mine && std::chrono::steady_clock::now() - start < kMoment) sched_yield();
}

void go_through_shared_scratch(const Problem& problem, const Buffers& buffers) {
  auto* const output = static_cast<float*>(buffers.output);
  const int64_t columns = std::min<int64_t>(problem.output.shape[3], 64);
  for (int64_t col = 0; col < columns; ++col) {
    scratch().values[static_cast<size_t>(col)] = output[col * problem.output.stride[3]];
  }
  wait_for_another(++scratch().written);
  for (int64_t col = 0; col < columns; ++col) {
    output[col * problem.output.stride[3]] = scratch().values[static_cast<size_t>(col)];
  }
}

int32_t run_to_seven(const Problem* problem, const Buffers* buffers) {
  const int32_t status = run_soundly(problem, buffers);
  return status == CONVCHECK_OK ? 7 : status;
}

// It takes what it serves for granted, and clears before it refuses.
int32_t run_and_refuse_late(const Problem* problem, const Buffers* buffers) {
  const int32_t status = check(*problem, *buffers);
  if (status != CONVCHECK_OK || elements(problem->output) == 0) return status;
  if (problem->groups == 1) return run_soundly(problem, buffers);
  *static_cast<float*>(buffers->output) = 0;
  return CONVCHECK_UNSUPPORTED;
}

constexpr convcheck_kernel sharing_a_plan() {
  convcheck_kernel k = kernel("shares_its_plan", "has one plan for all", run_by_the_plan);
  k.prepare = prepare_the_plan;
  k.release = [](void*) {};
  return k;
}

constexpr std::array kKernels = {
    kernel("uses_the_weight_of_the_call_before", "keeps a pointer to the weight from call to call",
           run_on_the_last_weight),
    sharing_a_plan(),
    kernel("shares_scratch_memory", "says that it is thread-safe and keeps its scratch memory in a global",
           run_before<go_through_shared_scratch>, CONVCHECK_THREAD_SAFE),
    kernel("answers_seven", "answers 7 for OK", run_to_seven),
    kernel("writes_and_refuses", "writes an output and then answers UNSUPPORTED where there are groups",
           run_and_refuse_late),
};

}  // namespace

std::span<const convcheck_kernel> remembering_kernels() {
  return kKernels;
}

}  // namespace convcheck::torture
