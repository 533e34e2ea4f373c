// Laws about rules, in both directions: what is valid runs, what is invalid is refused.
#include "reference/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "properties/laws/laws.h"
#include "properties/laws/runs.h"

namespace convcheck::judges {
namespace {

bool is_refusal(int32_t status) {
  return status == CONVCHECK_REJECTED || status == CONVCHECK_UNSUPPORTED;
}

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
  const convcheck_kernel& kernel = *trial.subject().kernel;
  std::optional<std::lock_guard<std::mutex>> lock;
  if (trial.subject().serial != nullptr) lock.emplace(*trial.subject().serial);
  const convcheck_problem abi = to_abi(problem);
  if (kernel.supports != nullptr) {
    const int32_t status = kernel.supports(&abi);
    if (!is_refusal(status)) return Judgement::violated(accepted(problem, *broken, {status, Stage::supports}));
  }
  InvalidTensor input(problem, TensorRole::input), weight(problem, TensorRole::weight), bias(problem, TensorRole::bias),
      output(problem, TensorRole::output);
  if (!input.fits() || !weight.fits() || !bias.fits() || !output.fits()) return {};
  convcheck_buffers buffers = {};
  buffers.weight = weight.data();
  buffers.bias = problem.has_bias() ? bias.data() : nullptr;
  if (kernel.prepare != nullptr) {
    void* plan = nullptr;
    const int32_t status = kernel.prepare(&abi, &buffers, &plan);
    if (status == CONVCHECK_OK && kernel.release != nullptr) kernel.release(plan);
    if (!is_refusal(status)) return Judgement::violated(accepted(problem, *broken, {status, Stage::prepare}));
  }
  buffers.input = input.data();
  buffers.output = output.data();
  const int32_t status = kernel.run(&abi, &buffers);
  if (!is_refusal(status)) return Judgement::violated(accepted(problem, *broken, {status, Stage::run}));
  if (output.is_untouched()) return {};
  return Judgement::violated(
      {.index = {},
       .expected = "an output that is left as it was",
       .got = "elements were written",
       .explanation = fmt::format("The kernel refused the problem ({}) after it had written to its "
                                  "output.",
                                  message(problem, *broken))});
}

}  // namespace convcheck::judges
