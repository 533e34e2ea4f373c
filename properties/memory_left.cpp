#include "properties/memory_left.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace convcheck {
namespace {

constexpr int64_t kNone = -1;
constexpr int64_t kKiB = 1024;

// The number behind `name` in a file of lines "NAME NUMBER ..."; the first of the file where `name` is empty. kNone
// where there is none.
int64_t number_in(const char* path, const std::string& name) {
  std::ifstream file(path);
  int64_t value = 0;
  if (name.empty()) return file >> value ? value : kNone;
  for (std::string word; file >> word; file.ignore(std::numeric_limits<std::streamsize>::max(), '\n')) {
    if (word == name) return file >> value ? value : kNone;
  }
  return kNone;
}

// Of the control group (cgroup v2), whose files that are cached can be given up.
int64_t group_left() {
  constexpr const char* kStatistics = "/sys/fs/cgroup/memory.stat";
  const int64_t most = number_in("/sys/fs/cgroup/memory.max", "");
  const int64_t current = number_in("/sys/fs/cgroup/memory.current", "");
  if (most == kNone || current == kNone) return INT64_MAX;
  const int64_t cached = number_in(kStatistics, "inactive_file") + number_in(kStatistics, "active_file");
  return most - (current - std::max<int64_t>(cached, 0));
}

}  // namespace

int64_t memory_left() {
  const int64_t machine = number_in("/proc/meminfo", "MemAvailable:");
  return std::max<int64_t>(0, std::min(machine == kNone ? INT64_MAX : machine * kKiB, group_left()));
}

int64_t memory_taken() {
  return std::max<int64_t>(0, number_in("/proc/self/status", "RssAnon:")) * kKiB;
}

MemoryLimit::MemoryLimit(int64_t bytes) {
  getrlimit(RLIMIT_DATA, &before_);
  const int64_t now = number_in("/proc/self/status", "VmData:");
  if (now == kNone) return;
  rlimit limit = before_;
  limit.rlim_cur = std::min(before_.rlim_max, static_cast<rlim_t>(now * kKiB + bytes));
  setrlimit(RLIMIT_DATA, &limit);
}

MemoryLimit::~MemoryLimit() {
  setrlimit(RLIMIT_DATA, &before_);
}

}  // namespace convcheck
