// Laws about the process that a kernel is a guest of: what it takes it gives back, what it changes it restores.
#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "properties/laws/entries.h"
#include "properties/laws/laws.h"
#include "properties/laws/others.h"
#include "properties/process_state.h"

namespace convcheck::judges {
namespace {

// A kernel without `supports` serves what is dense.
bool is_supported(const Entries& entries, const Problem& problem, const convcheck_problem& abi) {
  if (entries.kernel().supports != nullptr) return entries.supports(abi).ok();
  const auto dense = [&](TensorRole role) {
    const Shape shape = shape_of(problem, role);
    return is_dense(shape, strides_of(problem, role, shape));
  };
  return dense(TensorRole::input) && dense(TensorRole::weight) && dense(TensorRole::output);
}

// A problem with memory of its own, to be called again and again: nothing is allocated for a call.
class Repeated {
 public:
  Repeated(const Entries& entries, Run run) : entries_(entries), run_(std::move(run)), problem_(to_abi(run_.problem)) {
    run_.output.reshape(run_.problem, TensorRole::output);
    buffers_ = buffers_of(run_.data, run_.output);
  }

  CallResult call() {
    if (!is_supported(entries_, run_.problem, problem_)) return {CONVCHECK_UNSUPPORTED, Stage::supports};
    return entries_.call(problem_, buffers_, workspace_);
  }

 private:
  const Entries& entries_;
  Run run_;
  convcheck_problem problem_;
  convcheck_buffers buffers_{};
  Workspace workspace_;
};

}  // namespace

Judgement leaves_the_process_alone(Trial& trial) {
  Run run(trial.problem());
  run.data = trial.expectation()->data;
  const Entries entries(trial.subject());
  Repeated repeated(entries, std::move(run));
  const ProcessState before = ProcessState::now();
  const CallResult result = repeated.call();
  const CallWatch* const watch = trial.subject().watch;
  const ProcessState* const first = watch == nullptr ? nullptr : watch->state_before_any_call();
  const ProcessState& then = first == nullptr ? before : *first;
  std::vector<std::string> changes = ProcessState::now().changes_since(then);
  if (changes.empty()) return unless_ok(result).value_or(Judgement());
  // What another thread of the process was just about is over by now.
  const std::vector<std::string> lasting = ProcessState::now().changes_since(then);
  std::erase_if(changes, [&](const std::string& change) {
    return std::find(lasting.begin(), lasting.end(), change) == lasting.end();
  });
  if (changes.empty()) return unless_ok(result).value_or(Judgement());
  const std::string list = fmt::format("{}", fmt::join(changes, ", "));
  const bool is_of_this_call = before.changes_since(then) != changes;
  return Judgement::violated(
      {.index = {},
       .expected = "the process as it was before the call",
       .got = "changed: " + list,
       .explanation =
           fmt::format("After the call the process is another one than before{}: {}. A kernel is a guest there, "
                       "and others rely on what it changes.",
                       is_of_this_call ? "" : " the kernel's first, by this call or one on an earlier case", list)});
}

namespace {

constexpr int kWarmUpCalls = 100;
constexpr int kWindows = 5;
constexpr int kCallsInAWindow = 200;
// A leak goes on: what grew in all windows by chance does not do so again and again.
constexpr int kRepetitions = 3;
// A call is made 1100 times, and a plain kernel's takes a nanosecond for each of these.
constexpr int64_t kMostMultiplies = 50'000;
// More shapes than any sensible cache of the last few keeps, so that what it drops is seen to be given back.
constexpr int64_t kShapes = 10;

// What the process holds. Bytes in use are those of all arenas of the heap, which mallinfo2() adds up (its manual page
// says otherwise: that was true long ago), and what it mapped for large blocks.
enum Resource { kHeap, kMapped, kDescriptors, kResources };
using Footprint = std::array<int64_t, kResources>;

int64_t mapped_bytes() {
  std::array<char, 64> text{};
  const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t count = read(file, text.data(), text.size());
  close(file);
  int64_t pages = 0;
  std::from_chars(text.data(), text.data() + std::max<ssize_t>(count, 0), pages);
  return pages * sysconf(_SC_PAGESIZE);
}

int64_t heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<int64_t>(info.uordblks + info.hblkhd);
}

Footprint footprint() {
  Footprint result{};
  result[kDescriptors] = static_cast<int64_t>(open_descriptors().size());
  result[kMapped] = mapped_bytes();
  result[kHeap] = heap_bytes();
  return result;
}

// False under sanitizers, and where malloc is another library's.
bool heap_shows_its_numbers() {
  constexpr size_t kBytes = 100'000;
  const int64_t before = heap_bytes();
  const auto block = std::make_unique<std::array<char, kBytes>>();
  // The compiler might leave out an allocation that nobody looks at.
  *static_cast<char volatile*>(block->data()) = 1;
  return heap_bytes() >= before + static_cast<int64_t>(kBytes);
}

class LeakSearch {
 public:
  explicit LeakSearch(std::vector<std::unique_ptr<Repeated>>& shapes) : shapes_(shapes) {}

