// One kernel on one case: the call, the data and the reference, each made once however many laws ask for it.
#pragma once

#include <memory>
#include <optional>

#include "properties/subject.h"
#include "reference/compare.h"

namespace convcheck {

/// Above this many multiply-adds only kSampledOutputs outputs, chosen by seed, are computed by the reference; the
/// checksum judges the others.
inline constexpr int64_t kWholeReferenceLimit = 20'000'000;
inline constexpr int64_t kSampledOutputs = 1024;

/// Fills data for the case and computes what a right kernel of that accuracy makes of them, reusing memory. Empty where
/// that is done; else why the case's fill cannot judge its problem at that accuracy. Requires a valid problem of
/// spatial rank 2.
[[nodiscard]] std::string_view expect(const Case& c, Accuracy accuracy, Expectation& result);

/// Which end of its tensors a case's calls have flush against a guard: they take turns with the seed and with the fill,
/// so that a replay, and mostly a shrunk case, has the same.
[[nodiscard]] Flush flush_of(const Case& c);

/// Memory that trials reuse, one per thread.
struct Scratch {
  Expectation expectation;
  Tensor output;
  Comparison comparison;
  GuardedMemory memory;
  Workspace workspace;             ///< of calls elsewhere than in guarded memory
  std::unique_ptr<Scratch> inner;  ///< of trials that a law makes itself; see Trial::inner_scratch()
};

class Trial {
 public:
  /// The case's problem must be valid and of spatial rank 2 unless the law at hand takes invalid ones. `shared` may
  /// hold the case's expectation at the kernel's accuracy, computed before. All four must outlive the trial.
  Trial(const Subject& subject, const Case& c, Scratch& scratch, const Expectation* shared = nullptr);

  [[nodiscard]] const Subject& subject() const { return subject_; }
  [[nodiscard]] const Case& the_case() const { return case_; }
  [[nodiscard]] const Problem& problem() const { return case_.problem; }
  [[nodiscard]] Scratch& scratch() const { return scratch_; }
  [[nodiscard]] Accuracy accuracy() const { return accuracy_; }
  /// For one trial at a time that is made to judge this one, with the same guards.
  [[nodiscard]] Scratch& inner_scratch() const;

  /// The expectation, or null where this fill cannot judge the problem: why_not_judged() then says why.
  [[nodiscard]] const Expectation* expectation();
  [[nodiscard]] std::string_view why_not_judged() const { return why_not_judged_; }

  /// The kernel's answer to the case; its output is in output(). The call is made the first time. Requires
  /// expectation().
  [[nodiscard]] const CallResult& result();
  [[nodiscard]] const Tensor& output() const { return scratch_.output; }

  /// Calls the kernel on another problem with other data, in the same memory: what result() was given is no more.
  [[nodiscard]] CallResult call_other(const Problem& problem, const Data& data, Tensor& output);

  /// Calls the kernel on the case again, otherwise set. Requires expectation().
  [[nodiscard]] CallResult call_again(const CallSetting& setting, Tensor& output);

 private:
  const Subject& subject_;
  const Case& case_;
  Scratch& scratch_;
  Accuracy accuracy_;
  const Expectation* expectation_ = nullptr;
  bool expected_ = false;
  std::string_view why_not_judged_;
  std::optional<CallResult> result_;
};

}  // namespace convcheck
