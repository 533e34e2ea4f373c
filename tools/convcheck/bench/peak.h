// The most multiply-adds that this machine does in a second, measured.
#pragma once

#include "tools/convcheck/bench/module.h"

namespace convcheck::bench {

/// Fused multiply-adds on registers alone, in the widest vectors that the machine has (Highway chooses at run time), in
/// as many independent chains as hide their latency, on each of `threads` threads.
[[nodiscard]] Peak make_peak(int threads);

}  // namespace convcheck::bench
