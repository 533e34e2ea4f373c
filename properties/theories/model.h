// What a kernel would give if it meant something else: the plain convolution in double with one thing bent.
//
// The plain loop is that of reference/convolution.cpp; a model is the hooks at which it departs from it. Each hook is
// null where nothing is bent, so that Model{} is the truth. Predictions share no code with any kernel.
#pragma once

#include <cstdint>
#include <vector>

#include "reference/case.h"
#include "reference/convolution.h"

namespace convcheck {

/// One call as a kernel sees it: the parameters, what it may read, and what is in the output before it writes. Copies
/// refer to the same data.
struct Scene {
  Geometry g{};
  View<const float> input, weight, bias;  ///< bias.data is null where there is none
  int64_t input_span = 0;                 ///< floats of memory behind input.data
  int64_t weight_span = 0;
  Shape output;                     ///< extents
  const float* before = nullptr;    ///< the output's memory before the call
  std::vector<int64_t> element_at;  ///< for each place of that memory the logical index of its element; -1: a gap
  bool is_integral = false;         ///< every sum of products is an integer
};

/// The scene of a valid forward problem with two spatial axes. `before` holds the output's whole span.
[[nodiscard]] Scene scene_of(const Problem& problem, const DataView& data, const float* before);

/// An output element.
struct Place {
  int64_t n = 0, k = 0, oh = 0, ow = 0;
};

/// What one product reads.
struct Tap {
  int64_t n = 0, channel = 0, ih = 0, iw = 0;              ///< of the input; channels are counted over all groups
  int64_t filter = 0, c = 0, kh = 0, kw = 0;               ///< of the weight
  bool is_left_out = false;                                ///< no part of the sum
  bool rows_unchecked = false, columns_unchecked = false;  ///< read memory beyond the image's edges
};

/// What is added to one output.
struct BiasUse {
  int64_t index = 0;
  double times = 1;
};

/// What becomes of an output element's place in memory.
enum class Written { value, zero, nothing, unknown };

/// A result before it is stored; `slack` is how far a right kernel of that meaning may be from it.
struct Result {
  double value = 0, slack = 0;
  bool is_known = true;
};

/// How many significant bits are kept, and how.
struct Precision {
  int bits = 24;
  bool is_cut = false;  ///< toward zero; else to nearest, whichever way ties go
};

struct Model {
  /// On which problems it departs from the plain convolution; null for all.
  bool (*applies)(const Geometry& g) = nullptr;
  /// What it takes the parameters for. Changed extents of the kernel and channels per group are those it loops over.
  void (*parameters)(Geometry& g) = nullptr;
  void (*tap)(const Geometry& g, const Place& at, Tap& tap) = nullptr;
  /// Where a tap at a position outside [0, size) reads instead of nothing; requires size >= 1.
  int64_t (*beyond)(int64_t position, int64_t size) = nullptr;
  /// Where in memory a tap is read; outside of it nothing is predicted.
  int64_t (*input_offset)(const Scene& scene, const Tap& tap) = nullptr;
  int64_t (*weight_offset)(const Scene& scene, const Tap& tap) = nullptr;
  /// `taps` are the products of the sum, for a problem with a bias.
  void (*bias)(const Geometry& g, const Place& at, int64_t taps, BiasUse& use) = nullptr;
  void (*result)(const Geometry& g, Result& outcome) = nullptr;
  /// From where an element is stored to which one was computed.
  void (*source)(const Geometry& g, Place& at) = nullptr;
  Written (*written)(const Scene& scene, const Place& at) = nullptr;
  Precision input = {}, weight = {}, output = {};
  bool flushes_operands = false, flushes_bias = false, flushes_results = false;  ///< subnormal numbers count as zero
  bool adds_earlier_images = false;  ///< an image's result is added to that of the one before
  bool adds_to_output = false;       ///< to what the output holds
  bool ignores_output_strides = false;
};

/// What a model says of one place of the output's memory.
struct Prediction {
  bool is_known = true;  ///< false: anything may be there
  double value = 0;
  double slack = 0;  ///< the largest error; 0 where the value must be hit
};

/// A model applied to a scene. Both must outlive it.
class Predictor {
 public:
  Predictor(const Model& model, const Scene& scene);

  /// Requires 0 <= offset < the output's span.
  [[nodiscard]] Prediction at(int64_t offset) const;

 private:
  struct Total;

  void add_sum(const Place& at, Total& total) const;
  void add_tap(Tap tap, Total& total) const;
  void add_bias(const Place& at, int64_t taps, Total& total) const;
  [[nodiscard]] Result computed(const Place& at) const;

  const Model& model_;  // where it does not apply, the truth
  const Scene& scene_;
  Geometry bent_;
};

/// True where `got` is what was predicted. NaN equals NaN alone. A Winograd kernel's results are rounded to the nearest
/// integer first.
[[nodiscard]] bool agrees(const Prediction& prediction, float got, bool is_winograd);

}  // namespace convcheck
