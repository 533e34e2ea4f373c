// The tables of mutants, one for each theme. A mutant is added as one small struct and one line in the table of its
// theme's file.
#pragma once

#include <span>

#include "impls/mutants/mutant.h"

namespace convcheck::impls::mutants {

std::span<const Mutant> group_mutants();
std::span<const Mutant> axis_mutants();
std::span<const Mutant> padding_mutants();
std::span<const Mutant> tail_mutants();
std::span<const Mutant> size_mutants();
std::span<const Mutant> dispatch_mutants();
std::span<const Mutant> matrix_mutants();
std::span<const Mutant> winograd_mutants();
std::span<const Mutant> bias_mutants();
std::span<const Mutant> view_mutants();
std::span<const Mutant> write_mutants();
std::span<const Mutant> state_mutants();
std::span<const Mutant> numeric_mutants();
std::span<const Mutant> special_mutants();
std::span<const Mutant> rule_mutants();
std::span<const Mutant> rejection_mutants();
std::span<const Mutant> memory_mutants();
std::span<const Mutant> scratch_mutants();
std::span<const Mutant> thread_mutants();
std::span<const Mutant> call_mutants();
std::span<const Mutant> process_mutants();
std::span<const Mutant> robustness_mutants();

}  // namespace convcheck::impls::mutants
