// Which instruction set the inner loops run in.
//
// They are written once with Highway and compiled for each of its targets; a kernel asks for the loops of this machine
// when it makes its plan. CONVCHECK_SIMD names another target for whoever wants to see all of them tried.
#pragma once

#include <string>
#include <vector>

namespace convcheck::impls {

/// From now on Highway dispatches to the target that the environment variable CONVCHECK_SIMD names, as long as it is
/// compiled in and the machine has it, and else (a name that is none, too) to the best one. The variable is read once.
/// Thread-safe.
void choose_simd();

/// The names that CONVCHECK_SIMD may have here, the best one first.
[[nodiscard]] std::vector<std::string> simd_names();

/// The name of the target that is chosen.
[[nodiscard]] std::string simd_in_use();

}  // namespace convcheck::impls
