#include "harness/results_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace convcheck {
namespace {

constexpr size_t kChecksumLength = 16;

// What the line says behind its checksum; nothing where that is wrong.
std::string_view checked(std::string_view line) {
  if (line.size() <= kChecksumLength || line[kChecksumLength] != ' ') return {};
  const std::string_view text = line.substr(kChecksumLength + 1);
  return line.substr(0, kChecksumLength) == fmt::format("{:016x}", checksum(text)) ? text : std::string_view();
}

std::string line_of(std::string_view text) {
  return fmt::format("{:016x} {}\n", checksum(text), text);
}

}  // namespace

uint64_t checksum(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

ResultsLog::ResultsLog(const std::string& path, std::string_view session) {
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) throw std::runtime_error(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
  try {
    take_up(path, session);
  } catch (...) {
    close(file_);
    throw;
  }
}

void ResultsLog::take_up(const std::string& path, std::string_view session) {
  // The processes of a run that was killed may take a moment to be gone.
  constexpr int kMostMoments = 500;
  constexpr timespec kMoment = {.tv_sec = 0, .tv_nsec = 10'000'000};
  for (int i = 0; flock(file_, LOCK_EX | LOCK_NB) != 0; ++i) {
    if (i == kMostMoments) throw std::runtime_error(fmt::format("{}: another run writes to it", path));
    nanosleep(&kMoment, nullptr);
  }
  std::ostringstream all;
  all << std::ifstream(path, std::ios::binary).rdbuf();
  const std::string text = all.str();
  size_t good = 0;
  bool is_first = true;
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', good)) {
    const std::string_view line = checked(std::string_view(text).substr(good, end - good));
    if (line.empty()) break;
    if (is_first) {
      if (line != session) {
        throw std::runtime_error(fmt::format(
            "{}: these are the results of another run ({}); give the same arguments, or another file", path, line));
      }
      is_first = false;
    } else {
      size_t piece = 0;
      const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), piece);
      if (error != std::errc() || rest == line.data() + line.size()) break;
      records_[piece] = std::string(rest + 1, line.data() + line.size());
    }
    good = end + 1;
  }
  // The first line itself may have been cut off. What is something else is left as it is.
  if (is_first && !line_of(session).starts_with(text)) {
    throw std::runtime_error(fmt::format("{}: is no file of results; give another", path));
  }
  if (ftruncate(file_, static_cast<off_t>(good)) != 0 || (is_first && !write_line(session))) {
    throw std::runtime_error(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
  }
}

ResultsLog::~ResultsLog() {
  let_go();
}

void ResultsLog::let_go() {
  if (file_ >= 0) close(file_);
  file_ = -1;
}

bool ResultsLog::append(size_t piece, std::string_view record) {
  return drop_what_was_cut_off() && write_line(fmt::format("{} {}", piece, record));
}

// A disk that was full, or a process that was killed while it wrote, leaves a part of a line.
bool ResultsLog::drop_what_was_cut_off() const {
  off_t end = lseek(file_, 0, SEEK_END);
  const off_t size = end;
  for (char last = 0; end > 0; --end) {
    if (pread(file_, &last, 1, end - 1) != 1) return false;
    if (last == '\n') break;
  }
  return end >= 0 && (end == size || ftruncate(file_, end) == 0);
}

bool ResultsLog::write_line(std::string_view text) const {
  const std::string line = line_of(text);
  return write(file_, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

}  // namespace convcheck
