// Huge problems: tensors beyond 2^31 bytes or elements, judged on sampled outputs.
//
// Index arithmetic in 32 bits goes wrong there and nowhere else, and data of that size cannot be filled and compared
// element by element in reasonable time and memory. So input and weight are periodic (periodic_memory.h), filled with
// integers that keep every right sum exact (fill.h), and a few thousand outputs are compared with the naive convolution
// of the same memory: the corners, those around the edges of 32-bit arithmetic, and others from everywhere.
//
// What it sees: a wrong index that reads another place of the block changes the output unless the values there happen
// to be equal, with probability 1 / (2 M) where it is one product, M being the largest of the integers. What it cannot
// see: outputs that are not sampled, and indices that are wrong by a multiple of the block, 16381 pages.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "properties/law.h"
#include "properties/periodic_memory.h"

namespace convcheck {

/// The most memory that a huge case takes, whatever the machine has.
inline constexpr int64_t kHugeMemory = int64_t{24} << 30;

/// Outputs that are judged beside those at corners and edges.
inline constexpr int64_t kHugeSpread = 4096;

/// True where a tensor spans more than 2^31 bytes, or the patch matrix of an image (in_channels * kernel * output
/// pixels) has more than 2^31 elements: such a problem is judged here and nowhere else. Requires a valid problem.
[[nodiscard]] bool is_huge(const Problem& problem);

/// The data of a huge case and what a right kernel of that accuracy makes of them, for any number of kernels in turn.
struct HugeExpectation {
  Geometry g{};
  Accuracy accuracy;
  PeriodicMemory input, weight, bias;
  std::vector<int64_t> indices;  ///< logical positions in the output, ascending
  std::vector<Sum> sums;         ///< the outputs there
};

/// Maps and fills the data and computes the sampled outputs. Empty where that is done, else why this case cannot be
/// judged. Requires a valid problem.
[[nodiscard]] std::string expect_huge(const Case& c, Accuracy accuracy, HugeExpectation& result);

/// True for the laws that judge huge cases: those that need no more than one call and its sampled outputs.
[[nodiscard]] bool judges_huge(const Law& law);

/// One kernel on one huge case. It takes as much memory as there is, up to its limit: one at a time in a process.
class HugeTrial {
 public:
  /// `expected` is the case's at the kernel's accuracy. All must outlive the trial. Requires a valid problem.
  HugeTrial(const Subject& subject, const Case& c, const HugeExpectation& expected, int64_t most_bytes = kHugeMemory);

  /// Judges by the law; the call is made the first time. Not applicable where memory does not suffice, for the output,
  /// the workspace or whatever else the kernel asks for. The reason lives as long as the trial. Requires
  /// judges_huge(law) and that the kernel claims the law.
  [[nodiscard]] Judgement judge(const Law& law);

  /// False where the kernel was called and answered UNSUPPORTED.
  [[nodiscard]] bool is_served() const { return !result_ || result_->status != CONVCHECK_UNSUPPORTED; }

 private:
  void call_once();
  void call_within(int64_t bytes);
  void poison_samples();
  [[nodiscard]] Judgement judge_samples(bool only_written) const;

  const Subject& subject_;
  const Case& case_;
  const HugeExpectation& expected_;
  int64_t most_bytes_;
  OutputMemory output_;
  std::vector<int64_t> offsets_;  // of the sampled outputs
  std::optional<CallResult> result_;
  std::string why_not_called_;
  std::string why_not_judged_;
};

}  // namespace convcheck
