// Orders of summation that change: from image to image, with the addresses, from call to call. All that these kernels
// lack is a promise that they do not make.
#include <chrono>

#include "impls/unusual/themes.h"
#include "impls/unusual/window.h"

namespace convcheck::impls::unusual {
namespace {

/// Begins at a product of the caller's choice and goes round.
float sum_from(const Terms& t, uint64_t choice) {
  const int64_t start = t.count == 0 ? 0 : static_cast<int64_t>(choice % static_cast<uint64_t>(t.count));
  float sum = 0;
  for (int64_t i = start; i < t.count; ++i) sum += t.x[i] * t.w[i];
  for (int64_t i = 0; i < start; ++i) sum += t.x[i] * t.w[i];
  return sum + t.bias;
}

/// Odd images are summed backwards: the same image has other bits at another place of a batch.
struct ByImage {
  static float of(const Terms& t) {
    float sum = t.bias;
    for (int64_t i = 0; i < t.count; ++i) {
      const int64_t at = t.at.image % 2 == 0 ? i : t.count - 1 - i;
      sum += t.x[at] * t.w[at];
    }
    return sum;
  }
};

/// As loops do that are peeled until an address is aligned: the order depends on the output's address modulo 64 bytes,
/// which DETERMINISTIC allows, and so does an image's place in a batch, which BATCH_INVARIANT does not.
struct ByAddress {
  static void convolve(const Call& call) {
    for_each_place(call.conv, [&](const Place& at) {
      float& output = output_at(call, at);
      auto skipped = static_cast<int64_t>(reinterpret_cast<uintptr_t>(&output) % kAlignment / sizeof(float));
      float head = 0;
      float tail = 0;
      for_each_product(call, at, [&](float x, float w) { (skipped-- > 0 ? head : tail) += x * w; });
      output = tail + bias_of(call, at.out_channel) + head;
    });
  }
};

/// A number that no earlier call has a part in, and that is another one each time.
uint64_t time_of_day_scrambled() {
  const auto now = static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  uint64_t mixed = (now ^ (now >> 30)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
  return mixed ^ (mixed >> 31);
}

/// What workers do that take their shares as they become free: the clock says where each sum begins.
struct ByTheClock {
  static float of(const Terms& t) { return sum_from(t, time_of_day_scrambled() >> 8); }
};

constexpr uint32_t kSameOrderEachTime = CONVCHECK_DETERMINISTIC | CONVCHECK_BATCH_INVARIANT;

constexpr convcheck_kernel kKernels[] = {
    kernel<Gathered<ByImage>>("order_by_image", "adds the products of odd images from the last to the first",
                              kEveryPromise & ~uint32_t{CONVCHECK_BATCH_INVARIANT}),
    kernel<ByAddress>("order_by_address", "the order of the sum depends on the output's address modulo 64 bytes",
                      kEveryPromise & ~uint32_t{CONVCHECK_BATCH_INVARIANT}),
    kernel<Gathered<ByTheClock>>("order_by_the_clock", "another order of the sum in every call",
                                 kEveryPromise & ~kSameOrderEachTime),
};

}  // namespace

std::span<const convcheck_kernel> changing_orders() {
  return kKernels;
}

}  // namespace convcheck::impls::unusual
