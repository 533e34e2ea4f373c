// Collects the convolutions of a network as lines of canonical case text, from the network's published block table.
//
// Written apart from the library's own problem type, parser and printer, so that a corpus file that equals these lines
// is a check of both. An Image is the shape that flows from layer to layer; a block is a function from Image to Image.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace convcheck::networks {

/// The shape of one image: batch 1.
struct Image {
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

/// One value per spatial axis; a single number serves both.
struct Axes {
  std::int64_t height;
  std::int64_t width;

  Axes(std::int64_t both) : height(both), width(both) {}
  Axes(std::int64_t on_height, std::int64_t on_width) : height(on_height), width(on_width) {}
};

/// Zeros around the image: one number for all sides, one per axis, or one per side.
struct Padding {
  std::int64_t top;
  std::int64_t bottom;
  std::int64_t left;
  std::int64_t right;

  Padding(std::int64_t all) : top(all), bottom(all), left(all), right(all) {}
  Padding(std::int64_t on_height, std::int64_t on_width)
      : top(on_height), bottom(on_height), left(on_width), right(on_width) {}
  Padding(std::int64_t at_top, std::int64_t at_bottom, std::int64_t at_left, std::int64_t at_right)
      : top(at_top), bottom(at_bottom), left(at_left), right(at_right) {}
};

/// What a layer of the table says; the input's shape comes from the layer before.
struct Convolution {
  std::int64_t out_channels = 0;
  Axes kernel = 1;
  std::int64_t groups = 1;
  Axes stride = 1;
  Padding padding = 0;
  Axes dilation = 1;
  bool bias = false;
};

inline std::int64_t output_extent(std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t padding_both,
                                  std::int64_t dilation) {
  return (in + padding_both - dilation * (kernel - 1) - 1) / stride + 1;
}

inline Image output_image(const Image& in, const Convolution& c) {
  return {
      c.out_channels,
      output_extent(in.height, c.kernel.height, c.stride.height, c.padding.top + c.padding.bottom, c.dilation.height),
      output_extent(in.width, c.kernel.width, c.stride.width, c.padding.left + c.padding.right, c.dilation.width)};
}

inline std::string to_text(const Axes& axes) {
  const std::string height = std::to_string(axes.height);
  return axes.height == axes.width ? height : height + "x" + std::to_string(axes.width);
}

inline std::string to_text(const Padding& p) {
  const auto text = [](std::int64_t value) { return std::to_string(value); };
  if (p.top == p.bottom && p.left == p.right) return to_text(Axes(p.top, p.left));
  return text(p.top) + "," + text(p.bottom) + "," + text(p.left) + "," + text(p.right);
}

/// The canonical case text, defaults left out.
inline std::string to_text(const Image& in, const Convolution& c) {
  const auto text = [](std::int64_t value) { return std::to_string(value); };
  std::string line = "input=1x" + text(in.channels) + "x" + text(in.height) + "x" + text(in.width);
  line += " weight=" + text(c.out_channels) + "x" + text(in.channels / c.groups) + "x" + text(c.kernel.height) + "x" +
          text(c.kernel.width);
  if (c.groups != 1) line += " groups=" + text(c.groups);
  if (to_text(c.stride) != "1") line += " stride=" + to_text(c.stride);
  if (to_text(c.padding) != "0") line += " padding=" + to_text(c.padding);
  if (to_text(c.dilation) != "1") line += " dilation=" + to_text(c.dilation);
  if (c.bias) line += " bias=" + text(c.out_channels);
  return line;
}

/// One convolution of a network.
struct Layer {
  std::string name;
  std::string text;  ///< canonical case text
  Image in;
  Image out;
  Convolution convolution;

  [[nodiscard]] std::string line() const { return name + ": " + text; }
  [[nodiscard]] bool is_depthwise() const { return convolution.groups > 1 && convolution.groups == in.channels; }
  [[nodiscard]] std::int64_t weights() const {
    return out.channels * (in.channels / convolution.groups) * convolution.kernel.height * convolution.kernel.width;
  }
  [[nodiscard]] std::int64_t parameters() const { return weights() + (convolution.bias ? out.channels : 0); }
  /// Every tap counts, those on padding included.
  [[nodiscard]] std::int64_t multiply_adds() const { return weights() * out.height * out.width; }
};

/// The convolutions of a network, in order.
class Network {
 public:
  /// Appends a convolution of `in` and returns the shape of its output. Aborts where the table contradicts itself.
  Image conv(std::string name, const Image& in, const Convolution& convolution) {
    const Image out = output_image(in, convolution);
    const bool divides = in.channels % convolution.groups == 0 && out.channels % convolution.groups == 0;
    if (!divides || out.channels < 1 || out.height < 1 || out.width < 1) std::abort();
    layers_.push_back({std::move(name), to_text(in, convolution), in, out, convolution});
    return out;
  }

  /// Appends a depthwise convolution: one filter per channel, padded so that stride 1 keeps an odd kernel's image.
  Image depthwise(std::string name, const Image& in, std::int64_t kernel, std::int64_t stride, bool bias = false) {
    return conv(std::move(name), in,
                {.out_channels = in.channels,
                 .kernel = kernel,
                 .groups = in.channels,
                 .stride = stride,
                 .padding = kernel / 2,
                 .bias = bias});
  }

  /// Appends a 1x1 convolution.
  Image pointwise(std::string name, const Image& in, std::int64_t out_channels, std::int64_t groups = 1) {
    return conv(std::move(name), in, {.out_channels = out_channels, .groups = groups});
  }

  [[nodiscard]] const std::vector<Layer>& layers() const { return layers_; }

  /// The sum of a count over the layers that `wanted` picks.
  [[nodiscard]] std::int64_t sum(
      const std::function<std::int64_t(const Layer&)>& count,
      const std::function<bool(const Layer&)>& wanted = [](const Layer&) { return true; }) const {
    std::int64_t total = 0;
    for (const Layer& layer : layers_) total += wanted(layer) ? count(layer) : 0;
    return total;
  }

  [[nodiscard]] std::int64_t multiply_adds() const { return sum(&Layer::multiply_adds); }
  [[nodiscard]] std::int64_t parameters() const { return sum(&Layer::parameters); }
  /// Output channels of the layers without bias: those that a batch norm follows, one scale and one shift for each.
  [[nodiscard]] std::int64_t channels_without_bias() const {
    return sum([](const Layer& layer) { return layer.out.channels; },
               [](const Layer& layer) { return !layer.convolution.bias; });
  }

 private:
  std::vector<Layer> layers_;
};

/// The image after a pooling window (maximum or average: the shape is the same), rounding down.
inline Image pool(const Image& in, std::int64_t kernel, std::int64_t stride, std::int64_t padding = 0) {
  return output_image(in, {.out_channels = in.channels, .kernel = kernel, .stride = stride, .padding = padding});
}

/// The image after global average pooling: one pixel.
inline Image global_pool(const Image& in) {
  return {in.channels, 1, 1};
}

/// An RGB image of equal sides.
inline Image rgb(std::int64_t size) {
  return {3, size, size};
}

}  // namespace convcheck::networks
