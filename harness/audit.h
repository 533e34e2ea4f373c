// The suite on trial: kernels with a seeded defect, each of which must be caught, and sound ones, none of which may be
// accused, all judged by the very session that `run` uses.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/plain_test.h"
#include "harness/session.h"

namespace convcheck {

/// A kernel and what is known of it beforehand.
struct Suspect {
  Candidate candidate;
  bool is_mutant = false;            ///< else sound
  bool has_wrong_values = false;     ///< a mutant whose outputs are wrong somewhere by more than rounding
  std::string bug_class;             ///< of a mutant
  std::string modelled_on;           ///< "owner/repository#123"
  std::vector<std::string> killers;  ///< laws that are meant to catch it
  std::string theory;                ///< the name of the one that explains it; empty where none does
};

/// A suspect and what came of it.
struct AuditEntry {
  Suspect suspect;
  KernelReport report;
  PlainVerdict plain = PlainVerdict::passes;  ///< what the test that most libraries have says of it

  [[nodiscard]] bool is_caught() const { return report.violated() != nullptr; }
  /// Cases and seconds until the first law caught it.
  [[nodiscard]] std::optional<int64_t> cases_until_caught() const;
  [[nodiscard]] double seconds_until_caught() const;
  /// Null where the law was not asked for.
  [[nodiscard]] const LawReport* by(std::string_view law) const;
  [[nodiscard]] bool is_caught_by(std::string_view law) const;
  [[nodiscard]] bool is_caught_by(Topic topic) const;
  /// The theory that the reports of its violations name; empty where they name none.
  [[nodiscard]] std::string named_theory() const;
};

/// A law and the mutants that it catches.
struct LawRecord {
  std::string law;
  int64_t caught = 0;
  std::vector<std::string> sole;  ///< mutants that no other law catches
};

/// How far mutants are judged: for the matrix, or until the laws that are meant to catch them have. Sound kernels are
/// judged alike in both, and nothing passes the one that does not pass the other.
enum class Extent { matrix, until_caught };

struct Audit {
  std::vector<AuditEntry> entries;
  std::vector<std::string> unseen_classes;  ///< of parameters, that no case had: "batch: 0"
  std::string version;
  uint64_t seed = 1;
  Extent extent = Extent::matrix;
  double seconds = 0;

  [[nodiscard]] int64_t mutants() const;
  [[nodiscard]] int64_t sound() const;
  /// Mutants that no law caught, sound kernels that a law accused, kernels on which nothing was judged: by name.
  [[nodiscard]] std::vector<std::string> survivors() const;
  [[nodiscard]] std::vector<std::string> accused() const;
  [[nodiscard]] std::vector<std::string> unjudged() const;
  /// The laws asked for, in their order.
  [[nodiscard]] std::vector<LawRecord> laws() const;
  /// Laws that catch no mutant.
  [[nodiscard]] std::vector<std::string> idle_laws() const;
  /// "MUTANT LAW" for each killer that did not catch its mutant, of the laws asked for.
  [[nodiscard]] std::vector<std::string> missed_by_killers() const;
  /// Mutants whose behaviour the reports name rightly, and "KERNEL THEORY" where they name another than the right one.
  [[nodiscard]] int64_t named() const;
  [[nodiscard]] std::vector<std::string> named_wrongly() const;
  /// Of the cases until a mutant is caught; 0 where none is.
  [[nodiscard]] int64_t median_cases() const;
  [[nodiscard]] int64_t caught_within(int64_t cases) const;
  /// No survivor, nobody accused, unjudged or named wrongly, no idle law, no class unseen, and both kinds of suspects
  /// there.
  [[nodiscard]] bool passed() const;
};

/// Judges all suspects. Of the options those about violations and the corpus's largest cases are the audit's own, and
/// the huge cases are put to the mutants that nothing else caught.
[[nodiscard]] Audit run_audit(std::span<const Suspect> suspects, SessionOptions options,
                              Extent extent = Extent::matrix);

/// The matrix of mutants and laws, what the laws are worth, and the verdict in the last line; at most 100 columns. What
/// only the matrix tells is left out where mutants were judged until they were caught.
[[nodiscard]] std::string to_table(const Audit& audit);

/// docs/audit.schema.json describes it.
[[nodiscard]] std::string to_json(const Audit& audit);

}  // namespace convcheck
