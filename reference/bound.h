// How far a right kernel may be from the exact result: the worst case over every order of summation.
//
// N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., SIAM 2002, section 3.1 and Lemma 3.1: a sum of
// n terms, each of which goes through at most n roundings with relative error at most u, is off by at most gamma_n *
// sum |terms|, gamma_n = n u / (1 - n u). A product is one rounding and n terms need n - 1 additions, in whatever order
// and association; a fused multiply-add only saves roundings. Where a product underflows its error is absolute instead,
// at most half the least subnormal 2^-149 (section 2.1); additions that underflow are exact.
#pragma once

#include "reference/convolution.h"

namespace convcheck {

/// The unit roundoff of f32, round to nearest.
inline constexpr double kUnitRoundoff = 0x1p-24;
/// The least positive f32.
inline constexpr double kLeastSubnormal = 0x1p-149;

/// gamma_n for unit roundoff u. Requires n u < 1; infinite otherwise.
[[nodiscard]] double gamma(double n, double u = kUnitRoundoff);

/// The largest |got - reference| of a right summation in f32, where reference is sum.value. Includes the reference's
/// own error: it is a sum of n exact products in double, hence off by at most gamma_n(2^-53) S, and so is the computed
/// S itself.
[[nodiscard]] double summation_bound(const Sum& sum);

}  // namespace convcheck
