// Kernels that remember what they should forget, or share what is not to be shared.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "tests/properties/conduct_kernel.h"

namespace convcheck::conduct {
namespace {

// Memory of earlier calls.

/// The elements of a weight in logical order, and steps to match.
std::vector<float> packed(Conv& conv, const float* weight) {
  std::vector<float> taps;
  for (int64_t k = 0; k < conv.out_channels(); ++k) {
    for (int64_t c = 0; c < conv.in_per_group; ++c) {
      for (int64_t h = 0; h < conv.rows.kernel; ++h) {
        for (int64_t w = 0; w < conv.cols.kernel; ++w) {
          taps.push_back(
              weight[k * conv.weight.outer + c * conv.weight.channel + h * conv.weight.row + w * conv.weight.col]);
        }
      }
    }
  }
  conv.weight = {
      .outer = conv.taps(), .channel = conv.rows.kernel * conv.cols.kernel, .row = conv.cols.kernel, .col = 1};
  return taps;
}

/// Packs anew for another address or another problem alone: not even other contents of the same problem are seen.
void weight_by_address(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  thread_local const void* address = nullptr;
  thread_local convcheck_problem known;
  thread_local std::vector<float> taps;
  Conv conv = decode(problem);
  const std::vector<float> now = packed(conv, floats(buffers.weight));
  if (buffers.weight != address || std::memcmp(&known, &problem, sizeof(known)) != 0) {
    taps = now;
    address = buffers.weight;
    known = problem;
  }
  convolve(conv, buffers, taps.data());
}

bool has_shapes_of(const convcheck_problem& a, const convcheck_problem& b) {
  const auto same = [](const convcheck_tensor_desc& x, const convcheck_tensor_desc& y) {
    return std::equal(x.shape, x.shape + 4, y.shape);
  };
  return same(a.input, b.input) && same(a.weight, b.weight) && same(a.output, b.output) && a.groups == b.groups;
}

/// What was made for these three shapes is taken again: dilation or padding may differ.
template <bool kDilation>
void axes_by_shape(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  thread_local convcheck_problem known;
  thread_local Conv made;
  Conv conv = decode(problem);
  if (has_shapes_of(known, problem)) {
    if (kDilation) {
      conv.rows.dilation = made.rows.dilation;
      conv.cols.dilation = made.cols.dilation;
    } else {
      conv.rows.pad = made.rows.pad;
      conv.cols.pad = made.cols.pad;
    }
  }
  known = problem;
  made = conv;
  convolve(conv, buffers, floats(buffers.weight));
}

/// As for input and weight alone, with the stride of an earlier call.
void stride_by_shape(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  thread_local convcheck_problem known;
  Conv conv = decode(problem);
  convcheck_problem same_output = problem;
  same_output.output = known.output;
  if (has_shapes_of(known, same_output)) {
    conv.rows.stride = known.stride[0];
    conv.cols.stride = known.stride[1];
  } else {
    known = problem;
  }
  convolve(conv, buffers, floats(buffers.weight));
}

/// A dense input's steps are taken for a view of the same shape.
void steps_by_shape(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  thread_local convcheck_problem known;
  thread_local Steps dense;
  Conv conv = decode(problem);
  const bool has_room = std::count(problem.input.stride, problem.input.stride + 4, 0) == 0;
  if (has_shapes_of(known, problem) && has_room) conv.input = dense;
  known = {};
  if (problem.input.stride[3] == 1 && problem.input.stride[2] == problem.input.shape[3] &&
      problem.input.stride[1] == problem.input.shape[2] * problem.input.shape[3]) {
    known = problem;
    dense = conv.input;
  }
  convolve(conv, buffers, floats(buffers.weight));
}

/// A smaller call than the one before adds what that has left.
void left_over(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  thread_local int64_t before = 0;
  convolve(problem, buffers);
  const Conv conv = decode(problem);
  const int64_t outputs = conv.batch * conv.out_channels() * conv.rows.out * conv.cols.out;
  if (outputs > 0 && outputs < before) *static_cast<float*>(buffers.output) += 1;
  before = outputs;
}

// Plans.

struct Plan {
  const convcheck_problem* problem = nullptr;
  const convcheck_buffers* buffers = nullptr;
  Conv conv{};
  std::vector<float> taps;
  std::vector<float> first_input;
  std::array<std::atomic<float>, 4096> scratch{};
};

int32_t prepare(const convcheck_problem* problem, const convcheck_buffers* buffers, void** plan) {
  if (const int32_t status = admit(*problem, *buffers); status != CONVCHECK_OK) return status;
  auto made = std::make_unique<Plan>();
  made->problem = problem;
  made->buffers = buffers;
  made->conv = decode(*problem);
  made->taps = packed(made->conv, floats(buffers->weight));
  *plan = made.release();
  return CONVCHECK_OK;
}

void release(void* plan) {
  delete static_cast<Plan*>(plan);
}

template <auto Body>
int32_t run_plan(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = admit_run(*problem, *buffers, 0); status != CONVCHECK_OK) return status;
  Body(*problem, *buffers, *static_cast<Plan*>(buffers->plan));
  return CONVCHECK_OK;
}

void by_plan(const convcheck_problem& /*problem*/, const convcheck_buffers& buffers, Plan& plan) {
  convolve(plan.conv, buffers, plan.taps.data());
}

/// The weight of the latest plan, whichever plan is run.
std::vector<float>& latest_taps() {
  static std::vector<float> taps;
  return taps;
}

int32_t prepare_latest(const convcheck_problem* problem, const convcheck_buffers* buffers, void** plan) {
  const int32_t status = prepare(problem, buffers, plan);
  if (status == CONVCHECK_OK) latest_taps() = static_cast<Plan*>(*plan)->taps;
  return status;
}

void by_latest(const convcheck_problem& /*problem*/, const convcheck_buffers& buffers, Plan& plan) {
  if (latest_taps().size() == plan.taps.size()) plan.taps = latest_taps();
  convolve(plan.conv, buffers, plan.taps.data());
}

/// Looks again at the structs that prepare() was given.
void by_kept_problem(const convcheck_problem& /*problem*/, const convcheck_buffers& buffers, Plan& plan) {
  convolve(decode(*plan.problem), buffers, floats(buffers.weight));
}

void by_kept_buffers(const convcheck_problem& problem, const convcheck_buffers& buffers, Plan& plan) {
  convolve(decode(problem), buffers, floats(plan.buffers->weight));
}

/// Packs the input of the first run and uses it for all.
void by_first_input(const convcheck_problem& problem, const convcheck_buffers& buffers, Plan& plan) {
  if (plan.first_input.empty()) {
    int64_t span = 1;
    for (int axis = 0; axis < 4; ++axis) {
      if (problem.input.shape[axis] > 1) span += (problem.input.shape[axis] - 1) * problem.input.stride[axis];
    }
    plan.first_input.assign(floats(buffers.input), floats(buffers.input) + span);
  }
  convcheck_buffers other = buffers;
  other.input = plan.first_input.data();
  convolve(plan.conv, other, plan.taps.data());
}

/// Releasing one plan clears the weights of all: a table that they share.
std::list<Plan*>& live() {
  static std::list<Plan*> plans;
  return plans;
}

int32_t prepare_listed(const convcheck_problem* problem, const convcheck_buffers* buffers, void** plan) {
  const int32_t status = prepare(problem, buffers, plan);
  if (status == CONVCHECK_OK) live().push_back(static_cast<Plan*>(*plan));
  return status;
}

void release_all(void* plan) {
  live().remove(static_cast<Plan*>(plan));
  for (Plan* other : live()) std::fill(other->taps.begin(), other->taps.end(), 0.0F);
  release(plan);
}

/// What is lost is kept until the program ends: the tests lose nothing.
void keep_plan(void* plan) {
  static std::vector<std::unique_ptr<Plan>> kept;
  kept.emplace_back(static_cast<Plan*>(plan));
}

// Threads.

/// Sums the window of each output in scratch memory, a product at a time.
template <size_t kSize>
void convolve_in(std::array<std::atomic<float>, kSize>& scratch, const convcheck_problem& problem,
                 const convcheck_buffers& buffers) {
  const Conv conv = decode(problem);
  for (int64_t n = 0; n < conv.batch; ++n) {
    for (int64_t k = 0; k < conv.out_channels(); ++k) {
      for (int64_t h = 0; h < conv.rows.out; ++h) {
        for (int64_t first = 0; first < conv.cols.out; first += static_cast<int64_t>(kSize)) {
          const int64_t count = std::min(static_cast<int64_t>(kSize), conv.cols.out - first);
          for (int64_t i = 0; i < count; ++i) {
            Conv one = conv;
            one.batch = one.groups = one.out_per_group = 1;
            one.rows.pad -= h * conv.rows.stride;
            one.cols.pad -= (first + i) * conv.cols.stride;
            one.rows.out = one.cols.out = 1;
            float sum = 0;
            const int64_t group = k / conv.out_per_group;
            const float* const bias = conv.has_bias ? floats(buffers.bias) + k * conv.bias_step : nullptr;
            convolve_plain(
                one, floats(buffers.input) + n * conv.input.outer + group * conv.in_per_group * conv.input.channel,
                floats(buffers.weight) + k * conv.weight.outer, bias, &sum);
            scratch[static_cast<size_t>(i)].store(sum, std::memory_order_relaxed);
          }
          for (int64_t i = 0; i < count; ++i) {
            static_cast<float*>(buffers.output)[n * conv.output.outer + k * conv.output.channel + h * conv.output.row +
                                                (first + i) * conv.output.col] =
                scratch[static_cast<size_t>(i)].load(std::memory_order_relaxed);
          }
        }
      }
    }
  }
}

using Scratch = std::array<std::atomic<float>, 4096>;

void in_shared_scratch(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  static Scratch scratch;
  convolve_in(scratch, problem, buffers);
}

void in_locked_scratch(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  static Scratch scratch;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  convolve_in(scratch, problem, buffers);
}

void in_scratch_of_the_plan(const convcheck_problem& problem, const convcheck_buffers& buffers, Plan& plan) {
  convolve_in(plan.scratch, problem, buffers);
}

/// The input is packed whole before anything is computed, as im2col does, in memory of all calls.
void in_packed_input(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  static std::array<std::atomic<float>, 1 << 16> shared;
  const Conv conv = decode(problem);
  const int64_t channels = conv.groups * conv.in_per_group;
  const int64_t count = conv.batch * channels * conv.rows.in * conv.cols.in;
  if (count > static_cast<int64_t>(shared.size())) return convolve(problem, buffers);
  size_t at = 0;
  const auto for_each = [&](const auto& visit) {
    at = 0;
    for (int64_t n = 0; n < conv.batch; ++n) {
      for (int64_t c = 0; c < channels; ++c) {
        for (int64_t h = 0; h < conv.rows.in; ++h) {
          for (int64_t w = 0; w < conv.cols.in; ++w) {
            visit(n * conv.input.outer + c * conv.input.channel + h * conv.input.row + w * conv.input.col);
          }
        }
      }
    }
  };
  for_each([&](int64_t place) { shared.at(at++).store(floats(buffers.input)[place], std::memory_order_relaxed); });
  std::vector<float> own(static_cast<size_t>(count));
  for_each([&](int64_t /*place*/) {
    own[at] = shared.at(at).load(std::memory_order_relaxed);
    ++at;
  });
  Conv dense = conv;
  dense.input = {.outer = channels * conv.rows.in * conv.cols.in,
                 .channel = conv.rows.in * conv.cols.in,
                 .row = conv.cols.in,
                 .col = 1};
  convolve_plain(dense, own.data(), floats(buffers.weight), floats(buffers.bias), static_cast<float*>(buffers.output));
}

/// Two calls at once are one too many: the second fails with a status of its own.
int32_t run_one_at_a_time(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  static std::atomic<int> running = 0;
  if (const int32_t status = admit(*problem, *buffers); status != CONVCHECK_OK) return status;
  const bool is_first = running.fetch_add(1) == 0;
  if (is_first) convolve(*problem, *buffers);
  running.fetch_sub(1);
  return is_first ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

constexpr convcheck_kernel kKernels[] = {
    kernel("right", run_with<right>),
    kernel("right_with_plan", run_plan<by_plan>, prepare, release),
    kernel("weight_by_address", run_with<weight_by_address>),
    kernel("dilation_by_shape", run_with<axes_by_shape<true>>),
    kernel("padding_by_shape", run_with<axes_by_shape<false>>),
    kernel("stride_by_shape", run_with<stride_by_shape>),
    kernel("steps_by_shape", run_with<steps_by_shape>),
    kernel("left_over", run_with<left_over>),
    kernel("latest_plan", run_plan<by_latest>, prepare_latest, release),
    kernel("kept_problem", run_plan<by_kept_problem>, prepare, release),
    kernel("kept_buffers", run_plan<by_kept_buffers>, prepare, release),
    kernel("first_input", run_plan<by_first_input>, prepare, release),
    kernel("loses_plans", run_plan<by_plan>, prepare, keep_plan),
    kernel("release_clears_all", run_plan<by_plan>, prepare_listed, release_all),
    kernel("shared_scratch", run_with<in_shared_scratch>),
    kernel("locked_scratch", run_with<in_locked_scratch>),
    kernel("packed_input", run_with<in_packed_input>),
    kernel("scratch_of_the_plan", run_plan<in_scratch_of_the_plan>, prepare, release),
    kernel("one_at_a_time", run_one_at_a_time),
};

}  // namespace

std::span<const convcheck_kernel> remembering_kernels() {
  return kKernels;
}

}  // namespace convcheck::conduct
