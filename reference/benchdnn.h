// benchdnn's convolution descriptors (g2mb1ic6ih32oc16oh28kh5...), so that the tens of thousands of shapes written for
// it serve here too.
#pragma once

#include <string_view>

#include "reference/case_text.h"

namespace convcheck {

/// True for one word without '=' that starts as a descriptor does: a known field name and a digit.
[[nodiscard]] bool looks_like_benchdnn(std::string_view text);

/// Reads a descriptor by the rules of oneDNN's documentation of benchdnn's convolution driver: fields in any order, '_'
/// ignored, batch 2 unless given, a missing inner size equals the outer one, a missing output follows from the padding,
/// a missing padding from the output; dilation counts holes (0 is none); the padding at the far side is what the output
/// needs. A trailing nNAME is ignored. An output that no padding explains becomes a claim, for the rules to refuse.
[[nodiscard]] Parsed<Case> parse_benchdnn(std::string_view text);

}  // namespace convcheck
