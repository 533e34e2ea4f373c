// Kernels that convolve rightly and behave wrongly, in one thing each, for the tests of the laws of conduct.
#pragma once

#include <string_view>

#include "convcheck/kernel.h"

namespace convcheck {

/// The kernel of that name; a name that is none ends the test program. What it changes of the process the test must put
/// back. Lives as long as the program.
[[nodiscard]] const convcheck_kernel& conduct_kernel(std::string_view name);

}  // namespace convcheck
