#include "harness/inmate.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <thread>

#include "properties/faults.h"
#include "reference/rules.h"
#include "reference/sanitized.h"

namespace convcheck {
namespace {

// The shadow memory of sanitizers counts as well.
constexpr bool kCanLimitMemory = !kIsSanitized;

// The one flight recorder of this process, for signal handlers.
FlightRecord* flight_of_process = nullptr;

int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{1'000'000'000} * now.tv_sec + now.tv_nsec;
}

bool is_write([[maybe_unused]] const ucontext_t& context) {
#if defined(__x86_64__)
  return (context.uc_mcontext.gregs[REG_ERR] & 2) != 0;
#else
  return false;
#endif
}

bool is_off_the_stack(uint64_t address, [[maybe_unused]] const ucontext_t& context) {
#if defined(__x86_64__)
  constexpr uint64_t kNear = 1 << 20;
  const auto top = static_cast<uint64_t>(context.uc_mcontext.gregs[REG_RSP]);
  return address + kNear > top && address < top + kNear;
#else
  static_cast<void>(address);
  return false;
#endif
}

// Runs on a stack of its own, in a process of which nothing is known any more. The first thread writes the note and
// lets the signal kill; others that come to harm meanwhile wait for that.
void write_down(int signal, siginfo_t* info, void* context) {
  static std::atomic_flag is_taken;
  while (is_taken.test_and_set()) pause();
  FlightRecord& flight = *flight_of_process;
  FaultNote& note = flight.fault;
  const auto& where = *static_cast<const ucontext_t*>(context);
  note.was_inside = flight.calls.load() > 0 ? 1 : 0;
  note.out_of_memory = errno == ENOMEM ? 1 : 0;
  const bool has_address = (signal == SIGSEGV || signal == SIGBUS) && info->si_code > 0;
  if (has_address) {
    note.address = reinterpret_cast<uint64_t>(info->si_addr);
    note.off_the_stack = is_off_the_stack(note.address, where) ? 1 : 0;
    const Access access = is_write(where) ? Access::write : Access::read;
    if (const auto fault = fault_at(info->si_addr)) {
      note.words.set(describe(*fault, access).view());
      note.law.set(law_of(*fault, access));
    }
  }
  note.signal = signal;
  std::signal(signal, SIG_DFL);
  raise(signal);
}

// What the stacks of a pool with a thread on each core take, where they have the usual size.
rlim_t bytes_of_stacks() {
  constexpr rlim_t kUsual = rlim_t{8} << 20;
  return kUsual * std::thread::hardware_concurrency();
}

void catch_faults() {
  static std::array<char, 65536> stack;
  const stack_t alternate = {.ss_sp = stack.data(), .ss_flags = 0, .ss_size = stack.size()};
  sigaltstack(&alternate, nullptr);
  struct sigaction action = {};
  action.sa_sigaction = write_down;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigfillset(&action.sa_mask);  // a fault of the handler itself kills at once
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS})
    sigaction(signal, &action, nullptr);
}

}  // namespace

void become_inmate(FlightRecord& flight, int output, const Limits& limits) {
  flight_of_process = &flight;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpgid(0, 0);
  struct sigaction as_usual = {};
  as_usual.sa_handler = SIG_DFL;
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD, SIGPIPE}) sigaction(signal, &as_usual, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const rlimit no_core = {.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &no_core);
  // A leak of descriptors is to be seen by its growth, and not to end what looks at it.
  rlimit files = {};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  setvbuf(stdout, nullptr, _IONBF, 0);  // what is printed before a crash is there after it
  if (limits.memory_bytes > 0 && kCanLimitMemory) {
    const auto bytes = static_cast<rlim_t>(limits.memory_bytes) + bytes_of_stacks();
    rlimit memory = {};
    getrlimit(RLIMIT_DATA, &memory);
    memory.rlim_cur = std::min(bytes, memory.rlim_max);
    setrlimit(RLIMIT_DATA, &memory);
  }
  catch_faults();
}

Inmate::Inmate(FlightRecord& flight, Checkpoint& checkpoint, const Limits& limits, int output)
    : flight_(flight), checkpoint_(checkpoint), limits_(limits), output_(output), process_(getpid()) {}

