#include "harness/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>

#include "harness/piece.h"

namespace convcheck {
namespace {

// What a plain-loop kernel does in some tenth of a second. The corpus's larger problems are for runs.
constexpr int64_t kMostMultiplies = 200'000'000;

template <typename Predicate>
std::vector<std::string> names_where(const std::vector<AuditEntry>& entries, Predicate predicate) {
  std::vector<std::string> names;
  for (const AuditEntry& entry : entries) {
    if (predicate(entry)) names.push_back(entry.report.name);
  }
  return names;
}

std::vector<int64_t> all_cases_until_caught(const std::vector<AuditEntry>& entries) {
  std::vector<int64_t> all;
  for (const AuditEntry& entry : entries) {
    if (entry.suspect.is_mutant && entry.is_caught()) all.push_back(*entry.cases_until_caught());
  }
  return all;
}

int64_t laws_that_catch(const AuditEntry& entry) {
  return std::count_if(entry.report.laws.begin(), entry.report.laws.end(),
                       [](const LawReport& law) { return law.violation.has_value(); });
}

// The violation that was found first; null where there is none.
const Violation* first_violation(const KernelReport& report) {
  const Violation* first = nullptr;
  for (const LawReport& law : report.laws) {
    if (!law.violation) continue;
    if (first == nullptr || law.violation->cases_until_found < first->cases_until_found) first = &*law.violation;
  }
  return first;
}

// The plain test of one kernel, in a child: a test program that the kernel ends has failed.
class PlainWork final : public Work {
 public:
  PlainWork(const Candidate& candidate, uint64_t seed) : candidate_(candidate), seed_(seed) {}

  void run(Inmate& inmate) override {
    inmate.on_other_case(smallest_case());
    Subject subject = *candidate_.subject;
    subject.watch = &inmate;
    const PlainVerdict verdict = plain_test(subject, seed_);
    checkpoint().write(std::to_string(static_cast<int>(verdict)));
  }
  bool after(const Death& death) override { return death.is_from_outside() && ++kills_ < kMostKills; }

  [[nodiscard]] PlainVerdict verdict() {
    const std::string text = checkpoint().read();
    return text.empty() ? PlainVerdict::fails : static_cast<PlainVerdict>(std::stoi(text));
  }

 private:
  static constexpr int kMostKills = 50;

