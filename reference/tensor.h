// A tensor of f32 values: the memory that its span covers, and the view of it.
#pragma once

#include <vector>

#include "reference/layout.h"

namespace convcheck {

/// Owns the span of one tensor. Reused across problems: reshape() keeps the memory it has.
class Tensor {
 public:
  Tensor() = default;
  Tensor(const Problem& problem, TensorRole role) { reshape(problem, role); }

  /// Takes on the shape and strides that the tensor has in the problem; values are unspecified afterwards. Requires a
  /// valid problem. A tensor without elements has an empty span.
  void reshape(const Problem& problem, TensorRole role);

  [[nodiscard]] const Shape& shape() const { return view_.shape; }
  [[nodiscard]] const Shape& strides() const { return view_.stride; }
  [[nodiscard]] int64_t elements() const { return elements_; }
  [[nodiscard]] bool empty() const { return elements_ == 0; }

  /// The whole span, gaps between the elements of a strided view included.
  [[nodiscard]] const std::vector<float>& memory() const { return memory_; }
  [[nodiscard]] std::vector<float>& memory() { return memory_; }

  [[nodiscard]] View<float> view() { return {memory_.data(), view_.shape, view_.stride}; }
  [[nodiscard]] View<const float> view() const { return {memory_.data(), view_.shape, view_.stride}; }

  /// Element number `index` in the logical order, as an offset into memory(). Requires 0 <= index < elements().
  [[nodiscard]] int64_t offset(int64_t index) const;

  /// True where logical order and memory order are the same and there are no gaps.
  [[nodiscard]] bool is_dense() const { return dense_; }

 private:
  View<float> view_;  // data unused: memory_ may move
  int64_t elements_ = 0;
  bool dense_ = true;
  std::vector<float> memory_;
};

/// The logical index of element number `index` of a shape, outermost axis first.
[[nodiscard]] Shape index_of(const Shape& shape, int64_t index);

}  // namespace convcheck
