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

Wide elements_of(const Shape& shape) {
  Wide elements = 1;
  for (const int64_t extent : shape) elements = saturating_product(elements, std::max<int64_t>(extent, 1));
  return elements;
}

// False for a tensor so large that rule 10 would refuse it, however it lies in memory.
bool is_countable(const Problem& problem, const Shape& shape) {
  return fits_int64(saturating_product(elements_of(shape), bytes_per_element(problem.dtype)));
}

// The weight says what groups was meant, where its channels divide the input's.
std::string groups_message(const Problem& problem) {
  const Shape& weight = problem.weight;
  if (weight.rank() >= 2 && weight[1] >= 1 && problem.in_channels() > weight[1] &&
      problem.in_channels() % weight[1] == 0) {
    const int64_t groups = problem.in_channels() / weight[1];
    if (weight[0] >= 1 && weight[0] % groups == 0) {
      return fmt::format(
          "groups ({}) must be at least 1; nearest: {}, since a weight of {} has {} of {} input channels",
          problem.groups, groups, print(weight), weight[1], problem.in_channels());
    }
  }
  return at_least_one("groups", problem.groups);
}

// A number of channels must also be a multiple of groups, which at this point is at least 1.
std::string channels_at_least_one(std::string_view what, int64_t value, int64_t groups) {
  if (groups == 1) return at_least_one(what, value);
  return fmt::format("{} ({}) must be at least 1; nearest: {}, since groups is {}", what, value, groups, groups);
}

