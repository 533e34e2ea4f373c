// The one table of the shipped kernels.
#include "impls/shipped.h"

#include <iterator>

#include "impls/kernels.h"

namespace {

const convcheck_kernel* const kShipped[] = {
    &convcheck::impls::kDirect,      &convcheck::impls::kIm2col,      &convcheck::impls::kWinograd2x2,
    &convcheck::impls::kWinograd4x4, &convcheck::impls::kWinograd6x6, &convcheck::impls::kFolded,
};

}  // namespace

const convcheck_kernel* const* convcheck_shipped_kernels(uint32_t abi_version, size_t* count) {
  const bool served = abi_version == CONVCHECK_ABI_VERSION;
  *count = served ? std::size(kShipped) : 0;
  return served ? kShipped : nullptr;
}
