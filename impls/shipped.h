// The list of shipped kernels for whoever links them in. It is convcheck_kernels() under another name, so that a
// program that has the kernels inside does not answer for the libraries that it loads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "convcheck/kernel.h"

/// As convcheck_kernels() of convcheck/kernel.h: an array of `*count` kernels that lives as long as the program
/// (direct, im2col, winograd2x2, winograd4x4, winograd6x6, folded), or NULL with `*count` 0 for a version that is not
/// served. Thread-safe.
extern "C" const convcheck_kernel* const* convcheck_shipped_kernels(uint32_t abi_version, size_t* count);
