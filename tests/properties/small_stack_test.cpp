// A function on a stack of a chosen size: it has that much, not more, and is otherwise as anywhere.
#include "properties/small_stack.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <thread>

#include "tests/properties/dying.h"

namespace convcheck {
namespace {

constexpr size_t kStack = size_t{512} << 10;

class SmallStack : public testing::Test {
 protected:
  void SetUp() override {
    if (!kCanChangeStacks) GTEST_SKIP() << "a sanitizer makes frames larger";
  }
};

// Touches so many bytes, from the top down.
template <size_t Bytes>
[[gnu::noinline]] void use_stack() {
  std::array<volatile char, Bytes> frame;
  for (size_t i = Bytes; i > 0; --i) frame[i - 1] = 1;
}

// The lowest byte alone, as a frame does that is not used from its top.
template <size_t Bytes>
[[gnu::noinline]] void skip_stack() {
  std::array<volatile char, Bytes> frame;
  frame[0] = 1;
}

TEST_F(SmallStack, RunsTheFunctionOnceOnItsOwnThread) {
  int runs = 0;
  std::thread::id on;
  ASSERT_TRUE(call_on_stack(kStack, [&] {
    ++runs;
    on = std::this_thread::get_id();
  }));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(on, std::this_thread::get_id());
}

TEST_F(SmallStack, HasNearlyTheBytesThatAreAskedFor) {
  EXPECT_TRUE(call_on_stack(kStack, use_stack<kStack - 4096>));
}

TEST_F(SmallStack, EndsWhoeverNeedsMore) {
  EXPECT_FAULT((void)call_on_stack(kStack, use_stack<kStack>), "^went 1 byte beyond the end of the stack: uses_little");
  EXPECT_FAULT((void)call_on_stack(kStack, skip_stack<2 * kStack>), "bytes beyond the end of the stack: uses_little");
  EXPECT_FAULT((void)call_on_stack(kStack, skip_stack<100 * kStack>), "bytes beyond the end of the stack: uses_little");
}

TEST_F(SmallStack, LetsExceptionsThrough) {
  EXPECT_THROW((void)call_on_stack(kStack, [] { throw std::runtime_error("out"); }), std::runtime_error);
  EXPECT_TRUE(call_on_stack(kStack, [] {
    try {
      throw std::runtime_error("kept in");
    } catch (const std::runtime_error&) {
    }
  }));
}

TEST_F(SmallStack, SaysWhereThereIsNoMemoryForIt) {
  bool is_called = false;
  EXPECT_FALSE(call_on_stack(size_t{1} << 50, [&] { is_called = true; }));
  EXPECT_FALSE(is_called);
}

}  // namespace
}  // namespace convcheck
