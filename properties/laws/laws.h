// The functions of the law table, by topic.
#pragma once

#include "properties/law.h"

namespace convcheck::judges {

// rules.cpp
Judgement accepts_valid(Trial& trial);
Judgement rejects_invalid(Trial& trial);
Judgement rejects_without_writing(Trial& trial);

// conduct.cpp
Judgement writes_every_output_element(Trial& trial);
Judgement returns_from_every_call(Trial& trial);
Judgement ends_in_time(Trial& trial);
Judgement stays_within_memory(Trial& trial);
Judgement loads_quietly(Trial& trial);
Judgement repeats_bit_for_bit(Trial& trial);

// calls.cpp
Judgement forgets_earlier_calls(Trial& trial);
Judgement plans_are_independent(Trial& trial);

// threads.cpp
Judgement runs_on_many_threads_at_once(Trial& trial);

// process.cpp
Judgement does_not_leak(Trial& trial);
Judgement leaves_the_process_alone(Trial& trial);

// hostile.cpp
Judgement survives_hostile_arguments(Trial& trial);

// value.cpp
Judgement matches_reference_exactly(Trial& trial);
Judgement matches_reference_within_bound(Trial& trial);
Judgement keeps_the_full_significand(Trial& trial);
Judgement errs_like_f32(Trial& trial);
Judgement matches_checksum(Trial& trial);
Judgement computes_extremes_exactly(Trial& trial);
Judgement propagates_nonfinite(Trial& trial);

// memory.cpp
Judgement reads_only_its_tensors(Trial& trial);
Judgement writes_only_its_output(Trial& trial);
Judgement inputs_stay_untouched(Trial& trial);
Judgement keeps_the_floating_point_environment(Trial& trial);
Judgement asks_for_the_workspace_it_uses(Trial& trial);
Judgement serves_unaligned_tensors(Trial& trial);
Judgement uses_little_stack(Trial& trial);

// structure_channels.cpp
Judgement groups_are_independent(Trial& trial);
Judgement equals_block_diagonal_dense(Trial& trial);
Judgement tied_groups_equal_channel_fold(Trial& trial);
Judgement permuting_groups_permutes_outputs(Trial& trial);
Judgement permuting_filters_permutes_outputs(Trial& trial);
Judgement permuting_input_channels_changes_nothing(Trial& trial);

// structure_batch.cpp
Judgement batch_is_independent(Trial& trial);
Judgement permuting_images_permutes_outputs(Trial& trial);
Judgement images_keep_their_bits_in_any_batch(Trial& trial);

// structure_algebra.cpp
Judgement bias_adds(Trial& trial);
Judgement linear_in_the_input(Trial& trial);
Judgement linear_in_the_weight(Trial& trial);
Judgement identity_kernel_copies(Trial& trial);
Judgement pointwise_is_a_matrix_product(Trial& trial);

// structure_space.cpp
Judgement padding_equals_explicit_zeros(Trial& trial);
Judgement stride_equals_subsampling(Trial& trial);
Judgement dilation_equals_zero_stuffing(Trial& trial);
Judgement transposing_the_axes_transposes_outputs(Trial& trial);
Judgement shifting_the_input_shifts_the_output(Trial& trial);

// structure_memory.cpp
Judgement memory_layout_does_not_matter(Trial& trial);

}  // namespace convcheck::judges
