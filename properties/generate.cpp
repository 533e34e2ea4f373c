#include "properties/generate.h"

#include <rapidcheck.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "properties/random_axis.h"
#include "properties/views.h"

namespace convcheck {
namespace {

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
                                 {1, element<int64_t>(47, 48, 49, 63, 64, 65, 100)}});
}

Gen<int64_t> groups() {
  return weightedOneOf<int64_t>(
      {{4, rc::gen::just<int64_t>(1)}, {4, upto(2, 4)}, {2, upto(5, 9)}, {1, element<int64_t>(16, 17, 32, 33)}});
}

// Beyond what a buffer of a fixed size may hold, for kernels of 1x1 alone: all else would be too dear.
Gen<int64_t> many_channels() {
  return weightedOneOf<int64_t>({{2, upto(255, 257)},
                                 {1, element<int64_t>(511, 512, 513)},
                                 {2, upto(1023, 1025)},
                                 {1, element<int64_t>(2047, 2048, 2049)}});
}

// What some kernels serve alone, what fast paths are made for, and what shows a parameter for itself or all of them
// together: they get cases of their own.
enum class Kind {
  any,
  plain,          // a kernel of 3x3 or 5x5, stride and dilation 1
  pointwise,      // a kernel of 1x1
  one_parameter,  // all but one at the defaults
  all_at_once,    // none at its default
  long_kernel,    // on one axis
  many_channels,
};

Gen<Kind> kind_of_problem() {
  return weightedOneOf<Kind>({{27, rc::gen::just(Kind::any)},
                              {8, rc::gen::just(Kind::plain)},
                              {6, rc::gen::just(Kind::pointwise)},
                              {4, rc::gen::just(Kind::one_parameter)},
                              {2, rc::gen::just(Kind::all_at_once)},
                              {2, rc::gen::just(Kind::long_kernel)},
                              {1, rc::gen::just(Kind::many_channels)}});
}

struct Axes {
  RandomAxis height, width;
};

// Square problems hide mixed-up axes, yet some kernels serve nothing else.
Axes random_axes(Kind kind) {
  const int64_t plain_kernel = *element<int64_t>(3, 5);
  AxisKind of_height = AxisKind::any;
  if (kind == Kind::plain) of_height = AxisKind::plain;
  if (kind == Kind::pointwise || kind == Kind::many_channels) of_height = AxisKind::pointwise;
  if (kind == Kind::all_at_once) of_height = AxisKind::busy;
  const AxisKind of_width = kind == Kind::long_kernel ? AxisKind::long_kernel : of_height;
  Axes axes;
  axes.height = random_axis(of_height, plain_kernel, nullptr);
  if (of_height == of_width && kind != Kind::all_at_once && *inRange(0, 4) == 0) {
    axes.width = axes.height;
  } else {
    axes.width = random_axis(of_width, plain_kernel, &axes.height);
  }
  if (kind == Kind::long_kernel && *inRange(0, 3) == 0) std::swap(axes.height, axes.width);
  return axes;
}

// An image with which a plain problem fills several of a fast algorithm's tiles on each axis, of 4x4 or 6x6 outputs.
void grow_beyond_tiles(RandomAxis& axis) {
  axis.size = std::max(axis.size, *upto(13, 27));
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
  // Long kernels with holes on both axes need a large image.
  for (int axis = 0; axis < 2; ++axis) {
    auto& dilation = problem.dilation[static_cast<size_t>(axis)];
    for (; is_too_large(problem) && dilation > 1; shrink_image(problem, axis)) --dilation;
  }
  // What is left is padding far beyond the kernel. Where there is none the output is one place, and cheap.
  for (int axis = 0; is_too_large(problem); axis = 1 - axis) {
    const auto at = static_cast<size_t>(axis);
    problem.pad_before[at] /= 2;
    problem.pad_after[at] /= 2;
    const auto least = static_cast<int64_t>(dilated_extent(problem, axis));
    problem.input[axis + 2] = std::max(problem.input[axis + 2], least - problem.pad_before[at] - problem.pad_after[at]);
  }
}

