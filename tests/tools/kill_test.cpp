// Whatever is killed, and whenever: a run that goes on finds what one finds that nobody disturbed.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "reference/random.h"
#include "reference/sanitized.h"
#include "tests/tools/program.h"

namespace convcheck::tools {
namespace {

// Under sanitizers everything takes ten times as long.
constexpr int kKills = kIsSanitized ? 20 : 200;

// Who violated which law, and the case that it was found on.
std::set<std::string> findings(const nlohmann::json& report) {
  std::set<std::string> all;
  for (const auto& kernel : report.at("kernels")) {
    for (const auto& law : kernel.at("laws")) {
      if (law.at("violation").is_null()) continue;
      all.insert(kernel.at("library").get<std::string>() + ' ' + law.at("law").get<std::string>() + ' ' +
                 law.at("violation").at("shrunk_from").get<std::string>());
    }
  }
  return all;
}

std::vector<int> children_of(int process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/task/" + std::to_string(process) + "/children");
  std::vector<int> children;
  for (int child = 0; file >> child;) children.push_back(child);
  return children;
}

// The run's process first, then the one that runs the children, then these.
std::vector<int> processes_of(int run) {
  std::vector<int> all = {run};
  for (size_t i = 0; i < all.size(); ++i) {
    const std::vector<int> children = children_of(all[i]);
    all.insert(all.end(), children.begin(), children.end());
  }
  return all;
}

std::vector<std::string> command(const std::string& json, const std::string& results) {
  return {CONVCHECK_PROGRAM, "run",
          kFaultyKernel,     kRightKernel,
          "--cases",         "30",
          "--law",           "groups_are_independent",
          "--law",           "matches_reference_exactly",
          "--law",           "bias_adds",
          "--seed",          "5",
          "--jobs",          "2",
          "--json",          json,
          "--resume",        results};
}

TEST(Kill, OfAnyProcessAtAnyMomentLosesNothingThatWasFound) {
  // LeakSanitizer waits for ever for a process of its own that is killed.
  if (kIsSanitized) setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
  const TemporaryFolder folder;
  const std::string json = folder.file("report.json"), results = folder.file("results");
  const Ended undisturbed = Running(command(json, folder.file("undisturbed"))).wait();
  ASSERT_EQ(undisturbed.status, 1) << undisturbed.err;
  const std::set<std::string> expected = findings(nlohmann::json::parse(read_file(json)));
  ASSERT_FALSE(expected.empty());

  Random random(1, 0x6B111);
  int kills = 0, of_runs = 0, whole_runs = 0;
  while (kills < kKills || whole_runs == 0) {
    std::filesystem::remove(json);
    Running run(command(json, results));
    bool is_over = false;
    while (!is_over) {
      // The moment is what is random here; nothing is expected of how long anything takes.
      std::this_thread::sleep_for(std::chrono::microseconds(1000 + random.below(60'000)));
      is_over = run.has_ended();
      if (is_over || kills >= kKills) continue;
      const std::vector<int> all = processes_of(run.process());
      const bool is_whole_run = kills % 16 == 7;
      if (!is_whole_run && all.size() < 2) continue;
      const size_t which = is_whole_run ? 0 : 1 + static_cast<size_t>(random.below(all.size() - 1));
      if (kill(all[which], SIGKILL) != 0) continue;
      ++kills;
      if (which == 0) {
        ++of_runs;
        is_over = true;
      }
    }
    const Ended ended = run.wait();
    if (ended.status == 128 + SIGKILL) continue;
    ++whole_runs;
    EXPECT_EQ(ended.status, 1) << ended.err;
    EXPECT_EQ(findings(nlohmann::json::parse(read_file(json))), expected) << "after " << kills << " kills";
    std::filesystem::remove(results);
  }
  EXPECT_GE(kills, kKills);
  EXPECT_GT(of_runs, 0);
}

}  // namespace
}  // namespace convcheck::tools
