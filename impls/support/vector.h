// The vector type of the level a file is compiled for. Only for files that are compiled once per level: the type
// differs between them, so nothing here may appear in an interface that levels share.
#pragma once

#include <cstdint>

namespace convcheck::impls {
namespace {

#if defined(__AVX512F__)
inline constexpr int64_t kLanes = 16;
/// How many vector registers a tile may plan with.
inline constexpr int kRegisters = 32;
#elif defined(__AVX__)
inline constexpr int64_t kLanes = 8;
inline constexpr int kRegisters = 16;
#else
inline constexpr int64_t kLanes = 4;
inline constexpr int kRegisters = 16;
#endif

/// `kCount` floats in a register.
template <int64_t kCount>
struct VectorOf {
  typedef float Type __attribute__((vector_size(kCount * sizeof(float))));
  /// The same at an address aligned to a float and no more; it may be read through any float pointer.
  typedef float Unaligned __attribute__((vector_size(kCount * sizeof(float)), aligned(alignof(float)), may_alias));
};
using Vector = VectorOf<kLanes>::Type;

template <int64_t kCount = kLanes>
inline typename VectorOf<kCount>::Type load(const float* from) {
  return *reinterpret_cast<const typename VectorOf<kCount>::Unaligned*>(from);
}

template <int64_t kCount = kLanes>
inline void store(float* to, typename VectorOf<kCount>::Type value) {
  *reinterpret_cast<typename VectorOf<kCount>::Unaligned*>(to) = value;
}

}  // namespace
}  // namespace convcheck::impls
