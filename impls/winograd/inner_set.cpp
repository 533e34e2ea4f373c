// Which form of the inner loops a plan uses.
#include "impls/winograd/inner.h"

namespace convcheck::impls::winograd {

InnerLoops best_inner_loops(int tile) {
#if defined(CONVCHECK_HAS_X86_LEVELS)
  switch (best_isa()) {
    case Isa::kV4:
      return v4::inner_loops(tile);
    case Isa::kV3:
      return v3::inner_loops(tile);
    case Isa::kBase:
      break;
  }
#endif
  return base::inner_loops(tile);
}

}  // namespace convcheck::impls::winograd
