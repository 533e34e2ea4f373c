// YOLOv3: Redmon, Farhadi, "YOLOv3: An Incremental Improvement", 2018, table 1 (Darknet-53), and the authors'
// yolov3.cfg for the three heads of 255 channels (3 boxes x (4 + 1 + 80 classes)), the only layers with a bias. Layers
// are numbered as Darknet numbers them: shortcuts, routes, upsamplings and detections count too.
#include "tests/corpus/networks/networks.h"

namespace convcheck::networks {

namespace {

/// Appends convolutions under Darknet's numbers.
class Darknet {
 public:
  explicit Darknet(Network& net) : net_(net) {}

  Image conv(const Image& in, std::int64_t channels, std::int64_t kernel, std::int64_t stride = 1) {
    return net_.conv(next_name(), in,
                     {.out_channels = channels, .kernel = kernel, .stride = stride, .padding = kernel / 2});
  }
  void detect(const Image& in) {
    net_.conv(next_name(), in, {.out_channels = 255, .bias = true});
    skip(1);
  }
  void skip(int layers) { index_ += layers; }

 private:
  std::string next_name() { return "conv_" + std::to_string(index_++); }

  Network& net_;
  int index_ = 0;
};

/// Five convolutions, whose result feeds the next scale, and a 3x3 and the detection on top.
Image head(Darknet& darknet, const Image& in, std::int64_t channels) {
  Image x = in;
  for (int i = 0; i < 2; ++i) {
    x = darknet.conv(x, channels, 1);
    x = darknet.conv(x, 2 * channels, 3);
  }
  x = darknet.conv(x, channels, 1);
  darknet.detect(darknet.conv(x, 2 * channels, 3));
  return x;
}

/// Route, 1x1, upsampling by 2, and concatenation with the backbone's map of that size.
Image upsample(Darknet& darknet, const Image& in, const Image& backbone) {
  darknet.skip(1);
  const Image x = darknet.conv(in, in.channels / 2, 1);
  darknet.skip(2);
  return {x.channels + backbone.channels, backbone.height, backbone.width};
}

}  // namespace

Network yolov3(std::int64_t size) {
  const std::vector<int> residuals = {1, 2, 8, 8, 4};

  Network net;
  Darknet darknet(net);
  Image x = darknet.conv(rgb(size), 32, 3);
  std::vector<Image> stages;
  for (const int repeats : residuals) {
    x = darknet.conv(x, 2 * x.channels, 3, 2);
    for (int i = 0; i < repeats; ++i) {
      x = darknet.conv(darknet.conv(x, x.channels / 2, 1), x.channels, 3);
      darknet.skip(1);
    }
    stages.push_back(x);
  }
  x = head(darknet, stages[4], 512);
  x = head(darknet, upsample(darknet, x, stages[3]), 256);
  head(darknet, upsample(darknet, x, stages[2]), 128);
  return net;
}

}  // namespace convcheck::networks
