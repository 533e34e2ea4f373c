// What measurements come to: speeds, shares of the peak, ratios to oneDNN, and their means over networks and kinds.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tools/convcheck/bench/measurement.h"
#include "tools/convcheck/bench/workload.h"

namespace convcheck::bench {

/// One contender on one problem. Figures that are not there are NaN.
struct Figure {
  Timing timing;
  Spread seconds{};  ///< of a run
  double flops = 0;  ///< a second: two for each multiply-add of the naive loops, whatever an algorithm saves
  double share_of_peak = 0;
  double ratio = 0;                     ///< oneDNN's median over this one's, plain on both sides: above 1 is faster
  Standing standing = Standing::alike;  ///< to oneDNN

  [[nodiscard]] bool has_ratio() const { return ratio > 0; }
};

struct ProblemFigures {
  double peak = 0;  ///< operations a second, the median of this problem's rounds
  std::vector<Figure> contenders;
};

/// Ratios to oneDNN over layers, each of a network counted as often as it occurs.
struct Ratios {
  double geometric_mean = 0, lowest = 0, highest = 0;  ///< NaN where there are none
  std::string lowest_layer;
  int layers = 0;
  int slower = 0, alike = 0, faster = 0;
};

/// One contender on a network. Sums are over the layers that were timed, as often as each occurs.
struct NetworkFigure {
  int layers = 0, layers_timed = 0;
  double seconds = 0, flops = 0;  ///< flops a second
  double share_of_peak = 0;       ///< flops over what the peak would have done in that time
  Ratios ratios;
};

/// One run on so many threads. Contenders are the measurement's and, where there are several kernels, "fastest": the
/// kernel with the least median of each problem, which is what a library of all of them could do.
struct Figures {
  int threads = 1;
  std::string onednn_version;
  std::string error;
  std::vector<std::string> contenders;
  std::vector<ProblemFigures> problems;              ///< as far as they were measured
  std::vector<std::vector<NetworkFigure>> networks;  ///< [network][contender]
  std::array<std::vector<Ratios>, kKinds> kinds;     ///< [kind][contender], over all networks
  double peak = 0;                                   ///< the median over problems
};

inline constexpr const char* kFastest = "fastest";

[[nodiscard]] Figures figures_of(const Workload& workload, const Measurement& measurement);

/// By [network][contender]: the geometric mean over a network's layers of one run's time over another's. NaN where no
/// layer was timed in both.
[[nodiscard]] std::vector<std::vector<double>> speed_ups(const Workload& workload, const Figures& from,
                                                         const Figures& to);

}  // namespace convcheck::bench
