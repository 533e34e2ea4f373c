/* The ABI header alone, as pedantic C99: a library that lists nothing. That it compiles is the test; the assertions
 * hold the layout of the structs, which kernels outside this tree are built against. */
#include "convcheck/kernel.h"

#define MUST(name, condition) typedef char must_##name[(condition) ? 1 : -1]

MUST(tensor_is_88_bytes, sizeof(convcheck_tensor_desc) == 88);
MUST(problem_starts_with_its_size, offsetof(convcheck_problem, struct_size) == 0);
MUST(groups_at_16, offsetof(convcheck_problem, groups) == 16);
MUST(strides_at_24, offsetof(convcheck_problem, stride) == 24);
MUST(dilation_at_48, offsetof(convcheck_problem, dilation) == 48);
MUST(pad_before_at_72, offsetof(convcheck_problem, pad_before) == 72);
MUST(pad_after_at_96, offsetof(convcheck_problem, pad_after) == 96);
MUST(input_at_120, offsetof(convcheck_problem, input) == 120);
MUST(weight_at_208, offsetof(convcheck_problem, weight) == 208);
MUST(bias_at_296, offsetof(convcheck_problem, bias) == 296);
MUST(output_at_384, offsetof(convcheck_problem, output) == 384);
MUST(problem_is_472_bytes, sizeof(convcheck_problem) == 472);
MUST(buffers_are_seven_words, sizeof(convcheck_buffers) == 7 * sizeof(void*));
MUST(kernel_starts_with_its_size, offsetof(convcheck_kernel, struct_size) == 0);
MUST(winograd_is_2, CONVCHECK_WINOGRAD == 2);
MUST(last_promise_is_16, CONVCHECK_BATCH_INVARIANT == 16);
MUST(bf16_is_4, CONVCHECK_BF16 == 4);
MUST(backward_weight_is_3, CONVCHECK_BACKWARD_WEIGHT == 3);
MUST(failed_is_3, CONVCHECK_FAILED == 3);

const convcheck_kernel* const* convcheck_kernels(uint32_t abi_version, size_t* count) {
  (void)abi_version;
  *count = 0;
  return NULL;
}
