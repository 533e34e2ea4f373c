// Kernels to judge the judges by: mutants (impls/mutants.h), each with a defect that a law must catch, and one plain
// sound convolution with one oddity each that no law may mind.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "convcheck/kernel.h"
#include "properties/subject.h"

namespace convcheck {

/// What is wrong with a mutant. The comment says what it gets wrong; everything else is right.
enum class Defect {
  // Values.
  group_ignored,             ///< every group reads the input channels of the first
  groups_interleaved,        ///< output channel k belongs to group k % groups
  weight_group_lost,         ///< every group uses the filters of the first
  last_channel_dropped,      ///< the last input channel of a group of several is left out
  kernel_flipped,            ///< a convolution where a cross-correlation is asked for
  stride_dilation_swapped,   ///< on an axis where both are above 1
  padding_sides_swapped,     ///< the far side's padding is put in front
  strided_read_as_dense,     ///< the input's strides are not looked at
  channel_residue,           ///< output channels k with k % 8 == 7 are off by one
  bias_per_group,            ///< bias[k % groups]
  bias_skipped,              ///< no bias
  bias_doubled_after_first,  ///< added twice from the second image on
  first_image_repeated,      ///< every image reads the first
  image_carried_over,        ///< an image is added to what the image before it gave
  output_added_to,           ///< adds to what the output holds
  nan_in_one,                ///< one output of a grouped problem is NaN
  accumulates_in_bf16,       ///< each partial sum is cut to 8 significant bits
  accumulates_in_half,       ///< to 11
  accumulates_in_22_bits,    ///< to 22: seen by statistics alone where terms are many
  inputs_cut_to_bf16,        ///< each input is cut to 8 significant bits
  inputs_cut_to_tf32,        ///< to 11
  weights_cut_to_half,       ///< each weight to 11
  outputs_cut_to_tf32,       ///< each result to 11
  small_terms_dropped,       ///< products below 2^-11 of the sum so far
  one_index_wrong,           ///< the first column of the last filter reads its right-hand neighbour
  winograd_inaccurate,       ///< declares 2x2 tiles, multiplies in bf16
  winograd_undeclared,       ///< 4x4 tiles, declared as a summation
  // Values at the ends of the range and beyond.
  subnormals_flushed,        ///< results below the least normal number become zero
  subnormal_inputs_flushed,  ///< inputs and weights likewise
  overflows_early,           ///< sums go through 64 times their value
  zeros_skipped,             ///< products with a zero are left out
  padding_multiplied,        ///< padding is a zero that is multiplied
  nan_lost,                  ///< inputs and weights that are NaN count as zero
  infinity_saturated,        ///< as the largest finite number
  nan_spread,                ///< to the outputs on its right
  // Writing.
  last_column_unwritten,  ///< of an output with several
  group_tail_unwritten,   ///< the last output channel of a group of several, where there are several groups
  // Rules.
  rejects_kernel_above_image,  ///< compares the dilated kernel with the input without its padding
  rejects_stride_above_kernel,
  rejects_empty_batch,
  run_rejects_groups,  ///< supports says OK, run answers REJECTED
  answers_42,          ///< run answers 42 to grouped problems, having computed them
  accepts_indivisible_outputs,
  skips_weight_shape,
  supports_accepts_invalid,  ///< supports looks at the data type alone
  prepare_accepts_invalid,   ///< prepare looks at nothing
  fails_invalid,             ///< answers FAILED where REJECTED is due
  writes_then_rejects,
};
inline constexpr int kDefectCount = static_cast<int>(Defect::writes_then_rejects) + 1;

/// What is unusual about a sound kernel.
enum class Oddity {
  none,
  sums_reversed,      ///< last product first, bias last
  sums_pairwise,      ///< as a tree
  sums_blocked,       ///< in eight lanes, added up at the end
  sums_compensated,   ///< by Kahan's summation
  sums_in_double,     ///< rounded once
  sums_fused,         ///< fused multiply-add
  winograd_accuracy,  ///< declares 2x2 tiles and errs more than a summation may, within Winograd's bound
  winograd_declared,  ///< declares 6x6 tiles and sums
  depthwise_only,     ///< UNSUPPORTED for all but depthwise problems
  run_declines,       ///< supports says OK, run answers UNSUPPORTED to dilated problems
  no_promises,
  no_supports,  ///< NULL: dense alone
  needs_plan,
  needs_workspace,
  unsupported_for_invalid,  ///< UNSUPPORTED in place of REJECTED
};
inline constexpr int kOddityCount = static_cast<int>(Oddity::unsupported_for_invalid) + 1;

/// The mutant with that defect. Lives as long as the program.
[[nodiscard]] const convcheck_kernel& kernel_with(Defect defect);
[[nodiscard]] const convcheck_kernel& kernel_with(Oddity oddity);

[[nodiscard]] inline const char* name(Defect defect) {
  return kernel_with(defect).name;
}
[[nodiscard]] inline const char* name(Oddity oddity) {
  return kernel_with(oddity).name;
}

[[nodiscard]] std::vector<Defect> all_defects();
/// All, the plain kernel first.
[[nodiscard]] std::vector<Oddity> all_oddities();

}  // namespace convcheck
