#include "properties/small_stack.h"

#include <sys/mman.h>
#include <ucontext.h>

#include <bit>
#include <cstdint>
#include <exception>

#include "properties/faults.h"
#include "properties/periodic_memory.h"

namespace convcheck {
namespace {

constexpr size_t kGuardBytes = size_t{64} << 20;

struct Errand {
  const std::function<void()>* function;
  std::exception_ptr thrown;
};

// makecontext passes nothing but ints, of which two hold a pointer.
void run_errand(unsigned high, unsigned low) {
  auto* const errand = std::bit_cast<Errand*>(uintptr_t{high} << 32 | uintptr_t{low});
  try {
    (*errand->function)();
  } catch (...) {
    errand->thrown = std::current_exception();
  }
}

}  // namespace

bool call_on_stack(size_t bytes, const std::function<void()>& function) {
  static_assert(sizeof(uintptr_t) == 8 && sizeof(unsigned) == 4);
  void* const start = mmap(nullptr, kGuardBytes + bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) return false;
  const Mapping mapping(start, kGuardBytes + bytes);
  char* const stack = mapping.start() + kGuardBytes;
  if (mprotect(stack, bytes, PROT_READ | PROT_WRITE) != 0) return false;
  GuardRecord record(Part::stack, mapping.start(), stack + bytes);
  record.hold(stack, stack + bytes);

  ucontext_t there, here;
  if (getcontext(&there) != 0) return false;
  there.uc_stack.ss_sp = stack;
  there.uc_stack.ss_size = bytes;
  there.uc_link = &here;
  Errand errand = {.function = &function, .thrown = nullptr};
  const auto address = std::bit_cast<uintptr_t>(&errand);
  makecontext(&there, std::bit_cast<void (*)()>(&run_errand), 2, static_cast<unsigned>(address >> 32),
              static_cast<unsigned>(address));
  if (swapcontext(&here, &there) != 0) return false;
  if (errand.thrown) std::rethrow_exception(errand.thrown);
  return true;
}

}  // namespace convcheck
