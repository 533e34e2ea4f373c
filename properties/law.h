// The laws: each one sentence that every right kernel makes true, with the function that judges it.
//
// To add a law, write one function of the form of Law::judge in laws/ and one entry in the table of law_table.cpp;
// docs/laws.md follows from the table (law_page.h).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "properties/trial.h"

namespace convcheck {

/// What a violated law was seen on.
struct Finding {
  std::string index;     ///< logical output index, "n=0 k=3 h=1 w=2"; empty where no element is at fault
  std::string expected;  ///< hex float, or a status
  std::string got;
  std::string explanation;  ///< what is wrong, in whole sentences
};

enum class Outcome { holds, violated, not_applicable };

struct Judgement {
  Outcome outcome = Outcome::holds;
  std::string_view reason;            ///< of not_applicable, in static memory or the trial's
  double worst_error_over_bound = 0;  ///< where the law compares with a bound
  std::optional<Finding> finding;     ///< of violated

  [[nodiscard]] static Judgement not_applicable(std::string_view why) { return {Outcome::not_applicable, why, 0, {}}; }
  [[nodiscard]] static Judgement violated(Finding finding) { return {Outcome::violated, {}, 0, std::move(finding)}; }
};

enum class Topic { value, structure, rules, conduct };
[[nodiscard]] std::string_view name(Topic topic);

/// Which cases a law is about: valid ones by the family of their fill, or invalid ones.
enum class Takes { integers, significands, reals, statistical, special, invalid };
[[nodiscard]] bool is_about(Takes takes, Fill fill);

struct Law {
  std::string_view name;       ///< the sentence
  std::string_view statement;  ///< the same at full length
  std::string_view why;        ///< why every right kernel holds it, with the formula
  std::string_view catches;    ///< what breaks it
  std::string_view cost;       ///< what it takes beside the call that all laws of a case share
  Topic topic;
  Takes takes;
  uint32_t needs_promise = 0;  ///< promises without which the law is not claimed
  bool single_call = false;    ///< judges the one plain call of a trial: cheap beside others on the same trial
  bool of_loading = false;     ///< seen when a library is loaded: kernels that are linked in cannot violate it
  int64_t one_in = 1;          ///< a session gives it one in so many of the cases that it takes, the first included
  Judgement (*judge)(Trial& trial);

  /// True where values are compared, which takes an error bound. Bits need none.
  [[nodiscard]] bool needs_values() const {
    return topic == Topic::value || (topic == Topic::structure && takes != Takes::reals);
  }
};

/// "CONVCHECK_DETERMINISTIC and CONVCHECK_THREAD_SAFE".
[[nodiscard]] std::string promise_names(uint32_t promises);

/// All laws, in the order of reports. The first ones need no more than one call.
[[nodiscard]] std::span<const Law> laws();

/// Null where no law has that name.
[[nodiscard]] const Law* find_law(std::string_view name);

/// True for laws that judge none but large problems: nothing smaller violates them.
[[nodiscard]] bool is_for_large_problems(const Law& law);

/// Empty where the kernel claims the law; else why the law is not claimed.
[[nodiscard]] std::string why_not_claimed(const Law& law, const convcheck_kernel& kernel);

/// Structure laws call the kernel several times and compare all of its outputs: problems above this many multiply-adds
/// are left to the value laws.
inline constexpr int64_t kStructureLimit = kWholeReferenceLimit;

/// True where the law can judge the case. A session gives a law the fills that it is about; all but the value laws are
/// true of reals as well as of integers.
[[nodiscard]] bool takes(const Law& law, const Case& c, bool is_valid);

/// Judges one case by one law. Requires takes() and that the kernel claims the law.
[[nodiscard]] Judgement judge(const Law& law, Trial& trial);

}  // namespace convcheck
