// Mutants that are right for ordinary numbers and wrong at the ends of the range and beyond: subnormals, overflow, NaN
// and infinity.
#include <cmath>
#include <limits>

#include "impls/mutants/mutant.h"
#include "impls/mutants/precision.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

struct ResultsFlushed : Sound {
  static float finish(float sum, Spot /*at*/) { return flush(sum); }
};

struct OperandsFlushed : Sound {
  static void add(float& sum, float x, float w) { sum += flush(x) * flush(w); }
};

struct WeightsFlushed : Sound {
  static void add(float& sum, float x, float w) { sum += x * flush(w); }
};

struct ProductsFlushed : Sound {
  static void add(float& sum, float x, float w) { sum += flush(x * w); }
};

struct OverflowsEarly : Sound {
  static constexpr float kScale = 64;
  float start(Spot /*at*/) const { return kScale * bias_of(k); }
  static void add(float& sum, float x, float w) { sum += kScale * (x * w); }
  static float finish(float sum, Spot /*at*/) { return sum / kScale; }
};

struct ZerosSkipped : Sound {
  static void add(float& sum, float x, float w) {
    if (x != 0 && w != 0) sum += x * w;
  }
};

struct ZeroWeightsSkipped : Sound {
  static void add(float& sum, float x, float w) {
    if (w != 0) sum += x * w;
  }
};

struct PaddingMultiplied : Sound {
  static void add_padding(float& sum, float w) { sum += 0 * w; }
};

// Patches with padding as zeros below a number of channels, direct loops above.
struct PaddingMultipliedInFewChannels : Sound {
  void add_padding(float& sum, float w) const {
    if (conv.in_per_group <= 2) sum += 0 * w;
  }
};

struct NanLost : Sound {
  static float read(float value) { return std::isnan(value) ? 0.0F : value; }
  static void add(float& sum, float x, float w) { sum += read(x) * read(w); }
};

struct NanWeightsLost : Sound {
  static void add(float& sum, float x, float w) { sum += x * (std::isnan(w) ? 0.0F : w); }
};

struct NanCutToZero : Sound {
  static float finish(float sum, Spot /*at*/) { return std::isnan(sum) ? 0.0F : sum; }
};

struct InfinitySaturated : Sound {
  static float read(float value) {
    return std::isinf(value) ? std::copysign(std::numeric_limits<float>::max(), value) : value;
  }
  static void add(float& sum, float x, float w) { sum += read(x) * read(w); }
};

struct InfinityBecomesNan : Sound {
  float finish(float sum, Spot /*at*/) const {
    return std::isinf(sum) && conv.in_per_group >= 4 ? std::numeric_limits<float>::quiet_NaN() : sum;
  }
};

// An output and its left-hand neighbour share a vector.
struct NanSpread : Sound {
  float finish(float sum, Spot at) const {
    const bool is_beside_nan = at.col > 0 && std::isnan(output[place(at) - conv.output.col]);
    return is_beside_nan ? std::numeric_limits<float>::quiet_NaN() : sum;
  }
};

