// Private memory of a plan: floats on a 64-byte boundary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <new>

namespace convcheck::impls {

inline constexpr std::size_t kAlignment = 64;

struct FreeFloats {
  void operator()(float* data) const { ::operator delete[](data, std::align_val_t{kAlignment}); }
};
using Floats = std::unique_ptr<float[], FreeFloats>;

/// What a kernel may keep of packed weights (1 GiB). A problem beyond that is an expanded view, or not meant to be
/// fast.
inline constexpr int64_t kMostFloats = int64_t{1} << 28;

/// The product of positive factors; kMostFloats + 1 where it is more than kMostFloats.
inline int64_t capped_count(std::initializer_list<int64_t> factors) {
  int64_t count = 1;
  for (const int64_t factor : factors) {
    if (count > kMostFloats / factor) return kMostFloats + 1;
    count *= factor;
  }
  return count;
}

/// `count` floats holding anything, or std::bad_alloc.
inline Floats allocate_floats(int64_t count) {
  const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(float);
  return Floats(static_cast<float*>(::operator new[](bytes, std::align_val_t{kAlignment})));
}

/// `value` rounded up to a multiple of `step`.
constexpr int64_t round_up(int64_t value, int64_t step) {
  return (value + step - 1) / step * step;
}

}  // namespace convcheck::impls
