#include "harness/agenda.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "properties/generate.h"
#include "properties/memory_left.h"
#include "properties/small_world.h"
#include "properties/statistical_case.h"
#include "reference/case_text.h"
#include "reference/rules.h"
#include "reference/statistical.h"

namespace convcheck {
namespace {

using Clock = std::chrono::steady_clock;

// Problems above this many multiply-adds are judged once it is known what a right kernel makes of them.
constexpr int64_t kDearMultiplies = 4'000'000;

// Of the small world one problem in so many is judged by all laws, the others by those that share one call.
constexpr int64_t kSmallWorldSample = 100;

// Seeds of special data come from [0, 2 * this): a multiple of the kinds that special.h knows.
constexpr int64_t kSpecialSeeds = 36;

// Where each problem is to have data of its own, they come from so many seeds: replay lines stay short.
constexpr int64_t kShortSeeds = 97;

// Among random cases one in so many is about an accumulator.
constexpr int64_t kRandomPerStatistical = 8;

// Results of the reference take at most this much memory, and no more than a quarter of what is there.
constexpr int64_t kMostSums = int64_t{4} << 30;

enum Phase { kCorpus, kStatistical, kCovering, kCoveringPlain, kSmallWorld, kRandom, kJudged, kDear, kHuge, kPhases };

bool is_judged_here(const Problem& problem) {
  return problem.spatial_rank() == 2 && problem.dtype == DataType::f32 && problem.direction == Direction::forward;
}

bool is_dear(const Problem& problem) {
  return multiply_count(problem) > kDearMultiplies;
}

// Bits that follow from a session's seed, what they are for, and a number.
uint64_t bits_of(uint64_t seed, uint64_t purpose, int64_t number) {
  return Random(Random(seed, purpose).bits(), static_cast<uint64_t>(number)).bits();
}

// What can be said of every huge case beforehand.
Accuracy accuracy_on(const convcheck_kernel& kernel, const Problem& problem) {
  return problem.spatial_rank() == 2 ? accuracy_of(kernel, geometry(problem)) : Accuracy{};
}

// Walks one kernel through phases, each a sequence of items, from where its record stands.
class Walk {
 public:
  Walk(const Agenda& agenda, Docket& docket, KernelRecord& record, JudgingWatch& watch)
      : agenda_(agenda), options_(agenda.options()), docket_(docket), record_(record), watch_(watch) {
    // What is known to end the process is not asked for again: the other laws are to be judged.
    if (!record.lethal.empty() && docket.is_violated_by_touching()) scratch_.memory.set_guards(Guards::off);
    // The kernel may die of the next law, and where it died of a case no other law is asked about that again.
    docket_.on_violation([this] { report_item(); });
  }
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;
  ~Walk() { docket_.on_violation({}); }

  void judge() {
    if (record_.phase < kCorpus) record_.phase = kCorpus;
    walk(kCorpus, static_cast<int64_t>(options_.corpus.size()), [&](int64_t i) { judge_corpus(i); });
    walk(kStatistical, 2 * kStatisticalSets, [&](int64_t i) { judge_statistical(i); });
    starts_budget_ = Clock::now();
    has_budget_ = true;
    for (size_t array = 0; array < agenda_.covering().size(); ++array) {
      // After the array of all problems every law has had its cases.
      if (array > 0 && is_enough()) break;
      const CoveringArray& covering = agenda_.covering()[array];
      walk(kCovering + static_cast<int>(array), static_cast<int64_t>(covering.problems.size()),
           [&](int64_t i) { judge_covering(covering.problems[static_cast<size_t>(i)], i); });
    }
    if (!is_enough()) walk(kSmallWorld, small_world_size(), [&](int64_t i) { judge_small_world(i); });
    if (!is_enough()) walk(kRandom, options_.random_cases.value_or(INT64_MAX), [&](int64_t i) { judge_random(i); });
    record_.budget_spent_s = budget_spent();  // whoever goes on from here has no more of it
  }

