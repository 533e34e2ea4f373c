// The sound kernel that mutants bend: plain loops over every output and its taps, in parts. A mutant is a struct that
// derives from Sound and hides the one part that it gets wrong; loops.h calls whatever part the mutant has, so that
// what it leaves alone costs nothing.
#pragma once

#include <cstdint>

#include "convcheck/kernel.h"
#include "impls/support/conv.h"

namespace convcheck::impls::mutants {

template <class M>
void convolve_by_loops(M& kernel);

inline constexpr uint32_t kPromisesOfMatrices =
    CONVCHECK_REJECTS_INVALID | CONVCHECK_DETERMINISTIC | CONVCHECK_THREAD_SAFE | CONVCHECK_BATCH_INVARIANT;
inline constexpr uint32_t kAllPromises = kPromisesOfMatrices | CONVCHECK_PROPAGATES_NONFINITE;

/// A place on a plane of the output.
struct Spot {
  int64_t row;
  int64_t col;
};

/// One call of the kernel. While it runs, `image` and `k` say which plane of the output is at work.
struct Sound {
  // What the kernel says of itself, and what its entries answer. `prepare` is there where `kHasPlan` says so.
  static constexpr int32_t kAlgorithm = CONVCHECK_SUMMATION;
  static constexpr int32_t kTile = 0;
  static constexpr uint32_t kPromises = kAllPromises;
  static constexpr bool kHasPlan = false;
  static constexpr bool kLetsExceptionsOut = false;
  static int32_t supports(const convcheck_problem& p) { return admit(p); }
  static int64_t workspace_floats(const convcheck_problem& /*p*/) { return 0; }
  static int32_t prepares(const convcheck_problem& p) { return admit(p); }
  static int32_t runs(const convcheck_problem& p) { return admit(p); }
  /// The plan of a valid problem, and what becomes of it.
  static void* make_plan(const convcheck_problem& /*p*/, const convcheck_buffers& /*buffers*/) { return nullptr; }
  static void release_plan(void* /*plan*/) {}
  /// Called with what an invalid problem brought, before it is refused.
  static void refuses(const convcheck_buffers& /*buffers*/) {}

  /// Computes the whole output; `kernel` is the mutant itself.
  template <class M>
  static void convolve(M& kernel) {
    convolve_by_loops(kernel);
  }

  convcheck_problem problem{};
  Conv conv{};
  const float* input = nullptr;
  const float* weight = nullptr;
  const float* bias = nullptr;
  float* output = nullptr;
  float* workspace = nullptr;
  void* plan = nullptr;
  int64_t image = 0;
  int64_t k = 0;

  int64_t group() const { return k / conv.out_per_group; }
  int64_t lane() const { return k % conv.out_per_group; }
  int64_t in_channels() const { return conv.groups * conv.in_per_group; }

  // Once a call, an image, a plane.
  void begin() {}
  void begin_image() {}
  void begin_plane() {}

  // Where a tap falls on the input; outside of [0, size) is padding.
  int64_t row(int64_t out, int64_t tap) const { return input_position(conv.rows, out, tap); }
  int64_t col(int64_t out, int64_t tap) const { return input_position(conv.cols, out, tap); }

  // Which image and channel of the input are read, and how many channels of the group, in which order.
  int64_t source_image() const { return image; }
  int64_t channels() const { return conv.in_per_group; }
  static int64_t turn(int64_t i) { return i; }
  int64_t channel(int64_t c) const { return group() * conv.in_per_group + c; }

  // The filter whose weights are used, and the weight of one of its taps.
  int64_t filter() const { return k; }
  float weight_at(int64_t f, int64_t c, int64_t h, int64_t w) const {
    return weight[f * conv.weight.outer + c * conv.weight.channel + h * conv.weight.row + w * conv.weight.col];
  }

  // What a sum starts from, how a product is added, what is written of it, and whether and where.
  float bias_of(int64_t channel) const { return conv.has_bias ? bias[channel * conv.bias_step] : 0.0F; }
  float start(Spot /*at*/) const { return bias_of(k); }
  static void add(float& sum, float x, float w) { sum += x * w; }
  static void add_padding(float& /*sum*/, float /*w*/) {}
  static float finish(float sum, Spot /*at*/) { return sum; }
  static bool writes(Spot /*at*/) { return true; }
  int64_t place(Spot at) const {
    return image * conv.output.outer + k * conv.output.channel + at.row * conv.output.row + at.col * conv.output.col;
  }

  /// What `run` answers when all is done.
  static int32_t answer() { return CONVCHECK_OK; }
};

}  // namespace convcheck::impls::mutants
