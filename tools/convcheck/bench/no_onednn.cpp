// For builds without oneDNN.
#include "tools/convcheck/bench/onednn.h"

namespace convcheck::bench {

std::string onednn_version() {
  return {};
}

Entry make_onednn(const Geometry& /*g*/, const Operands& /*operands*/, Form /*form*/) {
  return {.contender = nullptr, .why_not = "this was built without oneDNN"};
}

}  // namespace convcheck::bench
