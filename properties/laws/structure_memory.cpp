// Laws about structure: where the elements of a tensor lie in memory is no part of the convolution.
#include <algorithm>
#include <limits>

#include "properties/laws/laws.h"
#include "properties/laws/sides.h"
#include "properties/views.h"

namespace convcheck::judges {
namespace {

constexpr uint64_t kStream = 0x1A70;

// Channels innermost.
Shape channels_last_strides(const Shape& shape) {
  Shape strides = dense_strides(shape);
  strides[1] = 1;
  strides[3] = std::max<int64_t>(shape[1], 1);
  strides[2] = strides[3] * std::max<int64_t>(shape[3], 1);
  return strides;
}

enum class Views {
  nhwc,
  nhwc_input,
  nhwc_output,
  padded_input,
  padded_output,
  padded_weight,
  channels_last_weight,
  all_padded,
  expanded_weight
};
constexpr uint64_t kViews = 9;

// The axis along which a weight can be expanded: filters, else channels; -1 where both have one place.
int expanded_axis(const Problem& problem) {
  return problem.weight[0] > 1 ? 0 : problem.weight[1] > 1 ? 1 : -1;
}

Problem with_views(Problem problem, Views views, Random& random) {
  const Shape output = rule_output_shape(problem);
  const auto gap = [&] { return static_cast<int64_t>(random.below(3)) + 1; };
  switch (views) {
    case Views::nhwc:
      problem.layout = Layout::nhwc;
      break;
    case Views::nhwc_input:
      problem.input_strides = channels_last_strides(problem.input);
      break;
    case Views::nhwc_output:
      problem.output_strides = channels_last_strides(output);
      break;
    case Views::padded_input:
      problem.input_strides = padded_strides(problem.input, gap());
      break;
    case Views::padded_output:
      problem.output_strides = padded_strides(output, gap());
      break;
    case Views::padded_weight:
      problem.weight_strides = padded_strides(problem.weight, gap());
      break;
    case Views::channels_last_weight:
      problem.weight_strides = channels_last_strides(problem.weight);
      break;
    case Views::all_padded:
      problem.input_strides = padded_strides(problem.input, gap());
      problem.weight_strides = padded_strides(problem.weight, gap());
      problem.output_strides = padded_strides(output, gap());
      break;
    case Views::expanded_weight:
      problem.weight_strides = dense_strides(problem.weight);
      (*problem.weight_strides)[expanded_axis(problem)] = 0;
      break;
  }
  return problem;
}

// Copies all elements; what lies between those of a view is NaN, which nobody must let matter.
void copy_elements(const Tensor& source, Tensor& target) {
  std::fill(target.memory().begin(), target.memory().end(), std::numeric_limits<float>::quiet_NaN());
  copy_block(source, 0, 0, target);
}

void copy_data(const Data& source, Data& target) {
  copy_elements(source.input, target.input);
  copy_elements(source.weight, target.weight);
  copy_bias(source.bias, 0, target.bias);
}

// The case's problem with all tensors in their logical order.
Problem plain_of(const Problem& problem) {
  Problem plain = contiguous(problem);
  plain.layout = Layout::nchw;
  return plain;
}

Judgement contiguous_equals_views(Trial& trial) {
  if (const auto stop = unless_ok(trial.result())) return *stop;
  Run plain(plain_of(trial.problem()));
  copy_data(trial.expectation()->data, plain.data);
  plain.call(trial);
  if (const auto stop = unless_ok(plain.result)) return *stop;
  return compare(Side(trial), {Side(trial, plain)}, "that with contiguous tensors", same_place);
}

}  // namespace

// No run has other sums than the case but where the weight is expanded: both runs then have one weight, made of values
// of the case's.
Judgement memory_layout_does_not_matter(Trial& trial) {
  if (!(plain_of(trial.problem()) == trial.problem())) return contiguous_equals_views(trial);
  Random random(trial.the_case().seed, kStream);
  auto views = static_cast<Views>(random.below(kViews));
  if (views == Views::expanded_weight && expanded_axis(trial.problem()) < 0) views = Views::nhwc;
  Run viewed(with_views(trial.problem(), views, random));
  copy_data(trial.expectation()->data, viewed.data);
  viewed.call(trial);
  if (const auto stop = unless_ok(viewed.result)) return *stop;
  constexpr std::string_view kWhat = "that with the same tensors laid out otherwise in memory";
  if (views != Views::expanded_weight) {
    if (const auto stop = unless_ok(trial.result())) return *stop;
    return compare(Side(trial), {Side(trial, viewed)}, kWhat, same_place);
  }
  Run plain(trial.problem());
  copy_data(viewed.data, plain.data);
  plain.call(trial);
  if (const auto stop = unless_ok(plain.result)) return *stop;
  return compare(Side(trial, plain), {Side(trial, viewed)}, kWhat, same_place);
}

}  // namespace convcheck::judges
