// Memory of any length for the cost of a block, in which no offset that is wrong by a power of two finds what it
// should.
#include "properties/periodic_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <fstream>
#include <string>
#include <vector>

#include "properties/memory_left.h"
#include "reference/random.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

constexpr int64_t kPeriod = PeriodicMemory::kPeriod;
constexpr int64_t kMargin = PeriodicMemory::kMargin;
constexpr int64_t kElements = (int64_t{1} << 32) + (int64_t{1} << 31) + 12'345;

// The place of an element in its block.
int64_t place_of(int64_t element) {
  return ((element % kPeriod) + kPeriod) % kPeriod;
}

// Each element of the block is its own place, which f32 holds: a block has fewer than 2^24.
void fill_with_places(std::span<float> block) {
  for (size_t i = 0; i < block.size(); ++i) block[i] = static_cast<float>(i);
}

// What the kernel says of this process's mappings of blocks, one line each.
std::vector<std::string> mappings_of_blocks() {
  std::vector<std::string> found;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find("memfd:convcheck") != std::string::npos) found.push_back(line);
  }
  return found;
}

TEST(PeriodicMemory, HasAPeriodOfAPrimeNumberOfPages) {
  for (int64_t divisor = 2; divisor * divisor <= PeriodicMemory::kPeriodPages; ++divisor) {
    ASSERT_NE(PeriodicMemory::kPeriodPages % divisor, 0) << divisor;
  }
  EXPECT_EQ(PeriodicMemory::kPeriodPages, 16381);
  EXPECT_EQ(PeriodicMemory::kPeriodBytes, 16381 * 4096);
  EXPECT_LT(kPeriod, 1 << 24) << "the tests here number the elements of a block in f32";
}

TEST(PeriodicMemory, RepeatsItsBlockEverywhere) {
  PeriodicMemory memory;
  ASSERT_EQ(memory.map(kElements, fill_with_places), "");
  const float* const data = memory.data();
  for (int64_t i = 0; i < kPeriod; ++i) ASSERT_EQ(data[i], static_cast<float>(i));
  for (const int64_t i : {-kMargin, int64_t{-1}, int64_t{0}, kPeriod - 1, kPeriod, kElements - 1}) {
    EXPECT_EQ(data[i], static_cast<float>(place_of(i))) << i;
  }
  Random random(1);
  for (int64_t i = 0; i < random_cases(200'000); ++i) {
    const auto at = static_cast<int64_t>(random.bits() % static_cast<uint64_t>(kElements + kMargin)) - kMargin;
    ASSERT_EQ(data[at], static_cast<float>(place_of(at))) << at;
  }
}

// Offsets wrong by 2^31 or 2^32 bytes or elements, or by any other power of two from 2^12 bytes on.
TEST(PeriodicMemory, ShowsOtherDataToOffsetsThatAreWrongByAPowerOfTwo) {
  PeriodicMemory memory;
  ASSERT_EQ(memory.map(kElements, fill_with_places), "");
  const float* const data = memory.data();
  Random random(2);
  for (int bits = 12; bits <= 34; ++bits) {
    const int64_t bytes = int64_t{1} << bits;
    EXPECT_NE(bytes % PeriodicMemory::kPeriodBytes, 0) << "2^" << bits << " bytes";
    const int64_t elements = bytes / static_cast<int64_t>(sizeof(float));
    for (int i = 0; i < 1000; ++i) {
      const auto at = static_cast<int64_t>(random.bits() % static_cast<uint64_t>(kElements - elements));
      ASSERT_NE(data[at], data[at + elements]) << at << " and 2^" << bits << " bytes behind it";
    }
    EXPECT_EQ(bytes % (int64_t{1} << 26), bits < 26 ? bytes : 0) << "what a period of 64 MiB would hide";
  }
}

TEST(PeriodicMemory, TakesAMappingForEachBlockAndNotForEachPage) {
  const size_t before = mappings_of_blocks().size();
  PeriodicMemory memory;
  ASSERT_EQ(memory.map(int64_t{1} << 31, fill_with_places), "");
  const int64_t blocks = (int64_t{1} << 33) / PeriodicMemory::kPeriodBytes + 1;
  EXPECT_EQ(blocks, 129);
  EXPECT_EQ(memory.mappings(), 2 * blocks) << "8 GiB, and as much before them";
  EXPECT_EQ(mappings_of_blocks().size() - before, static_cast<size_t>(memory.mappings()));
}

TEST(PeriodicMemory, CanOnlyBeRead) {
  PeriodicMemory memory;
  ASSERT_EQ(memory.map(3 * kPeriod, fill_with_places), "");
  const std::vector<std::string> mappings = mappings_of_blocks();
  ASSERT_FALSE(mappings.empty());
  for (const std::string& line : mappings) EXPECT_NE(line.find(" r--s "), std::string::npos) << line;
}

TEST(PeriodicMemory, OfAShortTensorHoldsZerosBehindIt) {
  PeriodicMemory memory;
  ASSERT_EQ(memory.map(100,
                       [](std::span<float> block) {
                         EXPECT_EQ(block.size(), 100U);
                         for (float& element : block) element = 7;
                       }),
            "");
  EXPECT_EQ(memory.data()[99], 7);
  EXPECT_EQ(memory.data()[100], 0);
  EXPECT_EQ(memory.data()[-1], 0);
  EXPECT_EQ(memory.data()[kPeriod - 1], 0);
}

TEST(PeriodicMemory, CostsABlockAndGoesAway) {
  const int64_t before = memory_taken();
  {
    PeriodicMemory memory;
    ASSERT_EQ(memory.map(kElements, fill_with_places), "");
    EXPECT_LT(memory_taken() - before, PeriodicMemory::kPeriodBytes);
    PeriodicMemory other = std::move(memory);
    EXPECT_EQ(other.data()[kElements - 1], static_cast<float>(place_of(kElements - 1)));
  }
  EXPECT_TRUE(mappings_of_blocks().empty());
}

TEST(PeriodicMemory, WithoutElementsIsNothing) {
  PeriodicMemory memory;
  EXPECT_EQ(memory.map(0, fill_with_places), "");
  EXPECT_EQ(memory.data(), nullptr);
}

TEST(PeriodicMemory, SaysSoWhereATensorIsTooLarge) {
  PeriodicMemory memory;
  const std::string why = memory.map(int64_t{1} << 50, fill_with_places);
  EXPECT_NE(why.find("1125899906842624 elements"), std::string::npos) << why;
  EXPECT_EQ(memory.data(), nullptr);
  OutputMemory output;
  EXPECT_NE(output.map(int64_t{1} << 50, 1), "");
  EXPECT_EQ(output.data(), nullptr);
  EXPECT_TRUE(mappings_of_blocks().empty());
}

// As many views as there are places that an aliased output would put together.
TEST(OutputMemory, HasAPlaceOfItsOwnForEachElement) {
  OutputMemory memory;
  std::vector<int64_t> elements = {0, 1, kElements - 1};
  for (int bits = 10; bits <= 32; ++bits) elements.push_back(int64_t{1} << bits);
  for (int64_t period = 1; period < 300; ++period) elements.push_back(period * kPeriod);
  ASSERT_EQ(memory.map(kElements, static_cast<int64_t>(elements.size())), "");
  for (const int64_t at : elements) EXPECT_EQ(memory.data()[at], 0);
  for (size_t i = 0; i < elements.size(); ++i) memory.data()[elements[i]] = static_cast<float>(i + 1);
  for (size_t i = 0; i < elements.size(); ++i) EXPECT_EQ(memory.data()[elements[i]], static_cast<float>(i + 1));
}

bool is_resident(float* element) {
  constexpr uintptr_t kPage = 4096;
  unsigned char resident = 0;
  auto* const page = reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(element) / kPage * kPage);
  EXPECT_EQ(mincore(page, kPage, &resident), 0);
  return (resident & 1) != 0;
}

