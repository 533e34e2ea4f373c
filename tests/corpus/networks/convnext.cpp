// ConvNeXt-T: Liu et al., "A ConvNet for the 2020s", CVPR 2022, table 9, as torchvision's convnext_tiny. Names are
// torchvision's. No batch norm: every convolution has a bias. The two 1x1 layers of a block are Linear layers on
// channels-last data in torchvision and are left out here; networks_test.cpp counts them.
#include "tests/corpus/networks/networks.h"

namespace convcheck::networks {

Network convnext_tiny(std::int64_t size) {
  struct Stage {
    std::int64_t channels;
    int blocks;
  };
  const std::vector<Stage> table = {{96, 3}, {192, 3}, {384, 9}, {768, 3}};

  Network net;
  Image x = net.conv("features.0.0", rgb(size), {.out_channels = 96, .kernel = 4, .stride = 4, .bias = true});
  for (std::size_t stage = 0; stage < table.size(); ++stage) {
    const auto feature = [&stage](std::size_t offset) { return "features." + std::to_string(2 * stage + offset); };
    if (stage > 0) {
      x = net.conv(feature(0) + ".1", x,
                   {.out_channels = table[stage].channels, .kernel = 2, .stride = 2, .bias = true});
    }
    for (int block = 0; block < table[stage].blocks; ++block) {
      x = net.depthwise(feature(1) + "." + std::to_string(block) + ".block.0", x, 7, 1, true);
    }
  }
  return net;
}

}  // namespace convcheck::networks
