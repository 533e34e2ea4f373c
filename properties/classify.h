// What kinds of cases ran: counts by class of parameter, so that a report can say what was never tried.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "reference/case.h"

namespace convcheck {

/// One class of one parameter: "groups" "between 1 and C".
struct CaseClass {
  std::string_view parameter;
  std::string_view value;
};

/// All classes, those of a parameter together.
[[nodiscard]] std::span<const CaseClass> case_classes();

inline constexpr size_t kCaseClassCount = 82;

/// Counts of valid cases by class, in the order of case_classes(). Each case counts once per parameter, except that a
/// parameter per axis counts an axis at a time.
class Coverage {
 public:
  Coverage() = default;
  /// What counts() and cases() of another said.
  Coverage(const std::array<int64_t, kCaseClassCount>& counts, int64_t cases) : counts_(counts), cases_(cases) {}

  /// Requires a valid problem of spatial rank 2.
  void add(const Problem& problem);
  void add(const Coverage& other);

  [[nodiscard]] const std::array<int64_t, kCaseClassCount>& counts() const { return counts_; }
  [[nodiscard]] int64_t cases() const { return cases_; }
  /// The classes that no case was of, in the order of case_classes().
  [[nodiscard]] std::vector<CaseClass> never_seen() const;

 private:
  void count(size_t first, size_t which);
  void add_axis(const Problem& problem, int axis);

  std::array<int64_t, kCaseClassCount> counts_{};
  int64_t cases_ = 0;
};

}  // namespace convcheck
