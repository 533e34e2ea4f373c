// Laws about rules, in both directions: what is valid runs, what is invalid is refused.
#include "reference/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "properties/generate.h"
#include "properties/laws/entries.h"
#include "properties/laws/laws.h"
#include "reference/case_text.h"

namespace convcheck::judges {
namespace {

// Memory for a tensor of an invalid problem: its span where that is a size at all, and room behind it, since a kernel
// that goes ahead may take the shapes otherwise than they are.
class InvalidTensor {
 public:
  InvalidTensor(const Problem& problem, TensorRole role) {
    constexpr Wide kMostElements = 1 << 22;
    constexpr size_t kRoom = 1 << 16;
    const Shape shape = shape_of(problem, role);
    const Wide span = span_elements(shape, strides_of(problem, role, shape));
    fits_ = span <= kMostElements;
    if (fits_) memory_.assign(static_cast<size_t>(std::max<Wide>(span, 1)) + kRoom, std::bit_cast<float>(kPoison));
  }

  [[nodiscard]] bool fits() const { return fits_; }
  [[nodiscard]] void* data() { return memory_.data(); }
  [[nodiscard]] bool is_untouched() const { return std::all_of(memory_.begin(), memory_.end(), is_poison); }

 private:
  bool fits_ = false;
  std::vector<float> memory_;
};

// Those of a call.
class InvalidTensors {
 public:
  explicit InvalidTensors(const Problem& problem)
      : has_bias_(problem.has_bias()),
        input_(problem, TensorRole::input),
        weight_(problem, TensorRole::weight),
        bias_(problem, TensorRole::bias),
        output_(problem, TensorRole::output) {}

  [[nodiscard]] bool fit() const { return input_.fits() && weight_.fits() && bias_.fits() && output_.fits(); }
  [[nodiscard]] bool is_output_untouched() const { return output_.is_untouched(); }
  [[nodiscard]] convcheck_buffers buffers() {
    convcheck_buffers buffers = {};
    buffers.input = input_.data();
    buffers.weight = weight_.data();
    buffers.bias = has_bias_ ? bias_.data() : nullptr;
    buffers.output = output_.data();
    return buffers;
  }

 private:
  bool has_bias_;
  InvalidTensor input_, weight_, bias_, output_;
};

Finding accepted(const Problem& problem, const BrokenRule& broken, const CallResult& result) {
  return {.index = {},
          .expected = "REJECTED, or UNSUPPORTED where the kernel would not serve the problem anyway",
          .got = describe(result),
          .explanation = fmt::format("The problem breaks rule {} of the ABI ({}): {}.", abi_number(broken.rule),
                                     name(broken.rule), message(problem, broken))};
}

}  // namespace

Judgement accepts_valid(Trial& trial) {
  return judge_acceptance(trial.result());
}

Judgement judge_acceptance(const CallResult& result) {
  if (result.ok()) return {};
  if (result.threw) return *unless_ok(result);
  if (result.status == CONVCHECK_UNSUPPORTED || result.status == CONVCHECK_FAILED) return *unless_ok(result);
  return Judgement::violated({.index = {},
                              .expected = "OK, or UNSUPPORTED where the kernel does not serve the problem",
                              .got = describe(result),
                              .explanation = "The problem keeps every rule of convolution."});
}

// Each entry is asked by itself, as the promise says. `run` and `prepare` see problems whose tensors are small enough
// to be there; larger ones, near 2^31 and 2^63 elements, are put to `supports` and `workspace_bytes`.
Judgement rejects_invalid(Trial& trial) {
  const Problem& problem = trial.problem();
  const auto broken = broken_rule(problem);
  if (!broken) return Judgement::not_applicable("the problem is valid");
  const Entries entries(trial.subject());
  const convcheck_problem abi = to_abi(problem);
  const auto judged = [&](const CallResult& result) {
    return is_refusal(result) ? Judgement() : Judgement::violated(accepted(problem, *broken, result));
  };
  if (entries.kernel().supports != nullptr) {
    Judgement judgement = judged(entries.supports(abi));
    if (judgement.outcome == Outcome::violated) return judgement;
  }
  InvalidTensors tensors(problem);
  if (!tensors.fit()) return {};
  const convcheck_buffers buffers = tensors.buffers();
  if (entries.kernel().prepare != nullptr) {
    void* plan = nullptr;
    const CallResult result = entries.prepare(abi, seen_by_prepare(buffers), plan);
    if (result.ok()) entries.release(plan);
    Judgement judgement = judged(result);
    if (judgement.outcome == Outcome::violated) return judgement;
  }
  return judged(entries.run(abi, buffers));
}

namespace {

Judgement wrote(const CallResult& result, const std::string& problem) {
  return Judgement::violated(
      {.index = {},
       .expected = "an output that is left as it was",
       .got = fmt::format("elements were written before {}", describe(result)),
       .explanation =
           fmt::format("The kernel refused {} after it had written to the output: whoever then takes another "
                       "kernel has lost what was there.",
                       problem)});
}

// The case's problem with one rule broken; nothing where the random rule can hardly be broken.
std::optional<Problem> broken_at_random(const Problem& valid, Random& random) {
  constexpr int kTries = 8;
  for (int i = 0; i < kTries; ++i) {
    const auto rule = static_cast<Rule>(random.below(kRuleCount));
    if (auto broken = broken_by(valid, rule, Random(random.bits()))) return broken;
  }
  return std::nullopt;
}

}  // namespace

// What `run` answers to a valid problem once `supports` has said OK, and to an invalid one, called by itself, where
// that is promised to be refused. A valid problem that `supports` has refused is not put to `run`: nothing is promised
// of that.
Judgement rejects_without_writing(Trial& trial) {
  constexpr int kInvalid = 2;
  constexpr uint64_t kStream = 0x4EF5;
  const CallResult& own = trial.result();
  bool has_refused = is_refusal(own) && own.stage != Stage::supports;
  const auto& memory = trial.output().memory();
  if (has_refused && !std::all_of(memory.begin(), memory.end(), is_poison)) return wrote(own, "the problem");
  const Entries entries(trial.subject());
  Random random(trial.the_case().seed, kStream);
  for (int i = 0; i < kInvalid && trial.subject().promises(CONVCHECK_REJECTS_INVALID); ++i) {
    const auto invalid = broken_at_random(trial.problem(), random);
    if (!invalid) continue;
    InvalidTensors tensors(*invalid);
    if (!tensors.fit()) continue;
    const CallResult result = entries.run(to_abi(*invalid), tensors.buffers());
    if (!is_refusal(result)) continue;  // for rejects_invalid
    has_refused = true;
    if (!tensors.is_output_untouched())
      return wrote(result, fmt::format("an invalid problem, {}, ({})", print(*invalid),
                                       message(*invalid, *broken_rule(*invalid))));
  }
  return has_refused ? Judgement() : Judgement::not_applicable("the kernel refused nothing");
}

}  // namespace convcheck::judges
