#include "tests/properties/dying.h"

#include <ucontext.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string_view>

#include "properties/faults.h"

namespace convcheck {
namespace {

// A handler's stack must not be the one that has no room left.
std::array<char, size_t{64} << 10> handler_stack;

void say(std::string_view text) {
  if (write(STDERR_FILENO, text.data(), text.size()) < 0) _exit(1);
}

#if defined(__x86_64__)
Access access_of(const void* context) {
  constexpr greg_t kWrite = 2;  // of the page fault's error code
  const auto* const registers = static_cast<const ucontext_t*>(context)->uc_mcontext.gregs;
  return (registers[REG_ERR] & kWrite) != 0 ? Access::write : Access::read;
}
#else
#error "say here how this machine tells reads from writes"
#endif

void tell(int /*signal*/, siginfo_t* info, void* context) {
  const auto fault = fault_at(info->si_addr);
  if (fault) {
    const Access access = access_of(context);
    say(describe(*fault, access).view());
    say(": ");
    say(law_of(*fault, access));
  } else {
    say("unknown address");
  }
  _exit(kDiedOfFault);
}

}  // namespace

void tell_faults() {
  const stack_t stack = {.ss_sp = handler_stack.data(), .ss_flags = 0, .ss_size = handler_stack.size()};
  struct sigaction action = {};
  action.sa_sigaction = tell;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  if (sigaltstack(&stack, nullptr) != 0 || sigaction(SIGSEGV, &action, nullptr) != 0 ||
      sigaction(SIGBUS, &action, nullptr) != 0) {
    _exit(1);
  }
}

void die_telling(const std::function<void()>& function) {
  tell_faults();
  function();
}

}  // namespace convcheck
