// Dot products as kernels sum them: right orders of summation in f32, and accumulators that lose bits.
#pragma once

#include <cstdint>
#include <span>

#include "reference/convolution.h"

namespace convcheck {

/// One dot product of equal lengths plus a bias, which is 0 where there is none.
using Dot = float (*)(std::span<const float> x, std::span<const float> w, float bias);

struct Accumulator {
  const char* name;
  Dot dot;
};

/// Sequential, reversed, in 8 and in 64 lanes, pairwise, fused, compensated (Kahan) and in double.
[[nodiscard]] std::span<const Accumulator> right_accumulators();

/// Each partial sum rounded to nearest in bfloat16, in half and in TF32, the bias added in f32; and f32 that leaves out
/// terms below 2^-11 of the running sum.
[[nodiscard]] std::span<const Accumulator> wrong_accumulators();

/// f32 operands rounded to bfloat16 and to TF32 before they are multiplied, summed in f32.
[[nodiscard]] std::span<const Accumulator> rounded_operands();

/// The value rounded to nearest, ties to even, with that many significand bits (the leading one included) and the
/// exponents of f32.
[[nodiscard]] float rounded_to(float value, int bits);

/// The value rounded to half, ties to even: infinite from 65520 on, subnormal below 2^-14.
[[nodiscard]] float rounded_to_half(float value);

/// The convolution of a problem without padding, each output by `dot` on its window's products in the order of the
/// weight's memory. Sets every element of `output`, which has the problem's shape.
void convolve_by(Dot dot, const Geometry& g, const Data& data, Tensor& output);

}  // namespace convcheck
