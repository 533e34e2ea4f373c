#include "harness/shared_memory.h"

#include <sys/mman.h>

#include <new>

namespace convcheck {

SharedMemory::SharedMemory(size_t bytes) : bytes_(bytes) {
  void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  data_ = static_cast<std::byte*>(memory);
}

SharedMemory::~SharedMemory() {
  munmap(data_, bytes_);
}

void SharedMemory::hand_down(bool is_handed_down) {
  madvise(data_, bytes_, is_handed_down ? MADV_DOFORK : MADV_DONTFORK);
}

}  // namespace convcheck
