// Sums of integers times coefficients modulo p = 2^61 - 1, at many positions at once: sum_i r_i v_i[t] for all t. The
// inner loops of the checksum (checksum.h), written so that a compiler makes vector code of them.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "reference/mersenne.h"

namespace convcheck {

/// One row of integers and what it is multiplied by.
struct Term {
  const int32_t* values = nullptr;
  Halves coefficient;
};

/// The sum, reused from one to the next: restart(), add() any number of times, residues().
class Combination {
 public:
  /// What a row must have in memory: the loops run over whole vectors. What stands behind the positions that count may
  /// be any integers within the range.
  [[nodiscard]] static int64_t padded(int64_t positions) { return (positions + 15) / 16 * 16; }

  /// Every position starts as `initial`, a residue.
  void restart(int64_t positions, int64_t initial);

  /// Requires padded(positions) values in each row, none above 2^24 in magnitude.
  void add(std::span<const Term> terms);

  /// The sums so far, one residue from 0 to p - 1 a position.
  [[nodiscard]] std::span<const int64_t> residues();

 private:
  // |v| <= 2^24 and a half of at most 2^30 make products of at most 2^54, and 256 of them at most 2^62: no int64
  // overflows between two folds.
  static constexpr int64_t kTermsBetweenFolds = 256;

  void fold();

  int64_t positions_ = 0;
  int64_t pending_ = 0;              // terms since the last fold
  std::vector<int64_t> low_, high_;  // sums of v r.low and v r.high
  std::vector<int64_t> total_;       // residues of what was folded
};

/// Adds coefficient.low * values[t] of each term to sums[t], modulo 2^32: for sums that are known to be small, where
/// high is 0. Requires padded(positions) values in each row, and as many sums.
void add_modulo_2_32(std::span<const Term> terms, int64_t positions, int32_t* sums);

/// What makes an f32 an integer: summations give integers, Winograd something near one.
struct Rounding {
  float limit = 0x1p24F;  ///< values from here on are none, nor is a NaN
  float half = 0;         ///< 0: cut off the fraction; 1/2, with a limit of at most 2^23: round to nearest
};

/// A block of three axes of a tensor, the last innermost. Without elements where an extent is 0.
struct Box {
  const float* data = nullptr;
  std::array<int64_t, 3> extent = {0, 0, 0};
  std::array<int64_t, 3> stride = {0, 0, 0};
};

/// Writes the integers of a box one behind the other, 0 for values beyond the limit, and returns the bits of the
/// largest distance |value - integer|. Bits order as the distances do, infinity above all numbers and NaN above
/// infinity: compared with the bits of what is allowed, no NaN slips through.
///
/// A distance is exact, being a multiple of the value's last place and no larger than the value; only the neighbour of
/// 1/2 below it rounds to 1 and is told to be 1/2 away. (value + 1/2 is rounded to no less fine a place than that of
/// the value itself, or of 1/2, so nothing else reaches the next integer.)
[[nodiscard]] int32_t to_integers(const Box& box, Rounding rounding, int32_t* to);

}  // namespace convcheck
