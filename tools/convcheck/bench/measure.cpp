#include "tools/convcheck/bench/measure.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "properties/trial.h"
#include "reference/case_text.h"
#include "tools/convcheck/bench/verify.h"
#include "tools/convcheck/selection.h"

namespace convcheck::bench {
namespace {

// The child's side. A line is `contender NAME`, `onednn VERSION`, `problem JSON` or `error TEXT`.

std::vector<Entrant> entrants_of(const Selection& selection, const Module& module) {
  std::vector<Entrant> entrants;
  if (!module.onednn_version().empty()) {
    entrants.push_back({.name = kOnednn, .form = Form::plain});
    entrants.push_back({.name = kOnednnBlocked, .form = Form::blocked});
  }
  for (const Candidate& candidate : selection.candidates) {
    std::string name = candidate.subject->kernel->name;
    const bool is_taken =
        std::any_of(entrants.begin(), entrants.end(), [&](const Entrant& e) { return e.name == name; });
    if (is_taken) name += " of " + candidate.library->path();
    entrants.push_back({.name = name, .kernel = candidate.subject->kernel});
  }
  return entrants;
}

// One entrant, ready and verified, or why it is not timed.
Timing admit(const Entrant& entrant, const Problem& problem, const Material& material, const Module& module,
             Expectation& expected, std::unique_ptr<Contender>& contender) {
  Entry entry = enter(entrant, problem, material, module);
  if (entry.contender == nullptr) return {.outcome = Outcome::not_served, .reason = entry.why_not, .seconds = {}};
  std::string fault = verify(*entry.contender, problem, entrant.accuracy(expected.g), expected);
  if (fault.empty() && !expected.indices.empty()) fault = verify_by_checksum(entrant, problem, module);
  if (!fault.empty()) return {.outcome = Outcome::wrong, .reason = fault, .seconds = {}};
  contender = std::move(entry.contender);
  return {.outcome = Outcome::timed, .reason = contender->implementation(), .seconds = {}};
}

class Bench {
 public:
  Bench(const Module& module, std::vector<Entrant> entrants, int threads, const MeasureOptions& options)
      : module_(module), entrants_(std::move(entrants)), peak_(module.peak(threads)) {
    rounds_.rounds = options.rounds;
    rounds_.seconds = options.seconds;
    // A pool's threads may look for more work for some milliseconds after a run: they are not to do so on the next
    // contender's time.
    rounds_.warm_up_s = threads == 1 ? 0 : options.seconds;
    rounds_.stop = options.stop;
  }

  [[nodiscard]] ProblemTimings measure(const Problem& problem) {
    ProblemTimings result;
    Expectation expected;
    const std::string_view why_not = expect({.problem = problem, .fill = Fill::reals, .seed = 1}, {}, expected);
    if (!why_not.empty()) throw std::logic_error(std::string(why_not));
    const Material material(expected.data);
    std::vector<std::unique_ptr<Contender>> contenders(entrants_.size());
    for (size_t i = 0; i < entrants_.size(); ++i) {
      result.timings.push_back(admit(entrants_[i], problem, material, module_, expected, contenders[i]));
    }
    time(contenders, result);
    return result;
  }

 private:
  void time(const std::vector<std::unique_ptr<Contender>>& contenders, ProblemTimings& result) {
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

  const Module& module_;
  std::vector<Entrant> entrants_;
  Peak peak_;
  RoundOptions rounds_;
};

void tell(int pipe, const std::string& what, const std::string& text) {
  const std::string line = what + ' ' + text + '\n';
  for (size_t at = 0; at < line.size();) {
    const ssize_t written = write(pipe, line.data() + at, line.size() - at);
    if (written < 0 && errno != EINTR) _exit(1);  // nobody listens any more
    if (written > 0) at += static_cast<size_t>(written);
  }
}

void measure_and_tell(const Workload& workload, int threads, const MeasureOptions& options, int pipe) {
  const std::string count = std::to_string(threads);
  setenv(kThreadsVariable, count.c_str(), 1);
  setenv(kOpenMpVariable, count.c_str(), 1);
  std::string error;
  const Module* const module = load_module(error);
  if (module == nullptr) return tell(pipe, "error", error);
  const Selection selection = select(options.libraries, options.kernels, {}, Loading::here);
  if (!selection.error.empty()) return tell(pipe, "error", selection.error);
  std::vector<Entrant> entrants = entrants_of(selection, *module);
  tell(pipe, "onednn", module->onednn_version());
  for (const Entrant& entrant : entrants) tell(pipe, "contender", entrant.name);
  Bench bench(*module, std::move(entrants), threads, options);
  for (size_t i = 0; i < workload.problems.size() && !options.stop->load(); ++i) {
    if (options.progress) {
      options.progress(fmt::format("{} {}: problem {} of {}: {}", threads, threads == 1 ? "thread" : "threads", i + 1,
                                   workload.problems.size(), print({.problem = workload.problems[i]})));
    }
    const ProblemTimings timings = bench.measure(workload.problems[i]);
    if (!options.stop->load()) tell(pipe, "problem", to_line(timings));
  }
}

// The parent's side.

void hear(const std::string& line, Measurement& measurement) {
  const size_t blank = line.find(' ');
  const std::string what = line.substr(0, blank);
  const std::string text = line.substr(blank + 1);
  if (what == "onednn") measurement.onednn_version = text;
  if (what == "contender") measurement.contenders.push_back(text);
  if (what == "problem") measurement.problems.push_back(from_line(text));
  if (what == "error") measurement.error = text;
}

void listen(int pipe, Measurement& measurement) {
  std::string heard;
  char block[4096];
  for (;;) {
    const ssize_t count = read(pipe, block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    heard.append(block, static_cast<size_t>(count));
    for (size_t end = 0; (end = heard.find('\n')) != std::string::npos; heard.erase(0, end + 1)) {
      hear(heard.substr(0, end), measurement);
    }
  }
}

// What a child's death means, where it did not end by itself.
std::string why_died(int status, const Workload& workload, const Measurement& measurement) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string how = WIFSIGNALED(status)
                              ? fmt::format("died of signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)))
                              : fmt::format("ended with status {}", WEXITSTATUS(status));
  const size_t at = std::min(measurement.problems.size(), workload.problems.size() - 1);
  return fmt::format("the process that measured {} on {}; `convcheck run` says which kernel is to blame", how,
                     print({.problem = workload.problems[at]}));
}

}  // namespace

Measurement measure(const Workload& workload, int threads, const MeasureOptions& options) {
  Measurement measurement = {.threads = threads, .contenders = {}, .onednn_version = {}, .problems = {}, .error = {}};
  int ends[2] = {-1, -1};
  const int child = pipe(ends) == 0 ? fork() : -1;
  if (child < 0) {
    measurement.error = fmt::format("no process to measure in: {}", std::strerror(errno));
    return measurement;
  }
  if (child == 0) {
    close(ends[0]);
    try {
      measure_and_tell(workload, threads, options, ends[1]);
    } catch (const std::exception& error) {
      tell(ends[1], "error", error.what());
    } catch (...) {
      tell(ends[1], "error", "a kernel threw what is no std::exception");
    }
    _exit(0);
  }
  close(ends[1]);
  listen(ends[0], measurement);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (measurement.error.empty()) measurement.error = why_died(status, workload, measurement);
  return measurement;
}

}  // namespace convcheck::bench
