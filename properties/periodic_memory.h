// Memory for tensors of more than 2^31 elements, most of which costs nothing.
//
// What is read repeats one block of real memory, mapped again and again. The block is a prime number of pages long, so
// that no power of two from a page on is a multiple of its length: an offset that is wrong by 2^31 or 2^32 bytes or
// elements finds another place of the block, where a block of, say, 64 MiB would show it the very data that it should
// have read. The whole block is one mapping: 8 GiB are some 130 of them, where one for each page would be 2 million and
// Linux allows a process 65530 (vm.max_map_count).
//
// What is written is real memory, each element with a place of its own.
//
// Before the tensor lie another 2^31 elements that may be read, or before an output written, without any meaning: so
// an index that wraps to a negative number gives a wrong result to judge and not the end of the program.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>

namespace convcheck {

/// A range of addresses with what is mapped there, unmapped at the end. Moves like a pointer.
class Mapping {
 public:
  Mapping() = default;
  Mapping(void* start, size_t bytes) : start_(start), bytes_(bytes) {}
  Mapping(Mapping&& other) noexcept { swap(other); }
  Mapping& operator=(Mapping&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Mapping();

  [[nodiscard]] char* start() const { return static_cast<char*>(start_); }

 private:
  void swap(Mapping& other) {
    std::swap(start_, other.start_);
    std::swap(bytes_, other.bytes_);
  }

  void* start_ = nullptr;
  size_t bytes_ = 0;
};

/// Floats to read: element i is block()[i modulo kPeriod], for every i from -kMargin to the number of elements.
class PeriodicMemory {
 public:
  static constexpr int64_t kPageBytes = 4096;
  static constexpr int64_t kPeriodPages = 16381;  ///< the largest prime below 2^14
  static constexpr int64_t kPeriodBytes = kPeriodPages * kPageBytes;
  static constexpr int64_t kPeriod = kPeriodBytes / static_cast<int64_t>(sizeof(float));
  static constexpr int64_t kMargin = int64_t{1} << 31;

  /// Maps `elements` floats. `fill` writes those of the first period, or all where they are fewer: what is left of the
  /// block holds zeros. Empty where that is done, else why it is not; then there is nothing mapped.
  [[nodiscard]] std::string map(int64_t elements, const std::function<void(std::span<float>)>& fill);

  /// Element zero; null where none are mapped.
  [[nodiscard]] const float* data() const { return data_; }
  /// How many mappings the elements and the margin before them take.
  [[nodiscard]] int64_t mappings() const { return mappings_; }

 private:
  Mapping mapping_;
  const float* data_ = nullptr;
  int64_t mappings_ = 0;
};

/// Floats to write, holding zeros; pages are taken as they are touched.
class OutputMemory {
 public:
  /// Maps `elements` floats, of which `touched` at most will be written. Empty where that is done, else why it is not.
  [[nodiscard]] std::string map(int64_t elements, int64_t touched);

  [[nodiscard]] float* data() const { return data_; }

  /// The most memory that writing `touched` of `elements` floats takes, in whole pages.
  [[nodiscard]] static int64_t most_bytes(int64_t elements, int64_t touched);

 private:
  Mapping mapping_;
  float* data_ = nullptr;
};

}  // namespace convcheck