  // By how much each resource grew in each window of the last repetition; nothing where none grew in every window of
  // every repetition. A window's growth counts from a byte a call, of descriptors from one.
  [[nodiscard]] std::optional<Finding> find() {
    call(kWarmUpCalls);
    static_cast<void>(footprint());
    std::array<bool, kResources> suspected = {true, true, true};
    Footprint grown{};
    for (int repetition = 0; repetition < kRepetitions; ++repetition) {
      const Footprint first = footprint();
      for (Footprint last = first, now{}; int window : {0, 1, 2, 3, 4}) {
        static_cast<void>(window);
        call(kCallsInAWindow);
        now = footprint();
        if (now[kDescriptors] == 0) return none_left();
        for (size_t i = 0; i < kResources; ++i) {
          suspected.at(i) = suspected.at(i) && now.at(i) - last.at(i) >= (i == kDescriptors ? 1 : kCallsInAWindow);
        }
        last = now;
        for (size_t i = 0; i < kResources; ++i) grown.at(i) = now.at(i) - first.at(i);
      }
      if (std::find(suspected.begin(), suspected.end(), true) == suspected.end()) return std::nullopt;
    }
    return finding(suspected, grown);
  }

 private:
  // Not even the list of descriptors could be opened.
  static Finding none_left() {
    return {.index = {},
            .expected = "nothing lost",
            .got = "all descriptors lost",
            .explanation =
                "Within some hundreds of calls the process ran out of descriptors: files are opened and not "
                "closed."};
  }

  void call(int times) {
    for (int i = 0; i < times; ++i) static_cast<void>(shapes_[next_++ % shapes_.size()]->call());
  }

  static Finding finding(const std::array<bool, kResources>& suspected, const Footprint& grown) {
    constexpr int kCalls = kWindows * kCallsInAWindow;
    constexpr std::array<const char*, kResources> kNames = {"bytes of the heap", "bytes of mapped memory",
                                                            "open descriptors"};
    std::vector<std::string> lost;
    for (size_t i = 0; i < kResources; ++i) {
      if (suspected.at(i)) lost.push_back(fmt::format("{} {}", grown.at(i), kNames.at(i)));
    }
    const std::string list = fmt::format("{}", fmt::join(lost, " and "));
    return {.index = {},
            .expected = fmt::format("nothing lost in {} calls", kCalls),
            .got = list + " lost",
            .explanation = fmt::format(
                "After {} calls that do not count, the process grew in each of {} windows of {} calls, and did so {} "
                "times over: in the last {} calls by {}, which is {:.1f} a call.",
                kWarmUpCalls, kWindows, kCallsInAWindow, kRepetitions, kCalls, list,
                static_cast<double>(grown.at(
                    static_cast<size_t>(std::find(suspected.begin(), suspected.end(), true) - suspected.begin()))) /
                    kCalls)};
  }

  std::vector<std::unique_ptr<Repeated>>& shapes_;
  size_t next_ = 0;
};

}  // namespace

// The images differ in their width, and are called by turns.
Judgement does_not_leak(Trial& trial) {
  if (multiply_count(trial.problem()) > kMostMultiplies)
    return Judgement::not_applicable("a call made 1100 times is of at most 50,000 multiply-adds");
  if (!heap_shows_its_numbers()) return Judgement::not_applicable("the allocator does not say what is in use");
  if (const auto stop = unless_ok(trial.result())) return *stop;
  if (open_descriptors().empty()) return Judgement::not_applicable("the process has no descriptor left to look with");
  const Entries entries(trial.subject());
  std::vector<std::unique_ptr<Repeated>> shapes;
  for (int64_t i = 0; i < kShapes; ++i) {
    Problem problem = i == 0 ? trial.problem() : contiguous(trial.problem());
    problem.input[3] += i;
    if (i > 0 && multiply_count(problem) > 2 * kMostMultiplies) break;
    std::optional<Run> run = filled(trial, problem, static_cast<uint64_t>(i));
    if (!run) continue;
    auto repeated = std::make_unique<Repeated>(entries, *std::move(run));
    if (repeated->call().ok()) shapes.push_back(std::move(repeated));
  }
  if (shapes.empty()) return Judgement::not_applicable("the kernel does not serve the problem again");
  if (auto found = LeakSearch(shapes).find()) return Judgement::violated(*std::move(found));
  return {};
}

}  // namespace convcheck::judges
