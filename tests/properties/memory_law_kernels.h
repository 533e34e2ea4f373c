// Kernels that compute rightly and handle memory, stack or the floating-point environment wrongly, one way each.
#pragma once

#include <span>
#include <string_view>

#include "convcheck/kernel.h"

namespace convcheck {

/// A kernel, the law that it violates, and how that is seen.
struct WrongInMemory {
  convcheck_kernel kernel;
  std::string_view law;
  /// What it dies of, as a pattern of faults.h's words; empty where the law's function finds it.
  std::string_view death;
  std::string_view got;  ///< what the finding holds where it does not die
};

/// All of them, in static memory.
[[nodiscard]] std::span<const WrongInMemory> wrong_in_memory();

/// Kernels that come close to what these laws forbid, and are right.
[[nodiscard]] std::span<const convcheck_kernel> right_in_memory();

}  // namespace convcheck
