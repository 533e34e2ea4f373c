#include "harness/huge_cases.h"

#include <fmt/format.h>

#include <algorithm>

namespace convcheck {
namespace {

// What cannot be judged at all is left to expect_huge() to say.
Accuracy accuracy_on(const Docket& docket, const Problem& problem) {
  return problem.spatial_rank() == 2 ? accuracy_of(*docket.subject().kernel, geometry(problem)) : Accuracy{};
}

}  // namespace

HugeCases::HugeCases(std::span<const std::unique_ptr<Docket>> dockets, uint64_t seed)
    : dockets_(dockets), seed_(seed), judged_(dockets.size()) {}

void HugeCases::judge(const CorpusEntry& entry) {
  Case c = entry.the_case;
  c.seed = seed_;
  for (const Accuracy accuracy : accuracies(c)) judge_at(entry, c, accuracy);
}

void HugeCases::judge_at(const CorpusEntry& entry, const Case& c, Accuracy accuracy) {
  const std::string source = fmt::format("{} {}", entry.place, entry.name);
  HugeExpectation expected;
  const std::string why_not = expect_huge(c, accuracy, expected);
  for (size_t i = 0; i < dockets_.size(); ++i) {
    Docket& docket = *dockets_[i];
    if (!docket.wants_huge() || !(accuracy_on(docket, c.problem) == accuracy)) continue;
    HugeOutcome outcome = {.is_judged = false, .is_served = true, .why_not = why_not};
    if (why_not.empty()) outcome = docket.judge_huge(c, source, expected);
    if (outcome.is_judged) ++judged_[i];
    if (!outcome.is_judged && outcome.is_served) {
      omissions_.push_back({docket.subject().kernel->name, source, outcome.why_not});
    }
  }
}

std::vector<Accuracy> HugeCases::accuracies(const Case& c) const {
  std::vector<Accuracy> found;
  for (const auto& docket : dockets_) {
    const Accuracy accuracy = accuracy_on(*docket, c.problem);
    if (docket->wants_huge() && std::find(found.begin(), found.end(), accuracy) == found.end()) {
      found.push_back(accuracy);
    }
  }
  return found;
}

}  // namespace convcheck
