// The control part of the floating-point environment: what a call must leave as it found it.
//
// Rounding, flushing of subnormals and masks of exceptions: MXCSR bits 6 to 15 and the x87 control word. The sticky
// exception flags are nobody's. Reading both takes some ten cycles. Elsewhere than on x86 nothing is read, and the law
// about it does not apply.
#pragma once

#include <cstdint>
#include <string>

#if defined(__x86_64__) || defined(__i386__)
#include <xmmintrin.h>
#define CONVCHECK_READS_FLOATING_CONTROL 1
#else
#define CONVCHECK_READS_FLOATING_CONTROL 0
#endif

namespace convcheck {

inline constexpr bool kReadsFloatingControl = CONVCHECK_READS_FLOATING_CONTROL != 0;

struct FloatingControl {
  uint32_t mxcsr = 0;  ///< bits 6 to 15, in place
  uint16_t x87 = 0;    ///< the control word

  [[nodiscard]] bool operator==(const FloatingControl&) const = default;
};

inline constexpr uint32_t kMxcsrControl = 0xFFC0;

/// That of this thread.
[[nodiscard]] inline FloatingControl floating_control() {
  FloatingControl control;
#if CONVCHECK_READS_FLOATING_CONTROL
  control.mxcsr = _mm_getcsr() & kMxcsrControl;
  __asm__ volatile("fnstcw %0" : "=m"(control.x87));
#endif
  return control;
}

/// Sets that of this thread; the sticky flags stay as they are.
inline void set_floating_control([[maybe_unused]] FloatingControl control) {
#if CONVCHECK_READS_FLOATING_CONTROL
  _mm_setcsr((_mm_getcsr() & ~kMxcsrControl) | control.mxcsr);
  __asm__ volatile("fldcw %0" : : "m"(control.x87));
#endif
}

/// "MXCSR 0x1f80, x87 control word 0x037f".
[[nodiscard]] std::string describe(const FloatingControl& control);

/// What differs: "flushing of subnormal results (FTZ), rounding".
[[nodiscard]] std::string describe_change(const FloatingControl& before, const FloatingControl& after);

}  // namespace convcheck
