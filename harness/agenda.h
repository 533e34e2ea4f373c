// What a session judges kernels on, in which order, made once and shared by all kernels.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "harness/docket.h"
#include "harness/session.h"
#include "harness/shared_sums.h"
#include "properties/covering_array.h"

namespace convcheck {

/// A problem that is judged once it is known what a right kernel makes of it, and what it stands for: a network's layer
/// or a large case of the corpus.
struct DearProblem {
  Problem problem;
  std::string source;
  Depth depth;
  std::vector<Fill> fills;
  uint64_t seed;
};

/// Told where the judging of a kernel is: before each case, and between items of the sequence, where it could go on
/// later. A sandbox overrides what it needs.
class JudgingWatch {
 public:
  virtual ~JudgingWatch() = default;
  virtual void on_case(const CaseNumber& /*number*/, const Case& /*c*/, std::string_view /*source*/,
                       const KernelRecord& /*record*/) {}
  /// The record is whole. Called often.
  virtual void on_item(const KernelRecord& /*record*/) {}
  /// What begins, for people.
  virtual void on_progress(const std::string& /*line*/) {}
};

/// Immutable but for the sums that children share.
class Agenda {
 public:
  /// `options` must outlive this. Makes the covering arrays where there is time for them.
  explicit Agenda(const SessionOptions& options);

  [[nodiscard]] const SessionOptions& options() const { return options_; }
  [[nodiscard]] const std::vector<CoveringArray>& covering() const { return covering_; }
  [[nodiscard]] const std::vector<DearProblem>& dear() const { return dear_; }
  [[nodiscard]] int64_t network_problems() const { return network_problems_; }

  /// Corpus, statistical sets, covering arrays, small world and random cases, from where the record stands.
  void judge(Docket& docket, KernelRecord& record, JudgingWatch& watch) const;

  /// The dear problems number `part`, `part` + `parts`, ... likewise.
  void judge_dear(int part, int parts, Docket& docket, KernelRecord& record, JudgingWatch& watch) const;

  /// The huge cases. Nothing else may run beside it.
  void judge_huge(Docket& docket, KernelRecord& record, JudgingWatch& watch) const;

 private:
  void find_dear_problems();

  const SessionOptions& options_;
  std::vector<CoveringArray> covering_;
  std::vector<DearProblem> dear_;
  int64_t network_problems_ = 0;
  std::unique_ptr<SharedSums> sums_;
};

}  // namespace convcheck
