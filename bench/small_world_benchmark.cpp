// How many problems of the small world one core judges in a second, and what the time goes into.
//
// small_world/judged is the whole of it as a session does it: a problem of the shuffled order is made, counted by
// class, filled, computed by the reference, run by a kernel of plain loops, and judged exactly, in memory that is
// reused. The others are its stages, each by itself on the same problems.
#include <benchmark/benchmark.h>

#include <vector>

#include "bench/plain_kernel.h"
#include "harness/docket.h"
#include "properties/classify.h"
#include "properties/small_world.h"
#include "reference/rules.h"

namespace convcheck::bench {
namespace {

constexpr uint64_t kSeed = 1;
// Problems that a stage goes round: enough to be a fair sample, few enough to stay in cache as a session's one case
// does.
constexpr int64_t kSample = 512;

Case small_world_case(int64_t at) {
  return {.problem = small_world_problem(shuffled(at, small_world_size(), kSeed)),
          .fill = Fill::integers,
          .seed = static_cast<uint64_t>(at % 97) + 1};
}

Subject plain_subject() {
  return {.kernel = &plain_kernel(), .serial = nullptr};
}

void count_cases(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations());
}

// A sample of cases with all that is known of each, so that every stage finds what the stages before it made.
struct Prepared {
  Case the_case;
  Expectation expected;
  Tensor output;
};

std::vector<Prepared>& sample() {
  static std::vector<Prepared> prepared = [] {
    std::vector<Prepared> all(static_cast<size_t>(kSample));
    Workspace workspace;
    for (int64_t at = 0; at < kSample; ++at) {
      Prepared& one = all[static_cast<size_t>(at)];
      one.the_case = small_world_case(at);
      const bool is_right = expect(one.the_case, {}, one.expected).empty() &&
                            call(plain_subject(), one.the_case.problem, one.expected.data, one.output, workspace).ok();
      if (!is_right) std::abort();
    }
    return all;
  }();
  return prepared;
}

// Runs one stage on the sample, round and round.
template <class Stage>
void go_round(benchmark::State& state, Stage stage) {
  std::vector<Prepared>& all = sample();
  size_t at = 0;
  for (auto _ : state) {
    stage(all[at]);
    at = at + 1 == all.size() ? 0 : at + 1;
  }
  count_cases(state);
}

void judged(benchmark::State& state) {
  const Subject subject = plain_subject();
  std::vector<const Law*> chosen;
  for (const Law& law : laws()) chosen.push_back(&law);
  KernelRecord record;
  Docket docket(subject, chosen, record);
  Scratch scratch;
  Coverage coverage;
  int64_t at = 0;
  for (auto _ : state) {
    const Case c = small_world_case(at++ % small_world_size());
    coverage.add(c.problem);
    docket.judge_case(c, Depth::single_call, "small world", scratch);
  }
  count_cases(state);
  // Speed at judging nothing is no speed.
  if (report_of(*subject.kernel, "bench", chosen, record, {}).verdict() != Verdict::holds)
    state.SkipWithError("the plain kernel was not judged to be right");
}

void generate(benchmark::State& state) {
  int64_t at = 0;
  for (auto _ : state) {
    Case c = small_world_case(at++ % small_world_size());
    benchmark::DoNotOptimize(c);
  }
  count_cases(state);
}

void rules(benchmark::State& state) {
  go_round(state, [](Prepared& one) { benchmark::DoNotOptimize(is_valid(one.the_case.problem)); });
}

void fill_tensors(benchmark::State& state) {
  Data data;
  go_round(state, [&](Prepared& one) {
    const Geometry g = geometry(one.the_case.problem);
    benchmark::DoNotOptimize(fill(one.the_case, g, {}, data));
  });
}

void reference(benchmark::State& state) {
  std::vector<Sum> sums;
  go_round(state, [&](Prepared& one) {
    convolve(one.expected.g, one.expected.data, sums);
    benchmark::DoNotOptimize(sums.data());
  });
}

void call_kernel(benchmark::State& state) {
  const Subject subject = plain_subject();
  Tensor output;
  GuardedMemory memory;
  go_round(state, [&](Prepared& one) {
    benchmark::DoNotOptimize(call(subject, one.the_case.problem, one.expected.data, output, memory));
  });
}

void compare(benchmark::State& state) {
  Comparison comparison;
  go_round(state, [&](Prepared& one) {
    compare_exactly(one.expected, one.output, comparison);
    if (!comparison.holds()) state.SkipWithError("the plain kernel's output is wrong");
  });
}

BENCHMARK(judged)->Name("small_world/judged");
BENCHMARK(generate)->Name("small_world/stage:generate");
BENCHMARK(rules)->Name("small_world/stage:rules");
BENCHMARK(fill_tensors)->Name("small_world/stage:fill");
BENCHMARK(reference)->Name("small_world/stage:reference");
BENCHMARK(call_kernel)->Name("small_world/stage:call");
BENCHMARK(compare)->Name("small_world/stage:compare");

}  // namespace
}  // namespace convcheck::bench
