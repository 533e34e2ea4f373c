#include "properties/generate.h"

#include <rapidcheck.h>

#include <algorithm>
#include <mutex>

namespace convcheck {
namespace {

struct SpatialAxis {
  int64_t size, kernel, stride, dilation, before, after;
};

using rc::Gen;
using rc::gen::element;
using rc::gen::inRange;
using rc::gen::weightedOneOf;

Gen<int64_t> upto(int64_t least, int64_t most) {
  return inRange<int64_t>(least, most + 1);
}

// Channels per group: small ones, and a step to both sides of what vector registers hold.
Gen<int64_t> channels() {
  return weightedOneOf<int64_t>({{6, upto(1, 4)},
                                 {3, upto(5, 12)},
                                 {1, element<int64_t>(15, 16, 17, 31, 32, 33)},
                                 {1, element<int64_t>(47, 48, 63, 64, 65, 100)}});
}

Gen<int64_t> groups() {
  return weightedOneOf<int64_t>(
      {{4, rc::gen::just<int64_t>(1)}, {4, upto(2, 4)}, {2, upto(5, 9)}, {1, element<int64_t>(16, 17, 32, 33)}});
}

Gen<int64_t> kernel_extent() {
  return weightedOneOf<int64_t>({{3, rc::gen::just<int64_t>(1)},
                                 {5, rc::gen::just<int64_t>(3)},
                                 {3, rc::gen::just<int64_t>(5)},
                                 {4, upto(2, 7)},
                                 {1, upto(8, 17)},
                                 {1, element<int64_t>(31, 32, 33)}});
}

Gen<int64_t> image_extent() {
  return weightedOneOf<int64_t>({{2, upto(1, 2)}, {6, upto(3, 12)}, {4, upto(13, 32)}, {1, upto(33, 70)}});
}

Gen<int64_t> stride_extent() {
  return weightedOneOf<int64_t>({{5, rc::gen::just<int64_t>(1)}, {3, rc::gen::just<int64_t>(2)}, {2, upto(3, 7)}});
}

Gen<int64_t> dilation_extent() {
  return weightedOneOf<int64_t>({{6, rc::gen::just<int64_t>(1)}, {2, rc::gen::just<int64_t>(2)}, {2, upto(3, 5)}});
}

// None, as usual, up to the kernel, beyond it.
Gen<int64_t> padding_extent(int64_t kernel) {
  return weightedOneOf<int64_t>({{4, rc::gen::just<int64_t>(0)},
                                 {3, upto(0, kernel / 2)},
                                 {2, upto(0, kernel)},
                                 {1, upto(kernel, 2 * kernel + 1)}});
}

// What some kernels serve alone, and what fast paths are made for: they get cases of their own. A plain problem has a
// kernel of 3x3 or 5x5 and stride and dilation 1, a pointwise one a kernel of 1x1.
enum class Kind { any, plain, pointwise };

// One problem in six is plain, one in eight pointwise.
Gen<Kind> kind_of_problem() {
  return weightedOneOf<Kind>(
      {{17, rc::gen::just(Kind::any)}, {4, rc::gen::just(Kind::plain)}, {3, rc::gen::just(Kind::pointwise)}});
}

// One axis whose kernel fits: where it would not, the image grows until it does. `plain_kernel` is the extent of a
// plain problem's kernel, the same on both axes.
Gen<SpatialAxis> spatial_axis(Kind kind, int64_t plain_kernel) {
  return rc::gen::exec([kind, plain_kernel] {
    SpatialAxis axis;
    axis.kernel = kind == Kind::plain ? plain_kernel : kind == Kind::pointwise ? 1 : *kernel_extent();
    axis.stride = kind == Kind::plain ? 1 : *stride_extent();
    axis.dilation = kind == Kind::plain ? 1 : *dilation_extent();
    axis.before = *padding_extent(axis.kernel);
    axis.after = *weightedOneOf<int64_t>({{2, rc::gen::just(axis.before)}, {3, padding_extent(axis.kernel)}});
    const int64_t least = axis.dilation * (axis.kernel - 1) + 1 - axis.before - axis.after;
    const int64_t drawn = *image_extent();
    // Sometimes just fitting: the output has one place on this axis.
    const bool tight = *inRange(0, 8) == 0;
    axis.size = tight && least >= 1 ? least : std::max(drawn, std::max<int64_t>(least, 1));
    return axis;
  });
}

// What an empty batch would cost if it were an image: its weight is filled all the same.
bool is_too_large(const Problem& problem) {
  Problem image = problem;
  image.input[0] = std::max<int64_t>(problem.input[0], 1);
  const auto too_many = [](const Shape& shape) {
    return shape[0] * shape[1] * shape[2] * shape[3] > kMostElements;  // all factors are small
  };
  return multiply_count(image) > kMostMultiplies || too_many(image.input) || too_many(image.weight);
}

void set_channels(Problem& problem, int64_t in_per_group, int64_t out_per_group) {
  problem.input[1] = problem.groups * in_per_group;
  problem.weight[1] = in_per_group;
  problem.weight[0] = problem.groups * out_per_group;
  if (problem.has_bias()) problem.bias = {problem.weight[0]};
}

// The least image that the kernel fits.
void shrink_image(Problem& problem, int axis) {
  const auto at = static_cast<size_t>(axis);
  const Wide least = dilated_extent(problem, axis) - problem.pad_before[at] - problem.pad_after[at];
  problem.input[axis + 2] = std::min(problem.input[axis + 2], std::max<int64_t>(static_cast<int64_t>(least), 1));
}

// Brings the problem under the limits by the least telling changes first.
void shrink_to_limit(Problem& problem) {
  while (is_too_large(problem) && problem.input[0] > 1) --problem.input[0];
  while (is_too_large(problem) && (problem.weight[1] > 1 || problem.weight[0] > problem.groups)) {
    set_channels(problem, (problem.weight[1] + 1) / 2, (problem.weight[0] / problem.groups + 1) / 2);
  }
  while (is_too_large(problem) && problem.groups > 1) {
    const int64_t in_per_group = problem.weight[1];
    const int64_t out_per_group = problem.weight[0] / problem.groups;
    problem.groups = (problem.groups + 1) / 2;
    set_channels(problem, in_per_group, out_per_group);
  }
  for (int axis = 0; axis < 2 && is_too_large(problem); ++axis) shrink_image(problem, axis);
  // What is left is padding far beyond the kernel. Where there is none the output is one place, and cheap.
  for (int axis = 0; is_too_large(problem); axis = 1 - axis) {
    const auto at = static_cast<size_t>(axis);
    problem.pad_before[at] /= 2;
    problem.pad_after[at] /= 2;
    const auto least = static_cast<int64_t>(dilated_extent(problem, axis));
    problem.input[axis + 2] = std::max(problem.input[axis + 2], least - problem.pad_before[at] - problem.pad_after[at]);
  }
}

Shape dense_strides(const Shape& shape) {
  Shape strides = shape;
  int64_t next = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[axis] = next;
    next *= std::max<int64_t>(shape[axis], 1);
  }
  return strides;
}

// Rows with a gap behind each, planes with a gap behind them.
Shape padded_strides(const Shape& shape, int64_t gap) {
  Shape strides = dense_strides(shape);
  strides[2] += gap;
  strides[1] = strides[2] * std::max<int64_t>(shape[2], 1) + gap;
  strides[0] = strides[1] * std::max<int64_t>(shape[1], 1) + gap;
  return strides;
}

void draw_layout(Problem& problem) {
  const int kind = *inRange(0, 25);
  if (kind >= 5) return;
  if (kind == 0) problem.layout = Layout::nhwc;
  if (kind == 1) problem.input_strides = padded_strides(problem.input, *upto(1, 3));
  if (kind == 2) problem.output_strides = padded_strides(rule_output_shape(problem), *upto(1, 3));
  if (kind == 3) problem.weight_strides = padded_strides(problem.weight, *upto(1, 3));
  if (kind == 4) {
    // One kernel expanded over the output channels, or one plane over the input channels.
    Shape strides = dense_strides(problem.weight);
    strides[*inRange(0, 2)] = 0;
    problem.weight_strides = strides;
  }
}

}  // namespace