std::string padding_message(const Problem& problem, int where) {
  const bool far_side = where >= kMaxSpatial;
  const int axis = far_side ? where - kMaxSpatial : where;
  const auto at = static_cast<size_t>(axis);
  return fmt::format("padding {} ({}) must not be negative; nearest: 0 (to crop, slice the input)",
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
  return fmt::format(
      "output has rank {} but input has rank {}; output must have {} axes: batch, out_channels and the output's sizes",
      problem.claimed_output->rank(), rank, rank);
}

// Either the weight is wrong or groups is: nothing tells which.
std::string weight_channels_message(const Problem& problem) {
  const int64_t per_group = problem.in_channels() / problem.groups;
  const int64_t given = problem.weight[1];
  Shape weight = problem.weight;
  weight[1] = per_group;
  std::string nearest = fmt::format("a weight of {}", print(weight));
  if (given >= 1 && problem.in_channels() % given == 0) {
    const int64_t groups = problem.in_channels() / given;
    if (problem.out_channels() % groups == 0) nearest += fmt::format(", or groups {}", groups);
  }
  return fmt::format("weight channels ({}) must be in_channels / groups = {} / {} = {}; nearest: {}", given,
                     problem.in_channels(), problem.groups, per_group, nearest);
}

// What makes the kernel fit: a smaller one, fewer holes in it, or more padding.
std::string fitting_choices(const Problem& problem, int axis) {
  const Wide padded = padded_extent(problem, axis);
  const Wide dilated = dilated_extent(problem, axis);
  const Wide holes = problem.weight[axis + 2] - 1;
  const Wide dilation = problem.dilation[static_cast<size_t>(axis)];
  std::vector<std::string> nearest;
  if (padded >= 1) nearest.push_back(fmt::format("a kernel of {}", to_string((padded - 1) / dilation + 1)));
  if (dilation > 1 && padded - 1 >= holes) {
    nearest.push_back(fmt::format("a dilation of {}", to_string((padded - 1) / holes)));
  }
  if (fits_int64(dilated) && is_countable(problem, problem.weight)) {
    nearest.push_back(fmt::format("padding that adds {} more", to_string(dilated - padded)));
  }
  if (nearest.empty()) nearest.emplace_back("a kernel of 1 and padding that adds 1 more");
  return fmt::format("{}", fmt::join(nearest, ", or "));
}

std::string kernel_fits_message(const Problem& problem, int axis) {
  const auto at = static_cast<size_t>(axis);
  return fmt::format(
      "the kernel does not fit the {}: dilation * (kernel - 1) + 1 = {} * ({} - 1) + 1 = {} exceeds the padded input "
      "{} + {} + {} = {}; nearest: {}",
      axis_name(problem, axis), problem.dilation[at], problem.weight[axis + 2],
      to_string(dilated_extent(problem, axis)), problem.input[axis + 2], problem.pad_before[at], problem.pad_after[at],
      to_string(padded_extent(problem, axis)), fitting_choices(problem, axis));
}

// The first extent that is wrong, with the numbers that it follows from.
std::string output_extent(const Problem& problem) {
  const Shape& claimed = *problem.claimed_output;
  if (claimed[0] != problem.batch()) return fmt::format("it has the input's batch of {}", problem.batch());
  if (claimed[1] != problem.out_channels()) {
    return fmt::format("it has out_channels = {} channels", problem.out_channels());
  }
  int axis = 0;
  while (claimed[axis + 2] == rule_output_extent(problem, axis)) ++axis;
  return fmt::format("its {} is floor((padded input {} - dilated kernel {}) / stride {}) + 1 = {}",
                     axis_name(problem, axis), to_string(padded_extent(problem, axis)),
                     to_string(dilated_extent(problem, axis)), problem.stride[static_cast<size_t>(axis)],
                     to_string(rule_output_extent(problem, axis)));
}

std::string output_shape_message(const Problem& problem) {
  std::string right = fmt::format("{}x{}", problem.batch(), problem.out_channels());
  for (int axis = 0; axis < problem.spatial_rank(); ++axis) {
    right += fmt::format("x{}", to_string(rule_output_extent(problem, axis)));
  }
  return fmt::format("output ({}) must be {}: {}", print(*problem.claimed_output), right, output_extent(problem));
}

// The padded size speaks for the dilated kernel too: it is the larger of the two.
std::string sizes_message(const Problem& problem, int where) {
  if (where < kMaxSpatial) {
    const auto at = static_cast<size_t>(where);
    return fmt::format("the padded {} ({} + {} + {} = {}) must be at most {}, the largest signed 64-bit integer",
                       axis_name(problem, where), problem.input[where + 2], problem.pad_before[at],
                       problem.pad_after[at], to_string(padded_extent(problem, where)), kInt64Max);
  }
  const auto role = static_cast<TensorRole>(where - kMaxSpatial);
  const Shape shape = role == TensorRole::output ? rule_output_shape(problem) : shape_of(problem, role);
  if (!fits_int64(elements_of(shape))) {
    return fmt::format("{} ({}) must have at most {} elements, the largest signed 64-bit integer", name(role),
                       print(shape), kInt64Max);
  }
  return fmt::format(
      "{} ({}, strides {}, {} bytes an element) must span at most {} bytes, the largest signed 64-bit "
      "integer",
      name(role), print(shape), print(strides_of(problem, role, shape)), bytes_per_element(problem.dtype), kInt64Max);
}

std::string bias_message(const Problem& problem) {
  return fmt::format("bias length ({}) must be out_channels ({}); nearest: {}, or no bias", problem.bias[0],
                     problem.out_channels(), problem.out_channels());
}

// True where the input and the weight can have this many channels.
bool is_countable_with(const Problem& problem, Rule rule, int64_t channels) {
  const bool is_input = rule == Rule::in_channels_divisible_by_groups;
  Shape input = problem.input;
  Shape weight = problem.weight;
  if (is_input) input[1] = channels;
  weight[0] = is_input ? problem.groups : channels;  // the fewest output channels that there can be
  weight[1] = std::max<int64_t>(input[1] / problem.groups, 1);
  return is_countable(problem, input) && is_countable(problem, weight);
}

// Channels are what the message offers; where groups is so large that no tensor could have as many, other groups.
std::string divisible_message(const Problem& problem, Rule rule) {
  const bool is_input = rule == Rule::in_channels_divisible_by_groups;
  const int64_t value = is_input ? problem.in_channels() : problem.out_channels();
  const std::vector<int64_t> multiples = nearest_multiples(value, problem.groups);
  const std::string nearest =
      value > problem.groups || is_countable_with(problem, rule, multiples[0])
          ? choices(multiples)
          : "groups " + choices(nearest_common_divisors(problem.groups, problem.in_channels(), problem.out_channels()));
  return fmt::format("{} ({}) must be divisible by groups ({}); nearest: {}", is_input ? "in_channels" : "out_channels",
                     value, problem.groups, nearest);
}

// The nearest size is the smallest on which the kernel fits.
std::string input_size_message(const Problem& problem, int axis) {
  const auto at = static_cast<size_t>(axis);
  const Wide needed = dilated_extent(problem, axis) - problem.pad_before[at] - problem.pad_after[at];
  const std::string nearest = needed <= 0 || !fits_int64(needed) ? "0" : to_string(needed) + ", where the kernel fits";
  return fmt::format("input {} ({}) must not be negative; nearest: {}", axis_name(problem, axis),
                     problem.input[axis + 2], nearest);
}

}  // namespace

std::string message(const Problem& problem, const BrokenRule& broken) {
  const int where = broken.where;
  const auto at = static_cast<size_t>(where % kMaxSpatial);
  switch (broken.rule) {
    case Rule::groups_at_least_one:
      return groups_message(problem);
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
      return channels_at_least_one("in_channels", problem.in_channels(), problem.groups);
    case Rule::out_channels_at_least_one:
      return channels_at_least_one("out_channels", problem.out_channels(), problem.groups);
    case Rule::kernel_at_least_one:
      return at_least_one("kernel " + axis_name(problem, where), problem.weight[where + 2]);
    case Rule::input_size_not_negative:
      return input_size_message(problem, where);
    case Rule::in_channels_divisible_by_groups:
    case Rule::out_channels_divisible_by_groups:
      return divisible_message(problem, broken.rule);
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