void Inmate::enter() {
  // First the deadline: whoever sees a call sees one that is not over already.
  flight_.deadline_ns.store(now_ns() + limit_ns_);
  flight_.calls.fetch_add(1);
  errno = 0;
}

void Inmate::leave() {
  // Whoever was forked within the call has come back from it as well, and must not go on.
  if (getpid() != process_) {
    flight_.the_duplicated = flight_.the_case;
    flight_.duplicated = 1;
    _exit(0);
  }
  // A process is not cheap, and a kernel that forks in every call makes many: this one ends, as if it had died.
  if (flight_.duplicated != 0) _exit(kForkedStatus);
  flight_.calls.fetch_sub(1);
}

void Inmate::on_case(const CaseNumber& number, const Case& c, std::string_view source, const KernelRecord& record) {
  flight_.number = number;
  flight_.cases = record.cases + 1;
  flight_.seconds = record.seconds;
  flight_.source.set(source);
  on_other_case(c);
}

void Inmate::on_other_case(const Case& c) {
  // What the reference takes for a multiply-add, and no less than it does anywhere.
  constexpr double kReferenceNs = 2;
  constexpr double kTimesReference = 100;
  constexpr double kLeastNs = 2e9;
  flight_.the_case = c;
  flight_.has_case.store(1, std::memory_order_relaxed);
  flight_.printed_before = bytes_printed();
  flight_.note.set({});
  double limit = limits_.call_s * 1e9;
  if (limit == 0) {
    const double multiplies = is_valid(c.problem) ? static_cast<double>(multiply_count(c.problem)) : 0;
    limit = std::max(kLeastNs, kTimesReference * kReferenceNs * multiplies);
  }
  limit_ns_ = static_cast<int64_t>(limit * limits_.patience);
}

void Inmate::on_loading(const Case& c) {
  constexpr double kLeastNs = 1e10;
  on_other_case(c);
  on_doing(Doing::loading);
  limit_ns_ = std::max(limit_ns_, static_cast<int64_t>(kLeastNs * limits_.patience));
}

void Inmate::on_item(const KernelRecord& record) {
  constexpr auto kOften = std::chrono::milliseconds(10);
  note_children();
  const auto violations = static_cast<size_t>(std::count_if(
      record.laws.begin(), record.laws.end(), [](const Standing& law) { return law.violation.has_value(); }));
  if (violations == violations_ && std::chrono::steady_clock::now() - kept_ < kOften) return;
  violations_ = violations;
  keep(record);
}

void Inmate::on_progress(const std::string& line) {
  flight_.progress.set(line);
  flight_.progress_lines.fetch_add(1);
}

// The file lies in memory. What is cut off leaves a hole, since what is printed next goes where it would have gone.
int64_t Inmate::bytes_printed() {
  constexpr int64_t kMostKept = 1 << 20;
  struct stat facts {};
  if (fstat(output_, &facts) != 0) return 0;
  const auto printed = std::max<int64_t>(facts.st_size, let_go_);
  if (printed - let_go_ > kMostKept && ftruncate(output_, 0) == 0) let_go_ = printed;
  return printed;
}

std::string Inmate::printed() const {
  return text_since(output_, flight_.printed_before);
}

// A child that has not come back from the call, or has ended already.
void Inmate::note_children() {
  siginfo_t info{};
  if (flight_.duplicated != 0 || waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return;
  flight_.the_duplicated = flight_.the_case;
  flight_.duplicated = 1;
}

void Inmate::keep(const KernelRecord& record) {
  checkpoint_.write(to_text(record));
  kept_ = std::chrono::steady_clock::now();
}

std::string text_since(int file, int64_t place) {
  constexpr int64_t kMost = 400;
  struct stat facts {};
  if (fstat(file, &facts) != 0 || facts.st_size <= place) return {};
  const int64_t from = std::max<int64_t>(place, facts.st_size - kMost);
  std::string text(static_cast<size_t>(facts.st_size - from), '\0');
  const ssize_t got = pread(file, text.data(), text.size(), from);
  text.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  for (char& c : text) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    if (c < ' ' || c > '~') c = '?';
  }
  if (const size_t end = text.find_last_not_of(' '); end != std::string::npos) text.erase(end + 1);
  return text;
}

}  // namespace convcheck
