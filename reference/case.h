// A case: a problem, a data recipe and a data seed; everything needed to repeat a judgement.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "reference/problem.h"

namespace convcheck {

/// How the tensors are filled; docs/judging.md says what each is for.
enum class Fill {
  integers,
  input_significand,
  weight_significand,
  reals,
  special,
  statistical1,
  statistical2,
  statistical3,
  statistical4,
  statistical5,
  statistical6,
};

inline constexpr std::array<std::string_view, 11> kFillNames = {
    "integers",     "input_significand", "weight_significand", "reals",        "special",     "statistical1",
    "statistical2", "statistical3",      "statistical4",       "statistical5", "statistical6"};

[[nodiscard]] constexpr std::string_view name(Fill fill) {
  return kFillNames[static_cast<size_t>(fill)];
}

struct Case {
  Problem problem;
  Fill fill = Fill::integers;
  uint64_t seed = 1;

  [[nodiscard]] bool operator==(const Case&) const = default;
};

}  // namespace convcheck
