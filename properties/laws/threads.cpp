// The law about calls at the same time.
//
// Threads are let go together by a barrier at which they spin, so that even short calls overlap: waking threads takes
// longer than a small convolution. They meet again before every call, until so many calls have been under way while
// another one was; on a busy machine that takes more of them.
#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <system_error>
#include <thread>

#include "properties/laws/entries.h"
#include "properties/laws/laws.h"
#include "properties/laws/others.h"
#include "properties/laws/sides.h"
#include "reference/case_text.h"

namespace convcheck::judges {
namespace {

// The cores that this process may use, the one that it is on first.
class Cores {
 public:
  Cores() {
    sched_getaffinity(0, sizeof(allowed_), &allowed_);
    const int here = std::max(sched_getcpu(), 0);
    for (int i = 0; i < CPU_SETSIZE; ++i) {
      const int core = (here + i) % CPU_SETSIZE;
      if (CPU_ISSET(core, &allowed_)) cores_.push_back(core);
    }
  }

  // One that has to wait for a core keeps the others from meeting.
  [[nodiscard]] size_t thread_count() const { return std::clamp<size_t>(cores_.size(), 2, 3); }

  // Each thread on a core of its own: a busy machine puts new ones where the old one is, and there they never meet.
  void take_one(size_t number) const {
    if (cores_.size() < 2) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cores_[number % cores_.size()], &one);
    sched_setaffinity(0, sizeof(one), &one);
  }
  void take_all() const { sched_setaffinity(0, sizeof(allowed_), &allowed_); }

 private:
  cpu_set_t allowed_{};
  std::vector<int> cores_;
};

constexpr size_t kMostRounds = 256;

// So many calls are to overlap with another. Where a call takes long, two that overlap do so for long.
int enough_overlaps(const Problem& problem) {
  constexpr int64_t kLongCall = 50'000;  // multiply-adds
  return multiply_count(problem) > kLongCall ? 12 : 72;
}

// Where threads spin for each other. Where there are fewer cores than threads a spinning one gives way.
class SpinBarrier {
 public:
  explicit SpinBarrier(size_t count) : count_(count) {}

  // The last one to come calls `last` before all go on.
  template <class Last>
  void wait(Last last) {
    constexpr int kSpins = 300'000;
    const size_t round = round_.load(std::memory_order_acquire);
    if (waiting_.fetch_add(1, std::memory_order_acq_rel) + 1 == count_) {
      last(round);
      waiting_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
      return;
    }
    for (int spins = 0; round_.load(std::memory_order_acquire) == round;) {
      if (++spins > kSpins) std::this_thread::yield();
    }
  }

