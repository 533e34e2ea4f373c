// Other problems beside the case's: what a kernel is given before, between or at the same time.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "properties/laws/runs.h"

namespace convcheck::judges {

/// A problem near the case's, and how it differs, in words that follow "with".
struct Other {
  Problem problem;
  std::string_view difference;
};

/// A larger image and one more of them, contiguous.
[[nodiscard]] Problem larger(const Problem& problem);

/// Valid problems of the same shapes with another stride, dilation or padding, or with other strides in memory, and a
/// smaller one; the problem itself comes first. Those that cannot be, or that are too large, are left out. Requires a
/// valid problem of spatial rank 2.
[[nodiscard]] std::vector<Other> others(const Problem& problem);

/// The problem, filled as the case is but with other contents: `number` says which. Nothing where it is not valid, is
/// too large, or the case's fill cannot judge it.
[[nodiscard]] std::optional<Run> filled(const Trial& trial, const Problem& problem, uint64_t number);

}  // namespace convcheck::judges
