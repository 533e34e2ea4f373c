// What a child writes down before it does anything that may end it, in memory that outlives it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "harness/shared_memory.h"
#include "harness/standing.h"

namespace convcheck {

/// A text of limited length that can be written from a signal handler.
template <size_t N>
class ShortText {
 public:
  void set(std::string_view text) {
    length_ = text.size() < N ? text.size() : N;
    for (size_t i = 0; i < length_; ++i) text_[i] = text[i];
  }
  [[nodiscard]] std::string_view get() const { return {text_.data(), length_ < N ? length_ : N}; }

 private:
  std::array<char, N> text_;
  size_t length_;
};

/// What a child is at.
enum class Doing : int32_t { starting, loading, judging, shrinking, explaining, ending };

/// Where a fault was, as the handler of the signal saw it.
struct FaultNote {
  int32_t signal;      ///< 0: none was seen
  int32_t was_inside;  ///< a call into the kernel
  uint64_t address;
  int32_t out_of_memory;  ///< an allocation of the faulting thread had failed before
  int32_t off_the_stack;  ///< the address is just beyond the stack
  ShortText<160> words;   ///< what guarded memory says of the address; empty: nothing
  ShortText<48> law;      ///< the law that stands behind that; empty: none
};

/// All zeros before a child starts; a child is the only one to write, but for `tries`.
struct FlightRecord {
  std::atomic<int64_t>
      deadline_ns;               ///< of the call that began last, on the monotonic clock; counts while there are calls
  std::atomic<int32_t> calls;    ///< in progress
  std::atomic<int32_t> process;  ///< the child; 0: none was started
  std::atomic<Doing> doing;
  std::atomic<int32_t> has_case;
  std::atomic<int32_t> judging;    ///< number of the law that judges, of those that were asked for
  std::atomic<int32_t> shrinking;  ///< number of the law whose violation is being shrunk
  std::atomic<int32_t> trying;     ///< number of the try in progress
  CaseNumber number;
  Case the_case;
  int64_t cases;           ///< given to the kernel, this one included
  double seconds;          ///< spent on judging before this case
  int64_t printed_before;  ///< bytes printed when the case began
  ShortText<160> source;
  ShortText<256> note;      ///< what a law says about the call that it makes
  ShortText<160> progress;  ///< what has begun, for people
  std::atomic<int32_t> progress_lines;
  FaultNote fault;
  std::atomic<int32_t> duplicated;  ///< 1: somebody forked; the case is then in the_duplicated
  Case the_duplicated;

  enum Outcome : char { kUnknown, kHolds, kFails };
  static constexpr int32_t kMostTries = 20002;
  std::array<char, kMostTries> tries;  ///< of shrinking, as far as known
};
static_assert(std::is_trivially_copyable_v<Case>);

/// A record of a kernel in shared memory: one process at a time writes, any reads. A writer that dies leaves the text
/// before whole.
class Checkpoint {
 public:
  Checkpoint() : memory_(sizeof(Header) + 2 * kRoom) {}

  /// False where the text is too long to be kept: the one before stands.
  bool write(std::string_view text);
  [[nodiscard]] std::string read() const;  ///< empty where nothing was written
  /// Grows with every write.
  [[nodiscard]] uint32_t count() const { return header().count.load(std::memory_order_acquire); }
  void hand_down(bool is_handed_down) { memory_.hand_down(is_handed_down); }

 private:
  struct Header {
    std::atomic<uint32_t> count;
    std::array<size_t, 2> length;
  };
  static constexpr size_t kRoom = size_t{1} << 20;

  [[nodiscard]] Header& header() const { return *reinterpret_cast<Header*>(memory_.data()); }
  [[nodiscard]] char* room(uint32_t number) const {
    return reinterpret_cast<char*>(memory_.data()) + sizeof(Header) + number % 2 * kRoom;
  }

  SharedMemory memory_;
};

}  // namespace convcheck
