// The program as its users meet it: started, waited for, and read.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace convcheck::tools {

/// How a command ended: its exit status (128 + N where signal N ended it) and all that it printed.
struct Ended {
  int status = 0;
  std::string out, err;
};

/// A command that runs. Its environment is this process's without GoogleTest's variables, with a small corpus.
class Running {
 public:
  explicit Running(std::vector<std::string> command);
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running();

  /// Waits for the next line on standard error, and gives it without its end; empty at the end.
  [[nodiscard]] std::string error_line();
  void send(int signal) const;
  [[nodiscard]] int process() const { return process_; }
  /// True where wait() would not wait long: it has ended, or is about to.
  [[nodiscard]] bool has_ended() const;
  [[nodiscard]] Ended wait();

 private:
  std::FILE* out_;  ///< a file, so that the command never waits for us
  std::FILE* err_;  ///< a pipe
  std::string err_seen_;
  int process_ = -1;
};

/// Runs convcheck with these arguments, or a line of shell.
[[nodiscard]] Ended convcheck(std::vector<std::string> arguments);
[[nodiscard]] Ended shell(const std::string& line);

/// The words of a text, for commands in tables.
[[nodiscard]] std::vector<std::string> words(const std::string& text);

/// The text with one blank behind each word, wherever its lines are broken.
[[nodiscard]] std::string joined(const std::string& text);

[[nodiscard]] std::vector<std::string> lines(const std::string& text);

/// A folder of this test's own, gone when it ends.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

[[nodiscard]] std::string read_file(const std::string& path);

/// A run with --json added: how it ended and what it reported.
struct Reported {
  Ended ended;
  nlohmann::json json;
};
[[nodiscard]] Reported report_of(std::vector<std::string> arguments);

/// What a report says of one law of one kernel; null where it does not speak of it.
[[nodiscard]] nlohmann::json law_of(const nlohmann::json& report, const std::string& kernel, const std::string& law);

/// The libraries that judgement is passed on: the example, and the same with its fault put in.
inline const std::string kRightKernel = CONVCHECK_RIGHT_KERNEL;
inline const std::string kFaultyKernel = CONVCHECK_FAULTY_KERNEL;

}  // namespace convcheck::tools
