// Which instruction set's product to use.
#include "impls/im2col/product.h"
#include "impls/support/simd.h"

namespace convcheck::impls {

MultiplyAdd best_multiply_add() {
#if defined(CONVCHECK_HAS_X86_PRODUCTS)
  const std::string simd = simd_in_use();
  if (simd == "avx3") return avx512::multiply_add;
  if (simd == "avx2") return avx2::multiply_add;
#endif
  return base::multiply_add;
}

}  // namespace convcheck::impls
