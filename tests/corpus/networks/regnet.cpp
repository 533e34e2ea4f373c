// RegNetX-400MF: Radosavovic et al., "Designing Network Design Spaces", CVPR 2020, as torchvision's regnet_x_400mf:
// depth 22, w_0 24, w_a 24.48, w_m 2.54, group width 16, bottleneck ratio 1. The widths quantized to eights are 24, 64,
// 160, 392 and are then made multiples of the group width; torchvision rounds the last to 400, the paper's own code to
// 384. Names are torchvision's.
#include "tests/corpus/networks/networks.h"

namespace convcheck::networks {

namespace {

constexpr std::int64_t kGroupWidth = 16;

Image bottleneck(Network& net, const std::string& name, const Image& in, std::int64_t width, std::int64_t stride) {
  if (in.channels != width || stride != 1) {
    net.conv(name + ".proj.0", in, {.out_channels = width, .stride = stride});
  }
  Image x = net.pointwise(name + ".f.a.0", in, width);
  x = net.conv(name + ".f.b.0", x,
               {.out_channels = width, .kernel = 3, .groups = width / kGroupWidth, .stride = stride, .padding = 1});
  return net.pointwise(name + ".f.c.0", x, width);
}

}  // namespace

Network regnet_x_400mf(std::int64_t size) {
  struct Stage {
    std::int64_t width;
    int depth;
  };
  const std::vector<Stage> table = {{32, 1}, {64, 2}, {160, 7}, {400, 12}};

  Network net;
  Image x = net.conv("stem.0", rgb(size), {.out_channels = 32, .kernel = 3, .stride = 2, .padding = 1});
  for (std::size_t stage = 0; stage < table.size(); ++stage) {
    const std::string block = "block" + std::to_string(stage + 1);
    for (int i = 0; i < table[stage].depth; ++i) {
      const std::string name = "trunk_output." + block + "." + block + "-" + std::to_string(i);
      x = bottleneck(net, name, x, table[stage].width, i == 0 ? 2 : 1);
    }
  }
  return net;
}

}  // namespace convcheck::networks
