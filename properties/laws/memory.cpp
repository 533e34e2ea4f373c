// Laws about memory: what a call reads, writes and needs. Guarded memory (guarded_memory.h) ends a kernel that goes
// beyond its tensors; whoever watches over the process sees that. What comes back is judged here.
#include <fmt/format.h>

#include <array>
#include <bit>
#include <string>
#include <vector>

#include "properties/laws/laws.h"
#include "properties/laws/sides.h"
#include "properties/small_stack.h"
#include "reference/random.h"

namespace convcheck::judges {
namespace {

constexpr uint64_t kStream = 0x3E30;
constexpr unsigned char kOtherByte = 0x4B;  // as floats 13 million: finite, and large
constexpr size_t kSmallStack = size_t{512} << 10;

Flush other_end(Flush flush) {
  return flush == Flush::end ? Flush::start : Flush::end;
}

Judgement overwritten(const Fault& fault, std::string_view what) {
  return Judgement::violated(
      {.index = {},
       .expected = "memory beyond what a call is given left as it was",
       .got = std::string(describe(fault, Access::write).view()),
       .explanation = fmt::format("Bytes that are no part of {} hold something else after the call.", what)});
}

// The first place of the output's span that is no element of it and does not hold the poison any more; -1 where there
// is none.
int64_t first_written_gap(const Tensor& output) {
  if (output.is_dense()) return -1;
  std::vector<bool> is_element(output.memory().size());
  for (int64_t i = 0; i < output.elements(); ++i) is_element[static_cast<size_t>(output.offset(i))] = true;
  for (size_t at = 0; at < is_element.size(); ++at) {
    if (!is_element[at] && !is_poison(output.memory()[at])) return static_cast<int64_t>(at);
  }
  return -1;
}

bool has_same_bits(const Tensor& one, const Tensor& other) {
  for (int64_t i = 0; i < one.elements(); ++i) {
    const auto at = static_cast<size_t>(one.offset(i));
    if (std::bit_cast<uint32_t>(one.memory()[at]) != std::bit_cast<uint32_t>(other.memory()[at])) return false;
  }
  return true;
}

// A run that was made differently gives what the trial's own gave: the same bits, wrong as they may be, or the same
// within the bounds of both. Where no bound is derived it is enough that it answers.
Judgement compare_with_own(Trial& trial, const CallResult& result, const Tensor& output, std::string_view what) {
  if (result.threw) return *unless_ok(result);
  if (!result.ok()) {
    return Judgement::violated(
        {.index = {},
         .expected = "OK, as before",
         .got = describe(result),
         .explanation = fmt::format("The call of the same problem and data is {}: nothing else differs.", what)});
  }
  const bool is_judged = why_values_are_not_judged(*trial.subject().kernel).empty();
  if (!is_judged || has_same_bits(trial.output(), output)) return {};
  return compare_runs(trial, fmt::format("that of a call {}", what), output);
}

Judgement compare_bits_with_own(Trial& trial, const Tensor& output, std::string_view what) {
  const Tensor& own = trial.output();
  if (has_same_bits(own, output)) return {};
  const auto at = [](const Tensor& tensor, int64_t i) {
    return tensor.memory()[static_cast<size_t>(tensor.offset(i))];
  };
  return compare_bits(
      trial.expectation()->g, fmt::format("that of a call {}, in its bits", what), own.elements(),
      [&](int64_t i) { return at(own, i); }, [&](int64_t i) { return at(output, i); }, [](int64_t i) { return i; });
}

// The same call with something else in the workspace.
Judgement judge_contents(Trial& trial) {
  constexpr std::string_view kWhat = "with other garbage in its workspace";
  Tensor output;
  const CallResult result =
      trial.call_again({.flush = flush_of(trial.the_case()), .workspace_byte = kOtherByte}, output);
  if (result.noticed.workspace_overwritten) return overwritten(*result.noticed.workspace_overwritten, "the workspace");
  Judgement judgement = compare_with_own(trial, result, output, kWhat);
  if (judgement.outcome != Outcome::holds || !trial.subject().promises(CONVCHECK_DETERMINISTIC)) return judgement;
  return compare_bits_with_own(trial, output, kWhat);
}

// One byte less than the kernel asks for. What works all the same needs less than it asks for, which is no fault.
Judgement judge_shortage(Trial& trial) {
  Tensor output;
  const CallResult result =
      trial.call_again({.flush = other_end(flush_of(trial.the_case())), .workspace_shortage = 1}, output);
  if (result.noticed.workspace_overwritten) {
    return overwritten(*result.noticed.workspace_overwritten, "a workspace of one byte less than was asked for");
  }
  if (result.threw) return *unless_ok(result);
  if (result.status == CONVCHECK_FAILED) return {};
  if (result.ok()) return compare_with_own(trial, result, output, "with one byte less of a workspace");
  return Judgement::violated({.index = {},
                              .expected = "FAILED, or OK where the kernel needs less than it asks for",
                              .got = describe(result),
                              .explanation = fmt::format("The workspace has {} bytes, one less than the kernel asked "
                                                         "for: a resource ran out.",
                                                         trial.result().workspace_bytes - 1)});
}

}  // namespace

// The trial's own call has one end of every tensor at a guard; this one has the other.
Judgement reads_only_its_tensors(Trial& trial) {
  if (const auto stop = unless_ok(trial.result())) return *stop;
  Tensor output;
  const CallResult result = trial.call_again({.flush = other_end(flush_of(trial.the_case()))}, output);
  if (const auto stop = unless_ok(result)) return *stop;
  return {};
}

Judgement writes_only_its_output(Trial& trial) {
  const CallResult& result = trial.result();
  if (result.noticed.overwritten) return overwritten(*result.noticed.overwritten, "any tensor of the call");
  if (const auto stop = unless_ok(result)) return *stop;
  const int64_t gap = first_written_gap(trial.output());
  if (gap < 0) return {};
  return Judgement::violated(
      {.index = {},
       .expected = "gaps between the elements of the output left as they were",
       .got = fmt::format("wrote to element {} of the span of the output", gap),
       .explanation = "The output is a view with gaps, and what lies in them belongs to somebody else."});
}

Judgement inputs_stay_untouched(Trial& trial) {
  const CallResult& result = trial.result();
  if (result.noticed.input_changed) {
    return Judgement::violated({.index = {},
                                .expected = "input, weight and bias left as they were",
                                .got = std::string(describe(*result.noticed.input_changed, Access::write).view()),
                                .explanation = "What a call only reads may lie in read-only memory, or be read by "
                                               "others at the same time."});
  }
  if (const auto stop = unless_ok(result)) return *stop;
  return {};
}

Judgement keeps_the_floating_point_environment(Trial& trial) {
  if (!kReadsFloatingControl) return Judgement::not_applicable("it is read on x86 alone");
  const CallResult& result = trial.result();
  if (result.after != result.before) {
    return Judgement::violated(
        {.index = {},
         .expected = describe(result.before),
         .got = describe(result.after),
         .explanation = fmt::format("The call changed how this thread computes and did not change it back: {}.",
                                    describe_change(result.before, result.after))});
  }
  if (const auto stop = unless_ok(result)) return *stop;
  return {};
}

// A kernel that asks for none is given none.
Judgement asks_for_the_workspace_it_uses(Trial& trial) {
  const CallResult& result = trial.result();
  if (result.noticed.workspace_overwritten) return overwritten(*result.noticed.workspace_overwritten, "the workspace");
  if (const auto stop = unless_ok(result)) return *stop;
  if (result.workspace_bytes == 0) return {};
  if (Judgement judgement = judge_contents(trial); judgement.outcome != Outcome::holds) return judgement;
  return judge_shortage(trial);
}

Judgement serves_unaligned_tensors(Trial& trial) {
  constexpr uint64_t kMostOff = 64 / sizeof(float) - 1;
  if (const auto stop = unless_ok(trial.result())) return *stop;
  Random random(trial.the_case().seed, kStream);
  CallSetting setting;
  for (uint8_t& off : setting.off) off = static_cast<uint8_t>(random.below(kMostOff) + 1);
  Tensor output;
  const CallResult result = trial.call_again(setting, output);
  return compare_with_own(trial, result, output,
                          fmt::format("with input, weight, bias and output {} elements off 64-byte alignment",
                                      fmt::join(setting.off, ", ")));
}

Judgement uses_little_stack(Trial& trial) {
  if (!kCanChangeStacks) return Judgement::not_applicable("a sanitizer makes frames larger");
  if (const auto stop = unless_ok(trial.result())) return *stop;
  Tensor output;
  CallResult result;
  if (!call_on_stack(kSmallStack, [&] { result = trial.call_again({.flush = flush_of(trial.the_case())}, output); })) {
    return Judgement::not_applicable("there is no memory for a stack");
  }
  return compare_with_own(trial, result, output, "on a stack of 512 KiB");
}

}  // namespace convcheck::judges
