// Mutants that promise to be thread-safe and are right on one thread: calls at the same time meet in memory that is
// there once.
#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "impls/mutants/mutant.h"
#include "impls/mutants/reach.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

constexpr int64_t kSharedFloats = 1 << 14;

/// Calls `visit(offset in the output, number of the output)` for every output, in logical order.
template <typename Visit>
void for_each_output(const Conv& conv, Visit visit) {
  int64_t number = 0;
  for (int64_t image = 0; image < conv.batch; ++image) {
    for (int64_t k = 0; k < conv.out_channels(); ++k) {
      for (int64_t row = 0; row < conv.rows.out; ++row) {
        for (int64_t col = 0; col < conv.cols.out; ++col) {
          visit(image * conv.output.outer + k * conv.output.channel + row * conv.output.row + col * conv.output.col,
                number++);
        }
      }
    }
  }
}

int64_t outputs_of(const Conv& conv) {
  return conv.batch * conv.out_channels() * conv.rows.out * conv.cols.out;
}

// Computes into `scratch` and copies from there. Where it does not fit the output is computed in place.
void compute_through(Sound& kernel, float* scratch) {
  float* const output = kernel.output;
  if (outputs_of(kernel.conv) > kSharedFloats) return convolve_by_loops(kernel);
  const Steps strided = kernel.conv.output;
  const int64_t plane = kernel.conv.rows.out * kernel.conv.cols.out;
  kernel.output = scratch;
  kernel.conv.output = {
      .outer = kernel.conv.out_channels() * plane, .channel = plane, .row = kernel.conv.cols.out, .col = 1};
  convolve_by_loops(kernel);
  kernel.conv.output = strided;
  for_each_output(kernel.conv, [&](int64_t offset, int64_t number) { output[offset] = scratch[number]; });
}

struct OutputsInStaticMemory : Sound {
  template <class M>
  static void convolve(M& kernel) {
    static std::array<float, kSharedFloats> scratch;
    compute_through(kernel, scratch.data());
  }
};

// The same, but for problems with groups alone.
struct GroupsInStaticMemory : Sound {
  template <class M>
  static void convolve(M& kernel) {
    static std::array<float, kSharedFloats> scratch;
    if (kernel.conv.groups == 1) return convolve_by_loops(kernel);
    compute_through(kernel, scratch.data());
  }
};

// Threads that share a plan share its scratch memory.
struct SumsInThePlan : Sound {
  static constexpr bool kHasPlan = true;
  static void* make_plan(const convcheck_problem& /*p*/, const convcheck_buffers& /*buffers*/) {
    return std::make_unique<std::vector<float>>(kSharedFloats).release();
  }
  static void release_plan(void* plan) { delete static_cast<std::vector<float>*>(plan); }

  template <class M>
  static void convolve(M& kernel) {
    if (kernel.plan == nullptr) return convolve_by_loops(kernel);
    compute_through(kernel, static_cast<std::vector<float>*>(kernel.plan)->data());
  }
};

// Planes are handed out by a counter, as to the threads of a pool, and all calls have the same.
struct PlanesByOneCounter : Sound {
  template <class M>
  static void convolve(M& kernel) {
    static std::atomic<int64_t> next = 0;
    next = 0;
    const Conv& conv = kernel.conv;
    RowOfSums<M> sums(kernel);
    for (int64_t plane = next++; plane < conv.batch * conv.out_channels(); plane = next++) {
      kernel.image = plane / conv.out_channels();
      kernel.k = plane % conv.out_channels();
      for (int64_t col = 0; col < conv.cols.out; col += kSumsInARow) {
        sums.set_columns(col, std::min(kSumsInARow, conv.cols.out - col));
        for (int64_t row = 0; row < conv.rows.out; ++row) sums.compute(row);
      }
    }
  }
};

// The rows at which the taps of the last output row begin, kept for the parameters of the call that came last.
struct RowsInATable : Sound {
  static constexpr size_t kMostRows = 256;
  static std::array<std::atomic<int64_t>, kMostRows>& table() {
    static std::array<std::atomic<int64_t>, kMostRows> rows;
    return rows;
  }
  bool is_short() const { return conv.rows.out <= static_cast<int64_t>(kMostRows); }

  void begin() const {
    for (int64_t out = 0; is_short() && out < conv.rows.out; ++out) {
      table()[static_cast<size_t>(out)] = input_position(conv.rows, out, 0);
    }
  }
  int64_t row(int64_t out, int64_t tap) const {
    if (!is_short()) return Sound::row(out, tap);
    return table()[static_cast<size_t>(out)].load() + tap * conv.rows.dilation;
  }
};

constexpr MutantFacts racing(const char* name, const char* modelled_on, bool harms_process) {
  return {.name = name,
          .bug_class = "thread-race",
          .modelled_on = modelled_on,
          .killers = "runs_on_many_threads_at_once",
          .wrong_values = false,
          .harms_process = harms_process};
}

constexpr Mutant kThreads[] = {
    mutant<OutputsInStaticMemory>("outputs are computed in static memory and copied",
                                  racing("outputs_in_static_memory", "PaddlePaddle/Paddle-Lite#943", true)),
    mutant<GroupsInStaticMemory>("with groups outputs are computed in static memory and copied",
                                 racing("groups_in_static_memory", "PaddlePaddle/Paddle-Lite#943", true)),
    mutant<SumsInThePlan>("threads that share a plan compute in its memory",
                          racing("outputs_in_the_plan", "pytorch/pytorch#1947", true)),
    mutant<PlanesByOneCounter>("planes are handed out by a counter that all calls share",
                               racing("planes_by_one_counter", "ggml-org/ggml#483", false)),
    mutant<RowsInATable>("a table of rows is that of the call that came last",
                         racing("rows_in_a_shared_table", "pytorch/pytorch#1947", false)),
};

}  // namespace

std::span<const Mutant> thread_mutants() {
  return kThreads;
}

}  // namespace convcheck::impls::mutants
