// The published numbers, each with its source, and beside it what it counts that is no layer of the list.
//
// "torchvision weights" is the `meta` of the model's weights in torchvision.models: `_ops` are multiply-adds in units
// of 10^9 (shown as GFLOPS), with the fully connected layers and taps on padding but without bias, norm and activation;
// `num_params` counts scale and shift of every batch norm. Keras and Darknet also count a batch norm's running mean and
// variance.
#include "tests/corpus/networks/published.h"

#include "tests/corpus/networks/networks.h"

namespace convcheck::networks {

namespace {

constexpr std::int64_t kClasses = 1000;
constexpr char kTorchvision[] = "torchvision weights";

/// Parameters of a batch norm after every layer without bias, as torchvision counts them, and of one last Linear layer.
template <std::int64_t kFeatures>
std::int64_t norms_and_linear(const Network& net) {
  return 2 * net.channels_without_bias() + (kFeatures + 1) * kClasses;
}

std::int64_t alexnet_linear_parameters(const Network&) {
  return 9217 * 4096 + 4097 * 4096 + 4097 * kClasses;
}

std::int64_t vgg_linear_parameters(const Network&) {
  return 25089 * 4096 + 4097 * 4096 + 4097 * kClasses;
}

std::int64_t mobilenet_v1_norm_parameters(const Network& net) {
  return 4 * net.channels_without_bias();
}

std::int64_t mobilenet_v3_parameters(const Network& net) {
  return 2 * net.channels_without_bias() + 961 * 1280 + 1281 * kClasses;
}

/// With the auxiliary head: 1x1 768 -> 128, 5x5 128 -> 768, each with batch norm, and Linear 768 -> 1000.
std::int64_t inception_parameters(const Network& net) {
  const std::int64_t auxiliary = 768 * 128 + 2 * 128 + 128 * 768 * 25 + 2 * 768 + 769 * kClasses;
  return norms_and_linear<2048>(net) + auxiliary;
}

/// The auxiliary FCN head on layer3 that the published weights have: 3x3 1024 -> 256, batch norm, 1x1 256 -> 21 with
/// bias.
constexpr std::int64_t kFcnHeadWeights = 1024 * 256 * 9 + 256 * 21;

std::int64_t deeplab_parameters(const Network& net) {
  return 2 * net.channels_without_bias() + kFcnHeadWeights + 2 * 256 + 21;
}

/// The Linear layer has no bias.
std::int64_t shufflenet_v1_parameters(const Network& net) {
  return 2 * net.channels_without_bias() + 960 * kClasses;
}

/// The batch norm of a separable convolution follows its pointwise half.
std::int64_t xception_parameters(const Network& net) {
  const std::int64_t channels = net.sum([](const Layer& layer) { return layer.out.channels; },
                                        [](const Layer& layer) { return !layer.is_depthwise(); });
  return 4 * channels + 2049 * kClasses;
}

/// A batch norm before every convolution but the first, one after the first, one at the end.
std::int64_t densenet_parameters(const Network& net) {
  const std::int64_t channels = net.sum([](const Layer& layer) { return layer.in.channels; }) - 3 + 64 + 1024;
  return 2 * channels + 1025 * kClasses;
}

/// A block: layer norm, Linear C -> 4C and 4C -> C with bias, layer scale. Layer norms also after the stem, before each
/// downsampling (the 2x2 convolutions) and before the classifier.
std::int64_t convnext_parameters(const Network& net) {
  const std::int64_t blocks = net.sum(
      [](const Layer& layer) {
        const std::int64_t c = layer.out.channels;
        return 2 * c + (4 * c * c + 4 * c) + (4 * c * c + c) + c;
      },
      &Layer::is_depthwise);
  const std::int64_t norms = 2 * (96 + 96 + 192 + 384 + 768);
  return blocks + norms + 769 * kClasses;
}

/// The multiply-adds of a stage's two Linear layers a block, C -> 4C and 4C -> C, on a map of `side` pixels a side.
constexpr std::int64_t convnext_linear(std::int64_t blocks, std::int64_t side, std::int64_t channels) {
  return blocks * side * side * 2 * 4 * channels * channels;
}

constexpr std::int64_t kConvnextLinear = convnext_linear(3, 56, 96) + convnext_linear(3, 28, 192) +
                                         convnext_linear(9, 14, 384) + convnext_linear(3, 7, 768) + 768 * kClasses;

/// The count is of an implementation with batch norm in place of the bias of every 3x3; then the four up-convolutions.
std::int64_t unet_parameters(const Network& net) {
  const std::int64_t norms_less_biases = net.sum([](const Layer& layer) { return layer.out.channels; }) - 2;
  const std::int64_t weights = 4 * (1024 * 512 + 512 * 256 + 256 * 128 + 128 * 64);
  return norms_less_biases + weights + (512 + 256 + 128 + 64);
}

std::int64_t yolov3_norm_parameters(const Network& net) {
  return 4 * net.channels_without_bias();
}

std::vector<Published> classic_networks() {
  return {
      {"alexnet", alexnet, 227, 227, 724e6, 1e6, 9216 * 4096 + 4096 * 4096 + 4096 * kClasses, 60965224, 1,
       alexnet_linear_parameters, "Sze et al., Efficient Processing of Deep Neural Networks, 2017, table II",
       "Caffe's bvlc_alexnet"},
      {"vgg16", vgg16, 224, 224, 15.47e9, 1e7, 25088 * 4096 + 4096 * 4096 + 4096 * kClasses, 138357544, 1,
       vgg_linear_parameters, kTorchvision, kTorchvision},
      {"resnet50", resnet50, 224, 224, 4.089e9, 1e6, 2048 * kClasses, 25557032, 1, norms_and_linear<2048>, kTorchvision,
       kTorchvision},
      {"resnext50_32x4d", resnext50_32x4d, 224, 224, 4.23e9, 1e7, 2048 * kClasses, 25028904, 1, norms_and_linear<2048>,
       kTorchvision, kTorchvision},
      {"inception_v3", inception_v3, 299, 299, 5.713e9, 1e6, 2048 * kClasses, 27161264, 1, inception_parameters,
       kTorchvision, kTorchvision},
      // 8.357e9 here: 0.3% below, and the source does not say what it counts beside multiply-adds of layers.
      {"xception", xception, 299, 299, 8.38e9, 0, 2048 * kClasses, 22910480, 1, xception_parameters,
       "Zoph et al., Learning Transferable Architectures for Scalable Image Recognition, 2018, table 2",
       "keras.applications"},
      {"densenet121", densenet121, 224, 224, 2.834e9, 1e6, 1024 * kClasses, 7978856, 1, densenet_parameters,
       kTorchvision, kTorchvision},
      // Only 0.293e9 of it are convolutions; the Linear layers make the rest.
      {"convnext_tiny", convnext_tiny, 224, 224, 4.456e9, 1e6, kConvnextLinear, 28589128, 1, convnext_parameters,
       kTorchvision, kTorchvision},
      {"regnet_x_400mf", regnet_x_400mf, 224, 224, 0.414e9, 1e6, 400 * kClasses, 5495976, 1, norms_and_linear<400>,
       kTorchvision, kTorchvision},
  };
}

std::vector<Published> mobile_networks() {
  return {
      // The classifier is a convolution of the list.
      {"mobilenet_v1", mobilenet_v1, 224, 224, 569e6, 1e6, 0, 4253864, 1, mobilenet_v1_norm_parameters,
       "the paper, table 4", "keras.applications"},
      {"mobilenet_v2", mobilenet_v2, 224, 224, 0.301e9, 1e6, 1280 * kClasses, 3504872, 1, norms_and_linear<1280>,
       kTorchvision, kTorchvision},
      {"mobilenet_v3_large", mobilenet_v3_large, 224, 224, 0.217e9, 1e6, 960 * 1280 + 1280 * kClasses, 5483032, 1,
       mobilenet_v3_parameters, kTorchvision, kTorchvision},
      {"efficientnet_b0", efficientnet_b0, 224, 224, 0.386e9, 1e6, 1280 * kClasses, 5288548, 1, norms_and_linear<1280>,
       kTorchvision, kTorchvision},
      // 137.5e6 here. The paper's comparisons say 140 for every number of groups.
      {"shufflenet_v1", shufflenet_v1, 224, 224, 138e6, 0, 960 * kClasses, 1.9e6, 1e5, shufflenet_v1_parameters,
       "megvii-model/ShuffleNet-Series, ShuffleNetV1 1.0x (group=3)", "the same"},
      {"shufflenet_v2", shufflenet_v2, 224, 224, 0.145e9, 1e6, 1024 * kClasses, 2278604, 1, norms_and_linear<1024>,
       kTorchvision, kTorchvision},
  };
}

std::vector<Published> dense_prediction_networks() {
  // torchvision counts deeplabv3_resnet50 at 520x520, where layer3's map has 65x65 pixels, with its auxiliary head.
  constexpr std::int64_t kFcnHeadMultiplyAdds = 65 * 65 * kFcnHeadWeights;
  return {
      {"deeplab_v3", deeplab_v3, 257, 520, 178.722e9, 1e6, kFcnHeadMultiplyAdds, 42004074, 1, deeplab_parameters,
       kTorchvision, kTorchvision},
      // The paper counts neither; counts of today's implementations differ in how they take the up-convolutions.
      {"unet", unet, 256, 256, 0, 0, 0, 31037698, 1, unet_parameters, "",
       "milesial/Pytorch-UNet, 3 channels, 2 classes"},
      // Two operations for one multiply-add.
      {"yolov3", yolov3, 416, 416, 65.86e9 / 2, 1e7 / 2, 0, 62001757, 1, yolov3_norm_parameters,
       "pjreddie.com/darknet/yolo, YOLOv3-416: 65.86 Bn FLOPS",
       "the size of yolov3.weights less its header, in floats"},
  };
}

}  // namespace

const std::vector<Published>& published_networks() {
  static const std::vector<Published> all = [] {
    std::vector<Published> rows = classic_networks();
    for (const auto& more : {mobile_networks(), dense_prediction_networks()}) {
      rows.insert(rows.end(), more.begin(), more.end());
    }
    return rows;
  }();
  return all;
}

}  // namespace convcheck::networks
