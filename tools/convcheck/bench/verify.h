// Only right results are worth a time.
#pragma once

#include <string>

#include "reference/compare.h"
#include "tools/convcheck/bench/entrant.h"

namespace convcheck::bench {

/// Runs the contender, made for the expectation's data, and judges its output: within the bound of that accuracy, on
/// all outputs or on those that were sampled. Empty where it is right, else one line. Sets the expectation's accuracy.
[[nodiscard]] std::string verify(Contender& contender, const Problem& problem, Accuracy accuracy,
                                 Expectation& expected);

/// All outputs, by the checksum on integers: for problems of which only a sample of outputs was computed. The entrant
/// is made ready once more, since it gets another weight.
[[nodiscard]] std::string verify_by_checksum(const Entrant& entrant, const Problem& problem, const Module& module);

}  // namespace convcheck::bench
