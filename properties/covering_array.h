// A covering array: few problems, among which every three classes of different parameters that can meet in one problem
// do meet in one. Most faults need one, two or three parameters to be what they are (Kuhn, Wallace and Gallo, "Software
// fault interactions and implications for software testing", IEEE TSE 30(6), 2004).
//
// The parameters, with the classes of classes.h:
// - of height and of width, each for itself: kernel (1, 2, 3, 4 to 7, above 7), stride, stride above kernel, dilation,
//   padding before, padding after, whether they are equal, image (1, 2, 3 to 7, above 7), output (1, 2, 3 to 7, a
//   multiple of 8, above 8), whether the image reaches beyond the last window;
// - groups, C/groups, K/groups, C and K modulo 16; batch; bias; memory; height and width alike or different.
//
// A problem with an empty batch computes nothing: it counts only for combinations that name the empty batch. All the
// others occur in contiguous memory as well, since most kernels serve no other.
#pragma once

#include <cstdint>
#include <vector>

#include "reference/problem.h"

namespace convcheck {

/// Which problems: all; or those with a kernel of 3x3, stride and dilation 1, since kernels that serve nothing else
/// see next to nothing of the others.
enum class Domain { all, plain_3x3 };

struct CoveringArray {
  std::vector<Problem> problems;  ///< valid and small; those of contiguous memory stand first
  int64_t triples_possible = 0;   ///< combinations of three classes that can occur there: the same for every seed
  int64_t triples_covered = 0;    ///< of those, the ones that occur: all
};

/// The same for the same seed; another seed gives other numbers of the same classes. Built greedily, a problem at a
/// time (Cohen, Dalal, Fredman and Patton, "The AETG system", IEEE TSE 23(7), 1997). Thread-safe.
[[nodiscard]] CoveringArray covering_array(uint64_t seed, Domain domain = Domain::all);

}  // namespace convcheck
