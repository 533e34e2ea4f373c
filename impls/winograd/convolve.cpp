// The Winograd convolution itself.
#include "impls/winograd/convolve.h"

#include <algorithm>
#include <array>
#include <span>

#include "impls/winograd/tiles.h"
#include "impls/winograd/transforms.h"

namespace convcheck::impls::winograd {
namespace {

/// One run.
class Convolution {
 public:
  Convolution(const Geometry& geometry, const InnerLoops& loops, const Data& data)
      : g_(geometry), loops_(loops), data_(data) {}

  void run() const {
    std::array<TilePlace, kBlockPanels * kPanelTiles> places;
    for (int64_t first = 0; first < g_.tiles; first += g_.tile_panels * kPanelTiles) {
      const int64_t panels = std::min(g_.tile_panels, (g_.tiles - first + kPanelTiles - 1) / kPanelTiles);
      const std::span block(places.data(), static_cast<size_t>(panels * kPanelTiles));
      locate_tiles(g_, first, block);
      for (int64_t group = 0; group < g_.conv.groups; ++group) convolve_block(group, block);
    }
  }

 private:
  using Places = std::span<const TilePlace>;

  void convolve_block(int64_t group, Places block) const {
    float* const input = data_.workspace;
    float* const products = input + g_.points() * g_.input_point();
    transform_input(group, block, input);
    Product product{.filter_panels = 0,
                    .tile_panels = static_cast<int64_t>(block.size()) / kPanelTiles,
                    .channels = g_.conv.in_per_group,
                    .weight_distance = g_.points() * g_.weight_panel()};
    for (int64_t first = 0; first < g_.filter_panels; first += kChunkPanels) {
      product.filter_panels = std::min<int64_t>(kChunkPanels, g_.filter_panels - first);
      const float* weights = data_.plan + (group * g_.filter_panels + first) * product.weight_distance;
      for (int64_t point = 0; point < g_.points(); ++point) {
        loops_.multiply(product, weights + point * g_.weight_panel(), input + point * g_.input_point(),
                        products + point * g_.product_point());
      }
      write_output(group, first, product.filter_panels, block, products);
    }
  }

  /// Transforms the channels of one group.
  void transform_input(int64_t group, Places block, float* input) const {
    const PlaneSteps steps = {.row = g_.conv.input.row, .column = g_.conv.input.col};
    for (size_t first = 0; first < block.size(); first += kPanelTiles) {
      for (int64_t c = 0; c < g_.conv.in_per_group; ++c) {
        const int64_t channel = group * g_.conv.in_per_group + c;
        const float* plane = data_.input != nullptr ? data_.input + channel * g_.conv.input.channel : nullptr;
        loops_.transform_input(&block[first], plane, steps, input, g_.input_point());
        input += kPanelTiles;
      }
    }
  }

  /// Transforms the products of `panels` panels of filters back and adds the bias.
  void write_output(int64_t group, int64_t first_panel, int64_t panels, Places block, const float* products) const {
    const PlaneSteps steps = {.row = g_.conv.output.row, .column = g_.conv.output.col};
    const int64_t begin = first_panel * kPanelFilters;
    const int64_t end = std::min(g_.conv.out_per_group, begin + panels * kPanelFilters);
    for (size_t first = 0; first < block.size(); first += kPanelTiles) {
      for (int64_t filter = begin; filter < end; ++filter) {
        const int64_t channel = group * g_.conv.out_per_group + filter;
        const float bias = data_.bias != nullptr ? data_.bias[channel * g_.conv.bias_step] : 0.0F;
        loops_.transform_output(products + (filter - begin) * kPanelTiles, g_.product_point(), &block[first], bias,
                                data_.output + channel * g_.conv.output.channel, steps);
      }
      products += panels * kPanelFilters * kPanelTiles;
    }
  }

  const Geometry& g_;
  const InnerLoops& loops_;
  const Data& data_;
};

}  // namespace

void pack_weights(const Geometry& g, const InnerLoops& loops, const float* weight, float* plan) {
  const Steps& step = g.conv.weight;
  for (int64_t group = 0; group < g.conv.groups; ++group) {
    for (int64_t first = 0; first < g.conv.out_per_group; first += kPanelFilters) {
      const int64_t filters = std::min<int64_t>(kPanelFilters, g.conv.out_per_group - first);
      for (int64_t channel = 0; channel < g.conv.in_per_group; ++channel) {
        float patch[kTaps * kTaps * kPanelFilters] = {};
        for (int64_t filter = 0; filter < filters; ++filter) {
          const float* source =
              weight + (group * g.conv.out_per_group + first + filter) * step.outer + channel * step.channel;
          for (int64_t tap = 0; tap < kTaps * kTaps; ++tap) {
            patch[tap * kPanelFilters + filter] = source[tap / kTaps * step.row + tap % kTaps * step.col];
          }
        }
        loops.transform_weight(patch, plan + channel * kPanelFilters, g.weight_panel());
      }
      plan += g.points() * g.weight_panel();
    }
  }
}

void convolve(const Geometry& geometry, const InnerLoops& loops, const Data& data) {
  Convolution(geometry, loops, data).run();
}

}  // namespace convcheck::impls::winograd
