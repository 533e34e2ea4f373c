#include "tests/judging/tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace convcheck::judging {

Demands::Demands(int64_t judgements) : all(judgements) {
  of_tier.fill(std::max<int64_t>(judgements / 10, 1));
  of_tier[static_cast<size_t>(Tier::statistical)] = std::max<int64_t>(judgements / 1000, 1);
}

void Tally::add(Tier tier, std::string_view kernel, int32_t terms, double worst_ratio) {
  const auto at = static_cast<size_t>(tier);
  ++judged_[at];
  worst_ratio_[at] = larger(worst_ratio_[at], worst_ratio);
  const auto found = of_kernel_.find(kernel);
  if (found == of_kernel_.end()) {
    of_kernel_.emplace(kernel, 1);
  } else {
    ++found->second;
  }
  ++of_terms_[terms];
}

void Tally::add(const Tally& other) {
  for (size_t tier = 0; tier < kTiers; ++tier) {
    judged_[tier] += other.judged_[tier];
    worst_ratio_[tier] = larger(worst_ratio_[tier], other.worst_ratio_[tier]);
  }
  for (const auto& [kernel, count] : other.of_kernel_) of_kernel_[kernel] += count;
  for (const auto& [terms, count] : other.of_terms_) of_terms_[terms] += count;
  accusations_.insert(accusations_.end(), other.accusations_.begin(), other.accusations_.end());
}

int64_t Tally::all() const {
  return std::accumulate(judged_.begin(), judged_.end(), int64_t{0});
}

int32_t Tally::median_terms() const {
  int64_t left = all() / 2;
  for (const auto& [terms, count] : of_terms_) {
    left -= count;
    if (left < 0) return terms;
  }
  return 0;
}

double Tally::share_of_many() const {
  int64_t many = 0;
  for (auto at = of_terms_.upper_bound(Demands::kManyTerms); at != of_terms_.end(); ++at) many += at->second;
  return all() == 0 ? 0 : static_cast<double>(many) / static_cast<double>(all());
}

std::vector<std::string> Tally::unmet(const Demands& demands) const {
  std::vector<std::string> sentences;
  if (!accusations_.empty()) sentences.push_back(fmt::format("{} false alarms", accusations_.size()));
  if (all() < demands.all) sentences.push_back(fmt::format("{} judgements of {}", all(), demands.all));
  for (size_t tier = 0; tier < kTiers; ++tier) {
    if (judged_[tier] >= demands.of_tier[tier]) continue;
    sentences.push_back(fmt::format("{} judgements of {} in the tier {}", judged_[tier], demands.of_tier[tier],
                                    name(static_cast<Tier>(tier))));
  }
  if (of_kernel_.size() < Demands::kKernels) {
    sentences.push_back(fmt::format("{} kernels of {}", of_kernel_.size(), Demands::kKernels));
  }
  if (median_terms() < Demands::kMedianTerms) {
    sentences.push_back(fmt::format("a median of {} terms, and {} are asked", median_terms(), Demands::kMedianTerms));
  }
  if (share_of_many() < Demands::kManyShare) {
    sentences.push_back(fmt::format("{:.1f}% of sums above {} terms, and {:.0f}% are asked", 100 * share_of_many(),
                                    Demands::kManyTerms, 100 * Demands::kManyShare));
  }
  return sentences;
}

void Tally::print() const {
  fmt::print("{} judgements of {} sound kernels\n", all(), of_kernel_.size());
  for (size_t tier = 0; tier < kTiers; ++tier) {
    fmt::print("  {:<12} {:>9}", name(static_cast<Tier>(tier)), judged_[tier]);
    if (worst_ratio_[tier] > 0) fmt::print("   nearest to its limit: {:.3f}", worst_ratio_[tier]);
    fmt::print("\n");
  }
  fmt::print("terms of a sum: median {}, {:.1f}% above {}\n", median_terms(), 100 * share_of_many(),
             Demands::kManyTerms);
  fmt::print("of each kernel:\n");
  for (const auto& [kernel, count] : of_kernel_) fmt::print("  {:<18} {:>9}\n", kernel, count);
  fmt::print("false alarms: {}\n", accusations_.size());
  for (const std::string& accusation : accusations_) fmt::print("  {}\n", accusation);
}

}  // namespace convcheck::judging
