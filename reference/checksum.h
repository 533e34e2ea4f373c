// Judging a whole output at a fraction of the naive cost: R. Freivalds, Probabilistic machines can use less running
// time, IFIP Congress 1977. Convolution is linear in its weight, so within a group of output channels k, for any r,
//
//   sum_k r_k y[n, k, oh, ow]  =  sum_k r_k b[k]  +  conv(x, sum_k r_k w[k]) [n, oh, ow],
//
// and the right-hand side is a convolution with one output channel in place of K / groups. Everything is an integer,
// and both sides are computed modulo p = 2^61 - 1 with each r_k uniform from 1 to p - 1.
//
// What is missed: let d_k be what the outputs of one image, group and pixel are off by. They are integers of less than
// 2^25 in magnitude, so none but 0 is a multiple of p. If just one d_k is not 0, r_k d_k is no multiple of p: a single
// wrong element of an image, group and pixel is always caught. If several are not, then whatever the others' r are,
// one value of the last r_k at most makes the sum a multiple of p: any pattern of errors that was made without knowing
// r is missed with probability at most 1 / (p - 1) < 2^-60.
#pragma once

#include "reference/compare.h"

namespace convcheck {

/// Exact integers by checksum: compare_exactly()'s verdict on a whole output, without its sums. Requires data filled
/// with Fill::integers for that accuracy, an output of the problem's shape and a seed that the kernel does not know.
///
/// Summation: an output is right where it equals the exact result. One that is no integer below 2^24 in magnitude, NaN
/// and infinity among them, is wrong by itself. Winograd: its nearest integer does, and it is no further from that than
/// the bound allows for any data of the fill (WinogradBound::for_unit_data; compare_exactly() has the bound of the data
/// at hand, which is smaller).
///
/// `compared` counts all elements. Where a checksum disagrees, the naive sums of that image, group and pixel say which
/// elements are wrong, for the first kMostPixels such pixels in the order of images, groups and pixels, and until
/// kMostMultiplies are spent, at least for one: `first` and `wrong_indices` are of those. `wrong` counts the wrong
/// elements in them and one for each further pixel: no more than are wrong, and none missed where that limit is not
/// reached. `worst_ratio` is, for Winograd, over all elements, the largest distance from an integer over the one
/// allowed; else 0.
///
/// Throws std::logic_error where data are no integers, or a checksum disagrees and the naive sums do not: the caller or
/// this file is wrong, not the kernel. Thread-safe.
///
/// The cost is that of reading everything once, and of a convolution with one output channel a group: groups / K of the
/// kernel's multiply-adds, each done in two halves. For K / groups = 1 nothing is saved, and there is nothing to
/// combine either: every sum is computed as it is, at about the kernel's own cost.
void compare_by_checksum(const Geometry& g, Accuracy accuracy, const Data& data, const Tensor& output, uint64_t seed,
                         Comparison& result);

/// How many pixels of an image and group are looked into, and the multiply-adds that may take: a person needs examples.
inline constexpr int64_t kMostPixels = 256;
inline constexpr int64_t kMostMultiplies = 100'000'000;

}  // namespace convcheck
