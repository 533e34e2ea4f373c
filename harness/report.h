// What a run found, as one value: writers only format it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "properties/classify.h"

namespace convcheck {

enum class Verdict { holds, violated, not_claimed, not_applicable, harness_fault };

/// As JSON spells it: "holds", "violated", ...
[[nodiscard]] std::string_view name(Verdict verdict);

struct Violation {
  std::string the_case;       ///< the smallest case found
  std::string shrunk_from;    ///< the case it was found on
  std::string source;         ///< where that came from: "small world", "corpus/bugs/groups.cases:12", "resnet50 conv1"
  bool is_minimal = false;    ///< nothing smaller fails; false where shrinking ran out of its budget
  std::string expected, got;  ///< hex floats, or statuses
  std::string index;
  std::string explanation;
  std::string replay;              ///< the command that repeats it
  std::string keep = {};           ///< the command that adds it to the regressions; NAME is left to the user
  int64_t cases_until_found = 0;   ///< that the kernel had been given, this one included
  double seconds_until_found = 0;  ///< that had been spent on judging it
  std::string behaves_as = {};     ///< the name of the theory that is true of the kernel; empty where none is known
};

/// What is wrong, in whole sentences: the explanation, and how the kernel behaves where that is known.
[[nodiscard]] std::string full_explanation(const Violation& violation);

struct LawReport {
  std::string law;
  Verdict verdict = Verdict::not_applicable;
  std::string reason;  ///< of everything but holds and violated
  int64_t cases = 0;   ///< judged
  int64_t asked = 0;   ///< judged or found not applicable
  double seconds = 0;
  std::optional<double> worst_error_over_bound;
  std::optional<Violation> violation;
};

struct KernelReport {
  std::string name, library, algorithm, description;
  std::vector<LawReport> laws;
  int64_t covering_done = 0;
  int64_t small_world_done = 0;
  int64_t random_cases = 0;
  int64_t huge_cases = 0;                 ///< judged
  std::string cut_short = {};             ///< why it was judged no further; empty where it was not cut short
  std::vector<std::string> remarks = {};  ///< what is worth a line and no fault

  [[nodiscard]] int64_t cases() const;
  /// The first law that is violated, in the order of the laws; null where none is.
  [[nodiscard]] const LawReport* violated() const;
  [[nodiscard]] Verdict verdict() const;
};

struct NetworkReport {
  std::string name;
  int64_t layers = 0;
};

/// A huge case that a kernel could not be judged on, for another reason than that it does not serve the problem.
struct HugeOmission {
  std::string kernel, source, reason;
};

struct Report {
  std::string version;
  uint64_t seed = 1;
  double seconds = 0;
  std::vector<KernelReport> kernels;
  Coverage coverage;
  int64_t covering_size = 0;     ///< problems of the covering arrays; 0 where no kernel came to them
  int64_t covering_triples = 0;  ///< combinations of three classes that occur in them: all that can
  int64_t small_world_size = 0;
  int64_t corpus_entries = 0;
  std::vector<NetworkReport> networks;
  int64_t network_problems = 0;  ///< distinct ones
  int64_t huge_cases = 0;
  std::vector<HugeOmission> huge_omissions;

  /// Violated where any kernel is; else harness_fault where any is, or there is none; else holds.
  [[nodiscard]] Verdict verdict() const;
};

}  // namespace convcheck
