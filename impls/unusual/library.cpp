// The unusual kernels as a library to load.
#include "impls/unusual.h"

const convcheck_kernel* const* convcheck_kernels(uint32_t abi_version, size_t* count) {
  return convcheck_unusual_kernels(abi_version, count);
}
