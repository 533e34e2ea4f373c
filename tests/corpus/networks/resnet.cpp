// ResNet-50: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, table 1, as torchvision
// builds it ("v1.5": the stride is in the 3x3 convolution, not in the first 1x1). Names are torchvision's.
//
// ResNeXt-50 32x4d: Xie et al., "Aggregated Residual Transformations for Deep Neural Networks", CVPR 2017, table 1,
// torchvision.
//
// DeepLabV3: Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation", 2017, as torchvision's
// deeplabv3_resnet50: layer3 and layer4 dilate instead of striding (output stride 8), so the first block of each keeps
// the dilation of the stage before; ASPP rates 12, 24, 36; 21 classes. The auxiliary FCN head is left out.
#include "tests/corpus/networks/networks.h"

namespace convcheck::networks {

namespace {

/// What tells the members of the family apart.
struct Variant {
  std::int64_t groups = 1;
  std::int64_t width_per_group = 64;
  bool dilate_layer3_and_4 = false;
};

struct Bottleneck {
  std::int64_t width;
  std::int64_t groups;
  std::int64_t out_channels;
  std::int64_t stride;
  std::int64_t dilation;
};

Image bottleneck(Network& net, const std::string& name, const Image& in, const Bottleneck& block) {
  Image x = net.pointwise(name + ".conv1", in, block.width);
  x = net.conv(name + ".conv2", x,
               {.out_channels = block.width,
                .kernel = 3,
                .groups = block.groups,
                .stride = block.stride,
                .padding = block.dilation,
                .dilation = block.dilation});
  x = net.pointwise(name + ".conv3", x, block.out_channels);
  if (block.stride != 1 || in.channels != block.out_channels) {
    net.conv(name + ".downsample.0", in, {.out_channels = block.out_channels, .stride = block.stride});
  }
  return x;
}

Image backbone(Network& net, const Image& in, const Variant& variant) {
  const std::vector<int> depths = {3, 4, 6, 3};
  constexpr std::int64_t kExpansion = 4;

  Image x = net.conv("conv1", in, {.out_channels = 64, .kernel = 7, .stride = 2, .padding = 3});
  x = pool(x, 3, 2, 1);
  std::int64_t planes = 64;
  std::int64_t dilation = 1;
  for (std::size_t layer = 0; layer < depths.size(); ++layer, planes *= 2) {
    const std::int64_t dilation_before = dilation;
    const bool dilates = variant.dilate_layer3_and_4 && layer >= 2;
    const std::int64_t stride = layer == 0 || dilates ? 1 : 2;
    if (dilates) dilation *= 2;
    for (int i = 0; i < depths[layer]; ++i) {
      const std::string name = "layer" + std::to_string(layer + 1) + "." + std::to_string(i);
      x = bottleneck(net, name, x,
                     {.width = planes * variant.width_per_group / 64 * variant.groups,
                      .groups = variant.groups,
                      .out_channels = planes * kExpansion,
                      .stride = i == 0 ? stride : 1,
                      .dilation = i == 0 ? dilation_before : dilation});
    }
  }
  return x;
}

void deeplab_head(Network& net, const Image& in, std::int64_t classes) {
  constexpr std::int64_t kChannels = 256;
  const std::vector<std::int64_t> rates = {12, 24, 36};

  Image x = net.pointwise("classifier.0.convs.0.0", in, kChannels);
  for (std::size_t i = 0; i < rates.size(); ++i) {
    net.conv("classifier.0.convs." + std::to_string(i + 1) + ".0", in,
             {.out_channels = kChannels, .kernel = 3, .padding = rates[i], .dilation = rates[i]});
  }
  net.pointwise("classifier.0.convs.4.1", global_pool(in), kChannels);

  x.channels = 5 * kChannels;  // the five branches, the pooled one spread over the image
  x = net.pointwise("classifier.0.project.0", x, kChannels);
  x = net.conv("classifier.1", x, {.out_channels = kChannels, .kernel = 3, .padding = 1});
  net.conv("classifier.4", x, {.out_channels = classes, .bias = true});
}

}  // namespace

Network resnet50(std::int64_t size) {
  Network net;
  backbone(net, rgb(size), {});
  return net;
}

Network resnext50_32x4d(std::int64_t size) {
  Network net;
  backbone(net, rgb(size), {.groups = 32, .width_per_group = 4});
  return net;
}

Network deeplab_v3(std::int64_t size) {
  Network net;
  const Image features = backbone(net, rgb(size), {.dilate_layer3_and_4 = true});
  deeplab_head(net, features, 21);
  return net;
}

}  // namespace convcheck::networks
