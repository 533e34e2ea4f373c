// Whether this build is one of AddressSanitizer or ThreadSanitizer, which bring a heap, stacks and signal handlers of
// their own.
#pragma once

namespace convcheck {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif

}  // namespace convcheck
