#include "tools/convcheck/verdicts.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "harness/table.h"

namespace convcheck {
namespace {

// What one test stands for, and the report once there is one.
struct Statement {
  size_t candidate;
  const Law* law;
  std::string suite;
  std::string library;
  std::shared_ptr<const LawReport> verdict;
};

class VerdictTest : public testing::Test {
 public:
  explicit VerdictTest(const Statement& statement) : statement_(statement) {}
  void TestBody() override {
    if (statement_.verdict == nullptr) {
      ADD_FAILURE_AT(statement_.library.c_str(), -1) << "the session ended before this law was judged";
      return;
    }
    const LawReport& law = *statement_.verdict;
    switch (law.verdict) {
      case Verdict::holds:
        RecordProperty("cases", std::to_string(law.cases));
        return;
      case Verdict::violated:
        ADD_FAILURE_AT(statement_.library.c_str(), -1) << to_text(*law.violation, statement_.suite, law.law, {});
        return;
      case Verdict::harness_fault:
        ADD_FAILURE_AT(statement_.library.c_str(), -1) << "could not be judged: " << law.reason;
        return;
      case Verdict::not_claimed:
      case Verdict::not_applicable:
        break;
    }
    GTEST_SKIP() << name(law.verdict) << ": " << law.reason;
  }

 private:
  const Statement& statement_;
};

// Letters, digits and _, made unique: by the library's name where kernels of two are called the same, then by a number.
std::vector<std::string> suite_names(std::span<const Candidate> candidates) {
  const auto plain = [](std::string text) {
    for (char& c : text) {
      const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!is_letter) c = '_';
    }
    return text;
  };
  std::map<std::string, int> uses;
  for (const Candidate& candidate : candidates) ++uses[plain(candidate.subject->kernel->name)];
  std::set<std::string> taken;
  std::vector<std::string> names;
  for (const Candidate& candidate : candidates) {
    std::string name = plain(candidate.subject->kernel->name);
    if (uses[name] > 1) {
      const std::string& path = candidate.library->path();
      name = fmt::format("{}_{}", plain(path.substr(path.find_last_of('/') + 1)), name);
    }
    const std::string base = name;
    for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}_{}", base, i);
    names.push_back(name);
  }
  return names;
}

// Runs the session when the filter is known and before the first test.
class SessionEnvironment : public testing::Environment {
 public:
  SessionEnvironment(std::span<const Candidate> candidates, std::vector<std::unique_ptr<Statement>>& statements,
                     const std::function<const Report&(std::vector<Candidate>)>& session)
      : candidates_(candidates), statements_(statements), session_(session) {}

  void SetUp() override {
    const std::set<std::string> selected = selected_tests();
    std::vector<Candidate> chosen;
    std::vector<size_t> place(candidates_.size());
    for (size_t i = 0; i < candidates_.size(); ++i) {
      Candidate candidate = {candidates_[i].library, candidates_[i].subject, {}};
      for (const auto& statement : statements_) {
        if (statement->candidate != i) continue;
        if (selected.contains(fmt::format("{}.{}", statement->suite, statement->law->name))) {
          candidate.laws.push_back(statement->law);
        }
      }
      place[i] = chosen.size();
      if (!candidate.laws.empty()) chosen.push_back(candidate);
    }
    const Report& report = session_(chosen);
    for (const auto& statement : statements_) {
      if (place[statement->candidate] >= report.kernels.size()) continue;
      for (const LawReport& law : report.kernels[place[statement->candidate]].laws) {
        if (law.law == statement->law->name) statement->verdict = std::make_shared<LawReport>(law);
      }
    }
  }

 private:
  static std::set<std::string> selected_tests() {
    std::set<std::string> selected;
    const testing::UnitTest& all = *testing::UnitTest::GetInstance();
    for (int s = 0; s < all.total_test_suite_count(); ++s) {
      const testing::TestSuite& suite = *all.GetTestSuite(s);
      for (int t = 0; t < suite.total_test_count(); ++t) {
        const testing::TestInfo& test = *suite.GetTestInfo(t);
        if (test.should_run()) selected.insert(fmt::format("{}.{}", suite.name(), test.name()));
      }
    }
    return selected;
  }

  std::span<const Candidate> candidates_;
  std::vector<std::unique_ptr<Statement>>& statements_;
  const std::function<const Report&(std::vector<Candidate>)>& session_;
};

}  // namespace

Stated state_verdicts(std::span<const Candidate> candidates, const std::vector<std::string>& gtest_arguments,
                      const std::string& junit_file,
                      const std::function<const Report&(std::vector<Candidate>)>& session) {
  std::vector<std::string> arguments = {"convcheck"};
  arguments.insert(arguments.end(), gtest_arguments.begin(), gtest_arguments.end());
  if (!junit_file.empty()) arguments.push_back("--gtest_output=xml:" + junit_file);
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  auto argc = static_cast<int>(arguments.size());
  testing::InitGoogleTest(&argc, argv.data());

  const std::vector<std::string> suites = suite_names(candidates);
  std::vector<std::unique_ptr<Statement>> statements;
  for (size_t i = 0; i < candidates.size(); ++i) {
    for (const Law* law : candidates[i].laws) {
      statements.push_back(
          std::make_unique<Statement>(Statement{i, law, suites[i], candidates[i].library->path(), nullptr}));
      const Statement* statement = statements.back().get();
      testing::RegisterTest(suites[i].c_str(), std::string(law->name).c_str(), nullptr, nullptr,
                            statement->library.c_str(), 1,
                            [statement]() -> testing::Test* { return new VerdictTest(*statement); });
    }
  }
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  testing::AddGlobalTestEnvironment(new SessionEnvironment(candidates, statements, session));
  // Its answer is in the report already, and in JUnit.
  [[maybe_unused]] const int any_failed = RUN_ALL_TESTS();
  return testing::GTEST_FLAG(list_tests) ? Stated::listed : Stated::verdicts;
}

}  // namespace convcheck
