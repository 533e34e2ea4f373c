// Laws about calls and plans that must know nothing of each other.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <memory>

#include "properties/laws/entries.h"
#include "properties/laws/laws.h"
#include "properties/laws/others.h"
#include "properties/laws/sides.h"
#include "reference/case_text.h"

namespace convcheck::judges {
namespace {

constexpr std::string_view kNoData = "no data for the calls in between";

// Where an element of another problem than the case's is wrong the index alone would mislead.
Judgement of_problem(const Problem& problem, Judgement judgement) {
  if (judgement.finding) judgement.finding->explanation += fmt::format(" The problem is {}.", print(problem));
  return judgement;
}

// Calls at the same addresses, each with the contents of its run.
class SamePlace {
 public:
  SamePlace(Trial& trial, const Run& run, const Run& other)
      : trial_(trial),
        input_(std::max(run.data.input.memory().size(), other.data.input.memory().size())),
        weight_(std::max(run.data.weight.memory().size(), other.data.weight.memory().size())),
        bias_(std::max(run.data.bias.memory().size(), other.data.bias.memory().size())),
        output_(std::max(span_of_output(run.problem), span_of_output(other.problem))) {}

  void call(Run& run) {
    const auto copy = [](const Tensor& tensor, std::vector<float>& place) {
      std::copy(tensor.memory().begin(), tensor.memory().end(), place.begin());
    };
    copy(run.data.input, input_);
    copy(run.data.weight, weight_);
    copy(run.data.bias, bias_);
    std::fill(output_.begin(), output_.end(), std::bit_cast<float>(kPoison));
    const CallMemory memory = {.input = input_.data(),
                               .weight = weight_.data(),
                               .bias = run.problem.has_bias() ? bias_.data() : nullptr,
                               .output = output_.data()};
    run.result = convcheck::call(trial_.subject(), run.problem, memory, workspace_);
    run.output.reshape(run.problem, TensorRole::output);
    std::copy_n(output_.begin(), run.output.memory().size(), run.output.memory().begin());
  }

 private:
  static size_t span_of_output(const Problem& problem) { return Tensor(problem, TensorRole::output).memory().size(); }

  Trial& trial_;
  std::vector<float> input_, weight_, bias_, output_;
  Workspace workspace_;
};

// What the case gave after a large call, and what it gives once the other problem was at its addresses; and the other
// problem's outputs likewise, before and after the case.
Judgement judge_sequence(Trial& trial, Run& large, const Run& alone, const Other& other, uint64_t number) {
  std::optional<Run> before = filled(trial, other.problem, number);
  if (!before) return Judgement::not_applicable(kNoData);
  Run own = alone;
  Run after = *before;
  SamePlace place(trial, own, *before);
  large.call(trial);
  place.call(*before);
  place.call(own);
  place.call(after);
  if (own.result.ok()) {
    const std::string what = fmt::format(
        "that of the same call before the kernel was called, at the same addresses, with {}", other.difference);
    Judgement judgement = compare(Side(trial, own), {Side(trial, alone)}, what, same_place);
    if (judgement.outcome == Outcome::violated) return judgement;
  }
  if (!before->result.ok() || !after.result.ok()) return {};
  Judgement judgement = compare(Side(trial, after), {Side(trial, *before)},
                                "that of the same call before the kernel was called, at the same addresses, with the "
                                "case",
                                same_place);
  return of_problem(other.problem, std::move(judgement));
}

}  // namespace

// What is called in between may be refused: it is there for what it leaves behind.
Judgement forgets_earlier_calls(Trial& trial) {
  if (const auto stop = unless_ok(trial.result())) return *stop;
  std::optional<Run> large = filled(trial, larger(trial.problem()), 1);
  if (!large) return Judgement::not_applicable(kNoData);
  Run alone(trial.problem());
  alone.data = trial.expectation()->data;
  large->call(trial);
  alone.call(trial);
  if (const auto stop = unless_ok(alone.result)) return *stop;
  if (alone.output.empty()) return Judgement::not_applicable("the output has no element");
  Judgement first = compare(Side(trial, alone), {Side(trial)},
                            "that of the same call before the kernel was called with a larger image", same_place);
  if (first.outcome == Outcome::violated) return first;
  uint64_t number = 1;
  for (const Other& other : others(trial.problem())) {
    Judgement judgement = judge_sequence(trial, *large, alone, other, ++number);
    if (judgement.outcome == Outcome::violated) return judgement;
  }
  return {};
}

namespace {

// A plan with the run that it is for. What prepare() was given is gone by the time that the plan is used: in the place
// of its structs are others, of a problem of one element whose weight is NaN.
class LivePlan {
 public:
  LivePlan(const Entries& entries, Run& run) : entries_(entries), run_(run) {}
  LivePlan(const LivePlan&) = delete;
  LivePlan& operator=(const LivePlan&) = delete;
  ~LivePlan() { release(); }

  [[nodiscard]] CallResult prepare() {
    *problem_ = to_abi(run_.problem);
    *buffers_ = seen_by_prepare(buffers_of(run_.data, run_.output));
    const CallResult result = entries_.prepare(*problem_, *buffers_, plan_);
    is_live_ = result.ok();
    decoy_.assign(std::max({run_.data.weight.memory().size(), run_.data.bias.memory().size(), size_t{1}}),
                  std::bit_cast<float>(kPoison));
    *problem_ = to_abi(tiny());
    *buffers_ = {};
    buffers_->input = buffers_->weight = buffers_->bias = buffers_->output = decoy_.data();
    return result;
  }

