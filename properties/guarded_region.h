// Pages between guards, for one tensor or workspace at a time.
#pragma once

#include <cstddef>
#include <optional>

#include "properties/faults.h"
#include "properties/periodic_memory.h"

namespace convcheck {

/// Which end of the pages a tensor lies flush against.
enum class Flush { start, end };

/// What is beside the pages: nothing that may be touched, or a page on either side that anybody may.
enum class Guards { on, off };

/// Memory for one part of a call. What the kernel only reads is mapped twice: read-only where the kernel has it,
/// writable where the harness writes. Mapped anew when a call needs more than any before, and where one needs far less
/// than there is; else a call costs no system call.
///
/// Beside what is placed, where that is not a guard, lies a canary: kBand bytes, fewer where the pages end, of a NaN
/// that no arithmetic makes. What is read there shows in the output, what is written there in overwritten().
class GuardedRegion {
 public:
  static constexpr size_t kBand = 256;

  explicit GuardedRegion(Part part) : part_(part) {}
  GuardedRegion(const GuardedRegion&) = delete;
  GuardedRegion& operator=(const GuardedRegion&) = delete;
  ~GuardedRegion() = default;

  /// Unmaps what there is; later mappings are of that kind.
  void set_guards(Guards guards);

  /// Makes room for `bytes` bytes, with its first one at a multiple of `alignment`, a power of two of at most a page.
  /// Flush against the end as far as that alignment lets it. False where there is not that much memory: then nothing
  /// is placed. Contents are unspecified.
  [[nodiscard]] bool place(size_t bytes, size_t alignment, Flush flush) {
    if (!make_room(bytes, bytes)) return false;
    put(flush == Flush::start ? 0 : (capacity_ - bytes) & ~(alignment - 1));
    return true;
  }

  /// The same at neither end, but `shift` bytes behind a multiple of 64, with whole canaries on both sides.
  [[nodiscard]] bool place_off(size_t bytes, size_t shift) {
    if (!make_room(bytes, bytes + shift + 2 * kBand)) return false;
    put(kBand + shift);
    return true;
  }

  /// What is placed, where the kernel has it and where the harness writes; null for 0 bytes.
  [[nodiscard]] void* at() const { return bytes_ == 0 ? nullptr : kernel_ + offset_; }
  [[nodiscard]] char* own() const { return bytes_ == 0 ? nullptr : own_ + offset_; }
  [[nodiscard]] size_t bytes() const { return bytes_; }

  /// The byte of a canary nearest to what is placed that no longer holds what it did; of a tensor the first byte of the
  /// element that would be there.
  [[nodiscard]] std::optional<Fault> overwritten() const { return bytes_ == 0 ? std::nullopt : find_overwritten(); }

 private:
  static constexpr size_t kKept = size_t{16} << 20;  // as much is kept whatever a call needs

  [[nodiscard]] bool is_far_too_large(size_t bytes) const { return capacity_ > kKept && bytes < capacity_ / 8; }
  // Room for so many bytes, and what is placed among them to be of `bytes`.
  [[nodiscard]] bool make_room(size_t bytes, size_t room) {
    bytes_ = bytes;
    if (bytes == 0 || (room <= capacity_ && !is_far_too_large(room))) return true;
    if (!map(room)) return false;
    bytes_ = bytes;
    return true;
  }
  void put(size_t offset) {
    if (bytes_ == 0) return;
    offset_ = margin_ + offset;
    record_.hold(kernel_ + offset_, kernel_ + offset_ + bytes_);
    write_canaries();
  }
  [[nodiscard]] bool map(size_t bytes);
  [[nodiscard]] bool map_guarded(size_t capacity);
  [[nodiscard]] bool map_open(size_t capacity);
  void unmap();
  void write_canaries();
  [[nodiscard]] bool is_canary(size_t offset, size_t count) const;
  [[nodiscard]] std::optional<Fault> find_overwritten() const;
  [[nodiscard]] size_t low_band() const { return offset_ < kBand ? offset_ : kBand; }
  [[nodiscard]] size_t high_band() const {
    const size_t left = capacity_ + 2 * margin_ - offset_ - bytes_;
    return left < kBand ? left : kBand;
  }

  Part part_;
  Guards guards_ = Guards::on;
  char* kernel_ = nullptr;  // the first page that is no guard, as the kernel sees it
  char* own_ = nullptr;     // the same as the harness does
  size_t capacity_ = 0;
  size_t margin_ = 0;  // the page before the capacity, and behind it, that is no guard
  size_t offset_ = 0;
  size_t bytes_ = 0;
  Mapping whole_, writable_;
  GuardRecord record_;
};

}  // namespace convcheck
