// The arithmetic of the sound kernels of faulty_kernels.h.
#pragma once

#include "tests/properties/faulty_kernels.h"

namespace convcheck {

/// Computes the whole output of a valid forward f32 problem with two spatial axes, any strides. `packed_weight` is the
/// weight in logical order, or null: then the buffers' weight is read. `products` is memory for
/// most_products() values, or null.
void convolve_oddly(const convcheck_problem& problem, const convcheck_buffers& buffers, Oddity oddity,
                    const float* packed_weight, float* products);

/// Products of one output, and one for the bias.
[[nodiscard]] int64_t most_products(const convcheck_problem& problem);

/// The weight in logical order.
[[nodiscard]] std::vector<float> pack_weight(const convcheck_problem& problem, const float* weight);

}  // namespace convcheck
