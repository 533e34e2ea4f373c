// Sound but unusual kernels, for whoever judges the suite: no law may accuse one. Each sits at some limit of what the
// ABI allows (an order of summation, a stage at which it declines, a promise that it does not make), and everything
// else about it is right. Never among the shipped ones.
#pragma once

#include <cstddef>
#include <cstdint>

#include "convcheck/kernel.h"

/// As convcheck_kernels() of convcheck/kernel.h: an array of `*count` kernels that lives as long as the program, or
/// NULL with `*count` 0 for a version that is not served. Thread-safe.
extern "C" const convcheck_kernel* const* convcheck_unusual_kernels(uint32_t abi_version, size_t* count);
