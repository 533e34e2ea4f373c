// Mutants in which one call or plan knows of another where it looks the same; and others whose bits do not repeat. What
// calls remember belongs to the thread; what plans share is locked.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "impls/mutants/mutant.h"
#include "impls/mutants/reach.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

bool same(const convcheck_tensor_desc& a, const convcheck_tensor_desc& b) {
  if (a.rank != b.rank) return false;
  for (int32_t axis = 0; axis < a.rank; ++axis) {
    if (a.shape[axis] != b.shape[axis] || a.stride[axis] != b.stride[axis]) return false;
  }
  return true;
}

bool same_tensors(const convcheck_problem& a, const convcheck_problem& b) {
  return same(a.input, b.input) && same(a.weight, b.weight) && same(a.bias, b.bias) && a.groups == b.groups;
}

bool same_pair(const int64_t* a, const int64_t* b) {
  return a[0] == b[0] && a[1] == b[1];
}

bool same_problem(const convcheck_problem& a, const convcheck_problem& b) {
  return same_tensors(a, b) && same(a.output, b.output) && same_pair(a.stride, b.stride) &&
         same_pair(a.dilation, b.dilation) && same_pair(a.pad_before, b.pad_before) &&
         same_pair(a.pad_after, b.pad_after);
}

// Calls.

// Code compiled for a problem serves the next one that differs from it in the dilation alone.
struct DilationOfTheLast : Sound {
  void begin() {
    thread_local convcheck_problem last{};
    const bool is_known = same_tensors(problem, last) && same_pair(problem.stride, last.stride) &&
                          same_pair(problem.pad_before, last.pad_before);
    if (is_known) {
      conv.rows.dilation = last.dilation[0];
      conv.cols.dilation = last.dilation[1];
    } else {
      last = problem;
    }
  }
};

// Likewise where only the padding differs and the tensors are at the same addresses.
struct PaddingOfTheLast : Sound {
  void begin() {
    thread_local convcheck_problem last{};
    thread_local const float* last_addresses[3] = {};
    const float* const addresses[3] = {input, weight, output};
    const bool is_there = std::equal(addresses, addresses + 3, last_addresses);
    std::copy(addresses, addresses + 3, last_addresses);
    const bool is_known = is_there && same_tensors(problem, last) && same(problem.output, last.output) &&
                          same_pair(problem.stride, last.stride) && same_pair(problem.dilation, last.dilation);
    if (is_known) {
      conv.rows.pad = last.pad_before[0];
      conv.cols.pad = last.pad_before[1];
    } else {
      last = problem;
    }
  }
};

struct StrideOfTheLast : Sound {
  void begin() {
    thread_local convcheck_problem last{};
    const bool is_known = same_tensors(problem, last) && same_pair(problem.dilation, last.dilation) &&
                          same_pair(problem.pad_before, last.pad_before);
    if (is_known) {
      conv.rows.stride = last.stride[0];
      conv.cols.stride = last.stride[1];
    } else {
      last = problem;
    }
  }
};

// What the call before gave is given again where all addresses and the problem are the same.
struct OutputByAddresses : Sound {
  struct Kept {
    convcheck_problem problem{};
    const float* addresses[3] = {};
    std::vector<float> output;
  };
  static constexpr int64_t kMost = 1 << 16;

  template <class M>
  static void convolve(M& kernel) {
    thread_local Kept kept;
    const int64_t span = span_of(kernel.problem.output);
    const float* const addresses[3] = {kernel.input, kernel.weight, kernel.output};
    const bool is_dense =
        span == kernel.conv.batch * kernel.conv.out_channels() * kernel.conv.rows.out * kernel.conv.cols.out;
    if (span == 0 || span > kMost || !is_dense) return convolve_by_loops(kernel);
    if (same_problem(kept.problem, kernel.problem) && std::memcmp(kept.addresses, addresses, sizeof addresses) == 0) {
      std::memcpy(kernel.output, kept.output.data(), kept.output.size() * sizeof(float));
      return;
    }
    convolve_by_loops(kernel);
    kept.problem = kernel.problem;
    std::memcpy(kept.addresses, addresses, sizeof addresses);
    kept.output.assign(kernel.output, kernel.output + span);
  }
};

// Bits.

