// The program's commands. Each takes its options and returns the exit status; docs/command-line.md lists them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace convcheck {

/// Exit statuses.
enum Exit : int {
  kHolds = 0,
  kViolated = 1,  ///< or, for explain, an invalid problem
  kUsage = 2,
  kNotJudged = 3,
  kInterrupted = 130,
};

struct RunOptions {
  std::vector<std::string> libraries;
  std::vector<std::string> kernels, laws;
  double budget_s = 20;
  std::optional<int64_t> cases;
  uint64_t seed = 1;
  int jobs = 0;  ///< 0: all cores
  std::string networks;
  bool huge = false;
  std::string json_file, junit_file;
  bool verbose = false;
  bool in_process = false;                   ///< no sandbox
  double time_limit_s = 0;                   ///< per call; 0: by the problem's size
  double memory_limit = 4;                   ///< GiB of private memory; 0: none
  std::string resume_file;                   ///< results go there, and are taken up from there
  std::string program;                       ///< as the user called it
  std::vector<std::string> gtest_arguments;  ///< --gtest_..., handed on
};

struct ReplayOptions {
  std::vector<std::string> words;  ///< case words and libraries
  std::vector<std::string> kernels, laws;
  bool in_process = false;  ///< no sandbox
};

[[nodiscard]] int run_command(const RunOptions& options);
[[nodiscard]] int replay_command(const ReplayOptions& options);
[[nodiscard]] int explain_command(const std::vector<std::string>& words);

struct AuditOptions {
  std::vector<std::string> kernels, laws;
  double budget_s = 3;
  uint64_t seed = 1;
  int jobs = 0;        ///< 0: all cores
  bool quick = false;  ///< no matrix
  std::string json_file;
};
[[nodiscard]] int audit_command(const AuditOptions& options);

struct BenchOptions {
  std::vector<std::string> libraries, kernels, layers;
  std::string networks = "resnet50";
  int rounds = 15;
  double seconds = 0.01;      ///< of a kernel's share of a round
  std::string threads = "1";  ///< numbers joined by commas, or all
  bool verbose = false;
  std::string csv_file, json_file, svg_file;
};
[[nodiscard]] int bench_command(const BenchOptions& options);

struct CorpusAddOptions {
  std::vector<std::string> words;  ///< of the case
  std::string name, note, file;
};
[[nodiscard]] int corpus_add_command(const CorpusAddOptions& options);

struct ListOptions {
  std::string what;
  std::vector<std::string> libraries;
  bool markdown = false;  ///< `list laws` as the page docs/laws.md
};
[[nodiscard]] int list_command(const ListOptions& options);

}  // namespace convcheck
