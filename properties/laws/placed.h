// Memory at an address of a chosen residue modulo 64 bytes: what bits may depend on.
#pragma once

#include <cstdint>
#include <vector>

namespace convcheck::judges {

/// The residue modulo 64 of an address.
[[nodiscard]] inline uintptr_t residue_of(const float* data) {
  return reinterpret_cast<uintptr_t>(data) % 64;
}

/// `count` floats whose first one has that residue, a multiple of 4, with room on both sides for a kernel that goes
/// astray: other laws see that it does. Values are unspecified.
class Placed {
 public:
  Placed(int64_t count, uintptr_t residue) : memory_(static_cast<size_t>(count) + 2 * kRoom) {
    float* const first = memory_.data() + kRoom / 2;
    data_ = first + (residue - residue_of(first)) % 64 / sizeof(float);
  }
  Placed(const Placed&) = delete;
  Placed& operator=(const Placed&) = delete;

  [[nodiscard]] float* data() { return data_; }

 private:
  static constexpr size_t kRoom = 4096 / sizeof(float);

  std::vector<float> memory_;
  float* data_;
};

}  // namespace convcheck::judges
