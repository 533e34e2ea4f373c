// What a session found, streamed to disk: killing it at any moment loses nothing that the file holds.
//
// A file of lines, each a checksum, the number of a piece of work, and its record. The last line of a piece counts. A
// line that was cut off, or does not fit its checksum, ends what is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace convcheck {

/// FNV-1a, 64 bits (G. Fowler, L. Noll, K.-P. Vo, The FNV Non-Cryptographic Hash Algorithm): against accidents, not
/// against people.
[[nodiscard]] uint64_t checksum(std::string_view text);

class ResultsLog {
 public:
  /// Opens the file, or makes it. `session` says what is judged and how, in one line: a file that was begun for another
  /// session, or that another run writes to, is refused. Throws std::runtime_error, with a line for the user.
  ResultsLog(const std::string& path, std::string_view session);
  ResultsLog(const ResultsLog&) = delete;
  ResultsLog& operator=(const ResultsLog&) = delete;
  ~ResultsLog();

  /// The records that the file held when it was opened, by piece.
  [[nodiscard]] const std::map<size_t, std::string>& records() const { return records_; }

  /// Adds a line by one write, in place of one that was cut off. False where the disk is full, or the like.
  bool append(size_t piece, std::string_view record);

  /// For a child that is to have no part in it: the file stays locked by those that keep it.
  void let_go();

 private:
  void take_up(const std::string& path, std::string_view session);
  bool write_line(std::string_view text) const;
  [[nodiscard]] bool drop_what_was_cut_off() const;

  int file_ = -1;
  std::map<size_t, std::string> records_;
};

}  // namespace convcheck
