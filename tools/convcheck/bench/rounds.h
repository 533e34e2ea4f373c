// Rounds of timing by Google Benchmark.
#pragma once

#include "tools/convcheck/bench/module.h"

namespace convcheck::bench {

/// Module::time_rounds().
[[nodiscard]] std::vector<std::vector<double>> time_rounds(std::span<Contender* const> contenders,
                                                           const RoundOptions& options);

}  // namespace convcheck::bench
