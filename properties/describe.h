// Words for what is seen: where an element is, and what the wrong ones have in common.
#pragma once

#include <span>
#include <string>

#include "reference/compare.h"

namespace convcheck {

/// "n=0 k=3 h=1 w=2".
[[nodiscard]] std::string describe_index(const Geometry& g, int64_t index);

/// The value in hex and decimal, "0x1.8p+1 (3)", or "nan", "inf".
[[nodiscard]] std::string describe_value(double value);

/// "12 of 48 outputs are wrong: all in group 1 of 0-1 (output channels 4-7), all in the last column". `wrong` in
/// ascending order, at least one; `total` of them may not all be listed.
[[nodiscard]] std::string describe_wrong(const Geometry& g, std::span<const int64_t> wrong, int64_t total,
                                         int64_t compared);

}  // namespace convcheck
