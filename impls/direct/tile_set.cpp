// Which instruction set's tiles to use.
#include "impls/direct/tile.h"

namespace convcheck::impls {

TileSet best_tile_set() {
#if defined(CONVCHECK_HAS_X86_LEVELS)
  switch (best_isa()) {
    case Isa::kV4:
      return v4::tile_set();
    case Isa::kV3:
      return v3::tile_set();
    case Isa::kBase:
      break;
  }
#endif
  return base::tile_set();
}

}  // namespace convcheck::impls