  // With these inputs, to run().output.
  [[nodiscard]] CallResult run(const Data& data) {
    poison(run_.output);
    const convcheck_problem problem = to_abi(run_.problem);
    convcheck_buffers buffers = buffers_of(run_.data, run_.output);
    buffers.input = buffers_of(data, run_.output).input;
    bool threw = false;
    buffers.workspace_bytes = entries_.workspace_bytes(problem, threw);
    buffers.workspace = workspace_.poisoned(buffers.workspace_bytes);
    buffers.plan = plan_;
    if (threw) return {.stage = Stage::workspace, .threw = true};
    if (buffers.workspace_bytes != 0 && buffers.workspace == nullptr) return {CONVCHECK_FAILED, Stage::workspace};
    return entries_.run(problem, buffers);
  }

  void release() {
    if (is_live_) entries_.release(plan_);
    is_live_ = false;
  }

 private:
  static Problem tiny() {
    Problem problem;
    problem.input = {1, 1, 1, 1};
    problem.weight = {1, 1, 1, 1};
    return problem;
  }

  const Entries& entries_;
  Run& run_;
  std::unique_ptr<convcheck_problem> problem_ = std::make_unique<convcheck_problem>();
  std::unique_ptr<convcheck_buffers> buffers_ = std::make_unique<convcheck_buffers>();
  std::vector<float> decoy_;
  Workspace workspace_;
  void* plan_ = nullptr;
  bool is_live_ = false;
};

// One of the plans that live at once: its run, what the kernel gives for it with no other plan about, and the same for
// another input with the same weight.
struct Member {
  Run run;
  Run alone;
  Run alone_with_other_input;
  std::string_view what;

  Member(Run filled, const Data& other, std::string_view of_what)
      : run(std::move(filled)), alone(run), alone_with_other_input(run), what(of_what) {
    alone_with_other_input.data.input = other.input;
  }

  [[nodiscard]] std::optional<Judgement> call_alone(Trial& trial) {
    alone.call(trial);
    if (auto stop = unless_ok(alone.result)) return stop;
    alone_with_other_input.call(trial);
    return unless_ok(alone_with_other_input.result);
  }
};

class Plans {
 public:
  Plans(Trial& trial, std::vector<Member>& members) : trial_(trial), members_(members), entries_(trial.subject()) {
    for (Member& member : members) {
      member.run.output.reshape(member.run.problem, TensorRole::output);
      plans_.push_back(std::make_unique<LivePlan>(entries_, member.run));
    }
  }

  // All are made before one is used; then each is used by turns, and while they go, the others are.
  [[nodiscard]] Judgement judge(bool first_made_goes_first) {
    for (const auto& plan : plans_) {
      if (const auto stop = unless_ok(plan->prepare())) return *stop;
    }
    for (const bool with_other_input : {false, true, false}) {
      if (Judgement judgement = use_all(with_other_input); judgement.outcome != Outcome::holds) return judgement;
    }
    while (!plans_.empty()) {
      const size_t gone = first_made_goes_first ? 0 : plans_.size() - 1;
      plans_[gone]->release();
      plans_.erase(plans_.begin() + static_cast<ptrdiff_t>(gone));
      if (first_made_goes_first) ++first_;
      if (Judgement judgement = use_all(true); judgement.outcome != Outcome::holds) return judgement;
    }
    return {};
  }

 private:
  Judgement use_all(bool with_other_input) {
    for (size_t i = 0; i < plans_.size(); ++i) {
      Member& member = members_[first_ + i];
      Run& alone = with_other_input ? member.alone_with_other_input : member.alone;
      member.run.result = plans_[i]->run(alone.data);
      if (const auto stop = unless_ok(member.run.result)) return *stop;
      const std::string what = fmt::format("that with no other plan about, for {} while {} plan{} live{}", member.what,
                                           plans_.size(), plans_.size() == 1 ? "" : "s", plans_.size() == 1 ? "s" : "");
      Judgement judgement = compare(Side(trial_, member.run), {Side(trial_, alone)}, what, same_place);
      if (judgement.outcome == Outcome::violated) return of_problem(member.run.problem, std::move(judgement));
    }
    return {};
  }

  Trial& trial_;
  std::vector<Member>& members_;
  Entries entries_;
  std::vector<std::unique_ptr<LivePlan>> plans_;
  size_t first_ = 0;  // the member of plans_[0]
};

}  // namespace

Judgement plans_are_independent(Trial& trial) {
  if (trial.subject().kernel->prepare == nullptr) return Judgement::not_applicable("the kernel makes no plans");
  if (const auto stop = unless_ok(trial.result())) return *stop;
  if (trial.output().empty()) return Judgement::not_applicable("the output has no element");
  struct Wanted {
    Problem problem;
    std::string_view what;
  };
  const std::array<Wanted, 3> wanted = {Wanted{trial.problem(), "the case's problem"},
                                        Wanted{larger(trial.problem()), "a larger problem"},
                                        Wanted{trial.problem(), "the case's problem with another weight"}};
  std::vector<Member> members;
  uint64_t number = 0;
  for (const Wanted& one : wanted) {
    std::optional<Run> run = filled(trial, one.problem, number++);
    const std::optional<Run> other = filled(trial, one.problem, number++);
    if (!run || !other) continue;
    members.emplace_back(std::move(*run), other->data, one.what);
    // A larger problem that is not served is done without.
    if (members.back().call_alone(trial)) members.pop_back();
  }
  if (members.size() < 2) return Judgement::not_applicable("the kernel serves too few of the problems");
  return Plans(trial, members).judge((trial.the_case().seed & 1) != 0);
}

}  // namespace convcheck::judges
