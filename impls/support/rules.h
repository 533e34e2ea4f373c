// The rules of a valid problem as the shipped kernels check them: on the ABI's own struct, written apart from
// reference/ so that the two cannot share a mistake.
#pragma once

#include <cstdint>

#include "convcheck/kernel.h"

namespace convcheck::impls {

/// Checks the ten rules of docs/rules.md in their order, in arithmetic that no int64 can overflow.
///
/// Returns CONVCHECK_OK for a valid problem, CONVCHECK_REJECTED for one that breaks a rule (struct_size and
/// spatial_rank included), CONVCHECK_UNSUPPORTED for an unknown dtype or direction. Reads nothing but the struct;
/// thread-safe.
[[nodiscard]] int32_t check_rules(const convcheck_problem& problem);

/// True where the tensor is contiguous in the logical order (axes of size 0 or 1 have any stride).
[[nodiscard]] bool is_dense(const convcheck_tensor_desc& tensor);

}  // namespace convcheck::impls
