// The judging of one kernel: which laws it claims, how each stands, and what was found.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/standing.h"
#include "properties/huge.h"

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

/// What became of a huge case.
struct HugeOutcome {
  bool is_judged = false;
  bool is_served = true;  ///< false where the kernel answered UNSUPPORTED
  std::string why_not;    ///< where it is not judged
};

/// Told the number of the law that is about to judge, of those that the docket was given.
using JudgesNow = std::function<void(size_t law)>;

/// Told when a law is violated, once the record says so.
using ViolatedNow = std::function<void()>;

/// What the kernel has printed since the case began that it is given; empty where it printed nothing.
using PrintedNow = std::function<std::string()>;

/// Whether a smaller case fails as well, by `fails` or by what is known already: in a sandbox the kernel may have died
/// on it.
using TriedBefore = std::function<bool(const Case& c, const std::function<bool()>& fails)>;

/// One thread at a time.
class Docket {
 public:
  /// `selected` are the laws asked for, and `record` says how they stand: a new one, or that of another docket of the
  /// same kernel and laws. All must outlive the docket.
  Docket(const Subject& subject, const std::vector<const Law*>& selected, KernelRecord& record);

  /// Nothing is left to be judged once all of these laws are violated that were asked for and are claimed.
  void let_these_be_enough(const std::vector<std::string>& laws);

  [[nodiscard]] const Subject& subject() const { return subject_; }
  [[nodiscard]] bool is_violated() const { return record_.is_violated(); }

  /// Findings quote what was printed; without this they do not.
  void quote(PrintedNow printed) { printed_now_ = std::move(printed); }

  void on_judging(JudgesNow judges_now) { judges_now_ = std::move(judges_now); }
  void on_violation(ViolatedNow violated_now) { violated_now_ = std::move(violated_now); }

  /// True where the kernel touched memory that is not its own.
  [[nodiscard]] bool is_violated_by_touching() const;

  /// Judges the case by every claimed, not yet violated law of that depth that takes it. A violation is kept as it was
  /// found; its law judges no more. `shared` as in Trial.
  void judge_case(const Case& c, Depth depth, std::string_view source, Scratch& scratch,
                  const Expectation* shared = nullptr);

  /// Judges a huge case by every claimed, not yet violated law that judges_huge(). `expected` as in HugeTrial; one call
  /// at a time in a process.
  [[nodiscard]] HugeOutcome judge_huge(const Case& c, std::string_view source, const HugeExpectation& expected);

  /// True where a law is left that judge_huge() would judge by.
  [[nodiscard]] bool wants_huge() const;

  /// True where a law is left that judge_case() would judge this valid case by.
  [[nodiscard]] bool wants(const Case& c, Depth depth) const;

  /// True where no law is left to be judged: all are violated or not claimed, or those that are enough are violated.
  [[nodiscard]] bool is_decided() const;

  /// Shrinks the violation of law number `number`, where it has one that is not shrunk yet. `tried` as above; empty
  /// where nothing is known beforehand.
  void shrink_violation(size_t number, Scratch& scratch, const TriedBefore& tried = {});
  void shrink_violations(Scratch& scratch);

  /// Says of violations of value and structure laws, and of outputs left unwritten, how the kernel behaves, where that
  /// can be said: one search over the failing cases of all of them, those above kMostMultipliesPredicted left out. To
  /// be called once, when judging is over; calls the kernel.
  void name_theory();

 private:
  [[nodiscard]] bool is_open(size_t law) const;
  /// Counts what `judge` says of the case, and keeps the finding where it is the law's first.
  void judge_entry(size_t law, const Case& c, std::string_view source, const std::function<Judgement()>& judge);

  [[nodiscard]] Finding with_what_was_printed(Finding finding) const;

  const Subject& subject_;
  const std::vector<const Law*>& laws_;
  KernelRecord& record_;
  std::vector<char> is_claimed_;
  std::vector<size_t> enough_;  // numbers of laws
  JudgesNow judges_now_;
  ViolatedNow violated_now_;
  PrintedNow printed_now_;
};

/// The report on a kernel and the laws that it was judged by.
[[nodiscard]] KernelReport report_of(const convcheck_kernel& kernel, const std::string& library,
                                     const std::vector<const Law*>& laws, const KernelRecord& record,
                                     const ReplayForm& replay);

}  // namespace convcheck
