// The rules of a valid convolution, in the order of the kernel ABI, with the message that each gives when it is broken.
//
// All arithmetic is in unbounded integers in effect: any int64 may stand in any field.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/problem.h"

namespace convcheck {

enum class Rule {
  // 1
  groups_at_least_one,
  stride_at_least_one,
  dilation_at_least_one,
  padding_not_negative,
  // 2
  ranks_agree,
  // 3
  batch_not_negative,
  in_channels_at_least_one,
  out_channels_at_least_one,
  kernel_at_least_one,
  input_size_not_negative,
  // 4 to 10
  in_channels_divisible_by_groups,
  out_channels_divisible_by_groups,
  weight_channels_match,
  bias_length_matches,
  kernel_fits_padded_input,
  output_shape_matches,
  sizes_fit_int64,
};

inline constexpr int kRuleCount = static_cast<int>(Rule::sizes_fit_int64) + 1;

/// Where Rule::ranks_agree was broken.
enum RankPlace { kInputRank, kWeightRank, kBiasRank, kOutputRank };

/// What is broken: a rule, and where it was seen. `where` is the spatial axis for rules about axes (for padding plus
/// kMaxSpatial where it is the far side), a RankPlace for ranks_agree, and for sizes_fit_int64 the axis or, plus
/// kMaxSpatial, the TensorRole; 0 where there is only one place.
struct BrokenRule {
  Rule rule;
  int where = 0;

  [[nodiscard]] bool operator==(const BrokenRule&) const = default;
};

/// The first rule that the problem breaks, in the ABI's order; nothing for a valid problem. Thread-safe.
[[nodiscard]] std::optional<BrokenRule> broken_rule(const Problem& problem);

[[nodiscard]] inline bool is_valid(const Problem& problem) {
  return !broken_rule(problem);
}

/// One line: what is wrong with which numbers, and the nearest choices that are right. Requires that `broken` is what
/// broken_rule() gave for this problem.
[[nodiscard]] std::string message(const Problem& problem, const BrokenRule& broken);

/// The rule's identifier, as the corpus and reports spell it: "out_channels_divisible_by_groups".
[[nodiscard]] std::string_view name(Rule rule);

/// The rule's number in the kernel ABI, 1 to 10.
[[nodiscard]] int abi_number(Rule rule);

/// The rule in one sentence, for documentation.
[[nodiscard]] std::string_view sentence(Rule rule);

/// The multiples of `divisor` nearest to `value`, at least `divisor`, the smaller first: one where value is a multiple
/// or below divisor, else two. Requires divisor >= 1.
[[nodiscard]] std::vector<int64_t> nearest_multiples(int64_t value, int64_t divisor);

/// The divisors of both numbers nearest to `value`, the smaller first, at most two. Requires both >= 1.
[[nodiscard]] std::vector<int64_t> nearest_common_divisors(int64_t value, int64_t left, int64_t right);

}  // namespace convcheck
