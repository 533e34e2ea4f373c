// What docs/judging.md claims of the tiers, measured.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "properties/law.h"

namespace convcheck::judging {

/// The tiers in the order of docs/judging.md, each with the laws that judge by it.
enum class Tier { exact, significand, bounded, statistical, checksum, special };
inline constexpr int kTiers = 6;

[[nodiscard]] std::string_view name(Tier tier);

/// The larger of two ratios error / bound; once one is NaN, NaN for good, which std::max would forget.
[[nodiscard]] inline double larger(double worst, double ratio) {
  return ratio <= worst || std::isnan(worst) ? worst : ratio;
}

/// A kernel before a tier, on a problem and data that a seed draws. True where one of the tier's laws is violated on
/// one of its fills, which are tried until one is. `judged` counts the judgements that came to a verdict.
[[nodiscard]] bool is_caught(Tier tier, const Subject& subject, const Problem& problem, uint64_t seed, int64_t& judged);

/// Prints Markdown tables: in how many of `tries` each of `tiers` catches each kind of wrongness, one for kernels
/// declared Winograd of each tile on problems that its bound applies to; 0 is for kernels declared summation, of which
/// false is returned where some wrongness is caught by no tier every time. The first row is a kernel with nothing
/// wrong: false where it is caught at all.
[[nodiscard]] bool print_table(int64_t tries, const std::vector<int>& tiles, const std::vector<Tier>& tiers, int jobs);

/// Judges sound kernels that sum in many ways until there are `judgements` of them and enough in each tier, and prints
/// how many there were by tier and kernel, over how many terms, and every accusation. False where there is one, or
/// where something is missing of what tally.h demands. `with_a_wrong_one` adds a kernel that is not sound: it must be
/// false.
[[nodiscard]] bool print_soak(int64_t judgements, int jobs, uint64_t seed, bool with_a_wrong_one);

/// Computes `tiles` tiles of each F(m, r) in f32 and prints the largest error over the bound. False where one is above
/// 1.
[[nodiscard]] bool print_winograd(int64_t tiles, uint64_t seed);

}  // namespace convcheck::judging
