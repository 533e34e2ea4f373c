// What the death of a child says of the kernel that it ran: which laws are violated, and the words for it.
#pragma once

#include <string_view>
#include <vector>

#include "harness/sandbox.h"

namespace convcheck {

struct Accusation {
  std::string_view law;  ///< the name, in static memory or the flight record's
  Finding finding;
};

/// Of a death while the kernel ran, or because of what it did before: nothing where nobody can say that it was the
/// kernel (killed from outside).
[[nodiscard]] std::vector<Accusation> accusations(const Death& death, const FlightRecord& flight);

/// "SIGSEGV", "signal 34".
[[nodiscard]] std::string signal_name(int signal);

}  // namespace convcheck
