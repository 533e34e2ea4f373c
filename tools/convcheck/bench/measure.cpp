#include "tools/convcheck/bench/measure.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "reference/case_text.h"
#include "tools/convcheck/bench/contest.h"
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
  const std::string on = fmt::format("{} {}", threads, threads == 1 ? "thread" : "threads");
  options.progress(fmt::format("{}: {} different problem{}", on, workload.problems.size(),
                               workload.problems.size() == 1 ? "" : "s"));
  Contest contest(*module, std::move(entrants), threads,
                  {.rounds = options.rounds, .seconds = options.seconds, .stop = options.stop});
  for (size_t i = 0; i < workload.problems.size() && !options.stop->load(); ++i) {
    options.progress(fmt::format("{}: problem {} of {}: {}", on, i + 1, workload.problems.size(),
                                 print({.problem = workload.problems[i]})));
    const ProblemTimings timings = contest.measure(workload.problems[i]);
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

// Until the child closes its end. It is told once where it shall stop.
void listen(int pipe, int child, const std::atomic<bool>& stop, Measurement& measurement) {
  constexpr int kLookUpMs = 100;
  std::string heard;
  char block[4096];
  for (bool is_told = false;;) {
    if (stop && !is_told) is_told = kill(child, SIGINT) == 0;
    pollfd waiting = {.fd = pipe, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, kLookUpMs) <= 0) continue;  // nothing yet, or a signal
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
    // Ctrl-C on a terminal reaches the parent alone, which hands it on; and no child outlives it.
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
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
  listen(ends[0], child, *options.stop, measurement);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (measurement.error.empty()) measurement.error = why_died(status, workload, measurement);
  return measurement;
}

}  // namespace convcheck::bench
