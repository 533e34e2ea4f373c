#include "properties/views.h"

#include <algorithm>

namespace convcheck {

Shape dense_strides(const Shape& shape) {
  Shape strides = shape;
  int64_t next = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[axis] = next;
    next *= std::max<int64_t>(shape[axis], 1);
  }
  return strides;
}

Shape padded_strides(const Shape& shape, int64_t gap) {
  Shape strides = dense_strides(shape);
  strides[2] += gap;
  strides[1] = strides[2] * std::max<int64_t>(shape[2], 1) + gap;
  strides[0] = strides[1] * std::max<int64_t>(shape[1], 1) + gap;
  return strides;
}

Shape expanded_strides(const Shape& shape, int axis) {
  Shape strides = dense_strides(shape);
  strides[axis] = 0;
  return strides;
}

}  // namespace convcheck
