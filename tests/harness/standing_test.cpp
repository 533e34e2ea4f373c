// A record of a kernel as text: nothing is lost on the way, and what is no record is refused.
#include "harness/standing.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "tests/reference/problems.h"

namespace convcheck {
namespace {

KernelRecord full_record() {
  KernelRecord record;
  record.laws.resize(2);
  record.laws[0].offered = 7;
  record.laws[0].asked = 6;
  record.laws[0].cases = 5;
  record.laws[0].seconds = 0.1;
  record.laws[0].worst = std::numeric_limits<double>::infinity();
  record.laws[1].reason = "a \"reason\"\nof two lines";
  record.laws[1].violation = FoundViolation{.found = case_of("input=1x2x3x3 weight=2x1x2x2 groups=2 fill=reals seed=3"),
                                            .source = "corpus/a.cases:1 one",
                                            .finding = {"n=0", "0x1p+0", "nan", "It is wrong."},
                                            .cases_until = 41,
                                            .seconds_until = 1.0 / 3,
                                            .smallest = case_of("input=1x1x1x1 weight=1x1x1x1"),
                                            .is_shrunk = true,
                                            .is_minimal = true,
                                            .seen_by = "bias_adds",
                                            .behaves_as = "kernel_flipped"};
  record.cases = 99;
  record.seconds = 0.7;
  record.coverage.add(case_of("input=1x2x3x3 weight=2x1x2x2 groups=2").problem);
  record.covering_done = 3;
  record.small_world_done = 4;
  record.random_done = 5;
  record.huge_done = 6;
  record.huge_omissions.push_back({"k", "s", "r"});
  record.phase = 2;
  record.item = int64_t{1} << 40;
  record.budget_spent_s = 1.25;
  record.lethal = {{1, 2, 3}, {4, 5, 6}};
  record.hangs = 1;
  record.cut_short = "it died";
  record.remarks = {"it sings", "it hums"};
  record.done = true;
  return record;
}

TEST(KernelRecord, IsTheSameAfterItWasText) {
  const std::string text = to_text(full_record());
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const KernelRecord again = record_of(text);
  EXPECT_EQ(to_text(again), text) << "every field that is written is read";
  EXPECT_EQ(again.laws[0].worst, std::numeric_limits<double>::infinity());
  EXPECT_EQ(again.laws[1].violation->seconds_until, 1.0 / 3);
  EXPECT_EQ(again.laws[1].violation->smallest, full_record().laws[1].violation->smallest);
  EXPECT_EQ(again.lethal, full_record().lethal);
  EXPECT_EQ(again.coverage.counts(), full_record().coverage.counts());
  EXPECT_EQ(again.item, int64_t{1} << 40);
  EXPECT_TRUE(again.done);
}

TEST(KernelRecord, IsNotReadFromWhatIsNone) {
  for (const char* text : {"", "{}", "[1, 2]", "{\"cases\": \"many\"}"}) {
    EXPECT_THROW(static_cast<void>(record_of(text)), std::runtime_error) << text;
  }
  std::string text = to_text(full_record());
  text.replace(text.find("input=1x1x1x1"), 6, "inptu=");
  EXPECT_THROW(static_cast<void>(record_of(text)), std::runtime_error) << "a case that is none";
}

TEST(KernelRecord, KeepsTheEarlierOfTwoViolations) {
  KernelRecord first = full_record(), second = full_record();
  second.laws[1].violation->source = "later";
  second.laws[0].violation = second.laws[1].violation;
  first.absorb(second);
  EXPECT_EQ(first.laws[1].violation->source, "corpus/a.cases:1 one");
  EXPECT_EQ(first.laws[1].violation->cases_until, 41);
  EXPECT_EQ(first.laws[0].violation->source, "later");
  EXPECT_EQ(first.laws[0].violation->cases_until, 99 + 41) << "what came before it is counted";
  EXPECT_EQ(first.laws[0].cases, 10);
  EXPECT_EQ(first.cases, 198);
}

}  // namespace
}  // namespace convcheck
