// ShuffleNet v1, 1x, 3 groups: Zhang, Zhou, Lin, Sun, "ShuffleNet: An Extremely Efficient Convolutional Neural Network
// for Mobile Devices", CVPR 2018, table 1, as the authors' own PyTorch code (megvii-model/ShuffleNet-Series): the
// bottleneck is a quarter of the stage's channels; the first 1x1 of stage 2 is not grouped, its input being so narrow;
// a unit of stride 2 concatenates its pooled input, so it computes that many channels fewer. Names are that code's.
//
// ShuffleNet v2 x1.0: Ma, Zhang, Zheng, Sun, "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture
// Design", ECCV 2018, table 5 and figure 3(c, d), torchvision.
#include "tests/corpus/networks/networks.h"

namespace convcheck::networks {

namespace {

struct Stage {
  std::int64_t channels;
  int units;
};

/// Half of the channels pass by (stride 1), or both halves are computed from the whole input (stride 2).
Image unit_v2(Network& net, const std::string& name, const Image& in, std::int64_t channels, bool halves) {
  const std::int64_t half = channels / 2;
  const std::int64_t stride = halves ? 2 : 1;
  if (halves) {
    const Image x = net.depthwise(name + ".branch1.0", in, 3, stride);
    net.pointwise(name + ".branch1.2", x, half);
  }
  Image x = in;
  if (!halves) x.channels = half;
  x = net.pointwise(name + ".branch2.0", x, half);
  x = net.depthwise(name + ".branch2.3", x, 3, stride);
  x = net.pointwise(name + ".branch2.5", x, half);
  return {channels, x.height, x.width};
}

}  // namespace

Network shufflenet_v1(std::int64_t size) {
  const std::vector<Stage> table = {{240, 4}, {480, 8}, {960, 4}};
  constexpr std::int64_t kGroups = 3;

  Network net;
  Image x = net.conv("first_conv.0", rgb(size), {.out_channels = 24, .kernel = 3, .stride = 2, .padding = 1});
  x = pool(x, 3, 2, 1);
  int feature = 0;
  for (const Stage& stage : table) {
    for (int unit = 0; unit < stage.units; ++unit, ++feature) {
      const std::string name = "features." + std::to_string(feature);
      const bool halves = unit == 0;
      const std::int64_t computed = halves ? stage.channels - x.channels : stage.channels;
      x = net.pointwise(name + ".branch_main_1.0", x, stage.channels / 4, feature == 0 ? 1 : kGroups);
      x = net.depthwise(name + ".branch_main_1.3", x, 3, halves ? 2 : 1);
      x = net.pointwise(name + ".branch_main_2.0", x, computed, kGroups);
      x.channels = stage.channels;
    }
  }
  return net;
}

Network shufflenet_v2(std::int64_t size) {
  const std::vector<Stage> table = {{116, 4}, {232, 8}, {464, 4}};

  Network net;
  Image x = net.conv("conv1.0", rgb(size), {.out_channels = 24, .kernel = 3, .stride = 2, .padding = 1});
  x = pool(x, 3, 2, 1);
  for (std::size_t i = 0; i < table.size(); ++i) {
    for (int unit = 0; unit < table[i].units; ++unit) {
      const std::string name = "stage" + std::to_string(i + 2) + "." + std::to_string(unit);
      x = unit_v2(net, name, x, table[i].channels, unit == 0);
    }
  }
  net.pointwise("conv5.0", x, 1024);
  return net;
}

}  // namespace convcheck::networks
