// Pseudo-random numbers from a seed that is passed in: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), whose whole
// state is one counter, so that a stream can be started anywhere.
#pragma once

#include <cstdint>

namespace convcheck {

class Random {
 public:
  explicit constexpr Random(uint64_t seed) : state_(seed) {}
  /// A stream of its own for each (seed, stream) pair: the streams of one seed all start apart.
  constexpr Random(uint64_t seed, uint64_t stream) : state_(mix(mix(seed + kStep) + stream)) {}

  /// 64 uniform bits.
  [[nodiscard]] constexpr uint64_t bits() {
    state_ += kStep;
    return mix(state_);
  }

  /// Uniform in [0, count), up to a bias below count / 2^32. Requires 1 <= count < 2^32.
  [[nodiscard]] constexpr uint64_t below(uint64_t count) { return ((bits() >> 32) * count) >> 32; }

 private:
  static constexpr uint64_t kStep = 0x9E3779B97F4A7C15;
  [[nodiscard]] static constexpr uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  uint64_t state_;
};

}  // namespace convcheck
