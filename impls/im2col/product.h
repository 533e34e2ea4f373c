// The matrix product of the im2col convolution: Eigen's, compiled for several instruction sets.
#pragma once

#include <cstdint>

namespace convcheck::impls {

/// A matrix in row order: `step` floats from one row to the next.
struct MatrixView {
  const float* data;
  int64_t step;
};

/// sums += left x right, of rows x inner and inner x columns; `sums` is dense.
struct MatrixProduct {
  MatrixView left, right;
  float* sums;
  int64_t rows, inner, columns;
};

using MultiplyAdd = void (*)(const MatrixProduct& product);

namespace base {
void multiply_add(const MatrixProduct& product);
}
namespace avx2 {
void multiply_add(const MatrixProduct& product);
}
namespace avx512 {
void multiply_add(const MatrixProduct& product);
}

/// The one that suits this machine best, or CONVCHECK_SIMD.
[[nodiscard]] MultiplyAdd best_multiply_add();

}  // namespace convcheck::impls
