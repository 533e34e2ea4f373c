// The law about arguments that nobody sane gives.
#include "properties/laws/hostile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "properties/laws/entries.h"
#include "properties/laws/laws.h"
#include "reference/random.h"

namespace convcheck::judges {
namespace {

constexpr size_t kSingles = 12;
constexpr size_t kPairs = 6;
constexpr uint64_t kStream = 0xB0A7;
constexpr int64_t kMostElementsHere = 1 << 20;

// Says to whoever watches what the calls are about, and that it is over.
class Note {
 public:
  explicit Note(CallWatch* watch) : watch_(watch) {}
  Note(const Note&) = delete;
  Note& operator=(const Note&) = delete;
  ~Note() {
    if (watch_ != nullptr) watch_->note({});
  }
  void say(const Hostile& hostile, std::string_view entry) const {
    if (watch_ != nullptr) watch_->note(fmt::format("hostile arguments to {}: {}", entry, hostile.what));
  }

 private:
  CallWatch* watch_;
};

// The tensors of the valid problem that the arguments are made from, all of them poison: whoever refuses looks at none.
class Tensors {
 public:
  explicit Tensors(const Problem& valid) : output_(valid, TensorRole::output) {
    data_.reshape(valid);
    for (Tensor* tensor : {&data_.input, &data_.weight, &data_.bias, &output_}) poison(*tensor);
    buffers_ = buffers_of(data_, output_);
    spare_.fill(std::bit_cast<float>(kPoison));
    // A tensor without elements has an address as well: who writes there all the same is to be seen, not to die.
    for (void** const pointer : {&buffers_.input, &buffers_.weight, &buffers_.output}) {
      if (*pointer == nullptr) *pointer = spare_.data();
    }
  }

  [[nodiscard]] convcheck_buffers buffers(const Hostile& hostile) {
    convcheck_buffers buffers = buffers_;
    if (!hostile.has_bias_pointer) buffers.bias = nullptr;
    if (hostile.has_bias_pointer && buffers.bias == nullptr) buffers.bias = spare_.data();
    return buffers;
  }

  [[nodiscard]] Workspace& workspace() { return workspace_; }

  [[nodiscard]] bool are_untouched() const {
    const auto untouched = [](const Tensor& tensor) {
      return std::all_of(tensor.memory().begin(), tensor.memory().end(), is_poison);
    };
    return untouched(data_.input) && untouched(data_.weight) && untouched(data_.bias) && untouched(output_) &&
           std::all_of(spare_.begin(), spare_.end(), is_poison);
  }

 private:
  Data data_;
  Tensor output_;
  convcheck_buffers buffers_{};
  std::array<float, 64> spare_{};
  Workspace workspace_;
};

class Attack {
 public:
  Attack(const Entries& entries, Tensors& tensors, const Note& note, const Hostile& hostile)
      : entries_(entries), tensors_(tensors), note_(note), hostile_(hostile) {}

  [[nodiscard]] std::optional<Finding> make() const {
    const convcheck_kernel& kernel = entries_.kernel();
    // Whoever does not see the pointers sees nothing wrong with the bias.
    const bool is_seen_in_problem = hostile_.is_invalid || hostile_.is_unknown;
    if (is_seen_in_problem) {
      if (auto found = ask()) return found;
    }
    convcheck_buffers buffers = tensors_.buffers(hostile_);
    if (kernel.prepare != nullptr) {
      if (auto found = prepare(seen_by_prepare(buffers))) return found;
      // What is unsupported is not invalid: then `run` is never without a plan.
      if (!hostile_.is_invalid && !hostile_.is_bias_torn) return std::nullopt;
    }
    if (!is_seen_in_problem) give_workspace(buffers);
    note_.say(hostile_, "run");
    if (auto found = judge(entries_.run(hostile_.problem, buffers))) return found;
    if (tensors_.are_untouched()) return std::nullopt;
    return finding("tensors that are left as they were", "elements were written");
  }

 private:
  [[nodiscard]] std::optional<Finding> ask() const {
    if (entries_.kernel().supports != nullptr) {
      note_.say(hostile_, "supports");
      if (auto found = judge(entries_.supports(hostile_.problem))) return found;
    }
    note_.say(hostile_, "workspace_bytes");
    bool threw = false;
    const size_t bytes = entries_.workspace_bytes(hostile_.problem, threw);
    if (threw) return finding("0 from workspace_bytes", "an exception from workspace_bytes");
    if (bytes == 0) return std::nullopt;
    return finding("0 from workspace_bytes, since the kernel does not serve this",
                   fmt::format("{} from workspace_bytes", bytes));
  }

  // Of a problem that is valid by itself: too little would be a fault of another kind.
  void give_workspace(convcheck_buffers& buffers) const {
    bool threw = false;
    buffers.workspace_bytes = entries_.workspace_bytes(hostile_.problem, threw);
    buffers.workspace = tensors_.workspace().poisoned(buffers.workspace_bytes);
  }

  [[nodiscard]] std::optional<Finding> prepare(const convcheck_buffers& buffers) const {
    note_.say(hostile_, "prepare");
    void* plan = nullptr;
    const CallResult result = entries_.prepare(hostile_.problem, buffers, plan);
    if (result.ok()) entries_.release(plan);
    return judge(result);
  }

  [[nodiscard]] std::optional<Finding> judge(const CallResult& result) const {
    const bool may_reject = hostile_.is_invalid || hostile_.is_bias_torn;
    if (is_refusal(result) && (may_reject || result.status == CONVCHECK_UNSUPPORTED)) return std::nullopt;
    return finding(
        may_reject ? "REJECTED or UNSUPPORTED" : "UNSUPPORTED: an unknown data type or direction breaks no rule",
        describe(result));
  }

  [[nodiscard]] Finding finding(std::string expected, std::string got) const {
    return {.index = {},
            .expected = std::move(expected),
            .got = std::move(got),
            .explanation = fmt::format("The arguments are the case's but for {}.", hostile_.what)};
  }

  const Entries& entries_;
  Tensors& tensors_;
  const Note& note_;
  const Hostile& hostile_;
};

}  // namespace

// Single mutations go round with the seed, so that some dozens of seeds in a row have them all; pairs are drawn.
Judgement survives_hostile_arguments(Trial& trial) {
  const Problem& valid = trial.problem();
  const Geometry& g = trial.expectation()->g;
  if (g.output_elements() > kMostElementsHere || multiply_count(valid) > kStructureLimit)
    return Judgement::not_applicable("hostile arguments are made of problems of at most a million outputs");
  const Entries entries(trial.subject());
  const Note note(trial.subject().watch);
  Tensors tensors(valid);
  const uint64_t seed = trial.the_case().seed;
  Random random(seed, kStream);
  for (size_t i = 0; i < kSingles + kPairs; ++i) {
    const size_t first =
        i < kSingles ? (seed % mutation_count() * kSingles + i) % mutation_count() : random.below(mutation_count());
    const std::array<size_t, 2> numbers = {first, random.below(mutation_count())};
    const auto attack = hostile(valid, std::span(numbers).first(i < kSingles ? 1 : 2));
    if (!attack) continue;
    if (auto found = Attack(entries, tensors, note, *attack).make()) return Judgement::violated(*std::move(found));
  }
  return {};
}

}  // namespace convcheck::judges
