// The audit's baseline: the test that most libraries have, so that what it lets through can be counted.
//
// Twenty shapes that somebody thought of, groups in {1, C}, one draw of N(0,1) data each, and
// |got - want| <= 1e-5 + 1e-3 |want| on every output. It is no law and judges nobody.
#pragma once

#include <span>
#include <string_view>

#include "properties/subject.h"

namespace convcheck {

/// The shapes: valid problems with square kernels, the same stride, dilation and padding on both axes.
[[nodiscard]] std::span<const Problem> plain_shapes();

enum class PlainVerdict { passes, fails, not_served };
/// "passes", "fails", "not_served".
[[nodiscard]] std::string_view name(PlainVerdict verdict);

/// What that test says of a kernel: it skips what the kernel does not serve, as such tests do. A kernel that serves
/// none of the shapes is not_served.
[[nodiscard]] PlainVerdict plain_test(const Subject& subject, uint64_t seed);

}  // namespace convcheck
