// The judging of one kernel: which laws it claims, how each stands, and what was found.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harness/report.h"
#include "properties/huge.h"
#include "properties/law.h"

namespace convcheck {

/// How a violation is to be repeated: what stands before and behind the case in the command.
struct ReplayForm {
  std::string program = "convcheck";
  std::string library;  ///< empty for linked kernels
};

/// Which laws judge a case.
enum class Depth {
  single_call,  ///< those that share one plain call
  values,       ///< those about values
  all,
};

/// What is done with a violation: a report wants the smallest case, an audit only that there is one.
enum class WhenViolated { shrink, keep_as_found };

/// What became of a huge case.
struct HugeOutcome {
  bool is_judged = false;
  bool is_served = true;  ///< false where the kernel answered UNSUPPORTED
  std::string why_not;    ///< where it is not judged
};

class Docket {
 public:
  /// `selected` are the laws asked for. `subject` must outlive the docket.
  Docket(const Subject& subject, std::string library, const std::vector<const Law*>& selected, ReplayForm replay,
         WhenViolated when_violated = WhenViolated::shrink);

  [[nodiscard]] const Subject& subject() const { return subject_; }
  [[nodiscard]] bool is_violated() const { return is_violated_; }

  /// Judges the case by every claimed, not yet violated law of that depth that takes it. A violation is shrunk where
  /// that is asked for, and kept; its law judges no more. `shared` as in Trial. Thread-safe, with a scratch of the
  /// caller's own.
  void judge_case(const Case& c, Depth depth, std::string_view source, Scratch& scratch,
                  const Expectation* shared = nullptr);

  /// Judges a huge case by every claimed, not yet violated law that judges_huge(). A violation is kept as it was found:
  /// nothing smaller would be huge. `expected` as in HugeTrial; one call at a time in a process.
  [[nodiscard]] HugeOutcome judge_huge(const Case& c, std::string_view source, const HugeExpectation& expected);

  /// True where a law is left that judge_huge() would judge by.
  [[nodiscard]] bool wants_huge() const;

  /// True where a law is left that judge_case() would judge this valid case by.
  [[nodiscard]] bool wants(const Case& c, Depth depth) const;

  /// True where no law is left to be judged: all are violated or not claimed.
  [[nodiscard]] bool is_decided() const;

  /// Says of violations of value and structure laws, and of outputs left unwritten, how the kernel behaves, where that
  /// can be said: one search over the failing cases of all of them, those above kMostMultipliesPredicted left out. To
  /// be called once, when judging is over and before report(); calls the kernel.
  void name_theory();

  [[nodiscard]] KernelReport report() const;

 private:
  struct Entry {
    const Law* law;
    std::string not_claimed;
    std::atomic<bool> is_closed = false;
    // Guarded by mutex_:
    int64_t cases = 0;
    int64_t asked = 0;
    double seconds = 0;
    double worst = 0;
    std::string reason;
    std::string fault;
    std::optional<Violation> violation;
  };

  /// The law's first violation, and what had been judged until then.
  struct Found {
    Finding finding;
    int64_t cases;
    double seconds;
  };

  void count_case();
  /// Counts what `judge` says of the case. The finding where it is the law's first.
  [[nodiscard]] std::optional<Found> judge_entry(Entry& entry, const Case& c, const std::function<Judgement()>& judge);
  void keep(Entry& entry, Violation violation, const Found& found);
  [[nodiscard]] Violation shrunk_violation(const Law& law, const Case& c, const Finding& finding,
                                           std::string_view source);
  [[nodiscard]] Violation violation_of(const Law& law, const Case& smallest, const Case& c, const Finding& finding,
                                       std::string_view source) const;
  [[nodiscard]] std::string replay_command(const Law& law, const Case& c) const;
  [[nodiscard]] std::string keep_command(const Law& law, const Case& c) const;

  const Subject& subject_;
  std::string library_;
  ReplayForm replay_;
  WhenViolated when_violated_;
  std::atomic<bool> is_violated_ = false;
  mutable std::mutex mutex_;
  int64_t cases_ = 0;   ///< that came to be judged; guarded by mutex_
  double seconds_ = 0;  ///< spent judging; guarded by mutex_
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace convcheck
