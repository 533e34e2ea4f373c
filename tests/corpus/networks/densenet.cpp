// DenseNet-121: Huang, Liu, van der Maaten, Weinberger, "Densely Connected Convolutional Networks", CVPR 2017, table 1
// (growth rate 32, bottleneck 4 times as wide, transitions halve the channels), as torchvision. Names are
// torchvision's.
#include "tests/corpus/networks/networks.h"

namespace convcheck::networks {

Network densenet121(std::int64_t size) {
  const std::vector<int> table = {6, 12, 24, 16};
  constexpr std::int64_t kGrowth = 32;
  constexpr std::int64_t kBottleneck = 4 * kGrowth;

  Network net;
  Image x = net.conv("features.conv0", rgb(size), {.out_channels = 64, .kernel = 7, .stride = 2, .padding = 3});
  x = pool(x, 3, 2, 1);
  for (std::size_t block = 0; block < table.size(); ++block) {
    const std::string number = std::to_string(block + 1);
    for (int layer = 1; layer <= table[block]; ++layer) {
      const std::string name = "features.denseblock" + number + ".denselayer" + std::to_string(layer);
      const Image narrow = net.pointwise(name + ".conv1", x, kBottleneck);
      net.conv(name + ".conv2", narrow, {.out_channels = kGrowth, .kernel = 3, .padding = 1});
      x.channels += kGrowth;
    }
    if (block + 1 == table.size()) break;
    x = net.pointwise("features.transition" + number + ".conv", x, x.channels / 2);
    x = pool(x, 2, 2);
  }
  return net;
}

}  // namespace convcheck::networks
