// Mutants whose indices are right and whose arithmetic has too few bits.
#include <cmath>

#include "impls/mutants/mutant.h"
#include "impls/mutants/precision.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

template <int Bits>
struct Accumulator : Sound {
  static void add(float& sum, float x, float w) { sum = cut(sum + x * w, Bits); }
};

template <int Bits>
struct Inputs : Sound {
  static void add(float& sum, float x, float w) { sum += cut(x, Bits) * w; }
};

template <int Bits>
struct Weights : Sound {
  static void add(float& sum, float x, float w) { sum += x * cut(w, Bits); }
};

template <int Bits>
struct Outputs : Sound {
  static float finish(float sum, Spot /*at*/) { return cut(sum, Bits); }
};

// Where there are many channels of whole vectors a path with shorter inputs is taken.
struct FastPathOfManyChannels : Sound {
  void add(float& sum, float x, float w) const {
    const bool is_taken = conv.in_per_group % 32 == 0 && conv.out_per_group % 8 == 0;
    sum += is_taken ? cut(x, kTf32Bits) * w : x * w;
  }
};

struct SmallTermsDropped : Sound {
  static void add(float& sum, float x, float w) {
    if (std::abs(x * w) >= 0x1p-11F * std::abs(sum)) sum += x * w;
  }
};

// Additions that round towards zero.
struct Truncating : Sound {
  static void add(float& sum, float x, float w) {
    const double exact = static_cast<double>(sum) + static_cast<double>(x) * static_cast<double>(w);
    auto rounded = static_cast<float>(exact);
    if (std::abs(static_cast<double>(rounded)) > std::abs(exact) && std::isfinite(rounded)) {
      rounded = std::nextafter(rounded, 0.0F);
    }
    sum = rounded;
  }
};

// After each 64 channels the partial sum is put away in sixteen bits.
struct PartialSumsInBf16 : Sound {
  int64_t turns = 0;
  int64_t turn(int64_t i) {
    turns = i;
    return i;
  }
  void add(float& sum, float x, float w) const {
    sum += x * w;
    if (turns % 64 == 63) sum = cut(sum, kBf16Bits);
  }
};

constexpr Mutant kNumerics[] = {
    mutant<Accumulator<kBf16Bits>>("each partial sum is rounded to bf16",
                                   {.name = "accumulates_in_bf16",
                                    .bug_class = "accumulator-precision",
                                    .modelled_on = "ROCm/rocm-libraries#5859",
                                    .killers = "matches_reference_within_bound errs_like_f32",
                                    .wrong_values = false}),
    mutant<Accumulator<kHalfBits>>("each partial sum is rounded to the eleven bits of half",
                                   {.name = "accumulates_in_half",
                                    .bug_class = "accumulator-precision",
                                    .modelled_on = "sonos/torch-to-nnef#286",
                                    .killers = "matches_reference_within_bound errs_like_f32",
                                    .wrong_values = false}),
    mutant<Accumulator<22>>("each partial sum is rounded to 22 bits", {.name = "accumulates_in_22_bits",
                                                                       .bug_class = "accumulator-precision",
                                                                       .modelled_on = "sonos/torch-to-nnef#286",
                                                                       .killers = "errs_like_f32",
                                                                       .wrong_values = false}),
    mutant<Accumulator<23>>("each partial sum is rounded to 23 bits", {.name = "accumulates_in_23_bits",
                                                                       .bug_class = "accumulator-precision",
                                                                       .modelled_on = "ROCm/rocm-libraries#5859",
                                                                       .killers = "errs_like_f32",
                                                                       .wrong_values = false}),
    mutant<Inputs<kBf16Bits>>("inputs are rounded to bf16",
                              {.name = "inputs_rounded_to_bf16",
                               .bug_class = "accumulator-precision",
                               .modelled_on = "sonos/torch-to-nnef#286",
                               .killers = "keeps_the_full_significand matches_reference_within_bound",
                               .theory = "inputs_rounded_to_bf16",
                               .wrong_values = false}),
    mutant<Inputs<kTf32Bits>>("inputs are rounded to TF32", {.name = "inputs_rounded_to_tf32",
                                                             .bug_class = "accumulator-precision",
                                                             .modelled_on = "pytorch/pytorch#107514",
                                                             .killers = "keeps_the_full_significand",
                                                             .theory = "inputs_rounded_to_11_bits",
                                                             .wrong_values = false}),
    mutant<Inputs<22>>("inputs lose their last two bits", {.name = "inputs_lose_two_bits",
                                                           .bug_class = "accumulator-precision",
                                                           .modelled_on = "pytorch/pytorch#107514",
                                                           .killers = "keeps_the_full_significand",
                                                           .wrong_values = false}),
    mutant<Weights<kHalfBits>>("weights are rounded to half", {.name = "weights_rounded_to_half",
                                                               .bug_class = "accumulator-precision",
                                                               .modelled_on = "pytorch/pytorch#107514",
                                                               .killers = "keeps_the_full_significand",
                                                               .theory = "weights_rounded_to_11_bits",
                                                               .wrong_values = false}),
    mutant<Outputs<kTf32Bits>>("results are rounded to TF32",
                               {.name = "outputs_rounded_to_tf32",
                                .bug_class = "accumulator-precision",
                                .modelled_on = "ROCm/rocm-libraries#8029",
                                .killers = "keeps_the_full_significand matches_reference_within_bound",
                                .theory = "outputs_rounded_to_11_bits",
                                .wrong_values = false}),
    mutant<FastPathOfManyChannels>("inputs are rounded to TF32 where channels fill whole vectors",
                                   {.name = "inputs_rounded_to_tf32_in_whole_vectors",
                                    .bug_class = "winograd-accuracy",
                                    .modelled_on = "ml-explore/mlx#4242",
                                    .killers = "keeps_the_full_significand",
                                    .wrong_values = false}),
    mutant<SmallTermsDropped>("products below 2^-11 of the sum so far are dropped",
                              {.name = "small_terms_dropped",
                               .bug_class = "accumulator-precision",
                               .modelled_on = "pytorch/pytorch#107514",
                               .killers = "errs_like_f32",
                               .wrong_values = false}),
    mutant<Truncating>("additions round towards zero", {.name = "additions_truncate",
                                                        .bug_class = "accumulator-precision",
                                                        .modelled_on = "sonos/torch-to-nnef#286",
                                                        .killers = "errs_like_f32",
                                                        .wrong_values = false}),
    mutant<PartialSumsInBf16>("sums are put away as bf16 after each 64 input channels",
                              {.name = "partial_sums_put_away_as_bf16",
                               .bug_class = "accumulator-precision",
                               .modelled_on = "ROCm/rocm-libraries#8029",
                               .killers = "errs_like_f32",
                               .wrong_values = false}),
};

}  // namespace

std::span<const Mutant> numeric_mutants() {
  return kNumerics;
}

}  // namespace convcheck::impls::mutants