// What a parameter is where nothing is said of it; the image grows where the kernel would not fit.
void set_default(Problem& p, int parameter) {
  if (parameter == 0) p.stride = {1, 1, 1};
  if (parameter == 1) p.dilation = {1, 1, 1};
  if (parameter == 2) p.pad_before = {0, 0, 0};
  if (parameter == 3) p.pad_after = {0, 0, 0};
  if (parameter == 4) p.weight[2] = p.weight[3] = 3;
  if (parameter == 5) p.input[0] = 1;
  if (parameter == 6) p.bias = {};
  if (parameter == 7) {
    p.groups = 1;
    set_channels(p, p.weight[1], p.weight[0]);
  }
  for (const int axis : {0, 1}) {
    const auto least = static_cast<int64_t>(dilated_extent(p, axis) - padded_extent(p, axis) + p.input[axis + 2]);
    p.input[axis + 2] = std::max({p.input[axis + 2], least, int64_t{1}});
  }
}

// All but one of what set_default() knows, in an order that keeps the problem small: the kernel before the image.
void leave_one_parameter(Problem& p) {
  constexpr int kParameters = 8;
  const int left = *inRange(0, kParameters);
  for (const int parameter : {7, 6, 5, 4, 0, 1, 2, 3}) {
    if (parameter != left) set_default(p, parameter);
  }
}

int64_t gap() {
  return *upto(1, 3);
}

// One view in a fifth of the problems: of one tensor, or of all.
void draw_layout(Problem& p, bool always) {
  const int kind = *inRange(0, always ? 7 : 35);
  const bool all = kind == 6;
  if (kind == 0) p.layout = Layout::nhwc;
  if (kind == 1 || all) p.input_strides = padded_strides(p.input, gap());
  if (kind == 2 || all) p.output_strides = padded_strides(rule_output_shape(p), gap());
  if (kind == 3 || all) p.weight_strides = padded_strides(p.weight, gap());
  // One kernel expanded over the output channels, one plane over the input channels, one image over the batch.
  if (kind == 4) p.weight_strides = expanded_strides(p.weight, *inRange(0, 2));
  if (kind == 5) p.input_strides = expanded_strides(p.input, *inRange(0, 2));
}

int64_t at_least_two(const Gen<int64_t>& generator) {
  return std::max<int64_t>(*generator, 2);
}

void draw_channels(Problem& p, Kind kind) {
  const bool all = kind == Kind::all_at_once;
  p.groups = all ? at_least_two(groups()) : *groups();
  int64_t in_per_group = all ? at_least_two(channels()) : *channels();
  int64_t out_per_group = all ? at_least_two(channels()) : *channels();
  if (kind == Kind::many_channels) {
    // Many of one and few of the other.
    const int64_t many = *many_channels();
    const bool is_input = *rc::gen::arbitrary<bool>();
    p.groups = *weightedOneOf<int64_t>({{3, rc::gen::just<int64_t>(1)}, {1, rc::gen::just(many)}});
    const int64_t few = *upto(1, p.groups == 1 ? 9 : 2);
    in_per_group = p.groups > 1 ? 1 : is_input ? many : few;
    out_per_group = p.groups > 1 ? few : is_input ? few : many;
  }
  set_channels(p, in_per_group, out_per_group);
}

Problem random_problem(Kind kind) {
  auto [h, w] = random_axes(kind);
  if (kind == Kind::plain && *inRange(0, 3) == 0) {
    grow_beyond_tiles(h);
    grow_beyond_tiles(w);
  }
  const bool all = kind == Kind::all_at_once;
  Problem p;
  const int64_t batch = *weightedOneOf<int64_t>({{8, rc::gen::just<int64_t>(1)},
                                                 {6, upto(2, 3)},
                                                 {1, rc::gen::just<int64_t>(0)},
                                                 {1, rc::gen::just<int64_t>(5)}});
  p.input = {all ? std::max<int64_t>(batch, 2) : batch, 1, h.size, w.size};
  p.weight = {1, 1, h.kernel, w.kernel};
  p.stride = {h.stride, w.stride, 1};
  p.dilation = {h.dilation, w.dilation, 1};
  p.pad_before = {h.before, w.before, 0};
  p.pad_after = {h.after, w.after, 0};
  draw_channels(p, kind);
  if (all || *rc::gen::arbitrary<bool>()) p.bias = {p.weight[0]};
  return p;
}

}  // namespace

Gen<Problem> valid_problem() {
  return rc::gen::exec([] {
    const Kind kind = *kind_of_problem();
    Problem problem = random_problem(kind);
    if (kind == Kind::one_parameter) leave_one_parameter(problem);
    shrink_to_limit(problem);
    draw_layout(problem, kind == Kind::all_at_once);
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
