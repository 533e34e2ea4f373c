// Inception v3: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", CVPR 2016, table 1 and
// figures 5 to 7, 10, as torchvision's inception_v3. Names are torchvision's. The auxiliary head, which only training
// runs, is left out.
#include "tests/corpus/networks/networks.h"

namespace convcheck::networks {

namespace {

/// A chain of convolutions that starts at a module's input; every layer is named MODULE.LAYER.conv.
class Branch {
 public:
  Branch(Network& net, std::string module, const Image& in) : net_(net), module_(std::move(module)), image_(in) {}

  Branch& conv(const std::string& layer, const Convolution& convolution) {
    image_ = net_.conv(module_ + "." + layer + ".conv", image_, convolution);
    return *this;
  }
  Branch& conv1x1(const std::string& layer, std::int64_t channels) { return conv(layer, {.out_channels = channels}); }
  /// A kernel of odd sides that keeps the size of the image.
  Branch& same(const std::string& layer, std::int64_t channels, const Axes& kernel) {
    return conv(layer,
                {.out_channels = channels, .kernel = kernel, .padding = Padding(kernel.height / 2, kernel.width / 2)});
  }
  Branch& halve3x3(const std::string& layer, std::int64_t channels) {
    return conv(layer, {.out_channels = channels, .kernel = 3, .stride = 2});
  }
  [[nodiscard]] const Image& image() const { return image_; }

 private:
  Network& net_;
  std::string module_;
  Image image_;
};

Image inception_a(Network& net, const std::string& module, const Image& in, std::int64_t pool_features) {
  Branch(net, module, in).conv1x1("branch1x1", 64);
  Branch(net, module, in).conv1x1("branch5x5_1", 48).same("branch5x5_2", 64, 5);
  Branch(net, module, in).conv1x1("branch3x3dbl_1", 64).same("branch3x3dbl_2", 96, 3).same("branch3x3dbl_3", 96, 3);
  Branch(net, module, in).conv1x1("branch_pool", pool_features);
  return {64 + 64 + 96 + pool_features, in.height, in.width};
}

Image inception_b(Network& net, const std::string& module, const Image& in) {
  const Image out = Branch(net, module, in).halve3x3("branch3x3", 384).image();
  Branch(net, module, in).conv1x1("branch3x3dbl_1", 64).same("branch3x3dbl_2", 96, 3).halve3x3("branch3x3dbl_3", 96);
  return {384 + 96 + in.channels, out.height, out.width};
}

Image inception_c(Network& net, const std::string& module, const Image& in, std::int64_t c7) {
  Branch(net, module, in).conv1x1("branch1x1", 192);
  Branch(net, module, in).conv1x1("branch7x7_1", c7).same("branch7x7_2", c7, {1, 7}).same("branch7x7_3", 192, {7, 1});
  Branch(net, module, in)
      .conv1x1("branch7x7dbl_1", c7)
      .same("branch7x7dbl_2", c7, {7, 1})
      .same("branch7x7dbl_3", c7, {1, 7})
      .same("branch7x7dbl_4", c7, {7, 1})
      .same("branch7x7dbl_5", 192, {1, 7});
  Branch(net, module, in).conv1x1("branch_pool", 192);
  return {4 * 192, in.height, in.width};
}

Image inception_d(Network& net, const std::string& module, const Image& in) {
  const Image out = Branch(net, module, in).conv1x1("branch3x3_1", 192).halve3x3("branch3x3_2", 320).image();
  Branch(net, module, in)
      .conv1x1("branch7x7x3_1", 192)
      .same("branch7x7x3_2", 192, {1, 7})
      .same("branch7x7x3_3", 192, {7, 1})
      .halve3x3("branch7x7x3_4", 192);
  return {320 + 192 + in.channels, out.height, out.width};
}

Image inception_e(Network& net, const std::string& module, const Image& in) {
  Branch(net, module, in).conv1x1("branch1x1", 320);
  const Image single = Branch(net, module, in).conv1x1("branch3x3_1", 384).image();
  Branch(net, module, single).same("branch3x3_2a", 384, {1, 3});
  Branch(net, module, single).same("branch3x3_2b", 384, {3, 1});
  const Image twice = Branch(net, module, in).conv1x1("branch3x3dbl_1", 448).same("branch3x3dbl_2", 384, 3).image();
  Branch(net, module, twice).same("branch3x3dbl_3a", 384, {1, 3});
  Branch(net, module, twice).same("branch3x3dbl_3b", 384, {3, 1});
  Branch(net, module, in).conv1x1("branch_pool", 192);
  return {320 + 4 * 384 + 192, in.height, in.width};
}

Image stem(Network& net, const Image& in) {
  Image x = net.conv("Conv2d_1a_3x3.conv", in, {.out_channels = 32, .kernel = 3, .stride = 2});
  x = net.conv("Conv2d_2a_3x3.conv", x, {.out_channels = 32, .kernel = 3});
  x = net.conv("Conv2d_2b_3x3.conv", x, {.out_channels = 64, .kernel = 3, .padding = 1});
  x = pool(x, 3, 2);
  x = net.pointwise("Conv2d_3b_1x1.conv", x, 80);
  x = net.conv("Conv2d_4a_3x3.conv", x, {.out_channels = 192, .kernel = 3});
  return pool(x, 3, 2);
}

}  // namespace

Network inception_v3(std::int64_t size) {
  Network net;
  Image x = stem(net, rgb(size));
  x = inception_a(net, "Mixed_5b", x, 32);
  x = inception_a(net, "Mixed_5c", x, 64);
  x = inception_a(net, "Mixed_5d", x, 64);
  x = inception_b(net, "Mixed_6a", x);
  x = inception_c(net, "Mixed_6b", x, 128);
  x = inception_c(net, "Mixed_6c", x, 160);
  x = inception_c(net, "Mixed_6d", x, 160);
  x = inception_c(net, "Mixed_6e", x, 192);
  x = inception_d(net, "Mixed_7a", x);
  x = inception_e(net, "Mixed_7b", x);
  inception_e(net, "Mixed_7c", x);
  return net;
}

}  // namespace convcheck::networks
