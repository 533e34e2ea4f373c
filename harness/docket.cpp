#include "harness/docket.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include "properties/shrink.h"
#include "properties/theory.h"
#include "reference/case_text.h"
#include "reference/rules.h"

namespace convcheck {
namespace {

// Where every try is a large problem a plain kernel takes a second for some ten of them, and other laws have the small
// case.
constexpr int64_t kMostTriesOfLarge = 32;

bool is_within(Depth depth, const Law& law) {
  switch (depth) {
    case Depth::single_call:
      return law.single_call;
    case Depth::values:
      return law.topic == Topic::value;
    case Depth::all:
      break;
  }
  return true;
}

// Laws whose violations tell what a kernel computes.
bool is_about_outputs(const Law& law) {
  return law.needs_values() || law.name == "writes_every_output_element";
}

// The cases of a violation, the smallest first, as far as they can be predicted.
std::vector<Case> predictable_cases(const Violation& violation) {
  std::vector<Case> cases;
  for (const std::string& text : {violation.the_case, violation.shrunk_from}) {
    const auto c = parse_case(text);
    if (c && can_be_predicted(c->problem)) cases.push_back(*c);
  }
  return cases;
}

// A session gives a law the data that it is about; what it could take besides is for replay.
bool is_meant_for(const Law& law, const Case& c) {
  return law.takes == Takes::invalid || is_about(law.takes, c.fill);
}

std::string algorithm_name(const convcheck_kernel& kernel) {
  switch (kernel.algorithm) {
    case CONVCHECK_SUMMATION:
      return "summation";
    case CONVCHECK_WINOGRAD:
      return fmt::format("Winograd up to {0}x{0}", kernel.winograd_tile);
    case CONVCHECK_FFT:
      return "FFT";
    default:
      break;
  }
  return fmt::format("unknown ({})", kernel.algorithm);
}

std::string quoted(const std::string& word) {
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.' ||
           c == '_' || c == '-' || c == '+';
  });
  if (plain && !word.empty()) return word;
  std::string result(1, '\'');
  for (const char c : word) {
    if (c == '\'') result.append("'\\'");
    result.push_back(c);
  }
  result.push_back('\'');
  return result;
}

}  // namespace

Docket::Docket(const Subject& subject, std::string library, const std::vector<const Law*>& selected, ReplayForm replay,
               WhenViolated when_violated)
    : subject_(subject), library_(std::move(library)), replay_(std::move(replay)), when_violated_(when_violated) {
  for (const Law* law : selected) {
    auto entry = std::make_unique<Entry>();
    entry->law = law;
    entry->not_claimed = why_not_claimed(*law, *subject.kernel);
    entry->is_closed = !entry->not_claimed.empty();
    entries_.push_back(std::move(entry));
  }
}

bool Docket::is_decided() const {
  return std::all_of(entries_.begin(), entries_.end(), [](const auto& entry) { return entry->is_closed.load(); });
}

bool Docket::wants(const Case& c, Depth depth) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& entry) {
    const Law& law = *entry->law;
    return !entry->is_closed && is_within(depth, law) && takes(law, c, true) && is_meant_for(law, c);
  });
}

void Docket::judge_case(const Case& c, Depth depth, std::string_view source, Scratch& scratch,
                        const Expectation* shared) {
  const bool valid = is_valid(c.problem);
  Trial trial(subject_, c, scratch, shared);
  count_case();
  for (const auto& entry : entries_) {
    const Law& law = *entry->law;
    if (entry->is_closed || !is_within(depth, law) || !takes(law, c, valid) || !is_meant_for(law, c)) continue;
    const auto found = judge_entry(*entry, c, [&] { return judge(law, trial); });
    if (!found) continue;
    const bool shrinks = when_violated_ == WhenViolated::shrink;
    keep(*entry,
         shrinks ? shrunk_violation(law, c, found->finding, source) : violation_of(law, c, c, found->finding, source),
         *found);
  }
}

bool Docket::wants_huge() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const auto& entry) { return !entry->is_closed && judges_huge(*entry->law); });
}

HugeOutcome Docket::judge_huge(const Case& c, std::string_view source, const HugeExpectation& expected) {
  HugeTrial trial(subject_, c, expected);
  HugeOutcome outcome;
  count_case();
  for (const auto& entry : entries_) {
    const Law& law = *entry->law;
    if (entry->is_closed || !judges_huge(law)) continue;
    const auto found = judge_entry(*entry, c, [&] {
      Judgement judgement = trial.judge(law);
      if (judgement.outcome == Outcome::not_applicable) outcome.why_not = judgement.reason;
      outcome.is_judged = outcome.is_judged || judgement.outcome != Outcome::not_applicable;
      return judgement;
    });
    if (!found) continue;
    Violation violation = violation_of(law, c, c, found->finding, source);
    violation.explanation += " It is shown as it was found: what is smaller is not huge.";
    keep(*entry, std::move(violation), *found);
  }
  outcome.is_served = trial.is_served();
  return outcome;
}

void Docket::count_case() {
  const std::lock_guard lock(mutex_);
  ++cases_;
}

