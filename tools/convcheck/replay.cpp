// convcheck replay: one case, all the detail.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/docket.h"
#include "harness/sandbox.h"
#include "harness/table.h"
#include "harness/verdict_of_death.h"
#include "properties/describe.h"
#include "properties/huge.h"
#include "properties/theory.h"
#include "reference/case_text.h"
#include "reference/rules.h"
#include "reference/spelling.h"
#include "tools/convcheck/commands.h"
#include "tools/convcheck/selection.h"

namespace convcheck {
namespace {

int refuse(const std::string& message) {
  fmt::print(stderr, "convcheck replay: {}\n", message);
  return kUsage;
}

// What is said of a kernel, and the count of its laws.
struct Tally {
  int held = 0;
  int violated = 0;
  size_t next = 0;                ///< number of the law that comes next
  std::set<std::string> accused;  ///< laws that the kernel broke when it died
  std::string text;

  template <class... Arguments>
  void say(fmt::format_string<Arguments...> form, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(text), form, std::forward<Arguments>(arguments)...);
  }
};

void print_finding(const Finding& finding, Tally& tally) {
  if (!finding.index.empty()) tally.say("    at        {}\n", finding.index);
  tally.say("    expected  {}\n    got       {}\n    what      {}\n", finding.expected, finding.got,
            wrapped(finding.explanation, 14));
}

void print_law(const Law& law, const Judgement& judgement, Tally& tally) {
  switch (judgement.outcome) {
    case Outcome::holds:
      ++tally.held;
      if (law.topic == Topic::value && judgement.worst_error_over_bound > 0) {
        tally.say("  {:<34} holds (worst error / bound {:.3f})\n", law.name, judgement.worst_error_over_bound);
      } else {
        tally.say("  {:<34} holds\n", law.name);
      }
      return;
    case Outcome::violated:
      ++tally.violated;
      tally.say("  {:<34} VIOLATED\n", law.name);
      print_finding(*judgement.finding, tally);
      return;
    case Outcome::not_applicable:
      break;
  }
  tally.say("  {:<34} not applicable: {}\n", law.name, judgement.reason);
}

// Judges by a law, where the kernel claims it.
void replay_law(const Subject& subject, const Law& law, const std::function<Judgement()>& judge_by, Tally& tally) {
  const std::string not_claimed = why_not_claimed(law, *subject.kernel);
  if (!not_claimed.empty()) {
    tally.say("  {:<34} not claimed: {}\n", law.name, not_claimed);
    return;
  }
  print_law(law, judge_by(), tally);
}

// How the kernel behaves, where that can be said.
void print_behaviour(const Subject& subject, const Case& c, Tally& tally) {
  const Theory* const theory = behaves_as(subject, {&c, 1});
  if (theory == nullptr) return;
  tally.say("  behaves     {}\n", wrapped(fmt::format("as if {} ({})", theory->behaves, theory->name), 14));
}

void replay_huge(const Subject& subject, const std::vector<const Law*>& laws, const Case& c, Tally& tally) {
  const bool has_accuracy = c.problem.spatial_rank() == 2;
  HugeExpectation expected;
  const std::string why_not =
      expect_huge(c, has_accuracy ? accuracy_of(*subject.kernel, geometry(c.problem)) : Accuracy{}, expected);
  if (!why_not.empty()) {
    tally.say("  not judged: {}\n", why_not);
    return;
  }
  HugeTrial trial(subject, c, expected);
  for (const Law* law : laws) {
    if (judges_huge(*law))
      replay_law(
          subject, *law, [&] { return trial.judge(*law); }, tally);
  }
}

// One kernel on the case, in children that leave behind what they have to say.
class Replay final : public Work {
 public:
  Replay(const Candidate& candidate, const Case& c) : candidate_(candidate), case_(c) {}

  void run(Inmate& inmate) override {
    inmate.on_loading(case_);
    inmate.enter();
    const Library library = candidate_.library->load_again();
    inmate.leave();
    inmate.on_other_case(case_);
    if (!library.error().empty()) return;
    if (candidate_.place() >= library.kernels().size()) return;
    Subject subject = library.kernels()[candidate_.place()];
    subject.watch = &inmate;
    inmate.on_doing(Doing::judging);
    Tally tally = read();
    judge_laws(subject, tally);
    if (const std::string printed = inmate.printed(); tally.violated > 0 && !printed.empty()) {
      tally.say("  printed     {}\n", wrapped(fmt::format("\"{}\"", printed), 14));
      write(tally);
    }
    if (tally.violated > 0 && is_valid(case_.problem) && !is_huge(case_.problem)) {
      inmate.on_doing(Doing::explaining);
      print_behaviour(subject, case_, tally);
      write(tally);
    }
  }

