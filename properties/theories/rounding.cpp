// Bits that are lost: operands or results in a smaller format, and subnormal numbers.
#include <array>

#include "properties/theories/theories.h"

namespace convcheck::themes {
namespace {

constexpr Precision kBf16 = {.bits = 8};
constexpr Precision kBf16Cut = {.bits = 8, .is_cut = true};
constexpr Precision kHalf = {.bits = 11};
constexpr Precision kHalfCut = {.bits = 11, .is_cut = true};

constexpr std::array kRounding = {
    Theory{"inputs_rounded_to_bf16", "inputs were rounded to bfloat16", Model{.input = kBf16}},
    Theory{"inputs_cut_to_bf16", "inputs were cut to bfloat16", Model{.input = kBf16Cut}},
    Theory{"inputs_rounded_to_11_bits", "inputs were rounded to 11 significant bits, as of TF32 and half",
           Model{.input = kHalf}},
    Theory{"inputs_cut_to_11_bits", "inputs were cut to 11 significant bits, as of TF32 and half",
           Model{.input = kHalfCut}},
    Theory{"weights_rounded_to_bf16", "weights were rounded to bfloat16", Model{.weight = kBf16}},
    Theory{"weights_cut_to_bf16", "weights were cut to bfloat16", Model{.weight = kBf16Cut}},
    Theory{"weights_rounded_to_11_bits", "weights were rounded to 11 significant bits, as of TF32 and half",
           Model{.weight = kHalf}},
    Theory{"weights_cut_to_11_bits", "weights were cut to 11 significant bits, as of TF32 and half",
           Model{.weight = kHalfCut}},
    Theory{"operands_rounded_to_bf16", "inputs and weights were rounded to bfloat16",
           Model{.input = kBf16, .weight = kBf16}},
    Theory{"operands_cut_to_bf16", "inputs and weights were cut to bfloat16",
           Model{.input = kBf16Cut, .weight = kBf16Cut}},
    Theory{"operands_rounded_to_11_bits", "inputs and weights were rounded to 11 significant bits, as of TF32 and half",
           Model{.input = kHalf, .weight = kHalf}},
    Theory{"operands_cut_to_11_bits", "inputs and weights were cut to 11 significant bits, as of TF32 and half",
           Model{.input = kHalfCut, .weight = kHalfCut}},
    Theory{"outputs_rounded_to_bf16", "results were rounded to bfloat16", Model{.output = kBf16}},
    Theory{"outputs_cut_to_bf16", "results were cut to bfloat16", Model{.output = kBf16Cut}},
    Theory{"outputs_rounded_to_11_bits", "results were rounded to 11 significant bits, as of TF32 and half",
           Model{.output = kHalf}},
    Theory{"outputs_cut_to_11_bits", "results were cut to 11 significant bits, as of TF32 and half",
           Model{.output = kHalfCut}},
    Theory{"subnormal_operands_flushed", "subnormal inputs and weights were zero", Model{.flushes_operands = true}},
    Theory{"subnormal_operands_and_bias_flushed", "subnormal inputs, weights and biases were zero",
           Model{.flushes_operands = true, .flushes_bias = true}},
    Theory{"subnormal_results_flushed", "subnormal results were zero", Model{.flushes_results = true}},
};

}  // namespace

std::span<const Theory> rounding() {
  return kRounding;
}

}  // namespace convcheck::themes
