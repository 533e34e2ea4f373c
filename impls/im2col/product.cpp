// Compiled once for each instruction set that Eigen is to use (impls/CMakeLists.txt): Eigen chooses by what the
// compiler may use, and not when it runs. Its namespace is another one each time, or the linker would keep one of the
// three for all; tests/impls/check_shared_names.sh looks for names that the objects would share all the same.
#define Eigen CONVCHECK_EIGEN
#include "impls/im2col/product.h"

#include <Eigen/Core>

namespace convcheck::impls::CONVCHECK_LEVEL {

void multiply_add(const MatrixProduct& product) {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using ConstView = Eigen::Map<const Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;
  using View = Eigen::Map<Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;
  View sums(product.sums, product.rows, product.columns, Eigen::OuterStride<>(product.columns));
  sums.noalias() +=
      ConstView(product.left.data, product.rows, product.inner, Eigen::OuterStride<>(product.left.step)) *
      ConstView(product.right.data, product.inner, product.columns, Eigen::OuterStride<>(product.right.step));
}

}  // namespace convcheck::impls::CONVCHECK_LEVEL
