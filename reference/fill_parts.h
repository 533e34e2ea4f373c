// The families of data behind fill(), each in a file of its own. All take data that are reshaped and write every
// element.
#pragma once

#include "reference/fill.h"
#include "reference/random.h"

namespace convcheck {

/// Streams of one seed.
enum Stream : uint64_t { kInputStream, kWeightStream, kBiasStream, kChannelStream, kSpecialStream, kZeroStream };

/// 24 significand bits of which the first and the last are set, so that no shorter format holds the value; a random
/// sign, an exponent from -4 to 3.
[[nodiscard]] inline float draw_full_significand(Random& random) {
  const uint64_t bits = random.bits();
  const auto significand = static_cast<float>((bits & 0x7FFFFF) | 0x800001);
  const float scale = static_cast<float>(1 << (bits >> 32 & 7)) * 0x1p-27F;
  return (bits >> 63) != 0 ? -significand * scale : significand * scale;
}

void fill_integers(const Case& c, const Geometry& g, const IntegerRange& range, Data& data);
void fill_input_significand(const Case& c, const Geometry& g, Data& data);
void fill_weight_significand(const Case& c, const Geometry& g, Data& data);

/// Takes data that hold integers of that range.
void make_special(const Case& c, const Geometry& g, const IntegerRange& range, Data& data);

}  // namespace convcheck
