#include "harness/shared_sums.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <type_traits>

namespace convcheck {
namespace {

// Summation, and Winograd up to tiles of 2, 4 and 6.
constexpr size_t kAccuracies = 4;

size_t number_of(Accuracy accuracy) {
  return static_cast<size_t>(accuracy.winograd_tile) / 2;
}

static_assert(std::is_trivially_copyable_v<Sum>);

template <class T>
const T* copy_out(const std::byte* from, size_t count, std::vector<T>& to) {
  to.resize(count);
  if (count > 0) std::memcpy(to.data(), from, count * sizeof(T));
  return to.data();
}

}  // namespace

// Where the sums of a case are. Nobody waits for anybody: two that ask at the same time both compute.
struct SharedSums::Slot {
  enum State : uint32_t { kEmpty, kBeingWritten, kWhole };

  std::atomic<uint32_t> state;
  size_t at, indices, sums;
};

// Bytes given out so far; it lies behind the slots.
struct SharedSums::Taken {
  std::atomic<size_t> bytes;
};

SharedSums::SharedSums(size_t cases, size_t most_bytes)
    : most_bytes_(most_bytes),
      slots_(sizeof(Taken) + alignof(Slot) + (cases * kAccuracies + 1) * sizeof(Slot)),
      sums_(std::max<size_t>(most_bytes, 1)) {}

SharedSums::Slot& SharedSums::slot(size_t number, Accuracy accuracy) const {
  auto* const first = reinterpret_cast<Slot*>(slots_.data() + std::max(sizeof(Taken), alignof(Slot)));
  return first[number * kAccuracies + number_of(accuracy)];
}

std::string_view SharedSums::expect(size_t number, const Case& c, Accuracy accuracy, Expectation& result) {
  Slot& known = slot(number, accuracy);
  if (known.state.load(std::memory_order_acquire) != Slot::kWhole) {
    const std::string_view why_not = convcheck::expect(c, accuracy, result);
    if (why_not.empty()) publish(known, result);
    return why_not;
  }
  result.g = geometry(c.problem);
  result.fill = c.fill;
  result.accuracy = accuracy;
  const std::string_view why_not = fill(c, result.g, accuracy, result.data);
  const std::byte* const at = sums_.data() + known.at;
  copy_out(at, known.indices, result.indices);
  copy_out(at + known.indices * sizeof(int64_t), known.sums, result.sums);
  return why_not;
}

void SharedSums::publish(Slot& slot, const Expectation& expectation) {
  uint32_t empty = Slot::kEmpty;
  if (!slot.state.compare_exchange_strong(empty, Slot::kBeingWritten)) return;
  const size_t indices = expectation.indices.size() * sizeof(int64_t);
  const size_t sums = expectation.sums.size() * sizeof(Sum);
  auto& taken = reinterpret_cast<Taken*>(slots_.data())->bytes;
  const size_t at = taken.fetch_add(indices + sums);
  if (at + indices + sums > most_bytes_) return;  // stays as it is: nobody else tries
  if (indices > 0) std::memcpy(sums_.data() + at, expectation.indices.data(), indices);
  if (sums > 0) std::memcpy(sums_.data() + at + indices, expectation.sums.data(), sums);
  slot.at = at;
  slot.indices = expectation.indices.size();
  slot.sums = expectation.sums.size();
  slot.state.store(Slot::kWhole, std::memory_order_release);
}

}  // namespace convcheck
