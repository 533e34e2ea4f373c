// The seeded defects for whoever links them in: kernels that are wrong in one thing each, modelled on a real bug of a
// real library, and right in everything else. What the suite is worth is shown by how many of them it catches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "convcheck/kernel.h"

/// As convcheck_kernels() of convcheck/kernel.h: an array of `*count` kernels that lives as long as the program, or
/// NULL with `*count` 0 for a version that is not served. Thread-safe. Those of which MutantFacts says nothing else
/// touch no memory outside of the spans of their tensors and do no harm to the process in another way.
extern "C" const convcheck_kernel* const* convcheck_mutant_kernels(uint32_t abi_version, size_t* count);

namespace convcheck::impls {

/// What is known of a mutant.
struct MutantFacts {
  const char* name;         ///< the kernel's: the defect in snake_case
  const char* bug_class;    ///< "group-indexing"
  const char* modelled_on;  ///< the issue of the real bug, "owner/repository#123"
  const char* killers;      ///< laws, joined by spaces, each of which must catch it
  const char* theory = "";  ///< the theory of wrong semantics that explains it; empty where there is none
  /// Some ordinary input gives a wrong output; false where rules, conduct, rounding or values at the ends of the range
  /// alone are at fault.
  bool wrong_values = true;
  /// A call may end the process, hang it, overrun memory or leave it changed, or race with another call: to be judged
  /// in a process of its own.
  bool harms_process = false;
};

/// The facts of all mutants, in the order of convcheck_mutant_kernels(). Thread-safe.
[[nodiscard]] std::span<const MutantFacts> mutant_facts();

}  // namespace convcheck::impls
