// What a mutant is made of: its entries, instantiated from its struct, and what is known of it.
#pragma once

#include <cstddef>

#include "convcheck/kernel.h"
#include "impls/mutants.h"
#include "impls/mutants/loops.h"
#include "impls/mutants/sound.h"

namespace convcheck::impls::mutants {

struct Mutant {
  MutantFacts facts;
  convcheck_kernel kernel;
};

/// The entries of the ABI for the kernel that struct M describes.
template <class M>
struct Entries {
  static int32_t supports(const convcheck_problem* problem) { return M::supports(*problem); }

  static size_t workspace_bytes(const convcheck_problem* problem) {
    return admit(*problem) == CONVCHECK_OK ? static_cast<size_t>(M::workspace_floats(*problem)) * sizeof(float) : 0;
  }

  static int32_t prepare(const convcheck_problem* problem, const convcheck_buffers* buffers, void** plan) {
    *plan = nullptr;
    return guarded([&] {
      const int32_t status = M::prepares(*problem);
      if (status != CONVCHECK_OK || admit(*problem) != CONVCHECK_OK) return status;
      if (const int32_t pointers = admit(*problem, *buffers); pointers != CONVCHECK_OK) return pointers;
      *plan = M::make_plan(*problem, *buffers);
      return status;
    });
  }

  static void release(void* plan) { M::release_plan(plan); }

  static int32_t run(const convcheck_problem* problem, const convcheck_buffers* buffers) {
    if constexpr (M::kLetsExceptionsOut) return run_unguarded(*problem, *buffers);
    return guarded([&] { return run_unguarded(*problem, *buffers); });
  }

 private:
  static int32_t run_unguarded(const convcheck_problem& problem, const convcheck_buffers& buffers) {
    const int32_t status = M::runs(problem);
    if (status == CONVCHECK_REJECTED) M::refuses(buffers);
    if (status != CONVCHECK_OK) return status;
    // An invalid problem that the mutant takes for a valid one: what it would read is anybody's.
    if (admit(problem) != CONVCHECK_OK) return CONVCHECK_OK;
    if (const int32_t pointers = admit(problem, buffers); pointers != CONVCHECK_OK) return pointers;
    if (buffers.workspace_bytes < workspace_bytes(&problem)) return CONVCHECK_FAILED;
    M kernel;
    kernel.problem = problem;
    kernel.conv = decode(problem);
    kernel.input = static_cast<const float*>(buffers.input);
    kernel.weight = static_cast<const float*>(buffers.weight);
    kernel.bias = static_cast<const float*>(buffers.bias);
    kernel.output = static_cast<float*>(buffers.output);
    kernel.workspace = static_cast<float*>(buffers.workspace);
    kernel.plan = buffers.plan;
    kernel.begin();
    M::convolve(kernel);
    return kernel.answer();
  }
};

/// A mutant whose values are right, where it gives any, and whose conduct is not.
constexpr MutantFacts misbehaving(const char* name, const char* bug_class, const char* modelled_on, const char* killers,
                                  bool harms_process = true) {
  return {.name = name,
          .bug_class = bug_class,
          .modelled_on = modelled_on,
          .killers = killers,
          .wrong_values = false,
          .harms_process = harms_process};
}

template <class M>
constexpr convcheck_kernel kernel_of(const char* name, const char* description) {
  return {.struct_size = sizeof(convcheck_kernel),
          .name = name,
          .description = description,
          .algorithm = M::kAlgorithm,
          .winograd_tile = M::kTile,
          .promises = M::kPromises,
          .supports = Entries<M>::supports,
          .workspace_bytes = Entries<M>::workspace_bytes,
          .run = Entries<M>::run,
          .prepare = M::kHasPlan ? Entries<M>::prepare : nullptr,
          .release = M::kHasPlan ? Entries<M>::release : nullptr};
}

/// One line of a table: the struct, what it does as one plain clause, and the facts.
template <class M>
constexpr Mutant mutant(const char* description, const MutantFacts& facts) {
  return {.facts = facts, .kernel = kernel_of<M>(facts.name, description)};
}

}  // namespace convcheck::impls::mutants