  void judge_dear(int part, int parts, SharedSums& sums) {
    const auto count = static_cast<int64_t>(agenda_.dear().size());
    record_.phase = std::max<int>(record_.phase, kDear);
    walk(kDear, (count - part + parts - 1) / parts, [&](int64_t i) {
      if (!is_enough()) judge_dear_problem(static_cast<size_t>(i * parts + part), sums);
    });
  }

  void judge_huge() {
    record_.phase = std::max<int>(record_.phase, kHuge);
    walk(kHuge, static_cast<int64_t>(options_.huge.size()), [&](int64_t i) {
      if (!is_enough() && docket_.wants_huge()) judge_huge_case(options_.huge[static_cast<size_t>(i)]);
    });
  }

 private:
  [[nodiscard]] bool is_stopped() const { return options_.stop != nullptr && options_.stop->load(); }

  // An audit asks for no more of a kernel that is caught.
  [[nodiscard]] bool is_enough() const {
    return options_.when_violated == WhenViolated::keep_as_found && docket_.is_violated();
  }

  [[nodiscard]] double budget_spent() const {
    return record_.budget_spent_s + std::chrono::duration<double>(Clock::now() - starts_budget_).count();
  }

  void walk(int phase, int64_t count, const std::function<void(int64_t)>& judge_item) {
    constexpr int64_t kTimeCheck = 256;  // of small-world items
    if (record_.phase > phase || is_stopped()) return;
    if (record_.phase < phase) {
      record_.phase = phase;
      record_.item = 0;
    }
    if (count > 0 || phase < kDear) say_where(phase);
    const bool is_budgeted = has_budget_ && !options_.random_cases;
    while (record_.item < count && !docket_.is_decided()) {
      if (phase != kSmallWorld || record_.item % kTimeCheck == 0) {
        if (is_stopped() || (is_budgeted && budget_spent() > options_.budget_s)) return;
        report_item();
      }
      sub_ = 0;
      judge_item(record_.item);
      ++record_.item;
    }
    report_item();
  }

  // What of the budget is spent goes into the record as it is told.
  void report_item() {
    const double before = record_.budget_spent_s;
    if (has_budget_) record_.budget_spent_s = budget_spent();
    watch_.on_item(record_);
    record_.budget_spent_s = before;
  }

  void say_where(int phase) {
    if (phase == said_) return;
    said_ = phase;
    const char* const name = docket_.subject().kernel->name;
    switch (phase) {
      case kCorpus:
        return watch_.on_progress(fmt::format("{}: corpus, {} cases", name, options_.corpus.size()));
      case kCovering:
        return watch_.on_progress(
            fmt::format("{}: covering array, {} problems", name, agenda_.covering().front().problems.size()));
      case kSmallWorld:
        return watch_.on_progress(fmt::format("{}: small world, {} problems", name, small_world_size()));
      case kRandom:
        return watch_.on_progress(fmt::format("{}: random cases", name));
      case kDear:
        return watch_.on_progress(fmt::format("{}: layers and large cases, {} problems", name, agenda_.dear().size()));
      case kHuge:
        return watch_.on_progress(fmt::format("{}: huge cases, {}", name, options_.huge.size()));
      default:
        return;
    }
  }

  // The next case of the item; left out where the kernel died on it before.
  bool begins(const Case& c, std::string_view source) {
    const CaseNumber number = {.phase = record_.phase, .item = record_.item, .sub = sub_++};
    if (!record_.lethal.empty() &&
        std::find(record_.lethal.begin(), record_.lethal.end(), number) != record_.lethal.end()) {
      return false;
    }
    watch_.on_case(number, c, source, record_);
    return true;
  }

  void judge_case(const Case& c, Depth depth, std::string_view source, const Expectation* shared = nullptr) {
    if (begins(c, source)) docket_.judge_case(c, depth, source, scratch_, shared);
  }

