#include "properties/random_axis.h"

#include <rapidcheck.h>

#include <algorithm>

namespace convcheck {
namespace {

using rc::Gen;
using rc::gen::element;
using rc::gen::inRange;
using rc::gen::just;
using rc::gen::weightedOneOf;

Gen<int64_t> upto(int64_t least, int64_t most) {
  return inRange<int64_t>(least, most + 1);
}

Gen<int64_t> kernel_extent() {
  return weightedOneOf<int64_t>({{3, just<int64_t>(1)},
                                 {5, just<int64_t>(3)},
                                 {3, just<int64_t>(5)},
                                 {4, upto(2, 7)},
                                 {1, upto(8, 17)},
                                 {1, element<int64_t>(31, 32, 33)}});
}

// Around what a register, a cache line or a fixed buffer holds.
Gen<int64_t> long_kernel_extent() {
  return weightedOneOf<int64_t>(
      {{2, element<int64_t>(33, 63, 64, 65)}, {1, element<int64_t>(127, 128, 129)}, {3, upto(255, 257)}});
}

// Small ones, and a step to both sides of a multiple of what a tile holds.
Gen<int64_t> image_extent() {
  return weightedOneOf<int64_t>({{4, upto(1, 2)},
                                 {6, upto(3, 12)},
                                 {3, upto(13, 32)},
                                 {2, element<int64_t>(15, 16, 17, 23, 24, 25, 31, 32, 33)},
                                 {1, upto(33, 70)}});
}

Gen<int64_t> stride_extent() {
  return weightedOneOf<int64_t>({{5, just<int64_t>(1)}, {3, just<int64_t>(2)}, {2, upto(3, 7)}});
}

Gen<int64_t> dilation_extent() {
  return weightedOneOf<int64_t>({{6, just<int64_t>(1)}, {2, just<int64_t>(2)}, {2, upto(3, 5)}});
}

// None, as usual, up to the kernel, the kernel, beyond it.
Gen<int64_t> padding_extent(int64_t kernel) {
  return weightedOneOf<int64_t>({{8, just<int64_t>(0)},
                                 {6, upto(0, kernel / 2)},
                                 {3, upto(0, kernel)},
                                 {1, just(kernel)},
                                 {2, upto(kernel, 2 * kernel + 1)}});
}

// What a parameter must not be. Some kinds of axes leave no choice: then it is.
struct Wish {
  int64_t least;
  const int64_t* not_this;  // may be null
};

int64_t draw(const Gen<int64_t>& generator, Wish wish) {
  constexpr int kTries = 12;
  int64_t value = *generator;
  for (int i = 0; i < kTries; ++i) {
    if (value >= wish.least && (wish.not_this == nullptr || value != *wish.not_this)) break;
    value = *generator;
  }
  return value;
}

int64_t draw_kernel(AxisKind kind, int64_t plain, Wish wish) {
  switch (kind) {
    case AxisKind::plain:
      return plain;
    case AxisKind::pointwise:
      return 1;
    case AxisKind::long_kernel:
      return *long_kernel_extent();
    case AxisKind::any:
    case AxisKind::busy:
      break;
  }
  return draw(kernel_extent(), wish);
}

// An image that lets the kernel fit: where the one drawn would not, it grows until it does. Sometimes just fitting, so
// that the output has one place on this axis.
int64_t draw_size(const RandomAxis& axis, Wish wish) {
  const int64_t drawn = draw(image_extent(), wish);
  const int64_t least = least_size(axis);
  const bool is_tight = *inRange(0, 8) == 0;
  return is_tight ? least : std::max(drawn, least);
}

}  // namespace

int64_t least_size(const RandomAxis& axis) {
  return std::max<int64_t>(axis.dilation * (axis.kernel - 1) + 1 - axis.before - axis.after, 1);
}

RandomAxis random_axis(AxisKind kind, int64_t kernel, const RandomAxis* other) {
  const bool is_simple = kind == AxisKind::plain || kind == AxisKind::pointwise;
  const int64_t busy = kind == AxisKind::busy ? 1 : 0;
  const auto unlike = [other](int64_t RandomAxis::*parameter, int64_t least) {
    return Wish{least, other == nullptr ? nullptr : &(other->*parameter)};
  };
  RandomAxis axis;
  axis.kernel = draw_kernel(kind, kernel, unlike(&RandomAxis::kernel, 1 + busy));
  if (!is_simple) axis.stride = draw(stride_extent(), unlike(&RandomAxis::stride, 1 + busy));
  if (!is_simple) axis.dilation = draw(dilation_extent(), unlike(&RandomAxis::dilation, 1 + busy));
  axis.before = draw(padding_extent(axis.kernel), unlike(&RandomAxis::before, busy));
  const bool is_even = busy == 0 && *inRange(0, 5) < 2;
  axis.after = is_even ? axis.before : draw(padding_extent(axis.kernel), unlike(&RandomAxis::after, busy));
  axis.size = draw_size(axis, unlike(&RandomAxis::size, 1));
  return axis;
}

}  // namespace convcheck
