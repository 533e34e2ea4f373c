// Random cases for the text form: any rank, any int64 in any field, valid or not.
#pragma once

#include <string>

#include "reference/case.h"
#include "reference/random.h"

namespace convcheck {

/// A case that its text can express. What it cannot express: strides that kernels must never be given, and a claimed
/// output that is the rule's own (which is no claim).
[[nodiscard]] Case random_case(Random& random);

/// A text or a descriptor that is read, with fields in any order and spelling.
[[nodiscard]] std::string random_descriptor(Random& random);

/// One to four random edits: flipped bits, deleted and doubled pieces, pieces of `other`, bytes that mean something in
/// the grammar, other digits.
[[nodiscard]] std::string mutated(Random& random, std::string text, const std::string& other);

}  // namespace convcheck
