// The corpus: cases as text, one fact a line.
//
// `*.cases` files: a line is `NAME: CASE`, for an invalid problem ` => MESSAGE` behind it, and optionally ` # NOTE`
// (link, law, library and version). Lines that start with # are comments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reference/case_text.h"

namespace convcheck {

struct CorpusEntry {
  std::string name;
  Case the_case;
  std::string message;  ///< what an invalid problem's rule says; empty for valid problems
  std::string note;
  std::string place;  ///< "corpus/bugs/groups.cases:12"
};

/// Entries in order, or the first thing that is wrong: "corpus/x.cases:3: column 17: unknown key ...".
struct Corpus {
  std::vector<CorpusEntry> entries;
  std::string error;
};

/// Reads the text of one file; `place` names it in messages.
[[nodiscard]] Corpus parse_corpus(std::string_view text, std::string_view place);

/// The line that parse_corpus() reads as this entry, without its end.
[[nodiscard]] std::string to_line(const CorpusEntry& entry);

/// Reads a file, or all *.cases files below a folder in the order of their paths.
[[nodiscard]] Corpus read_corpus(const std::string& path);

}  // namespace convcheck
