// Fewer bits than f32 has, for the mutants that lose some.
#pragma once

#include <cmath>
#include <limits>

namespace convcheck::impls::mutants {

inline constexpr int kBf16Bits = 8;
inline constexpr int kHalfBits = 11;
inline constexpr int kTf32Bits = 11;

/// Rounded to so many significant bits, by Veltkamp's splitting (T. J. Dekker, A floating-point technique for extending
/// the available precision, 1971). What is not finite, or would overflow on the way, stays as it is.
inline float cut(float value, int bits) {
  const float scaled = value * static_cast<float>((1 << (24 - bits)) + 1);
  return std::isfinite(scaled) ? scaled - (scaled - value) : value;
}

/// A subnormal number becomes zero.
inline float flush(float value) {
  return std::abs(value) < std::numeric_limits<float>::min() ? 0.0F : value;
}

}  // namespace convcheck::impls::mutants
