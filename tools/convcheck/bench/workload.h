// What is timed: the layers of networks, each different problem once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/session.h"

namespace convcheck::bench {

/// How layers are told apart. The first that fits.
enum class Kind {
  depthwise,  ///< one input channel a group
  grouped,    ///< other groups than one
  pointwise,  ///< 1x1, any stride
  dense_3x3,  ///< 3x3 of stride and dilation 1
  other,
};
inline constexpr int kKinds = 5;
/// "depthwise", "grouped", "1x1", "3x3", "other".
[[nodiscard]] std::string_view name(Kind kind);
[[nodiscard]] Kind kind_of(const Problem& problem);

/// Layers of one network that are the same problem.
struct NetworkLayer {
  std::string name;     ///< the first one's
  size_t problem = 0;   ///< index into Workload::problems
  int occurrences = 0;  ///< in the network
};

struct WorkloadNetwork {
  std::string name;
  std::vector<NetworkLayer> layers;
};

/// `error` is one line, empty where all is well.
struct Workload {
  std::vector<Problem> problems;  ///< each different from the others
  std::vector<WorkloadNetwork> networks;
  std::string error;
};

/// Networks without layers of the given names are left out; all layers where no name is given. Every problem must be
/// valid, forward, f32, of two spatial axes, N, C, H, W without gaps: else that is the error.
[[nodiscard]] Workload workload_of(const std::vector<Network>& networks, const std::vector<std::string>& layers);

}  // namespace convcheck::bench
