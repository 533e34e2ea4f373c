// Integers modulo the Mersenne prime p = 2^61 - 1, in int64 and without a division or a product of 128 bits: 2^61 is 1
// modulo p, so the bits from the 61st upwards are added to those below it.
//
// A product with a small integer is formed from two halves of the other factor, r = low + 2^31 high: y low and y high
// are plain int64 products, and so are sums of many of them. Only the finished sums are joined, modulo p.
#pragma once

#include <cstdint>

#include "reference/random.h"

namespace convcheck {

inline constexpr int64_t kMersenne = (int64_t{1} << 61) - 1;

/// The residue of any int64, from 0 to p - 1.
[[nodiscard]] constexpr int64_t residue(int64_t value) {
  // value = (value >> 61) 2^61 + (value & p), and the shift gives -4 to 3: the sum lies from -4 to p + 3.
  const int64_t sum = (value & kMersenne) + (value >> 61);
  if (sum < 0) return sum + kMersenne;
  return sum < kMersenne ? sum : sum - kMersenne;
}

/// low + 2^31 high, both at most 2^30 in magnitude.
struct Halves {
  int32_t low = 0, high = 0;
};

/// Requires a residue. Low is from -2^30 to 2^30 - 1, high from 0 to 2^30, which only residues from 2^61 - 2^30 on
/// need.
[[nodiscard]] constexpr Halves halves(int64_t residue) {
  constexpr int64_t kOffset = int64_t{1} << 30;
  constexpr int64_t kMask = (int64_t{1} << 31) - 1;
  return {static_cast<int32_t>(((residue + kOffset) & kMask) - kOffset),
          static_cast<int32_t>((residue + kOffset) >> 31)};
}

/// The residue of total + low + 2^31 high, for a residue and any two int64.
[[nodiscard]] constexpr int64_t joined(int64_t total, int64_t low, int64_t high) {
  // high = a 2^30 + b with 0 <= b < 2^30 makes 2^31 high = a 2^61 + b 2^31, which is a + b 2^31 modulo p. Of the five
  // summands three are from 0 to p, one is from -4 to 3 and one below 2^33 in magnitude: no int64 overflows.
  constexpr int64_t kMask = (int64_t{1} << 30) - 1;
  return residue(total + (low & kMersenne) + (low >> 61) + ((high & kMask) << 31) + (high >> 30));
}

/// Uniform from 1 to p - 1.
[[nodiscard]] constexpr int64_t nonzero_residue(Random& random) {
  for (;;) {
    const auto bits = static_cast<int64_t>(random.bits() >> 3);  // 0 to p
    if (bits != 0 && bits != kMersenne) return bits;
  }
}

}  // namespace convcheck
