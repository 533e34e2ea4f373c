// The huge cases of a session: all kernels on each of them, one call at a time.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "harness/docket.h"
#include "properties/corpus.h"

namespace convcheck {

class HugeCases {
 public:
  /// `dockets` must outlive this.
  HugeCases(std::span<const std::unique_ptr<Docket>> dockets, uint64_t seed);

  /// Judges every kernel that has a law left on the case, with data of the session's seed. The data are made once for
  /// all kernels of one accuracy. Nothing else may run beside it.
  void judge(const CorpusEntry& entry);

  /// Cases on which the kernel of docket number `i` was judged.
  [[nodiscard]] int64_t judged(size_t i) const { return judged_[i]; }

  /// Where a kernel was not judged though it may serve the problem, and why.
  [[nodiscard]] const std::vector<HugeOmission>& omissions() const { return omissions_; }

 private:
  void judge_at(const CorpusEntry& entry, const Case& c, Accuracy accuracy);
  [[nodiscard]] std::vector<Accuracy> accuracies(const Case& c) const;

  std::span<const std::unique_ptr<Docket>> dockets_;
  uint64_t seed_;
  std::vector<int64_t> judged_;
  std::vector<HugeOmission> omissions_;
};

}  // namespace convcheck
