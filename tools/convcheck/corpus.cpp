// convcheck corpus: cases that are kept, so that they are judged first ever after.
#include "properties/corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "reference/rules.h"
#include "reference/spelling.h"
#include "tools/convcheck/commands.h"
#include "tools/convcheck/selection.h"

namespace convcheck {
namespace {

namespace fs = std::filesystem;

int refuse(const std::string& message) {
  fmt::print(stderr, "convcheck corpus add: {}\n", message);
  return kUsage;
}

bool is_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '/' || c == '.';
  });
}

// Empty where the entry can be added to what the file holds.
std::string why_not(const CorpusEntry& entry, const Corpus& present) {
  if (!present.error.empty()) return present.error;
  for (const CorpusEntry& other : present.entries) {
    if (other.the_case == entry.the_case) return fmt::format("{} is that case already: {}", other.place, other.name);
    if (other.name == entry.name) return fmt::format("{} has that name already; choose another", other.place);
  }
  return {};
}

// The message of the first rule that the problem breaks, which a corpus holds it to; empty for a valid one.
std::string message_of(const Problem& problem) {
  const auto broken = broken_rule(problem);
  return broken ? message(problem, *broken) : std::string();
}

// A file that does not end with a line's end gets one first, so that no line is lost.
bool append_line(const std::string& path, const std::string& line) {
  std::ifstream before(path, std::ios::binary | std::ios::ate);
  char last = '\n';
  if (before && before.tellg() > 0) {
    before.seekg(-1, std::ios::end);
    before.get(last);
  }
  std::ofstream file(path, std::ios::app);
  file << (last == '\n' ? "" : "\n") << line << '\n';
  file.close();
  return static_cast<bool>(file);
}

}  // namespace

int corpus_add_command(const CorpusAddOptions& options) {
  const CaseWords words = split_words(options.words);
  if (!words.libraries.empty()) {
    return refuse(fmt::format("'{}' is no part of a case", printable(words.libraries.front())));
  }
  if (words.text.empty()) return refuse("name a case, such as the one that a report shows");
  const auto parsed = parse_case(words.text);
  if (!parsed) return refuse(fmt::format("'{}': {}", printable(words.text), describe(parsed.error())));
  if (!is_name(options.name)) {
    return refuse("give it a name that says which fault it hunts, of letters, digits and -: --name last-column-lost");
  }
  if (options.note.find_first_of("\r\n") != std::string::npos) return refuse("a note is one line");
  std::string file = options.file;
  if (file.empty()) {
    if (corpus_folder().empty()) return refuse("the corpus was not found; set CONVCHECK_CORPUS, or name a --file");
    file = (fs::path(corpus_folder()) / "regressions" / "regressions.cases").string();
  }
  const CorpusEntry entry = {.name = options.name,
                             .the_case = *parsed,
                             .message = message_of(parsed->problem),
                             .note = options.note,
                             .place = {}};
  const std::string line = to_line(entry);
  const Corpus read_back = parse_corpus(line, "the new line");
  if (!read_back.error.empty()) return refuse(read_back.error);
  std::error_code error;
  if (fs::exists(file, error)) {
    if (const std::string wrong = why_not(entry, read_corpus(file)); !wrong.empty()) return refuse(wrong);
  }
  if (!append_line(file, line)) return refuse(fmt::format("{}: cannot be written; name another --file", file));
  fmt::print("{}: {}\n", file, line);
  return kHolds;
}

}  // namespace convcheck
