// What a process is to its surroundings, so far as a kernel has no business to change it.
#pragma once

#include <sched.h>
#include <sys/resource.h>
#include <sys/time.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

namespace convcheck {

/// Signal handlers, the calling thread's signal mask and affinity, interval timers (alarm's is one), umask, working
/// directory, limits, environment and open files, as they were at one moment.
class ProcessState {
 public:
  /// Takes some 50 microseconds. Of all threads, so that what another one is about at the time is seen as well.
  [[nodiscard]] static ProcessState now();

  /// What is otherwise now than it was in `before`, each thing in words: "the handler of signal 11 (Segmentation
  /// fault)". Empty where all is as it was. A timer that was running may have run on.
  [[nodiscard]] std::vector<std::string> changes_since(const ProcessState& before) const;

 private:
  struct File {
    int descriptor;
    uint64_t device, inode;
    [[nodiscard]] bool operator==(const File&) const = default;
  };
  static constexpr int kSignals = 65;  // 1 to 64
  static constexpr int kTimers = 3;
  static constexpr int kLimits = RLIM_NLIMITS;

  void describe_files(const ProcessState& before, std::vector<std::string>& changes) const;
  void describe_signals(const ProcessState& before, std::vector<std::string>& changes) const;
  void describe_limits(const ProcessState& before, std::vector<std::string>& changes) const;
  void describe_environment(const ProcessState& before, std::vector<std::string>& changes) const;

  std::array<struct sigaction, kSignals> handlers_{};
  sigset_t mask_{};
  cpu_set_t affinity_{};
  std::array<itimerval, kTimers> timers_{};
  std::array<rlimit, kLimits> limits_{};
  std::string umask_;
  std::string directory_;
  std::vector<std::string> environment_;
  std::vector<File> files_;
};

/// Open descriptors of this process, in ascending order; empty where the system does not list them.
[[nodiscard]] std::vector<int> open_descriptors();

}  // namespace convcheck
