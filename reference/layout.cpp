#include "reference/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace convcheck {
namespace {

int64_t saturate(Wide value) {
  return fits_int64(value) ? static_cast<int64_t>(value) : kInt64Max;
}

Shape contiguous_strides(const Shape& shape, Layout layout) {
  Shape strides = shape;
  Wide next = 1;
  const auto place = [&](int axis) {
    strides[axis] = saturate(next);
    next = saturating_product(next, std::max<int64_t>(shape[axis], 1));
  };
  const bool channels_last = layout == Layout::nhwc && shape.rank() > 2;
  if (channels_last) place(1);
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    if (!(channels_last && axis == 1)) place(axis);
  }
  return strides;
}

const std::optional<Shape>& given_strides(const Problem& problem, TensorRole role) {
  static const std::optional<Shape> kNone;
  switch (role) {
    case TensorRole::input:
      return problem.input_strides;
    case TensorRole::weight:
      return problem.weight_strides;
    case TensorRole::output:
      return problem.output_strides;
    case TensorRole::bias:
      break;
  }
  return kNone;
}

convcheck_tensor_desc describe(const Problem& problem, TensorRole role) {
  const Shape shape = shape_of(problem, role);
  const Shape strides = strides_of(problem, role, shape);
  convcheck_tensor_desc desc = {};
  desc.rank = shape.rank();
  for (int axis = 0; axis < shape.rank(); ++axis) {
    desc.shape[axis] = shape[axis];
    desc.stride[axis] = strides[axis];
  }
  return desc;
}

}  // namespace

const char* name(TensorRole role) {
  constexpr std::array<const char*, 4> kNames = {"input", "weight", "bias", "output"};
  return kNames[static_cast<size_t>(role)];
}

Shape shape_of(const Problem& problem, TensorRole role) {
  switch (role) {
    case TensorRole::input:
      return problem.input;
    case TensorRole::weight:
      return problem.weight;
    case TensorRole::bias:
      return problem.bias;
    case TensorRole::output:
      break;
  }
  return output_shape(problem);
}

Shape strides_of(const Problem& problem, TensorRole role, const Shape& shape) {
  const std::optional<Shape>& given = given_strides(problem, role);
  if (given && given->rank() == shape.rank()) return *given;
  const bool is_image = role == TensorRole::input || role == TensorRole::output;
  return contiguous_strides(shape, is_image ? problem.layout : Layout::nchw);
}

Wide span_elements(const Shape& shape, const Shape& strides) {
  Wide last = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] > 1) last += saturating_product(Wide{shape[axis]} - 1, strides[axis]);
  }
  return last + 1;
}

int64_t bytes_per_element(DataType dtype) {
  switch (dtype) {
    case DataType::f64:
      return 8;
    case DataType::f32:
      return 4;
    case DataType::f16:
    case DataType::bf16:
      break;
  }
  return 2;
}

bool is_dense(const Shape& shape, const Shape& strides) {
  const Shape dense = contiguous_strides(shape, Layout::nchw);
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] > 1 && strides[axis] != dense[axis]) return false;
  }
  return true;
}

bool is_nested(const Shape& shape, const Shape& strides) {
  // Axes with more than one element, by ascending stride.
  std::vector<int> axes;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] > 1) axes.push_back(axis);
  }
  std::sort(axes.begin(), axes.end(), [&](int a, int b) { return strides[a] < strides[b]; });
  Wide span = 1;
  for (const int axis : axes) {
    if (strides[axis] < span) return false;
    span += saturating_product(Wide{shape[axis]} - 1, strides[axis]);
  }
  return true;
}

std::optional<std::string> stride_fault(const Problem& problem) {
  for (const TensorRole role : {TensorRole::input, TensorRole::weight, TensorRole::output}) {
    const std::optional<Shape>& strides = given_strides(problem, role);
    if (!strides) continue;
    const Shape shape = shape_of(problem, role);
    if (strides->rank() != shape.rank()) {
      return fmt::format("{}_strides has {} numbers and the {} {} axes: give one per axis", name(role), strides->rank(),
                         name(role), shape.rank());
    }
    if (std::any_of(strides->begin(), strides->end(), [](int64_t stride) { return stride < 0; })) {
      return fmt::format("{}_strides must not be negative", name(role));
    }
  }
  if (problem.output_strides && !is_nested(shape_of(problem, TensorRole::output), *problem.output_strides)) {
    return "output_strides puts two output elements at one place: each stride must reach over the axes inside it";
  }
  return std::nullopt;
}

convcheck_problem to_abi(const Problem& problem) {
  convcheck_problem abi = {};
  abi.struct_size = sizeof abi;
  abi.direction = static_cast<int32_t>(problem.direction);
  abi.dtype = static_cast<int32_t>(problem.dtype);
  abi.spatial_rank = problem.spatial_rank();
  abi.groups = problem.groups;
  std::copy(problem.stride.begin(), problem.stride.end(), abi.stride);
  std::copy(problem.dilation.begin(), problem.dilation.end(), abi.dilation);
  std::copy(problem.pad_before.begin(), problem.pad_before.end(), abi.pad_before);
  std::copy(problem.pad_after.begin(), problem.pad_after.end(), abi.pad_after);
  abi.input = describe(problem, TensorRole::input);
  abi.weight = describe(problem, TensorRole::weight);
  abi.bias = describe(problem, TensorRole::bias);
  abi.output = describe(problem, TensorRole::output);
  return abi;
}

}  // namespace convcheck
