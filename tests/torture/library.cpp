// The torture library: kernels that are hostile each in one way, and sound ones that must be judged as if alone.
#include <vector>

#include "tests/torture/themes.h"

namespace convcheck::torture {
namespace {

std::vector<const convcheck_kernel*> collect() {
  std::vector<const convcheck_kernel*> all;
  for (const auto theme : {crashing_kernels(), sound_kernels().first(1), ending_kernels(), trespassing_kernels(),
                           sound_kernels().subspan(1, 1), wasteful_kernels(), meddling_kernels(), remembering_kernels(),
                           sound_kernels().subspan(2)}) {
    for (const convcheck_kernel& one : theme) all.push_back(&one);
  }
  return all;
}

}  // namespace
}  // namespace convcheck::torture

const convcheck_kernel* const* convcheck_kernels(uint32_t abi_version, size_t* count) {
  static const std::vector<const convcheck_kernel*> kAll = convcheck::torture::collect();
  *count = abi_version == CONVCHECK_ABI_VERSION ? kAll.size() : 0;
  return *count == 0 ? nullptr : kAll.data();
}
