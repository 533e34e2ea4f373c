// AlexNet: Krizhevsky, Sutskever, Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012,
// section 3.5 and figure 2; conv2, conv4 and conv5 see only the maps on their own GPU, hence groups=2. Pooling and the
// 227x227 input as in Caffe's bvlc_alexnet (the paper's 224 does not give its 55x55 maps).
//
// VGG-16: Simonyan, Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015, table
// 1, column D. No batch norm, so every layer has a bias.
#include "tests/corpus/networks/networks.h"

namespace convcheck::networks {

Network alexnet(std::int64_t size) {
  Network net;
  Image x = net.conv("conv1", rgb(size), {.out_channels = 96, .kernel = 11, .stride = 4, .bias = true});
  x = pool(x, 3, 2);
  x = net.conv("conv2", x, {.out_channels = 256, .kernel = 5, .groups = 2, .padding = 2, .bias = true});
  x = pool(x, 3, 2);
  x = net.conv("conv3", x, {.out_channels = 384, .kernel = 3, .padding = 1, .bias = true});
  x = net.conv("conv4", x, {.out_channels = 384, .kernel = 3, .groups = 2, .padding = 1, .bias = true});
  net.conv("conv5", x, {.out_channels = 256, .kernel = 3, .groups = 2, .padding = 1, .bias = true});
  return net;
}

Network vgg16(std::int64_t size) {
  struct Block {
    std::int64_t channels;
    int convolutions;
  };
  const std::vector<Block> table = {{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}};

  Network net;
  Image x = rgb(size);
  for (std::size_t block = 0; block < table.size(); ++block) {
    for (int i = 1; i <= table[block].convolutions; ++i) {
      const std::string name = "conv" + std::to_string(block + 1) + "_" + std::to_string(i);
      x = net.conv(name, x, {.out_channels = table[block].channels, .kernel = 3, .padding = 1, .bias = true});
    }
    x = pool(x, 2, 2);
  }
  return net;
}

}  // namespace convcheck::networks
