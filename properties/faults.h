// What a faulting address belongs to: guarded memory that lives is on record here, and a signal handler may ask.
//
// The record is one table of the process, of a fixed size, without locks: whoever maps guarded memory enters it, and a
// handler of SIGSEGV or SIGBUS that is given an address finds which tensor lies there, on which side of it the address
// is and how far off. Nothing here allocates, locks or calls what a handler must not.
//
// What faults cannot tell: an access that is so far off that it meets other memory, guarded or not, is laid at that
// memory's door, or not seen at all; and an access across a page's edge has the address of the page that it enters.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace convcheck {

/// What guarded memory holds.
enum class Part : uint8_t { input, weight, bias, output, workspace, stack };
inline constexpr int kParts = 6;

/// "input", "weight", "bias", "output", "the workspace", "the stack".
[[nodiscard]] std::string_view name(Part part);

enum class Where : uint8_t { before, inside, after };
enum class Access : uint8_t { read, write };

/// An address that is no business of the kernel's.
struct Fault {
  Part part = Part::input;
  Where where = Where::inside;
  /// In bytes: before, from the address to the first byte of the part, at least 1; inside, from the first byte to the
  /// address; after, from the end to the address, 0 for the byte right behind the last.
  uint64_t distance = 0;

  [[nodiscard]] bool operator==(const Fault&) const = default;
};

/// What lies at the address, or nothing where no guarded memory does: within its guards, its slack or itself.
/// Async-signal-safe; any thread may call it at any time.
[[nodiscard]] std::optional<Fault> fault_at(const void* address) noexcept;

/// The law that such an access violates, a name of the table of laws: inputs_stay_untouched, writes_only_its_output,
/// reads_only_its_tensors, asks_for_the_workspace_it_uses or uses_little_stack. Async-signal-safe.
[[nodiscard]] std::string_view law_of(const Fault& fault, Access access) noexcept;

/// Words of a bounded length, made without allocation.
class FaultWords {
 public:
  void append(std::string_view text) noexcept;
  void append(uint64_t number) noexcept;
  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), length_}; }

 private:
  std::array<char, 96> text_;
  size_t length_ = 0;
};

/// "read 16 bytes past the end of weight", "wrote right past the end of output", "wrote 4 bytes before the start of the
/// workspace", "wrote to byte 12 of input", "went 64 bytes beyond the end of the stack". Async-signal-safe.
[[nodiscard]] FaultWords describe(const Fault& fault, Access access) noexcept;

/// An entry of the record, for as long as this lives. Where the table is full there is none, and faults there are
/// nobody's: kMostGuarded is far more than a session has.
class GuardRecord {
 public:
  GuardRecord() = default;
  /// Everything in [first, last) is the part's, its guards included.
  GuardRecord(Part part, const char* first, const char* last);
  GuardRecord(GuardRecord&& other) noexcept : slot_(other.slot_) { other.slot_ = nullptr; }
  GuardRecord& operator=(GuardRecord&& other) noexcept;
  ~GuardRecord();

  /// The part itself, from now on: [begin, end).
  void hold(const char* begin, const char* end) noexcept;

 private:
  void* slot_ = nullptr;
};

inline constexpr int kMostGuarded = 1024;

}  // namespace convcheck
