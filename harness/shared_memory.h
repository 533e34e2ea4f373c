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

  /// Whether processes that are forked from now on have it; they do at first.
  void hand_down(bool is_handed_down);

 private:
  std::byte* data_;
  size_t bytes_;
};

}  // namespace convcheck
