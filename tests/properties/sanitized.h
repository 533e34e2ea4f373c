// What cannot be shown in a build with sanitizers.
#pragma once

#include <string_view>

#include "reference/sanitized.h"

namespace convcheck {

/// A sanitizer has a heap of its own and makes frames larger, so that two laws judge nothing there.
inline bool can_be_judged_here(std::string_view law) {
  return !kIsSanitized || (law != "does_not_leak" && law != "uses_little_stack");
}

}  // namespace convcheck
