// What each broken rule says: the numbers that break it, and the nearest that do not.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "reference/case_text.h"
#include "reference/layout.h"
#include "reference/rules.h"

namespace convcheck {
namespace {

std::string axis_name(const Problem& problem, int axis) {
  constexpr const char* kNames[] = {"depth", "height", "width"};
  return kNames[axis + kMaxSpatial - problem.spatial_rank()];
}

std::string side_name(const Problem& problem, int axis, bool far_side) {
  constexpr const char* kNames[][2] = {{"front", "back"}, {"top", "bottom"}, {"left", "right"}};
  return kNames[axis + kMaxSpatial - problem.spatial_rank()][far_side ? 1 : 0];
}

std::string choices(const std::vector<int64_t>& values) {
  return fmt::format("{}", fmt::join(values, " or "));
}

std::string at_least_one(std::string_view what, int64_t value) {
  return fmt::format("{} ({}) must be at least 1; nearest: 1", what, value);
}

std::string padding_message(const Problem& problem, int where) {
  const bool far_side = where >= kMaxSpatial;
  const int axis = far_side ? where - kMaxSpatial : where;
  const auto at = static_cast<size_t>(axis);
  return fmt::format("padding {} ({}) must not be negative; nearest: 0 (crop the input instead)",
                     side_name(problem, axis, far_side), (far_side ? problem.pad_after : problem.pad_before)[at]);
}

std::string ranks_message(const Problem& problem, int where) {
  const int rank = problem.input.rank();
  switch (where) {
    case kInputRank:
      return fmt::format("input has rank {}; it must have 3 to 5 axes: batch, in_channels and 1 to 3 sizes", rank);
    case kWeightRank:
      return fmt::format(
          "weight has rank {} but input has rank {}; weight must have {} axes: out_channels, in_channels / groups and "
          "the kernel's sizes",
          problem.weight.rank(), rank, rank);
    case kBiasRank:
      return fmt::format("bias has rank {}; it must have one axis, of out_channels ({})", problem.bias.rank(),
                         problem.out_channels());
    default:
      break;
  }
  return fmt::format("output has rank {} but input has rank {}; they must agree", problem.claimed_output->rank(), rank);
}

std::string weight_channels_message(const Problem& problem) {
  return fmt::format("weight channels ({}) must be in_channels / groups = {} / {} = {}; nearest: {}, a weight of {}",
                     problem.weight[1], problem.in_channels(), problem.groups, problem.in_channels() / problem.groups,
                     problem.in_channels() / problem.groups, [&] {
                       Shape weight = problem.weight;
                       weight[1] = problem.in_channels() / problem.groups;
                       return print(weight);
                     }());
}

// The largest kernel that fits, and the padding that would make this one fit.
std::string kernel_fits_message(const Problem& problem, int axis) {
  const auto at = static_cast<size_t>(axis);
  const Wide dilated = dilated_extent(problem, axis);
  const Wide padded = padded_extent(problem, axis);
  std::string nearest = fmt::format("padding that adds {} more on this axis", to_string(dilated - padded));
  if (padded >= 1) {
    const Wide kernel = (padded - 1) / problem.dilation[at] + 1;
    nearest = fmt::format("a kernel of {}, or {}", to_string(kernel), nearest);
  }
  return fmt::format(
      "the kernel does not fit the {}: dilation * (kernel - 1) + 1 = {} * ({} - 1) + 1 = {} exceeds the padded input "
      "{} "
      "+ {} + {} = {}; nearest: {}",
      axis_name(problem, axis), problem.dilation[at], problem.weight[axis + 2], to_string(dilated),
      problem.input[axis + 2], problem.pad_before[at], problem.pad_after[at], to_string(padded), nearest);
}

std::string output_shape_message(const Problem& problem) {
  const Shape right = rule_output_shape(problem);
  return fmt::format("output ({}) must be {}: batch, out_channels, and floor((padded - dilated) / stride) + 1 per axis",
                     print(*problem.claimed_output), print(right));
}

std::string sizes_message(const Problem& problem, int where) {
  if (where < kMaxSpatial) {
    return fmt::format("the padded {} ({}) or the dilated kernel ({}) does not fit a signed 64-bit integer",
                       axis_name(problem, where), to_string(padded_extent(problem, where)),
                       to_string(dilated_extent(problem, where)));
  }
  const auto role = static_cast<TensorRole>(where - kMaxSpatial);
  const Shape shape = role == TensorRole::output ? rule_output_shape(problem) : shape_of(problem, role);
  return fmt::format("{} ({}) has more elements, or spans more bytes, than a signed 64-bit integer counts ({})",
                     name(role), print(shape), kInt64Max);
}

std::string bias_message(const Problem& problem) {
  return fmt::format("bias length ({}) must be out_channels ({}); nearest: {}, or no bias", problem.bias[0],
                     problem.out_channels(), problem.out_channels());
}

std::string divisible_message(std::string_view what, int64_t value, int64_t groups) {
  return fmt::format("{} ({}) must be divisible by groups ({}); nearest: {}", what, value, groups,
                     choices(nearest_multiples(value, groups)));
}

}  // namespace

std::string message(const Problem& problem, const BrokenRule& broken) {
  const int where = broken.where;
  const auto at = static_cast<size_t>(where % kMaxSpatial);
  switch (broken.rule) {
    case Rule::groups_at_least_one:
      return at_least_one("groups", problem.groups);
    case Rule::stride_at_least_one:
      return at_least_one("stride " + axis_name(problem, where), problem.stride[at]);
    case Rule::dilation_at_least_one:
      return at_least_one("dilation " + axis_name(problem, where), problem.dilation[at]);
    case Rule::padding_not_negative:
      return padding_message(problem, where);
    case Rule::ranks_agree:
      return ranks_message(problem, where);
    case Rule::batch_not_negative:
      return fmt::format("batch ({}) must not be negative; nearest: 0", problem.batch());
    case Rule::in_channels_at_least_one:
      return at_least_one("in_channels", problem.in_channels());
    case Rule::out_channels_at_least_one:
      return at_least_one("out_channels", problem.out_channels());
    case Rule::kernel_at_least_one:
      return at_least_one("kernel " + axis_name(problem, where), problem.weight[where + 2]);
    case Rule::input_size_not_negative:
      return fmt::format("input {} ({}) must not be negative; nearest: 0", axis_name(problem, where),
                         problem.input[where + 2]);
    case Rule::in_channels_divisible_by_groups:
      return divisible_message("in_channels", problem.in_channels(), problem.groups);
    case Rule::out_channels_divisible_by_groups:
      return divisible_message("out_channels", problem.out_channels(), problem.groups);
    case Rule::weight_channels_match:
      return weight_channels_message(problem);
    case Rule::bias_length_matches:
      return bias_message(problem);
    case Rule::kernel_fits_padded_input:
      return kernel_fits_message(problem, where);
    case Rule::output_shape_matches:
      return output_shape_message(problem);
    case Rule::sizes_fit_int64:
      break;
  }
  return sizes_message(problem, where);
}

}  // namespace convcheck
