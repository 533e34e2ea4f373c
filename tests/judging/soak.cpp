#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "impls/shipped.h"
#include "properties/describe.h"
#include "properties/statistical_case.h"
#include "reference/case_text.h"
#include "reference/random.h"
#include "reference/rules.h"
#include "tests/judging/tally.h"
#include "tests/properties/faulty_kernels.h"

namespace convcheck::judging {
namespace {

// Kernels that sum in every order that kernels sum in, and those that are shipped.
std::vector<const convcheck_kernel*> sound_kernels() {
  std::vector<const convcheck_kernel*> kernels;
  for (const Oddity oddity :
       {Oddity::none, Oddity::sums_reversed, Oddity::sums_pairwise, Oddity::sums_blocked, Oddity::sums_compensated,
        Oddity::sums_in_double, Oddity::sums_fused, Oddity::winograd_accuracy, Oddity::winograd_declared}) {
    kernels.push_back(&kernel_with(oddity));
  }
  size_t count = 0;
  const convcheck_kernel* const* const shipped = convcheck_shipped_kernels(CONVCHECK_ABI_VERSION, &count);
  kernels.insert(kernels.end(), shipped, shipped + count);
  return kernels;
}

int64_t between(Random& random, int64_t least, int64_t most) {
  return least + static_cast<int64_t>(random.below(static_cast<uint64_t>(most - least + 1)));
}

// Small outputs with long sums: n from 8 to 4096. Of twelve problems in a row eight have sums of more than 32 terms and
// two of more than 1000, whatever the seed. A third has a kernel that Winograd serves.
Problem long_sums(Random& random, int64_t number) {
  const bool square = random.below(3) == 0;
  Problem problem;
  const int64_t groups = random.below(3) == 0 ? between(random, 2, 4) : 1;
  const int64_t height = square ? 3 : between(random, 1, 4);
  const int64_t width = square ? 3 : between(random, 1, 4);
  constexpr std::array<int, 12> kDoublings = {7, 0, 3, 4, 1, 5, 8, 2, 3, 6, 2, 4};
  const int64_t terms = int64_t{8} << kDoublings[static_cast<size_t>(number) % kDoublings.size()];
  const int64_t channels = std::max<int64_t>(1, (terms + between(random, 0, terms - 1)) / (height * width));
  const int64_t filters = between(random, 1, channels > 64 ? 1 : 3);
  problem.groups = groups;
  problem.weight = {groups * filters, channels, height, width};
  if (random.below(2) == 0) problem.bias = {groups * filters};
  problem.input = {channels > 64 ? 1 : between(random, 1, 2), groups * channels};
  for (size_t axis = 0; axis < 2; ++axis) {
    const int64_t kernel = problem.weight[static_cast<int>(axis) + 2];
    problem.stride[axis] = square ? 1 : between(random, 1, 2);
    problem.dilation[axis] = square ? 1 : between(random, 1, 2);
    problem.pad_before[axis] = between(random, 0, 1);
    problem.pad_after[axis] = between(random, 0, 1);
    const int64_t extent = problem.dilation[axis] * (kernel - 1) + 1;
    problem.input.push_back(extent + between(random, 0, channels > 64 ? 1 : 4));
  }
  return problem;
}

struct Question {
  Tier tier;
  std::string_view law;
  Case the_case;
};

// What is asked about one problem. The statistical sets cost as much as all the rest of a hundred problems.
std::vector<Question> questions(Random& random, int64_t number) {
  constexpr int64_t kProblemsPerStatistical = 150;
  const Problem problem = long_sums(random, number);
  const auto with = [&](Fill fill) { return Case{.problem = problem, .fill = fill, .seed = random.bits() >> 16}; };
  std::vector<Question> all = {
      {Tier::exact, "matches_reference_exactly", with(Fill::integers)},
      {Tier::significand, "keeps_the_full_significand", with(Fill::input_significand)},
      {Tier::significand, "keeps_the_full_significand", with(Fill::weight_significand)},
      {Tier::bounded, "matches_reference_within_bound", with(Fill::reals)},
      {Tier::checksum, "matches_checksum", with(Fill::integers)},
      {Tier::special, "computes_extremes_exactly", with(Fill::special)},
      {Tier::special, "propagates_nonfinite", with(Fill::special)},
  };
  if (number % kProblemsPerStatistical == 0) {
    all.push_back({Tier::statistical, "errs_like_f32", random_statistical_case(random.bits())});
  }
  return all;
}

void ask(const Question& question, const std::vector<const convcheck_kernel*>& kernels, Tally& tally) {
  const Law& law = *find_law(question.law);
  const Geometry g = geometry(question.the_case.problem);
  const auto terms = static_cast<int32_t>(most_terms(g, g.in_channels_per_group));
  static thread_local Scratch scratch;
  for (const int tile : {0, 2, 4, 6}) {
    Expectation expected;
    bool is_made = false;
    for (const convcheck_kernel* kernel : kernels) {
      if (accuracy_of(*kernel, g).winograd_tile != tile || !why_not_claimed(law, *kernel).empty()) continue;
      if (!is_made && !expect(question.the_case, {tile}, expected).empty()) break;
      is_made = true;
      if (question.tier == Tier::checksum && !expected.sums.empty()) {
        expected.indices = {0};
        expected.sums.resize(1);
      }
      const Subject subject = {kernel, nullptr};
      Trial trial(subject, question.the_case, scratch, &expected);
      const Judgement judgement = judge(law, trial);
      if (judgement.outcome == Outcome::not_applicable) continue;
      tally.add(question.tier, kernel->name, terms, judgement.worst_error_over_bound);
      if (judgement.outcome == Outcome::violated) {
        tally.add_accusation(fmt::format("{} {} {}: {}", kernel->name, law.name, print(question.the_case),
                                         judgement.finding->explanation));
      }
    }
  }
}

// What all threads have judged so far. It goes on until each tier has what is asked of it, or until twice as many
// judgements as are asked show that a tier never gets there.
class Progress {
 public:
  explicit Progress(const Demands& demands) : demands_(demands) {}

