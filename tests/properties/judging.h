// Kernels judged by laws over many cases, for the tests of laws and of shrinking.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "properties/law.h"

namespace convcheck {

/// How often a law came to each outcome.
struct Tally {
  int64_t holds = 0, violated = 0, not_applicable = 0;
};

/// A case with what a law said of it.
struct Judged {
  Case the_case;
  Judgement judgement;
};

/// Judges the case by the law, in memory that the thread's calls share; by the checksum as if the reference had
/// computed one output.
[[nodiscard]] Judgement judge_once(const Law& law, const convcheck_kernel& kernel, const Case& c);

/// Gives cases of the kind that the law takes, the same on every call: `small` of the small world (for laws about
/// invalid problems none, for statistical ones a twentieth of the number and none either) and `random` random ones of
/// at most 100,000 multiply-adds, until `take` returns false. Of a law that sessions give one in so many cases there
/// are as many times fewer, but 12.
void for_each_case(const Law& law, int64_t small, int64_t random, const std::function<bool(const Case&)>& take);

/// The first of those cases on which the kernel violates the law.
[[nodiscard]] std::optional<Judged> first_violation(const Law& law, const convcheck_kernel& kernel, int64_t small,
                                                    int64_t random);

}  // namespace convcheck
