// How many judgements the soak made, and whether they are all that was asked for.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/judging/evidence.h"

namespace convcheck::judging {

/// What a soak of so many judgements must come to, or it has shown nothing. No false alarm goes without saying.
struct Demands {
  explicit Demands(int64_t judgements);

  int64_t all;
  std::array<int64_t, kTiers> of_tier{};       ///< a tenth of all, of the statistical tier a thousandth
  static constexpr size_t kKernels = 10;       ///< at least so many sound ones
  static constexpr int32_t kMedianTerms = 32;  ///< at least
  static constexpr int32_t kManyTerms = 1000;  ///< above this at least
  static constexpr double kManyShare = 0.1;    ///< so many of them
};

/// Counts that threads make apart and add up.
class Tally {
 public:
  void add(Tier tier, std::string_view kernel, int32_t terms, double worst_ratio);
  void add_accusation(std::string accusation) { accusations_.push_back(std::move(accusation)); }
  void add(const Tally& other);

  [[nodiscard]] int64_t of(Tier tier) const { return judged_[static_cast<size_t>(tier)]; }
  [[nodiscard]] int64_t all() const;

  /// One sentence for each demand that is not met, accusations first; empty where all are.
  [[nodiscard]] std::vector<std::string> unmet(const Demands& demands) const;

  void print() const;

 private:
  [[nodiscard]] int32_t median_terms() const;
  [[nodiscard]] double share_of_many() const;

  std::array<int64_t, kTiers> judged_{};
  std::array<double, kTiers> worst_ratio_{};
  std::map<std::string, int64_t, std::less<>> of_kernel_;
  std::map<int32_t, int64_t> of_terms_;
  std::vector<std::string> accusations_;
};

}  // namespace convcheck::judging
