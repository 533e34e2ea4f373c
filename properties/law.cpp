#include "properties/law.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "properties/laws/laws.h"

namespace convcheck {
namespace {

struct Promise {
  uint32_t flag;
  std::string_view name;
};
constexpr std::array kPromises = {
    Promise{CONVCHECK_REJECTS_INVALID, "CONVCHECK_REJECTS_INVALID"},
    Promise{CONVCHECK_DETERMINISTIC, "CONVCHECK_DETERMINISTIC"},
    Promise{CONVCHECK_THREAD_SAFE, "CONVCHECK_THREAD_SAFE"},
    Promise{CONVCHECK_PROPAGATES_NONFINITE, "CONVCHECK_PROPAGATES_NONFINITE"},
    Promise{CONVCHECK_BATCH_INVARIANT, "CONVCHECK_BATCH_INVARIANT"},
};

}  // namespace

std::string_view name(Topic topic) {
  constexpr std::array<std::string_view, 4> kNames = {"value", "structure", "rules", "conduct"};
  return kNames[static_cast<size_t>(topic)];
}

std::string promise_names(uint32_t promises) {
  std::vector<std::string_view> names;
  for (const Promise& promise : kPromises) {
    if ((promises & promise.flag) != 0) names.push_back(promise.name);
  }
  return fmt::format("{}", fmt::join(names, " and "));
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
  const uint32_t missing = law.needs_promise & ~kernel.promises;
  if (missing != 0) return fmt::format("the kernel does not promise {}", promise_names(missing));
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
