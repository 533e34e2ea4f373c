// All mutants in one list.
#include "impls/mutants.h"

#include <vector>

#include "impls/mutants/themes.h"

namespace convcheck::impls {

namespace {

struct List {
  std::vector<const convcheck_kernel*> kernels;
  std::vector<MutantFacts> facts;

  List() {
    using Theme = std::span<const mutants::Mutant> (*)();
    constexpr Theme kThemes[] = {
        mutants::group_mutants,   mutants::axis_mutants,       mutants::padding_mutants, mutants::tail_mutants,
        mutants::size_mutants,    mutants::dispatch_mutants,   mutants::matrix_mutants,  mutants::winograd_mutants,
        mutants::bias_mutants,    mutants::view_mutants,       mutants::write_mutants,   mutants::state_mutants,
        mutants::numeric_mutants, mutants::special_mutants,    mutants::rule_mutants,    mutants::rejection_mutants,
        mutants::memory_mutants,  mutants::scratch_mutants,    mutants::thread_mutants,  mutants::call_mutants,
        mutants::process_mutants, mutants::robustness_mutants,
    };
    for (const Theme theme : kThemes) {
      for (const mutants::Mutant& mutant : theme()) {
        kernels.push_back(&mutant.kernel);
        facts.push_back(mutant.facts);
      }
    }
  }
};

const List& list() {
  static const List kList;
  return kList;
}

}  // namespace

std::span<const MutantFacts> mutant_facts() {
  return list().facts;
}

}  // namespace convcheck::impls

const convcheck_kernel* const* convcheck_mutant_kernels(uint32_t abi_version, size_t* count) {
  const bool served = abi_version == CONVCHECK_ABI_VERSION;
  const auto& kernels = convcheck::impls::list().kernels;
  *count = served ? kernels.size() : 0;
  return served ? kernels.data() : nullptr;
}
