// Laws about values: the output equals what the reference computes, by the tier that the data were made for.
#include <fmt/format.h>

#include "properties/describe.h"
#include "properties/laws/laws.h"
#include "properties/laws/runs.h"
#include "reference/checksum.h"
#include "reference/special.h"
#include "reference/statistical.h"

namespace convcheck::judges {
namespace {

// `data` says what is special about the data, where something is.
Judgement from_comparison(const Expectation& expected, const Comparison& comparison, const std::string& data = {}) {
  if (comparison.holds()) {
    Judgement judgement;
    judgement.worst_error_over_bound = comparison.worst_ratio;
    return judgement;
  }
  const Deviation& first = *comparison.first;
  const auto got = static_cast<double>(first.got);
  std::string explanation = describe_wrong(expected.g, comparison.wrong_indices, comparison.wrong, comparison.compared);
  if (first.allowed > 0 && first.error <= first.allowed) {
    explanation = "No output is outside its own bound, but all together they are; the one shown is the farthest off";
  } else if (is_poison(first.got)) {
    explanation += "; the first one was never written, or computed from output that held nothing yet";
  } else if (first.allowed > 0) {
    explanation += fmt::format("; the first is off by {:.3g} where a right kernel is off by at most {:.3g}",
                               first.error, first.allowed);
  }
  if (!data.empty()) explanation += "; the data hold " + data;
  return Judgement::violated({.index = describe_index(expected.g, first.index),
                              .expected = describe_value(first.expected),
                              .got = describe_value(got),
                              .explanation = explanation + "."});
}

// An output that was never written holds a NaN as well: where one is expected that is not good enough.
void require_no_poison(const Expectation& expected, const Tensor& output, Comparison& comparison) {
  for (size_t i = 0; i < expected.sums.size(); ++i) {
    const int64_t index = expected.index(i);
    const float got = output.memory()[static_cast<size_t>(output.offset(index))];
    if (!is_poison(got)) continue;
    ++comparison.wrong;
    comparison.wrong_indices.push_back(index);
    if (!comparison.first) comparison.first = Deviation{.index = index, .expected = expected.sums[i].value, .got = got};
  }
}

std::string describe(int set, const Statistic& statistic) {
  std::string text = fmt::format("set {} of the statistical tier", set);
  if (has_exact_sums(set) || statistic.judged == 0) return text;
  const auto judged = static_cast<double>(statistic.judged);
  return text +
         fmt::format(
             ", on which errors in units of 2^-24 sum |x w| have the mean square {:.3g} (a right kernel's: at most "
             "{:.3g}) and sum to {:.3g} (at most {:.3g})",
             statistic.square_sum / judged, statistic.square_limit / judged, statistic.sum, statistic.sum_limit);
}

}  // namespace

Judgement matches_reference_exactly(Trial& trial) {
  if (const auto stop = unless_ok(trial.result())) return *stop;
  Comparison& comparison = trial.scratch().comparison;
  compare_exactly(*trial.expectation(), trial.output(), comparison);
  return from_comparison(*trial.expectation(), comparison);
}

Judgement matches_reference_within_bound(Trial& trial) {
  if (const auto stop = unless_ok(trial.result())) return *stop;
  Comparison& comparison = trial.scratch().comparison;
  compare_within_bound(*trial.expectation(), trial.output(), comparison);
  return from_comparison(*trial.expectation(), comparison);
}

Judgement keeps_the_full_significand(Trial& trial) {
  if (const auto stop = unless_ok(trial.result())) return *stop;
  Comparison& comparison = trial.scratch().comparison;
  compare_exactly(*trial.expectation(), trial.output(), comparison);
  const bool by_weight = trial.the_case().fill == Fill::input_significand;
  return from_comparison(*trial.expectation(), comparison,
                         by_weight ? "one power of two in each filter and inputs of 24 significant bits"
                                   : "one power of two under each window and weights of 24 significant bits");
}

Judgement errs_like_f32(Trial& trial) {
  if (const auto stop = unless_ok(trial.result())) return *stop;
  Comparison& comparison = trial.scratch().comparison;
  Statistic statistic;
  const int set = statistical_set(trial.the_case().fill);
  const bool is_enough = compare_statistically(set, *trial.expectation(), trial.output(), comparison, statistic);
  if (!is_enough && comparison.holds()) return Judgement::not_applicable("too few sums are safe from overflow");
  return from_comparison(*trial.expectation(), comparison, describe(set, statistic));
}

Judgement matches_checksum(Trial& trial) {
  if (trial.expectation()->indices.empty()) {
    return Judgement::not_applicable("every output is compared with the reference");
  }
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Expectation& expected = *trial.expectation();
  Comparison& comparison = trial.scratch().comparison;
  compare_by_checksum(expected.g, expected.accuracy, expected.data, trial.output(), trial.the_case().seed, comparison);
  return from_comparison(expected, comparison);
}

// A Winograd transform divides, so that subnormals are not exact there, but within its bound.
Judgement computes_extremes_exactly(Trial& trial) {
  const Special special = special_of(trial.the_case());
  if (!special.is_finite()) return Judgement::not_applicable("the data are not finite");
  if (const auto stop = unless_ok(trial.result())) return *stop;
  Comparison& comparison = trial.scratch().comparison;
  (trial.accuracy().is_winograd() ? compare_within_bound : compare_exactly)(*trial.expectation(), trial.output(),
                                                                            comparison);
  return from_comparison(*trial.expectation(), comparison, describe(special));
}

Judgement propagates_nonfinite(Trial& trial) {
  const Special special = special_of(trial.the_case());
  if (special.is_finite()) return Judgement::not_applicable("the data are finite");
  if (const auto stop = unless_ok(trial.result())) return *stop;
  Comparison& comparison = trial.scratch().comparison;
  compare_nonfinite(*trial.expectation(), trial.output(), comparison);
  if (comparison.holds()) require_no_poison(*trial.expectation(), trial.output(), comparison);
  return from_comparison(*trial.expectation(), comparison, describe(special));
}

}  // namespace convcheck::judges
