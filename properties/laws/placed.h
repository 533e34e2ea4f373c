// Memory at an address of a chosen residue modulo 64 bytes: what bits may depend on.
#pragma once

#include <cstdint>
#include <vector>

namespace convcheck::judges {

/// The residue modulo 64 of the address `offset` elements behind `data`.
[[nodiscard]] inline uintptr_t residue_of(const float* data, int64_t offset = 0) {
  return (reinterpret_cast<uintptr_t>(data) + static_cast<uintptr_t>(offset) * sizeof(float)) % 64;
}

/// `count` floats whose first one has that residue, a multiple of 4. Values are unspecified.
class Placed {
 public:
  Placed(int64_t count, uintptr_t residue) : memory_(static_cast<size_t>(count) + kRoom) {
    const uintptr_t distance = (residue - residue_of(memory_.data())) % 64;
    data_ = memory_.data() + distance / sizeof(float);
  }
  Placed(const Placed&) = delete;
  Placed& operator=(const Placed&) = delete;

  [[nodiscard]] float* data() { return data_; }

 private:
  static constexpr size_t kRoom = 64 / sizeof(float);

  std::vector<float> memory_;
  float* data_;
};

}  // namespace convcheck::judges
