// Whoever watches over a kernel while it runs: a sandbox is told of every call before it begins and after it ends.
#pragma once

#include <string_view>

namespace convcheck {

class ProcessState;

class CallWatch {
 public:
  virtual ~CallWatch() = default;
  /// A kernel's entry is about to be called by this thread. Laws about threads call several at once.
  virtual void enter() = 0;
  /// It has returned, or thrown.
  virtual void leave() = 0;
  /// What is peculiar about the calls that follow, in words, for whoever reports that one of them never came back;
  /// empty once that is over. `what` lives no longer than this call.
  virtual void note(std::string_view /*what*/) {}
  /// How the process was before the kernel was first called, to be compared with; null where nobody looked. It must
  /// hold whatever the watcher itself has changed since.
  [[nodiscard]] virtual const ProcessState* state_before_any_call() const { return nullptr; }
};

/// A call into a kernel, for as long as this lives. `watch` may be null.
class WatchedCall {
 public:
  explicit WatchedCall(CallWatch* watch) : watch_(watch) {
    if (watch_ != nullptr) watch_->enter();
  }
  WatchedCall(const WatchedCall&) = delete;
  WatchedCall& operator=(const WatchedCall&) = delete;
  ~WatchedCall() {
    if (watch_ != nullptr) watch_->leave();
  }

 private:
  CallWatch* watch_;
};

}  // namespace convcheck
