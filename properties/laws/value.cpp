// Laws about values: the output equals what the reference computes, by the tier that the data were made for.
#include <fmt/format.h>

#include "properties/describe.h"
#include "properties/laws/laws.h"
#include "properties/laws/runs.h"

namespace convcheck::judges {
namespace {

Judgement from_comparison(const Expectation& expected, const Comparison& comparison) {
  if (comparison.holds()) {
    Judgement judgement;
    judgement.worst_error_over_bound = comparison.worst_ratio;
    return judgement;
  }
  const Deviation& first = *comparison.first;
  const auto got = static_cast<double>(first.got);
  std::string explanation = describe_wrong(expected.g, comparison.wrong_indices, comparison.wrong, comparison.compared);
  if (is_poison(first.got)) {
    explanation += "; the first one was never written, or computed from output that held nothing yet";
  } else if (first.allowed > 0) {
    explanation += fmt::format("; the first is off by {:.3g} where a right kernel is off by at most {:.3g}",
                               first.error, first.allowed);
  }
  return Judgement::violated({.index = describe_index(expected.g, first.index),
                              .expected = describe_value(first.expected),
                              .got = describe_value(got),
                              .explanation = explanation + "."});
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

}  // namespace convcheck::judges
