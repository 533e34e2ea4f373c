#include "properties/trial.h"

#include <algorithm>

#include "reference/random.h"
#include "reference/rules.h"

namespace convcheck {
namespace {

// Distinct logical indices in ascending order, one in each of kSampledOutputs equal strata.
void sample(int64_t outputs, uint64_t seed, std::vector<int64_t>& indices) {
  Random random(seed, 0x5A);
  indices.clear();
  for (int64_t i = 0; i < kSampledOutputs; ++i) {
    const auto first = static_cast<int64_t>(Wide{outputs} * i / kSampledOutputs);
    const auto last = static_cast<int64_t>(Wide{outputs} * (i + 1) / kSampledOutputs);
    indices.push_back(first + static_cast<int64_t>(random.bits() % static_cast<uint64_t>(last - first)));
  }
}

}  // namespace

std::string_view expect(const Case& c, Accuracy accuracy, Expectation& result) {
  result.g = geometry(c.problem);
  result.fill = c.fill;
  result.accuracy = accuracy;
  const std::string_view why_not = fill(c, result.g, accuracy, result.data);
  if (!why_not.empty()) return why_not;
  result.indices.clear();
  const int64_t outputs = result.g.output_elements();
  if (multiply_count(c.problem) > kWholeReferenceLimit && outputs > kSampledOutputs) {
    if (c.fill >= Fill::statistical1) return "too large for the reference to compute all of its outputs";
    sample(outputs, c.seed, result.indices);
    convolve(result.g, result.data, result.indices, result.sums);
  } else {
    convolve(result.g, result.data, result.sums);
  }
  return {};
}

Flush flush_of(const Case& c) {
  return (c.seed + static_cast<uint64_t>(c.fill)) % 2 == 1 ? Flush::end : Flush::start;
}

Trial::Trial(const Subject& subject, const Case& c, Scratch& scratch, const Expectation* shared)
    : subject_(subject), case_(c), scratch_(scratch), expectation_(shared), expected_(shared != nullptr) {
  if (c.problem.spatial_rank() == 2 && is_valid(c.problem))
    accuracy_ = accuracy_of(*subject.kernel, geometry(c.problem));
}

Scratch& Trial::inner_scratch() const {
  if (scratch_.inner == nullptr) scratch_.inner = std::make_unique<Scratch>();
  scratch_.inner->memory.set_guards(scratch_.memory.guards());
  return *scratch_.inner;
}

const Expectation* Trial::expectation() {
  if (!expected_) {
    expected_ = true;
    why_not_judged_ = expect(case_, accuracy_, scratch_.expectation);
    if (why_not_judged_.empty()) expectation_ = &scratch_.expectation;
  }
  return expectation_;
}

const CallResult& Trial::result() {
  if (!result_) result_ = call_again({.flush = flush_of(case_)}, scratch_.output);
  return *result_;
}

CallResult Trial::call_other(const Problem& problem, const Data& data, Tensor& output) {
  return call(subject_, problem, data, output, scratch_.memory, {.flush = flush_of(case_)});
}

CallResult Trial::call_again(const CallSetting& setting, Tensor& output) {
  return call(subject_, case_.problem, expectation()->data, output, scratch_.memory, setting);
}

}  // namespace convcheck
