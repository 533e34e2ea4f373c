// MobileNet v1: Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
// 2017, table 1, as Keras builds it: stride 2 pads SAME, one row below and one column to the right, and the classifier
// is a 1x1 convolution with bias on the pooled pixel (conv_preds). Table 1 prints stride 2 for the last depthwise
// layer: the paper's 7x7 maps and every implementation have stride 1 there. Names are Keras's.
//
// MobileNet v2: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018, table 2,
// torchvision.
//
// MobileNet v3 large: Howard et al., "Searching for MobileNetV3", ICCV 2019, table 1, torchvision; the two fully
// connected layers of a squeeze-excite block are 1x1 convolutions with bias on the pooled pixel.
//
// EfficientNet-B0: Tan, Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019,
// table 1, torchvision; the squeeze is a quarter of the block's input, not of the expanded channels.
#include <algorithm>

#include "tests/corpus/networks/networks.h"

namespace convcheck::networks {

namespace {

/// Rounds to a multiple of 8 but never below nine tenths of the value (the mobilenet papers' code).
std::int64_t to_multiple_of_8(std::int64_t channels) {
  const std::int64_t rounded = std::max<std::int64_t>(8, (channels + 4) / 8 * 8);
  return rounded * 10 < channels * 9 ? rounded + 8 : rounded;
}

void squeeze_excite(Network& net, const std::string& name, const Image& in, std::int64_t squeezed) {
  const Image x = net.conv(name + ".fc1", global_pool(in), {.out_channels = squeezed, .bias = true});
  net.conv(name + ".fc2", x, {.out_channels = in.channels, .bias = true});
}

struct InvertedResidual {
  std::int64_t kernel;
  std::int64_t expanded;
  std::int64_t out_channels;
  std::int64_t stride;
  std::int64_t squeezed;  ///< channels between the two layers of the squeeze-excite block, 0 for none
};

/// Expand (where it does), depthwise, squeeze-excite, project; named as torchvision's v3 and EfficientNet blocks.
Image inverted_residual(Network& net, const std::string& block, const Image& in, const InvertedResidual& row) {
  int index = 0;
  const auto next = [&block, &index] { return block + "." + std::to_string(index++); };
  Image x = in;
  if (row.expanded != in.channels) x = net.pointwise(next() + ".0", x, row.expanded);
  x = net.depthwise(next() + ".0", x, row.kernel, row.stride);
  if (row.squeezed != 0) squeeze_excite(net, next(), x, row.squeezed);
  return net.pointwise(next() + ".0", x, row.out_channels);
}

}  // namespace

Network mobilenet_v1(std::int64_t size) {
  struct Block {
    std::int64_t channels;
    std::int64_t stride;
  };
  const std::vector<Block> table = {{64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1},  {512, 2}, {512, 1},
                                    {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};
  const auto padding = [](std::int64_t stride) { return stride == 2 ? Padding(0, 1, 0, 1) : Padding(1); };

  Network net;
  Image x = net.conv("conv1", rgb(size), {.out_channels = 32, .kernel = 3, .stride = 2, .padding = padding(2)});
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string id = std::to_string(i + 1);
    x = net.conv("conv_dw_" + id, x,
                 {.out_channels = x.channels,
                  .kernel = 3,
                  .groups = x.channels,
                  .stride = table[i].stride,
                  .padding = padding(table[i].stride)});
    x = net.pointwise("conv_pw_" + id, x, table[i].channels);
  }
  net.conv("conv_preds", global_pool(x), {.out_channels = 1000, .bias = true});
  return net;
}

Network mobilenet_v2(std::int64_t size) {
  struct Row {
    std::int64_t expansion;
    std::int64_t channels;
    int repeats;
    std::int64_t stride;
  };
  const std::vector<Row> table = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                                  {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};

  Network net;
  Image x = net.conv("features.0.0", rgb(size), {.out_channels = 32, .kernel = 3, .stride = 2, .padding = 1});
  int feature = 1;
  for (const Row& row : table) {
    for (int i = 0; i < row.repeats; ++i, ++feature) {
      const std::string block = "features." + std::to_string(feature) + ".conv.";
      const std::int64_t expanded = x.channels * row.expansion;
      const bool expands = row.expansion != 1;
      if (expands) x = net.pointwise(block + "0.0", x, expanded);
      x = net.depthwise(block + (expands ? "1.0" : "0.0"), x, 3, i == 0 ? row.stride : 1);
      x = net.pointwise(block + (expands ? "2" : "1"), x, row.channels);
    }
  }
  net.pointwise("features.18.0", x, 1280);
  return net;
}

Network mobilenet_v3_large(std::int64_t size) {
  struct Row {
    std::int64_t kernel;
    std::int64_t expanded;
    std::int64_t channels;
    bool squeeze_excite;
    std::int64_t stride;
  };
  const std::vector<Row> table = {{3, 16, 16, false, 1},  {3, 64, 24, false, 2},  {3, 72, 24, false, 1},
                                  {5, 72, 40, true, 2},   {5, 120, 40, true, 1},  {5, 120, 40, true, 1},
                                  {3, 240, 80, false, 2}, {3, 200, 80, false, 1}, {3, 184, 80, false, 1},
                                  {3, 184, 80, false, 1}, {3, 480, 112, true, 1}, {3, 672, 112, true, 1},
                                  {5, 672, 160, true, 2}, {5, 960, 160, true, 1}, {5, 960, 160, true, 1}};

  Network net;
  Image x = net.conv("features.0.0", rgb(size), {.out_channels = 16, .kernel = 3, .stride = 2, .padding = 1});
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Row& row = table[i];
    x = inverted_residual(net, "features." + std::to_string(i + 1) + ".block", x,
                          {.kernel = row.kernel,
                           .expanded = row.expanded,
                           .out_channels = row.channels,
                           .stride = row.stride,
                           .squeezed = row.squeeze_excite ? to_multiple_of_8(row.expanded / 4) : 0});
  }
  net.pointwise("features.16.0", x, 960);
  return net;
}

Network efficientnet_b0(std::int64_t size) {
  struct Row {
    std::int64_t expansion;
    std::int64_t kernel;
    std::int64_t stride;
    std::int64_t channels;
    int repeats;
  };
  const std::vector<Row> table = {{1, 3, 1, 16, 1},  {6, 3, 2, 24, 2},  {6, 5, 2, 40, 2}, {6, 3, 2, 80, 3},
                                  {6, 5, 1, 112, 3}, {6, 5, 2, 192, 4}, {6, 3, 1, 320, 1}};

  Network net;
  Image x = net.conv("features.0.0", rgb(size), {.out_channels = 32, .kernel = 3, .stride = 2, .padding = 1});
  for (std::size_t stage = 0; stage < table.size(); ++stage) {
    const Row& row = table[stage];
    for (int i = 0; i < row.repeats; ++i) {
      x = inverted_residual(net, "features." + std::to_string(stage + 1) + "." + std::to_string(i) + ".block", x,
                            {.kernel = row.kernel,
                             .expanded = x.channels * row.expansion,
                             .out_channels = row.channels,
                             .stride = i == 0 ? row.stride : 1,
                             .squeezed = x.channels / 4});
    }
  }
  net.pointwise("features.8.0", x, 1280);
  return net;
}

}  // namespace convcheck::networks
