// GoogleTest states the verdicts: each kernel x law is a test KERNEL.LAW, its filter selects what the session does, and
// JUnit comes from it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "harness/session.h"

namespace convcheck {

/// What state_verdicts() did.
enum class Stated {
  verdicts,  ///< of the session, if the filter left anything for it to do
  listed,    ///< only named the tests, as --gtest_list_tests asks
};

/// Registers a test for each candidate and law, runs `session` once with those that GoogleTest's filter leaves, and
/// states its report as test results. `junit_file` may be empty. Prints nothing of GoogleTest's own but what
/// --gtest_list_tests asks for. Called at most once in a process.
[[nodiscard]] Stated state_verdicts(std::span<const Candidate> candidates,
                                    const std::vector<std::string>& gtest_arguments, const std::string& junit_file,
                                    const std::function<const Report&(std::vector<Candidate>)>& session);

}  // namespace convcheck
