// What this machine can run.
#include "impls/support/isa.h"

namespace convcheck::impls {

Isa best_isa() {
#if defined(CONVCHECK_HAS_X86_LEVELS)
  // The extensions are named one by one because Clang 14 does not know the levels here.
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                  __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
  return v4 ? Isa::kV4 : v3 ? Isa::kV3 : Isa::kBase;
#else
  return Isa::kBase;
#endif
}

}  // namespace convcheck::impls
