// U-Net: Ronneberger, Fischer, Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015,
// figure 1: channels 64 to 1024, two 3x3 convolutions a level, 2 classes, no batch norm and so a bias everywhere. Two
// changes that today's implementations share: padding 1 instead of none (the paper's 572x572 input shrinks to 388x388),
// and an RGB input. The four 2x2 up-convolutions are transposed convolutions and are left out; networks_test.cpp counts
// them. The paper does not name its layers.
#include "tests/corpus/networks/networks.h"

namespace convcheck::networks {

namespace {

Image level(Network& net, const std::string& name, const Image& in, std::int64_t channels) {
  const Convolution same = {.out_channels = channels, .kernel = 3, .padding = 1, .bias = true};
  const Image x = net.conv(name + ".conv1", in, same);
  return net.conv(name + ".conv2", x, same);
}

}  // namespace

Network unet(std::int64_t size) {
  const std::vector<std::int64_t> table = {64, 128, 256, 512, 1024};
  constexpr std::int64_t kClasses = 2;

  Network net;
  Image x = rgb(size);
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (i > 0) x = pool(x, 2, 2);
    x = level(net, "contract" + std::to_string(i + 1), x, table[i]);
  }
  for (std::size_t i = table.size() - 1; i > 0; --i) {
    // The up-convolution halves the channels and doubles the image; the other half comes from the contracting path.
    x = {2 * table[i - 1], 2 * x.height, 2 * x.width};
    x = level(net, "expand" + std::to_string(i), x, table[i - 1]);
  }
  net.conv("output", x, {.out_channels = kClasses, .bias = true});
  return net;
}

}  // namespace convcheck::networks
