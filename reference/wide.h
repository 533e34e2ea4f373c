// Integers wide enough that no rule can overflow: every quantity of a problem is an int64, and no rule multiplies more
// than two of them before comparing.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace convcheck {

__extension__ typedef __int128 Wide;

inline constexpr int64_t kInt64Max = std::numeric_limits<int64_t>::max();

/// True where the value can be stored in an int64_t.
[[nodiscard]] constexpr bool fits_int64(Wide value) {
  return value >= std::numeric_limits<int64_t>::min() && value <= kInt64Max;
}

/// The product of non-negative factors, or a value that does not fit int64_t as soon as the true product does not.
[[nodiscard]] constexpr Wide saturating_product(Wide left, Wide right) {
  const Wide beyond = Wide{kInt64Max} + 1;
  if (left == 0 || right == 0) return 0;
  if (left >= beyond || right >= beyond) return beyond;
  return left * right > kInt64Max ? beyond : left * right;
}

/// Decimal digits, with a minus sign where negative.
[[nodiscard]] inline std::string to_string(Wide value) {
  if (value == 0) return "0";
  const bool negative = value < 0;
  std::string digits;
  // The magnitude of the least Wide is not a Wide: digits are taken from the signed value.
  for (; value != 0; value /= 10) {
    const int digit = static_cast<int>(value % 10);
    digits.insert(digits.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
  }
  if (negative) digits.insert(digits.begin(), '-');
  return digits;
}

}  // namespace convcheck
