#include "tools/convcheck/selection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "impls/shipped.h"
#include "reference/benchdnn.h"
#include "reference/spelling.h"

namespace convcheck {
namespace {

namespace fs = std::filesystem;

// These folders of the corpus, in this order; places are told from the folder that holds it.
Corpus read_parts(std::initializer_list<const char*> parts) {
  Corpus all;
  const std::string folder = corpus_folder();
  if (folder.empty()) {
    all.error = "the corpus was not found; set CONVCHECK_CORPUS to the folder that holds bugs/, seeds/ and networks/";
    return all;
  }
  for (const char* part : parts) {
    Corpus one = read_corpus((fs::path(folder) / part).string());
    if (!one.error.empty()) return one;
    for (CorpusEntry& entry : one.entries) {
      entry.place = fs::path(entry.place).lexically_relative(fs::path(folder).parent_path()).string();
      all.entries.push_back(std::move(entry));
    }
  }
  return all;
}

}  // namespace

std::vector<const Law*> chosen_laws(const std::vector<std::string>& names, std::string& error) {
  std::vector<const Law*> chosen;
  if (names.empty()) {
    for (const Law& law : laws()) chosen.push_back(&law);
    return chosen;
  }
  std::vector<std::string_view> known;
  for (const Law& law : laws()) known.push_back(law.name);
  for (const std::string& name : names) {
    const Law* law = find_law(name);
    if (law == nullptr) {
      error = fmt::format("unknown law '{}'; {}", printable(name), suggestion(name, known));
      return {};
    }
    if (std::find(chosen.begin(), chosen.end(), law) == chosen.end()) chosen.push_back(law);
  }
  return chosen;
}

int jobs_of(int asked) {
  return asked > 0 ? asked : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

Selection select(const std::vector<std::string>& libraries, const std::vector<std::string>& kernels,
                 const std::vector<std::string>& laws, Loading loading) {
  Selection selection;
  const std::vector<const Law*> chosen = chosen_laws(laws, selection.error);
  if (!selection.error.empty()) return selection;
  if (libraries.empty()) selection.libraries.push_back(Library::linked("shipped", convcheck_shipped_kernels));
  for (const std::string& path : libraries) {
    selection.libraries.push_back(loading == Loading::here ? Library::load(path) : Library::examine(path));
  }
  std::vector<std::string_view> known;
  for (const Library& library : selection.libraries) {
    if (!library.error().empty()) {
      selection.error = library.error();
      return selection;
    }
    for (const Subject& subject : library.kernels()) {
      const std::string_view name = subject.kernel->name;
      known.push_back(name);
      if (!kernels.empty() && std::find(kernels.begin(), kernels.end(), name) == kernels.end()) continue;
      selection.candidates.push_back({&library, &subject, chosen});
    }
  }
  for (const std::string& name : kernels) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    selection.error = fmt::format("unknown kernel '{}'; {}", printable(name), suggestion(name, known));
    return selection;
  }
  return selection;
}

CaseWords split_words(const std::vector<std::string>& words) {
  CaseWords result;
  for (const std::string& word : words) {
    std::error_code error;
    const bool is_case = word.find('=') != std::string::npos ? !fs::exists(word, error)
                                                             : looks_like_benchdnn(word) && !fs::exists(word, error);
    if (!is_case) {
      result.libraries.push_back(word);
      continue;
    }
    if (!result.text.empty()) result.text += ' ';
    result.text += word;
  }
  return result;
}

std::string corpus_folder() {
  std::error_code error;
  if (const char* given = std::getenv("CONVCHECK_CORPUS")) return given;
  const fs::path installed = fs::read_symlink("/proc/self/exe", error).parent_path() / CONVCHECK_CORPUS_FROM_PROGRAM;
  for (const fs::path& candidate : {installed, fs::path(CONVCHECK_SOURCE_CORPUS)}) {
    if (fs::is_directory(candidate, error)) return fs::weakly_canonical(candidate, error).string();
  }
  return {};
}

Corpus read_run_corpus() {
  return read_parts({"regressions", "bugs", "seeds", "invalid"});
}

Corpus read_huge_corpus() {
  return read_parts({"huge"});
}

std::vector<std::string> network_names() {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& file : fs::directory_iterator(fs::path(corpus_folder()) / "networks", error)) {
    if (file.path().extension() == ".cases") names.push_back(file.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Networks read_networks(const std::string& names) {
  Networks result;
  if (names.empty()) return result;
  const std::vector<std::string> known = network_names();
  std::vector<std::string> wanted;
  for (size_t at = 0; at <= names.size();) {
    const size_t end = std::min(names.find(',', at), names.size());
    wanted.push_back(names.substr(at, end - at));
    at = end + 1;
  }
  if (names == "all") wanted = known;
  if (wanted.empty()) result.error = "no networks were found beside the corpus; set CONVCHECK_CORPUS";
  const std::vector<std::string_view> known_views(known.begin(), known.end());
  for (const std::string& name : wanted) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      result.error = fmt::format("unknown network '{}'; {}", printable(name), suggestion(name, known_views));
      return result;
    }
    Corpus corpus = read_corpus((fs::path(corpus_folder()) / "networks" / (name + ".cases")).string());
    if (!corpus.error.empty()) {
      result.error = corpus.error;
      return result;
    }
    result.networks.push_back({name, std::move(corpus.entries)});
  }
  return result;
}

}  // namespace convcheck
