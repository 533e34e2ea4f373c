#include "properties/corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "reference/rules.h"

namespace convcheck {
namespace {

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Cuts `text` at the first `mark` and returns what stood behind it.
std::string_view cut(std::string_view& text, std::string_view mark) {
  const size_t at = text.find(mark);
  if (at == std::string_view::npos) return {};
  const std::string_view behind = trimmed(text.substr(at + mark.size()));
  text = trimmed(text.substr(0, at));
  return behind;
}

// Empty where the trimmed line is a good entry; else what is wrong with it. `start` is where the line began before it
// was trimmed: columns count from there.
std::string parse_line(std::string_view line, const char* start, CorpusEntry& entry) {
  entry.note = cut(line, " # ");
  entry.message = cut(line, " => ");
  const size_t colon = line.find(": ");
  if (colon == std::string_view::npos || colon == 0) return "a line is NAME: CASE";
  entry.name = trimmed(line.substr(0, colon));
  const std::string_view text = trimmed(line.substr(colon + 2));
  const auto parsed = parse_case(text);
  if (!parsed) {
    TextError error = parsed.error();
    error.position += static_cast<size_t>(text.data() - start);
    return describe(error);
  }
  entry.the_case = *parsed;
  const auto broken = broken_rule(parsed->problem);
  if (broken && entry.message.empty()) {
    return fmt::format("{}; an invalid problem carries its message: NAME: CASE => MESSAGE",
                       message(parsed->problem, *broken));
  }
  if (!broken && !entry.message.empty()) return "a valid problem has no message";
  return {};
}

}  // namespace

Corpus parse_corpus(std::string_view text, std::string_view place) {
  Corpus corpus;
  int number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const char* const start = text.data();
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.front() == '#') continue;
    CorpusEntry entry;
    entry.place = fmt::format("{}:{}", place, number);
    if (const std::string wrong = parse_line(line, start, entry); !wrong.empty()) {
      corpus.error = fmt::format("{}: {}", entry.place, wrong);
      return corpus;
    }
    corpus.entries.push_back(std::move(entry));
  }
  return corpus;
}

std::string to_line(const CorpusEntry& entry) {
  std::string line = fmt::format("{}: {}", entry.name, print(entry.the_case));
  if (!entry.message.empty()) line += " => " + entry.message;
  if (!entry.note.empty()) line += " # " + entry.note;
  return line;
}

Corpus read_corpus(const std::string& path) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  std::error_code error;
  if (fs::is_directory(path, error)) {
    for (fs::recursive_directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
      if (it->path().extension() == ".cases") files.push_back(it->path());
    }
    std::sort(files.begin(), files.end());
  } else {
    files.emplace_back(path);
  }
  Corpus all;
  for (const fs::path& file : files) {
    std::ifstream stream(file);
    std::stringstream text;
    text << stream.rdbuf();
    if (!stream) {
      all.error = fmt::format("{}: cannot be read", file.string());
      return all;
    }
    Corpus one = parse_corpus(text.str(), file.string());
    all.entries.insert(all.entries.end(), std::make_move_iterator(one.entries.begin()),
                       std::make_move_iterator(one.entries.end()));
    if (!one.error.empty()) {
      all.error = one.error;
      return all;
    }
  }
  return all;
}

}  // namespace convcheck
