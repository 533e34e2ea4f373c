#include "harness/piece.h"

#include <fmt/format.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <thread>
#include <utility>

#include "harness/verdict_of_death.h"
#include "properties/floating_control.h"

namespace convcheck {
namespace {

// A kernel that dies on more cases than that, or hangs on more, is judged no further: each death takes a new process.
constexpr size_t kMostDeaths = 50;
constexpr int64_t kMostHangs = 3;

// Somebody else may kill a child at any time, but hardly so often in a call on the same case.
constexpr int kMostKills = 3;

// Likewise where no call was in progress: that is nobody's doing that is judged here, but it need not go on for ever.
constexpr int kMostKillsOutsideOfCalls = 50;

// While a hang is shrunk each try has this part of the usual time: those that end do so in far less, or are no smaller.
constexpr double kPatienceOfShrinking = 0.125;
constexpr int64_t kMostHangsOfShrinking = 24;

// Tries on which a kernel dies, while a violation is shrunk.
constexpr int64_t kMostDeathsOfShrinking = 200;

// What such a law was violated by is still there when the next case is tried, so that one needs another process.
bool leaves_traces(std::string_view law) {
  return law == "leaves_the_process_alone" || law == "does_not_leak";
}

bool is_about_dying(std::string_view law) {
  constexpr std::array<std::string_view, 9> kLaws = {
      "returns_from_every_call", "ends_in_time",          "reads_only_its_tensors",
      "writes_only_its_output",  "inputs_stay_untouched", "asks_for_the_workspace_it_uses",
      "uses_little_stack",       "stays_within_memory",   "leaves_the_process_alone"};
  return std::find(kLaws.begin(), kLaws.end(), law) != kLaws.end();
}

// A thread that has been joined takes a moment to be gone.
int threads_once_joined(std::chrono::milliseconds most) {
  const auto start = std::chrono::steady_clock::now();
  for (;;) {
    std::error_code error;
    const auto tasks = std::filesystem::directory_iterator("/proc/self/task", error);
    const auto threads = static_cast<int>(std::distance(begin(tasks), end(tasks)));
    if (threads <= 1 || std::chrono::steady_clock::now() - start > most) return threads;
    std::this_thread::yield();
  }
}

// Programs and libraries that are in this process, by their paths.
std::vector<std::string> loaded_objects() {
  std::vector<std::string> all;
  const auto add = [](dl_phdr_info* info, size_t /*size*/, void* list) {
    if (*info->dlpi_name != '\0') static_cast<std::vector<std::string>*>(list)->emplace_back(info->dlpi_name);
    return 0;
  };
  dl_iterate_phdr(add, &all);
  return all;
}

// Passes on what is for people, where somebody listens.
class Teller final : public JudgingWatch {
 public:
  explicit Teller(const std::function<void(const std::string&)>& progress) : progress_(progress) {}
  void on_progress(const std::string& line) override {
    if (progress_) progress_(line);
  }

