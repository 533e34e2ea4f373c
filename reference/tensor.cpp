#include "reference/tensor.h"

namespace convcheck {

void Tensor::reshape(const Problem& problem, TensorRole role) {
  view_.shape = shape_of(problem, role);
  view_.stride = strides_of(problem, role, view_.shape);
  elements_ = view_.shape.rank() == 0 ? 0 : 1;
  for (const int64_t extent : view_.shape) elements_ *= extent;
  dense_ = convcheck::is_dense(view_.shape, view_.stride);
  memory_.resize(elements_ == 0 ? 0 : static_cast<size_t>(span_elements(view_.shape, view_.stride)));
}

int64_t Tensor::offset(int64_t index) const {
  if (dense_) return index;
  int64_t result = 0;
  for (int axis = view_.shape.rank() - 1; axis >= 0; --axis) {
    result += index % view_.shape[axis] * view_.stride[axis];
    index /= view_.shape[axis];
  }
  return result;
}

Shape index_of(const Shape& shape, int64_t index) {
  Shape result = shape;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    result[axis] = index % shape[axis];
    index /= shape[axis];
  }
  return result;
}

}  // namespace convcheck
