#include "harness/verdict_of_death.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "reference/spelling.h"

namespace convcheck {
namespace {

struct SignalName {
  int signal;
  const char* name;
  const char* meaning;
};
constexpr std::array kSignals = {
    SignalName{SIGSEGV, "SIGSEGV", "memory was touched that is not there or may not be touched in that way"},
    SignalName{SIGBUS, "SIGBUS", "memory was touched that has nothing behind it, or at an unaligned address"},
    SignalName{SIGFPE, "SIGFPE", "an integer was divided by zero, or a quotient does not fit"},
    SignalName{SIGILL, "SIGILL", "an instruction that this processor does not have, or a trap"},
    SignalName{SIGABRT, "SIGABRT",
               "abort() was called, by an assertion, an uncaught exception or the heap's own checks"},
    SignalName{SIGTRAP, "SIGTRAP", "a trap"},
    SignalName{SIGSYS, "SIGSYS", "a bad system call"},
    SignalName{SIGALRM, "SIGALRM", "an alarm that was set went off"},
    SignalName{SIGKILL, "SIGKILL", "the process was killed, perhaps since the machine ran out of memory"},
    SignalName{SIGPIPE, "SIGPIPE", "something was written to a pipe that nobody reads"},
    SignalName{SIGTERM, "SIGTERM", "the process was told to end"},
    SignalName{SIGUSR1, "SIGUSR1", "a signal of the user's own"},
    SignalName{SIGVTALRM, "SIGVTALRM", "an alarm that was set went off"},
    SignalName{SIGPROF, "SIGPROF", "an alarm that was set went off"},
    SignalName{SIGXFSZ, "SIGXFSZ", "a file grew too large"},
};

const SignalName* known(int signal) {
  const auto found =
      std::find_if(kSignals.begin(), kSignals.end(), [&](const SignalName& one) { return one.signal == signal; });
  return found == kSignals.end() ? nullptr : &*found;
}

bool is_alarm(const Death& death) {
  return death.how == Death::How::killed_by_signal &&
         (death.number == SIGALRM || death.number == SIGVTALRM || death.number == SIGPROF);
}

std::string what_happened(const Death& death, const FlightRecord& flight) {
  if (death.how == Death::How::exited) {
    return fmt::format("The process ended in the middle of judging, with exit status {}: exit() or _exit() was called.",
                       death.number);
  }
  const SignalName* const name = known(death.number);
  std::string text = fmt::format("The process died of {}", signal_name(death.number));
  if (name != nullptr) text += fmt::format(": {}", name->meaning);
  text += '.';
  const FaultNote& fault = flight.fault;
  if (fault.signal != death.number) return text;
  if (!fault.words.get().empty())
    text += fmt::format(" The kernel {}.", fault.words.get());
  else if (fault.address != 0)
    text += fmt::format(" The address was {:#x}.", fault.address);
  if (fault.off_the_stack != 0) text += " It is next to the stack: the stack has overflowed.";
  if (fault.out_of_memory != 0) text += " An allocation had failed before.";
  if (fault.was_inside == 0 && !is_alarm(death)) {
    text += " No call was in progress: earlier calls left something behind that did this.";
  }
  return text;
}

Finding finding(std::string expected, std::string got, std::string explanation, const Death& death,
                const FlightRecord& flight) {
  if (!flight.note.get().empty()) explanation += fmt::format(" The call was one {}.", flight.note.get());
  if (!death.printed.empty()) explanation += fmt::format(" It printed: \"{}\".", death.printed);
  return {.index = {}, .expected = std::move(expected), .got = std::move(got), .explanation = std::move(explanation)};
}

std::string got_of(const Death& death) {
  if (death.how == Death::How::exited) return fmt::format("exit with status {}", death.number);
  return signal_name(death.number);
}

}  // namespace

std::string signal_name(int signal) {
  const SignalName* const name = known(signal);
  return name == nullptr ? fmt::format("signal {}", signal) : name->name;
}

std::vector<Accusation> accusations(const Death& death, const FlightRecord& flight) {
  std::vector<Accusation> all;
  const auto accuse = [&](std::string_view law, std::string expected, std::string got, std::string explanation) {
    all.push_back({law, finding(std::move(expected), std::move(got), std::move(explanation), death, flight)});
  };
  if (death.how == Death::How::forked) {
    accuse("leaves_the_process_alone", "one process", "two",
           "A call forked: the process that it made came back from the call as well, or is still there.");
    return all;
  }
  if (death.how == Death::How::overran && flight.doing == Doing::loading) {
    accuse("loads_quietly", "a library that loads", "no end",
           "The library had not been loaded within 10 s (or the time of a call, where that is longer), and twice that "
           "time when it was repeated.");
    return all;
  }
  if (death.how == Death::How::overran && flight.doing == Doing::ending) {
    accuse("leaves_the_process_alone", "a library that can be unloaded", "no end",
           "The library had not been unloaded when the time of a call was over, and twice that time when it was "
           "repeated: does it wait for a thread of its own?");
    return all;
  }
  if (death.how == Death::How::overran) {
    accuse(
        "ends_in_time", "a call that ends", "no end",
        "The call had not ended when its time was over, twice that time when it was repeated. The limit is the larger "
        "of 2 s and 100 times what the reference takes; --time-limit sets another.");
    return all;
  }
  const std::string what = what_happened(death, flight);
  if (flight.doing == Doing::loading) {
    accuse("loads_quietly", "a library that loads", got_of(death), what + " That was while the library was loaded.");
    return all;
  }
  if (is_alarm(death)) {
    accuse("leaves_the_process_alone", "no signal", got_of(death), what);
    return all;
  }
  if (flight.doing == Doing::ending) {
    accuse("leaves_the_process_alone", "a library that can be unloaded", got_of(death),
           what + " That was while the library was unloaded: a thread of it may still be running.");
    return all;
  }
  accuse("returns_from_every_call", "a call that returns", got_of(death), what);
  // What the arguments were is in the note.
  if (!flight.note.get().empty()) accuse("survives_hostile_arguments", "REJECTED or UNSUPPORTED", got_of(death), what);
  const FaultNote& fault = flight.fault;
  if (death.how == Death::How::exited)
    accuse("leaves_the_process_alone", "a process that goes on", got_of(death), what);
  if (fault.signal != death.number || death.how != Death::How::killed_by_signal) return all;
  if (!fault.law.get().empty()) accuse(fault.law.get(), "tensors and no more", got_of(death), what);
  if (fault.off_the_stack != 0 && fault.law.get().empty()) {
    accuse("uses_little_stack", "at most 512 KiB of stack", got_of(death), what);
  }
  if (fault.out_of_memory != 0) accuse("stays_within_memory", "at most the memory that there is", got_of(death), what);
  return all;
}

}  // namespace convcheck
