// Gathering of lines and a look at the weights.
#include "impls/support/gather.h"

#include <algorithm>
#include <cmath>

namespace convcheck::impls {

namespace {

/// How many of `count` positions, the first at `first` and `stride` apart, lie before `end`.
int64_t positions_before(int64_t end, int64_t first, int64_t stride, int64_t count) {
  return first < end ? std::min((end - first - 1) / stride + 1, count) : 0;
}

}  // namespace

void gather_line(const Axis& axis, const float* input, int64_t step, int64_t first, int64_t count, float* to) {
  const int64_t begin = positions_before(0, first, axis.stride, count);
  const int64_t end = std::max(begin, positions_before(axis.in, first, axis.stride, count));
  std::fill(to, to + begin, 0.0F);
  if (begin < end) {
    const float* from = input + (first + begin * axis.stride) * step;
    // A step that is never taken may be too large to be formed.
    const int64_t apart = end - begin > 1 ? axis.stride * step : 0;
    if (apart == 1) {
      std::copy(from, from + (end - begin), to + begin);
    } else if (apart == 2) {
      // The compiler has a shuffle for a step that it knows, and this is the usual one.
      for (int64_t j = begin; j < end; ++j) to[j] = from[(j - begin) * 2];
    } else {
      for (int64_t j = begin; j < end; ++j) to[j] = from[(j - begin) * apart];
    }
  }
  std::fill(to + end, to + count, 0.0F);
}

bool weights_finite(const Conv& conv, const float* weight) {
  const auto finite = [](const float* tap, int64_t) { return std::isfinite(*tap); };
  for (int64_t out_channel = 0; out_channel < conv.out_channels(); ++out_channel) {
    if (!all_taps(conv, weight + out_channel * conv.weight.outer, finite)) return false;
  }
  return true;
}

}  // namespace convcheck::impls
