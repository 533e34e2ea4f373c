// The pieces of work that a session is cut into: a part of the judging of one kernel each, done in children of their
// own or in this process.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/agenda.h"
#include "harness/sandbox.h"

namespace convcheck {

/// The portions of judging, in their order. The last one shrinks what the others found, and says how the kernel
/// behaves.
enum class Portion { cases, dear_problems, huge_cases, conclusions };

class Piece final : public Work {
 public:
  /// Piece `share` of `shares` of the portion: dear problems are dealt out. All must outlive this.
  Piece(const Agenda& agenda, const Candidate& candidate, Portion portion, int share = 0, int shares = 1)
      : agenda_(agenda), candidate_(candidate), portion_(portion), share_(share), shares_(shares) {}

  [[nodiscard]] Portion portion() const { return portion_; }

  /// Where it stands; a new record where it has not begun. Where the checkpoint is none the kernel has written to it.
  [[nodiscard]] KernelRecord record();
  void set_record(const KernelRecord& record) { checkpoint().write(to_text(record)); }

  void run(Inmate& inmate) override;
  bool after(const Death& death) override;
  void after_duplication() override;

  /// The same in this process, with nothing to protect it.
  void run_here(const std::function<void(const std::string&)>& progress);

 private:
  void judge(const Subject& subject, KernelRecord& record, JudgingWatch& watch, PrintedNow printed);
  void conclude(const Subject& subject, KernelRecord& record, Inmate* inmate);
  void shrink(Docket& docket, KernelRecord& record, size_t law, Scratch& scratch, Inmate* inmate);
  [[nodiscard]] bool load(Library& library, KernelRecord& record, Inmate& inmate);
  void unload(Library& library, KernelRecord& record, Inmate& inmate);

  void accuse(KernelRecord& record, const Death& death);
  bool after_judging(KernelRecord& record, const Death& death);
  bool after_concluding(KernelRecord& record, const Death& death);
  [[nodiscard]] std::string object_that_stayed() const;  // of those that came with the library; empty where none did
  [[nodiscard]] size_t number_of(std::string_view law) const;
  // Null where the law was not asked for, is not claimed or is violated already.
  FoundViolation* violate(KernelRecord& record, std::string_view law, const Finding& finding, std::string_view source,
                          const Case& c, int64_t cases, double seconds);

  const Agenda& agenda_;
  const Candidate& candidate_;
  Portion portion_;
  int share_, shares_;
  // Where a child was, to tell whether the next one came to the same end.
  struct Moment {
    CaseNumber number;
    Doing doing;
    bool is_in_a_call;
    [[nodiscard]] bool operator==(const Moment&) const = default;
  };
  [[nodiscard]] static Moment moment_of(const FlightRecord& flight);
  /// Counts a kill from outside, and says whether there were too many at the same moment.
  [[nodiscard]] bool is_killed_again_and_again();

  int killed_from_outside_ = 0;  // in a row, at the same moment
  std::optional<Moment> killed_at_;
  std::optional<Moment> overran_at_;
  std::vector<std::string> objects_before_;  // the library was loaded, in the child
};

/// The case that stands for a library that could not be loaded.
[[nodiscard]] Case smallest_case();

}  // namespace convcheck
