// Saying what is wrong: theories of how a wrong kernel behaves, each computed apart from every kernel, and the search
// for the one that is true of a kernel.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "properties/subject.h"
#include "properties/theories/model.h"

namespace convcheck {

struct Theory {
  std::string_view name;     ///< "kernel_flipped"
  std::string_view behaves;  ///< what follows "It behaves as if ", without a full stop
  Model model;
  std::string_view base = {};  ///< the theory that it limits to some problems; empty where it is about all
};

/// All theories about all problems; any two can be told apart by the telling cases.
[[nodiscard]] std::span<const Theory> theories();

/// Each of them limited to some problems: grouped, depthwise, 1x1, strided, dilated, plain 3x3. Many of these say the
/// same.
[[nodiscard]] std::span<const Theory> limited_theories();

/// Null where no theory, limited or not, has that name.
[[nodiscard]] const Theory* find_theory(std::string_view name);

/// "It behaves as if the stride along the height were used for both axes."
[[nodiscard]] std::string sentence(const Theory& theory);

/// Above this many multiply-adds a plain loop that asks for every tap takes too long.
inline constexpr int64_t kMostMultipliesPredicted = 4'000'000;
/// Above this many elements the memory of a tensor, gaps included, takes too long to look through.
inline constexpr int64_t kMostElementsPredicted = 16'000'000;

/// True for valid forward f32 problems with two spatial axes of at most kMostMultipliesPredicted multiply-adds and
/// kMostElementsPredicted elements of memory for each tensor.
[[nodiscard]] bool can_be_predicted(const Problem& problem);

/// The theory by which the kernel behaves, or null where none can be named. `failing` are cases on which the kernel was
/// found to violate a law. The kernel is called on them and on the telling cases, once each. A theory is named only
/// where it alone predicts each place of the output's memory, gaps included, on every one of those cases that the
/// kernel serves, whether it is right there or wrong, and where the kernel is wrong on one at least by more
/// than rounding makes of the theory and the truth. Values are
/// predicted exactly where any order of summation is exact, else within the error bound of a summation; for Winograd's
/// accuracy to the nearest integer, on integers alone. A theory about all problems goes before what it is when limited.
/// Where two others are left, or a failing case is none of can_be_predicted(), none is named. A kernel that is wrong in
/// few of the cases that a theory is about, in two ways at once, or differently in each call, has none.
[[nodiscard]] const Theory* behaves_as(const Subject& subject, std::span<const Case> failing);

/// The same among these theories alone and by other telling cases.
[[nodiscard]] const Theory* behaves_as(const Subject& subject, std::span<const Case> failing,
                                       std::span<const Theory> among, std::span<const Case> telling);

}  // namespace convcheck
