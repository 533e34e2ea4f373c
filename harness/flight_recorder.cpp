#include "harness/flight_recorder.h"

#include <algorithm>
#include <cstring>

namespace convcheck {

bool Checkpoint::write(std::string_view text) {
  if (text.size() > kRoom) return false;
  const uint32_t next = count() + 1;
  std::memcpy(room(next), text.data(), text.size());
  header().length[next % 2] = text.size();
  header().count.store(next, std::memory_order_release);
  return true;
}

std::string Checkpoint::read() const {
  for (;;) {
    const uint32_t number = count();
    if (number == 0) return {};
    std::string text(room(number), std::min(header().length[number % 2], kRoom));
    // The writer may have come round to the same room in the meantime.
    if (count() - number < 2 && count() == number) return text;
  }
}

}  // namespace convcheck
