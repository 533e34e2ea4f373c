// How the inner loops come in several instruction sets: impls/CMakeLists.txt compiles the same few files once per
// level, each into a namespace of its own, and a kernel asks once, when it makes its plan, which of them the machine
// can run.
//
// Those files use the compiler's vector types and no intrinsics, and they include nothing that defines inline
// functions: a library function compiled for a newer machine must not be the one that the linker keeps for all.
#pragma once

#include <cstdint>

#if !defined(CONVCHECK_ISA)
#define CONVCHECK_ISA base
#endif

namespace convcheck::impls {

/// `base` is what the tree is compiled for; `v3` and `v4` are the x86-64 levels with AVX2 + FMA and with AVX-512.
enum class Isa { kBase, kV3, kV4 };

/// The best level that was compiled and that this machine has. Thread-safe.
[[nodiscard]] Isa best_isa();

}  // namespace convcheck::impls
