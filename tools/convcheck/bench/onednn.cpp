#include "tools/convcheck/bench/onednn.h"

#include <dnnl.hpp>
#include <unordered_map>

namespace convcheck::bench {
namespace {

using Memory = dnnl::memory;
using Tag = Memory::format_tag;
using Convolution = dnnl::convolution_forward;

constexpr auto kF32 = Memory::data_type::f32;

Memory::desc described(const Memory::dims& dims, Tag tag) {
  return {dims, kF32, tag};
}

Memory::dims input_dims(const Geometry& g) {
  return {g.batch, g.in_channels(), g.height.in, g.width.in};
}
Memory::dims output_dims(const Geometry& g) {
  return {g.batch, g.out_channels(), g.height.out, g.width.out};
}
// G, K / G, C / G, H, W where there are groups. That is K, C / G, H, W in memory.
Memory::dims weight_dims(const Geometry& g) {
  if (g.groups == 1) return {g.out_channels(), g.in_channels(), g.height.kernel, g.width.kernel};
  return {g.groups, g.out_channels_per_group, g.in_channels_per_group, g.height.kernel, g.width.kernel};
}

// Weights may always be packed as oneDNN likes, since a kernel's plan may do that too. Direct means a sum of products,
// by whatever code: Winograd has another error bound. oneDNN counts the zeros between taps where others count the step.
Convolution::primitive_desc choose(const Geometry& g, Form form, const dnnl::engine& engine) {
  const Tag tag = form == Form::plain ? Tag::nchw : Tag::any;
  const auto input = described(input_dims(g), tag);
  const auto weight = described(weight_dims(g), Tag::any);
  const auto bias = g.has_bias ? described({g.out_channels()}, Tag::x) : Memory::desc();
  const auto output = described(output_dims(g), tag);
  return {{dnnl::prop_kind::forward_inference,
           dnnl::algorithm::convolution_direct,
           input,
           weight,
           bias,
           output,
           {g.height.stride, g.width.stride},
           {g.height.dilation - 1, g.width.dilation - 1},
           {g.height.pad_before, g.width.pad_before},
           {g.height.pad_after, g.width.pad_after}},
          engine};
}

class OnednnContender final : public Contender {
 public:
  OnednnContender(const Geometry& g, const Operands& operands, Form form)
      : g_(g),
        engine_(dnnl::engine::kind::cpu, 0),
        stream_(engine_),
        chosen_(choose(g, form, engine_)),
        convolution_(chosen_) {
    const Tag weight_tag = g.groups == 1 ? Tag::oihw : Tag::goihw;
    output_ = Memory(chosen_.dst_desc(), engine_);
    arguments_ = {
        {DNNL_ARG_SRC, placed(described(input_dims(g), Tag::nchw), operands.input, chosen_.src_desc())},
        {DNNL_ARG_WEIGHTS, placed(described(weight_dims(g), weight_tag), operands.weight, chosen_.weights_desc())},
        {DNNL_ARG_DST, output_}};
    if (g.has_bias) {
      arguments_.insert(
          {DNNL_ARG_BIAS, placed(described({g.out_channels()}, Tag::x), operands.bias, chosen_.bias_desc())});
    }
  }

  bool run() override {
    convolution_.execute(stream_, arguments_);
    stream_.wait();
    return true;
  }

  bool fetch(float* output) override {
    Memory plain(described(output_dims(g_), Tag::nchw), engine_, output);
    dnnl::reorder(output_, plain).execute(stream_, output_, plain);
    stream_.wait();
    return true;
  }

  [[nodiscard]] std::string implementation() const override { return chosen_.impl_info_str(); }

 private:
  // The values as the chosen code wants them: the caller's own memory where that is how they lie, else a copy.
  Memory placed(const Memory::desc& from, const float* values, const Memory::desc& to) {
    Memory source(from, engine_, const_cast<float*>(values));  // NOLINT: oneDNN only reads it
    if (from == to) return source;
    Memory target(to, engine_);
    dnnl::reorder(source, target).execute(stream_, source, target);
    stream_.wait();
    return target;
  }

  Geometry g_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  Convolution::primitive_desc chosen_;
  Convolution convolution_;
  Memory output_;
  std::unordered_map<int, Memory> arguments_;
};

}  // namespace

std::string onednn_version() {
  const dnnl_version_t* const version = dnnl_version();
  return std::to_string(version->major) + '.' + std::to_string(version->minor) + '.' + std::to_string(version->patch);
}

Entry make_onednn(const Geometry& g, const Operands& operands, Form form) {
  try {
    return {.contender = std::make_unique<OnednnContender>(g, operands, form), .why_not = {}};
  } catch (const dnnl::error& error) {
    return {.contender = nullptr, .why_not = error.what()};
  }
}

}  // namespace convcheck::bench
