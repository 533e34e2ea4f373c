// The C++ sugar makes kernels that are judged like any other.
#include <gtest/gtest.h>

#include "harness/session.h"
#include "tests/properties/sanitized.h"

namespace convcheck {
namespace {

Report judge_sugar(int64_t random_cases) {
  static const Library library = Library::load(CONVCHECK_SUGAR_LIBRARY);
  EXPECT_EQ(library.error(), "");
  std::vector<Candidate> candidates;
  for (const Subject& subject : library.kernels()) {
    candidates.push_back({&library, &subject, {}});
    for (const Law& law : laws()) candidates.back().laws.push_back(&law);
  }
  SessionOptions options;
  options.random_cases = random_cases;
  return run_session(candidates, options);
}

TEST(Sugar, AKernelWrittenWithItHoldsEveryLawThatItClaims) {
  const Report report = judge_sugar(50);
  ASSERT_EQ(report.kernels.size(), 1U);
  EXPECT_EQ(report.kernels[0].name, "sugar");
  EXPECT_EQ(report.verdict(), Verdict::holds);
  EXPECT_EQ(report.kernels[0].small_world_done, report.small_world_size);
  EXPECT_EQ(report.kernels[0].random_cases, 50);
  for (const LawReport& law : report.kernels[0].laws) {
    const uint32_t needed = find_law(law.law)->needs_promise;
    const bool claimed = needed == 0 || needed == CONVCHECK_DETERMINISTIC || needed == CONVCHECK_THREAD_SAFE;
    // Larger problems, a sandbox, plans, refusals.
    const bool needs_more = law.law == "matches_checksum" || law.law == "loads_quietly" ||
                            law.law == "plans_are_independent" || law.law == "rejects_without_writing" ||
                            !can_be_judged_here(law.law);
    const Verdict of_claimed = needs_more ? Verdict::not_applicable : Verdict::holds;
    EXPECT_EQ(law.verdict, claimed ? of_claimed : Verdict::not_claimed) << law.law;
  }
}

TEST(Sugar, AnotherAbiVersionListsNoKernels) {
  const Library library = Library::load(CONVCHECK_C99_LIBRARY);
  EXPECT_NE(library.error().find("lists no kernels"), std::string::npos) << library.error();
}

}  // namespace
}  // namespace convcheck