  const Candidate& candidate_;
  uint64_t seed_;
  int kills_ = 0;
};

std::vector<PlainVerdict> plain_tests(const std::vector<Candidate>& candidates, const SessionOptions& options) {
  std::vector<PlainVerdict> verdicts;
  std::deque<PlainWork> all;
  std::vector<Work*> work;
  for (const Candidate& candidate : candidates) {
    if (options.isolated)
      work.push_back(&all.emplace_back(candidate, options.seed));
    else
      verdicts.push_back(plain_test(*candidate.subject, options.seed));
  }
  run_in_children(work, {.jobs = options.jobs, .limits = {}, .stop = options.stop});
  for (PlainWork& one : all) verdicts.push_back(one.verdict());
  return verdicts;
}

// Puts the huge cases, and nothing else, to the mutants that are not caught yet.
void judge_survivors(std::vector<AuditEntry>& entries, SessionOptions options) {
  std::vector<Candidate> candidates;
  std::vector<AuditEntry*> survivors;
  for (AuditEntry& entry : entries) {
    if (!entry.suspect.is_mutant || entry.is_caught()) continue;
    candidates.push_back(entry.suspect.candidate);
    survivors.push_back(&entry);
  }
  if (candidates.empty() || options.huge.empty()) return;
  options.budget_s = 0;
  options.corpus = {};
  Report report = run_session(candidates, options);
  for (size_t i = 0; i < survivors.size(); ++i) {
    if (report.kernels[i].violated() != nullptr) survivors[i]->report = std::move(report.kernels[i]);
  }
}

}  // namespace

std::optional<int64_t> AuditEntry::cases_until_caught() const {
  const Violation* const first = first_violation(report);
  return first == nullptr ? std::nullopt : std::optional(first->cases_until_found);
}

double AuditEntry::seconds_until_caught() const {
  const Violation* const first = first_violation(report);
  return first == nullptr ? 0 : first->seconds_until_found;
}

const LawReport* AuditEntry::by(std::string_view law) const {
  const auto found =
      std::find_if(report.laws.begin(), report.laws.end(), [&](const LawReport& one) { return one.law == law; });
  return found == report.laws.end() ? nullptr : &*found;
}

bool AuditEntry::is_caught_by(std::string_view law) const {
  const LawReport* const found = by(law);
  return found != nullptr && found->violation.has_value();
}

bool AuditEntry::is_caught_by(Topic topic) const {
  return std::any_of(report.laws.begin(), report.laws.end(), [&](const LawReport& one) {
    const Law* const law = find_law(one.law);
    return one.violation && law != nullptr && law->topic == topic;
  });
}

std::string AuditEntry::named_theory() const {
  for (const LawReport& law : report.laws) {
    if (law.violation && !law.violation->behaves_as.empty()) return law.violation->behaves_as;
  }
  return {};
}

int64_t Audit::mutants() const {
  return std::count_if(entries.begin(), entries.end(), [](const AuditEntry& e) { return e.suspect.is_mutant; });
}

int64_t Audit::sound() const {
  return static_cast<int64_t>(entries.size()) - mutants();
}

std::vector<std::string> Audit::survivors() const {
  return names_where(entries, [](const AuditEntry& e) { return e.suspect.is_mutant && !e.is_caught(); });
}

std::vector<std::string> Audit::accused() const {
  return names_where(entries, [](const AuditEntry& e) { return !e.suspect.is_mutant && e.is_caught(); });
}

std::vector<std::string> Audit::unjudged() const {
  return names_where(entries, [](const AuditEntry& e) { return e.report.verdict() == Verdict::harness_fault; });
}

std::vector<LawRecord> Audit::laws() const {
  std::vector<LawRecord> records;
  if (entries.empty()) return records;
  for (const LawReport& law : entries.front().report.laws) {
    LawRecord record = {.law = law.law, .caught = 0, .sole = {}};
    for (const AuditEntry& entry : entries) {
      if (!entry.suspect.is_mutant || !entry.is_caught_by(law.law)) continue;
      ++record.caught;
      if (laws_that_catch(entry) == 1) record.sole.push_back(entry.report.name);
    }
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<std::string> Audit::idle_laws() const {
  std::vector<std::string> idle;
  for (const LawRecord& record : laws()) {
    const Law* const law = find_law(record.law);
    if (record.caught == 0 && (law == nullptr || !law->of_loading)) idle.push_back(record.law);
  }
  return idle;
}

std::vector<std::string> Audit::missed_by_killers() const {
  std::vector<std::string> missed;
  for (const AuditEntry& entry : entries) {
    for (const std::string& law : entry.suspect.killers) {
      if (entry.by(law) != nullptr && !entry.is_caught_by(law)) missed.push_back(entry.report.name + ' ' + law);
    }
  }
  return missed;
}

int64_t Audit::named() const {
  return std::count_if(entries.begin(), entries.end(), [](const AuditEntry& entry) {
    const std::string name = entry.named_theory();
    return entry.suspect.is_mutant && !name.empty() && name == entry.suspect.theory;
  });
}

std::vector<std::string> Audit::named_wrongly() const {
  std::vector<std::string> wrongly;
  for (const AuditEntry& entry : entries) {
    const std::string name = entry.named_theory();
    if (!name.empty() && name != entry.suspect.theory) wrongly.push_back(entry.report.name + ' ' + name);
  }
  return wrongly;
}

int64_t Audit::median_cases() const {
  std::vector<int64_t> all = all_cases_until_caught(entries);
  if (all.empty()) return 0;
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

int64_t Audit::caught_within(int64_t cases) const {
  const std::vector<int64_t> all = all_cases_until_caught(entries);
  return std::count_if(all.begin(), all.end(), [&](int64_t until) { return until <= cases; });
}

bool Audit::passed() const {
  return mutants() > 0 && sound() > 0 && survivors().empty() && accused().empty() && unjudged().empty() &&
         named_wrongly().empty() && idle_laws().empty() && unseen_classes.empty();
}

Audit run_audit(std::span<const Suspect> suspects, SessionOptions options, Extent extent) {
  options.when_violated = WhenViolated::keep_as_found;
  options.most_multiplies = kMostMultiplies;
  const std::span<const CorpusEntry> huge = std::exchange(options.huge, {});
  const auto start = std::chrono::steady_clock::now();
  std::vector<Candidate> candidates;
  for (const Suspect& suspect : suspects) {
    candidates.push_back(suspect.candidate);
    if (extent == Extent::until_caught) candidates.back().enough = suspect.killers;
  }
  Report report = run_session(candidates, options);
  const std::vector<PlainVerdict> plain = plain_tests(candidates, options);
  Audit audit;
  audit.version = report.version;
  audit.seed = report.seed;
  audit.extent = extent;
  for (const CaseClass& one : report.coverage.never_seen()) {
    audit.unseen_classes.push_back(fmt::format("{}: {}", one.parameter, one.value));
  }
  for (size_t i = 0; i < suspects.size(); ++i) {
    audit.entries.push_back({.suspect = suspects[i], .report = std::move(report.kernels[i]), .plain = plain[i]});
  }
  options.huge = huge;
  judge_survivors(audit.entries, options);
  audit.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return audit;
}

}  // namespace convcheck
