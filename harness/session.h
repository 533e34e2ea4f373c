// A run: kernels x laws x cases, within a budget, to a report.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <span>

#include "harness/docket.h"
#include "harness/library.h"
#include "properties/corpus.h"

namespace convcheck {

/// What is done with a violation: a report wants the smallest case, an audit only that there is one.
enum class WhenViolated { shrink, keep_as_found };

/// A kernel and where it came from.
struct Candidate {
  const Library* library = nullptr;
  const Subject* subject = nullptr;
  std::vector<const Law*> laws;          ///< that are asked for
  std::vector<std::string> enough = {};  ///< laws: once all of them are violated the kernel is judged no further

  /// Which of its library's kernels it is: the same when that is loaded again, if it lists as many.
  [[nodiscard]] size_t place() const { return static_cast<size_t>(subject - library->kernels().data()); }
};

/// The layers of one network.
struct Network {
  std::string name;
  std::vector<CorpusEntry> layers;
};

struct SessionOptions {
  uint64_t seed = 1;
  double budget_s = 20;                      ///< per kernel, beside the corpus, which is always finished
  std::optional<int64_t> random_cases = {};  ///< so many instead of a budget: then the others are finished too
  /// keep_as_found: a kernel that is violated by the end of the first covering array is judged no further.
  WhenViolated when_violated = WhenViolated::shrink;
  int64_t most_multiplies = INT64_MAX;  ///< of a corpus's problem: larger ones are left out
  int jobs = 1;
  std::string program = "convcheck";  ///< how replay lines call the program
  std::span<const CorpusEntry> corpus = {};
  std::span<const Network> networks = {};
  std::span<const CorpusEntry> huge = {};   ///< judged last and one at a time: see properties/huge.h
  const std::atomic<bool>* stop = nullptr;  ///< once true, what is done is reported; may be null
  std::function<void(const std::string&)> progress =
      {};  ///< called with a line now and then, by one thread or process at a time; may be empty

  bool isolated = false;    ///< each kernel in processes of its own; this one must then have no other thread
  double call_limit_s = 0;  ///< of isolated kernels: 0 for the larger of 2 s and 100 times what the reference takes
  int64_t memory_limit = int64_t{4} << 30;  ///< likewise: private memory in bytes; 0 for none
  std::string results_file = {};  ///< what isolated kernels were found to do goes here while it happens, and is taken
                                  ///< from there at the start; empty: nowhere
};

/// Judges every candidate. Cases come in this order: the corpus, the covering arrays, the small world in an order that
/// the seed shuffles, random cases, the cases that are dear (network layers and the corpus's large ones), in the end
/// the huge ones. Throws std::runtime_error, with one line for the user, where the results file is another session's or
/// cannot be read or written.
[[nodiscard]] Report run_session(std::span<const Candidate> candidates, const SessionOptions& options);

}  // namespace convcheck