 private:
  const std::function<void(const std::string&)>& progress_;
};

}  // namespace

Case smallest_case() {
  Case c;
  c.problem.input = {1, 1, 1, 1};
  c.problem.weight = {1, 1, 1, 1};
  return c;
}

KernelRecord Piece::record() {
  KernelRecord record;
  record.laws.resize(candidate_.laws.size());
  const std::string text = checkpoint().read();
  if (text.empty()) return record;
  try {
    return record_of(text);
  } catch (const std::runtime_error&) {
    const FlightRecord& last = flight();
    FoundViolation* const violation = violate(
        record, "writes_only_its_output",
        {.index = {},
         .expected = "memory of the process that is left alone",
         .got = "another text in it",
         .explanation = "The memory in which the process keeps what was found about the kernel was written to, in this "
                        "case or one before it, and what was found is lost."},
        last.source.get(), last.has_case != 0 ? last.the_case : smallest_case(), last.cases, last.seconds);
    if (violation != nullptr) violation->is_shrunk = true;
    record.cut_short = "what was found about it was overwritten";
    record.done = true;
    return record;
  }
}

size_t Piece::number_of(std::string_view law) const {
  const auto found =
      std::find_if(candidate_.laws.begin(), candidate_.laws.end(), [&](const Law* one) { return one->name == law; });
  return static_cast<size_t>(found - candidate_.laws.begin());
}

FoundViolation* Piece::violate(KernelRecord& record, std::string_view law, const Finding& finding,
                               std::string_view source, const Case& c, int64_t cases, double seconds) {
  const size_t number = number_of(law);
  if (number == candidate_.laws.size()) return nullptr;
  Standing& standing = record.laws[number];
  if (standing.violation || !why_not_claimed(*candidate_.laws[number], *candidate_.subject->kernel).empty())
    return nullptr;
  ++standing.cases;
  ++standing.asked;
  standing.violation = FoundViolation{.found = c,
                                      .source = std::string(source),
                                      .finding = finding,
                                      .cases_until = cases,
                                      .seconds_until = seconds,
                                      .smallest = c};
  return &*standing.violation;
}

void Piece::run_here(const std::function<void(const std::string&)>& progress) {
  KernelRecord mine = record();
  if (mine.done) return;
  Teller teller(progress);
  if (portion_ == Portion::conclusions) {
    conclude(*candidate_.subject, mine, nullptr);
  } else {
    judge(*candidate_.subject, mine, teller, {});
  }
  mine.done = true;
  set_record(mine);
}

void Piece::run(Inmate& inmate) {
  KernelRecord mine = record();
  Library library;
  if (!load(library, mine, inmate)) return;
  Subject subject = library.kernels()[candidate_.place()];
  subject.watch = &inmate;
  subject.serial = nullptr;  // this process has one thread
  if (portion_ == Portion::conclusions) {
    conclude(subject, mine, &inmate);
  } else {
    inmate.on_doing(Doing::judging);
    judge(subject, mine, inmate, [&inmate] { return inmate.printed(); });
    if (agenda_.options().stop != nullptr && agenda_.options().stop->load()) {
      inmate.on_doing(Doing::ending);
      return inmate.keep(mine);  // another run may go on from here
    }
  }
  inmate.on_doing(Doing::ending);
  unload(library, mine, inmate);
  mine.done = true;
  inmate.keep(mine);
}

void Piece::judge(const Subject& subject, KernelRecord& record, JudgingWatch& watch, PrintedNow printed) {
  Docket docket(subject, candidate_.laws, record);
  docket.quote(std::move(printed));
  docket.let_these_be_enough(candidate_.enough);
  docket.on_judging(
      [this](size_t law) { flight().judging.store(static_cast<int32_t>(law), std::memory_order_relaxed); });
  switch (portion_) {
    case Portion::cases:
      return agenda_.judge(docket, record, watch);
    case Portion::dear_problems:
      return agenda_.judge_dear(share_, shares_, docket, record, watch);
    case Portion::huge_cases:
      return agenda_.judge_huge(docket, record, watch);
    case Portion::conclusions:
      return;
  }
}

// Nothing may be printed, and the floating-point control stays as it was. A library that cannot be loaded at all has
// said so in its error.
bool Piece::load(Library& library, KernelRecord& record, Inmate& inmate) {
  constexpr std::string_view kLaw = "loads_quietly";
  const FloatingControl before = floating_control();
  objects_before_ = loaded_objects();
  inmate.on_loading(smallest_case());
  inmate.enter();
  library = candidate_.library->load_again();
  inmate.leave();
  const FloatingControl after = floating_control();
  set_floating_control(before);
  const std::string printed = inmate.printed();
  const auto accuse = [&](std::string expected, std::string got, std::string explanation) {
    violate(
        record, kLaw,
        {.index = {}, .expected = std::move(expected), .got = std::move(got), .explanation = std::move(explanation)},
        "loading", smallest_case(), 0, 0);
  };
  const std::string name = candidate_.subject->kernel->name;
  const size_t place = candidate_.place();
  const bool is_listed = library.kernels().size() > place && library.kernels()[place].kernel->name == name;
  if (!library.error().empty() || !is_listed) {
    if (!library.error().empty()) {
      accuse("a library that loads", "none", library.error() + ".");
    } else {
      accuse("the list of kernels that was told before", "another",
             fmt::format("Kernel {} was '{}' when the library was looked at first, and is not when it is loaded again.",
                         place, name));
    }
    record.cut_short = "the library could not be loaded";
    record.done = true;
    inmate.keep(record);
    return false;
  }
  if (portion_ != Portion::cases || library.is_linked()) return true;
  if (!printed.empty())
    accuse("no output", printed, fmt::format("The library printed while it was loaded: \"{}\".", printed));
  if (!(before == after)) {
    accuse(describe(before), describe(after),
           fmt::format("Loading the library changed {}.", describe_change(before, after)));
  }
  const size_t number = number_of(kLaw);
  if (number == candidate_.laws.size() || record.laws[number].violation) return true;
  record.laws[number].asked = record.laws[number].cases = 1;
  return true;
}

void Piece::unload(Library& library, KernelRecord& record, Inmate& inmate) {
  if (portion_ != Portion::cases || library.is_linked()) return;
  inmate.keep(record);  // what ends while the library is unloaded comes back to here
  inmate.on_other_case(smallest_case());
  inmate.enter();
  const bool is_gone = library.unload();
  inmate.leave();
  if (!is_gone) return;
  const std::string staying = object_that_stayed();
  // On a busy machine it may be long; what is no fault is not waited for.
  const int threads = threads_once_joined(std::chrono::milliseconds(staying.empty() ? 5000 : 100));
  if (threads <= 1) return;
  if (!staying.empty()) {
    record.remarks.push_back(fmt::format(
        "{} threads go on when the library is gone, which is no fault: they may be those of {}, which stays loaded",
        threads - 1, staying));
    return;
  }
  FoundViolation* const violation = violate(
      record, "leaves_the_process_alone",
      {.index = {},
       .expected = "no thread that outlives its library",
       .got = fmt::format("{} threads", threads - 1),
       .explanation = "The library was unloaded and is gone, and threads that it started are still running: what they "
                      "run is no longer there."},
      "unloading", smallest_case(), record.cases, record.seconds);
  if (violation != nullptr) violation->is_shrunk = true;  // no case repeats it
}

std::string Piece::object_that_stayed() const {
  for (const std::string& object : loaded_objects()) {
    if (std::find(objects_before_.begin(), objects_before_.end(), object) == objects_before_.end()) return object;
  }
  return {};
}

void Piece::conclude(const Subject& subject, KernelRecord& record, Inmate* inmate) {
  Docket docket(subject, candidate_.laws, record);
  if (inmate != nullptr) docket.quote([inmate] { return inmate->printed(); });
  Scratch scratch;
  if (agenda_.options().when_violated == WhenViolated::shrink) {
    for (size_t law = 0; law < record.laws.size(); ++law) shrink(docket, record, law, scratch, inmate);
  }
  // Phase 1: the search for a theory has begun; when the kernel dies of that there is none.
  if (record.phase > 0) return;
  record.phase = 1;
  if (inmate != nullptr) {
    inmate->on_doing(Doing::explaining);
    inmate->keep(record);
  }
  docket.name_theory();
}

void Piece::shrink(Docket& docket, KernelRecord& record, size_t law, Scratch& scratch, Inmate* inmate) {
  if (!record.laws[law].violation || record.laws[law].violation->is_shrunk) return;
  if (candidate_.laws[law]->of_loading) {
    record.laws[law].violation->is_shrunk = true;
    return;
  }
  if (inmate == nullptr) return docket.shrink_violation(law, scratch);
  FlightRecord& mine = flight();
  inmate->on_doing(Doing::shrinking);
  if (mine.shrinking != static_cast<int32_t>(law)) {
    mine.tries = {};
    mine.shrinking = static_cast<int32_t>(law);
  }
  inmate->set_patience(candidate_.laws[law]->name == "ends_in_time" ? kPatienceOfShrinking : 1);
  int32_t count = 0;
  docket.shrink_violation(law, scratch, [&](const Case& c, const std::function<bool()>& fails) {
    const int32_t number = count++;
    if (number >= FlightRecord::kMostTries) return false;
    char& outcome = mine.tries[static_cast<size_t>(number)];
    if (outcome != FlightRecord::kUnknown) return outcome == FlightRecord::kFails;
    mine.trying = number;
    inmate->on_other_case(c);
    outcome = fails() ? FlightRecord::kFails : FlightRecord::kHolds;
    if (outcome == FlightRecord::kFails && leaves_traces(candidate_.laws[law]->name)) {
      inmate->keep(record);
      _exit(kAnotherStatus);
    }
    return outcome == FlightRecord::kFails;
  });
  mine.shrinking = -1;
  inmate->keep(record);
}

bool Piece::after(const Death& death) {
  KernelRecord mine = record();
  if (mine.done) return false;
  const bool goes_on = portion_ == Portion::conclusions ? after_concluding(mine, death) : after_judging(mine, death);
  if (!goes_on) mine.done = true;
  set_record(mine);
  return goes_on;
}

// Where the child did not end of it, since it was about to end anyway, there is no other word of it.
void Piece::after_duplication() {
  if (portion_ == Portion::conclusions) return;
  FlightRecord& mine = flight();
  KernelRecord known = record();
  for (const Accusation& one : accusations({.how = Death::How::forked}, mine)) {
    violate(known, one.law, one.finding, mine.source.get(), mine.the_duplicated, mine.cases, mine.seconds);
  }
  set_record(known);
}

void Piece::accuse(KernelRecord& record, const Death& death) {
  FlightRecord& mine = flight();
  const Case c = mine.has_case != 0 ? mine.the_case : smallest_case();
  const bool is_at_the_end = mine.doing == Doing::ending;
  const std::string_view source = mine.doing == Doing::loading ? "loading"
                                  : is_at_the_end              ? "unloading"
                                                               : mine.source.get();
  for (const Accusation& one : accusations(death, mine)) {
    FoundViolation* const violation = violate(record, one.law, one.finding, source, c, mine.cases, mine.seconds);
    if (violation == nullptr) continue;
    violation->is_shrunk = is_at_the_end;  // no case repeats it
    const auto seen_by = static_cast<size_t>(mine.judging.load());
    if (mine.doing != Doing::judging || seen_by >= record.laws.size() || seen_by == number_of(one.law)) continue;
    violation->seen_by = candidate_.laws[seen_by]->name;
    violation->finding.explanation += fmt::format(" That was while it was judged by the law {}.", violation->seen_by);
  }
}

Piece::Moment Piece::moment_of(const FlightRecord& flight) {
  Moment moment = {.number = {}, .doing = flight.doing, .is_in_a_call = flight.calls > 0};
  if (moment.doing == Doing::judging) moment.number = flight.number;
  if (moment.doing == Doing::shrinking) moment.number = {.phase = flight.shrinking, .item = flight.trying};
  return moment;
}

bool Piece::is_killed_again_and_again() {
  const FlightRecord& mine = flight();
  const Moment moment = moment_of(mine);
  if (killed_at_ != moment) killed_from_outside_ = 0;
  killed_at_ = moment;
  return ++killed_from_outside_ >= (moment.is_in_a_call ? kMostKills : kMostKillsOutsideOfCalls);
}

bool Piece::after_judging(KernelRecord& record, const Death& death) {
  FlightRecord& mine = flight();
  const CaseNumber number = mine.number;
  if (death.is_from_outside()) {
    if (!is_killed_again_and_again()) return true;
    if (mine.calls == 0) {
      record.cut_short = "its process is killed again and again while the kernel is not called";
      return false;
    }
  }
  if (mine.doing == Doing::starting) {
    record.cut_short = "its process ended before anything was judged";
    return false;
  }
  if (death.how == Death::How::overran) {
    const Moment moment = moment_of(mine);
    if (std::exchange(overran_at_, moment) != moment) {
      patience_ = 2;  // once more, with twice the time
      return true;
    }
  }
  overran_at_.reset();
  patience_ = 1;
  accuse(record, death);
  if (mine.doing != Doing::judging) {
    if (mine.doing == Doing::loading) record.cut_short = "the library could not be loaded";
    return false;
  }
  record.lethal.push_back(number);
  if (death.how == Death::How::overran) ++record.hangs;
  if (record.lethal.size() >= kMostDeaths) {
    record.cut_short = fmt::format("the kernel died on {} cases", record.lethal.size());
  } else if (record.hangs >= (agenda_.options().when_violated == WhenViolated::shrink ? kMostHangs : 1)) {
    record.cut_short = fmt::format("the kernel did not come back from {} cases", record.hangs);
  }
  return record.cut_short.empty();
}

// What is being shrunk fails on the case as well where the kernel died in the way that its law is about.
bool Piece::after_concluding(KernelRecord& record, const Death& death) {
  FlightRecord& mine = flight();
  const bool is_nobodys_fault = death.is_from_outside() && !is_killed_again_and_again();
  if (death.is_from_outside() && mine.calls == 0) return is_nobodys_fault;
  if (mine.doing != Doing::shrinking) return false;
  if (death.how == Death::How::wants_another) return true;
  const auto law = static_cast<size_t>(mine.shrinking.load());
  if (law >= record.laws.size() || !record.laws[law].violation) return false;
  if (is_nobodys_fault) return true;
  const std::string_view name = candidate_.laws[law]->name;
  const std::vector<Accusation> all = accusations(death, mine);
  const auto same = std::find_if(all.begin(), all.end(), [&](const Accusation& one) { return one.law == name; });
  const bool fails = is_about_dying(name) && same != all.end();
  if (fails) record.laws[law].violation->finding = same->finding;
  if (fails) record.laws[law].violation->smallest = mine.the_case;
  mine.tries[static_cast<size_t>(mine.trying.load())] = fails ? FlightRecord::kFails : FlightRecord::kHolds;
  ++record.item;
  if (death.how == Death::How::overran) ++record.hangs;
  if (record.item < kMostDeathsOfShrinking && record.hangs < kMostHangsOfShrinking) return true;
  // As far as it came; what is left to be shrunk comes after it.
  record.laws[law].violation->is_shrunk = true;
  record.item = record.hangs = 0;
  return true;
}

}  // namespace convcheck
