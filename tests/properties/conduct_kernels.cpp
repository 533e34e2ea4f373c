#include "tests/properties/conduct_kernels.h"

#include <cstdio>
#include <cstdlib>

#include "tests/properties/conduct_kernel.h"

namespace convcheck {

const convcheck_kernel& conduct_kernel(std::string_view name) {
  for (const auto kernels :
       {conduct::remembering_kernels(), conduct::meddling_kernels(), conduct::refusing_kernels()}) {
    for (const convcheck_kernel& kernel : kernels) {
      if (kernel.name == name) return kernel;
    }
  }
  std::fprintf(stderr, "no kernel of conduct is named %.*s\n", static_cast<int>(name.size()), name.data());
  std::abort();
}

}  // namespace convcheck
