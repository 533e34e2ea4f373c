// What the commands that take their time share: progress on standard error, Ctrl-C, and files that a report goes to.
#pragma once

#include <atomic>
#include <string>

namespace convcheck {

/// Set by the first Ctrl-C after stop_on_interrupt(); a second one ends the program at once.
[[nodiscard]] const std::atomic<bool>& interrupted();
void stop_on_interrupt();

/// True where standard output is a terminal and NO_COLOR is not set.
[[nodiscard]] bool wants_colour();

/// True where the file can be written; it is left as it was, or empty.
[[nodiscard]] bool is_writable(const std::string& path);

/// Prints a report on standard output, and writes `json` to `json_file` where that is not empty. False, with a line on
/// standard error that `command` begins, where either did not arrive.
[[nodiscard]] bool write_report(const std::string& command, const std::string& text, const std::string& json_file,
                                const std::string& json);

/// One line that is rewritten on a terminal, and lines of their own where it is none, then only when the work changes.
class Progress {
 public:
  void operator()(const std::string& line);
  void clear() const;

 private:
  bool drawn_ = false;
  int counted_ = 0;
};

}  // namespace convcheck
