// How the judging of one kernel stands: what a child leaves behind, what is streamed to disk, and what reports are made
// of.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/report.h"
#include "properties/law.h"

namespace convcheck {

/// A law's first violation.
struct FoundViolation {
  Case found;  ///< the case it was found on
  std::string source;
  Finding finding;           ///< of `smallest`
  int64_t cases_until = 0;   ///< that the kernel had been given, this one included
  double seconds_until = 0;  ///< that had been spent on judging it
  Case smallest = {};        ///< what `found` was shrunk to
  bool is_shrunk = false;    ///< shrinking is over
  bool is_minimal = false;   ///< nothing smaller fails
  std::string seen_by = {};  ///< the law that was being judged when the process died; empty where it is the law itself
  std::string behaves_as = {};  ///< the theory's name; empty where none is known
};

/// How one law stands.
struct Standing {
  int64_t offered = 0;  ///< cases that the law takes, judged or not
  int64_t asked = 0;    ///< judged or found not applicable
  int64_t cases = 0;    ///< judged
  double seconds = 0;
  double worst = 0;    ///< error / bound
  std::string reason;  ///< of the first case that was not applicable
  std::string fault;   ///< of the first that the harness failed on
  std::optional<FoundViolation> violation;
};

/// A case within a session's sequence.
struct CaseNumber {
  int phase = 0;
  int64_t item = 0;
  int64_t sub = 0;

  [[nodiscard]] bool operator==(const CaseNumber&) const = default;
};

struct KernelRecord {
  std::vector<Standing> laws;  ///< in the order in which they were asked for
  int64_t cases = 0;           ///< that came to be judged
  double seconds = 0;          ///< spent on judging
  Coverage coverage;
  int64_t covering_done = 0, small_world_done = 0, random_done = 0, huge_done = 0;
  std::vector<HugeOmission> huge_omissions;

  int phase = 0;     ///< where to go on
  int64_t item = 0;  ///< within the phase
  double budget_spent_s = 0;
  std::vector<CaseNumber> lethal;    ///< cases on which the kernel died: they are given no second time
  int64_t hangs = 0;                 ///< of these, those that did not end in time
  std::string cut_short;             ///< why the kernel was judged no further; empty where it was not cut short
  std::vector<std::string> remarks;  ///< what is worth a line and no fault
  bool done = false;

  [[nodiscard]] bool is_violated() const;

  /// Adds what another part of the session found about the same laws of the same kernel, which came later.
  void absorb(const KernelRecord& later);
};

/// As text and back, without loss. The text holds no line break. Throws std::runtime_error where it is not such a text.
[[nodiscard]] std::string to_text(const KernelRecord& record);
[[nodiscard]] KernelRecord record_of(std::string_view text);

}  // namespace convcheck
