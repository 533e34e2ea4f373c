// Arguments that nobody sane gives: the case's, with one or two fields holding what breaks a rule of the ABI.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "reference/problem.h"

namespace convcheck::judges {

/// What is given to a kernel, and what is wrong with it.
struct Hostile {
  convcheck_problem problem{};
  bool has_bias_pointer = false;
  /// The problem breaks a rule, by itself or by its struct_size or spatial_rank.
  bool is_invalid = false;
  /// The data type or the direction is none of the ABI's: UNSUPPORTED, if it is not invalid as well.
  bool is_unknown = false;
  /// The bias pointer disagrees with the bias shape, which `prepare` and `run` alone can see.
  bool is_bias_torn = false;
  std::string what;  ///< "groups = 0 and stride[1] = -1"
};

/// How many single mutations there are: of each field that a rule is about each hostile value.
[[nodiscard]] size_t mutation_count();

/// The valid problem with the mutations of these numbers, each below mutation_count(). Nothing where they leave it
/// valid.
[[nodiscard]] std::optional<Hostile> hostile(const Problem& valid, std::span<const size_t> numbers);

}  // namespace convcheck::judges
