#include "properties/process_state.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

namespace convcheck {
namespace {

std::string current_directory() {
  std::array<char, PATH_MAX> path{};
  return getcwd(path.data(), path.size()) == nullptr ? std::string() : std::string(path.data());
}

// umask() tells the old one by setting a new one, which another thread might meet.
std::string current_umask() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Umask:")) return line;
  }
  return {};
}

std::vector<std::string> current_environment() {
  std::vector<std::string> result;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) result.emplace_back(*entry);
  return result;
}

std::string name_of(const std::string& entry) {
  return entry.substr(0, entry.find('='));
}

// Real-time signals have no text of their own.
std::string describe_signal(int signal) {
  const char* const text = sigdescr_np(signal);
  return text == nullptr ? fmt::format("signal {}", signal) : fmt::format("signal {} ({})", signal, text);
}

// SA_RESTORER, which the C library sets with every handler that it installs and which no header of it names: a handler
// that was put back is the same with it as without.
constexpr int kSetByTheLibrary = 0x04000000;

bool is_same(const struct sigaction& a, const struct sigaction& b) {
  const bool same_function =
      (a.sa_flags & SA_SIGINFO) != 0 ? a.sa_sigaction == b.sa_sigaction : a.sa_handler == b.sa_handler;
  return (a.sa_flags | kSetByTheLibrary) == (b.sa_flags | kSetByTheLibrary) && same_function;
}

bool is_armed(const itimerval& timer) {
  return timer.it_value.tv_sec != 0 || timer.it_value.tv_usec != 0;
}

bool is_later(const timeval& a, const timeval& b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_usec > b.tv_usec;
}

// A timer that repeats starts anew now and then.
bool is_same_or_ran_on(const itimerval& now, const itimerval& before) {
  const bool repeats = before.it_interval.tv_sec != 0 || before.it_interval.tv_usec != 0;
  return now.it_interval.tv_sec == before.it_interval.tv_sec && now.it_interval.tv_usec == before.it_interval.tv_usec &&
         is_armed(now) == is_armed(before) && (repeats || !is_later(now.it_value, before.it_value));
}

}  // namespace

std::vector<int> open_descriptors() {
  std::vector<int> result;
  DIR* const folder = opendir("/proc/self/fd");
  if (folder == nullptr) return result;
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] == '.') continue;
    const int descriptor = static_cast<int>(std::strtol(entry->d_name, nullptr, 10));
    if (descriptor != dirfd(folder)) result.push_back(descriptor);
  }
  closedir(folder);
  std::sort(result.begin(), result.end());
  return result;
}

ProcessState ProcessState::now() {
  ProcessState state;
  for (int signal = 1; signal < kSignals; ++signal) {
    // What the C library keeps for itself cannot be asked for and stays zero.
    sigaction(signal, nullptr, &state.handlers_[static_cast<size_t>(signal)]);
  }
  pthread_sigmask(SIG_SETMASK, nullptr, &state.mask_);
  sched_getaffinity(0, sizeof(state.affinity_), &state.affinity_);
  for (int timer = 0; timer < kTimers; ++timer) {
    getitimer(static_cast<__itimer_which_t>(timer), &state.timers_[static_cast<size_t>(timer)]);
  }
  for (int limit = 0; limit < kLimits; ++limit) {
    getrlimit(static_cast<__rlimit_resource_t>(limit), &state.limits_[static_cast<size_t>(limit)]);
  }
  state.umask_ = current_umask();
  state.directory_ = current_directory();
  state.environment_ = current_environment();
  for (const int descriptor : open_descriptors()) {
    struct stat file = {};
    if (fstat(descriptor, &file) == 0) state.files_.push_back({descriptor, file.st_dev, file.st_ino});
  }
  return state;
}

std::vector<std::string> ProcessState::changes_since(const ProcessState& before) const {
  constexpr std::array<const char*, kTimers> kTimerNames = {"the timer of real time, which is alarm's too",
                                                            "the timer of user time", "the profiling timer"};
  std::vector<std::string> changes;
  describe_signals(before, changes);
  if (CPU_EQUAL(&affinity_, &before.affinity_) == 0) changes.emplace_back("the affinity of the calling thread");
  for (size_t timer = 0; timer < kTimers; ++timer) {
    if (!is_same_or_ran_on(timers_.at(timer), before.timers_.at(timer))) changes.emplace_back(kTimerNames.at(timer));
  }
  if (umask_ != before.umask_) changes.emplace_back("the umask");
  if (directory_ != before.directory_) changes.emplace_back("the working directory");
  describe_limits(before, changes);
  describe_environment(before, changes);
  describe_files(before, changes);
  return changes;
}

void ProcessState::describe_signals(const ProcessState& before, std::vector<std::string>& changes) const {
  for (size_t signal = 1; signal < kSignals; ++signal) {
    if (is_same(handlers_.at(signal), before.handlers_.at(signal))) continue;
    changes.push_back("the handler of " + describe_signal(static_cast<int>(signal)));
  }
  for (int signal = 1; signal < kSignals; ++signal) {
    if (sigismember(&mask_, signal) == sigismember(&before.mask_, signal)) continue;
    changes.push_back(describe_signal(signal) + " in the signal mask");
  }
}

void ProcessState::describe_limits(const ProcessState& before, std::vector<std::string>& changes) const {
  for (size_t limit = 0; limit < kLimits; ++limit) {
    const rlimit& then = before.limits_.at(limit);
    const rlimit& since = limits_.at(limit);
    if (since.rlim_cur == then.rlim_cur && since.rlim_max == then.rlim_max) continue;
    changes.push_back(fmt::format("the resource limit number {} of sys/resource.h", limit));
  }
}

void ProcessState::describe_environment(const ProcessState& before, std::vector<std::string>& changes) const {
  if (environment_ == before.environment_) return;
  const auto lacks = [](const std::vector<std::string>& list, const std::string& entry) {
    return std::find(list.begin(), list.end(), entry) == list.end();
  };
  std::vector<std::string> names;
  for (const std::string& entry : environment_) {
    if (lacks(before.environment_, entry)) names.push_back(name_of(entry));
  }
  for (const std::string& entry : before.environment_) {
    if (lacks(environment_, entry) && lacks(names, name_of(entry))) names.push_back(name_of(entry));
  }
  // A mere change of order is nobody's concern.
  for (const std::string& name : names) changes.push_back("the environment variable " + name);
}

void ProcessState::describe_files(const ProcessState& before, std::vector<std::string>& changes) const {
  const auto find = [](const std::vector<File>& files, int descriptor) {
    return std::find_if(files.begin(), files.end(), [=](const File& file) { return file.descriptor == descriptor; });
  };
  for (const File& file : files_) {
    const auto then = find(before.files_, file.descriptor);
    if (then == before.files_.end()) {
      changes.push_back(fmt::format("descriptor {}, which is left open", file.descriptor));
    } else if (*then != file) {
      changes.push_back(fmt::format("descriptor {}, which is another file now", file.descriptor));
    }
  }
  for (const File& file : before.files_) {
    if (find(files_, file.descriptor) == files_.end()) {
      changes.push_back(fmt::format("descriptor {}, which is closed", file.descriptor));
    }
  }
}

}  // namespace convcheck
