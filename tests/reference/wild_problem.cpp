#include "tests/reference/wild_problem.h"

#include <algorithm>
#include <array>
#include <limits>

#include "tests/reference/problems.h"

namespace convcheck {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

constexpr std::array<int64_t, 24> kEdges = {kMin,
                                            kMin + 1,
                                            -4294967296,
                                            -2147483648,
                                            -3,
                                            -1,
                                            0,
                                            1,
                                            2,
                                            3,
                                            4,
                                            7,
                                            65536,
                                            2147483647,
                                            2147483648,
                                            3037000500,
                                            4294967296,
                                            int64_t{1} << 40,
                                            (int64_t{1} << 61) - 1,
                                            int64_t{1} << 61,
                                            int64_t{1} << 62,
                                            kMax - 2,
                                            kMax - 1,
                                            kMax};

// Fields are drawn from the edges, each with some probability that the whole problem shares, and are mild otherwise: so
// both problems that are wild throughout and problems with one wild field occur.
class Wild {
 public:
  explicit Wild(uint64_t seed) : random_(seed), wildness_(random_.below(3) == 0 ? 2 : random_.below(60) + 3) {}

  Problem problem() {
    Problem p;
    const int rank = static_cast<int>(uniform(random_, 3, 5));
    p.groups = field(1, 3);
    p.input = {field(0, 2), channels(p.groups)};
    p.weight = {channels(p.groups), wild() ? edge() : p.input[1] / std::max<int64_t>(p.groups, 1)};
    for (int axis = 2; axis < rank; ++axis) {
      const auto at = static_cast<size_t>(axis - 2);
      p.input.push_back(field(0, 6));
      if (!one_in(random_, 100)) p.weight.push_back(field(1, 3));
      p.stride[at] = field(1, 3);
      p.dilation[at] = field(1, 3);
      p.pad_before[at] = field(0, 3);
      p.pad_after[at] = field(0, 3);
    }
    if (one_in(random_, 2)) p.bias = {wild() ? edge() : p.weight[0]};
    if (one_in(random_, 60)) p.bias.push_back(edge());
    p.dtype = static_cast<DataType>(uniform(random_, 1, 4));
    p.layout = one_in(random_, 2) ? Layout::nchw : Layout::nhwc;
    if (one_in(random_, 3)) p.input_strides = strides(rank);
    if (one_in(random_, 3)) p.weight_strides = strides(p.weight.rank());
    if (one_in(random_, 3)) p.output_strides = strides(rank);
    if (one_in(random_, 4)) claim(p);
    return p;
  }

 private:
  bool wild() { return one_in(random_, wildness_); }
  int64_t edge() { return kEdges[random_.below(kEdges.size())]; }
  int64_t field(int64_t least, int64_t most) { return wild() ? edge() : uniform(random_, least, most); }
  int64_t channels(int64_t groups) {
    return wild() ? edge() : uniform(random_, 1, 3) * (groups >= 1 && groups < 10 ? groups : 1);
  }
  Shape strides(int rank) {
    Shape result;
    for (int axis = 0; axis < rank; ++axis) result.push_back(std::max<int64_t>(field(0, 9), 0));
    return result;
  }
  // Right but for one extent, more or less.
  void claim(Problem& p) {
    Shape output = output_shape(p);
    if (one_in(random_, 2)) output[static_cast<int>(random_.below(5)) % output.rank()] = edge();
    if (one_in(random_, 50) && output.rank() < kMaxRank) output.push_back(1);
    p.claimed_output = output;
  }

  Random random_;
  uint64_t wildness_;
};

}  // namespace

Problem wild_problem(uint64_t seed) {
  return Wild(seed).problem();
}

}  // namespace convcheck
