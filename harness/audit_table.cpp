// The audit as text.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/audit.h"
#include "harness/table.h"

namespace convcheck {
namespace {

constexpr size_t kNameWidth = 44;
constexpr size_t kIndent = 2;

// A column of the matrix is one letter: a to z, then A to Z.
char letter(size_t column) {
  return static_cast<char>(column < 26 ? 'a' + column : 'A' + (column - 26));
}

char cell(const LawReport* law) {
  if (law == nullptr) return ' ';
  switch (law->verdict) {
    case Verdict::violated:
      return '#';
    case Verdict::holds:
      return '.';
    case Verdict::harness_fault:
      return '!';
    default:
      break;
  }
  return '-';
}

std::string shortened(const std::string& name) {
  return name.size() <= kNameWidth ? name : name.substr(0, kNameWidth - 2) + "..";
}

void append_legend(std::string& out, const std::vector<LawRecord>& laws) {
  out += "laws, with the mutants that each catches and those that it alone catches:\n";
  for (size_t i = 0; i < laws.size(); ++i) {
    out += fmt::format("  {} {:<42}{:>4}{:>4}\n", letter(i), laws[i].law, laws[i].caught, laws[i].sole.size());
  }
  out += '\n';
}

void append_head(std::string& out, const std::vector<LawRecord>& laws, std::string_view what) {
  std::string letters;
  for (size_t i = 0; i < laws.size(); ++i) letters += letter(i);
  out += fmt::format("{:<{}} {} {:>8} {:>6}  {}\n", what, kNameWidth, letters, "cases", "s", "plain");
}

void append_row(std::string& out, const AuditEntry& entry, const std::vector<LawRecord>& laws) {
  std::string cells;
  for (const LawRecord& law : laws) cells += cell(entry.by(law.law));
  const auto cases = entry.cases_until_caught();
  out += fmt::format("{:<{}} {} {:>8} {:>6}  {}\n", shortened(entry.report.name), kNameWidth, cells,
                     cases ? fmt::format("{}", *cases) : "-",
                     cases ? fmt::format("{:.2f}", entry.seconds_until_caught()) : "-",
                     entry.plain == PlainVerdict::not_served ? "n/a" : name(entry.plain));
}

void append_matrix(std::string& out, const Audit& audit, const std::vector<LawRecord>& laws, bool mutants) {
  append_head(out, laws, mutants ? "mutants" : "sound kernels");
  for (const AuditEntry& entry : audit.entries) {
    if (entry.suspect.is_mutant == mutants) append_row(out, entry, laws);
  }
  out += '\n';
}

void append_names(std::string& out, std::string_view what, const std::vector<std::string>& names) {
  if (!names.empty()) out += wrapped(fmt::format("{}: {}", what, fmt::join(names, ", ")), kIndent) + '\n';
}

void append_accusations(std::string& out, const Audit& audit) {
  for (const AuditEntry& entry : audit.entries) {
    if (entry.suspect.is_mutant) continue;
    for (const LawReport& law : entry.report.laws) {
      if (law.violation) out += to_text(*law.violation, entry.report.name, law.law, {}) + '\n';
    }
  }
}

template <typename Predicate>
int64_t count_mutants(const Audit& audit, Predicate predicate) {
  return std::count_if(audit.entries.begin(), audit.entries.end(),
                       [&](const AuditEntry& e) { return e.suspect.is_mutant && predicate(e); });
}

void append_figures(std::string& out, const Audit& audit) {
  const int64_t mutants = audit.mutants();
  const int64_t plain = count_mutants(audit, [](const AuditEntry& e) { return e.plain != PlainVerdict::fails; });
  const int64_t wrong = count_mutants(audit, [](const AuditEntry& e) { return e.suspect.has_wrong_values; });
  const int64_t structure = count_mutants(
      audit, [](const AuditEntry& e) { return e.suspect.has_wrong_values && e.is_caught_by(Topic::structure); });
  out += fmt::format("cases until a mutant is caught: median {}; {} of {} within 1000\n", audit.median_cases(),
                     audit.caught_within(1000), mutants);
  out += fmt::format("behaviour named: {} of {}, {} wrongly\n", audit.named(), mutants, audit.named_wrongly().size());
  if (audit.extent == Extent::matrix) {
    out += fmt::format("structure laws alone catch {} of {} mutants with wrong values\n", structure, wrong);
  }
  out += fmt::format("a plain test (20 shapes, N(0,1), rtol 1e-3, atol 1e-5) lets {} of {} mutants through\n", plain,
                     mutants);
  const int64_t accused = std::count_if(audit.entries.begin(), audit.entries.end(), [](const AuditEntry& e) {
    return !e.suspect.is_mutant && e.plain == PlainVerdict::fails;
  });
  out += fmt::format("  and accuses {} of {} sound kernels\n", accused, audit.sound());
}

}  // namespace

std::string to_table(const Audit& audit) {
  std::string out;
  const std::vector<LawRecord> laws = audit.laws();
  append_accusations(out, audit);
  if (audit.extent == Extent::matrix) {
    append_legend(out, laws);
    append_matrix(out, audit, laws, true);
    append_matrix(out, audit, laws, false);
    out += "# caught, . held, - not claimed or not applicable; cases and seconds until the first catch\n\n";
  }
  append_names(out, "survive", audit.survivors());
  append_names(out, "sound, and accused", audit.accused());
  append_names(out, "not judged", audit.unjudged());
  append_names(out, "laws that catch no mutant", audit.idle_laws());
  append_names(out, "classes of cases that never occurred", audit.unseen_classes);
  append_names(out, "named wrongly", audit.named_wrongly());
  append_names(out, "caught by another law before the one that is meant to", audit.missed_by_killers());
  append_figures(out, audit);
  out += fmt::format("audit, seed {}, {:.0f} s: {} of {} mutants caught, {} of {} sound kernels accused: {}\n",
                     audit.seed, audit.seconds, audit.mutants() - static_cast<int64_t>(audit.survivors().size()),
                     audit.mutants(), audit.accused().size(), audit.sound(), audit.passed() ? "passed" : "FAILED");
  return out;
}

}  // namespace convcheck
