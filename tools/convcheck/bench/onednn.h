// oneDNN on the same work, linked directly and not through the kernel ABI.
#pragma once

#include "tools/convcheck/bench/module.h"

namespace convcheck::bench {

/// Module::onednn_version() and Module::onednn(). onednn.cpp has them where oneDNN is there, no_onednn.cpp elsewhere.
[[nodiscard]] std::string onednn_version();
[[nodiscard]] Entry make_onednn(const Geometry& g, const Operands& operands, Form form);

}  // namespace convcheck::bench
