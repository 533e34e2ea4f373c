// What Winograd's bound allows for underflow does not hide a kernel that takes subnormal numbers for zero.
#include <gtest/gtest.h>

#include "impls/shipped.h"
#include "tests/properties/judging.h"

#if defined(__x86_64__)
#include <xmmintrin.h>

namespace convcheck {
namespace {

// The shipped Winograd kernel with that tile.
const convcheck_kernel* shipped_winograd(int tile) {
  size_t count = 0;
  const convcheck_kernel* const* const all = convcheck_shipped_kernels(CONVCHECK_ABI_VERSION, &count);
  for (size_t i = 0; i < count; ++i) {
    if (all[i]->algorithm == CONVCHECK_WINOGRAD && all[i]->winograd_tile == tile) return all[i];
  }
  return nullptr;
}

// Calls with subnormal operands and results taken for zero, in that call alone.
template <class Call>
int32_t flushed(Call call) {
  constexpr unsigned kFlushes = 0x8040;  // MXCSR: flush to zero, denormals are zero
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | kFlushes);
  const int32_t status = call();
  _mm_setcsr(before);
  return status;
}

template <int kTile>
convcheck_kernel flushing() {
  convcheck_kernel kernel = *shipped_winograd(kTile);
  kernel.prepare = [](const convcheck_problem* problem, const convcheck_buffers* buffers, void** plan) {
    return flushed([&] { return shipped_winograd(kTile)->prepare(problem, buffers, plan); });
  };
  kernel.run = [](const convcheck_problem* problem, const convcheck_buffers* buffers) {
    return flushed([&] { return shipped_winograd(kTile)->run(problem, buffers); });
  };
  return kernel;
}

TEST(FlushingWinograd, IsOutsideOfTheBoundWhateverItsTile) {
  const Law& law = *find_law("computes_extremes_exactly");
  for (const convcheck_kernel& kernel : {flushing<2>(), flushing<4>(), flushing<6>()}) {
    EXPECT_TRUE(first_violation(law, kernel, 2000, 200)) << kernel.name;
    EXPECT_FALSE(first_violation(law, *shipped_winograd(kernel.winograd_tile), 2000, 200)) << kernel.name;
  }
}

}  // namespace
}  // namespace convcheck
#endif
