// convcheck audit: the suite on trial.
#include "harness/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "impls/mutants.h"
#include "impls/shipped.h"
#include "impls/unusual.h"
#include "reference/spelling.h"
#include "tools/convcheck/commands.h"
#include "tools/convcheck/console.h"
#include "tools/convcheck/selection.h"

namespace convcheck {
namespace {

int refuse(const std::string& message) {
  fmt::print(stderr, "convcheck audit: {}\n", message);
  return kUsage;
}

Suspect mutant(const impls::MutantFacts& facts) {
  Suspect suspect;
  suspect.is_mutant = true;
  suspect.has_wrong_values = facts.wrong_values;
  suspect.bug_class = facts.bug_class;
  suspect.modelled_on = facts.modelled_on;
  suspect.theory = facts.theory;
  std::istringstream killers(facts.killers);
  for (std::string law; killers >> law;) suspect.killers.push_back(law);
  return suspect;
}

// All suspects: the mutants, then the sound kernels, shipped and unusual ones.
std::vector<Suspect> all_suspects(const std::deque<Library>& libraries, const std::vector<const Law*>& laws) {
  std::vector<Suspect> suspects;
  for (const Library& library : libraries) {
    for (const Subject& subject : library.kernels()) {
      Suspect suspect;
      if (&library == &libraries.front()) suspect = mutant(impls::mutant_facts()[suspects.size()]);
      suspect.candidate = {&library, &subject, laws};
      suspects.push_back(std::move(suspect));
    }
  }
  return suspects;
}

// Keeps the suspects of these names; what is wrong with a name, or nothing.
std::string choose(std::vector<Suspect>& suspects, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::vector<std::string_view> known;
  known.reserve(suspects.size());
  for (const Suspect& suspect : suspects) known.emplace_back(suspect.candidate.subject->kernel->name);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return fmt::format("unknown kernel '{}'; {}", printable(name), suggestion(name, known));
  }
  std::erase_if(suspects, [&](const Suspect& suspect) {
    return std::find(names.begin(), names.end(), suspect.candidate.subject->kernel->name) == names.end();
  });
  return {};
}

}  // namespace

int audit_command(const AuditOptions& options) {
  std::string error;
  const std::vector<const Law*> laws = chosen_laws(options.laws, error);
  if (!error.empty()) return refuse(error);
  // A mutant that keeps state keeps it to itself.
  std::deque<Library> libraries;
  libraries.push_back(Library::linked("mutants", convcheck_mutant_kernels, SharedState::none));
  libraries.push_back(Library::linked("shipped", convcheck_shipped_kernels, SharedState::none));
  libraries.push_back(Library::linked("unusual", convcheck_unusual_kernels, SharedState::none));
  std::vector<Suspect> suspects = all_suspects(libraries, laws);
  if (error = choose(suspects, options.kernels); !error.empty()) return refuse(error);
  const Corpus corpus = read_run_corpus();
  if (!corpus.error.empty()) return refuse(corpus.error);
  const Corpus huge = read_huge_corpus();
  if (!huge.error.empty()) return refuse(huge.error);
  if (!options.json_file.empty() && !is_writable(options.json_file)) {
    return refuse(fmt::format("{}: cannot be written; does its folder exist?", options.json_file));
  }
  stop_on_interrupt();

  Progress progress;
  SessionOptions session;
  session.seed = options.seed;
  session.budget_s = options.budget_s;
  session.jobs = jobs_of(options.jobs);
  session.corpus = corpus.entries;
  session.huge = huge.entries;
  session.stop = &interrupted();
  session.isolated = true;
  session.progress = [&](const std::string& line) { progress(line); };
  const Audit audit = run_audit(suspects, session, options.quick ? Extent::until_caught : Extent::matrix);
  progress.clear();
  const bool is_complete = write_report("convcheck audit", to_table(audit), options.json_file,
                                        options.json_file.empty() ? std::string() : to_json(audit));
  if (interrupted()) return kInterrupted;
  if (!audit.passed()) return kViolated;
  return is_complete ? kHolds : kNotJudged;
}

}  // namespace convcheck
