// The one list of the unusual kernels, theme by theme.
#include "impls/unusual.h"

#include <vector>

#include "impls/unusual/themes.h"

namespace convcheck::impls::unusual {
namespace {

std::vector<const convcheck_kernel*> collect() {
  std::vector<const convcheck_kernel*> all;
  for (const auto theme : {orders(), changing_orders(), paddings(), outputs(), narrow(), plans(), resources(), edges(),
                           threads(), winograds()}) {
    for (const convcheck_kernel& kernel : theme) all.push_back(&kernel);
  }
  return all;
}

}  // namespace
}  // namespace convcheck::impls::unusual

const convcheck_kernel* const* convcheck_unusual_kernels(uint32_t abi_version, size_t* count) {
  *count = 0;
  try {
    static const std::vector<const convcheck_kernel*> kAll = convcheck::impls::unusual::collect();
    if (abi_version != CONVCHECK_ABI_VERSION) return nullptr;
    *count = kAll.size();
    return kAll.data();
  } catch (...) {
    return nullptr;
  }
}
