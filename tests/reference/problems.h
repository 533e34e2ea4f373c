// Problems and data for the tests of the reference: from text, and at random from a seed.
#pragma once

#include <cstdint>
#include <string_view>

#include "reference/case.h"
#include "reference/convolution.h"
#include "reference/random.h"
#include "reference/sanitized.h"

namespace convcheck {

/// How many random cases to try: fewer where a sanitizer makes each of them dear.
[[nodiscard]] constexpr int64_t random_cases(int64_t count) {
  return kIsSanitized ? count / 20 : count;
}

/// The case of a text; a text that is refused ends the test program with its error.
[[nodiscard]] Case case_of(std::string_view text);
[[nodiscard]] Problem problem_of(std::string_view text);

/// Uniform from least to most, both included.
[[nodiscard]] int64_t uniform(Random& random, int64_t least, int64_t most);
[[nodiscard]] bool one_in(Random& random, uint64_t count);

/// A small valid problem of spatial rank 2 with every parameter at work: groups, strides, dilation, asymmetric padding,
/// bias, both layouts, empty batches and images.
[[nodiscard]] Problem random_valid_problem(Random& random);

/// Gives the problem strided views at random: gaps, expanded (stride 0) axes of input and weight.
void add_random_strides(Random& random, Problem& problem);

/// Data of the problem's shapes: integers from -most to most, or reals of about unit size. Gaps hold NaN.
[[nodiscard]] Data random_integers(Random& random, const Problem& problem, int64_t most);
[[nodiscard]] Data random_reals(Random& random, const Problem& problem);

/// A real of 24 random significand bits and an exponent from `least` to `most`.
[[nodiscard]] float random_real(Random& random, int least, int most);

}  // namespace convcheck
