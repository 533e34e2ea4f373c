// The child's side of the sandbox: what it tells the flight recorder, and how it guards the process it runs in.
#pragma once

#include <chrono>
#include <functional>

#include "harness/agenda.h"
#include "harness/flight_recorder.h"
#include "properties/process_state.h"

namespace convcheck {

/// What a child is held to.
struct Limits {
  double call_s = 0;                        ///< 0: the larger of 2 s and 100 times what the reference takes
  double patience = 1;                      ///< how many times that long
  int64_t memory_bytes = int64_t{4} << 30;  ///< private memory; 0: no limit
};

/// Exit statuses of children, unlike those that others use: all is done; somebody forked.
inline constexpr int kFinishedStatus = 113;
inline constexpr int kForkedStatus = 114;
/// Of a child that asks for another one to go on, since the kernel has left something behind in it.
inline constexpr int kAnotherStatus = 115;

/// Makes this process one in which strangers may run: alone in its process group, gone with its parent, with the
/// signals of faults written down before they kill, its output kept in `output` (a file), and its memory limited.
void become_inmate(FlightRecord& flight, int output, const Limits& limits);

/// Writes down each case, law and call. One per process.
class Inmate final : public CallWatch, public JudgingWatch {
 public:
  /// `output` is the file that takes what is printed.
  Inmate(FlightRecord& flight, Checkpoint& checkpoint, const Limits& limits, int output);

  void enter() override;
  void leave() override;
  void note(std::string_view what) override { flight_.note.set(what); }
  [[nodiscard]] const ProcessState* state_before_any_call() const override { return &before_; }

  void on_case(const CaseNumber& number, const Case& c, std::string_view source, const KernelRecord& record) override;
  void on_item(const KernelRecord& record) override;
  void on_progress(const std::string& line) override;

  /// A case outside of the session's sequence.
  void on_other_case(const Case& c);
  /// The library is about to be loaded, which may take longer than a call.
  void on_loading(const Case& c);
  /// The last that was printed since the case began; empty where nothing was.
  [[nodiscard]] std::string printed() const;
  void set_patience(double patience) { limits_.patience = patience; }
  void on_doing(Doing doing) { flight_.doing = doing; }
  /// Keeps the record at once.
  void keep(const KernelRecord& record);

 private:
  void note_children();
  /// Bytes printed so far; what was printed long ago is let go of.
  int64_t bytes_printed();

  FlightRecord& flight_;
  Checkpoint& checkpoint_;
  Limits limits_;
  int output_;
  int64_t let_go_ = 0;  // bytes
  ProcessState before_ = ProcessState::now();
  int32_t process_;
  int64_t limit_ns_ = 0;
  std::chrono::steady_clock::time_point kept_;
  size_t violations_ = 0;
};

/// The last of what a file holds from a place on, in one line of printable ASCII: the rest is shown as question marks.
[[nodiscard]] std::string text_since(int file, int64_t place);

}  // namespace convcheck
