#include "harness/sandbox.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <deque>
#include <system_error>
#include <vector>

namespace convcheck {
namespace {

int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{1'000'000'000} * now.tv_sec + now.tv_nsec;
}

// A file in memory that takes what a child prints.
class Output {
 public:
  Output() : file_(memfd_create("output", MFD_CLOEXEC)) {
    if (file_ < 0) throw std::system_error(errno, std::generic_category(), "memfd_create");
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { close(file_); }

  [[nodiscard]] int file() const { return file_; }
  [[nodiscard]] std::string since(int64_t place) const { return text_since(file_, place); }

 private:
  int file_;
};

struct Child {
  pid_t process = 0;
  Work* work = nullptr;
  std::unique_ptr<Output> output;
  bool is_killed = false;  // by us
  double limit_s = 0;
};

class Children {
 public:
  Children(std::span<Work* const> work, const SandboxOptions& options)
      : options_(options), waiting_(work.begin(), work.end()) {
    // A child's end wakes this process up; it is asked for, and comes to no handler.
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &before_);
  }
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;
  ~Children() {
    for (const Child& child : running_) {
      kill(-child.process, SIGKILL);
      kill(child.process, SIGKILL);
      waitpid(child.process, nullptr, 0);
    }
    sigprocmask(SIG_SETMASK, &before_, nullptr);
  }

  void run() {
    while (!waiting_.empty() || !running_.empty()) {
      if (is_stopped()) waiting_.clear();
      while (!waiting_.empty() && running_.size() < static_cast<size_t>(std::max(options_.jobs, 1)) && start())
        continue;
      if (running_.empty()) break;
      wait();
      reap();
      watch();
      if (options_.now_and_then) options_.now_and_then();
    }
  }

 private:
  [[nodiscard]] bool is_stopped() const { return options_.stop != nullptr && options_.stop->load(); }

  // False where there is no room for another child beside those that run.
  bool start() {
    Child child;
    child.work = waiting_.front();
    child.output = std::make_unique<Output>();
    FlightRecord& flight = child.work->flight();
    end_forerunner(flight.process);
    flight.deadline_ns = 0;
    flight.calls = 0;
    flight.has_case = 0;
    flight.printed_before = 0;
    flight.fault = {};
    flight.doing = Doing::starting;
    Limits limits = options_.limits;
    limits.patience = child.work->patience();
    std::fflush(nullptr);  // or the child would print it once more when it exits
    const pid_t parent = getpid();
    child.work->hand_down(true);
    child.process = fork();
    if (child.process != 0) child.work->hand_down(false);
    if (child.process < 0 && errno == EAGAIN && !running_.empty()) return false;
    if (child.process < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child.process == 0) {
      flight.process = getpid();
      if (options_.in_child) options_.in_child();
      become_inmate(flight, child.output->file(), limits);
      if (getppid() != parent) _exit(1);  // it died before it could be heard of
      Inmate inmate(flight, child.work->checkpoint(), limits, child.output->file());
      child.work->run(inmate);
      flight.doing = Doing::ending;
      _exit(kFinishedStatus);
    }
    waiting_.pop_front();
    running_.push_back(std::move(child));
    return true;
  }

  // A child of a process like this one, which was killed: two may not write at once. The system ends it, in a moment.
  static void end_forerunner(pid_t process) {
    constexpr timespec kMoment = {.tv_sec = 0, .tv_nsec = 1'000'000};
    constexpr int kMostMoments = 2000;
    for (int i = 0; i < kMostMoments && process > 0 && kill(process, SIGKILL) == 0; ++i) nanosleep(&kMoment, nullptr);
  }

  static void wait() {
    constexpr timespec kMoment = {.tv_sec = 0, .tv_nsec = 20'000'000};
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigtimedwait(&child, nullptr, &kMoment);
  }

  void reap() {
    for (size_t i = 0; i < running_.size();) {
      int status = 0;
      const pid_t process = waitpid(running_[i].process, &status, WNOHANG);
      if (process != running_[i].process) {
        ++i;
        continue;
      }
      Child child = std::move(running_[i]);
      child.work->flight().process = 0;
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      kill(-child.process, SIGKILL);  // whoever it forked
      end(child, status);
    }
  }

  void end(const Child& child, int status) {
    const bool is_finished =
        WIFEXITED(status) && WEXITSTATUS(status) == kFinishedStatus && child.work->flight().doing == Doing::ending;
    const bool has_forked = child.work->flight().duplicated.exchange(0) != 0;
    if (has_forked) child.work->after_duplication();
    if (is_finished || is_stopped()) return;
    Death death;
    death.printed = child.output->since(child.work->flight().printed_before);
    if (has_forked && WIFEXITED(status) && WEXITSTATUS(status) == kForkedStatus) {
      death.how = Death::How::forked;
    } else if (child.is_killed) {
      death.how = Death::How::overran;
      death.limit_s = child.limit_s;
    } else if (WIFSIGNALED(status)) {
      death.how = Death::How::killed_by_signal;
      death.number = WTERMSIG(status);
    } else if (WEXITSTATUS(status) == kAnotherStatus && child.work->flight().doing == Doing::shrinking &&
               child.work->flight().calls == 0) {
      death.how = Death::How::wants_another;
    } else {
      death.number = WEXITSTATUS(status);
    }
    if (child.work->after(death)) waiting_.push_front(child.work);
  }

  // Ends those whose call takes too long, and, when all are to stop, those that do not do so by themselves.
  void watch() {
    constexpr int64_t kMomentToStop = 2'000'000'000;
    const int64_t now = now_ns();
    if (!is_stopped()) stopped_at_ = now;
    for (Child& child : running_) {
      const FlightRecord& flight = child.work->flight();
      const bool is_late = flight.calls > 0 && now > flight.deadline_ns;
      if (child.is_killed || (!is_late && now - stopped_at_ < kMomentToStop)) continue;
      child.is_killed = true;
      child.limit_s = options_.limits.call_s;
      kill(child.process, SIGKILL);
    }
  }

  const SandboxOptions& options_;
  std::deque<Work*> waiting_;
  std::vector<Child> running_;
  int64_t stopped_at_ = 0;
  sigset_t before_{};
};

}  // namespace

bool Death::is_from_outside() const {
  return how == How::killed_by_signal && number == SIGKILL;
}

void run_in_children(std::span<Work* const> work, const SandboxOptions& options) {
  Children(work, options).run();
}

}  // namespace convcheck
