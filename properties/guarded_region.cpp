#include "properties/guarded_region.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace convcheck {
namespace {

constexpr size_t kMostBytes = size_t{1} << 39;  // more than any machine has for one call
constexpr size_t kLeastGuard = size_t{1} << 20;

constexpr uint32_t kCanary = 0x7FCAFE5A;

// Enough of it for a band that begins anywhere in a canary.
constexpr auto kCanaries = [] {
  std::array<unsigned char, GuardedRegion::kBand + sizeof kCanary> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(kCanary >> (8 * (i % sizeof kCanary)));
  }
  return bytes;
}();

const unsigned char* canary_from(size_t offset) {
  return kCanaries.data() + offset % sizeof kCanary;
}

size_t page_bytes() {
  static const auto kBytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return kBytes;
}

size_t whole_pages(size_t bytes) {
  return (bytes + page_bytes() - 1) / page_bytes() * page_bytes();
}

Mapping reserve(size_t bytes, int protection) {
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | (protection == PROT_NONE ? MAP_NORESERVE : 0);
  void* const start = mmap(nullptr, bytes, protection, flags, -1, 0);
  return start == MAP_FAILED ? Mapping() : Mapping(start, bytes);
}

// The same memory twice: read-only at `at`, and writable wherever there is room. Nothing where that cannot be had. No
// file stands behind it, so that a kernel that uses up all descriptors does not take those.
Mapping map_twice(char* at, size_t bytes) {
  void* const start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return {};
  Mapping writable(start, bytes);
  // An old size of 0 leaves a shared mapping where it is and makes another one of the same pages.
  if (mremap(start, 0, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, at) == MAP_FAILED) return {};
  if (mprotect(at, bytes, PROT_READ) != 0) return {};
  return writable;
}

}  // namespace

void GuardedRegion::set_guards(Guards guards) {
  unmap();
  guards_ = guards;
}

void GuardedRegion::unmap() {
  record_ = {};
  whole_ = {};
  writable_ = {};
  kernel_ = own_ = nullptr;
  capacity_ = margin_ = offset_ = bytes_ = 0;
}

bool GuardedRegion::map(size_t bytes) {
  const size_t before = capacity_;
  unmap();
  if (bytes > kMostBytes) return false;
  size_t capacity = whole_pages(bytes);
  // One that grows step by step is not mapped at each.
  if (capacity > before) capacity = std::max(capacity, std::min(2 * before, kKept));
  if (!(guards_ == Guards::on ? map_guarded(capacity) : map_open(capacity))) {
    unmap();
    return false;
  }
  capacity_ = capacity;
  return true;
}

bool GuardedRegion::map_guarded(size_t capacity) {
  // As large as the tensor, so that an index that is off by an image is off within the guard.
  const size_t guard = std::max(capacity, kLeastGuard);
  whole_ = reserve(capacity + 2 * guard, PROT_NONE);
  if (whole_.start() == nullptr) return false;
  kernel_ = whole_.start() + guard;
  if (part_ == Part::output || part_ == Part::workspace) {
    if (mprotect(kernel_, capacity, PROT_READ | PROT_WRITE) != 0) return false;
    own_ = kernel_;
  } else {
    writable_ = map_twice(kernel_, capacity);
    own_ = writable_.start();
    if (own_ == nullptr) return false;
  }
  record_ = GuardRecord(part_, whole_.start(), whole_.start() + capacity + 2 * guard);
  return true;
}

bool GuardedRegion::map_open(size_t capacity) {
  whole_ = reserve(capacity + 2 * page_bytes(), PROT_READ | PROT_WRITE);
  kernel_ = own_ = whole_.start();
  margin_ = page_bytes();
  return kernel_ != nullptr;
}

void GuardedRegion::write_canaries() {
  const size_t low = offset_ - low_band(), high = offset_ + bytes_;
  std::memcpy(own_ + low, canary_from(low), low_band());
  std::memcpy(own_ + high, canary_from(high), high_band());
}

// Nothing is compared with nothing: at a guard that alone would take longer than all the rest of a call, since a masked
// load whose address may not be read is completed by microcode.
bool GuardedRegion::is_canary(size_t offset, size_t count) const {
  return count == 0 || std::memcmp(own_ + offset, canary_from(offset), count) == 0;
}

std::optional<Fault> GuardedRegion::find_overwritten() const {
  // Elements are written whole, though some of their bytes may be the canary's.
  const size_t unit = part_ == Part::workspace ? 1 : sizeof(float);
  const size_t high = offset_ + bytes_;
  if (!is_canary(offset_ - low_band(), low_band())) {
    size_t at = offset_ - 1;
    while (static_cast<unsigned char>(own_[at]) == *canary_from(at)) --at;
    return Fault{.part = part_, .where = Where::before, .distance = (offset_ - at + unit - 1) / unit * unit};
  }
  if (!is_canary(high, high_band())) {
    size_t at = high;
    while (static_cast<unsigned char>(own_[at]) == *canary_from(at)) ++at;
    return Fault{.part = part_, .where = Where::after, .distance = (at - high) / unit * unit};
  }
  return std::nullopt;
}

}  // namespace convcheck
