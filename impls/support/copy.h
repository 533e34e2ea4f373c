// Moving rows of floats, for the target that a file is being compiled for: included anew for each.
#if defined(CONVCHECK_IMPLS_COPY_H) == defined(HWY_TARGET_TOGGLE)  // NOLINT(llvm-header-guard)
#ifdef CONVCHECK_IMPLS_COPY_H
#undef CONVCHECK_IMPLS_COPY_H
#else
#define CONVCHECK_IMPLS_COPY_H
#endif

#include "impls/support/vector.h"

HWY_BEFORE_NAMESPACE();
namespace convcheck::impls::HWY_NAMESPACE {
namespace {

/// Copies `count` >= kCount floats that do not overlap: whole vectors, the last of which covers what is left over.
template <int64_t kCount>
HWY_INLINE void copy_vectors(const float* from, float* to, int64_t count) {
  for (int64_t i = 0; i + kCount <= count; i += kCount) store<kCount>(to + i, load<kCount>(from + i));
  store<kCount>(to + count - kCount, load<kCount>(from + count - kCount));
}

/// Stores the first `count` <= kLanes floats of a vector and touches no others.
HWY_INLINE void store_first(float* to, Vector value, int64_t count) {
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
  hn::BlendedStore(value, hn::FirstN(Tag(), static_cast<size_t>(count)), Tag(), to);
#else
  float floats[kLanes];
  store(floats, value);
  for (int64_t i = 0; i < count; ++i) to[i] = floats[i];
#endif
}

/// Copies `count` floats that do not overlap and touches no others. Rows of an image are short: what a call of memcpy
/// costs is most of it.
HWY_INLINE void copy_floats(const float* from, float* to, int64_t count) {
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
  // There what a mask leaves out is not touched.
  if (count < kLanes) {
    const Vector some = hn::MaskedLoad(hn::FirstN(Tag(), static_cast<size_t>(count)), Tag(), from);
    return store_first(to, some, count);
  }
#endif
  constexpr int64_t kHalf = kLanes / 2 > 0 ? kLanes / 2 : 1;
  constexpr int64_t kQuad = kLanes < 4 ? kLanes : 4;
  if (count >= kLanes) return copy_vectors<kLanes>(from, to, count);
  if (count >= kHalf) return copy_vectors<kHalf>(from, to, count);
  if (count >= kQuad) return copy_vectors<kQuad>(from, to, count);
  for (int64_t i = 0; i < count; ++i) to[i] = from[i];
}

/// Of 2 kLanes floats those at even places, and those at odd ones.
HWY_INLINE void load_pairs(const float* from, Vector& even, Vector& odd) {
#if HWY_TARGET == HWY_SCALAR
  even = load(from);
  odd = load(from + 1);
#else
  const Tag tag;
  const Vector low = load(from), high = load(from + kLanes);
  even = hn::ConcatEven(tag, high, low);
  odd = hn::ConcatOdd(tag, high, low);
#endif
}

HWY_INLINE Vector load_even(const float* from) {
  Vector even, odd;
  load_pairs(from, even, odd);
  return even;
}

}  // namespace
}  // namespace convcheck::impls::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
