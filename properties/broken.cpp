// Invalid problems made from valid ones, one rule at a time.
#include <algorithm>

#include "properties/generate.h"
#include "reference/layout.h"

namespace convcheck {
namespace {

// A value below `least`, near or far.
int64_t below(int64_t least, Random& random) {
  constexpr int64_t kDepths[] = {1, 1, 2, 100, int64_t{1} << 31, kInt64Max};
  return least - kDepths[random.below(6)];
}

int axis_of(Random& random) {
  return static_cast<int>(random.below(2));
}

void break_ranks(Problem& problem, Random& random) {
  switch (random.below(3)) {
    case 0:
      problem.weight = {problem.weight[0], problem.weight[1], problem.weight[2]};
      break;
    case 1:
      problem.bias = {problem.weight[0], 1};
      break;
    default:
      problem.claimed_output = Shape{problem.batch(), problem.out_channels(), 1};
      break;
  }
}

void break_output(Problem& problem, Random& random) {
  Shape output = rule_output_shape(problem);
  const int axis = static_cast<int>(random.below(4));
  output[axis] += random.below(2) == 0 ? 1 : -1;
  problem.claimed_output = output;
}

// Grows the kernel past the padded input, or takes the padding away from under it.
void break_fit(Problem& problem, Random& random) {
  const int axis = axis_of(random);
  const auto at = static_cast<size_t>(axis);
  const auto padded = static_cast<int64_t>(padded_extent(problem, axis));
  if (random.below(2) == 0) problem.dilation[at] = 1;
  const int64_t taps = (padded - 1) / problem.dilation[at] + 1;  // the most that fit
  problem.weight[axis + 2] = taps + 1 + static_cast<int64_t>(random.below(3));
}

// Sizes whose product, and nothing else, is beyond int64.
void break_sizes(Problem& problem, Random& random) {
  constexpr int64_t kHuge = int64_t{1} << 31;
  const int axis = axis_of(random);
  switch (random.below(3)) {
    case 0:
      problem.input[0] = kHuge * kHuge / 2 + static_cast<int64_t>(random.below(5));
      problem.input[axis + 2] += 70;
      break;
    case 1:
      problem.input[2] = problem.input[3] = kHuge * 2;
      break;
    default:
      problem.pad_after[static_cast<size_t>(axis)] = kInt64Max;
      break;
  }
}

void apply(Problem& problem, Rule rule, Random& random) {
  const int axis = axis_of(random);
  const auto at = static_cast<size_t>(axis);
  const int64_t sign = random.below(2) == 0 ? 1 : -1;
  switch (rule) {
    case Rule::groups_at_least_one:
      problem.groups = below(1, random);
      break;
    case Rule::stride_at_least_one:
      problem.stride[at] = below(1, random);
      break;
    case Rule::dilation_at_least_one:
      problem.dilation[at] = below(1, random);
      break;
    case Rule::padding_not_negative:
      (sign > 0 ? problem.pad_before : problem.pad_after)[at] = below(0, random);
      break;
    case Rule::ranks_agree:
      break_ranks(problem, random);
      break;
    case Rule::batch_not_negative:
      problem.input[0] = below(0, random);
      break;
    case Rule::in_channels_at_least_one:
      problem.input[1] = below(1, random);
      break;
    case Rule::out_channels_at_least_one:
      problem.weight[0] = below(1, random);
      if (problem.has_bias()) problem.bias[0] = problem.weight[0];
      break;
    case Rule::kernel_at_least_one:
      problem.weight[axis + 2] = below(1, random);
      break;
    case Rule::input_size_not_negative:
      problem.input[axis + 2] = below(0, random);
      break;
    case Rule::in_channels_divisible_by_groups:
      problem.input[1] += sign;
      break;
    case Rule::out_channels_divisible_by_groups:
      problem.weight[0] += sign;
      if (problem.has_bias()) problem.bias[0] += sign;
      break;
    case Rule::weight_channels_match:
      problem.weight[1] += problem.weight[1] > 1 ? sign : 1;
      break;
    case Rule::bias_length_matches:
      problem.bias = {random.below(3) == 0 && problem.weight[0] != 1 ? 1 : problem.weight[0] + sign};
      break;
    case Rule::kernel_fits_padded_input:
      break_fit(problem, random);
      break;
    case Rule::output_shape_matches:
      break_output(problem, random);
      break;
    case Rule::sizes_fit_int64:
      break_sizes(problem, random);
      break;
  }
}

}  // namespace

std::optional<Problem> broken_by(const Problem& valid, Rule rule, Random random) {
  Problem problem = valid;
  // Strides belong to the shapes that they were drawn for.
  problem.layout = Layout::nchw;
  problem.input_strides.reset();
  problem.weight_strides.reset();
  problem.output_strides.reset();
  apply(problem, rule, random);
  const auto broken = broken_rule(problem);
  if (!broken || broken->rule != rule) return std::nullopt;
  return problem;
}

}  // namespace convcheck
