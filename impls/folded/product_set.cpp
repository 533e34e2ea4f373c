// Which instruction set's products to use.
#include "impls/folded/product.h"

namespace convcheck::impls {

ProductSet best_product_set() {
#if defined(CONVCHECK_HAS_X86_LEVELS)
  switch (best_isa()) {
    case Isa::kV4:
      return v4::product_set();
    case Isa::kV3:
      return v3::product_set();
    case Isa::kBase:
      break;
  }
#endif
  return base::product_set();
}

}  // namespace convcheck::impls
