// A stack of a chosen size, to see who needs more.
#pragma once

#include <cstddef>
#include <functional>

#include "reference/sanitized.h"

namespace convcheck {

/// True where the compiler's instrumentation lets stacks be exchanged, and frames have their usual size.
inline constexpr bool kCanChangeStacks = !kIsSanitized;

/// Calls `function` on a stack of its own of `bytes` bytes, a multiple of a page, on this thread. Below it lie 64 MiB
/// that nobody may touch, on record as the stack's guard (faults.h): further down than any frame that skips a page.
/// What it throws comes through. False where there is not that much memory: then nothing is called. Requires
/// kCanChangeStacks.
[[nodiscard]] bool call_on_stack(size_t bytes, const std::function<void()>& function);

}  // namespace convcheck
