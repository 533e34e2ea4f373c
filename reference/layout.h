// Where the elements of a tensor are: strides, spans, and views of memory through them.
#pragma once

#include <optional>
#include <string>

#include "convcheck/kernel.h"
#include "reference/problem.h"

namespace convcheck {

enum class TensorRole { input, weight, bias, output };

/// "input", "weight", "bias" or "output".
[[nodiscard]] const char* name(TensorRole role);

/// The tensor's shape; the output's as output_shape() gives it.
[[nodiscard]] Shape shape_of(const Problem& problem, TensorRole role);

/// Strides in elements, for the given shape of that tensor: the problem's own where it has them, else contiguous in its
/// layout (a size of 0 counted as 1), saturated at the largest int64 where the shape is that large.
[[nodiscard]] Shape strides_of(const Problem& problem, TensorRole role, const Shape& shape);

/// Elements from the lowest to the highest of a tensor, axes of size 0 or 1 left out; at least 1. Requires strides of
/// the shape's rank, none negative. Any int64 in either.
[[nodiscard]] Wide span_elements(const Shape& shape, const Shape& strides);

[[nodiscard]] int64_t bytes_per_element(DataType dtype);

/// True where the tensor is contiguous in its logical order (axes of size 0 or 1 have any stride).
[[nodiscard]] bool is_dense(const Shape& shape, const Shape& strides);

/// True where no two elements share a place. Sufficient, and necessary for nested strides (each at least the span of
/// the axes below it), which are the only ones that are generated or accepted for what is written.
[[nodiscard]] bool is_nested(const Shape& shape, const Shape& strides);

/// What the ABI's preconditions forbid about the problem's strides: a list of another rank than its tensor, a negative
/// stride, output elements that share a place. Nothing where all is well. These are not rules: no kernel is given such
/// a problem, so the text form refuses it.
[[nodiscard]] std::optional<std::string> stride_fault(const Problem& problem);

/// The problem as a kernel is given it, valid or not.
[[nodiscard]] convcheck_problem to_abi(const Problem& problem);

/// The four logical axes of a tensor of a rank-2 problem over memory. Copies like a pointer.
template <class Element>
struct View {
  Element* data = nullptr;
  Shape shape;
  Shape stride;

  [[nodiscard]] Element& operator()(int64_t i, int64_t j, int64_t k, int64_t l) const {
    return data[i * stride[0] + j * stride[1] + k * stride[2] + l * stride[3]];
  }
  [[nodiscard]] Element& operator()(int64_t i) const { return data[i * stride[0]]; }
};

}  // namespace convcheck
