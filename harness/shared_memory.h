// Memory that a process shares with those it forks.
#pragma once

#include <cstddef>

namespace convcheck {

/// Zeros, taking real memory only where it is written. Unmapped when this ends. Throws std::bad_alloc where there is no
/// address space left.
class SharedMemory {
 public:
  explicit SharedMemory(size_t bytes);
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory();

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] size_t bytes() const { return bytes_; }

 private:
  std::byte* data_;
  size_t bytes_;
};

}  // namespace convcheck
