#include "tools/convcheck/bench/contest.h"

#include <stdexcept>

#include "properties/trial.h"
#include "tools/convcheck/bench/verify.h"

namespace convcheck::bench {

Contest::Contest(const Module& module, std::vector<Entrant> entrants, int threads, const RoundOptions& rounds)
    : module_(module), entrants_(std::move(entrants)), peak_(module.peak(threads)), rounds_(rounds) {
  // A pool's threads may look for more work for some milliseconds after a run: they are not to do so on the next
  // contender's time.
  rounds_.warm_up_s = threads == 1 ? 0 : rounds.seconds;
}

ProblemTimings Contest::measure(const Problem& problem) {
  Expectation expected;
  const std::string_view why_not = expect({.problem = problem, .fill = Fill::reals, .seed = 1}, {}, expected);
  if (!why_not.empty()) throw std::logic_error(std::string(why_not));
  const Material material(expected.data);
  ProblemTimings result;
  std::vector<std::unique_ptr<Contender>> contenders(entrants_.size());
  for (size_t i = 0; i < entrants_.size(); ++i) {
    result.timings.push_back(admit(entrants_[i], problem, material, expected, contenders[i]));
  }
  time(contenders, result);
  return result;
}

// One entrant, ready and verified, or why it is not timed.
Timing Contest::admit(const Entrant& entrant, const Problem& problem, const Material& material, Expectation& expected,
                      std::unique_ptr<Contender>& contender) const {
  Entry entry = enter(entrant, problem, material, module_);
  if (entry.contender == nullptr) return {.outcome = Outcome::not_served, .reason = entry.why_not, .seconds = {}};
  std::string fault = verify(*entry.contender, problem, entrant.accuracy(expected.g), expected);
  if (fault.empty() && !expected.indices.empty()) fault = verify_by_checksum(entrant, problem, module_);
  if (!fault.empty()) return {.outcome = Outcome::wrong, .reason = fault, .seconds = {}};
  contender = std::move(entry.contender);
  return {.outcome = Outcome::timed, .reason = contender->implementation(), .seconds = {}};
}

void Contest::time(const std::vector<std::unique_ptr<Contender>>& contenders, ProblemTimings& result) {
  std::vector<Contender*> timed = {peak_.contender.get()};
  std::vector<Timing*> timings;
  for (size_t i = 0; i < contenders.size(); ++i) {
    if (contenders[i] == nullptr) continue;
    timed.push_back(contenders[i].get());
    timings.push_back(&result.timings[i]);
  }
  std::vector<std::vector<double>> seconds = module_.time_rounds(timed, rounds_);
  for (const double of_a_run : seconds.front()) result.peak_flops.push_back(peak_.flops / of_a_run);
  for (size_t i = 0; i < timings.size(); ++i) timings[i]->seconds = std::move(seconds[i + 1]);
}

}  // namespace convcheck::bench