  bool after(const Death& death) override {
    Tally tally = read();
    if (flight().doing == Doing::explaining) return false;
    for (const Accusation& one : accusations(death, flight())) {
      if (!tally.accused.insert(std::string(one.law)).second) continue;
      print_law(*find_law(one.law), Judgement::violated(one.finding), tally);
    }
    if (tally.next > 0) {
      const std::string law(candidate_.laws[tally.next - 1]->name);
      if (!tally.accused.contains(law)) tally.say("  {:<34} not judged: the kernel did not return\n", law);
    }
    write(tally);
    // Every law would wait for it.
    return death.how != Death::How::overran && flight().doing == Doing::judging;
  }

  [[nodiscard]] Tally read() {
    const std::string text = checkpoint().read();
    if (text.empty()) return {};
    const auto j = nlohmann::json::parse(text);
    return {.held = j.at("held"),
            .violated = j.at("violated"),
            .next = j.at("next"),
            .accused = j.at("accused"),
            .text = j.at("text")};
  }

 private:
  void write(const Tally& tally) {
    checkpoint().write(nlohmann::json{
        {"held", tally.held},
        {"violated", tally.violated},
        {"next", tally.next},
        {"accused", tally.accused},
        {"text",
         tally.text}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }

  // What is known is kept before each law, on which the kernel may die.
  void judge_laws(const Subject& subject, Tally& tally) {
    const bool valid = is_valid(case_.problem);
    if (valid && is_huge(case_.problem)) {
      tally.next = candidate_.laws.size();
      replay_huge(subject, candidate_.laws, case_, tally);
      return write(tally);
    }
    Scratch scratch;
    Trial trial(subject, case_, scratch);
    while (tally.next < candidate_.laws.size()) {
      const Law* const law = candidate_.laws[tally.next++];
      write(tally);
      if (!takes(*law, case_, valid) || tally.accused.contains(std::string(law->name))) continue;
      replay_law(
          subject, *law, [&] { return judge(*law, trial); }, tally);
    }
    write(tally);
  }

  const Candidate& candidate_;
  const Case& case_;
};

void replay_here(const Candidate& candidate, const Case& c, Tally& tally) {
  const bool valid = is_valid(c.problem);
  if (valid && is_huge(c.problem)) return replay_huge(*candidate.subject, candidate.laws, c, tally);
  Scratch scratch;
  Trial trial(*candidate.subject, c, scratch);
  for (const Law* law : candidate.laws) {
    if (takes(*law, c, valid))
      replay_law(
          *candidate.subject, *law, [&] { return judge(*law, trial); }, tally);
  }
  if (tally.violated > 0 && valid) print_behaviour(*candidate.subject, c, tally);
}

}  // namespace

int replay_command(const ReplayOptions& options) {
  const CaseWords words = split_words(options.words);
  if (words.text.empty()) return refuse("name a case, such as: convcheck replay input=1x3x8x8 weight=9x1x3x3 groups=3");
  const auto parsed = parse_case(words.text);
  if (!parsed) return refuse(fmt::format("'{}': {}", printable(words.text), describe(parsed.error())));
  const Selection selection =
      select(words.libraries, options.kernels, options.laws, options.in_process ? Loading::here : Loading::in_a_child);
  if (!selection.error.empty()) return refuse(selection.error);
  const auto broken = broken_rule(parsed->problem);
  fmt::print("{}\n", print(*parsed));
  if (broken) {
    fmt::print("invalid: {}\n\n", message(parsed->problem, *broken));
  } else {
    fmt::print("output {}, {} multiply-adds\n\n", print(rule_output_shape(parsed->problem)),
               to_string(multiply_count(parsed->problem)));
  }
  Tally all;
  for (const Candidate& candidate : selection.candidates) {
    fmt::print("{} ({})\n", candidate.subject->kernel->name, candidate.library->path());
    Tally tally;
    if (options.in_process) {
      replay_here(candidate, *parsed, tally);
    } else {
      Replay replay(candidate, *parsed);
      Work* const work = &replay;
      run_in_children({&work, 1}, {.limits = {.memory_bytes = is_huge(parsed->problem) ? 0 : Limits().memory_bytes}});
      tally = replay.read();
    }
    fmt::print("{}", tally.text);
    all.held += tally.held;
    all.violated += tally.violated;
  }
  if (all.held + all.violated == 0) {
    fmt::print("\nnothing was judged: none of these laws applies to this case\n");
    return kNotJudged;
  }
  fmt::print("\n{} held, {} violated\n", all.held, all.violated);
  return all.violated > 0 ? kViolated : kHolds;
}

}  // namespace convcheck
