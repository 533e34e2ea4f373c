// Results of the reference that are dear, computed once and shared by all processes that descend from the one that made
// this.
#pragma once

#include <cstdint>

#include "harness/shared_memory.h"
#include "properties/trial.h"

namespace convcheck {

class SharedSums {
 public:
  /// Room for so many cases, each at the accuracies that there are, and for their sums up to `most_bytes`: what does
  /// not fit is computed again by whoever asks for it.
  SharedSums(size_t cases, size_t most_bytes);

  /// As expect() of trial.h: the data are made anew, the sums taken over from whoever computed them for case number
  /// `number` first. Any thread of any process.
  [[nodiscard]] std::string_view expect(size_t number, const Case& c, Accuracy accuracy, Expectation& result);

 private:
  struct Slot;
  struct Taken;

  [[nodiscard]] Slot& slot(size_t number, Accuracy accuracy) const;
  void publish(Slot& slot, const Expectation& expectation);

  size_t most_bytes_;
  SharedMemory slots_;
  SharedMemory sums_;
};

}  // namespace convcheck