std::optional<Docket::Found> Docket::judge_entry(Entry& entry, const Case& c, const std::function<Judgement()>& judge) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  Judgement judgement;
  std::string fault;
  try {
    judgement = judge();
  } catch (const std::exception& error) {
    fault = fmt::format("{} on {}", error.what(), print(c));
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  Found found;
  {
    const std::lock_guard lock(mutex_);
    entry.seconds += seconds;
    seconds_ += seconds;
    found.cases = cases_;
    found.seconds = seconds_;
    ++entry.asked;
    if (!fault.empty()) {
      if (entry.fault.empty()) entry.fault = fault;
      return std::nullopt;
    }
    if (judgement.outcome == Outcome::not_applicable) {
      if (entry.reason.empty()) entry.reason = judgement.reason;
      return std::nullopt;
    }
    ++entry.cases;
    entry.worst = std::max(entry.worst, judgement.worst_error_over_bound);
    if (judgement.outcome == Outcome::holds) return std::nullopt;
  }
  if (entry.is_closed.exchange(true)) return std::nullopt;  // another thread found one first
  is_violated_ = true;
  found.finding = *std::move(judgement.finding);
  return found;
}

void Docket::keep(Entry& entry, Violation violation, const Found& found) {
  violation.cases_until_found = found.cases;
  violation.seconds_until_found = found.seconds;
  const std::lock_guard lock(mutex_);
  entry.violation = std::move(violation);
}

Violation Docket::shrunk_violation(const Law& law, const Case& c, const Finding& finding, std::string_view source) {
  Scratch scratch;
  std::optional<Finding> last;
  const auto fails = [&](const Case& candidate) {
    if (!takes(law, candidate, is_valid(candidate.problem))) return false;
    try {
      Trial trial(subject_, candidate, scratch);
      Judgement judgement = judge(law, trial);
      if (judgement.outcome != Outcome::violated) return false;
      last = std::move(judgement.finding);
    } catch (const std::exception&) {
      return false;  // no violation; the one that was found stands
    }
    return true;
  };
  const Shrunk shrunk = is_for_large_problems(law) ? shrink(c, fails, kMostTriesOfLarge) : shrink(c, fails);
  const bool still_fails = fails(shrunk.smallest);
  const Finding& shown = still_fails ? *last : finding;
  Violation violation = violation_of(law, shrunk.smallest, c, shown, source);
  violation.is_minimal = shrunk.is_minimal && still_fails;
  if (!still_fails)
    violation.explanation += " It did not happen again when repeated: the kernel depends on more than its arguments.";
  return violation;
}

Violation Docket::violation_of(const Law& law, const Case& smallest, const Case& c, const Finding& finding,
                               std::string_view source) const {
  return {.the_case = print(smallest),
          .shrunk_from = print(c),
          .source = std::string(source),
          .is_minimal = false,
          .expected = finding.expected,
          .got = finding.got,
          .index = finding.index,
          .explanation = finding.explanation,
          .replay = replay_command(law, smallest),
          .keep = keep_command(law, smallest)};
}

void Docket::name_theory() {
  std::vector<Case> failing;
  std::vector<Violation*> explained;
  for (const auto& entry : entries_) {
    if (!entry->violation || !is_about_outputs(*entry->law)) continue;
    const std::vector<Case> cases = predictable_cases(*entry->violation);
    if (cases.empty()) continue;
    failing.insert(failing.end(), cases.begin(), cases.end());
    explained.push_back(&*entry->violation);
  }
  if (failing.empty()) return;
  try {
    const Theory* const theory = behaves_as(subject_, failing);
    if (theory == nullptr) return;
    for (Violation* violation : explained) violation->behaves_as = theory->name;
  } catch (const std::exception&) {
    return;  // the violations stand without it
  }
}

std::string Docket::replay_command(const Law& law, const Case& c) const {
  return fmt::format("{} replay {} --kernel {} --law {}{}{}", quoted(replay_.program), print(c),
                     quoted(subject_.kernel->name), law.name, replay_.library.empty() ? "" : " ",
                     replay_.library.empty() ? "" : quoted(replay_.library));
}

std::string Docket::keep_command(const Law& law, const Case& c) const {
  return fmt::format("{} corpus add {} --name NAME --note {}", quoted(replay_.program), print(c),
                     quoted(fmt::format("{} {}", subject_.kernel->name, law.name)));
}

KernelReport Docket::report() const {
  const std::lock_guard lock(mutex_);
  const convcheck_kernel& kernel = *subject_.kernel;
  KernelReport report;
  report.name = kernel.name;
  report.library = library_;
  report.algorithm = algorithm_name(kernel);
  report.description = kernel.description == nullptr ? "" : kernel.description;
  for (const auto& entry : entries_) {
    LawReport law;
    law.law = entry->law->name;
    law.cases = entry->cases;
    law.asked = entry->asked;
    law.seconds = entry->seconds;
    law.violation = entry->violation;
    if (entry->law->topic == Topic::value && entry->cases > 0) law.worst_error_over_bound = entry->worst;
    if (entry->violation) {
      law.verdict = Verdict::violated;
    } else if (!entry->not_claimed.empty()) {
      law.verdict = Verdict::not_claimed;
      law.reason = entry->not_claimed;
    } else if (!entry->fault.empty()) {
      law.verdict = Verdict::harness_fault;
      law.reason = entry->fault;
    } else if (entry->cases > 0) {
      law.verdict = Verdict::holds;
    } else {
      law.reason = entry->asked == 0 ? "no case of the run was of its kind"
                                     : fmt::format("asked on {} cases: {}", entry->asked, entry->reason);
    }
    report.laws.push_back(std::move(law));
  }
  return report;
}

}  // namespace convcheck
