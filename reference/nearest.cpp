#include "reference/nearest.h"

#include <algorithm>

#include "reference/rules.h"

namespace convcheck {
namespace {

// Sets the channels and what follows from them.
Problem with_channels(Problem problem, int64_t in_channels, int64_t out_channels, int64_t groups) {
  problem.input[1] = in_channels;
  problem.groups = groups;
  problem.weight[0] = out_channels;
  problem.weight[1] = in_channels / groups;
  if (problem.has_bias()) problem.bias = {out_channels};
  return problem;
}

std::vector<Problem> about_channels(const Problem& p, Rule rule) {
  std::vector<Problem> found;
  if (rule == Rule::in_channels_divisible_by_groups) {
    for (const int64_t c : nearest_multiples(p.in_channels(), p.groups)) {
      found.push_back(with_channels(p, c, p.out_channels(), p.groups));
    }
  } else {
    for (const int64_t k : nearest_multiples(p.out_channels(), p.groups)) {
      found.push_back(with_channels(p, p.in_channels(), k, p.groups));
    }
  }
  for (const int64_t g : nearest_common_divisors(p.groups, p.in_channels(), p.out_channels())) {
    found.push_back(with_channels(p, p.in_channels(), p.out_channels(), g));
  }
  return found;
}

std::vector<Problem> about_fit(const Problem& p, int axis) {
  std::vector<Problem> found;
  const auto at = static_cast<size_t>(axis);
  const Wide padded = padded_extent(p, axis);
  const Wide dilated = dilated_extent(p, axis);
  if (padded >= 1) {
    Problem smaller = p;
    smaller.weight[axis + 2] = static_cast<int64_t>((padded - 1) / p.dilation[at] + 1);
    found.push_back(smaller);
  }
  const Wide lacking = dilated - padded;
  if (fits_int64(lacking + p.pad_before[at]) && fits_int64(lacking + p.pad_after[at])) {
    Problem wider = p;
    wider.pad_before[at] += static_cast<int64_t>(lacking / 2);
    wider.pad_after[at] += static_cast<int64_t>(lacking - lacking / 2);
    found.push_back(wider);
  }
  return found;
}

// Every number that is below its least value raised to it: what rules 1 and 3 ask for.
Problem raised(Problem p) {
  const auto raise = [](int64_t& value, int64_t least) { value = std::max(value, least); };
  raise(p.groups, 1);
  for (size_t axis = 0; axis < kMaxSpatial; ++axis) {
    raise(p.stride[axis], 1);
    raise(p.dilation[axis], 1);
    raise(p.pad_before[axis], 0);
    raise(p.pad_after[axis], 0);
  }
  raise(p.input[0], 0);
  raise(p.input[1], 1);
  raise(p.weight[0], 1);
  for (int axis = 2; axis < p.input.rank(); ++axis) raise(p.input[axis], 0);
  for (int axis = 2; axis < p.weight.rank(); ++axis) raise(p.weight[axis], 1);
  return p;
}

std::vector<Problem> candidates(const Problem& p, const BrokenRule& broken) {
  switch (broken.rule) {
    case Rule::in_channels_divisible_by_groups:
    case Rule::out_channels_divisible_by_groups:
      return about_channels(p, broken.rule);
    case Rule::weight_channels_match:
      return {with_channels(p, p.in_channels(), p.out_channels(), p.groups)};
    case Rule::kernel_fits_padded_input:
      return about_fit(p, broken.where);
    case Rule::bias_length_matches: {
      Problem right = p, without = p;
      right.bias = {p.out_channels()};
      without.bias = {};
      return {right, without};
    }
    case Rule::output_shape_matches: {
      Problem right = p;
      right.claimed_output.reset();
      return {right};
    }
    case Rule::ranks_agree:
    case Rule::sizes_fit_int64:
      return {};
    default:
      return {raised(p)};
  }
}

}  // namespace

std::vector<Problem> nearest_valid(const Problem& problem) {
  std::vector<Problem> found;
  const auto broken = broken_rule(problem);
  if (!broken) return found;
  for (const Problem& candidate : candidates(problem, *broken)) {
    if (is_valid(candidate) && std::find(found.begin(), found.end(), candidate) == found.end())
      found.push_back(candidate);
  }
  return found;
}

}  // namespace convcheck
