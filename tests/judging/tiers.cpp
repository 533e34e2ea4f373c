#include <array>
#include <vector>

#include "properties/statistical_case.h"
#include "tests/judging/evidence.h"

namespace convcheck::judging {
namespace {

constexpr int64_t kManyMultiplies = 500'000;

bool is_violated(const Law& law, const Subject& subject, const Case& c, const Expectation& expected, int64_t& judged) {
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

// One case, by the laws that are given. A sample of one output stands for a large problem before the checksum.
bool is_violated(std::initializer_list<std::string_view> laws, const Subject& subject, const Case& c, int64_t& judged) {
  Expectation expected;
  const Geometry g = geometry(c.problem);
  if (!expect(c, accuracy_of(*subject.kernel, g), expected).empty()) return false;
  bool violated = false;
  for (const std::string_view name : laws) {
    const Law& law = *find_law(name);
    if (!why_not_claimed(law, *subject.kernel).empty()) continue;
    if (name == "matches_checksum" && !expected.sums.empty()) {
      expected.indices = {0};
      expected.sums.resize(1);
    }
    violated = is_violated(law, subject, c, expected, judged) || violated;
  }
  return violated;
}

}  // namespace

std::string_view name(Tier tier) {
  constexpr std::array<std::string_view, kTiers> kNames = {"exact",       "significand", "bounded",
                                                           "statistical", "checksum",    "special"};
  return kNames[static_cast<size_t>(tier)];
}

bool is_caught(Tier tier, const Subject& subject, const Problem& problem, uint64_t seed, int64_t& judged) {
  Case c = {.problem = problem, .fill = Fill::integers, .seed = seed};
  bool caught = false;
  switch (tier) {
    case Tier::exact:
      return is_violated({"matches_reference_exactly"}, subject, c, judged);
    case Tier::significand:
      for (const Fill fill : {Fill::input_significand, Fill::weight_significand}) {
        c.fill = fill;
        caught = is_violated({"keeps_the_full_significand"}, subject, c, judged) || caught;
      }
      return caught;
    case Tier::bounded:
      c.fill = Fill::reals;
      return is_violated({"matches_reference_within_bound"}, subject, c, judged);
    case Tier::statistical:
      for (int set = 0; set < 6; ++set) {
        c = short_statistical_case(seed);
        c.fill = static_cast<Fill>(static_cast<int>(Fill::statistical1) + set);
        caught = is_violated({"errs_like_f32"}, subject, c, judged) || caught;
      }
      return caught;
    case Tier::checksum:
      return is_violated({"matches_checksum"}, subject, c, judged);
    case Tier::special:
      // Four kinds of finite data have even seeds, nine of others odd ones. A large problem would take too long by all.
      if (multiply_count(problem) > kManyMultiplies) return false;
      c.fill = Fill::special;
      for (uint64_t kind = 0; kind < 18; ++kind) {
        if (kind % 2 == 0 && kind >= 8) continue;
        c.seed = 72 * (seed % 1'000'000) + kind;
        caught = is_violated({"computes_extremes_exactly", "propagates_nonfinite"}, subject, c, judged) || caught;
      }
      return caught;
  }
  return false;
}

}  // namespace convcheck::judging
