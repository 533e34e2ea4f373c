// The seeded defects as a library to load.
#include "impls/mutants.h"

const convcheck_kernel* const* convcheck_kernels(uint32_t abi_version, size_t* count) {
  return convcheck_mutant_kernels(abi_version, count);
}
