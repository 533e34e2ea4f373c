#include <algorithm>
#include <array>
#include <numeric>

#include "properties/statistical_case.h"
#include "reference/statistical.h"
#include "tests/judging/evidence.h"

namespace convcheck::judging {
namespace {

constexpr int64_t kManyMultiplies = 500'000;
// Outputs that are judged before the others, and how many are too many to be copied for that.
constexpr size_t kFirstOutputs = 16;
constexpr size_t kMostInParts = 100'000;

// An expectation of some outputs of another: those from `first` on, `count` of them.
void take_part(const Expectation& whole, size_t first, size_t count, Expectation& part) {
  part.indices.resize(count);
  std::iota(part.indices.begin(), part.indices.end(), static_cast<int64_t>(first));
  const auto begin = whole.sums.begin() + static_cast<int64_t>(first);
  part.sums.assign(begin, begin + static_cast<int64_t>(count));
}

// Winograd's bound is dear, and what is wrong mostly shows in the first outputs: these are judged first, and more and
// more of the others while none of them is wrong. An element is wrong or not whatever else is compared.
bool is_violated_in_parts(const Law& law, const Subject& subject, const Case& c, const Expectation& whole,
                          int64_t& judged) {
  Expectation part = whole;
  Scratch scratch;
  Trial trial(subject, c, scratch, &part);
  size_t count = kFirstOutputs;
  for (size_t first = 0; first < whole.sums.size(); first += count, count *= 4) {
    take_part(whole, first, std::min(count, whole.sums.size() - first), part);
    const Judgement judgement = judge(law, trial);
    judged += judgement.outcome == Outcome::not_applicable ? 0 : 1;
    if (judgement.outcome == Outcome::violated) return true;
  }
  return false;
}

bool is_violated(const Law& law, const Subject& subject, const Case& c, const Expectation& expected, int64_t& judged) {
  const size_t outputs = expected.sums.size();
  if (expected.accuracy.is_winograd() && expected.indices.empty() && outputs > kFirstOutputs &&
      outputs < kMostInParts) {
    return is_violated_in_parts(law, subject, c, expected, judged);
  }
  Scratch scratch;
  Trial trial(subject, c, scratch, &expected);
  const Judgement judgement = judge(law, trial);
  judged += judgement.outcome == Outcome::not_applicable ? 0 : 1;
  return judgement.outcome == Outcome::violated;
}

// A statistical case has shapes of its own; here one with sums of some hundred terms at most, so that many can be
// tried.
Case short_statistical_case(uint64_t seed) {
  constexpr int64_t kMost = 300'000;
  Case c = random_statistical_case(seed);
  while (multiply_count(c.problem) > kMost) c = random_statistical_case(++seed);
  return c;
}

// What the checksum's law is told of a problem: the data, and one sum, which stands for the sample of a large one.
std::string_view expect_sample(const Case& c, Accuracy accuracy, Expectation& result) {
  result.g = geometry(c.problem);
  result.fill = c.fill;
  result.accuracy = accuracy;
  const std::string_view why_not = fill(c, result.g, accuracy, result.data);
  if (!why_not.empty() || result.g.output_elements() == 0) return why_not;
  result.indices = {0};
  convolve(result.g, result.data, result.indices, result.sums);
  return {};
}

// One case, by the laws that are given, until one of them is violated.
bool is_violated(std::initializer_list<std::string_view> laws, const Subject& subject, const Case& c, int64_t& judged) {
  Expectation expected;
  const Accuracy accuracy = accuracy_of(*subject.kernel, geometry(c.problem));
  const bool is_large = *laws.begin() == "matches_checksum";
  if (!(is_large ? expect_sample : expect)(c, accuracy, expected).empty()) return false;
  return std::any_of(laws.begin(), laws.end(), [&](std::string_view name) {
    const Law& law = *find_law(name);
    return why_not_claimed(law, *subject.kernel).empty() && is_violated(law, subject, c, expected, judged);
  });
}

// By both significand fills, until one catches the kernel.
bool is_caught_by_significands(const Subject& subject, const Problem& problem, uint64_t seed, int64_t& judged) {
  constexpr std::array kFills = {Fill::input_significand, Fill::weight_significand};
  return std::any_of(kFills.begin(), kFills.end(), [&](Fill fill) {
    const Case c = {.problem = problem, .fill = fill, .seed = seed};
    return is_violated({"keeps_the_full_significand"}, subject, c, judged);
  });
}

// By the six sets, until one catches the kernel.
bool is_caught_by_statistics(const Subject& subject, uint64_t seed, int64_t& judged) {
  Case c = short_statistical_case(seed);
  for (int set = 0; set < kStatisticalSets; ++set) {
    c.fill = static_cast<Fill>(static_cast<int>(Fill::statistical1) + set);
    if (is_violated({"errs_like_f32"}, subject, c, judged)) return true;
  }
  return false;
}

// By special values, until one of them catches the kernel. Four kinds of finite data have even seeds, nine of others
// odd ones. A large problem would take too long by all.
bool is_caught_by_special_values(const Subject& subject, const Problem& problem, uint64_t seed, int64_t& judged) {
  if (multiply_count(problem) > kManyMultiplies) return false;
  for (uint64_t kind = 0; kind < 18; ++kind) {
    if (kind % 2 == 0 && kind >= 8) continue;
    const Case c = {.problem = problem, .fill = Fill::special, .seed = 72 * (seed % 1'000'000) + kind};
    if (is_violated({"computes_extremes_exactly", "propagates_nonfinite"}, subject, c, judged)) return true;
  }
  return false;
}

}  // namespace

std::string_view name(Tier tier) {
  constexpr std::array<std::string_view, kTiers> kNames = {"exact",       "significand", "bounded",
                                                           "statistical", "checksum",    "special"};
  return kNames[static_cast<size_t>(tier)];
}

bool is_caught(Tier tier, const Subject& subject, const Problem& problem, uint64_t seed, int64_t& judged) {
  const Case integers = {.problem = problem, .fill = Fill::integers, .seed = seed};
  const Case reals = {.problem = problem, .fill = Fill::reals, .seed = seed};
  switch (tier) {
    case Tier::exact:
      return is_violated({"matches_reference_exactly"}, subject, integers, judged);
    case Tier::significand:
      return is_caught_by_significands(subject, problem, seed, judged);
    case Tier::bounded:
      return is_violated({"matches_reference_within_bound"}, subject, reals, judged);
    case Tier::statistical:
      return is_caught_by_statistics(subject, seed, judged);
    case Tier::checksum:
      return is_violated({"matches_checksum"}, subject, integers, judged);
    case Tier::special:
      return is_caught_by_special_values(subject, problem, seed, judged);
  }
  return false;
}

}  // namespace convcheck::judging