  // The case with data of every kind. `number` counts the cases that came before, so that special data come in all
  // their kinds, finite and not.
  void judge_by_all_fills(Case c, int64_t number, std::string_view source) {
    for (const Fill fill : {Fill::integers, Fill::reals, Fill::input_significand, Fill::weight_significand}) {
      c.fill = fill;
      judge_case(c, Depth::all, source);
    }
    c.fill = Fill::special;
    for (const uint64_t odd : {uint64_t{0}, uint64_t{1}}) {
      c.seed = 2 * static_cast<uint64_t>(number % kSpecialSeeds) + odd;
      judge_case(c, Depth::all, source);
    }
  }

  void judge_corpus(int64_t i) {
    const CorpusEntry& entry = options_.corpus[static_cast<size_t>(i)];
    const std::string source = fmt::format("{} {}", entry.place, entry.name);
    if (!entry.message.empty()) {
      judge_case(entry.the_case, Depth::all, source);
    } else if (is_judged_here(entry.the_case.problem) && !is_dear(entry.the_case.problem)) {
      record_.coverage.add(entry.the_case.problem);
      // A case that was found with data of these kinds is judged with just those first.
      if (entry.the_case.fill >= Fill::special) judge_case(entry.the_case, Depth::all, source);
      judge_by_all_fills(entry.the_case, i, source);
    }
  }

  // Twice each set, whatever the budget: no other case of a short run sees what an accumulator loses.
  void judge_statistical(int64_t i) {
    Case c = random_statistical_case(bits_of(options_.seed, 0x57A7, i));
    c.fill = static_cast<Fill>(static_cast<int64_t>(Fill::statistical1) + i % kStatisticalSets);
    if (!docket_.wants(c, Depth::all)) return;
    record_.coverage.add(c.problem);
    judge_case(c, Depth::all, "statistical sets");
  }

  void judge_covering(const Problem& problem, int64_t i) {
    record_.coverage.add(problem);
    const auto seed = static_cast<uint64_t>(i % kShortSeeds) + 1;
    judge_by_all_fills({.problem = problem, .seed = seed}, record_.covering_done, "covering array");
    judge_case(random_invalid_case(bits_of(options_.seed, 0x1BAD, i)), Depth::all, "random invalid problem");
    ++record_.covering_done;
  }

  void judge_small_world(int64_t i) {
    Case c;
    c.problem = small_world_problem(shuffled(i, small_world_size(), options_.seed));
    c.fill = Fill::integers;
    c.seed = static_cast<uint64_t>(i % kShortSeeds) + 1;
    record_.coverage.add(c.problem);
    if (i % kSmallWorldSample == 0) {
      judge_by_all_fills(c, i / kSmallWorldSample, "small world");
    } else {
      judge_case(c, Depth::single_call, "small world");
    }
    ++record_.small_world_done;
  }

  void judge_random(int64_t i) {
    const Case c = random_case(bits_of(options_.seed, 0xCA5E, i), Fill::integers);
    record_.coverage.add(c.problem);
    judge_by_all_fills(c, i, "random case");
    judge_case(random_invalid_case(bits_of(options_.seed, 0xBAD, i)), Depth::all, "random invalid problem");
    if (i % kRandomPerStatistical == 0) {
      judge_case(random_statistical_case(bits_of(options_.seed, 0x57A8, i)), Depth::all, "random case");
    }
    ++record_.random_done;
  }

  void judge_dear_problem(size_t number, SharedSums& sums) {
    const DearProblem& dear = agenda_.dear()[number];
    record_.coverage.add(dear.problem);
    const Accuracy accuracy = accuracy_of(*docket_.subject().kernel, geometry(dear.problem));
    for (size_t i = 0; i < dear.fills.size(); ++i) {
      const Case c = {.problem = dear.problem, .fill = dear.fills[i], .seed = dear.seed};
      if (!docket_.wants(c, dear.depth)) continue;
      Expectation& expected = scratch_.expectation;
      if (!sums.expect(number * kFillNames.size() + i, c, accuracy, expected).empty()) continue;
      judge_case(c, dear.depth, dear.source, &expected);
    }
  }

