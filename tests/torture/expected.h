// What a run on the torture libraries must say: data, a line for each law that a kernel is there to break.
#pragma once

#include <array>
#include <string_view>

namespace convcheck::torture {

/// That kernel violates that law, and what the report says of it (got, explanation) has these words in it.
struct Expected {
  std::string_view kernel;
  std::string_view law;
  std::string_view words;
};

inline constexpr std::array kExpected = {
    Expected{"crashes_in_run", "returns_from_every_call", "SIGSEGV"},
    Expected{"crashes_in_supports", "returns_from_every_call", "SIGSEGV"},
    Expected{"crashes_in_workspace_bytes", "returns_from_every_call", "SIGSEGV"},
    Expected{"crashes_in_prepare", "returns_from_every_call", "SIGSEGV"},
    Expected{"crashes_in_release", "returns_from_every_call", "SIGSEGV"},
    Expected{"crashes_on_stride_above_kernel", "returns_from_every_call", "SIGSEGV"},
    Expected{"aborts", "returns_from_every_call", "SIGABRT"},
    Expected{"traps", "returns_from_every_call", "SIGILL"},
    Expected{"frees_twice", "returns_from_every_call", "SIGABRT"},
    Expected{"raises_sigbus", "returns_from_every_call", "SIGBUS"},
    Expected{"divides_by_zero_groups", "returns_from_every_call", "SIGFPE"},
    Expected{"throws", "returns_from_every_call", "exception"},
    Expected{"throws_from_supports", "returns_from_every_call", "exception"},
    Expected{"jumps_into_a_stale_buffer", "returns_from_every_call", "SIG"},

    Expected{"exits", "returns_from_every_call", "exit"},
    Expected{"exits", "leaves_the_process_alone", "exit"},
    Expected{"exits_from_a_thread", "returns_from_every_call", "exit"},
    Expected{"forks", "leaves_the_process_alone", "fork"},
    Expected{"never_ends", "ends_in_time", ""},
    Expected{"sleeps", "ends_in_time", ""},
    Expected{"never_ends_where_dilated", "ends_in_time", ""},
    Expected{"recurses_without_end", "returns_from_every_call", "SIGSEGV"},
    Expected{"recurses_without_end", "uses_little_stack", "stack"},

    Expected{"writes_after_its_output", "writes_only_its_output", "past the end of output"},
    Expected{"writes_before_its_output", "writes_only_its_output", "before the start of output"},
    Expected{"writes_far_from_its_output", "writes_only_its_output", "past the end of output"},
    Expected{"writes_into_gaps", "writes_only_its_output", "gap"},
    Expected{"reads_past_the_input", "reads_only_its_tensors", "past the end of input"},
    Expected{"reads_before_the_input", "reads_only_its_tensors", "before the start of input"},
    Expected{"reads_past_the_weight", "reads_only_its_tensors", "past the end of weight"},
    Expected{"reads_past_the_bias", "reads_only_its_tensors", "past the end of bias"},
    Expected{"changes_the_input", "inputs_stay_untouched", "input"},
    Expected{"changes_the_input_for_a_while", "inputs_stay_untouched", "input"},
    Expected{"changes_the_weight", "inputs_stay_untouched", "weight"},
    Expected{"believes_the_workspace_is_zero", "asks_for_the_workspace_it_uses", "workspace"},
    Expected{"asks_for_too_little_workspace", "asks_for_the_workspace_it_uses", "past the end of the workspace"},

    Expected{"leaks_16_bytes", "does_not_leak", "bytes of the heap"},
    Expected{"leaks_descriptors", "does_not_leak", "descriptor"},
    Expected{"leaks_descriptors", "leaves_the_process_alone", "descriptor"},
    Expected{"leaks_mappings", "does_not_leak", "mapped"},
    Expected{"takes_10_gib_unchecked", "returns_from_every_call", "SIGSEGV"},
    Expected{"takes_10_gib_unchecked", "stays_within_memory", ""},
    Expected{"takes_10_gib_by_new", "returns_from_every_call", "exception"},
    Expected{"fails_for_want_of_10_gib", "stays_within_memory", "FAILED"},
    Expected{"takes_a_mib_of_stack", "uses_little_stack", "stack"},
    Expected{"takes_a_mib_of_stack", "returns_from_every_call", "SIGSEGV"},

    Expected{"flushes_subnormals", "keeps_the_floating_point_environment", "MXCSR"},
    Expected{"flushes_subnormals_in_supports", "keeps_the_floating_point_environment", "MXCSR"},
    Expected{"rounds_upward", "keeps_the_floating_point_environment", "MXCSR"},
    Expected{"changes_x87", "keeps_the_floating_point_environment", "x87"},
    Expected{"closes_its_output", "leaves_the_process_alone", "descriptor"},
    Expected{"closes_everything", "leaves_the_process_alone", "descriptor"},
    Expected{"leaves_a_thread_running", "leaves_the_process_alone", "thread"},
    Expected{"arms_an_alarm", "leaves_the_process_alone", "alarm"},
    Expected{"installs_a_signal_handler", "leaves_the_process_alone", "handler"},
    Expected{"blocks_signals", "leaves_the_process_alone", "mask"},
    Expected{"pins_the_thread", "leaves_the_process_alone", "affinity"},
    Expected{"changes_the_umask", "leaves_the_process_alone", "umask"},

    Expected{"uses_the_weight_of_the_call_before", "forgets_earlier_calls", ""},
    Expected{"shares_its_plan", "plans_are_independent", "plan"},
    Expected{"shares_scratch_memory", "runs_on_many_threads_at_once", "thread"},
    Expected{"answers_seven", "accepts_valid", "7"},
    Expected{"writes_and_refuses", "rejects_without_writing", "UNSUPPORTED"},
};

/// Kernels of the same library that hold every law that they claim.
inline constexpr std::array<std::string_view, 4> kSound = {"sound", "sound_with_workspace", "sound_with_plan",
                                                           "prints"};

/// Kernels that break no other law than kExpected says: all else about them is right, and so must the report on it be.
inline constexpr std::array<std::string_view, 14> kAlone = {"crashes_on_stride_above_kernel",
                                                            "forks",
                                                            "leaks_16_bytes",
                                                            "leaks_descriptors",
                                                            "leaks_mappings",
                                                            "changes_x87",

                                                            "installs_a_signal_handler",
                                                            "blocks_signals",
                                                            "pins_the_thread",
                                                            "changes_the_umask",
                                                            "takes_a_mib_of_stack",
                                                            "writes_into_gaps",
                                                            "leaves_a_thread_running",
                                                            "shares_scratch_memory"};

/// What a library does while it is loaded: all violate loads_quietly, whether a kernel of theirs is there or one that
/// is named after the file stands for it. `library` is the file without "torture_loading_" and ".so".
struct ExpectedLoading {
  std::string_view library;
  std::string_view words;
};

inline constexpr std::array kExpectedLoading = {
    ExpectedLoading{"crashes", "SIGSEGV"}, ExpectedLoading{"hangs", ""},
    ExpectedLoading{"prints", "pleasure"}, ExpectedLoading{"flushes", "MXCSR"},
    ExpectedLoading{"exits", "exit"},      ExpectedLoading{"throws", ""},
    ExpectedLoading{"aborts", "SIGABRT"},  ExpectedLoading{"lists_null", "no kernels"},
    ExpectedLoading{"without_run", "run"},
};

}  // namespace convcheck::torture
