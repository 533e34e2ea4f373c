// The functions of the law table, by topic.
#pragma once

#include "properties/law.h"

namespace convcheck::judges {

// rules.cpp
Judgement accepts_valid(Trial& trial);
Judgement rejects_invalid(Trial& trial);

// conduct.cpp
Judgement writes_every_output_element(Trial& trial);

// value.cpp
Judgement matches_reference_exactly(Trial& trial);
Judgement matches_reference_within_bound(Trial& trial);
Judgement keeps_the_full_significand(Trial& trial);
Judgement errs_like_f32(Trial& trial);
Judgement matches_checksum(Trial& trial);
Judgement computes_extremes_exactly(Trial& trial);
Judgement propagates_nonfinite(Trial& trial);

// structure.cpp
Judgement groups_are_independent(Trial& trial);
Judgement equals_block_diagonal_dense(Trial& trial);
Judgement tied_groups_equal_channel_fold(Trial& trial);
Judgement bias_adds(Trial& trial);
Judgement batch_is_independent(Trial& trial);

}  // namespace convcheck::judges
