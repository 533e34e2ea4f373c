// What a run of the default length is given: no class of cases may never occur in it.
#include <gtest/gtest.h>

#include <string>

#include "properties/classify.h"
#include "properties/corpus.h"
#include "properties/covering_array.h"
#include "properties/generate.h"
#include "reference/random.h"
#include "reference/rules.h"

#ifndef CONVCHECK_CORPUS_DIR
#error "CONVCHECK_CORPUS_DIR is the path of corpus/"
#endif

namespace convcheck {
namespace {

// Fewer than the slowest of the shipped kernels is judged on by default.
constexpr int64_t kRandomCases = 1000;

Coverage of_corpus() {
  const Corpus corpus = read_corpus(CONVCHECK_CORPUS_DIR);
  EXPECT_EQ(corpus.error, "");
  Coverage coverage;
  for (const CorpusEntry& entry : corpus.entries) {
    const Problem& p = entry.the_case.problem;
    const bool is_judged = p.spatial_rank() == 2 && p.dtype == DataType::f32 && p.direction == Direction::forward;
    if (entry.message.empty() && is_judged && is_valid(p)) coverage.add(p);
  }
  return coverage;
}

Coverage of_covering_array(uint64_t seed) {
  Coverage coverage;
  for (const Problem& p : covering_array(seed).problems) coverage.add(p);
  return coverage;
}

Coverage of_random_cases(uint64_t seed) {
  Coverage coverage;
  Random seeds(seed, 0xCA5E);
  for (int64_t i = 0; i < kRandomCases; ++i) coverage.add(random_case(seeds.bits(), Fill::integers).problem);
  return coverage;
}

std::string list(const std::vector<CaseClass>& classes) {
  std::string text;
  for (const CaseClass& one : classes) text += std::string(one.parameter) + " " + std::string(one.value) + "; ";
  return text;
}

TEST(DefaultCoverage, HasEveryClassForEachSeed) {
  const Coverage corpus = of_corpus();
  EXPECT_GT(corpus.cases(), 100);
  for (const uint64_t seed : {1, 2, 3, 4}) {
    Coverage generated = of_covering_array(seed);
    generated.add(of_random_cases(seed));
    // Without the corpus one class is missing, and it is seen to be.
    EXPECT_EQ(list(generated.never_seen()), "image extent 0; ");
    generated.add(corpus);
    EXPECT_EQ(list(generated.never_seen()), "");
  }
}

TEST(DefaultCoverage, OfTheCoveringArrayAloneIsShortOfWhatIsDear) {
  EXPECT_EQ(
      list(of_covering_array(1).never_seen()),
      "larger of C and K 256 to 1023; larger of C and K 1024 and more; kernel extent 33 to 255; kernel extent 256 "
      "and more; image extent 0; ");
}

}  // namespace
}  // namespace convcheck
