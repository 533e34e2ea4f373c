// One call of a kernel through the ABI, from `supports` to `release`, with the memory that it is given.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>

#include "properties/call_watch.h"
#include "properties/floating_control.h"
#include "properties/guarded_memory.h"
#include "reference/fill.h"

namespace convcheck {

/// A kernel under judgement. `serial` is held during every call into it; null where the library's kernels all promise
/// to be thread-safe. `watch` is told of every call; null where nobody watches.
struct Subject {
  const convcheck_kernel* kernel = nullptr;
  std::mutex* serial = nullptr;
  CallWatch* watch = nullptr;

  [[nodiscard]] bool promises(uint32_t flags) const { return (kernel->promises & flags) == flags; }
};

/// The accuracy that a kernel's declared algorithm stands for on a problem.
[[nodiscard]] Accuracy accuracy_of(const convcheck_kernel& kernel, const Geometry& g);

/// Empty where the kernel's values can be judged; else why not: an algorithm or a tile without a derived bound.
[[nodiscard]] std::string why_values_are_not_judged(const convcheck_kernel& kernel);

/// Where a call ended.
enum class Stage { supports, workspace, prepare, run };

/// What a call answered. The status is kept as it came: a kernel may answer anything. Where it threw there is none.
struct CallResult {
  int32_t status = CONVCHECK_OK;
  Stage stage = Stage::run;
  bool threw = false;
  FloatingControl before{}, after{};  ///< of this thread; what a call changed is set back
  // Of calls in guarded memory alone:
  CallMemory at{};             ///< the addresses that the kernel was given: the next call may use them again
  size_t workspace_bytes = 0;  ///< that it asked for
  Noticed noticed{};

  [[nodiscard]] bool ok() const { return status == CONVCHECK_OK && !threw; }
};

/// "REJECTED from prepare", "status 7 (none of the ABI's) from run", "an exception from run".
[[nodiscard]] std::string describe(const CallResult& result);

/// True for kPoison.
[[nodiscard]] bool is_poison(float value);
void poison(Tensor& tensor);

/// Bytes aligned to 64 with anything in them, grown and never shrunk.
class Workspace {
 public:
  Workspace() = default;
  /// Gives no more than `most` bytes.
  explicit Workspace(size_t most) : most_(most) {}

  /// What is in it from now on: 0xFF unless told otherwise, which makes each float a NaN.
  void fill_with(unsigned char byte) { byte_ = byte; }

  /// `bytes` bytes filled with that; null for 0 bytes, and where there is not that much memory.
  [[nodiscard]] void* poisoned(size_t bytes);

 private:
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  std::unique_ptr<void, Free> memory_;
  size_t bytes_ = 0;
  unsigned char byte_ = 0xFF;
  size_t most_ = size_t{1} << 39;  // more than any machine has for one call
};

/// Runs the kernel on a valid problem: supports, workspace_bytes, prepare, run, release. The output holds what it held
/// wherever nothing was written.
[[nodiscard]] CallResult call(const Subject& subject, const Problem& problem, const CallMemory& memory,
                              Workspace& workspace);

/// The same with tensors, which the kernel is given as they are: `output` takes the problem's shape and holds poison
/// wherever nothing was written. `data` is read only.
[[nodiscard]] CallResult call(const Subject& subject, const Problem& problem, const Data& data, Tensor& output,
                              Workspace& workspace);

/// The same in guarded memory, to which the data are copied and from which the output's span is, gaps included. Where
/// there is not that much memory for the workspace the result is FAILED from the allocation. Throws std::runtime_error
/// where there is none for the tensors.
[[nodiscard]] CallResult call(const Subject& subject, const Problem& problem, const Data& data, Tensor& output,
                              GuardedMemory& memory, const CallSetting& setting = {});

}  // namespace convcheck
