#include "properties/subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <stdexcept>

#include "reference/winograd.h"

namespace convcheck {
namespace {

const float* address_of(const Tensor& tensor) {
  return tensor.empty() ? nullptr : tensor.memory().data();
}

// The header's buffers are not const; kernels only read what the direction reads.
void* writable(const float* data) {
  return const_cast<float*>(data);
}

// What a kernel without `supports` serves.
bool is_plain(const convcheck_problem& problem) {
  const auto dense = [](const convcheck_tensor_desc& tensor) {
    int64_t expected = 1;
    for (int32_t axis = tensor.rank - 1; axis >= 0; --axis) {
      if (tensor.shape[axis] > 1 && tensor.stride[axis] != expected) return false;
      expected *= std::max<int64_t>(tensor.shape[axis], 1);
    }
    return true;
  };
  return problem.direction == CONVCHECK_FORWARD && problem.dtype == CONVCHECK_F32 && problem.spatial_rank == 2 &&
         dense(problem.input) && dense(problem.weight) && dense(problem.output);
}

int32_t ask_supports(const convcheck_kernel& kernel, const convcheck_problem& problem) {
  if (kernel.supports != nullptr) return kernel.supports(&problem);
  return is_plain(problem) ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

// A plan that is released where prepare succeeded.
class Plan {
 public:
  Plan(const convcheck_kernel& kernel, const convcheck_problem& problem, const convcheck_buffers& buffers)
      : kernel_(kernel) {
    if (kernel.prepare != nullptr) status_ = kernel.prepare(&problem, &buffers, &plan_);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() {
    if (kernel_.prepare != nullptr && status_ == CONVCHECK_OK && kernel_.release != nullptr) kernel_.release(plan_);
  }

  [[nodiscard]] int32_t status() const { return status_; }
  [[nodiscard]] void* get() const { return plan_; }

 private:
  const convcheck_kernel& kernel_;
  void* plan_ = nullptr;
  int32_t status_ = CONVCHECK_OK;
};

// Where a kernel's pointers go, once it is known how much of a workspace it asks for.
struct Place {
  CallMemory tensors;
  void* workspace = nullptr;
  size_t workspace_bytes = 0;
};

// `place` makes that of a number of bytes, or nothing where there is not that much memory; `stage` is where the call
// is, for when it throws.
template <class MakePlace>
CallResult call_unlocked(const convcheck_kernel& kernel, const convcheck_problem& problem, MakePlace make_place,
                         Stage& stage) {
  if (const int32_t status = ask_supports(kernel, problem); status != CONVCHECK_OK) return {status, Stage::supports};
  stage = Stage::workspace;
  const size_t bytes = kernel.workspace_bytes == nullptr ? 0 : kernel.workspace_bytes(&problem);
  const std::optional<Place> place = make_place(bytes);
  if (!place) return {CONVCHECK_FAILED, Stage::workspace};
  convcheck_buffers buffers = {};
  buffers.weight = writable(place->tensors.weight);
  buffers.bias = writable(place->tensors.bias);
  stage = Stage::prepare;
  const Plan plan(kernel, problem, buffers);
  if (plan.status() != CONVCHECK_OK) return {plan.status(), Stage::prepare};
  stage = Stage::run;
  buffers.input = writable(place->tensors.input);
  buffers.output = place->tensors.output;
  buffers.workspace = place->workspace;
  buffers.workspace_bytes = place->workspace_bytes;
  buffers.plan = plan.get();
  return {kernel.run(&problem, &buffers), Stage::run};
}

template <class MakePlace>
CallResult call_in(const Subject& subject, const Problem& problem, MakePlace make_place) {
  const convcheck_problem abi = to_abi(problem);
  std::optional<std::lock_guard<std::mutex>> lock;
  if (subject.serial != nullptr) lock.emplace(*subject.serial);
  const WatchedCall watched(subject.watch);
  const FloatingControl before = floating_control();
  Stage stage = Stage::supports;
  CallResult result;
  try {
    result = call_unlocked(*subject.kernel, abi, make_place, stage);
  } catch (...) {
    result = {.stage = stage, .threw = true};
  }
  result.before = before;
  result.after = floating_control();
  if (result.after != before) set_floating_control(before);
  return result;
}

}  // namespace

Accuracy accuracy_of(const convcheck_kernel& kernel, const Geometry& g) {
  // A tile without a bound has no values to judge; the laws that are left take a summation's data.
  const bool loosened =
      kernel.algorithm == CONVCHECK_WINOGRAD && winograd_tile_is_judged(kernel.winograd_tile) && winograd_applies(g);
  return {.winograd_tile = loosened ? kernel.winograd_tile : 0};
}

std::string why_values_are_not_judged(const convcheck_kernel& kernel) {
  if (kernel.algorithm == CONVCHECK_SUMMATION) return {};
  if (kernel.algorithm != CONVCHECK_WINOGRAD) {
    return fmt::format("no error bound is derived for algorithm {}{}", kernel.algorithm,
                       kernel.algorithm == CONVCHECK_FFT ? " (FFT)" : "");
  }
  if (winograd_tile_is_judged(kernel.winograd_tile)) return {};
  return fmt::format("no error bound is derived for Winograd tiles of {0}x{0}; those of 2x2, 4x4 and 6x6 have one",
                     kernel.winograd_tile);
}

std::string describe(const CallResult& result) {
  constexpr const char* kStatuses[] = {"OK", "REJECTED", "UNSUPPORTED", "FAILED"};
  constexpr const char* kStages[] = {"supports", "the workspace's allocation", "prepare", "run"};
  const char* const stage = kStages[static_cast<size_t>(result.stage)];
  if (result.threw) return fmt::format("an exception from {}", stage);
  if (result.status < CONVCHECK_OK || result.status > CONVCHECK_FAILED) {
    return fmt::format("status {} (none of the ABI's) from {}", result.status, stage);
  }
  return fmt::format("{} from {}", kStatuses[result.status], stage);
}

bool is_poison(float value) {
  return std::bit_cast<uint32_t>(value) == kPoison;
}

void poison(Tensor& tensor) {
  std::fill(tensor.memory().begin(), tensor.memory().end(), std::bit_cast<float>(kPoison));
}

void* Workspace::poisoned(size_t bytes) {
  constexpr size_t kAlignment = 64;
  if (bytes == 0 || bytes > most_) return nullptr;
  if (bytes > bytes_) {
    bytes_ = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    memory_.reset(std::aligned_alloc(kAlignment, bytes_));
    if (memory_ == nullptr) {
      bytes_ = 0;
      return nullptr;
    }
  }
  std::memset(memory_.get(), byte_, bytes);
  return memory_.get();
}

CallResult call(const Subject& subject, const Problem& problem, const CallMemory& memory, Workspace& workspace) {
  return call_in(subject, problem, [&](size_t bytes) -> std::optional<Place> {
    void* const scratch = workspace.poisoned(bytes);
    if (bytes != 0 && scratch == nullptr) return std::nullopt;
    return Place{.tensors = memory, .workspace = scratch, .workspace_bytes = bytes};
  });
}

CallResult call(const Subject& subject, const Problem& problem, const Data& data, Tensor& output,
                Workspace& workspace) {
  output.reshape(problem, TensorRole::output);
  poison(output);
  const CallMemory memory = {.input = address_of(data.input),
                             .weight = address_of(data.weight),
                             .bias = address_of(data.bias),
                             .output = output.empty() ? nullptr : output.memory().data()};
  return call(subject, problem, memory, workspace);
}

CallResult call(const Subject& subject, const Problem& problem, const Data& data, Tensor& output, GuardedMemory& memory,
                const CallSetting& setting) {
  output.reshape(problem, TensorRole::output);
  CallMemory tensors;
  size_t asked = 0;
  bool is_laid_out = false, has_room = true;
  CallResult result = call_in(subject, problem, [&](size_t bytes) -> std::optional<Place> {
    asked = bytes;
    const size_t given = bytes - std::min(bytes, setting.workspace_shortage);
    const auto span = static_cast<int64_t>(output.memory().size());
    is_laid_out = memory.lay_out(data, span, given, setting);
    if (!is_laid_out) has_room = memory.lay_out(data, span, 0, setting);
    if (!is_laid_out) return std::nullopt;
    tensors = memory.tensors();
    return Place{.tensors = tensors, .workspace = memory.workspace(), .workspace_bytes = given};
  });
  if (!has_room) throw std::runtime_error("the machine has no memory for the tensors");
  result.workspace_bytes = asked;
  if (is_laid_out) {
    result.at = tensors;
    result.noticed = memory.notice(data);
    memory.copy_output(output);
  } else {
    std::fill(output.memory().begin(), output.memory().end(), std::bit_cast<float>(setting.output_poison));
  }
  return result;
}

}  // namespace convcheck
