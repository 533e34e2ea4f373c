// The arithmetic of the kernels of faulty_kernels.h.
#pragma once

#include "tests/properties/faulty_kernels.h"

namespace convcheck {

struct Bend {
  Defect defect = Defect::none;
  Oddity oddity = Oddity::none;
};

/// Computes the whole output of a valid forward f32 problem with two spatial axes, any strides. `packed_weight` is the
/// weight in logical order, or null: then the buffers' weight is read. `products` is memory for
/// most_products() values, or null.
void convolve_bent(const convcheck_problem& problem, const convcheck_buffers& buffers, Bend bend,
                   const float* packed_weight, float* products);

/// Products of one output, and one for the bias.
[[nodiscard]] int64_t most_products(const convcheck_problem& problem);

/// The weight in logical order.
[[nodiscard]] std::vector<float> pack_weight(const convcheck_problem& problem, const float* weight);

}  // namespace convcheck