  [[nodiscard]] int64_t next_problem() { return next_problem_++; }

  [[nodiscard]] bool is_more_wanted() const {
    int64_t all = 0;
    bool is_short = false;
    for (size_t tier = 0; tier < kTiers; ++tier) {
      const int64_t judged = judged_[tier];
      all += judged;
      is_short = is_short || judged < demands_.of_tier[tier];
    }
    return all < demands_.all || (is_short && all < 2 * demands_.all);
  }

  void add(const Tally& tally) {
    for (size_t tier = 0; tier < kTiers; ++tier) judged_[tier] += tally.of(static_cast<Tier>(tier));
  }

 private:
  const Demands& demands_;
  std::atomic<int64_t> next_problem_ = 0;
  std::array<std::atomic<int64_t>, kTiers> judged_{};
};

}  // namespace

bool print_soak(int64_t judgements, int jobs, uint64_t seed, bool with_a_wrong_one) {
  std::vector<const convcheck_kernel*> kernels = sound_kernels();
  if (with_a_wrong_one) kernels.push_back(&kernel_with(Defect::accumulates_in_half));
  const Demands demands(judgements);
  Progress progress(demands);
  std::mutex mutex;
  Tally tally;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < jobs; ++i) {
      threads.emplace_back([&] {
        Tally own;
        while (progress.is_more_wanted()) {
          const int64_t number = progress.next_problem();
          Random random(seed, static_cast<uint64_t>(number));
          Tally of_problem;
          for (const Question& question : questions(random, number)) ask(question, kernels, of_problem);
          progress.add(of_problem);
          own.add(of_problem);
        }
        const std::lock_guard lock(mutex);
        tally.add(own);
      });
    }
  }
  tally.print();
  const std::vector<std::string> unmet = tally.unmet(demands);
  for (const std::string& sentence : unmet) fmt::print("NOT AS ASKED: {}\n", sentence);
  return unmet.empty();
}

}  // namespace convcheck::judging
