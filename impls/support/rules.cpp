// The ten rules on the ABI's struct. Every quantity is formed in 128 bits; products that could leave even those are
// capped far above anything valid, so that a capped value is still recognised as too large.
#include "impls/support/rules.h"

#include <algorithm>
#include <limits>

namespace convcheck::impls {

namespace {

__extension__ typedef __int128 Wide;

constexpr Wide kInt64Max = std::numeric_limits<int64_t>::max();
/// Sums of a few capped values stay far inside 128 bits, and a capped value is never mistaken for one that fits.
constexpr Wide kCap = Wide{1} << 100;

bool fits(Wide value) {
  return value >= 0 && value <= kInt64Max;
}

/// The product of two values below 2^64 in magnitude, capped at +-2^100.
Wide product(Wide a, Wide b) {
  return std::clamp(a * b, -kCap, kCap);
}

bool known_dtype(int32_t dtype) {
  return dtype >= CONVCHECK_F32 && dtype <= CONVCHECK_BF16;
}

bool known_direction(int32_t direction) {
  return direction >= CONVCHECK_FORWARD && direction <= CONVCHECK_BACKWARD_WEIGHT;
}

int64_t element_bytes(int32_t dtype) {
  switch (dtype) {
    case CONVCHECK_F64:
      return 8;
    case CONVCHECK_F32:
      return 4;
    default:
      return 2;
  }
}

Wide dilated_extent(const convcheck_problem& p, int axis) {
  return Wide{p.dilation[axis]} * (Wide{p.weight.shape[axis + 2]} - 1) + 1;
}

Wide padded_size(const convcheck_problem& p, int axis) {
  return Wide{p.input.shape[axis + 2]} + p.pad_before[axis] + p.pad_after[axis];
}

// Rule 1.
bool parameters_in_range(const convcheck_problem& p) {
  if (p.groups < 1) return false;
  for (int axis = 0; axis < p.spatial_rank; ++axis) {
    if (p.stride[axis] < 1 || p.dilation[axis] < 1) return false;
    if (p.pad_before[axis] < 0 || p.pad_after[axis] < 0) return false;
  }
  return true;
}

// Rule 2.
bool ranks_agree(const convcheck_problem& p) {
  const int32_t rank = p.spatial_rank + 2;
  return p.input.rank == rank && p.weight.rank == rank && p.output.rank == rank &&
         (p.bias.rank == 0 || p.bias.rank == 1);
}

// Rule 3. K is the weight's first size.
bool sizes_in_range(const convcheck_problem& p) {
  if (p.input.shape[0] < 0 || p.input.shape[1] < 1 || p.weight.shape[0] < 1) return false;
  for (int axis = 0; axis < p.spatial_rank; ++axis) {
    if (p.input.shape[axis + 2] < 0 || p.weight.shape[axis + 2] < 1) return false;
  }
  return true;
}

// Rules 4 to 7.
bool channels_agree(const convcheck_problem& p) {
  const int64_t in_channels = p.input.shape[1];
  const int64_t out_channels = p.weight.shape[0];
  return in_channels % p.groups == 0 && out_channels % p.groups == 0 && p.weight.shape[1] == in_channels / p.groups &&
         (p.bias.rank == 0 || p.bias.shape[0] == out_channels);
}

// Rules 8 and 9.
bool output_agrees(const convcheck_problem& p) {
  if (p.output.shape[0] != p.input.shape[0] || p.output.shape[1] != p.weight.shape[0]) return false;
  for (int axis = 0; axis < p.spatial_rank; ++axis) {
    const Wide room = padded_size(p, axis) - dilated_extent(p, axis);
    if (room < 0 || Wide{p.output.shape[axis + 2]} != room / p.stride[axis] + 1) return false;
  }
  return true;
}

bool tensor_addressable(const convcheck_tensor_desc& t, int64_t bytes_per_element) {
  Wide elements = 1;
  Wide span = 1;
  for (int axis = 0; axis < t.rank; ++axis) {
    // Both factors are at most 2^63 here: a product that no longer fits ends the loop.
    elements *= std::max<Wide>(t.shape[axis], 1);
    if (!fits(elements)) return false;
    if (t.shape[axis] > 1) span += product(Wide{t.shape[axis]} - 1, t.stride[axis]);
  }
  return fits(span) && fits(span * bytes_per_element);
}

// Rule 10.
bool everything_fits(const convcheck_problem& p) {
  for (int axis = 0; axis < p.spatial_rank; ++axis) {
    if (!fits(padded_size(p, axis)) || !fits(dilated_extent(p, axis))) return false;
  }
  const int64_t bytes = element_bytes(p.dtype);
  return tensor_addressable(p.input, bytes) && tensor_addressable(p.weight, bytes) &&
         tensor_addressable(p.bias, bytes) && tensor_addressable(p.output, bytes);
}

}  // namespace

int32_t check_rules(const convcheck_problem& problem) {
  // An older, smaller struct does not have the fields that come after.
  if (problem.struct_size < sizeof(convcheck_problem)) return CONVCHECK_REJECTED;
  if (problem.spatial_rank < 1 || problem.spatial_rank > CONVCHECK_MAX_SPATIAL) return CONVCHECK_REJECTED;
  if (!known_dtype(problem.dtype) || !known_direction(problem.direction)) return CONVCHECK_UNSUPPORTED;
  const bool valid = parameters_in_range(problem) && ranks_agree(problem) && sizes_in_range(problem) &&
                     channels_agree(problem) && output_agrees(problem) && everything_fits(problem);
  return valid ? CONVCHECK_OK : CONVCHECK_REJECTED;
}

bool is_dense(const convcheck_tensor_desc& tensor) {
  Wide expected = 1;
  for (int axis = std::min<int>(tensor.rank, CONVCHECK_MAX_RANK) - 1; axis >= 0; --axis) {
    const int64_t size = tensor.shape[axis];
    if (size > 1 && Wide{tensor.stride[axis]} != expected) return false;
    expected = product(expected, std::max<int64_t>(size, 1));
  }
  return true;
}

}  // namespace convcheck::impls
