#include "harness/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "harness/huge_cases.h"
#include "properties/covering_array.h"
#include "properties/generate.h"
#include "properties/small_world.h"
#include "properties/statistical_case.h"
#include "reference/case_text.h"
#include "reference/rules.h"
#include "reference/statistical.h"

namespace convcheck {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Problems above this many multiply-adds are judged once for all kernels, so that their reference is computed once.
constexpr int64_t kDearMultiplies = 4'000'000;

// Of the small world one problem in so many is judged by all laws, the others by those that share one call.
constexpr int64_t kSmallWorldSample = 100;

// Seeds of special data come from [0, 2 * this): a multiple of the kinds that special.h knows.
constexpr int64_t kSpecialSeeds = 36;

// Where each problem is to have data of its own, they come from so many seeds.
constexpr int64_t kShortSeeds = 97;

// Among random cases one in so many is about an accumulator.
constexpr int64_t kRandomPerStatistical = 8;

// A fixed number of threads that take work items by number.
void parallel_for(int jobs, size_t count, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  const auto loop = [&] {
    for (size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> threads;
  for (int i = 1; i < jobs && static_cast<size_t>(i) < count; ++i) threads.emplace_back(loop);
  loop();
}

bool is_judged_here(const Problem& problem) {
  return problem.spatial_rank() == 2 && problem.dtype == DataType::f32 && problem.direction == Direction::forward;
}

// A problem that is judged once for all kernels, and what it stands for.
struct DearProblem {
  Problem problem;
  std::string source;
  Depth depth;
  std::vector<Fill> fills;
  uint64_t seed;
};

class Session {
 public:
  Session(std::span<const Candidate> candidates, const SessionOptions& options) : options_(options) {
    for (const Candidate& candidate : candidates) {
      dockets_.push_back(std::make_unique<Docket>(
          *candidate.subject, candidate.library->path(), candidate.laws,
          ReplayForm{options.program, candidate.library->is_linked() ? std::string() : candidate.library->path()},
          options.when_violated));
    }
    covering_done_.resize(dockets_.size());
    small_world_done_.resize(dockets_.size());
    random_done_.resize(dockets_.size());
  }

  Report run() {
    const auto start = Clock::now();
    parallel_for(options_.jobs, dockets_.size(), [this](size_t i) { judge_kernel(i); });
    judge_dear_problems();
    HugeCases huge(dockets_, options_.seed);
    for (const CorpusEntry& entry : options_.huge) {
      if (is_stopped() || is_enough_of_all()) break;
      say(fmt::format("all kernels: huge case {}", entry.name));
      huge.judge(entry);
    }
    parallel_for(options_.jobs, dockets_.size(), [this](size_t i) { dockets_[i]->name_theory(); });
    Report report;
    report.version = CONVCHECK_VERSION;
    report.seed = options_.seed;
    for (size_t i = 0; i < dockets_.size(); ++i) {
      report.kernels.push_back(dockets_[i]->report());
      report.kernels.back().covering_done = covering_done_[i];
      report.kernels.back().small_world_done = small_world_done_[i];
      report.kernels.back().random_cases = random_done_[i];
      report.kernels.back().huge_cases = huge.judged(i);
    }
    report.coverage = coverage_;
    for (const CoveringArray& array : covering_) {
      report.covering_size += static_cast<int64_t>(array.problems.size());
      report.covering_triples += array.triples_covered;
    }
    report.small_world_size = small_world_size();
    report.corpus_entries = static_cast<int64_t>(options_.corpus.size());
    for (const Network& network : options_.networks) {
      report.networks.push_back({network.name, static_cast<int64_t>(network.layers.size())});
    }
    report.network_problems = network_problems_;
    report.huge_cases = static_cast<int64_t>(options_.huge.size());
    report.huge_omissions = huge.omissions();
    report.seconds = seconds_since(start);
    return report;
  }

 private:
  // An audit asks for no more of a kernel that is caught.
  [[nodiscard]] bool is_enough(const Docket& docket) const {
    return options_.when_violated == WhenViolated::keep_as_found && docket.is_violated();
  }

  [[nodiscard]] bool is_enough_of_all() const {
    return std::all_of(dockets_.begin(), dockets_.end(), [this](const auto& docket) { return is_enough(*docket); });
  }

  void say(const std::string& line) {
    if (!options_.progress) return;
    const std::lock_guard lock(mutex_);
    options_.progress(line);
  }

  void judge_kernel(size_t i) {
    Docket& docket = *dockets_[i];
    const std::string kernel = docket.subject().kernel->name;
    Scratch scratch;
    Coverage coverage;
    say(fmt::format("{}: corpus, {} cases", kernel, options_.corpus.size()));
    judge_corpus(docket, scratch, coverage);
    judge_statistical(docket, scratch, coverage);
    // What all kernels share is on nobody's budget. Where nothing has one it is not made.
    if (options_.budget_s > 0 || options_.random_cases) {
      std::call_once(covering_made_, [this] { make_covering_arrays(); });
    }
    const auto start = Clock::now();
    // After the array of all problems every law has had its cases.
    for (const CoveringArray& array : covering_) {
      judge_covering_array(array, i, start, scratch, coverage);
      if (is_enough(docket)) break;
    }
    if (!is_enough(docket)) judge_small_world(i, start, scratch, coverage);
    if (!is_enough(docket)) judge_random(i, start, scratch, coverage);
    const std::lock_guard lock(mutex_);
    coverage_.add(coverage);
  }

  void judge_corpus(Docket& docket, Scratch& scratch, Coverage& coverage) {
    int64_t number = 0;
    for (const CorpusEntry& entry : options_.corpus) {
      if (is_stopped()) return;
      const std::string source = fmt::format("{} {}", entry.place, entry.name);
      if (!entry.message.empty()) {
        docket.judge_case(entry.the_case, Depth::all, source, scratch);
      } else if (is_judged_here(entry.the_case.problem) && !is_dear(entry.the_case.problem)) {
        coverage.add(entry.the_case.problem);
        // A case that was found with data of these kinds is judged with just those first.
        if (entry.the_case.fill >= Fill::special) docket.judge_case(entry.the_case, Depth::all, source, scratch);
        judge_by_all_fills(docket, entry.the_case, number++, source, scratch);
      }
    }
  }

  // Twice each set, whatever the budget: no other case of a short run sees what an accumulator loses.
  void judge_statistical(Docket& docket, Scratch& scratch, Coverage& coverage) {
    Random seeds(options_.seed, 0x57A7);
    for (int i = 0; i < 2 * kStatisticalSets && !is_stopped(); ++i) {
      Case c = random_statistical_case(seeds.bits());
      c.fill = static_cast<Fill>(static_cast<int>(Fill::statistical1) + i % kStatisticalSets);
      if (!docket.wants(c, Depth::all)) return;
      coverage.add(c.problem);
      docket.judge_case(c, Depth::all, "statistical sets", scratch);
    }
  }

  // That of all problems, and one of those that Winograd is for: few of the first are.
  void make_covering_arrays() {
    for (const Domain domain : {Domain::all, Domain::plain_3x3}) {
      covering_.push_back(covering_array(options_.seed, domain));
    }
  }

  void judge_covering_array(const CoveringArray& array, size_t i, Clock::time_point start, Scratch& scratch,
                            Coverage& coverage) {
    Docket& docket = *dockets_[i];
    Random seeds(options_.seed, 0x1BAD);
    say(fmt::format("{}: covering array, {} problems", docket.subject().kernel->name, array.problems.size()));
    for (const Problem& problem : array.problems) {
      if (docket.is_decided() || is_over(start)) return;
      coverage.add(problem);
      // Data of their own for each problem, from few seeds: replay lines stay short.
      const auto seed = static_cast<uint64_t>(covering_done_[i] % kShortSeeds) + 1;
      judge_by_all_fills(docket, {.problem = problem, .seed = seed}, covering_done_[i], "covering array", scratch);
      docket.judge_case(random_invalid_case(seeds.bits()), Depth::all, "random invalid problem", scratch);
      ++covering_done_[i];
    }
  }

  static bool is_dear(const Problem& problem) { return multiply_count(problem) > kDearMultiplies; }

  // The case with data of every kind. `number` counts the cases that came before, so that special data come in all
  // their kinds, finite and not.
  static void judge_by_all_fills(Docket& docket, Case c, int64_t number, std::string_view source, Scratch& scratch) {
    for (const Fill fill : {Fill::integers, Fill::reals, Fill::input_significand, Fill::weight_significand}) {
      c.fill = fill;
      docket.judge_case(c, Depth::all, source, scratch);
    }
    c.fill = Fill::special;
    for (const uint64_t odd : {uint64_t{0}, uint64_t{1}}) {
      c.seed = 2 * static_cast<uint64_t>(number % kSpecialSeeds) + odd;
      docket.judge_case(c, Depth::all, source, scratch);
    }
  }

  [[nodiscard]] bool is_stopped() const { return options_.stop != nullptr && options_.stop->load(); }

  [[nodiscard]] bool is_over(Clock::time_point start) const {
    if (is_stopped()) return true;
    return !options_.random_cases && seconds_since(start) > options_.budget_s;
  }

  void judge_small_world(size_t i, Clock::time_point start, Scratch& scratch, Coverage& coverage) {
    constexpr int64_t kTimeCheck = 256;
    Docket& docket = *dockets_[i];
    const int64_t size = small_world_size();
    Case c;
    say(fmt::format("{}: small world, {} problems", docket.subject().kernel->name, size));
    for (int64_t at = 0; at < size && !docket.is_decided(); ++at) {
      if (at % kTimeCheck == 0 && is_over(start)) return;
      c.problem = small_world_problem(shuffled(at, size, options_.seed));
      c.fill = Fill::integers;
      c.seed = static_cast<uint64_t>(at % kShortSeeds) + 1;  // as for the covering array
      coverage.add(c.problem);
      if (at % kSmallWorldSample == 0) {
        judge_by_all_fills(docket, c, at / kSmallWorldSample, "small world", scratch);
      } else {
        docket.judge_case(c, Depth::single_call, "small world", scratch);
      }
      ++small_world_done_[i];
    }
  }

  void judge_random(size_t i, Clock::time_point start, Scratch& scratch, Coverage& coverage) {
    Docket& docket = *dockets_[i];
    say(fmt::format("{}: random cases", docket.subject().kernel->name));
    Random seeds(options_.seed, 0xCA5E);
    const int64_t most = options_.random_cases.value_or(INT64_MAX);
    for (int64_t done = 0; done < most && !docket.is_decided() && !is_over(start); ++done) {
      const Case c = random_case(seeds.bits(), Fill::integers);
      coverage.add(c.problem);
      judge_by_all_fills(docket, c, done, "random case", scratch);
      docket.judge_case(random_invalid_case(seeds.bits()), Depth::all, "random invalid problem", scratch);
      if (done % kRandomPerStatistical == 0) {
        docket.judge_case(random_statistical_case(seeds.bits()), Depth::all, "random case", scratch);
      }
      ++random_done_[i];
    }
  }

  // Network layers, of which many are alike, and the corpus's large cases. The largest of the corpus are judged with
  // their own fill alone: a plain kernel takes seconds for each.
  [[nodiscard]] std::vector<DearProblem> dear_problems() {
    const std::vector<Fill> most = {Fill::integers, Fill::reals, Fill::input_significand, Fill::weight_significand};
    std::vector<DearProblem> problems;
    std::set<std::string> known;
    const auto add = [&](const Case& own, DearProblem dear) {
      if (known.insert(print(own)).second) problems.push_back(std::move(dear));
    };
    for (const Network& network : options_.networks) {
      for (const CorpusEntry& layer : network.layers) {
        add(layer.the_case, {layer.the_case.problem, fmt::format("{} {}", network.name, layer.name), Depth::values,
                             most, options_.seed});
      }
    }
    network_problems_ = static_cast<int64_t>(problems.size());
    for (const CorpusEntry& entry : options_.corpus) {
      const Case& c = entry.the_case;
      if (!entry.message.empty() || !is_judged_here(c.problem) || !is_dear(c.problem)) continue;
      if (multiply_count(c.problem) > options_.most_multiplies) continue;
      const bool is_largest = multiply_count(c.problem) > kWholeReferenceLimit;
      std::vector<Fill> fills = is_largest ? std::vector<Fill>() : most;
      if (std::find(fills.begin(), fills.end(), c.fill) == fills.end()) fills.push_back(c.fill);
      add(c, {c.problem, fmt::format("{} {}", entry.place, entry.name), Depth::all, std::move(fills), c.seed});
    }
    return problems;
  }

  void judge_dear_problems() {
    const std::vector<DearProblem> problems = dear_problems();
    if (problems.empty()) return;
    std::atomic<size_t> done = 0;
    parallel_for(options_.jobs, problems.size(), [&](size_t i) {
      if (is_stopped()) return;
      judge_dear(problems[i]);
      const size_t so_far = ++done;
      say(fmt::format("all kernels: layers and large cases, {} of {} problems", so_far, problems.size()));
    });
  }

  void judge_dear(const DearProblem& dear) {
    Scratch scratch;
    Coverage coverage;
    coverage.add(dear.problem);
    const Geometry g = geometry(dear.problem);
    for (const Fill fill : dear.fills) {
      const Case c = {.problem = dear.problem, .fill = fill, .seed = dear.seed};
      for (const Accuracy accuracy : accuracies(c, g, dear.depth)) {
        Expectation expected;
        if (!expect(c, accuracy, expected).empty()) continue;
        for (const auto& docket : dockets_) {
          const convcheck_kernel& kernel = *docket->subject().kernel;
          if (accuracy_of(kernel, g) != accuracy || is_enough(*docket)) continue;
          docket->judge_case(c, dear.depth, dear.source, scratch, &expected);
        }
      }
    }
    const std::lock_guard lock(mutex_);
    coverage_.add(coverage);
  }

  // The distinct accuracies at which kernels are still to be judged on a case.
  [[nodiscard]] std::vector<Accuracy> accuracies(const Case& c, const Geometry& g, Depth depth) const {
    std::vector<Accuracy> found;
    for (const auto& docket : dockets_) {
      if (is_enough(*docket) || !docket->wants(c, depth)) continue;
      const Accuracy accuracy = accuracy_of(*docket->subject().kernel, g);
      if (std::find(found.begin(), found.end(), accuracy) == found.end()) found.push_back(accuracy);
    }
    return found;
  }

  const SessionOptions& options_;
  std::vector<std::unique_ptr<Docket>> dockets_;
  std::vector<CoveringArray> covering_;
  std::once_flag covering_made_;
  std::vector<int64_t> covering_done_, small_world_done_, random_done_;
  int64_t network_problems_ = 0;
  std::mutex mutex_;
  Coverage coverage_;
};

}  // namespace

Report run_session(std::span<const Candidate> candidates, const SessionOptions& options) {
  return Session(candidates, options).run();
}

}  // namespace convcheck
