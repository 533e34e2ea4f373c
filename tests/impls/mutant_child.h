// Calls of mutants in children, and what these say.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "impls/mutants.h"
#include "tests/impls/guarded_call.h"

namespace convcheck {

inline const convcheck_kernel& kernel_of(std::string_view name) {
  size_t count = 0;
  const convcheck_kernel* const* const all = convcheck_mutant_kernels(CONVCHECK_ABI_VERSION, &count);
  const auto* const found =
      std::find_if(all, all + count, [&](const convcheck_kernel* kernel) { return kernel->name == name; });
  if (found == all + count) std::abort();
  return **found;
}

// What a child returns.
enum Said { kRight = 0, kWrong = 1, kNotOk = 2, kChanged = 3, kUnchanged = 4, kThrew = 5 };

inline Said say(int32_t status, const GuardedCall& made) {
  if (status != CONVCHECK_OK) return kNotOk;
  return made.is_right() ? kRight : kWrong;
}

inline ChildEnd call_in_a_child(const convcheck_kernel& kernel, const Case& c, Beside beside, bool read_only = true) {
  return in_a_child([&]() -> int {
    GuardedCall made(c, beside, read_only);
    return say(made.make(kernel), made);
  });
}

constexpr ChildEnd returned(int number) {
  return {.returned = number, .signal = 0};
}

constexpr ChildEnd died(int signal) {
  return {.returned = std::nullopt, .signal = signal};
}

inline std::string describe(const ChildEnd& end) {
  return end.returned ? "returned " + std::to_string(*end.returned) : "died of signal " + std::to_string(end.signal);
}

}  // namespace convcheck