struct OrderByLine : Sound {
  bool is_reversed = false;
  void begin() { is_reversed = reinterpret_cast<uintptr_t>(input) / 64 % 2 == 1; }
  int64_t turn(int64_t i) const { return is_reversed ? conv.in_per_group - 1 - i : i; }
};

struct OrderByTheClock : Sound {
  bool is_reversed = false;
  void begin() { is_reversed = std::chrono::steady_clock::now().time_since_epoch().count() / 128 % 2 == 1; }
  int64_t turn(int64_t i) const { return is_reversed ? conv.in_per_group - 1 - i : i; }
};

// Plans.

/// Weights as they are summed, [k][channel][row][column], and how they are read in place of the caller's.
using Packed = std::vector<float>;

Packed packed(const convcheck_problem& p, const convcheck_buffers& buffers) {
  Sound kernel;
  kernel.conv = decode(p);
  kernel.weight = static_cast<const float*>(buffers.weight);
  Packed weights;
  for (int64_t k = 0; k < kernel.conv.out_channels(); ++k) {
    for (int64_t c = 0; c < kernel.conv.in_per_group; ++c) {
      for (int64_t h = 0; h < kernel.conv.rows.kernel; ++h) {
        for (int64_t w = 0; w < kernel.conv.cols.kernel; ++w) weights.push_back(kernel.weight_at(k, c, h, w));
      }
    }
  }
  return weights;
}

constexpr int64_t kMostPacked = 1 << 20;

/// Reads `weights` from now on, if they are as many as the problem has.
void read_from(Sound& kernel, const Packed& weights) {
  Conv& conv = kernel.conv;
  if (static_cast<int64_t>(weights.size()) != conv.weights()) return;
  kernel.weight = weights.data();
  const int64_t filter = conv.rows.kernel * conv.cols.kernel;
  conv.weight = {.outer = conv.in_per_group * filter, .channel = filter, .row = conv.cols.kernel, .col = 1};
}

template <class Plan>
struct WithPlan : Sound {
  static constexpr bool kHasPlan = true;
  static void release_plan(void* made) { delete static_cast<Plan*>(made); }
};

// One packed weight for all plans: the last.
struct LastPackedWeight : Sound {
  static constexpr bool kHasPlan = true;
  struct Last {
    std::mutex mutex;
    std::shared_ptr<const Packed> weights;
  };
  static Last& last() {
    static Last shared;
    return shared;
  }
  static void* make_plan(const convcheck_problem& p, const convcheck_buffers& buffers) {
    if (decode(p).weights() > kMostPacked) return nullptr;
    auto weights = std::make_shared<const Packed>(packed(p, buffers));
    const std::lock_guard lock(last().mutex);
    last().weights = std::move(weights);
    return nullptr;
  }
  std::shared_ptr<const Packed> weights;
  void begin() {
    {
      const std::lock_guard lock(last().mutex);
      weights = last().weights;
    }
    if (weights != nullptr && conv.weights() <= kMostPacked) read_from(*this, *weights);
  }
};

struct InputPlan {
  std::mutex mutex;
  std::vector<float> input;
};

// The input of the first run, copied into the plan when it comes.
struct FirstInput : WithPlan<InputPlan> {
  static constexpr int64_t kMost = 1 << 16;
  static void* make_plan(const convcheck_problem& /*p*/, const convcheck_buffers& /*buffers*/) {
    return std::make_unique<InputPlan>().release();
  }
  void begin() {
    const int64_t span = span_of(problem.input);
    if (plan == nullptr || span > kMost || conv.groups == 1) return;
    auto& mine = *static_cast<InputPlan*>(plan);
    const std::lock_guard lock(mine.mutex);
    if (mine.input.empty()) mine.input.assign(input, input + span);
    input = mine.input.data();
  }
};

// Bias and dilation are read from the structs that prepare() was given.
struct StructsOfTheCaller : Sound {
  static constexpr bool kHasPlan = true;
  static void* make_plan(const convcheck_problem& p, const convcheck_buffers& /*buffers*/) {
    return const_cast<convcheck_problem*>(&p);
  }
  void begin() {
    if (plan == nullptr) return;
    const auto& theirs = *static_cast<const convcheck_problem*>(plan);
    conv.rows.dilation = theirs.dilation[0];
    conv.cols.dilation = theirs.dilation[1];
    conv.rows.pad = theirs.pad_before[0];
    conv.cols.pad = theirs.pad_before[1];
  }
};

