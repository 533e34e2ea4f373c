// The vectors of the target that a file is being compiled for: included anew for each, as Highway's own headers are.
#if defined(CONVCHECK_IMPLS_VECTOR_H) == defined(HWY_TARGET_TOGGLE)  // NOLINT(llvm-header-guard)
#ifdef CONVCHECK_IMPLS_VECTOR_H
#undef CONVCHECK_IMPLS_VECTOR_H
#else
#define CONVCHECK_IMPLS_VECTOR_H
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace convcheck::impls::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

inline constexpr int64_t kLanes = HWY_LANES(float);

/// How many vector registers a tile may plan with.
inline constexpr int kRegisters = HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON ? 32 : 16;

/// `kCount` floats; no more than a register holds.
template <int64_t kCount>
using TagOf = hn::CappedTag<float, static_cast<size_t>(kCount)>;
template <int64_t kCount>
using VectorOf = hn::Vec<TagOf<kCount>>;

using Tag = TagOf<kLanes>;
using Vector = VectorOf<kLanes>;

/// At any address that a float may have.
template <int64_t kCount = kLanes>
HWY_INLINE VectorOf<kCount> load(const float* from) {
  return hn::LoadU(TagOf<kCount>(), from);
}

template <int64_t kCount = kLanes>
HWY_INLINE void store(float* to, VectorOf<kCount> value) {
  hn::StoreU(value, TagOf<kCount>(), to);
}

template <int64_t kCount = kLanes>
HWY_INLINE VectorOf<kCount> spread(float value) {
  return hn::Set(TagOf<kCount>(), value);
}

}  // namespace
}  // namespace convcheck::impls::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
