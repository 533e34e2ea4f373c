// A kernel that is nothing but loops: what the suite's own speed is measured with.
#pragma once

#include "convcheck/kernel.h"

namespace convcheck::bench {

/// Serves every forward f32 problem with two spatial axes, any strides, without a plan or a workspace. Thread-safe.
[[nodiscard]] const convcheck_kernel& plain_kernel();

}  // namespace convcheck::bench
