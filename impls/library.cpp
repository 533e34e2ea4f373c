// The shipped kernels as a library to load: what a user's own kernel library exports, done with ours.
#include "impls/shipped.h"

const convcheck_kernel* const* convcheck_kernels(uint32_t abi_version, size_t* count) {
  return convcheck_shipped_kernels(abi_version, count);
}
