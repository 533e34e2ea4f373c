// Data for a case: what the tensors hold.
#pragma once

#include <optional>
#include <string_view>

#include "reference/case.h"
#include "reference/convolution.h"

namespace convcheck {

/// How a kernel's values are judged on one problem: as a sum of products in some order, or as Winograd up to a tile.
struct Accuracy {
  int winograd_tile = 0;  ///< 0: summation

  [[nodiscard]] bool is_winograd() const { return winograd_tile != 0; }
  [[nodiscard]] bool operator==(const Accuracy&) const = default;
};

/// The integers that keep every right result exact, or nearer to an integer than 1/2.
///
/// Summation: non-zero |x|, |w| <= M and |b| <= M^2 with n M^2 < 2^24, n the largest number of terms of an output:
/// every partial sum in every order is an integer below 2^24 in magnitude, which f32 holds. Winograd: M^2 times the
/// bound for unit data stays below 1/2, so that the nearest integer is the exact result. Where M would fall below 3
/// only some input channels of each group are not zero; which ones depends on the seed and the image.
struct IntegerRange {
  int64_t largest = 1;          ///< M
  int64_t active_channels = 0;  ///< per group
};

/// Nothing where even M = 1 with one channel is too large: then integers cannot judge the problem.
[[nodiscard]] std::optional<IntegerRange> integer_range(const Geometry& g, Accuracy accuracy);

/// Products of the largest window, plus one for a bias.
[[nodiscard]] int64_t most_terms(const Geometry& g, int64_t channels);

/// Fills data for the case, reusing its memory; the same arguments give the same data, on every machine. Empty where
/// that is done; else why this fill cannot judge this problem at this accuracy, in static memory, and data are
/// unspecified. Requires a valid problem of spatial rank 2.
///
/// integers            neighbours along every axis differ, in input (active channels), weight and bias alike, so that
/// an
///                     index that is off by one changes what is read
/// input_significand   one power of two in each filter, inputs of 24 significant bits, no bias: an output is an input
///                     times a power of two, or zero
/// weight_significand  an impulse in the input for each window, weights of 24 significant bits, no bias: an output is a
///                     weight times a power of two, or zero
/// reals               significands of 24 random bits, random signs, exponents from -4 to 3
/// statistical1..6     the data sets of statistical.h
/// special             what special.h makes of the integers
[[nodiscard]] std::string_view fill(const Case& c, const Geometry& g, Accuracy accuracy, Data& data);

}  // namespace convcheck
