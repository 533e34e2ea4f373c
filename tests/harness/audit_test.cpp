// The suite's own trial must be able to end badly: each way in which an audit fails is seen here.
#include "harness/audit.h"

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <sstream>

#include "impls/mutants.h"
#include "properties/small_world.h"
#include "tests/properties/faulty_kernels.h"

namespace convcheck {
namespace {

const convcheck_kernel* const* list_kernels(uint32_t /*version*/, size_t* count) {
  static const convcheck_kernel* const kAll[] = {&kernel_with(Oddity::none), &kernel_with(Oddity::sums_reversed),
                                                 &kernel_with(Defect::group_ignored),
                                                 &kernel_with(Defect::padding_sides_swapped)};
  *count = std::size(kAll);
  return kAll;
}
enum Which : size_t { kSound, kReversed, kGroupIgnored, kPaddingSwapped };

const Library& library() {
  static const Library kLibrary = Library::linked("tests", list_kernels);
  return kLibrary;
}

enum class Kind { sound, mutant };

Suspect suspect(Which which, Kind kind, std::span<const std::string_view> laws) {
  Suspect result;
  result.candidate = {&library(), &library().kernels()[which], {}};
  for (const std::string_view law : laws) result.candidate.laws.push_back(find_law(law));
  result.is_mutant = kind == Kind::mutant;
  result.has_wrong_values = result.is_mutant;
  if (which == kGroupIgnored) result.theory = "first_group_read_by_all";
  if (which == kPaddingSwapped) result.theory = "padding_sides_swapped";
  return result;
}

constexpr std::array<std::string_view, 2> kTwoLaws = {"matches_reference_exactly", "groups_are_independent"};
// With a law that none of the kernels violates, so that judging for the matrix goes on.
constexpr std::array<std::string_view, 3> kThreeLaws = {"accepts_valid", "matches_reference_exactly",
                                                        "groups_are_independent"};

Audit audit_of(const std::vector<Suspect>& suspects) {
  SessionOptions options;
  options.budget_s = 0.05;
  return run_audit(suspects, options);
}

// Tiny budgets do not see all classes of cases; that is another test's subject.
Audit with_all_classes_seen(Audit audit) {
  audit.unseen_classes.clear();
  return audit;
}

TEST(Audit, PassesWhereAllMutantsAreCaughtAndNoSoundKernelIsAccused) {
  const Audit audit = with_all_classes_seen(
      audit_of({suspect(kGroupIgnored, Kind::mutant, kTwoLaws), suspect(kSound, Kind::sound, kTwoLaws)}));
  EXPECT_TRUE(audit.passed()) << to_table(audit);
  EXPECT_EQ(audit.mutants(), 1);
  EXPECT_EQ(audit.sound(), 1);
  EXPECT_EQ(audit.caught_within(1000), 1);
  EXPECT_GE(audit.median_cases(), 1);
  const std::string text = to_table(audit);
  EXPECT_NE(text.find("1 of 1 mutants caught, 0 of 1 sound kernels accused: passed"), std::string::npos) << text;
  EXPECT_NE(text.find("structure laws alone catch 1 of 1"), std::string::npos) << text;
  EXPECT_NE(text.find("lets 0 of 1 mutants through"), std::string::npos) << text;
  EXPECT_NE(text.find("and accuses 0 of 1 sound kernels"), std::string::npos) << text;
}

// Both kinds of judging go on to the end of the small world where nothing stops them: the whole of it is asked for.
SessionOptions to_the_end() {
  SessionOptions options;
  options.random_cases = 1;
  return options;
}

TEST(Audit, JudgesAKernelThatIsCaughtNoFurtherThanTheCoveringArray) {
  const Audit audit =
      run_audit(std::vector{suspect(kPaddingSwapped, Kind::mutant, kTwoLaws), suspect(kSound, Kind::sound, kTwoLaws)},
                to_the_end());
  const KernelReport& caught = audit.entries[0].report;
  EXPECT_GT(caught.covering_done, 0);
  EXPECT_EQ(caught.small_world_done, 0);
  EXPECT_EQ(audit.entries[1].report.small_world_done, small_world_size());
}

TEST(Audit, JudgesAMutantUntilTheLawsMeantToCatchItHaveWhereNoMatrixIsWanted) {
  Suspect meant = suspect(kGroupIgnored, Kind::mutant, kThreeLaws);
  meant.killers = {"matches_reference_exactly", "groups_are_independent"};
  Suspect missed = suspect(kPaddingSwapped, Kind::mutant, kThreeLaws);
  missed.killers = {"groups_are_independent"};
  const std::vector suspects = {meant, missed, suspect(kSound, Kind::sound, kThreeLaws)};
  const Audit quick = run_audit(suspects, to_the_end(), Extent::until_caught);
  const Audit whole = run_audit(suspects, to_the_end());

  EXPECT_LT(quick.entries[0].report.covering_done, 10);
  EXPECT_GT(whole.entries[0].report.covering_done, 800);
  for (const std::string& law : meant.killers) EXPECT_TRUE(quick.entries[0].is_caught_by(law)) << law;
  EXPECT_EQ(quick.entries[0].cases_until_caught(), whole.entries[0].cases_until_caught());
  // What the law that is meant to misses is judged as far as for the matrix, and sound kernels are.
  EXPECT_EQ(quick.entries[1].report.covering_done, whole.entries[1].report.covering_done);
  EXPECT_EQ(quick.missed_by_killers(), std::vector<std::string>{"padding_sides_swapped groups_are_independent"});
  EXPECT_EQ(quick.entries[2].report.small_world_done, small_world_size());

  EXPECT_EQ(to_table(quick).find("structure laws alone"), std::string::npos);
  EXPECT_EQ(to_table(quick).find("# caught"), std::string::npos);
  EXPECT_NE(to_table(quick).find("2 of 2 mutants caught, 0 of 1 sound kernels accused"), std::string::npos);
}

// A sound kernel that is said to be a mutant is what a survivor looks like.
TEST(Audit, FailsOnASurvivor) {
  const Audit audit = with_all_classes_seen(
      audit_of({suspect(kGroupIgnored, Kind::mutant, kTwoLaws), suspect(kReversed, Kind::mutant, kTwoLaws),
                suspect(kSound, Kind::sound, kTwoLaws)}));
  EXPECT_FALSE(audit.passed());
  EXPECT_EQ(audit.survivors(), std::vector<std::string>{"sums_reversed"});
  EXPECT_NE(to_table(audit).find("survive: sums_reversed"), std::string::npos);
}

// A mutant that is said to be sound is what a false accusation looks like.
TEST(Audit, FailsOnAnAccusedSoundKernelAndShowsTheCase) {
  const Audit audit = with_all_classes_seen(
      audit_of({suspect(kGroupIgnored, Kind::mutant, kTwoLaws), suspect(kPaddingSwapped, Kind::sound, kTwoLaws)}));
  EXPECT_FALSE(audit.passed());
  EXPECT_EQ(audit.accused(), std::vector<std::string>{"padding_sides_swapped"});
  EXPECT_NE(to_table(audit).find("padding_sides_swapped violates matches_reference_exactly"), std::string::npos);
}

TEST(Audit, FailsWhereALawCatchesNoMutant) {
  const Audit audit = with_all_classes_seen(
      audit_of({suspect(kPaddingSwapped, Kind::mutant, kTwoLaws), suspect(kSound, Kind::sound, kTwoLaws)}));
  EXPECT_FALSE(audit.passed());
  EXPECT_EQ(audit.idle_laws(), std::vector<std::string>{"groups_are_independent"});
  ASSERT_EQ(audit.laws().size(), 2U);
  EXPECT_EQ(audit.laws()[0].sole, std::vector<std::string>{"padding_sides_swapped"});
}

TEST(Audit, FailsWhereAClassOfCasesNeverOccurred) {
  Audit audit = audit_of({suspect(kGroupIgnored, Kind::mutant, kTwoLaws), suspect(kSound, Kind::sound, kTwoLaws)});
  audit.unseen_classes = {"batch: 0"};
  EXPECT_FALSE(audit.passed());
  EXPECT_NE(to_table(audit).find("never occurred: batch: 0"), std::string::npos);
}

TEST(Audit, FailsWhereAKernelCouldNotBeJudged) {
  Audit audit = with_all_classes_seen(
      audit_of({suspect(kGroupIgnored, Kind::mutant, kTwoLaws), suspect(kSound, Kind::sound, kTwoLaws)}));
  for (LawReport& law : audit.entries[1].report.laws) law.cases = 0;
  EXPECT_FALSE(audit.passed());
  EXPECT_EQ(audit.unjudged(), std::vector<std::string>{"plain"});
}

TEST(Audit, FailsWithoutMutantsAndWithoutSoundKernels) {
  EXPECT_FALSE(with_all_classes_seen(audit_of({suspect(kSound, Kind::sound, kTwoLaws)})).passed());
  EXPECT_FALSE(with_all_classes_seen(audit_of({suspect(kGroupIgnored, Kind::mutant, kTwoLaws)})).passed());
}

TEST(Audit, CountsTheMutantsWhoseBehaviourIsNamedAndFailsOnAWrongName) {
  std::vector<Suspect> suspects = {suspect(kGroupIgnored, Kind::mutant, kTwoLaws),
                                   suspect(kSound, Kind::sound, kTwoLaws)};
  EXPECT_EQ(audit_of(suspects).named(), 1);
  EXPECT_TRUE(audit_of(suspects).named_wrongly().empty());
  suspects[0].theory = "kernel_flipped";
  const Audit audit = with_all_classes_seen(audit_of(suspects));
  EXPECT_EQ(audit.named(), 0);
  EXPECT_EQ(audit.named_wrongly(),
            std::vector<std::string>{"groups_above_one_read_the_first_group first_group_read_by_all"});
  EXPECT_FALSE(audit.passed());
}

// Offsets of 32 bits are right on every other problem.
TEST(Audit, PutsHugeCasesToTheMutantsThatNothingElseCatches) {
  const Library mutants = Library::linked("mutants", convcheck_mutant_kernels, SharedState::none);
  const Corpus huge = parse_corpus("huge: input=1x28x514x131584 weight=2x28x1x1 stride=8x64", "huge.cases");
  std::vector<Suspect> suspects;
  for (const Subject& subject : mutants.kernels()) {
    if (subject.kernel->name != std::string_view("input_offsets_in_32_bits")) continue;
    suspects.emplace_back();
    suspects.back().candidate = {&mutants, &subject, {find_law("matches_reference_exactly")}};
    suspects.back().is_mutant = true;
  }
  ASSERT_EQ(suspects.size(), 1U);
  SessionOptions options;
  options.budget_s = 0.05;
  EXPECT_FALSE(run_audit(suspects, options).entries[0].is_caught());
  options.huge = huge.entries;
  const Audit audit = run_audit(suspects, options);
  EXPECT_TRUE(audit.entries[0].is_caught());
  EXPECT_EQ(audit.entries[0].by("matches_reference_exactly")->violation->source, "huge.cases:1 huge");
}

TEST(Audit, SaysWhichLawWasMeantToCatchAMutantAndDidNot) {
  Suspect mutant = suspect(kPaddingSwapped, Kind::mutant, kTwoLaws);
  mutant.killers = {"matches_reference_exactly", "groups_are_independent", "rejects_invalid"};
  const Audit audit = audit_of({mutant, suspect(kSound, Kind::sound, kTwoLaws)});
  // rejects_invalid was not asked for.
  EXPECT_EQ(audit.missed_by_killers(), std::vector<std::string>{"padding_sides_swapped groups_are_independent"});
}

TEST(Audit, IsWrittenAsJson) {
  const Audit audit =
      audit_of({suspect(kGroupIgnored, Kind::mutant, kTwoLaws), suspect(kSound, Kind::sound, kTwoLaws)});
  const auto json = nlohmann::json::parse(to_json(audit));
  EXPECT_EQ(json.at("passed"), audit.passed());
  EXPECT_EQ(json.at("mutants"), 1);
  EXPECT_EQ(json.at("kernels").at(0).at("name"), "groups_above_one_read_the_first_group");
  EXPECT_EQ(json.at("kernels").at(0).at("laws").at(0).at("verdict"), "violated");
  EXPECT_GE(json.at("kernels").at(0).at("laws").at(0).at("caught").at("cases"), 1);
  EXPECT_FALSE(json.at("kernels").at(1).at("laws").at(0).contains("caught"));
}

TEST(Audit, IsShownOnScreensOf100Columns) {
  const Audit audit =
      audit_of({suspect(kGroupIgnored, Kind::mutant, kTwoLaws), suspect(kSound, Kind::sound, kTwoLaws)});
  std::istringstream text(to_table(audit));
  for (std::string line; std::getline(text, line);) EXPECT_LE(line.size(), 100U) << line;
}

}  // namespace
}  // namespace convcheck