TEST(OutputMemory, WithGapsTakesThePagesThatAreWritten) {
  constexpr int64_t kWritten = 1000;
  constexpr int64_t kStep = kElements / kWritten;
  EXPECT_EQ(OutputMemory::most_bytes(kElements, kWritten), kWritten * 4096);
  EXPECT_EQ(OutputMemory::most_bytes(1025, 1025), 2 * 4096);
  OutputMemory memory;
  ASSERT_EQ(memory.map(kElements, kWritten), "");
  for (int64_t i = 0; i < kWritten; ++i) memory.data()[i * kStep] = 1;
  for (int64_t i = 0; i < kWritten; ++i) {
    ASSERT_TRUE(is_resident(&memory.data()[i * kStep]));
    ASSERT_FALSE(is_resident(&memory.data()[i * kStep + 2048])) << "two pages on";
  }
}

// An index that wraps to a negative number is written, and found nowhere.
TEST(OutputMemory, SwallowsWhatIsWrittenBeforeIt) {
  OutputMemory memory;
  ASSERT_EQ(memory.map(1000, 1000), "");
  memory.data()[-1] = 5;
  memory.data()[-kMargin] = 5;
  for (int64_t i = 0; i < 1000; ++i) ASSERT_EQ(memory.data()[i], 0);
}

// What a kernel asks the system for, directly or through malloc.
bool can_have(int64_t bytes) {
  const auto size = static_cast<size_t>(bytes);
  void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return false;
  munmap(memory, size);
  return true;
}

TEST(MemoryLimit, FailsAllocationsBeyondItAsLongAsItLives) {
  constexpr int64_t kLimit = int64_t{1} << 30;
  EXPECT_TRUE(can_have(2 * kLimit));
  {
    const MemoryLimit limit(kLimit);
    EXPECT_FALSE(can_have(2 * kLimit));
    EXPECT_TRUE(can_have(kLimit / 2));
    PeriodicMemory memory;
    EXPECT_EQ(memory.map(8 * kPeriod, fill_with_places), "") << "what is read only is no allocation";
  }
  EXPECT_TRUE(can_have(2 * kLimit));
}

TEST(MemoryLeft, IsWhatTheMachineSays) {
  EXPECT_GT(memory_left(), int64_t{64} << 20);
  EXPECT_LT(memory_left(), int64_t{1} << 46);
  EXPECT_GT(memory_taken(), 0);
}

}  // namespace
}  // namespace convcheck
