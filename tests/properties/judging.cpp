#include "tests/properties/judging.h"

#include <algorithm>

#include "properties/generate.h"
#include "properties/small_world.h"
#include "properties/statistical_case.h"
#include "reference/problem.h"

namespace convcheck {

Judgement judge_once(const Law& law, const convcheck_kernel& kernel, const Case& c) {
  const Subject subject = {&kernel, nullptr};
  static thread_local Scratch scratch;
  if (law.name != "matches_checksum") {
    Trial trial(subject, c, scratch);
    return judge(law, trial);
  }
  // The checksum is for problems of which the reference computes a sample: let it be one output.
  Expectation sampled;
  const bool is_plain = c.problem.spatial_rank() == 2 && c.problem.dtype == DataType::f32;
  if (is_plain && expect(c, accuracy_of(kernel, geometry(c.problem)), sampled).empty() && !sampled.sums.empty()) {
    sampled.indices = {0};
    sampled.sums.resize(1);
    Trial trial(subject, c, scratch, &sampled);
    return judge(law, trial);
  }
  Trial trial(subject, c, scratch);
  return judge(law, trial);
}

namespace {

// A law that a session seldom asks is dear.
int64_t share_of(const Law& law, int64_t count) {
  constexpr int64_t kLeast = 12;
  return std::min(count, std::max(count / law.one_in, kLeast));
}

}  // namespace

void for_each_case(const Law& law, int64_t small, int64_t random, const std::function<bool(const Case&)>& take) {
  constexpr int64_t kMostMultipliesHere = 100'000;
  constexpr int64_t kSmallPerStatistical = 20;  // one statistical case costs about as much as so many others
  constexpr uint64_t kSeed = 20;
  Random seeds(kSeed);
  small = share_of(law, small);
  random = share_of(law, random);
  if (law.takes == Takes::invalid) {
    for (int64_t i = 0; i < small + random; ++i) {
      if (!take(random_invalid_case(seeds.bits()))) return;
    }
    return;
  }
  if (law.takes == Takes::statistical) {
    for (int64_t i = 0; i < small / kSmallPerStatistical + random / kSmallPerStatistical; ++i) {
      if (!take(random_statistical_case(seeds.bits()))) return;
    }
    return;
  }
  std::vector<Fill> fills;
  for (size_t fill = 0; fill < kFillNames.size(); ++fill) {
    if (is_about(law.takes, static_cast<Fill>(fill))) fills.push_back(static_cast<Fill>(fill));
  }
  size_t turn = 0;
  const auto next_fill = [&] { return fills[turn++ % fills.size()]; };
  for (int64_t i = 0; i < small; ++i) {
    const Problem problem = small_world_problem(shuffled(i, small_world_size(), kSeed));
    if (!take({.problem = problem, .fill = next_fill(), .seed = static_cast<uint64_t>(i % 97) + 1})) return;
  }
  for (int64_t i = 0; i < random;) {
    const Case c = random_case(seeds.bits(), next_fill());
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