  void judge_huge_case(const CorpusEntry& entry) {
    const std::string source = fmt::format("{} {}", entry.place, entry.name);
    Case c = entry.the_case;
    c.seed = options_.seed;
    const convcheck_kernel& kernel = *docket_.subject().kernel;
    HugeExpectation expected;
    const std::string why_not = expect_huge(c, accuracy_on(kernel, c.problem), expected);
    HugeOutcome outcome = {.is_judged = false, .is_served = true, .why_not = why_not};
    if (why_not.empty()) {
      if (!begins(c, source)) return;
      outcome = docket_.judge_huge(c, source, expected);
    }
    if (outcome.is_judged) ++record_.huge_done;
    if (!outcome.is_judged && outcome.is_served) {
      record_.huge_omissions.push_back({kernel.name, source, outcome.why_not});
    }
  }

  const Agenda& agenda_;
  const SessionOptions& options_;
  Docket& docket_;
  KernelRecord& record_;
  JudgingWatch& watch_;
  Scratch scratch_;
  Clock::time_point starts_budget_;
  bool has_budget_ = false;
  int said_ = -1;
  int64_t sub_ = 0;
};

}  // namespace

Agenda::Agenda(const SessionOptions& options) : options_(options) {
  // That of all problems, and one of those that Winograd is for: few of the first are.
  if (options.budget_s > 0 || options.random_cases) {
    for (const Domain domain : {Domain::all, Domain::plain_3x3}) {
      covering_.push_back(covering_array(options.seed, domain));
    }
  }
  find_dear_problems();
  const int64_t room = dear_.empty() ? 0 : std::min(kMostSums, memory_left() / 4);
  sums_ = std::make_unique<SharedSums>(dear_.size() * kFillNames.size(), static_cast<size_t>(room));
}

// Network layers, of which many are alike, and the corpus's large cases. The largest of the corpus are judged with
// their own fill alone: a plain kernel takes seconds for each.
void Agenda::find_dear_problems() {
  const std::vector<Fill> most = {Fill::integers, Fill::reals, Fill::input_significand, Fill::weight_significand};
  std::set<std::string> known;
  const auto add = [&](const Case& own, DearProblem dear) {
    if (known.insert(print(own)).second) dear_.push_back(std::move(dear));
  };
  for (const Network& network : options_.networks) {
    for (const CorpusEntry& layer : network.layers) {
      add(layer.the_case,
          {layer.the_case.problem, fmt::format("{} {}", network.name, layer.name), Depth::values, most, options_.seed});
    }
  }
  network_problems_ = static_cast<int64_t>(dear_.size());
  for (const CorpusEntry& entry : options_.corpus) {
    const Case& c = entry.the_case;
    if (!entry.message.empty() || !is_judged_here(c.problem) || !is_dear(c.problem)) continue;
    if (multiply_count(c.problem) > options_.most_multiplies) continue;
    const bool is_largest = multiply_count(c.problem) > kWholeReferenceLimit;
    std::vector<Fill> fills = is_largest ? std::vector<Fill>() : most;
    if (std::find(fills.begin(), fills.end(), c.fill) == fills.end()) fills.push_back(c.fill);
    add(c, {c.problem, fmt::format("{} {}", entry.place, entry.name), Depth::all, std::move(fills), c.seed});
  }
}

void Agenda::judge(Docket& docket, KernelRecord& record, JudgingWatch& watch) const {
  Walk(*this, docket, record, watch).judge();
}

void Agenda::judge_dear(int part, int parts, Docket& docket, KernelRecord& record, JudgingWatch& watch) const {
  Walk(*this, docket, record, watch).judge_dear(part, parts, *sums_);
}

void Agenda::judge_huge(Docket& docket, KernelRecord& record, JudgingWatch& watch) const {
  Walk(*this, docket, record, watch).judge_huge();
}

}  // namespace convcheck
