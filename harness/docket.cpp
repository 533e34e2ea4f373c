#include "harness/docket.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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
std::vector<Case> predictable_cases(const FoundViolation& violation) {
  std::vector<Case> cases;
  for (const Case& c : {violation.smallest, violation.found}) {
    if (can_be_predicted(c.problem)) cases.push_back(c);
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

std::string replay_command(const ReplayForm& form, const char* kernel, const Law& law, const Case& c) {
  return fmt::format("{} replay {} --kernel {} --law {}{}{}", quoted(form.program), print(c), quoted(kernel), law.name,
                     form.library.empty() ? "" : " ", form.library.empty() ? "" : quoted(form.library));
}

std::string keep_command(const ReplayForm& form, const char* kernel, const Law& law, const Case& c) {
  return fmt::format("{} corpus add {} --name NAME --note {}", quoted(form.program), print(c),
                     quoted(fmt::format("{} {}", kernel, law.name)));
}

Violation violation_of(const FoundViolation& found, const convcheck_kernel& kernel, const Law& law,
                       const ReplayForm& form) {
  return {.the_case = print(found.smallest),
          .shrunk_from = print(found.found),
          .source = found.source,
          .is_minimal = found.is_minimal,
          .expected = found.finding.expected,
          .got = found.finding.got,
          .index = found.finding.index,
          .explanation = found.finding.explanation,
          .replay =
              replay_command(form, kernel.name, found.seen_by.empty() ? law : *find_law(found.seen_by), found.smallest),
          .keep = keep_command(form, kernel.name, law, found.smallest),
          .cases_until_found = found.cases_until,
          .seconds_until_found = found.seconds_until,
          .behaves_as = found.behaves_as};
}

// Why a law that judged nothing did not.
std::string why_not_judged(const Standing& law, const KernelRecord& record) {
  if (law.asked > 0) return fmt::format("asked on {} cases: {}", law.asked, law.reason);
  if (!record.lethal.empty())
    return fmt::format("the kernel did not return from any of {} cases", record.lethal.size());
  return "no case of the run was of its kind";
}

}  // namespace

Docket::Docket(const Subject& subject, const std::vector<const Law*>& selected, KernelRecord& record)
    : subject_(subject), laws_(selected), record_(record) {
  record_.laws.resize(laws_.size());
  for (const Law* law : laws_) is_claimed_.push_back(why_not_claimed(*law, *subject.kernel).empty() ? 1 : 0);
}

bool Docket::is_open(size_t law) const {
  return is_claimed_[law] != 0 && !record_.laws[law].violation;
}

bool Docket::is_violated_by_touching() const {
  constexpr std::array<std::string_view, 4> kLaws = {"reads_only_its_tensors", "writes_only_its_output",
                                                     "inputs_stay_untouched", "asks_for_the_workspace_it_uses"};
  for (size_t i = 0; i < laws_.size(); ++i) {
    if (record_.laws[i].violation && std::find(kLaws.begin(), kLaws.end(), laws_[i]->name) != kLaws.end()) return true;
  }
  return false;
}

void Docket::let_these_be_enough(const std::vector<std::string>& laws) {
  enough_.clear();
  for (size_t i = 0; i < laws_.size(); ++i) {
    if (is_claimed_[i] != 0 && std::find(laws.begin(), laws.end(), laws_[i]->name) != laws.end()) enough_.push_back(i);
  }
}

bool Docket::is_decided() const {
  if (!enough_.empty() && std::none_of(enough_.begin(), enough_.end(), [this](size_t law) { return is_open(law); })) {
    return true;
  }
  for (size_t i = 0; i < laws_.size(); ++i) {
    if (is_open(i)) return false;
  }
  return true;
}

bool Docket::wants(const Case& c, Depth depth) const {
  for (size_t i = 0; i < laws_.size(); ++i) {
    const Law& law = *laws_[i];
    if (is_open(i) && is_within(depth, law) && takes(law, c, true) && is_meant_for(law, c)) return true;
  }
  return false;
}

void Docket::judge_case(const Case& c, Depth depth, std::string_view source, Scratch& scratch,
                        const Expectation* shared) {
  const bool valid = is_valid(c.problem);
  Trial trial(subject_, c, scratch, shared);
  ++record_.cases;
  for (size_t i = 0; i < laws_.size(); ++i) {
    const Law& law = *laws_[i];
    if (!is_open(i) || !is_within(depth, law) || !takes(law, c, valid) || !is_meant_for(law, c)) continue;
    if (record_.laws[i].offered++ % law.one_in != 0) continue;
    judge_entry(i, c, source, [&] { return judge(law, trial); });
  }
}

bool Docket::wants_huge() const {
  for (size_t i = 0; i < laws_.size(); ++i) {
    if (is_open(i) && judges_huge(*laws_[i])) return true;
  }
  return false;
}

HugeOutcome Docket::judge_huge(const Case& c, std::string_view source, const HugeExpectation& expected) {
  HugeTrial trial(subject_, c, expected);
  HugeOutcome outcome;
  ++record_.cases;
  for (size_t i = 0; i < laws_.size(); ++i) {
    const Law& law = *laws_[i];
    if (!is_open(i) || !judges_huge(law)) continue;
    judge_entry(i, c, source, [&] {
      Judgement judgement = trial.judge(law);
      if (judgement.outcome == Outcome::not_applicable) outcome.why_not = judgement.reason;
      outcome.is_judged = outcome.is_judged || judgement.outcome != Outcome::not_applicable;
      return judgement;
    });
    auto& violation = record_.laws[i].violation;
    if (!violation) continue;
    violation->finding.explanation += " It is shown as it was found: what is smaller is not huge.";
    violation->is_shrunk = true;
  }
  outcome.is_served = trial.is_served();
  return outcome;
}

void Docket::judge_entry(size_t law, const Case& c, std::string_view source, const std::function<Judgement()>& judge) {
  using Clock = std::chrono::steady_clock;
  if (judges_now_) judges_now_(law);
  Standing& standing = record_.laws[law];
  const auto start = Clock::now();
  Judgement judgement;
  std::string fault;
  try {
    judgement = judge();
  } catch (const std::exception& error) {
    fault = fmt::format("{} on {}", error.what(), print(c));
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  standing.seconds += seconds;
  record_.seconds += seconds;
  ++standing.asked;
  if (!fault.empty()) {
    if (standing.fault.empty()) standing.fault = fault;
    return;
  }
  if (judgement.outcome == Outcome::not_applicable) {
    if (standing.reason.empty()) standing.reason = judgement.reason;
    return;
  }
  ++standing.cases;
  standing.worst = std::max(standing.worst, judgement.worst_error_over_bound);
  if (judgement.outcome == Outcome::holds) return;
  standing.violation = FoundViolation{.found = c,
                                      .source = std::string(source),
                                      .finding = with_what_was_printed(*std::move(judgement.finding)),
                                      .cases_until = record_.cases,
                                      .seconds_until = record_.seconds,
                                      .smallest = c};
  if (violated_now_) violated_now_();
}

Finding Docket::with_what_was_printed(Finding finding) const {
  const std::string printed = printed_now_ ? printed_now_() : std::string();
  if (!printed.empty()) finding.explanation += fmt::format(" The kernel printed: \"{}\".", printed);
  return finding;
}

void Docket::shrink_violation(size_t number, Scratch& scratch, const TriedBefore& tried) {
  auto& violation = record_.laws[number].violation;
  if (!violation || violation->is_shrunk) return;
  // Where another law saw the process die it is that one that repeats it, and its own violations are another matter.
  const bool is_own = violation->seen_by.empty();
  const Law& law = is_own ? *laws_[number] : *find_law(violation->seen_by);
  const auto judge_by_law = [&](const Case& candidate) {
    try {
      Trial trial(subject_, candidate, scratch);
      Judgement judgement = judge(law, trial);
      if (judgement.outcome != Outcome::violated || !is_own) return false;
      // At once: `tried` may end the process with what is known.
      violation->smallest = candidate;
      violation->finding = with_what_was_printed(*std::move(judgement.finding));
    } catch (const std::exception&) {
      return false;  // no violation; the one that was found stands
    }
    return true;
  };
  const auto fails = [&](const Case& candidate) {
    if (!takes(law, candidate, is_valid(candidate.problem))) return false;
    const auto here = [&] { return judge_by_law(candidate); };
    return tried ? tried(candidate, here) : here();
  };
  const Shrunk shrunk =
      is_for_large_problems(law) ? shrink(violation->found, fails, kMostTriesOfLarge) : shrink(violation->found, fails);
  const bool still_fails = fails(shrunk.smallest);
  violation->smallest = shrunk.smallest;
  violation->is_minimal = shrunk.is_minimal && still_fails;
  violation->is_shrunk = true;
  if (!still_fails) {
    violation->finding.explanation +=
        " It did not happen again when repeated: the kernel depends on more than its arguments.";
  }
}

void Docket::shrink_violations(Scratch& scratch) {
  for (size_t i = 0; i < laws_.size(); ++i) shrink_violation(i, scratch);
}

void Docket::name_theory() {
  std::vector<Case> failing;
  std::vector<FoundViolation*> explained;
  for (size_t i = 0; i < laws_.size(); ++i) {
    auto& violation = record_.laws[i].violation;
    if (!violation || !is_about_outputs(*laws_[i])) continue;
    const std::vector<Case> cases = predictable_cases(*violation);
    if (cases.empty()) continue;
    failing.insert(failing.end(), cases.begin(), cases.end());
    explained.push_back(&*violation);
  }
  if (failing.empty()) return;
  try {
    const Theory* const theory = behaves_as(subject_, failing);
    if (theory == nullptr) return;
    for (FoundViolation* violation : explained) violation->behaves_as = theory->name;
  } catch (const std::exception&) {
    return;  // the violations stand without it
  }
}

KernelReport report_of(const convcheck_kernel& kernel, const std::string& library, const std::vector<const Law*>& laws,
                       const KernelRecord& record, const ReplayForm& replay) {
  KernelReport report;
  report.name = kernel.name;
  report.library = library;
  report.algorithm = algorithm_name(kernel);
  report.description = kernel.description == nullptr ? "" : kernel.description;
  report.covering_done = record.covering_done;
  report.small_world_done = record.small_world_done;
  report.random_cases = record.random_done;
  report.huge_cases = record.huge_done;
  report.cut_short = record.cut_short;
  report.remarks = record.remarks;
  for (size_t i = 0; i < laws.size(); ++i) {
    const Standing& standing = record.laws[i];
    const std::string not_claimed = why_not_claimed(*laws[i], kernel);
    LawReport law;
    law.law = laws[i]->name;
    law.cases = standing.cases;
    law.asked = standing.asked;
    law.seconds = standing.seconds;
    if (standing.violation) law.violation = violation_of(*standing.violation, kernel, *laws[i], replay);
    if (laws[i]->topic == Topic::value && standing.cases > 0) law.worst_error_over_bound = standing.worst;
    if (law.violation) {
      law.verdict = Verdict::violated;
    } else if (!not_claimed.empty()) {
      law.verdict = Verdict::not_claimed;
      law.reason = not_claimed;
    } else if (!standing.fault.empty()) {
      law.verdict = Verdict::harness_fault;
      law.reason = standing.fault;
    } else if (standing.cases > 0) {
      law.verdict = Verdict::holds;
    } else {
      law.reason = why_not_judged(standing, record);
    }
    report.laws.push_back(std::move(law));
  }
  return report;
}

}  // namespace convcheck
