// No law of conduct accuses a sound kernel: the shipped ones, the unusual ones, the oddities of the tests and what the
// mutants are made of.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "impls/mutants/mutant.h"
#include "impls/mutants/products.h"
#include "impls/mutants/tiles.h"
#include "impls/shipped.h"
#include "impls/unusual.h"
#include "properties/generate.h"
#include "properties/small_world.h"
#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/properties/conduct_kernels.h"
#include "tests/properties/faulty_kernels.h"
#include "tests/properties/judging.h"
#include "tests/properties/sanitized.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

// How many of the cases that the kernel serves each law judges: those that call often judge few.
const std::map<std::string_view, int64_t> kOneIn = {
    {"forgets_earlier_calls", 1},        {"plans_are_independent", 1},
    {"runs_on_many_threads_at_once", 8}, {"does_not_leak", 32},
    {"leaves_the_process_alone", 4},     {"rejects_without_writing", 1},
    {"survives_hostile_arguments", 2},
};

constexpr convcheck_kernel kBases[] = {
    impls::mutants::kernel_of<impls::mutants::Sound>("loops", "the plain loops"),
    impls::mutants::kernel_of<impls::mutants::Winograd<2>>("winograd_2x2", "tiles of 2x2"),
    impls::mutants::kernel_of<impls::mutants::Winograd<4>>("winograd_4x4", "tiles of 4x4"),
    impls::mutants::kernel_of<impls::mutants::Patches>("patches", "the matrix of patches"),
    impls::mutants::kernel_of<impls::mutants::Blocked>("blocked", "blocks of filters"),
};

std::vector<const convcheck_kernel*> sound_kernels() {
  std::vector<const convcheck_kernel*> kernels;
  size_t count = 0;
  const convcheck_kernel* const* listed = convcheck_shipped_kernels(CONVCHECK_ABI_VERSION, &count);
  kernels.insert(kernels.end(), listed, listed + count);
  listed = convcheck_unusual_kernels(CONVCHECK_ABI_VERSION, &count);
  kernels.insert(kernels.end(), listed, listed + count);
  for (const convcheck_kernel& base : kBases) kernels.push_back(&base);
  for (const Oddity oddity : all_oddities()) kernels.push_back(&kernel_with(oddity));
  for (const char* const name : {"right", "right_with_plan", "cache_of_eight", "locked_scratch", "declines"}) {
    kernels.push_back(&conduct_kernel(name));
  }
  return kernels;
}

bool is_served(const Subject& subject, const Case& c) {
  Scratch scratch;
  Trial trial(subject, c, scratch);
  return trial.expectation() != nullptr && trial.result().ok();
}

class EachSoundKernel : public testing::TestWithParam<const convcheck_kernel*> {};

TEST_P(EachSoundKernel, HoldsEveryLawOfConduct) {
  constexpr int64_t kMostMultiplies = 30'000;
  const convcheck_kernel& kernel = *GetParam();
  const Subject subject = {&kernel, nullptr};
  std::map<std::string_view, Tally> tallies;
  Random random(31);
  const int64_t count = random_cases(360) + 40;
  int64_t served = 0;
  for (int64_t done = 0; done < count;) {
    Case c = random_case(random.bits(), random.below(6) == 0 ? Fill::reals : Fill::integers);
    if (random.below(2) == 0) c.problem = small_world_problem(static_cast<int64_t>(random.below(small_world_size())));
    if (multiply_count(c.problem) > kMostMultiplies) continue;
    for (const auto& [name, one_in] : kOneIn) {
      const Law& law = *find_law(name);
      if (served % one_in != 0 || !why_not_claimed(law, kernel).empty()) continue;
      Scratch scratch;
      Trial trial(subject, c, scratch);
      const Judgement judgement = judge(law, trial);
      ASSERT_NE(judgement.outcome, Outcome::violated)
          << name << ' ' << print(c) << ": " << judgement.finding->got << ". " << judgement.finding->explanation;
      ++(judgement.outcome == Outcome::holds ? tallies[name].holds : tallies[name].not_applicable);
    }
    served += is_served(subject, c) ? 1 : 0;
    ++done;
  }
  ASSERT_GT(served, 0);
  for (const auto& [name, tally] : tallies) {
    RecordProperty(std::string(name), std::to_string(tally.holds));
    if (name == "plans_are_independent" && kernel.prepare == nullptr) {
      EXPECT_EQ(tally.holds, 0) << "a plan of a kernel that makes none";
    } else if (!can_be_judged_here(name)) {
      EXPECT_EQ(tally.holds, 0) << name << " judges where a sanitizer is in the way";
    } else if (name != "rejects_without_writing" || (kernel.promises & CONVCHECK_REJECTS_INVALID) != 0) {
      EXPECT_GT(tally.holds, 0) << name << " was never judged for " << kernel.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, EachSoundKernel, testing::ValuesIn(sound_kernels()),
                         [](const auto& sound) { return std::to_string(sound.index) + "_" + sound.param->name; });

}  // namespace
}  // namespace convcheck
