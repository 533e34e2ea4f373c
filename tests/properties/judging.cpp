#include "tests/properties/judging.h"

#include "properties/generate.h"
#include "properties/small_world.h"

namespace convcheck {

Judgement judge_once(const Law& law, const convcheck_kernel& kernel, const Case& c) {
  const Subject subject = {&kernel, nullptr};
  Scratch scratch;
  Trial trial(subject, c, scratch);
  return judge(law, trial);
}

void for_each_case(const Law& law, int64_t small, int64_t random, const std::function<bool(const Case&)>& take) {
  constexpr int64_t kMostMultipliesHere = 100'000;
  constexpr uint64_t kSeed = 20;
  Random seeds(kSeed);
  if (law.takes == Takes::invalid) {
    for (int64_t i = 0; i < small + random; ++i) {
      if (!take(random_invalid_case(seeds.bits()))) return;
    }
    return;
  }
  const Fill fill = law.takes == Takes::valid_reals ? Fill::reals : Fill::integers;
  for (int64_t i = 0; i < small; ++i) {
    const Problem problem = small_world_problem(shuffled(i, small_world_size(), kSeed));
    if (!take({.problem = problem, .fill = fill, .seed = static_cast<uint64_t>(i % 97) + 1})) return;
  }
  for (int64_t i = 0; i < random;) {
    const Case c = random_case(seeds.bits(), fill);
    if (multiply_count(c.problem) > kMostMultipliesHere) continue;
    ++i;
    if (!take(c)) return;
  }
}

std::optional<Judged> first_violation(const Law& law, const convcheck_kernel& kernel, int64_t small, int64_t random) {
  std::optional<Judged> found;
  for_each_case(law, small, random, [&](const Case& c) {
    Judgement judgement = judge_once(law, kernel, c);
    if (judgement.outcome == Outcome::violated) found = {c, std::move(judgement)};
    return !found.has_value();
  });
  return found;
}

}  // namespace convcheck
