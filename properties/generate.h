// Random cases, valid by construction, and invalid ones that break one rule. RapidCheck's generators; the session calls
// them with a seed and a size and owns the loop.
#pragma once

#include <rapidcheck/Gen.h>

#include "reference/case.h"
#include "reference/random.h"
#include "reference/rules.h"

namespace convcheck {

/// Valid forward f32 problems with two spatial axes, at most `kMostMultiplies` multiply-adds and `kMostElements`
/// elements of input and of weight. Edge values are often:
/// - height and width differ in each parameter as a rule, and are alike in a quarter;
/// - groups 1, between and C; channels around multiples of 4, 8, 16, 32;
/// - stride above kernel; dilation to 5; padding at and above kernel; kernels 1xN, Nx1 and to 33 wide;
/// - sizes 1 and 2, and around multiples of 8 and 16 (an empty image is for the corpus: shrinking would end at it);
/// - batch 0, 1, 2, 3, 5; bias in half; in a fifth NHWC, gaps in one tensor or in all, or an expanded input or weight.
/// Some kinds of problems have cases of their own, for kernels that serve nothing else: one in six has a kernel of 3x3
/// or 5x5 with stride and dilation 1, a third of these with images of several Winograd tiles; one in eight a kernel of
/// 1x1; one in twelve all parameters but one at their defaults; one in 24 none of them; one in 25 a kernel of up to 257
/// on one axis, and half as many 255 to 2049 channels.
[[nodiscard]] rc::Gen<Problem> valid_problem();

inline constexpr int64_t kMostMultiplies = 2'000'000;
inline constexpr int64_t kMostElements = 131'072;

/// A valid problem with a data seed; integers unless told otherwise.
[[nodiscard]] rc::Gen<Case> valid_case(Fill fill = Fill::integers);

/// A problem that breaks exactly one rule.
[[nodiscard]] rc::Gen<Problem> invalid_problem();

/// The valid problem changed so that `rule` is the rule it breaks and mending it alone makes the problem valid again;
/// the choice among several ways is `random`'s. Nothing where this problem offers no way.
[[nodiscard]] std::optional<Problem> broken_by(const Problem& valid, Rule rule, Random random);

/// What the generators give for a seed: the same for the same arguments.
[[nodiscard]] Case random_case(uint64_t seed, Fill fill);
[[nodiscard]] Case random_invalid_case(uint64_t seed);

}  // namespace convcheck
