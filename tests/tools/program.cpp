#include "tests/tools/program.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace convcheck::tools {
namespace {

std::string read_all(std::FILE* file) {
  std::string text;
  char block[4096];
  for (size_t count = 0; (count = std::fread(block, 1, sizeof block, file)) > 0;) text.append(block, count);
  return text;
}

// What the child does: it does not return.
[[noreturn]] void become(std::vector<std::string>& command, int out, int err) {
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  close(err);
  for (const char* name : {"GTEST_FILTER", "GTEST_OUTPUT", "GTEST_TOTAL_SHARDS", "GTEST_SHARD_INDEX",
                           "GTEST_SHARD_STATUS_FILE", "CONVCHECK_INVOKED_AS"}) {
    unsetenv(name);
  }
  setenv("CONVCHECK_CORPUS", CONVCHECK_TEST_CORPUS, 1);
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  _exit(127);
}

}  // namespace

Running::Running(std::vector<std::string> command) : out_(std::tmpfile()), err_(nullptr) {
  int ends[2] = {-1, -1};
  if (out_ == nullptr || pipe(ends) != 0) std::abort();
  process_ = fork();
  if (process_ < 0) std::abort();
  if (process_ == 0) {
    close(ends[0]);
    become(command, fileno(out_), ends[1]);
  }
  close(ends[1]);
  err_ = fdopen(ends[0], "r");
}

Running::~Running() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  std::fclose(out_);
  std::fclose(err_);
}

std::string Running::error_line() {
  std::string line;
  for (int c = std::fgetc(err_); c != EOF && c != '\n'; c = std::fgetc(err_)) line.push_back(static_cast<char>(c));
  err_seen_ += line + '\n';
  return line;
}

bool Running::has_ended() const {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == process_;
}

void Running::send(int signal) const {
  kill(process_, signal);
}

Ended Running::wait() {
  Ended ended;
  ended.err = err_seen_ + read_all(err_);  // until the command closes it
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
  std::rewind(out_);
  ended.out = read_all(out_);
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}

Ended convcheck(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CONVCHECK_PROGRAM);
  return Running(std::move(arguments)).wait();
}

Ended shell(const std::string& line) {
  return Running({"/bin/sh", "-c", line}).wait();
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> found;
  for (std::string word; stream >> word;) found.push_back(word);
  return found;
}

std::string joined(const std::string& text) {
  std::string result;
  for (const std::string& word : words(text)) result += word + ' ';
  return result;
}

std::vector<std::string> lines(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> found;
  for (std::string line; std::getline(stream, line);) found.push_back(line);
  return found;
}

TemporaryFolder::TemporaryFolder() : path_(testing::TempDir() + "/convcheck_XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) std::abort();
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

Reported report_of(std::vector<std::string> arguments) {
  const TemporaryFolder folder;
  arguments.insert(arguments.end(), {"--json", folder.file("report.json")});
  Reported reported = {convcheck(std::move(arguments)), {}};
  reported.json = nlohmann::json::parse(read_file(folder.file("report.json")), nullptr, false);
  return reported;
}

nlohmann::json law_of(const nlohmann::json& report, const std::string& kernel, const std::string& law) {
  for (const auto& one : report.at("kernels")) {
    if (one.at("name") != kernel) continue;
    for (const auto& entry : one.at("laws")) {
      if (entry.at("law") == law) return entry;
    }
  }
  return nullptr;
}

}  // namespace convcheck::tools
