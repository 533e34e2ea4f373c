// Every address in guarded memory is told by the part that it belongs to, and each kind of access by its law.
#include "properties/faults.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace convcheck {
namespace {

TEST(FaultAt, TellsHowFarBeforeInsideOrAfterAnAddressIs) {
  std::array<char, 1000> memory{};
  const char* const first = memory.data();
  GuardRecord record(Part::weight, first, first + 1000);
  record.hold(first + 100, first + 400);
  EXPECT_EQ(fault_at(first), (Fault{Part::weight, Where::before, 100}));
  EXPECT_EQ(fault_at(first + 99), (Fault{Part::weight, Where::before, 1}));
  EXPECT_EQ(fault_at(first + 100), (Fault{Part::weight, Where::inside, 0}));
  EXPECT_EQ(fault_at(first + 399), (Fault{Part::weight, Where::inside, 299}));
  EXPECT_EQ(fault_at(first + 400), (Fault{Part::weight, Where::after, 0}));
  EXPECT_EQ(fault_at(first + 999), (Fault{Part::weight, Where::after, 599}));
}

TEST(FaultAt, KnowsNothingOfOtherAddresses) {
  std::array<char, 1000> memory{};
  const GuardRecord record(Part::weight, memory.data() + 1, memory.data() + 999);
  EXPECT_EQ(fault_at(memory.data()), std::nullopt);
  EXPECT_EQ(fault_at(memory.data() + 999), std::nullopt);
  EXPECT_EQ(fault_at(nullptr), std::nullopt);
  EXPECT_NE(fault_at(memory.data() + 1), std::nullopt);
}

TEST(FaultAt, ForgetsWhatIsNoMore) {
  std::array<char, 10> memory{};
  {
    GuardRecord record(Part::output, memory.data(), memory.data() + 10);
    GuardRecord moved = std::move(record);
    EXPECT_NE(fault_at(memory.data()), std::nullopt);
    GuardRecord assigned;
    assigned = std::move(moved);
    EXPECT_NE(fault_at(memory.data()), std::nullopt);
    assigned = {};
    EXPECT_EQ(fault_at(memory.data()), std::nullopt);
    assigned = GuardRecord(Part::bias, memory.data(), memory.data() + 10);
    EXPECT_EQ(fault_at(memory.data())->part, Part::bias);
  }
  EXPECT_EQ(fault_at(memory.data()), std::nullopt);
}

TEST(FaultAt, DoesWithoutWhatTheTableHasNoRoomFor) {
  std::array<char, kMostGuarded + 10> memory{};
  {
    std::vector<GuardRecord> records;
    for (size_t i = 0; i < memory.size(); ++i) {
      records.emplace_back(Part::input, memory.data() + i, memory.data() + i + 1);
      records.back().hold(memory.data() + i, memory.data() + i + 1);
    }
    EXPECT_NE(fault_at(memory.data()), std::nullopt);
    EXPECT_EQ(fault_at(&memory.back()), std::nullopt);
  }
  const GuardRecord after(Part::input, &memory.back(), &memory.back() + 1);
  EXPECT_NE(fault_at(&memory.back()), std::nullopt) << "the table has room again";
}

struct Told {
  Fault fault;
  Access access;
  std::string_view words, law;
};

TEST(Faults, AreToldInWordsAndByTheLawThatTheyViolate) {
  const std::vector<Told> table = {
      {{Part::weight, Where::after, 16},
       Access::read,
       "read 16 bytes past the end of weight",
       "reads_only_its_tensors"},
      {{Part::input, Where::after, 0}, Access::read, "read right past the end of input", "reads_only_its_tensors"},
      {{Part::bias, Where::before, 1}, Access::read, "read 1 byte before the start of bias", "reads_only_its_tensors"},
      {{Part::output, Where::after, 4}, Access::read, "read 4 bytes past the end of output", "reads_only_its_tensors"},
      {{Part::output, Where::before, 4},
       Access::write,
       "wrote 4 bytes before the start of output",
       "writes_only_its_output"},
      {{Part::output, Where::after, 1}, Access::write, "wrote 1 byte past the end of output", "writes_only_its_output"},
      {{Part::input, Where::after, 0}, Access::write, "wrote right past the end of input", "writes_only_its_output"},
      {{Part::weight, Where::before, 64},
       Access::write,
       "wrote 64 bytes before the start of weight",
       "writes_only_its_output"},
      {{Part::input, Where::inside, 12}, Access::write, "wrote to byte 12 of input", "inputs_stay_untouched"},
      {{Part::bias, Where::inside, 0}, Access::write, "wrote to byte 0 of bias", "inputs_stay_untouched"},
      {{Part::workspace, Where::after, 0},
       Access::write,
       "wrote right past the end of the workspace",
       "asks_for_the_workspace_it_uses"},
      {{Part::workspace, Where::before, 8},
       Access::read,
       "read 8 bytes before the start of the workspace",
       "asks_for_the_workspace_it_uses"},
      {{Part::stack, Where::before, 4096},
       Access::write,
       "went 4096 bytes beyond the end of the stack",
       "uses_little_stack"},
      {{Part::output, Where::after, UINT64_MAX},
       Access::write,
       "wrote 18446744073709551615 bytes past the end of output",
       "writes_only_its_output"},
  };
  for (const Told& told : table) {
    EXPECT_EQ(describe(told.fault, told.access).view(), told.words);
    EXPECT_EQ(law_of(told.fault, told.access), told.law) << told.words;
  }
}

TEST(FaultWords, EndWhereTheirMemoryDoes) {
  FaultWords words;
  for (int i = 0; i < 100; ++i) words.append("0123456789");
  EXPECT_EQ(words.view().size(), 96U);
  EXPECT_TRUE(words.view().ends_with("012345"));
}

}  // namespace
}  // namespace convcheck
