// Deaths at a guard, told by the process that dies.
#pragma once

#include <gtest/gtest.h>

#include <functional>

namespace convcheck {

/// What a process that dies of a fault exits with, having written to standard error what the fault was and whose:
/// "read right past the end of weight: reads_only_its_tensors", or "unknown address".
inline constexpr int kDiedOfFault = 77;

/// From now on this process dies so. For the child of a death test.
void tell_faults();

/// Tells faults from now on and calls `function`.
void die_telling(const std::function<void()>& function);

/// Expects that a child which does `statement` dies of a fault that is told in words that match the pattern.
#define EXPECT_FAULT(statement, pattern) \
  EXPECT_EXIT(convcheck::die_telling([&] { statement; }), testing::ExitedWithCode(convcheck::kDiedOfFault), pattern)

}  // namespace convcheck
