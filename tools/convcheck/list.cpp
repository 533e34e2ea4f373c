// convcheck list: what there is to name.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/docket.h"
#include "impls/mutants.h"
#include "properties/law_page.h"
#include "reference/case_text.h"
#include "reference/spelling.h"
#include "tools/convcheck/commands.h"
#include "tools/convcheck/selection.h"

namespace convcheck {
namespace {

int refuse(const std::string& message) {
  fmt::print(stderr, "convcheck list: {}\n", message);
  return kUsage;
}

int list_kernels(const std::vector<std::string>& libraries) {
  const Selection selection = select(libraries, {}, {}, Loading::in_a_child);
  if (!selection.error.empty()) return refuse(selection.error);
  for (const Candidate& candidate : selection.candidates) {
    const KernelReport kernel = report_of(*candidate.subject->kernel, candidate.library->path(), {}, {}, {});
    fmt::print("{:<14} {:<20} {} ({})\n", kernel.name, kernel.algorithm, kernel.description, kernel.library);
  }
  return kHolds;
}

int list_laws(bool markdown) {
  if (markdown) {
    fmt::print("{}", law_page());
    return kHolds;
  }
  for (const Law& law : laws()) fmt::print("{} ({})\n    {}\n", law.name, name(law.topic), law.statement);
  return kHolds;
}

int list_mutants() {
  size_t count = 0;
  const convcheck_kernel* const* const kernels = convcheck_mutant_kernels(CONVCHECK_ABI_VERSION, &count);
  for (size_t i = 0; i < count; ++i) {
    const impls::MutantFacts& facts = impls::mutant_facts()[i];
    fmt::print("{} ({})\n    {}\n    modelled on {}; meant to be caught by {}\n", facts.name, facts.bug_class,
               kernels[i]->description, facts.modelled_on, facts.killers);
  }
  return kHolds;
}

int list_networks() {
  const Networks all = read_networks("all");
  if (!all.error.empty()) return refuse(all.error);
  for (const Network& network : all.networks) {
    Wide multiplies = 0;
    for (const CorpusEntry& layer : network.layers) multiplies += multiply_count(layer.the_case.problem);
    fmt::print("{:<22} {:>4} convolutions {:>16} multiply-adds\n", network.name, network.layers.size(),
               to_string(multiplies));
  }
  return kHolds;
}

int list_corpus() {
  for (const Corpus& corpus : {read_run_corpus(), read_huge_corpus()}) {
    if (!corpus.error.empty()) return refuse(corpus.error);
    for (const CorpusEntry& entry : corpus.entries) {
      fmt::print("{} {}: {}{}\n", entry.place, entry.name, print(entry.the_case),
                 entry.message.empty() ? "" : " => " + entry.message);
    }
  }
  return kHolds;
}

}  // namespace

int list_command(const ListOptions& options) {
  constexpr std::array<std::string_view, 5> kWhat = {"kernels", "laws", "mutants", "networks", "corpus"};
  const bool is_known = std::find(kWhat.begin(), kWhat.end(), options.what) != kWhat.end();
  if (options.what.empty()) return refuse("name what to list: kernels, laws, mutants, networks or corpus");
  if (!is_known)
    return refuse(fmt::format("unknown '{}'; {}", printable(options.what), suggestion(options.what, kWhat)));
  if (options.what == "kernels") return list_kernels(options.libraries);
  if (!options.libraries.empty()) return refuse("only `list kernels` takes libraries");
  if (options.what == "laws") return list_laws(options.markdown);
  if (options.markdown) return refuse("only `list laws` is a page");
  if (options.what == "mutants") return list_mutants();
  if (options.what == "networks") return list_networks();
  return list_corpus();
}

}  // namespace convcheck