 private:
  size_t count_;
  std::atomic<size_t> waiting_ = 0;
  std::atomic<size_t> round_ = 0;
};

// The last one at a barrier is ahead of the others by about as long as the smallest call takes: so each waits for
// another moment, up to that long.
void wait_a_moment(Random& random) {
  constexpr uint64_t kMost = 200;
  std::atomic<uint64_t> left = random.below(kMost);
  while (left.load(std::memory_order_relaxed) > 0)
    left.store(left.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
}

// Counts the calls that were under way while another one was.
class Overlaps {
 public:
  template <class Call>
  auto during(Call call) {
    const bool met_one = under_way_.fetch_add(1) > 0;
    auto result = call();
    if (under_way_.fetch_sub(1) > 1 || met_one) count_.fetch_add(1);
    return result;
  }
  [[nodiscard]] int count() const { return count_.load(); }

 private:
  std::atomic<int> under_way_ = 0;
  std::atomic<int> count_ = 0;
};

// What one thread computes, what the kernel gives for it alone at the same addresses, and what it gave meanwhile.
struct Work {
  Run run;
  convcheck_problem problem;
  convcheck_buffers buffers;
  Workspace workspace;
  Tensor alone;
  std::vector<Tensor> deviating;        // outputs with other bits than `alone`
  std::optional<CallResult> unwilling;  // an answer that is neither OK nor FAILED

  explicit Work(Run filled) : run(std::move(filled)), problem(to_abi(run.problem)), buffers() {
    run.output.reshape(run.problem, TensorRole::output);
    buffers = buffers_of(run.data, run.output);
  }

  void take(const CallResult& result) {
    if (!result.ok()) {
      if (result.threw || result.status != CONVCHECK_FAILED) unwilling = result;
      return;
    }
    const std::vector<float>& got = run.output.memory();
    if (std::memcmp(got.data(), alone.memory().data(), got.size() * sizeof(float)) != 0)
      deviating.push_back(run.output);
  }
};

using Works = std::vector<std::unique_ptr<Work>>;
using CallOf = std::function<CallResult(Work& work)>;

// Empty where calls overlapped; else why not.
std::string_view run_at_once(Works& works, int enough, const CallOf& call) {
  const Cores cores;
  SpinBarrier barrier(works.size());
  Overlaps overlaps;
  std::atomic<bool> is_over = false;
  std::atomic<int> may_start = 0;  // 1: go, -1: not all could be started
  const auto loop = [&](Work& work, uint64_t number) {
    Random moments(number);
    cores.take_one(number);
    for (;;) {
      poison(work.run.output);
      barrier.wait([&](size_t round) { is_over = round >= kMostRounds || overlaps.count() >= enough; });
      if (is_over) return;
      wait_a_moment(moments);
      work.take(overlaps.during([&] { return call(work); }));
    }
  };
  {
    std::vector<std::jthread> threads;
    try {
      for (size_t i = 1; i < works.size(); ++i) {
        threads.emplace_back([&, i] {
          may_start.wait(0);
          if (may_start.load() > 0) loop(*works[i], i);
        });
      }
    } catch (const std::system_error&) {
      may_start = -1;
      may_start.notify_all();
      return "the machine starts no more threads";
    }
    may_start = 1;
    may_start.notify_all();
    loop(*works[0], 0);
    cores.take_all();
  }
  return overlaps.count() > 0 ? std::string_view() : "no two calls were under way at the same time";
}

// One call after the other, each thread's own: what they all are compared with.
std::optional<Judgement> call_alone(Works& works, const CallOf& call) {
  for (const auto& work : works) {
    poison(work->run.output);
    work->run.result = call(*work);
    if (auto stop = unless_ok(work->run.result)) return stop;
    work->alone = work->run.output;
  }
  return std::nullopt;
}

Judgement judge_work(Trial& trial, const Work& work, std::string_view how) {
  const std::string on = fmt::format(" The problem is {}.", print(work.run.problem));
  if (work.unwilling) {
    return Judgement::violated(
        {.index = {},
         .expected = "OK",
         .got = describe(*work.unwilling),
         .explanation = fmt::format("The kernel answers OK when it is called by one thread, and this {}.{}", how, on)});
  }
  Run alone = work.run;
  alone.output = work.alone;
  const std::string what = fmt::format("what one thread gets, {}", how);
  for (const Tensor& output : work.deviating) {
    Run got = work.run;
    got.output = output;
    Judgement judgement = compare(Side(trial, got), {Side(trial, alone)}, what, same_place);
    if (judgement.outcome != Outcome::violated && trial.subject().promises(CONVCHECK_DETERMINISTIC)) {
      const auto at = [](const Tensor& tensor, int64_t i) {
        return tensor.memory()[static_cast<size_t>(tensor.offset(i))];
      };
      judgement = compare_bits(
          geometry(work.run.problem), what + ", in its bits", output.elements(),
          [&](int64_t i) { return at(output, i); }, [&](int64_t i) { return at(work.alone, i); },
          [](int64_t i) { return i; });
    }
    if (judgement.outcome != Outcome::violated) continue;
    judgement.finding->explanation += on;
    return judgement;
  }
  return {};
}

Judgement judge_at_once(Trial& trial, Works& works, std::string_view how, const CallOf& call) {
  if (auto stop = call_alone(works, call)) return *std::move(stop);
  const std::string_view why_not = run_at_once(works, enough_overlaps(trial.problem()), call);
  if (!why_not.empty()) return Judgement::not_applicable(why_not);
  for (const auto& work : works) {
    Judgement judgement = judge_work(trial, *work, how);
    if (judgement.outcome == Outcome::violated) return judgement;
  }
  return {};
}

// A problem for another thread: of another size, or of the same shapes with other parameters or strides, by turns over
// the seeds as far as the kernel serves them; else the case's own. Nothing where there are no data.
std::optional<Run> other_problem(Trial& trial, uint64_t number) {
  const Problem& own = trial.problem();
  std::vector<Problem> problems = {larger(own)};
  for (const Other& other : others(own)) {
    if (!(other.problem == own)) problems.push_back(other.problem);
  }
  for (size_t i = 0; i < problems.size(); ++i) {
    std::optional<Run> run = filled(trial, problems[(trial.the_case().seed + i) % problems.size()], number);
    if (run) run->call(trial);
    if (run && run->result.ok()) return run;
  }
  return filled(trial, own, number);
}

// Each thread its own problem and contents: the case's, and another.
Judgement judge_own_problems(Trial& trial) {
  Works works;
  for (size_t i = 0; i < Cores().thread_count(); ++i) {
    std::optional<Run> run = i == 1 ? other_problem(trial, i) : filled(trial, trial.problem(), i);
    if (!run) return Judgement::not_applicable("no data for the other threads");
    works.push_back(std::make_unique<Work>(*std::move(run)));
  }
  const Entries entries(trial.subject());
  return judge_at_once(trial, works, "while other threads call it with other problems",
                       [&](Work& work) { return entries.call(work.problem, work.buffers, work.workspace); });
}

// All the same problem with one weight and one plan, where the kernel makes plans, and each its own input.
Judgement judge_shared_problem(Trial& trial) {
  Works works;
  for (size_t i = 0; i < Cores().thread_count(); ++i) {
    std::optional<Run> run = filled(trial, trial.problem(), i);
    if (!run) return Judgement::not_applicable("no data for the other threads");
    works.push_back(std::make_unique<Work>(*std::move(run)));
    Work& work = *works.back();
    // The weight is the first one's, for the comparison as well.
    work.run.data.weight = works[0]->run.data.weight;
    work.run.data.bias = works[0]->run.data.bias;
    work.buffers = buffers_of(work.run.data, work.run.output);
    work.buffers.weight = works[0]->buffers.weight;
    work.buffers.bias = works[0]->buffers.bias;
  }
  const Entries entries(trial.subject());
  const convcheck_kernel& kernel = entries.kernel();
  const convcheck_problem problem = works[0]->problem;
  void* plan = nullptr;
  if (kernel.prepare != nullptr) {
    const convcheck_buffers seen = seen_by_prepare(works[0]->buffers);
    if (const auto stop = unless_ok(entries.prepare(problem, seen, plan))) return *stop;
  }
  for (const auto& work : works) work->buffers.plan = plan;
  Judgement judgement =
      judge_at_once(trial, works, "while other threads call it with the same problem", [&](Work& work) -> CallResult {
        bool threw = false;
        work.buffers.workspace_bytes = entries.workspace_bytes(problem, threw);
        if (threw) return {.stage = Stage::workspace, .threw = true};
        work.buffers.workspace = work.workspace.poisoned(work.buffers.workspace_bytes);
        if (work.buffers.workspace_bytes != 0 && work.buffers.workspace == nullptr)
          return {CONVCHECK_FAILED, Stage::workspace};
        return entries.run(problem, work.buffers);
      });
  if (kernel.prepare != nullptr) entries.release(plan);
  return judgement;
}

}  // namespace

Judgement runs_on_many_threads_at_once(Trial& trial) {
  if (const auto stop = unless_ok(trial.result())) return *stop;
  if (trial.output().empty()) return Judgement::not_applicable("the output has no element");
  Judgement judgement = judge_shared_problem(trial);
  if (judgement.outcome != Outcome::holds) return judgement;
  return judge_own_problems(trial);
}

}  // namespace convcheck::judges
