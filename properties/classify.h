// What kinds of cases ran: counts by class of parameter, so that a report can say what was never tried.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "reference/case.h"

namespace convcheck {

/// One class of one parameter: "groups" "between 1 and C".
struct CaseClass {
  std::string_view parameter;
  std::string_view value;
};

/// All classes, those of a parameter together.
[[nodiscard]] std::span<const CaseClass> case_classes();

inline constexpr size_t kCaseClassCount = 33;

/// Counts of valid cases by class, in the order of case_classes(). Each case counts once per parameter, except that a
/// parameter per axis counts an axis at a time.
class Coverage {
 public:
  /// Requires a valid problem of spatial rank 2.
  void add(const Problem& problem);
  void add(const Coverage& other);

  [[nodiscard]] const std::array<int64_t, kCaseClassCount>& counts() const { return counts_; }
  [[nodiscard]] int64_t cases() const { return cases_; }

 private:
  std::array<int64_t, kCaseClassCount> counts_{};
  int64_t cases_ = 0;
};

}  // namespace convcheck
