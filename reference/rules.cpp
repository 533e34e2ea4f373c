#include "reference/rules.h"

#include <array>

#include "reference/layout.h"

namespace convcheck {
namespace {

using Broken = std::optional<BrokenRule>;

struct RuleText {
  std::string_view name;
  int abi_number;
  std::string_view sentence;
};

constexpr std::array<RuleText, kRuleCount> kRules = {{
    {"groups_at_least_one", 1, "groups is at least 1"},
    {"stride_at_least_one", 1, "every stride is at least 1"},
    {"dilation_at_least_one", 1, "every dilation is at least 1"},
    {"padding_not_negative", 1, "no padding is negative"},
    {"ranks_agree", 2, "input, weight and output have rank spatial + 2, the bias rank 0 or 1"},
    {"batch_not_negative", 3, "the batch is at least 0 (an empty batch is valid)"},
    {"in_channels_at_least_one", 3, "there is at least one input channel"},
    {"out_channels_at_least_one", 3, "there is at least one output channel"},
    {"kernel_at_least_one", 3, "every kernel extent is at least 1"},
    {"input_size_not_negative", 3, "no spatial input size is negative"},
    {"in_channels_divisible_by_groups", 4, "in_channels is divisible by groups"},
    {"out_channels_divisible_by_groups", 5, "out_channels is divisible by groups"},
    {"weight_channels_match", 6, "the weight's second extent is in_channels / groups"},
    {"bias_length_matches", 7, "the bias is absent or has one value per output channel"},
    {"kernel_fits_padded_input", 8, "the dilated kernel fits the padded input on every axis"},
    {"output_shape_matches", 9,
     "the output has shape (N, out_channels, floor((padded - dilated) / stride) + 1 per axis)"},
    {"sizes_fit_int64", 10, "every padded size, dilated extent, number of elements and span in bytes fits int64"},
}};

const RuleText& text_of(Rule rule) {
  return kRules[static_cast<size_t>(rule)];
}

template <class Values, class Predicate>
Broken first_axis(Rule rule, const Problem& problem, const Values& values, Predicate is_wrong) {
  for (int axis = 0; axis < problem.spatial_rank(); ++axis) {
    if (is_wrong(values(axis))) return BrokenRule{rule, axis};
  }
  return std::nullopt;
}

Broken parameters(const Problem& problem) {
  const auto below_one = [](int64_t value) { return value < 1; };
  const auto negative = [](int64_t value) { return value < 0; };
  const auto of = [](const PerAxis& values) {
    return [&values](int axis) { return values[static_cast<size_t>(axis)]; };
  };
  if (problem.groups < 1) return BrokenRule{Rule::groups_at_least_one};
  if (auto b = first_axis(Rule::stride_at_least_one, problem, of(problem.stride), below_one)) return b;
  if (auto b = first_axis(Rule::dilation_at_least_one, problem, of(problem.dilation), below_one)) return b;
  if (auto b = first_axis(Rule::padding_not_negative, problem, of(problem.pad_before), negative)) return b;
  if (auto b = first_axis(Rule::padding_not_negative, problem, of(problem.pad_after), negative)) {
    return BrokenRule{b->rule, b->where + kMaxSpatial};  // the far side of the axis
  }
  return std::nullopt;
}

Broken ranks(const Problem& problem) {
  if (problem.weight.rank() != problem.input.rank()) return BrokenRule{Rule::ranks_agree, kWeightRank};
  if (problem.bias.rank() > 1) return BrokenRule{Rule::ranks_agree, kBiasRank};
  if (problem.claimed_output && problem.claimed_output->rank() != problem.input.rank()) {
    return BrokenRule{Rule::ranks_agree, kOutputRank};
  }
  return std::nullopt;
}

Broken sizes(const Problem& problem) {
  const auto kernel = [&](int axis) { return problem.weight[axis + 2]; };
  const auto image = [&](int axis) { return problem.input[axis + 2]; };
  if (problem.batch() < 0) return BrokenRule{Rule::batch_not_negative};
  if (problem.in_channels() < 1) return BrokenRule{Rule::in_channels_at_least_one};
  if (problem.out_channels() < 1) return BrokenRule{Rule::out_channels_at_least_one};
  if (auto b = first_axis(Rule::kernel_at_least_one, problem, kernel, [](int64_t k) { return k < 1; })) return b;
  return first_axis(Rule::input_size_not_negative, problem, image, [](int64_t size) { return size < 0; });
}

Broken channels(const Problem& problem) {
  if (problem.in_channels() % problem.groups != 0) return BrokenRule{Rule::in_channels_divisible_by_groups};
  if (problem.out_channels() % problem.groups != 0) return BrokenRule{Rule::out_channels_divisible_by_groups};
  if (problem.weight[1] != problem.in_channels() / problem.groups) return BrokenRule{Rule::weight_channels_match};
  if (problem.has_bias() && problem.bias[0] != problem.out_channels()) return BrokenRule{Rule::bias_length_matches};
  return std::nullopt;
}

// Rule 9, in unbounded integers: an output too large to be claimed is never the one that is.
bool is_rule_output(const Problem& problem, const Shape& claimed) {
  if (claimed[0] != problem.batch() || claimed[1] != problem.out_channels()) return false;
  for (int axis = 0; axis < problem.spatial_rank(); ++axis) {
    if (claimed[axis + 2] != rule_output_extent(problem, axis)) return false;
  }
  return true;
}

Broken extents(const Problem& problem) {
  for (int axis = 0; axis < problem.spatial_rank(); ++axis) {
    if (dilated_extent(problem, axis) > padded_extent(problem, axis)) {
      return BrokenRule{Rule::kernel_fits_padded_input, axis};
    }
  }
  if (problem.claimed_output && !is_rule_output(problem, *problem.claimed_output)) {
    return BrokenRule{Rule::output_shape_matches};
  }
  return std::nullopt;
}

bool elements_fit(const Shape& shape) {
  Wide elements = 1;
  for (const int64_t extent : shape) elements = saturating_product(elements, extent == 0 ? 1 : extent);
  return fits_int64(elements);
}

bool span_fits(const Shape& shape, const Shape& strides, DataType dtype) {
  return fits_int64(saturating_product(span_elements(shape, strides), bytes_per_element(dtype)));
}

Broken magnitudes(const Problem& problem) {
  for (int axis = 0; axis < problem.spatial_rank(); ++axis) {
    if (!fits_int64(padded_extent(problem, axis)) || !fits_int64(dilated_extent(problem, axis))) {
      return BrokenRule{Rule::sizes_fit_int64, axis};
    }
  }
  const Shape output = rule_output_shape(problem);
  for (const TensorRole role : {TensorRole::input, TensorRole::weight, TensorRole::output}) {
    const Shape& shape = role == TensorRole::output ? output : shape_of(problem, role);
    if (!elements_fit(shape) || !span_fits(shape, strides_of(problem, role, shape), problem.dtype)) {
      return BrokenRule{Rule::sizes_fit_int64, kMaxSpatial + static_cast<int>(role)};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<BrokenRule> broken_rule(const Problem& problem) {
  // Spatial lists mean something only where the spatial rank does.
  const int spatial_rank = problem.spatial_rank();
  if (spatial_rank < 1 || spatial_rank > kMaxSpatial) return BrokenRule{Rule::ranks_agree, kInputRank};
  if (const Broken broken = parameters(problem)) return broken;
  if (const Broken broken = ranks(problem)) return broken;
  if (const Broken broken = sizes(problem)) return broken;
  if (const Broken broken = channels(problem)) return broken;
  if (const Broken broken = extents(problem)) return broken;
  return magnitudes(problem);
}

std::string_view name(Rule rule) {
  return text_of(rule).name;
}
int abi_number(Rule rule) {
  return text_of(rule).abi_number;
}
std::string_view sentence(Rule rule) {
  return text_of(rule).sentence;
}

std::vector<int64_t> nearest_multiples(int64_t value, int64_t divisor) {
  if (value <= divisor) return {divisor};
  const int64_t below = value / divisor * divisor;
  if (below == value) return {value};
  if (below > kInt64Max - divisor) return {below};
  return {below, below + divisor};
}

std::vector<int64_t> nearest_common_divisors(int64_t value, int64_t left, int64_t right) {
  // The divisors of both are those of their greatest common divisor; trial division stops at a million, beyond which a
  // message gains nothing from a nearer choice.
  int64_t a = left;
  int64_t b = right;
  while (b != 0) {
    const int64_t rest = a % b;
    a = b;
    b = rest;
  }
  constexpr int64_t kMostTried = 1'000'000;
  int64_t below = 1;
  int64_t above = 0;
  const auto consider = [&](int64_t divisor) {
    if (divisor <= value && divisor > below) below = divisor;
    if (divisor > value && (above == 0 || divisor < above)) above = divisor;
  };
  for (int64_t d = 1; d <= kMostTried && d <= a / d; ++d) {
    if (a % d != 0) continue;
    consider(d);
    consider(a / d);
  }
  if (above == 0 || below == value) return {below};
  return {below, above};
}

}  // namespace convcheck
