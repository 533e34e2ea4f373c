// What the user named: libraries, kernels, laws, cases, networks; and what is meant where nothing is named.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "harness/session.h"

namespace convcheck {

/// Loaded libraries and the kernels and laws that were asked for. `error` is one line, empty where all is well.
struct Selection {
  std::deque<Library> libraries;
  std::vector<Candidate> candidates;
  std::string error;
};

/// The laws of these names, all where none is given; `error` is one line where a name is unknown.
[[nodiscard]] std::vector<const Law*> chosen_laws(const std::vector<std::string>& names, std::string& error);

/// Threads: as many as asked for, or as there are cores where that is 0.
[[nodiscard]] int jobs_of(int asked);

/// What is done with libraries: a child is asked what they hold, or they are loaded into this process.
enum class Loading { in_a_child, here };

/// No library: the shipped kernels. No kernel or law: all.
[[nodiscard]] Selection select(const std::vector<std::string>& libraries, const std::vector<std::string>& kernels,
                               const std::vector<std::string>& laws, Loading loading);

/// Words with '=' and benchdnn descriptors form the case; the others are libraries.
struct CaseWords {
  std::string text;
  std::vector<std::string> libraries;
};
[[nodiscard]] CaseWords split_words(const std::vector<std::string>& words);

/// Where the corpus is: $CONVCHECK_CORPUS, beside the installed program, or in the source tree it was built from. Empty
/// where it is nowhere.
[[nodiscard]] std::string corpus_folder();

/// All of the corpus but the networks and the huge cases, in the order of a run: regressions first.
[[nodiscard]] Corpus read_run_corpus();

/// The cases of `run --huge`.
[[nodiscard]] Corpus read_huge_corpus();

struct Networks {
  std::vector<Network> networks;
  std::string error;
};
/// "all", or names joined by commas; empty: none.
[[nodiscard]] Networks read_networks(const std::string& names);

/// All there are, by name.
[[nodiscard]] std::vector<std::string> network_names();

}  // namespace convcheck
