#include "harness/session.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "harness/piece.h"
#include "harness/results_log.h"
#include "properties/small_world.h"
#include "reference/case_text.h"

namespace convcheck {
namespace {

using Clock = std::chrono::steady_clock;

// A fixed number of threads that take work items by number.
void parallel_for(int jobs, size_t count, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  const auto loop = [&] {
    for (size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> threads;
  for (int i = 1; i < jobs && static_cast<size_t>(i) < count; ++i) threads.emplace_back(loop);
  loop();
}

// What a session's processes share beside the pieces of work.
struct Switches {
  std::atomic<bool> stop;
  std::atomic<bool> results_are_lost;
};

class Session {
 public:
  Session(std::span<const Candidate> candidates, const SessionOptions& options)
      : candidates_(candidates), given_(options), options_(options) {
    options_.stop = &switches().stop;
    if (options.progress) {
      options_.progress = [this](const std::string& line) {
        const std::lock_guard lock(progress_);
        given_.progress(line);
      };
    }
    agenda_ = std::make_unique<Agenda>(options_);
    make_pieces();
    if (options_.isolated && !options_.results_file.empty()) take_up_results();
  }

  Report run() {
    const auto start = Clock::now();
    if (options_.isolated) {
      run_in_supervisor();
      if (switches().results_are_lost) {
        fmt::print(stderr, "convcheck: {}: the last results could not be written, is the disk full?\n",
                   options_.results_file);
      }
    } else {
      run_here();
    }
    Report report = make_report();
    report.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return report;
  }

 private:
  [[nodiscard]] Switches& switches() { return *reinterpret_cast<Switches*>(switches_.data()); }

  // One core has little to do when another still judges the last kernel on the last layers: fewer kernels than that are
  // dealt out in shares.
  [[nodiscard]] int shares() const {
    constexpr size_t kManyKernels = 16;
    if (agenda_->dear().empty()) return 0;
    return candidates_.size() < kManyKernels ? std::max(options_.jobs, 1) : 1;
  }

  void make_pieces() {
    for (const Candidate& candidate : candidates_) add_piece(candidate, Portion::cases, 0, 1);
    for (int share = 0; share < shares(); ++share) {
      for (const Candidate& candidate : candidates_) add_piece(candidate, Portion::dear_problems, share, shares());
    }
    if (!options_.huge.empty()) {
      for (const Candidate& candidate : candidates_) add_piece(candidate, Portion::huge_cases, 0, 1);
    }
    for (const Candidate& candidate : candidates_) add_piece(candidate, Portion::conclusions, 0, 1);
  }

  void add_piece(const Candidate& candidate, Portion portion, int share, int shares) {
    pieces_.push_back(std::make_unique<Piece>(*agenda_, candidate, portion, share, shares));
    owners_.push_back(static_cast<size_t>(&candidate - candidates_.data()));
  }

  [[nodiscard]] std::vector<Work*> open_pieces(Portion portion) {
    std::vector<Work*> open;
    for (const auto& piece : pieces_) {
      if (piece->portion() == portion && !piece->record().done) open.push_back(piece.get());
    }
    return open;
  }

  // What is known of a kernel before a portion begins. An audit asks for no more of a kernel that is caught.
  [[nodiscard]] KernelRecord known_before(size_t kernel, Portion portion) {
    KernelRecord known;
    known.laws.resize(candidates_[kernel].laws.size());
    for (size_t i = 0; i < pieces_.size(); ++i) {
      if (owners_[i] == kernel && pieces_[i]->portion() < portion) known.absorb(pieces_[i]->record());
    }
    return known;
  }

  // Later parts do not ask for what is decided, and the last one is told everything.
  void begin(Portion portion) {
    for (size_t i = 0; i < pieces_.size(); ++i) {
      Piece& piece = *pieces_[i];
      if (piece.portion() != portion || piece.checkpoint().count() > 0) continue;
      KernelRecord known = known_before(owners_[i], portion);
      if (portion == Portion::conclusions) {
        known.phase = 0;
        piece.set_record(known);
        continue;
      }
      KernelRecord fresh;
      fresh.laws.resize(known.laws.size());
      for (size_t law = 0; law < known.laws.size(); ++law) fresh.laws[law].violation = known.laws[law].violation;
      fresh.cut_short = known.cut_short;
      fresh.done = !known.cut_short.empty();
      piece.set_record(fresh);
    }
  }

  void run_here() {
    for (const Portion portion : {Portion::cases, Portion::dear_problems, Portion::huge_cases, Portion::conclusions}) {
      begin(portion);
      std::vector<Piece*> open;
      for (const auto& piece : pieces_) {
        if (piece->portion() == portion) open.push_back(piece.get());
      }
      parallel_for(portion == Portion::huge_cases ? 1 : options_.jobs, open.size(), [&](size_t i) {
        heed_stop();
        open[i]->run_here(options_.progress);
      });
    }
  }

  void heed_stop() {
    if (given_.stop != nullptr && given_.stop->load()) switches().stop = true;
  }

  // The process that forks the children: it has one thread, never loads a kernel, and is small.
  void supervise() {
    for (const auto& piece : pieces_) piece->hand_down(false);
    for (const Portion portion : {Portion::cases, Portion::dear_problems, Portion::huge_cases, Portion::conclusions}) {
      if (switches().stop) return;
      begin(portion);
      SandboxOptions sandbox;
      sandbox.jobs = portion == Portion::huge_cases ? 1 : options_.jobs;
      sandbox.limits.call_s = options_.call_limit_s;
      sandbox.limits.memory_bytes = portion == Portion::huge_cases ? 0 : options_.memory_limit;
      sandbox.stop = &switches().stop;
      sandbox.in_child = [&] {
        if (log_) log_->let_go();
      };
      sandbox.now_and_then = [&] {
        stream(false);
        tell();
      };
      run_in_children(open_pieces(portion), sandbox);
      stream(true);
    }
  }

  void run_in_supervisor() {
    constexpr int kMostSupervisors = 1000;  // somebody may kill one, but hardly so often
    constexpr int kFinished = 113;
    for (int i = 0; i < kMostSupervisors; ++i) {
      std::fflush(nullptr);  // or it would be printed twice
      const pid_t parent = getpid();
      const pid_t supervisor = fork();
      if (supervisor < 0) throw std::runtime_error("no process can be forked: is there a limit on their number?");
      if (supervisor == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
        std::signal(SIGINT, SIG_IGN);
        int status = kFinished;
        try {
          supervise();
        } catch (const std::exception& error) {
          fmt::print(stderr, "convcheck: {}\n", error.what());
          status = 1;
        }
        _exit(status);
      }
      const int status = wait_for(supervisor);
      if (WIFEXITED(status) && WEXITSTATUS(status) == kFinished) return;
      if (!WIFSIGNALED(status)) throw std::runtime_error("the process that runs the kernels failed");
    }
    throw std::runtime_error("the process that runs the kernels was killed again and again");
  }

  int wait_for(pid_t process) {
    for (;;) {
      int status = 0;
      if (waitpid(process, &status, WNOHANG) == process) return status;
      heed_stop();
      constexpr timespec kMoment = {.tv_sec = 0, .tv_nsec = 10'000'000};
      nanosleep(&kMoment, nullptr);
    }
  }

  // All that decides what is judged and how, but for what identity() says in words.
  [[nodiscard]] uint64_t fingerprint() const {
    std::string text = fmt::format("limits {} {}", options_.call_limit_s, options_.memory_limit);
    const auto add = [&](const CorpusEntry& entry) {
      text += fmt::format("\n{} {} {}", entry.place, entry.name, print(entry.the_case));
    };
    for (const CorpusEntry& entry : options_.corpus) add(entry);
    for (const CorpusEntry& entry : options_.huge) add(entry);
    for (const Network& network : options_.networks) std::for_each(network.layers.begin(), network.layers.end(), add);
    std::set<std::string> libraries;
    for (const Candidate& candidate : candidates_) {
      for (const Law* law : candidate.laws) text += fmt::format("\n{} {}", candidate.subject->kernel->name, law->name);
      libraries.insert(candidate.library->is_linked() ? "/proc/self/exe" : candidate.library->path());
    }
    for (const std::string& path : libraries) {
      std::ostringstream all;
      all << std::ifstream(path, std::ios::binary).rdbuf();
      text += fmt::format("\n{:x}", checksum(all.str()));
    }
    return checksum(text);
  }

  // What says which session this is.
  [[nodiscard]] std::string identity() const {
    std::string text = fmt::format("convcheck {} seed {} ", CONVCHECK_VERSION, options_.seed);
    text += options_.random_cases ? fmt::format("cases {}", *options_.random_cases)
                                  : fmt::format("budget {} s", options_.budget_s);
    for (const Network& network : options_.networks) text += fmt::format(" network {}", network.name);
    text +=
        fmt::format(" corpus {} huge {} jobs {} kernels", options_.corpus.size(), options_.huge.size(), options_.jobs);
    for (const Candidate& candidate : candidates_) {
      text +=
          fmt::format(" {}:{}:{}", candidate.library->path(), candidate.subject->kernel->name, candidate.laws.size());
    }
    text += fmt::format(" fingerprint {:x}", fingerprint());
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return text;
  }

  void take_up_results() {
    log_ = std::make_unique<ResultsLog>(options_.results_file, identity());
    for (const auto& [number, text] : log_->records()) {
      if (number < pieces_.size()) pieces_[number]->set_record(record_of(text));
    }
    for (const auto& piece : pieces_) streamed_.push_back({piece->checkpoint().count(), 0});
  }

  // What the children say of their progress.
  void tell() {
    told_.resize(pieces_.size());
    for (size_t i = 0; i < pieces_.size() && given_.progress; ++i) {
      const FlightRecord& flight = pieces_[i]->flight();
      const int32_t lines = flight.progress_lines;
      if (lines != std::exchange(told_[i], lines)) given_.progress(std::string(flight.progress.get()));
    }
  }

  // New records go to disk: at once what holds a new violation, the others now and then.
  void stream(bool all) {
    if (!log_) return;
    constexpr auto kOften = std::chrono::milliseconds(500);
    const bool is_due = all || Clock::now() - streamed_at_ > kOften;
    for (size_t i = 0; i < pieces_.size(); ++i) {
      Piece& piece = *pieces_[i];
      if (piece.checkpoint().count() == streamed_[i].count) continue;
      const uint32_t count = piece.checkpoint().count();
      const std::string text = piece.checkpoint().read();
      const KernelRecord record = record_of(text);
      const auto violations = std::count_if(record.laws.begin(), record.laws.end(),
                                            [](const Standing& law) { return law.violation.has_value(); });
      if (!is_due && violations == streamed_[i].violations && !record.done) continue;
      switches().results_are_lost = !log_->append(i, text);
      if (switches().results_are_lost) return;  // tried again
      streamed_[i] = {count, violations};
    }
    if (is_due) streamed_at_ = Clock::now();
  }

  Report make_report() {
    Report report;
    report.version = CONVCHECK_VERSION;
    report.seed = options_.seed;
    for (size_t kernel = 0; kernel < candidates_.size(); ++kernel) {
      const Candidate& candidate = candidates_[kernel];
      KernelRecord record = known_before(kernel, Portion::conclusions);
      for (size_t i = 0; i < pieces_.size(); ++i) {
        if (owners_[i] != kernel || pieces_[i]->portion() != Portion::conclusions) continue;
        if (pieces_[i]->checkpoint().count() > 0) record = pieces_[i]->record();
      }
      const ReplayForm replay = {options_.program,
                                 candidate.library->is_linked() ? std::string() : candidate.library->path()};
      report.kernels.push_back(
          report_of(*candidate.subject->kernel, candidate.library->path(), candidate.laws, record, replay));
      report.coverage.add(record.coverage);
      report.huge_omissions.insert(report.huge_omissions.end(), record.huge_omissions.begin(),
                                   record.huge_omissions.end());
    }
    for (const CoveringArray& array : agenda_->covering()) {
      report.covering_size += static_cast<int64_t>(array.problems.size());
      report.covering_triples += array.triples_covered;
    }
    report.small_world_size = small_world_size();
    report.corpus_entries = static_cast<int64_t>(options_.corpus.size());
    for (const Network& network : options_.networks) {
      report.networks.push_back({network.name, static_cast<int64_t>(network.layers.size())});
    }
    report.network_problems = agenda_->network_problems();
    report.huge_cases = static_cast<int64_t>(options_.huge.size());
    return report;
  }

  struct Streamed {
    uint32_t count;
    std::ptrdiff_t violations;
  };

  std::span<const Candidate> candidates_;
  const SessionOptions& given_;
  SessionOptions options_;
  std::mutex progress_;
  SharedMemory switches_{sizeof(Switches)};
  std::unique_ptr<Agenda> agenda_;
  std::vector<std::unique_ptr<Piece>> pieces_;
  std::vector<size_t> owners_;
  std::unique_ptr<ResultsLog> log_;
  std::vector<Streamed> streamed_;
  Clock::time_point streamed_at_;
  std::vector<int32_t> told_;
};

}  // namespace

Report run_session(std::span<const Candidate> candidates, const SessionOptions& options) {
  return Session(candidates, options).run();
}

}  // namespace convcheck
