#include "tools/convcheck/console.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tools/convcheck/commands.h"

namespace convcheck {
namespace {

std::atomic<bool> g_interrupted = false;  // set by the signal handler, which can reach nothing else

bool is_terminal(int descriptor) {
  return isatty(descriptor) == 1;
}

}  // namespace

const std::atomic<bool>& interrupted() {
  return g_interrupted;
}

void stop_on_interrupt() {
  std::signal(SIGINT, [](int) {
    if (g_interrupted.exchange(true)) std::_Exit(kInterrupted);  // the second one is meant
  });
}

bool wants_colour() {
  return is_terminal(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr;
}

bool is_writable(const std::string& path) {
  return std::ofstream(path, std::ios::app).good();
}

bool write_report(const std::string& command, const std::string& text, const std::string& json_file,
                  const std::string& json) {
  bool is_complete = true;
  fmt::print("{}", text);
  if (std::fflush(stdout) != 0) {
    fmt::print(stderr, "{}: the report could not be written to standard output; is the disk full?\n", command);
    is_complete = false;
  }
  if (json_file.empty()) return is_complete;
  std::ofstream file(json_file);
  file << json;
  file.close();
  if (file) return is_complete;
  fmt::print(stderr, "{}: {}: could not be written; is the disk full?\n", command, json_file);
  return false;
}

void Progress::operator()(const std::string& line) {
  const bool is_counter = line.find(" of ") != std::string::npos;
  if (is_terminal(STDERR_FILENO)) {
    fmt::print(stderr, "\r\033[K{}", line.substr(0, 100));
    drawn_ = true;
  } else if (!is_counter || ++counted_ % 50 == 0) {
    fmt::print(stderr, "{}\n", line);
  }
}

void Progress::clear() const {
  if (drawn_) fmt::print(stderr, "\r\033[K");
}

}  // namespace convcheck
