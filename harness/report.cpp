#include "harness/report.h"

#include <algorithm>
#include <array>

#include "properties/theory.h"

namespace convcheck {

std::string_view name(Verdict verdict) {
  constexpr std::array<std::string_view, 5> kNames = {"holds", "violated", "not_claimed", "not_applicable",
                                                      "harness_fault"};
  return kNames[static_cast<size_t>(verdict)];
}

std::string full_explanation(const Violation& violation) {
  const Theory* const theory = find_theory(violation.behaves_as);
  return theory == nullptr ? violation.explanation : violation.explanation + " " + sentence(*theory);
}

int64_t KernelReport::cases() const {
  int64_t total = 0;
  for (const LawReport& law : laws) total += law.cases;
  return total;
}

const LawReport* KernelReport::violated() const {
  const auto found =
      std::find_if(laws.begin(), laws.end(), [](const LawReport& law) { return law.violation.has_value(); });
  return found == laws.end() ? nullptr : &*found;
}

Verdict KernelReport::verdict() const {
  const auto any = [this](Verdict verdict) {
    return std::any_of(laws.begin(), laws.end(), [&](const LawReport& law) { return law.verdict == verdict; });
  };
  if (any(Verdict::violated)) return Verdict::violated;
  if (any(Verdict::harness_fault) || cases() == 0) return Verdict::harness_fault;
  return Verdict::holds;
}

Verdict Report::verdict() const {
  const auto any = [this](Verdict verdict) {
    return std::any_of(kernels.begin(), kernels.end(),
                       [&](const KernelReport& kernel) { return kernel.verdict() == verdict; });
  };
  if (any(Verdict::violated)) return Verdict::violated;
  return kernels.empty() || any(Verdict::harness_fault) ? Verdict::harness_fault : Verdict::holds;
}

}  // namespace convcheck
