// Runs pieces of work in children of their own, and goes on when one of them dies.
//
// Whoever calls run_in_children() forks, so it must have no other thread: a session forks a process for that alone,
// which never loads a kernel.
#pragma once

#include <atomic>
#include <functional>
#include <span>
#include <string>

#include "harness/inmate.h"

namespace convcheck {

/// How a child ended that had not finished.
struct Death {
  enum class How { exited, killed_by_signal, overran, forked, wants_another };
  How how = How::exited;
  int number = 0;            ///< exit status, or signal
  double limit_s = 0;        ///< of overran: what the call was given
  std::string printed = {};  ///< the last that it printed, on the case that it was at

  /// Killed by somebody else, such as an operator or a machine that is out of memory.
  [[nodiscard]] bool is_from_outside() const;
};

class Work {
 public:
  virtual ~Work() = default;

  [[nodiscard]] FlightRecord& flight() { return *reinterpret_cast<FlightRecord*>(flight_.data()); }
  [[nodiscard]] Checkpoint& checkpoint() { return checkpoint_; }
  /// Whether processes that are forked from now on have these two: no other child is to spoil them.
  void hand_down(bool is_handed_down) {
    flight_.hand_down(is_handed_down);
    checkpoint_.hand_down(is_handed_down);
  }

  /// The next child is given so many times the usual limit.
  [[nodiscard]] double patience() const { return patience_; }

  /// In the child, from the checkpoint on.
  virtual void run(Inmate& inmate) = 0;

  /// In the parent, when a child died: makes of it what it is, in the checkpoint. False where no other child is to go
  /// on.
  virtual bool after(const Death& death) = 0;

  /// In the parent, when a child ended in which a kernel had forked: the flight record tells on which case.
  virtual void after_duplication() {}

 protected:
  double patience_ = 1;

 private:
  SharedMemory flight_{sizeof(FlightRecord)};
  Checkpoint checkpoint_;
};

struct SandboxOptions {
  int jobs = 1;
  Limits limits;
  const std::atomic<bool>* stop = nullptr;  ///< once true no child is started, and those that run have a moment to end
  std::function<void()> now_and_then = {};  ///< some fifty times a second
  std::function<void()> in_child = {};      ///< first of all, in each child
};

/// Until all work is done. Where no child can be forked it waits for others to end; throws std::system_error where
/// there are none.
void run_in_children(std::span<Work* const> work, const SandboxOptions& options);

}  // namespace convcheck
