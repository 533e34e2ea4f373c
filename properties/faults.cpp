#include "properties/faults.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <utility>

namespace convcheck {
namespace {

enum class State : uint8_t { free, claimed, live };

// Guarded memory on record. A handler may look at it while another thread changes it: it then sees the addresses of
// one moment or another, and each of them by itself is whole.
struct Slot {
  std::atomic<State> state = State::free;
  std::atomic<Part> part = Part::input;
  std::atomic<uintptr_t> first = 0, last = 0;
  std::atomic<uintptr_t> begin = 0, end = 0;
};
static_assert(std::atomic<uintptr_t>::is_always_lock_free && std::atomic<State>::is_always_lock_free);

// A signal handler has no argument to find it by.
constinit std::array<Slot, kMostGuarded> slots;

Slot* claim_slot() {
  for (Slot& slot : slots) {
    State expected = State::free;
    if (slot.state.compare_exchange_strong(expected, State::claimed, std::memory_order_acq_rel)) return &slot;
  }
  return nullptr;
}

uintptr_t number(const char* address) {
  return std::bit_cast<uintptr_t>(address);
}

Fault fault_within(const Slot& slot, uintptr_t address) {
  const uintptr_t begin = slot.begin.load(std::memory_order_relaxed);
  const uintptr_t end = slot.end.load(std::memory_order_relaxed);
  Fault fault = {.part = slot.part.load(std::memory_order_relaxed)};
  if (address < begin) {
    fault.where = Where::before;
    fault.distance = begin - address;
  } else if (address >= end) {
    fault.where = Where::after;
    fault.distance = address - end;
  } else {
    fault.distance = address - begin;
  }
  return fault;
}

}  // namespace

std::string_view name(Part part) {
  constexpr std::array<std::string_view, kParts> kNames = {"input",  "weight",        "bias",
                                                           "output", "the workspace", "the stack"};
  return kNames[static_cast<size_t>(part)];
}

std::optional<Fault> fault_at(const void* address) noexcept {
  const auto at = std::bit_cast<uintptr_t>(address);
  for (const Slot& slot : slots) {
    if (slot.state.load(std::memory_order_acquire) != State::live) continue;
    const bool is_there = at >= slot.first.load(std::memory_order_relaxed) &&  //
                          at < slot.last.load(std::memory_order_relaxed);
    if (is_there) return fault_within(slot, at);
  }
  return std::nullopt;
}

std::string_view law_of(const Fault& fault, Access access) noexcept {
  if (fault.part == Part::stack) return "uses_little_stack";
  if (fault.part == Part::workspace) return "asks_for_the_workspace_it_uses";
  if (fault.where == Where::inside && fault.part != Part::output) return "inputs_stay_untouched";
  return access == Access::write ? "writes_only_its_output" : "reads_only_its_tensors";
}

void FaultWords::append(std::string_view text) noexcept {
  const size_t count = std::min(text.size(), text_.size() - length_);
  std::copy_n(text.data(), count, text_.data() + length_);
  length_ += count;
}

void FaultWords::append(uint64_t number) noexcept {
  std::array<char, 20> digits{};  // as many as 2^64 has
  size_t first = digits.size();
  do {
    digits[--first] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  append(std::string_view(digits.data() + first, digits.size() - first));
}

FaultWords describe(const Fault& fault, Access access) noexcept {
  FaultWords words;
  if (fault.part == Part::stack && fault.where == Where::before) {
    words.append("went ");
    words.append(fault.distance);
    words.append(fault.distance == 1 ? " byte beyond the end of the stack" : " bytes beyond the end of the stack");
    return words;
  }
  const bool is_write = access == Access::write;
  if (fault.where == Where::inside) {
    words.append(is_write ? "wrote to byte " : "read byte ");
    words.append(fault.distance);
    words.append(" of ");
  } else {
    words.append(is_write ? "wrote " : "read ");
    if (fault.distance == 0) {
      words.append("right");
    } else {
      words.append(fault.distance);
      words.append(fault.distance == 1 ? " byte" : " bytes");
    }
    words.append(fault.where == Where::before ? " before the start of " : " past the end of ");
  }
  words.append(name(fault.part));
  return words;
}

GuardRecord::GuardRecord(Part part, const char* first, const char* last) {
  Slot* const slot = claim_slot();
  if (slot == nullptr) return;
  slot->part.store(part, std::memory_order_relaxed);
  slot->first.store(number(first), std::memory_order_relaxed);
  slot->last.store(number(last), std::memory_order_relaxed);
  slot->begin.store(number(first), std::memory_order_relaxed);
  slot->end.store(number(last), std::memory_order_relaxed);
  slot->state.store(State::live, std::memory_order_release);
  slot_ = slot;
}

GuardRecord& GuardRecord::operator=(GuardRecord&& other) noexcept {
  std::swap(slot_, other.slot_);
  return *this;
}

GuardRecord::~GuardRecord() {
  if (slot_ != nullptr) static_cast<Slot*>(slot_)->state.store(State::free, std::memory_order_release);
}

void GuardRecord::hold(const char* begin, const char* end) noexcept {
  if (slot_ == nullptr) return;
  auto& slot = *static_cast<Slot*>(slot_);
  slot.begin.store(number(begin), std::memory_order_relaxed);
  slot.end.store(number(end), std::memory_order_relaxed);
}

}  // namespace convcheck
