// Kernels that take more than they give back, or more than there is.
#include <fcntl.h>
#include <sys/mman.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "tests/torture/themes.h"

namespace convcheck::torture {
namespace {

constexpr size_t kTenGib = size_t{10} << 30;

// So that no compiler leaves out an allocation.
void use(void* memory) {
  asm volatile("" : : "r"(memory) : "memory");
}

void lose_16_bytes(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  use(std::malloc(16));
}

void lose_a_descriptor(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  static_cast<void>(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

void lose_a_mapping(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  constexpr size_t kBytes = 4096;
  use(mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

// The first and the last page alone: where nothing limits it this takes no memory to speak of.
void take_10_gib(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  auto* const memory = static_cast<volatile char*>(std::malloc(kTenGib));
  memory[0] = 1;
  memory[kTenGib - 1] = 1;
  std::free(const_cast<char*>(memory));
}

void take_10_gib_by_new(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  auto* const memory = new char[kTenGib];
  static_cast<volatile char*>(memory)[kTenGib - 1] = 1;
  use(memory);
  delete[] memory;
}

int32_t run_with_10_gib(const Problem* problem, const Buffers* buffers) {
  const int32_t status = check(*problem, *buffers);
  if (status != CONVCHECK_OK) return status;
  void* const memory = std::malloc(kTenGib);
  use(memory);
  if (memory == nullptr) return CONVCHECK_FAILED;
  static_cast<volatile char*>(memory)[0] = 1;
  std::free(memory);
  return run_soundly(problem, buffers);
}

void take_a_mib_of_stack(const Problem& /*problem*/, const Buffers& /*buffers*/) {
  constexpr int kBytes = 1 << 20;
  constexpr int kPage = 4096;
  std::array<char, kBytes> room;
  use(room.data());
  // Down from the top, as a stack grows.
  for (int at = kBytes - 1; at >= 0; at -= kPage) room[static_cast<size_t>(at)] = 1;
  use(room.data());
}

constexpr std::array kKernels = {
    kernel("leaks_16_bytes", "loses 16 bytes of the heap in every call", run_after<lose_16_bytes>),
    kernel("leaks_descriptors", "leaves a file open in every call", run_after<lose_a_descriptor>),
    kernel("leaks_mappings", "leaves a page mapped in every call", run_after<lose_a_mapping>),
    kernel("takes_10_gib_unchecked", "writes to 10 GiB that malloc() may have refused", run_after<take_10_gib>),
    kernel("takes_10_gib_by_new", "lets the exception out by which new refuses 10 GiB", run_after<take_10_gib_by_new>),
    kernel("fails_for_want_of_10_gib", "answers FAILED where malloc() refuses 10 GiB", run_with_10_gib),
    kernel("takes_a_mib_of_stack", "uses 1 MiB of stack", run_after<take_a_mib_of_stack>),
};

}  // namespace

std::span<const convcheck_kernel> wasteful_kernels() {
  return kKernels;
}

}  // namespace convcheck::torture