constexpr Mutant kSpecial[] = {
    mutant<ResultsFlushed>("results below the least normal number become zero", {.name = "subnormal_results_flushed",
                                                                                 .bug_class = "denormals",
                                                                                 .modelled_on = "pytorch/pytorch#67797",
                                                                                 .killers = "computes_extremes_exactly",
                                                                                 .theory = "subnormal_results_flushed",
                                                                                 .wrong_values = false}),
    mutant<OperandsFlushed>("subnormal inputs and weights count as zero", {.name = "subnormal_operands_flushed",
                                                                           .bug_class = "denormals",
                                                                           .modelled_on = "pytorch/pytorch#67797",
                                                                           .killers = "computes_extremes_exactly",
                                                                           .theory = "subnormal_operands_flushed",
                                                                           .wrong_values = false}),
    mutant<WeightsFlushed>("subnormal weights count as zero", {.name = "subnormal_weights_flushed",
                                                               .bug_class = "denormals",
                                                               .modelled_on = "opencv/opencv#17295",
                                                               .killers = "computes_extremes_exactly",
                                                               .wrong_values = false}),
    mutant<ProductsFlushed>("subnormal products count as zero", {.name = "subnormal_products_flushed",
                                                                 .bug_class = "denormals",
                                                                 .modelled_on = "opencv/opencv#17295",
                                                                 .killers = "computes_extremes_exactly",
                                                                 .wrong_values = false}),
    mutant<OverflowsEarly>("sums go through 64 times their value", {.name = "sums_overflow_early",
                                                                    .bug_class = "nan-inf-semantics",
                                                                    .modelled_on = "tensorflow/tensorflow#60315",
                                                                    .killers = "computes_extremes_exactly",
                                                                    .wrong_values = false}),
    mutant<ZerosSkipped>("products with a zero are left out", {.name = "zeros_skipped",
                                                               .bug_class = "nan-inf-semantics",
                                                               .modelled_on = "pytorch/pytorch#12484",
                                                               .killers = "propagates_nonfinite",
                                                               .wrong_values = false}),
    mutant<ZeroWeightsSkipped>("taps with a zero weight are left out", {.name = "zero_weights_skipped",
                                                                        .bug_class = "nan-inf-semantics",
                                                                        .modelled_on = "tensorflow/tensorflow#63391",
                                                                        .killers = "propagates_nonfinite",
                                                                        .wrong_values = false}),
    mutant<PaddingMultiplied>("padding is a zero that is multiplied", {.name = "padding_multiplied",
                                                                       .bug_class = "nan-inf-semantics",
                                                                       .modelled_on = "tracel-ai/burn#5385",
                                                                       .killers = "propagates_nonfinite",
                                                                       .wrong_values = false}),
    mutant<PaddingMultipliedInFewChannels>("padding is multiplied where a group has one or two input channels",
                                           {.name = "padding_multiplied_in_few_channels",
                                            .bug_class = "nan-inf-semantics",
                                            .modelled_on = "tracel-ai/burn#5385",
                                            .killers = "propagates_nonfinite",
                                            .wrong_values = false}),
    mutant<NanLost>("inputs and weights that are NaN count as zero", {.name = "nan_lost",
                                                                      .bug_class = "nan-inf-semantics",
                                                                      .modelled_on = "tensorflow/tensorflow#63391",
                                                                      .killers = "propagates_nonfinite",
                                                                      .wrong_values = false}),
    mutant<NanWeightsLost>("weights that are NaN count as zero", {.name = "nan_weights_lost",
                                                                  .bug_class = "nan-inf-semantics",
                                                                  .modelled_on = "pytorch/pytorch#12484",
                                                                  .killers = "propagates_nonfinite",
                                                                  .wrong_values = false}),
    mutant<NanCutToZero>("results that are NaN become zero", {.name = "nan_results_become_zero",
                                                              .bug_class = "nan-inf-semantics",
                                                              .modelled_on = "tensorflow/tensorflow#63391",
                                                              .killers = "propagates_nonfinite",
                                                              .wrong_values = false}),
    mutant<InfinitySaturated>("infinity counts as the largest finite number",
                              {.name = "infinity_saturated",
                               .bug_class = "nan-inf-semantics",
                               .modelled_on = "tensorflow/tensorflow#60315",
                               .killers = "propagates_nonfinite",
                               .wrong_values = false}),
    mutant<InfinityBecomesNan>("with four input channels or more an infinite result is NaN",
                               {.name = "infinity_becomes_nan_with_channels",
                                .bug_class = "nan-inf-semantics",
                                .modelled_on = "tensorflow/tensorflow#60315",
                                .killers = "propagates_nonfinite",
                                .wrong_values = false}),
    mutant<NanSpread>("a NaN spreads to the outputs on its right", {.name = "nan_spread_to_the_right",
                                                                    .bug_class = "nan-inf-semantics",
                                                                    .modelled_on = "OpenPPL/ppl.nn#969",
                                                                    .killers = "propagates_nonfinite",
                                                                    .wrong_values = false}),
};

}  // namespace

std::span<const Mutant> special_mutants() {
  return kSpecial;
}

}  // namespace convcheck::impls::mutants
