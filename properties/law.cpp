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
        Topic::rules, Takes::valid_integers, 0, true, judges::accepts_valid},
    Law{"writes_every_output_element", "A call that answers OK has written every element of the output.",
        "unwritten tails, skipped output channels of a group, output assumed to be zero", Topic::conduct,
        Takes::valid_integers, 0, true, judges::writes_every_output_element},
    Law{"matches_reference_exactly", "On integers whose sums are exact in every order the output equals the reference.",
        "any wrong index: groups, channels, taps, strides, dilation, padding, tails, bias", Topic::value,
        Takes::valid_integers, 0, true, judges::matches_reference_exactly},
    Law{"matches_reference_within_bound",
        "On reals the output is within the worst-case error of a right kernel of the declared algorithm.",
        "low-precision accumulation, bad Winograd points, dropped terms", Topic::value, Takes::valid_reals, 0, true,
        judges::matches_reference_within_bound},
    Law{"groups_are_independent", "A grouped convolution is its groups convolved apart, stacked in group order.",
        "wrong channel offsets of a group, weights of another group, leaks between groups", Topic::structure,
        Takes::valid_integers, 0, false, judges::groups_are_independent},
    Law{"equals_block_diagonal_dense",
        "A grouped convolution equals the dense one whose weight is zero outside the groups' blocks.",
        "group paths that differ from the dense path", Topic::structure, Takes::valid_integers, 0, false,
        judges::equals_block_diagonal_dense},
    Law{"tied_groups_equal_channel_fold",
        "Groups that all carry the same kernels equal one group with the groups folded into the batch.",
        "depthwise and multiplier paths, batch strides", Topic::structure, Takes::valid_integers, 0, false,
        judges::tied_groups_equal_channel_fold},
    Law{"bias_adds", "A bias adds its value to every output of its channel, and nothing else.",
        "bias indexed by group, added per image or per tile, missing in a tail", Topic::structure,
        Takes::valid_integers, 0, false, judges::bias_adds},
    Law{"batch_is_independent", "Each image of a batch gives what it gives alone.",
        "batch strides, state carried from image to image", Topic::structure, Takes::valid_integers, 0, false,
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

std::string why_not_claimed(const Law& law, const convcheck_kernel& kernel) {
  if ((kernel.promises & law.needs_promise) != law.needs_promise) {
    return "the kernel does not promise CONVCHECK_REJECTS_INVALID";
  }
  return law.needs_values() ? why_values_are_not_judged(kernel) : std::string();
}

bool takes(const Law& law, const Case& c, bool is_valid) {
  if (law.takes == Takes::invalid) return !is_valid;
  if (!is_valid || !is_filled(c.fill)) return false;
  if (law.topic != Topic::value) return true;
  return law.takes == Takes::valid_reals ? c.fill == Fill::reals : c.fill == Fill::integers;
}

Judgement judge(const Law& law, Trial& trial) {
  if (law.takes == Takes::invalid) return law.judge(trial);
  const Problem& problem = trial.problem();
  if (problem.spatial_rank() != 2 || problem.dtype != DataType::f32 || problem.direction != Direction::forward) {
    return Judgement::not_applicable("only forward f32 with two spatial axes is judged so far");
  }
  if (trial.expectation() == nullptr) {
    return Judgement::not_applicable("no integers keep this Winograd tile nearer than 1/2 to the exact result");
  }
  if (law.topic == Topic::structure && multiply_count(problem) > kStructureLimit) {
    return Judgement::not_applicable("structure laws judge problems of at most 20 million multiply-adds");
  }
  return law.judge(trial);
}

}  // namespace convcheck
