// The entries of a kernel, called one by one: where a law is about more than one plain call, which is in subject.h.
#pragma once

#include <mutex>

#include "properties/laws/runs.h"

namespace convcheck::judges {

/// Each call is watched and what it throws is caught. Calls may be made by several threads at once, where the kernel
/// promises that.
class Entries {
 public:
  /// Holds the subject's `serial` as long as it lives: nothing else may call the kernel's library by subject.h then.
  explicit Entries(const Subject& subject);

  [[nodiscard]] const convcheck_kernel& kernel() const { return kernel_; }

  /// Requires that the kernel has the entry.
  [[nodiscard]] CallResult supports(const convcheck_problem& problem) const;
  [[nodiscard]] CallResult prepare(const convcheck_problem& problem, const convcheck_buffers& buffers,
                                   void*& plan) const;
  [[nodiscard]] CallResult run(const convcheck_problem& problem, const convcheck_buffers& buffers) const;
  /// 0 where the kernel has no such entry. `threw` is set where it throws.
  [[nodiscard]] size_t workspace_bytes(const convcheck_problem& problem, bool& threw) const;
  /// Does nothing where the kernel has no such entry. True where it returned.
  bool release(void* plan) const;

  /// From workspace_bytes() to release() on a problem that `supports` accepts, writing to buffers.output.
  [[nodiscard]] CallResult call(const convcheck_problem& problem, convcheck_buffers buffers,
                                Workspace& workspace) const;

 private:
  const convcheck_kernel& kernel_;
  CallWatch* watch_;
  std::unique_lock<std::mutex> alone_;
};

/// Buffers of the data and that output, without workspace and plan. What is only read is not to be written.
[[nodiscard]] convcheck_buffers buffers_of(const Data& data, Tensor& output);

/// What `prepare` sees of a call's buffers: weight and bias alone.
[[nodiscard]] convcheck_buffers seen_by_prepare(const convcheck_buffers& buffers);

/// REJECTED or UNSUPPORTED.
[[nodiscard]] bool is_refusal(const CallResult& result);

}  // namespace convcheck::judges
