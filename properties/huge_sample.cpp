#include "properties/huge_sample.h"

#include <algorithm>
#include <numeric>

#include "reference/layout.h"
#include "reference/random.h"

namespace convcheck {
namespace {

// Collects output positions, those outside of the output left out.
class Positions {
 public:
  explicit Positions(const Geometry& g) : shape_{g.batch, g.out_channels(), g.height.out, g.width.out} {}

  void add(const Shape& at) {
    int64_t index = 0;
    for (int axis = 0; axis < shape_.rank(); ++axis) {
      if (at[axis] < 0 || at[axis] >= shape_[axis]) return;
      index = index * shape_[axis] + at[axis];
    }
    indices_.push_back(index);
  }

  void add_with_neighbours(const Shape& at) {
    for (int64_t n = at[0] - 1; n <= at[0] + 1; ++n) {
      for (int64_t k = at[1] - 1; k <= at[1] + 1; ++k) {
        for (int64_t h = at[2] - 1; h <= at[2] + 1; ++h) {
          for (int64_t w = at[3] - 1; w <= at[3] + 1; ++w) add({n, k, h, w});
        }
      }
    }
  }

  void add_corners() {
    for (const int64_t n : {int64_t{0}, shape_[0] - 1}) {
      for (const int64_t k : {int64_t{0}, shape_[1] - 1}) {
        for (const int64_t h : {int64_t{0}, shape_[2] - 1}) {
          for (const int64_t w : {int64_t{0}, shape_[3] - 1}) add({n, k, h, w});
        }
      }
    }
  }

  void add_spread(int64_t count, Random random) {
    const Wide outputs = Wide{shape_[0]} * shape_[1] * shape_[2] * shape_[3];
    for (int64_t i = 0; i < count; ++i) {
      const auto first = static_cast<int64_t>(outputs * i / count);
      const auto last = static_cast<int64_t>(outputs * (i + 1) / count);
      indices_.push_back(first + static_cast<int64_t>(random.bits() % static_cast<uint64_t>(last - first)));
    }
  }

  [[nodiscard]] std::vector<int64_t> sorted() && {
    std::sort(indices_.begin(), indices_.end());
    indices_.erase(std::unique(indices_.begin(), indices_.end()), indices_.end());
    return std::move(indices_);
  }

 private:
  Shape shape_;
  std::vector<int64_t> indices_;
};

// The output position on one axis whose window starts last at or before input position `in`.
int64_t out_of_input(const Axis& axis, int64_t in) {
  return std::min((in + axis.pad_before) / axis.stride, axis.out - 1);
}

// The first output position on one axis at which tap `tap` is inside the input.
int64_t out_of_tap(const Axis& axis, int64_t tap) {
  const int64_t before = axis.pad_before - tap * axis.dilation;
  return before <= 0 ? 0 : std::min((before - 1) / axis.stride + 1, axis.out - 1);
}

// An output that the element of that tensor is part of, or is, or near to one.
Shape output_of(const Geometry& g, TensorRole role, const Shape& element) {
  switch (role) {
    case TensorRole::input:
      return {element[0], element[1] / g.in_channels_per_group * g.out_channels_per_group,
              out_of_input(g.height, element[2]), out_of_input(g.width, element[3])};
    case TensorRole::weight:
      return {0, element[0], out_of_tap(g.height, element[2]), out_of_tap(g.width, element[3])};
    default:
      break;
  }
  return element;
}

}  // namespace

Shape element_near(const Shape& shape, const Shape& strides, int64_t offset) {
  std::vector<int> axes(static_cast<size_t>(shape.rank()));
  std::iota(axes.begin(), axes.end(), 0);
  std::sort(axes.begin(), axes.end(), [&](int a, int b) { return strides[a] > strides[b]; });
  Shape at = shape;
  for (const int axis : axes) {
    const bool moves = shape[axis] > 1 && strides[axis] > 0;
    at[axis] = moves ? std::min(offset / strides[axis], shape[axis] - 1) : 0;
    if (moves) offset -= at[axis] * strides[axis];
  }
  return at;
}

std::vector<int64_t> sampled_outputs(const Problem& problem, const Geometry& g, int64_t spread, uint64_t seed) {
  if (g.output_elements() <= spread) {
    std::vector<int64_t> all(static_cast<size_t>(g.output_elements()));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  Positions positions(g);
  positions.add_corners();
  positions.add_spread(spread, Random(seed));
  for (const TensorRole role : {TensorRole::input, TensorRole::weight, TensorRole::output}) {
    const Shape shape = shape_of(problem, role);
    const Shape strides = strides_of(problem, role, shape);
    const bool is_empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
    for (const int64_t edge : kOffsetEdges) {
      if (is_empty || edge >= span_elements(shape, strides)) break;
      for (const int64_t offset : {edge - 1, edge}) {
        positions.add_with_neighbours(output_of(g, role, element_near(shape, strides, offset)));
      }
    }
  }
  return std::move(positions).sorted();
}

}  // namespace convcheck
