#include "reference/problem.h"

#include "reference/rules.h"

namespace convcheck {

Wide dilated_extent(const Problem& problem, int axis) {
  const auto at = static_cast<size_t>(axis);
  return Wide{problem.dilation[at]} * (Wide{problem.weight[axis + 2]} - 1) + 1;
}

Wide padded_extent(const Problem& problem, int axis) {
  const auto at = static_cast<size_t>(axis);
  return Wide{problem.input[axis + 2]} + problem.pad_before[at] + problem.pad_after[at];
}

Wide rule_output_extent(const Problem& problem, int axis) {
  const Wide room = padded_extent(problem, axis) - dilated_extent(problem, axis);
  return room / problem.stride[static_cast<size_t>(axis)] + 1;
}

Shape rule_output_shape(const Problem& problem) {
  Shape output = {problem.batch(), problem.out_channels()};
  for (int axis = 0; axis < problem.spatial_rank(); ++axis) {
    const Wide out = rule_output_extent(problem, axis);
    // Only a padded extent beyond int64 gets here with more, and rule 10 refuses it by its own name.
    output.push_back(fits_int64(out) ? static_cast<int64_t>(out) : kInt64Max);
  }
  return output;
}

namespace {

// True where rule 9 has all that it needs: rules 1 to 3 and 8 are kept, whatever is wrong with the channels.
bool has_rule_output(const Problem& problem) {
  const auto broken = broken_rule(problem);
  if (!broken || broken->rule == Rule::sizes_fit_int64) return true;
  if (broken->rule < Rule::in_channels_divisible_by_groups || broken->rule > Rule::bias_length_matches) return false;
  for (int axis = 0; axis < problem.spatial_rank(); ++axis) {
    if (dilated_extent(problem, axis) > padded_extent(problem, axis)) return false;
  }
  return true;
}

}  // namespace

Shape output_shape(const Problem& problem) {
  if (problem.claimed_output) return *problem.claimed_output;
  // A kernel that overlooks one wrong number must not find a second one in the output.
  if (has_rule_output(problem)) return rule_output_shape(problem);
  Shape output = {problem.batch(), problem.out_channels()};
  for (int axis = 0; axis < problem.spatial_rank(); ++axis) output.push_back(0);
  return output;
}

Wide multiply_count(const Problem& problem) {
  const Shape output = rule_output_shape(problem);
  Wide outputs = 1;
  Wide taps = 1;
  for (const int64_t extent : output) outputs *= extent;
  for (int axis = 1; axis < problem.weight.rank(); ++axis) taps *= problem.weight[axis];
  return outputs * taps;
}

namespace {

Axis axis_of(const Problem& problem, int axis, int64_t out) {
  const auto at = static_cast<size_t>(axis);
  return {.in = problem.input[axis + 2],
          .kernel = problem.weight[axis + 2],
          .out = out,
          .stride = problem.stride[at],
          .dilation = problem.dilation[at],
          .pad_before = problem.pad_before[at],
          .pad_after = problem.pad_after[at]};
}

}  // namespace

Geometry geometry(const Problem& problem) {
  const Shape output = rule_output_shape(problem);
  return {.batch = problem.batch(),
          .groups = problem.groups,
          .in_channels_per_group = problem.in_channels() / problem.groups,
          .out_channels_per_group = problem.out_channels() / problem.groups,
          .height = axis_of(problem, 0, output[2]),
          .width = axis_of(problem, 1, output[3]),
          .has_bias = problem.has_bias()};
}

}  // namespace convcheck