// Plans of one problem are one plan: the first one's weight is kept until the last one goes.
struct OnePlanAProblem : Sound {
  static constexpr bool kHasPlan = true;
  struct Plan {
    convcheck_problem problem;
    Packed weights;
    int64_t users;
  };
  struct Plans {
    std::mutex mutex;
    std::vector<std::unique_ptr<Plan>> all;
  };
  static Plans& plans() {
    static Plans shared;
    return shared;
  }
  static void* make_plan(const convcheck_problem& p, const convcheck_buffers& buffers) {
    if (decode(p).weights() > kMostPacked) return nullptr;
    const std::lock_guard lock(plans().mutex);
    for (const auto& known : plans().all) {
      if (!same_problem(known->problem, p)) continue;
      ++known->users;
      return known.get();
    }
    plans().all.push_back(std::make_unique<Plan>(Plan{.problem = p, .weights = packed(p, buffers), .users = 1}));
    return plans().all.back().get();
  }
  static void release_plan(void* plan) {
    const std::lock_guard lock(plans().mutex);
    std::erase_if(plans().all, [&](const auto& known) { return known.get() == plan && --known->users == 0; });
  }
  void begin() {
    if (plan != nullptr) read_from(*this, static_cast<const Plan*>(plan)->weights);
  }
};

constexpr MutantFacts remembering(const char* name, const char* bug_class, const char* modelled_on, const char* killers,
                                  bool wrong_values = false) {
  return {.name = name,
          .bug_class = bug_class,
          .modelled_on = modelled_on,
          .killers = killers,
          .wrong_values = wrong_values};
}

constexpr Mutant kCalls[] = {
    mutant<DilationOfTheLast>(
        "the dilation of the call before is used where nothing else has changed",
        remembering("dilation_of_the_call_before", "stale-cache", "pytorch/xla#1017", "forgets_earlier_calls", true)),
    mutant<PaddingOfTheLast>(
        "the padding of the call before is used where nothing else has changed, addresses included",
        remembering("padding_of_the_call_before", "stale-cache", "tensorflow/tensorflow#61934", "forgets_earlier_calls",
                    true)),
    mutant<StrideOfTheLast>("the stride of the call before is used where no input or weight has another shape",
                            remembering("stride_of_the_call_before", "stale-cache", "pytorch/pytorch#112998",
                                        "forgets_earlier_calls", true)),
    mutant<OutputByAddresses>("what a call gave is given again to the next one with the same problem and addresses",
                              remembering("output_kept_by_addresses", "stale-cache", "tensorflow/tensorflow#61934",
                                          "forgets_earlier_calls", true)),
    mutant<OrderByLine>(
        "the order of summation goes by the input's address in lines of 64 bytes",
        remembering("order_of_summation_by_line", "nondeterminism", "pytorch/pytorch#49268", "repeats_bit_for_bit")),
    mutant<OrderByTheClock>(
        "the order of summation goes by the time",
        remembering("order_of_summation_by_time", "nondeterminism", "pytorch/pytorch#3614", "repeats_bit_for_bit")),
    mutant<LastPackedWeight>(
        "all plans have the weight that was packed last",
        remembering("plans_share_the_packed_weight", "stale-cache", "pytorch/pytorch#112998", "plans_are_independent")),
    mutant<FirstInput>("a plan for groups keeps the input of its first run",
                       remembering("plan_keeps_its_first_input", "stale-cache", "tensorflow/tensorflow#61934",
                                   "plans_are_independent")),
    mutant<StructsOfTheCaller>(
        "a plan is the address of the problem that prepare() was given",
        remembering("plan_points_to_the_callers_problem", "stale-cache", "pytorch/xla#1017", "plans_are_independent")),
    mutant<OnePlanAProblem>(
        "plans of the same problem have one weight",
        remembering("plans_of_one_problem_are_one", "stale-cache", "pytorch/pytorch#112998", "plans_are_independent")),
};

}  // namespace

std::span<const Mutant> call_mutants() {
  return kCalls;
}

}  // namespace convcheck::impls::mutants
