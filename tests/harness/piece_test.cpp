// What becomes of the deaths of children: which are verdicts, which are given another try, and that none goes on for
// ever.
#include "harness/piece.h"

#include <gtest/gtest.h>

#include <csignal>

#include "tests/properties/faulty_kernels.h"

namespace convcheck {
namespace {

const convcheck_kernel* const* list_kernels(uint32_t /*version*/, size_t* count) {
  static const convcheck_kernel* const kAll[] = {&kernel_with(Oddity::none)};
  *count = std::size(kAll);
  return kAll;
}

constexpr Death kKilled = {.how = Death::How::killed_by_signal, .number = SIGKILL};
constexpr int kForEver = 1000;

class PieceTest : public testing::Test {
 protected:
  PieceTest() {
    for (const Law& law : laws()) candidate_.laws.push_back(&law);
    piece_.set_record(piece_.record());
  }

  // A child that came to the case of that number, and is in a call or not.
  void at(Doing doing, int64_t item, bool is_in_a_call) {
    FlightRecord& flight = piece_.flight();
    flight.doing = doing;
    flight.number = {.phase = 1, .item = item, .sub = 0};
    flight.the_case = smallest_case();
    flight.has_case = 1;
    flight.calls = is_in_a_call ? 1 : 0;
  }
  [[nodiscard]] bool violates(std::string_view name) {
    const KernelRecord record = piece_.record();
    for (size_t i = 0; i < candidate_.laws.size(); ++i) {
      if (candidate_.laws[i]->name == name) return record.laws[i].violation.has_value();
    }
    return false;
  }

  Library library_ = Library::linked("tests", list_kernels);
  Candidate candidate_ = {&library_, library_.kernels().data(), {}};
  SessionOptions options_ = {.budget_s = 0};
  Agenda agenda_{options_};
  Piece piece_{agenda_, candidate_, Portion::cases};
};

TEST_F(PieceTest, OverrunIsAVerdictWhereTheSameCallOverrunsAgainWithTwiceTheTime) {
  const Death overran = {.how = Death::How::overran};
  at(Doing::judging, 1, true);
  EXPECT_TRUE(piece_.after(overran));
  EXPECT_EQ(piece_.patience(), 2);
  at(Doing::judging, 2, true);
  EXPECT_TRUE(piece_.after(overran));
  EXPECT_FALSE(violates("ends_in_time")) << "of neither case the call was repeated";
  EXPECT_EQ(piece_.patience(), 2);
  EXPECT_TRUE(piece_.after(overran));
  EXPECT_TRUE(violates("ends_in_time"));
  EXPECT_EQ(piece_.patience(), 1);
}

TEST_F(PieceTest, OverrunWhileUnloadingIsNoFaultOfACall) {
  const Death overran = {.how = Death::How::overran};
  at(Doing::ending, 1, true);
  EXPECT_TRUE(piece_.after(overran));
  EXPECT_FALSE(piece_.after(overran));
  EXPECT_TRUE(violates("leaves_the_process_alone"));
  EXPECT_FALSE(violates("ends_in_time"));
}

TEST_F(PieceTest, KillsInTheSameCallAreTheKernelsDoingAfterThree) {
  at(Doing::judging, 1, true);
  EXPECT_TRUE(piece_.after(kKilled));
  EXPECT_TRUE(piece_.after(kKilled));
  at(Doing::judging, 2, true);
  EXPECT_TRUE(piece_.after(kKilled));
  EXPECT_TRUE(piece_.after(kKilled));
  EXPECT_FALSE(violates("returns_from_every_call")) << "no call was killed three times in a row";
  EXPECT_TRUE(piece_.after(kKilled));
  EXPECT_TRUE(violates("returns_from_every_call"));
}

TEST_F(PieceTest, KillsOutsideOfCallsAccuseNobodyAndDoNotGoOnForEver) {
  at(Doing::judging, 1, false);
  int kills = 1;
  while (kills < kForEver && piece_.after(kKilled)) ++kills;
  EXPECT_GE(kills, 10);
  EXPECT_LT(kills, kForEver);
  EXPECT_NE(piece_.record().cut_short.find("killed again and again"), std::string::npos);
  EXPECT_FALSE(piece_.record().is_violated());
}

TEST_F(PieceTest, CheckpointThatIsNoneWasOverwrittenByTheKernel) {
  at(Doing::judging, 1, true);
  std::string text = piece_.checkpoint().read();
  text[text.size() / 2] = '{';
  piece_.checkpoint().write(text);
  EXPECT_TRUE(violates("writes_only_its_output"));
  EXPECT_EQ(piece_.record().cut_short, "what was found about it was overwritten");
  EXPECT_TRUE(piece_.record().done);
  EXPECT_FALSE(piece_.after(kKilled));
}

TEST_F(PieceTest, KillsOutsideOfCallsDoNotCountWhereJudgingGoesOn) {
  for (int64_t item = 0; item < kForEver; ++item) {
    at(Doing::judging, item, false);
    ASSERT_TRUE(piece_.after(kKilled)) << item;
  }
}

}  // namespace
}  // namespace convcheck
