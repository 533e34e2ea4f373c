// convcheck replay: one case, all the detail.
#include <fmt/format.h>

#include <functional>

#include "harness/docket.h"
#include "harness/table.h"
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

struct Tally {
  int held = 0;
  int violated = 0;
};

void print_finding(const Finding& finding) {
  if (!finding.index.empty()) fmt::print("    at        {}\n", finding.index);
  fmt::print("    expected  {}\n    got       {}\n    what      {}\n", finding.expected, finding.got,
             wrapped(finding.explanation, 14));
}

void print_law(const Law& law, const Judgement& judgement, Tally& tally) {
  switch (judgement.outcome) {
    case Outcome::holds:
      ++tally.held;
      if (law.topic == Topic::value && judgement.worst_error_over_bound > 0) {
        fmt::print("  {:<34} holds (worst error / bound {:.3f})\n", law.name, judgement.worst_error_over_bound);
      } else {
        fmt::print("  {:<34} holds\n", law.name);
      }
      return;
    case Outcome::violated:
      ++tally.violated;
      fmt::print("  {:<34} VIOLATED\n", law.name);
      print_finding(*judgement.finding);
      return;
    case Outcome::not_applicable:
      break;
  }
  fmt::print("  {:<34} not applicable: {}\n", law.name, judgement.reason);
}

// Judges by each of the candidate's laws that `takes_it` and that the kernel claims.
void replay_laws(const Candidate& candidate, const std::function<bool(const Law&)>& takes_it,
                 const std::function<Judgement(const Law&)>& judge_by, Tally& tally) {
  for (const Law* law : candidate.laws) {
    if (!takes_it(*law)) continue;
    const std::string not_claimed = why_not_claimed(*law, *candidate.subject->kernel);
    if (!not_claimed.empty()) {
      fmt::print("  {:<34} not claimed: {}\n", law->name, not_claimed);
      continue;
    }
    print_law(*law, judge_by(*law), tally);
  }
}

// How the kernel behaves, where that can be said.
void print_behaviour(const Candidate& candidate, const Case& c) {
  const Theory* const theory = behaves_as(*candidate.subject, {&c, 1});
  if (theory == nullptr) return;
  fmt::print("  behaves     {}\n", wrapped(fmt::format("as if {} ({})", theory->behaves, theory->name), 14));
}

void replay_huge(const Candidate& candidate, const Case& c, Tally& tally) {
  const bool has_accuracy = c.problem.spatial_rank() == 2;
  HugeExpectation expected;
  const std::string why_not = expect_huge(
      c, has_accuracy ? accuracy_of(*candidate.subject->kernel, geometry(c.problem)) : Accuracy{}, expected);
  if (!why_not.empty()) {
    fmt::print("  not judged: {}\n", why_not);
    return;
  }
  HugeTrial trial(*candidate.subject, c, expected);
  replay_laws(
      candidate, judges_huge, [&](const Law& law) { return trial.judge(law); }, tally);
}

void replay_kernel(const Candidate& candidate, const Case& c, bool valid, Tally& tally) {
  fmt::print("{} ({})\n", candidate.subject->kernel->name, candidate.library->path());
  if (valid && is_huge(c.problem)) return replay_huge(candidate, c, tally);
  Scratch scratch;
  Trial trial(*candidate.subject, c, scratch);
  const int violated_before = tally.violated;
  replay_laws(
      candidate, [&](const Law& law) { return takes(law, c, valid); },
      [&](const Law& law) { return judge(law, trial); }, tally);
  if (tally.violated > violated_before && valid) print_behaviour(candidate, c);
}

}  // namespace

int replay_command(const ReplayOptions& options) {
  const CaseWords words = split_words(options.words);
  if (words.text.empty()) return refuse("name a case, such as: convcheck replay input=1x3x8x8 weight=9x1x3x3 groups=3");
  const auto parsed = parse_case(words.text);
  if (!parsed) return refuse(fmt::format("'{}': {}", printable(words.text), describe(parsed.error())));
  const Selection selection = select(words.libraries, options.kernels, options.laws);
  if (!selection.error.empty()) return refuse(selection.error);
  const auto broken = broken_rule(parsed->problem);
  fmt::print("{}\n", print(*parsed));
  if (broken) {
    fmt::print("invalid: {}\n\n", message(parsed->problem, *broken));
  } else {
    fmt::print("output {}, {} multiply-adds\n\n", print(rule_output_shape(parsed->problem)),
               to_string(multiply_count(parsed->problem)));
  }
  Tally tally;
  for (const Candidate& candidate : selection.candidates) replay_kernel(candidate, *parsed, !broken, tally);
  if (tally.held + tally.violated == 0) {
    fmt::print("\nnothing was judged: none of these laws applies to this case\n");
    return kNotJudged;
  }
  fmt::print("\n{} held, {} violated\n", tally.held, tally.violated);
  return tally.violated > 0 ? kViolated : kHolds;
}

}  // namespace convcheck
