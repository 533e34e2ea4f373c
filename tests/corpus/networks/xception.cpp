// Xception: Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", CVPR 2017, figure 5, as Keras
// builds it. A SeparableConv2D is two layers here, depthwise and pointwise, with nothing in between. SAME padding is
// one on every side of a 3x3 of stride 1; stride 2 occurs in the stem (no padding), in pooling, and in the 1x1
// shortcuts, which need no padding. Names are Keras's; it numbers the shortcuts conv2d to conv2d_3, here they carry
// their block's name.
#include "tests/corpus/networks/networks.h"

namespace convcheck::networks {

namespace {

Image separable(Network& net, const std::string& name, const Image& in, std::int64_t channels) {
  const Image x = net.depthwise(name + ".depthwise", in, 3, 1);
  return net.pointwise(name + ".pointwise", x, channels);
}

/// Separable convolutions of the given channels, one after the other.
Image separables(Network& net, const std::string& block, const Image& in, const std::vector<std::int64_t>& channels) {
  Image x = in;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    x = separable(net, block + "_sepconv" + std::to_string(i + 1), x, channels[i]);
  }
  return x;
}

/// A block of the entry or exit flow: two separable convolutions, pooling, and a 1x1 shortcut of stride 2.
Image halving_block(Network& net, const std::string& block, const Image& in, std::int64_t first, std::int64_t second) {
  net.conv(block + "_shortcut", in, {.out_channels = second, .stride = 2});
  return pool(separables(net, block, in, {first, second}), 3, 2, 1);
}

}  // namespace

Network xception(std::int64_t size) {
  Network net;
  Image x = net.conv("block1_conv1", rgb(size), {.out_channels = 32, .kernel = 3, .stride = 2});
  x = net.conv("block1_conv2", x, {.out_channels = 64, .kernel = 3});
  x = halving_block(net, "block2", x, 128, 128);
  x = halving_block(net, "block3", x, 256, 256);
  x = halving_block(net, "block4", x, 728, 728);
  for (int block = 5; block <= 12; ++block) {
    x = separables(net, "block" + std::to_string(block), x, {728, 728, 728});
  }
  x = halving_block(net, "block13", x, 728, 1024);
  separables(net, "block14", x, {1536, 2048});
  return net;
}

}  // namespace convcheck::networks