Gen<Problem> valid_problem() {
  return rc::gen::exec([] {
    const Kind kind = *kind_of_problem();
    const int64_t plain_kernel = *element<int64_t>(3, 5);
    const SpatialAxis h = *spatial_axis(kind, plain_kernel);
    // Square problems hide mixed-up axes, yet some kernels serve nothing else.
    const SpatialAxis w = *inRange(0, 3) == 0 ? h : *spatial_axis(kind, plain_kernel);
    Problem problem;
    problem.groups = *groups();
    const int64_t in_per_group = *channels();
    const int64_t out_per_group = *channels();
    const int64_t batch = *weightedOneOf<int64_t>({{8, rc::gen::just<int64_t>(1)},
                                                   {6, upto(2, 3)},
                                                   {1, rc::gen::just<int64_t>(0)},
                                                   {1, rc::gen::just<int64_t>(5)}});
    problem.input = {batch, problem.groups * in_per_group, h.size, w.size};
    problem.weight = {problem.groups * out_per_group, in_per_group, h.kernel, w.kernel};
    problem.stride = {h.stride, w.stride, 1};
    problem.dilation = {h.dilation, w.dilation, 1};
    problem.pad_before = {h.before, w.before, 0};
    problem.pad_after = {h.after, w.after, 0};
    if (*rc::gen::arbitrary<bool>()) problem.bias = {problem.weight[0]};
    shrink_to_limit(problem);
    draw_layout(problem);
    return problem;
  });
}

Gen<Case> valid_case(Fill fill) {
  return rc::gen::exec([fill] {
    Case c;
    c.problem = *valid_problem();
    c.fill = fill;
    c.seed = static_cast<uint64_t>(*inRange<int64_t>(1, 1'000'000));
    return c;
  });
}

Gen<Problem> invalid_problem() {
  return rc::gen::exec([] {
    // A rule that one problem cannot break is broken by the next: every loop ends, since most rules can be broken in
    // all.
    for (;;) {
      const Problem valid = *valid_problem();
      const auto rule = static_cast<Rule>(*inRange(0, kRuleCount));
      const auto broken = broken_by(valid, rule, Random(*rc::gen::arbitrary<uint64_t>()));
      if (broken) return *broken;
    }
  });
}

namespace {

// RapidCheck keeps the generator that runs in one place for all threads.
std::mutex& one_at_a_time() {
  static std::mutex mutex;
  return mutex;
}

template <class Value>
Value generate(const Gen<Value>& generator, uint64_t seed) {
  constexpr int kUsualSize = 100;
  const std::lock_guard lock(one_at_a_time());
  return generator(rc::Random(seed), kUsualSize).value();
}

}  // namespace

Case random_case(uint64_t seed, Fill fill) {
  return generate(valid_case(fill), seed);
}

Case random_invalid_case(uint64_t seed) {
  Case c;
  c.problem = generate(invalid_problem(), seed);
  return c;
}

}  // namespace convcheck
