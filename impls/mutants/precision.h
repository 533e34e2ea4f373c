// Fewer bits than f32 has, for the mutants that lose some.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace convcheck::impls::mutants {

inline constexpr int kBf16Bits = 8;
inline constexpr int kHalfBits = 11;
inline constexpr int kTf32Bits = 11;

/// Rounded to so many significant bits, at most 23, to nearest and to even. What is not finite stays as it is.
inline float cut(float value, int bits) {
  if (!std::isfinite(value)) return value;
  const int dropped = 24 - bits;
  const auto word = std::bit_cast<uint32_t>(value);
  const uint32_t just_below_half = (uint32_t{1} << (dropped - 1)) - 1;
  const uint32_t is_odd = (word >> dropped) & 1;
  return std::bit_cast<float>((word + just_below_half + is_odd) >> dropped << dropped);
}

/// A subnormal number becomes zero.
inline float flush(float value) {
  return std::abs(value) < std::numeric_limits<float>::min() ? 0.0F : value;
}

}  // namespace convcheck::impls::mutants
