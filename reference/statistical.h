// The statistical tier: data that expose accumulators, and a judgement of all outputs together.
//
// An accumulator that loses bits may stay inside every worst-case bound, which grows with n, while the errors of right
// ones grow with sqrt(n). So the mean square of the errors is judged, and their sum. The six data sets and the limits
// are those of TOSA, the Tensor Operator Set Architecture (specification, appendix on data for dot products and section
// on their accuracy; reference model), extended to groups; the random numbers are our own. TOSA asks for the sum only
// on sets 4 to 6; rounding to nearest has no bias on 2 and 3 either.
//
// With KS products to a window, k the number of a product in it, s, s0 and s1 uniform in [-1, 1] and B = 2^64 - 2^40,
// which is nearly the largest number whose square f32 holds:
//
//   1  zero products        x = 0 and w = s, or x = s and w = 0; every sum is 0
//   2  large exponents      x, w = B / sqrt(KS + 1) (+-0.75 + 0.25 s), b = B^2 / (KS + 1) (+-0.75 + 0.25 s)
//   3  small onto large     x = w = 1 for k = 0, else s / sqrt(KS)
//   4  the same, varying    x, w = +-16 for k = 0, else exp(2 s0) s1
//   5  large beside zeros   x = 0.5 and w = -0.5 for k = KS / 2, or the other way round; every sum is -0.25
//                           else x = 0 and w = B / sqrt(KS) s, or the other way round
//   6  signed, large range  x, w = B / sqrt(KS + 1) s
//
// The bias is 0 but in set 2. Values are rounded to f32 and exact from there on. Which of x and w is zero is decided
// once for each group and k, since every filter of a group meets every window.
#pragma once

#include <string_view>

#include "reference/compare.h"

namespace convcheck {

inline constexpr int kStatisticalSets = 6;
/// Fewer outputs than this say too little about a mean; TOSA's number.
inline constexpr int64_t kFewestOutputs = 1000;

/// The set that a fill stands for, from 1 to 6. Requires one of the statistical fills.
[[nodiscard]] constexpr int statistical_set(Fill fill) {
  return static_cast<int>(fill) - static_cast<int>(Fill::statistical1) + 1;
}

/// True for the sets all of whose sums are exact in any order: they are judged by equality.
[[nodiscard]] constexpr bool has_exact_sums(int set) {
  return set == 1 || set == 5;
}

/// Empty where this tier can judge the problem, else why not, in static memory. Windows must have data of their own: no
/// padding, and on each axis a stride no less than the dilated kernel. (So no Winograd is among them.) The second form
/// sees views as well: elements that share a place would make outputs that err alike. Requires a valid problem of
/// spatial rank 2.
[[nodiscard]] std::string_view why_not_statistical(const Geometry& g);
[[nodiscard]] std::string_view why_not_statistical(const Problem& problem);

/// Fills data that have the problem's shapes with a set from 1 to 6; gaps of views stay as they are. The same arguments
/// give the same values on every machine and in every layout. Inputs that no window reads are drawn like the others.
/// Requires that this tier can judge the problem, views included.
void fill_statistical(int set, uint64_t seed, const Geometry& g, Data& data);

/// The errors of all outputs together: e = (got - exact) / (u S), u = 2^-24.
///
/// The mean square of a right kernel. Its roundings are taken as independent and without bias (N. J. Higham and T.
/// Mary, A New Approach to Probabilistic Rounding Error Analysis, SIAM J. Sci. Comput. 41, 2019). A sum of n terms has
/// n - 1 additions with results of at most S, and products whose squares add up to at most S^2. Each rounding errs by
/// at most u |result|: the mean of e^2 is at most n in every order of summation, were every rounding as large as it can
/// be; it is at most n / 3 where all positions between two floats are as likely, and no more where multiply-adds are
/// fused. The limit is TOSA's 1.6 n, beyond both.
///
/// The sum of the errors. Its deviation is then at most sqrt(T n), or sqrt(T n / 3), and the limit is 4 or 6.9 times
/// that. Uniform errors go there with a probability of at most 2 exp(-24) = 8e-11 (Hoeffding's inequality; a uniform
/// variable's moments are below those of the normal one). Outputs of one window share its inputs and outputs of one
/// filter its weights, but not their roundings: measured, the sum varies as that of uncorrelated errors does, down to
/// one window or one filter.
struct Statistic {
  int64_t judged = 0;  ///< T: outputs of which no partial sum can overflow, in any order
  int64_t terms = 0;   ///< n: products, and one for a bias
  double square_sum = 0;
  double square_limit = 0;  ///< 1.6 n T
  double sum = 0;
  double sum_limit = 0;  ///< sqrt(10 * 1.6 n T)

  [[nodiscard]] bool is_enough() const { return judged >= kFewestOutputs; }
  /// False where either is beyond its limit or NaN.
  [[nodiscard]] bool holds() const;
  /// The larger of the two over its limit; infinite where that is no number.
  [[nodiscard]] double worst_ratio() const;
};

/// Judges outputs for data of a set, all of them: `expected.indices` is empty. Outputs whose S (1 + gamma_n) is not
/// below the largest finite f32 are not judged. False where fewer than kFewestOutputs are left, which is a verdict only
/// where something is wrong all the same.
///
/// Sets 1 and 5: as compare_exactly(); the statistic counts and no more. Others: wrong is every element beyond its
/// worst-case bound (NaN and infinities among them). Where there is none and the statistic does not hold, one element
/// is named, that with the largest |e|, though it is inside of the bound that it is given with. worst_ratio is the
/// statistic's, or where an element is beyond its bound the largest error / bound, if that is larger.
[[nodiscard]] bool compare_statistically(int set, const Expectation& expected, const Tensor& output, Comparison& result,
                                         Statistic& statistic);

}  // namespace convcheck
