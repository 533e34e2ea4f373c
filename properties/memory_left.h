// How much memory a case may take, and holding a kernel to it.
#pragma once

#include <sys/resource.h>

#include <cstdint>

namespace convcheck {

/// Bytes that this process may take before the machine, or the control group that it runs in, is out of memory.
[[nodiscard]] int64_t memory_left();

/// Bytes of memory that this process has for itself: what it maps of files and shares is left out.
[[nodiscard]] int64_t memory_taken();

/// While it lives, allocations of this process that together exceed `bytes` fail: malloc gives null and new throws.
/// Linux would promise more than there is and end the process when it is used. What is shared or read-only does not
/// count. Of the whole process: not for use beside other work.
class MemoryLimit {
 public:
  explicit MemoryLimit(int64_t bytes);
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;
  ~MemoryLimit();

 private:
  rlimit before_{};
};

}  // namespace convcheck
