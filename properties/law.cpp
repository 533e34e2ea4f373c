#include "properties/law.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "properties/laws/laws.h"

namespace convcheck {
namespace {

constexpr std::array kLaws = {
    Law{"accepts_valid", "A valid problem is never rejected.",
        "over-rejection: kernel compared with the unpadded input, stride above kernel refused, empty batch refused",
        Topic::rules, Takes::integers, 0, true, judges::accepts_valid},
    Law{"writes_every_output_element", "A call that answers OK has written every element of the output.",
        "unwritten tails, skipped output channels of a group, output assumed to be zero", Topic::conduct,
        Takes::integers, 0, true, judges::writes_every_output_element},
    Law{"matches_reference_exactly", "On integers whose sums are exact in every order the output equals the reference.",
        "any wrong index: groups, channels, taps, strides, dilation, padding, tails, bias", Topic::value,
        Takes::integers, 0, true, judges::matches_reference_exactly},
    Law{"matches_reference_within_bound",
        "On reals the output is within the worst-case error of a right kernel of the declared algorithm.",
        "low-precision accumulation, bad Winograd points, dropped terms", Topic::value, Takes::reals, 0, true,
        judges::matches_reference_within_bound},
    Law{"keeps_the_full_significand",
        "An output that is one product with a power of two is the other factor to its last bit.",
        "inputs, weights, sums or outputs rounded to bf16, TF32 or half; Winograd where a summation is declared",
        Topic::value, Takes::significands, 0, true, judges::keeps_the_full_significand},
    Law{"errs_like_f32",
        "On data made to expose accumulators the errors of all outputs together have the mean square and the bias of "
        "rounding in f32.",
        "accumulators that lose bits and stay inside the worst-case bound, small terms dropped", Topic::value,
        Takes::statistical, 0, true, judges::errs_like_f32},
    Law{"computes_extremes_exactly",
        "Subnormal operands and results, and sums near the largest f32, are as exact as their scaling by powers of "
        "two.",
        "subnormals flushed to zero, scaled intermediate results that overflow", Topic::value, Takes::special, 0, true,
        judges::computes_extremes_exactly},
    Law{"propagates_nonfinite",
        "NaN and infinity reach exactly the outputs whose sum holds them, and no tap on padding is part of a sum.",
        "padding multiplied as zeros, zeros skipped, NaN lost in a maximum or a mask, spread over a tile", Topic::value,
        Takes::special, CONVCHECK_PROPAGATES_NONFINITE, true, judges::propagates_nonfinite},
    Law{"matches_checksum",
        "On integers random combinations of the output channels equal the convolution by the combined filters.",
        "any wrong element of a problem that is too large to be computed again", Topic::value, Takes::integers, 0,
        false, judges::matches_checksum},
    Law{"groups_are_independent", "A grouped convolution is its groups convolved apart, stacked in group order.",
        "wrong channel offsets of a group, weights of another group, leaks between groups", Topic::structure,
        Takes::integers, 0, false, judges::groups_are_independent},
    Law{"equals_block_diagonal_dense",
        "A grouped convolution equals the dense one whose weight is zero outside the groups' blocks.",
        "group paths that differ from the dense path", Topic::structure, Takes::integers, 0, false,
        judges::equals_block_diagonal_dense},
    Law{"tied_groups_equal_channel_fold",
        "Groups that all carry the same kernels equal one group with the groups folded into the batch.",
        "depthwise and multiplier paths, batch strides", Topic::structure, Takes::integers, 0, false,
        judges::tied_groups_equal_channel_fold},
    Law{"bias_adds", "A bias adds its value to every output of its channel, and nothing else.",
        "bias indexed by group, added per image or per tile, missing in a tail", Topic::structure, Takes::integers, 0,
        false, judges::bias_adds},
    Law{"batch_is_independent", "Each image of a batch gives what it gives alone.",
        "batch strides, state carried from image to image", Topic::structure, Takes::integers, 0, false,
        judges::batch_is_independent},
    Law{"rejects_invalid", "A problem that breaks a rule is rejected, and nothing is written.",
        "missing checks of divisibility, weight shape, bias length, sizes, overflow", Topic::rules, Takes::invalid,
        CONVCHECK_REJECTS_INVALID, false, judges::rejects_invalid},
};

}  // namespace

std::string_view name(Topic topic) {
  constexpr std::array<std::string_view, 4> kNames = {"value", "structure", "rules", "conduct"};
  return kNames[static_cast<size_t>(topic)];
}

std::span<const Law> laws() {
  return kLaws;
}

const Law* find_law(std::string_view name) {
  const auto found = std::find_if(kLaws.begin(), kLaws.end(), [&](const Law& law) { return law.name == name; });
  return found == kLaws.end() ? nullptr : &*found;
}

bool is_about(Takes takes, Fill fill) {
  switch (takes) {
    case Takes::integers:
      return fill == Fill::integers;
    case Takes::significands:
      return fill == Fill::input_significand || fill == Fill::weight_significand;
    case Takes::reals:
      return fill == Fill::reals;
    case Takes::statistical:
      return fill >= Fill::statistical1 && fill <= Fill::statistical6;
    case Takes::special:
      return fill == Fill::special;
    case Takes::invalid:
      break;
  }
  return false;
}

bool is_for_large_problems(const Law& law) {
  return law.judge == judges::matches_checksum;
}

std::string why_not_claimed(const Law& law, const convcheck_kernel& kernel) {
  if ((kernel.promises & law.needs_promise) != law.needs_promise) {
    const bool is_about_rules = law.needs_promise == CONVCHECK_REJECTS_INVALID;
    return fmt::format("the kernel does not promise {}",
                       is_about_rules ? "CONVCHECK_REJECTS_INVALID" : "CONVCHECK_PROPAGATES_NONFINITE");
  }
  return law.needs_values() ? why_values_are_not_judged(kernel) : std::string();
}

bool takes(const Law& law, const Case& c, bool is_valid) {
  if (law.takes == Takes::invalid || !is_valid) return law.takes == Takes::invalid && !is_valid;
  return is_about(law.takes, c.fill) || (law.topic != Topic::value && c.fill == Fill::reals);
}

Judgement judge(const Law& law, Trial& trial) {
  if (law.takes == Takes::invalid) return law.judge(trial);
  const Problem& problem = trial.problem();
  if (problem.spatial_rank() != 2 || problem.dtype != DataType::f32 || problem.direction != Direction::forward) {
    return Judgement::not_applicable("only forward f32 with two spatial axes is judged so far");
  }
  if (trial.expectation() == nullptr) {
    return Judgement::not_applicable(trial.why_not_judged());
  }
  if (law.topic == Topic::structure && multiply_count(problem) > kStructureLimit) {
    return Judgement::not_applicable("structure laws judge problems of at most 20 million multiply-adds");
  }
  return law.judge(trial);
}

}  // namespace convcheck
