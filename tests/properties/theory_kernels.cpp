#include "tests/properties/theory_kernels.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <utility>
#include <vector>

#include "properties/theory.h"

namespace convcheck {
namespace {

int32_t supports_any(const convcheck_problem* p) {
  const bool serves = p->direction == CONVCHECK_FORWARD && p->dtype == CONVCHECK_F32 && p->spatial_rank == 2;
  return serves ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

int32_t supports_plain(const convcheck_problem* p) {
  const bool is_plain = p->weight.shape[2] == 3 && p->weight.shape[3] == 3 && p->stride[0] == 1 && p->stride[1] == 1 &&
                        p->dilation[0] == 1 && p->dilation[1] == 1;
  return is_plain ? supports_any(p) : CONVCHECK_UNSUPPORTED;
}

constexpr convcheck_kernel make(const char* name, int32_t (*run)(const convcheck_problem*, const convcheck_buffers*)) {
  return {.struct_size = sizeof(convcheck_kernel),
          .name = name,
          .description = "a wrong convolution for tests",
          .algorithm = CONVCHECK_SUMMATION,
          .winograd_tile = 0,
          .promises = 0,
          .supports = supports_any,
          .workspace_bytes = nullptr,
          .run = run,
          .prepare = nullptr,
          .release = nullptr};
}

// What predictions are made of.

Shape shape_of(const convcheck_tensor_desc& t) {
  Shape shape;
  for (int axis = 0; axis < t.rank; ++axis) shape.push_back(t.shape[axis]);
  return shape;
}

Shape stride_of(const convcheck_tensor_desc& t) {
  Shape stride;
  for (int axis = 0; axis < t.rank; ++axis) stride.push_back(t.stride[axis]);
  return stride;
}

Problem problem_of(const convcheck_problem& p) {
  Problem problem;
  problem.input = shape_of(p.input);
  problem.weight = shape_of(p.weight);
  problem.bias = shape_of(p.bias);
  problem.groups = p.groups;
  for (size_t axis = 0; axis < 2; ++axis) {
    problem.stride[axis] = p.stride[axis];
    problem.dilation[axis] = p.dilation[axis];
    problem.pad_before[axis] = p.pad_before[axis];
    problem.pad_after[axis] = p.pad_after[axis];
  }
  problem.input_strides = stride_of(p.input);
  problem.weight_strides = stride_of(p.weight);
  problem.output_strides = stride_of(p.output);
  return problem;
}

View<const float> view_of(const convcheck_tensor_desc& t, const void* data) {
  return {static_cast<const float*>(data), shape_of(t), stride_of(t)};
}

int32_t write_predicted(const Model& model, const convcheck_problem* p, const convcheck_buffers* at) {
  const Problem problem = problem_of(*p);
  if (geometry(problem).output_elements() == 0) return CONVCHECK_OK;
  auto* output = static_cast<float*>(at->output);
  const Wide span = span_elements(shape_of(p->output), stride_of(p->output));
  const std::vector<float> before(output, output + static_cast<int64_t>(span));
  const DataView data = {view_of(p->input, at->input), view_of(p->weight, at->weight), view_of(p->bias, at->bias)};
  const Scene scene = scene_of(problem, data, before.data());
  const Predictor predictor(model, scene);
  for (size_t i = 0; i < before.size(); ++i) {
    output[i] = static_cast<float>(predictor.at(static_cast<int64_t>(i)).value);
  }
  return CONVCHECK_OK;
}

template <size_t kIndex>
int32_t run_predicted(const convcheck_problem* p, const convcheck_buffers* at) {
  return write_predicted(theories()[kIndex].model, p, at);
}

template <size_t... I>
constexpr std::array<convcheck_kernel, sizeof...(I)> all_predicted(std::index_sequence<I...> /*all*/) {
  return {make("predicted", run_predicted<I>)...};
}

const Theory& limited_theory(size_t index) {
  constexpr size_t kStep = 7;  // no divisor of their number, or fewer of them come
  return limited_theories()[index * kStep % limited_theories().size()];
}

template <size_t kIndex>
int32_t run_limited(const convcheck_problem* p, const convcheck_buffers* at) {
  return write_predicted(limited_theory(kIndex).model, p, at);
}

template <size_t... I>
constexpr std::array<convcheck_kernel, sizeof...(I)> all_limited(std::index_sequence<I...> /*all*/) {
  return {make("limited", run_limited<I>)...};
}

// Each theory meets one of those far from it.
const Model& other_model(size_t index) {
  constexpr size_t kStep = 53;
  return theories()[(index * kStep + kStep) % theories().size()].model;
}

// Takes the hook over; false where both models have one.
template <class Hook>
bool add_hook(Hook& hook, Hook other) {
  if (hook != nullptr && other != nullptr) return false;
  if (hook == nullptr) hook = other;
  return true;
}

bool has_flags(const Model& m) {
  return m.flushes_operands || m.flushes_bias || m.flushes_results || m.adds_earlier_images || m.adds_to_output ||
         m.ignores_output_strides || m.input.bits + m.weight.bits + m.output.bits < 3 * Precision().bits;
}

// Both at once, where they meet at no hook.
bool join(Model& one, const Model& other) {
  return !has_flags(other) && add_hook(one.parameters, other.parameters) && add_hook(one.tap, other.tap) &&
         add_hook(one.beyond, other.beyond) && add_hook(one.input_offset, other.input_offset) &&
         add_hook(one.weight_offset, other.weight_offset) && add_hook(one.bias, other.bias) &&
         add_hook(one.result, other.result) && add_hook(one.source, other.source) &&
         add_hook(one.written, other.written);
}

template <size_t kIndex>
int32_t run_two(const convcheck_problem* p, const convcheck_buffers* at) {
  Model both = theories()[kIndex].model;
  return join(both, other_model(kIndex)) ? write_predicted(both, p, at) : CONVCHECK_FAILED;
}

template <size_t... I>
constexpr std::array<convcheck_kernel, sizeof...(I)> all_of_two(std::index_sequence<I...> /*all*/) {
  return {make("two_at_once", run_two<I>)...};
}

// Loops of their own.

// One plain loop in float: `Wrong` says where it departs, by members that hide those of Right.
struct Right {
  static int64_t row(const convcheck_problem& p, int64_t oh, int64_t kh) {
    return oh * p.stride[0] + kh * p.dilation[0] - p.pad_before[0];
  }
  static int64_t column(const convcheck_problem& p, int64_t ow, int64_t kw) {
    return ow * p.stride[1] + kw * p.dilation[1] - p.pad_before[1];
  }
  static int64_t first_channel(const convcheck_problem& p, int64_t k) {
    return k / (p.weight.shape[0] / p.groups) * p.weight.shape[1];
  }
  static int64_t weight_offset(const convcheck_problem& p, int64_t k, int64_t c, int64_t kh, int64_t kw) {
    return k * p.weight.stride[0] + c * p.weight.stride[1] + kh * p.weight.stride[2] + kw * p.weight.stride[3];
  }
  static int64_t output_offset(const convcheck_problem& p, int64_t n, int64_t k, int64_t oh, int64_t ow) {
    return n * p.output.stride[0] + k * p.output.stride[1] + oh * p.output.stride[2] + ow * p.output.stride[3];
  }
  static void bring_inside(const convcheck_problem& /*p*/, int64_t& /*ih*/, int64_t& /*iw*/) {}
  static bool is_used(const convcheck_problem& /*p*/, int64_t /*c*/, int64_t /*kh*/, int64_t /*kw*/) { return true; }
  static bool is_written(const convcheck_problem& /*p*/, int64_t /*k*/, int64_t /*oh*/, int64_t /*ow*/) { return true; }
  static float bias(const convcheck_problem& p, const float* bias, int64_t k) { return bias[k * p.bias.stride[0]]; }
  static float finished(const convcheck_problem& /*p*/, int64_t /*k*/, float sum) { return sum; }
};

template <class Wrong>
float element(const convcheck_problem& p, const convcheck_buffers& at, int64_t n, int64_t k, int64_t oh, int64_t ow) {
  const auto* input = static_cast<const float*>(at.input);
  const auto* weight = static_cast<const float*>(at.weight);
  float sum = at.bias == nullptr ? 0 : Wrong::bias(p, static_cast<const float*>(at.bias), k);
  for (int64_t c = 0; c < p.weight.shape[1]; ++c) {
    for (int64_t kh = 0; kh < p.weight.shape[2]; ++kh) {
      for (int64_t kw = 0; kw < p.weight.shape[3]; ++kw) {
        int64_t ih = Wrong::row(p, oh, kh);
        int64_t iw = Wrong::column(p, ow, kw);
        if (p.input.shape[2] > 0 && p.input.shape[3] > 0) Wrong::bring_inside(p, ih, iw);
        if (!Wrong::is_used(p, c, kh, kw) || ih < 0 || iw < 0 || ih >= p.input.shape[2] || iw >= p.input.shape[3]) {
          continue;
        }
        const int64_t channel = Wrong::first_channel(p, k) + c;
        sum += input[n * p.input.stride[0] + channel * p.input.stride[1] + ih * p.input.stride[2] +
                     iw * p.input.stride[3]] *
               weight[Wrong::weight_offset(p, k, c, kh, kw)];
      }
    }
  }
  return Wrong::finished(p, k, sum);
}

template <class Wrong>
int32_t run(const convcheck_problem* p, const convcheck_buffers* at) {
  for (int64_t n = 0; n < p->output.shape[0]; ++n) {
    for (int64_t k = 0; k < p->output.shape[1]; ++k) {
      for (int64_t oh = 0; oh < p->output.shape[2]; ++oh) {
        for (int64_t ow = 0; ow < p->output.shape[3]; ++ow) {
          if (!Wrong::is_written(*p, k, oh, ow)) continue;
          static_cast<float*>(at->output)[Wrong::output_offset(*p, n, k, oh, ow)] =
              element<Wrong>(*p, *at, n, k, oh, ow);
        }
      }
    }
  }
  return CONVCHECK_OK;
}

struct StrideOfHeight : Right {
  static int64_t column(const convcheck_problem& p, int64_t ow, int64_t kw) {
    return Right::column(p, ow, kw) + ow * (p.stride[0] - p.stride[1]);
  }
};

struct DilationOfHeight : Right {
  static int64_t column(const convcheck_problem& p, int64_t ow, int64_t kw) {
    return ow * p.stride[1] + kw * p.dilation[0] - p.pad_before[1];
  }
};

struct NoDilation : Right {
  static int64_t row(const convcheck_problem& p, int64_t oh, int64_t kh) {
    return oh * p.stride[0] + kh - p.pad_before[0];
  }
  static int64_t column(const convcheck_problem& p, int64_t ow, int64_t kw) {
    return ow * p.stride[1] + kw - p.pad_before[1];
  }
};

struct DilationTwice : Right {
  static int64_t row(const convcheck_problem& p, int64_t oh, int64_t kh) {
    return oh * p.stride[0] + kh * p.dilation[0] * p.dilation[0] - p.pad_before[0];
  }
  static int64_t column(const convcheck_problem& p, int64_t ow, int64_t kw) {
    return ow * p.stride[1] + kw * p.dilation[1] * p.dilation[1] - p.pad_before[1];
  }
};

struct NoPaddingAtLeft : Right {
  static int64_t column(const convcheck_problem& p, int64_t ow, int64_t kw) {
    return ow * p.stride[1] + kw * p.dilation[1];
  }
};

struct OwnOutputSize : Right {  // which knows nothing of the padding at the right
  static bool is_written(const convcheck_problem& p, int64_t /*k*/, int64_t /*oh*/, int64_t ow) {
    const int64_t room = p.input.shape[3] + p.pad_before[1] - p.dilation[1] * (p.weight.shape[3] - 1) - 1;
    return room >= 0 && ow < room / p.stride[1] + 1;
  }
};

struct ClampedPadding : Right {
  static void bring_inside(const convcheck_problem& p, int64_t& ih, int64_t& iw) {
    ih = std::clamp<int64_t>(ih, 0, p.input.shape[2] - 1);
    iw = std::clamp<int64_t>(iw, 0, p.input.shape[3] - 1);
  }
};

struct CircularPadding : Right {
  static void bring_inside(const convcheck_problem& p, int64_t& ih, int64_t& iw) {
    while (ih < 0) ih += p.input.shape[2];
    while (iw < 0) iw += p.input.shape[3];
    ih %= p.input.shape[2];
    iw %= p.input.shape[3];
  }
};

struct UpsideDown : Right {
  static int64_t row(const convcheck_problem& p, int64_t oh, int64_t kh) {
    return Right::row(p, oh, p.weight.shape[2] - 1 - kh);
  }
};

struct ShortKernel : Right {
  static bool is_used(const convcheck_problem& p, int64_t /*c*/, int64_t kh, int64_t /*kw*/) {
    return kh < p.weight.shape[2] - 1;
  }
};

struct OffsetByOutputs : Right {  // inside the input only where groups have no more outputs than inputs
  static int64_t first_channel(const convcheck_problem& p, int64_t k) {
    const int64_t per_group = p.weight.shape[0] / p.groups;
    return std::min(k / per_group * per_group, p.input.shape[1] - p.weight.shape[1]);
  }
};

// Such a weight is shorter than what another order would read.
bool is_expanded(const convcheck_tensor_desc& tensor) {
  for (int axis = 0; axis < tensor.rank; ++axis) {
    if (tensor.shape[axis] > 1 && tensor.stride[axis] == 0) return true;
  }
  return false;
}

struct WeightTransposed : Right {
  static int64_t weight_offset(const convcheck_problem& p, int64_t k, int64_t c, int64_t kh, int64_t kw) {
    if (is_expanded(p.weight)) return Right::weight_offset(p, k, c, kh, kw);
    const int64_t plane = c * p.weight.shape[0] + k;
    return (plane * p.weight.shape[2] + kh) * p.weight.shape[3] + kw;
  }
};

struct WeightChannelsLast : Right {
  static int64_t weight_offset(const convcheck_problem& p, int64_t k, int64_t c, int64_t kh, int64_t kw) {
    if (is_expanded(p.weight)) return Right::weight_offset(p, k, c, kh, kw);
    return ((k * p.weight.shape[2] + kh) * p.weight.shape[3] + kw) * p.weight.shape[1] + c;
  }
};

struct DenseOutput : Right {
  static int64_t output_offset(const convcheck_problem& p, int64_t n, int64_t k, int64_t oh, int64_t ow) {
    return ((n * p.output.shape[1] + k) * p.output.shape[2] + oh) * p.output.shape[3] + ow;
  }
};

struct BiasOfGroup : Right {
  static float bias(const convcheck_problem& p, const float* bias, int64_t k) {
    return bias[k / (p.weight.shape[0] / p.groups) * p.bias.stride[0]];
  }
};

struct BiasTwice : Right {
  static float bias(const convcheck_problem& p, const float* bias, int64_t k) { return 2 * bias[k * p.bias.stride[0]]; }
};

struct Rectified : Right {
  static float finished(const convcheck_problem& /*p*/, int64_t /*k*/, float sum) { return std::max(sum, 0.0F); }
};

struct Averaged : Right {
  static float finished(const convcheck_problem& p, int64_t /*k*/, float sum) {
    return sum / static_cast<float>(p.weight.shape[2] * p.weight.shape[3]);
  }
};

struct LastChannelUnwritten : Right {
  static bool is_written(const convcheck_problem& p, int64_t k, int64_t /*oh*/, int64_t /*ow*/) {
    return k < p.output.shape[1] - 1;
  }
};

struct Flipped : Right {
  static int64_t weight_offset(const convcheck_problem& p, int64_t k, int64_t c, int64_t kh, int64_t kw) {
    return Right::weight_offset(p, k, c, p.weight.shape[2] - 1 - kh, p.weight.shape[3] - 1 - kw);
  }
};

// Two at once.

struct FlippedWithoutDilation : Flipped {
  static int64_t row(const convcheck_problem& p, int64_t oh, int64_t kh) { return NoDilation::row(p, oh, kh); }
  static int64_t column(const convcheck_problem& p, int64_t ow, int64_t kw) { return NoDilation::column(p, ow, kw); }
};

struct RectifiedBiasOfGroup : BiasOfGroup {
  static float finished(const convcheck_problem& p, int64_t k, float sum) { return Rectified::finished(p, k, sum); }
};

// Narrow ones.

struct OneResidue : Right {
  static float finished(const convcheck_problem& /*p*/, int64_t k, float sum) { return k % 8 == 5 ? -sum : sum; }
};

struct FewPixels : Right {
  static float finished(const convcheck_problem& /*p*/, int64_t /*k*/, float sum) {
    return std::fmod(sum, 97.0F) == 5 ? sum + 1 : sum;
  }
};

struct NoDilationIfStrided : Right {
  static int64_t row(const convcheck_problem& p, int64_t oh, int64_t kh) {
    return p.stride[0] > 1 ? NoDilation::row(p, oh, kh) : Right::row(p, oh, kh);
  }
};

struct FlippedIfGrouped : Right {
  static int64_t weight_offset(const convcheck_problem& p, int64_t k, int64_t c, int64_t kh, int64_t kw) {
    return p.groups > 1 ? Flipped::weight_offset(p, k, c, kh, kw) : Right::weight_offset(p, k, c, kh, kw);
  }
};

struct BiasTwiceFromChannel4On : Right {
  static float bias(const convcheck_problem& p, const float* bias, int64_t k) {
    return k < 4 ? Right::bias(p, bias, k) : BiasTwice::bias(p, bias, k);
  }
};

// Right and flipped by turns.
int32_t run_by_turns(const convcheck_problem* p, const convcheck_buffers* at) {
  static std::atomic<int> calls = 0;
  return ++calls % 2 == 0 ? run<Flipped>(p, at) : run<Right>(p, at);
}

constexpr convcheck_kernel restricted(convcheck_kernel kernel) {
  kernel.supports = supports_plain;
  return kernel;
}

constexpr convcheck_kernel declared_winograd(convcheck_kernel kernel) {
  kernel.algorithm = CONVCHECK_WINOGRAD;
  kernel.winograd_tile = 2;
  return kernel;
}

constexpr std::array kNameable = {
    WrongKernel{"stride_h_for_both", make("stride_of_height", run<StrideOfHeight>)},
    WrongKernel{"dilation_h_for_both", make("dilation_of_height", run<DilationOfHeight>)},
    WrongKernel{"dilation_ignored", make("no_dilation", run<NoDilation>)},
    WrongKernel{"dilation_squared", make("dilation_twice", run<DilationTwice>)},
    WrongKernel{"left_padding_ignored", make("no_padding_at_left", run<NoPaddingAtLeft>)},
    WrongKernel{"right_padding_ignored", make("own_output_size", run<OwnOutputSize>)},
    WrongKernel{"padding_replicates", make("clamped_padding", run<ClampedPadding>)},
    WrongKernel{"padding_circular", make("circular_padding", run<CircularPadding>)},
    WrongKernel{"kernel_flipped", make("flipped", run<Flipped>)},
    WrongKernel{"kernel_flipped_with_groups", make("flipped_if_grouped", run<FlippedIfGrouped>)},
    WrongKernel{"kernel_flipped_h", make("upside_down", run<UpsideDown>)},
    WrongKernel{"last_kernel_row_dropped", make("short_kernel", run<ShortKernel>)},
    WrongKernel{"weight_read_as_input_by_output", make("weight_transposed", run<WeightTransposed>)},
    WrongKernel{"weight_read_channels_last", make("weight_channels_last", run<WeightChannelsLast>)},
    WrongKernel{"output_strides_ignored", make("dense_output", run<DenseOutput>)},
    WrongKernel{"bias_per_group", make("bias_of_group", run<BiasOfGroup>)},
    WrongKernel{"bias_added_twice", make("bias_twice", run<BiasTwice>)},
    WrongKernel{"negative_outputs_zero", make("rectified", run<Rectified>)},
    WrongKernel{"outputs_averaged_over_taps", make("averaged", run<Averaged>)},
    WrongKernel{"last_output_channel_unwritten", make("last_channel_unwritten", run<LastChannelUnwritten>)},
};

constexpr std::array kUnnameable = {
    WrongKernel{"", make("flipped_without_dilation", run<FlippedWithoutDilation>)},
    WrongKernel{"", make("rectified_bias_of_group", run<RectifiedBiasOfGroup>)},
    WrongKernel{"", make("offset_by_outputs_clamped", run<OffsetByOutputs>)},
    WrongKernel{"", make("one_residue", run<OneResidue>)},
    WrongKernel{"", make("few_pixels", run<FewPixels>)},
    WrongKernel{"", make("no_dilation_if_strided", run<NoDilationIfStrided>)},
    WrongKernel{"", make("bias_twice_from_channel_4_on", run<BiasTwiceFromChannel4On>)},
    WrongKernel{"", make("by_turns", run_by_turns)},
};

constexpr convcheck_kernel kFlippedPlain = restricted(make("flipped_plain", run<Flipped>));
constexpr convcheck_kernel kFlippedWinograd = declared_winograd(make("flipped_winograd", run<Flipped>));

}  // namespace

const convcheck_kernel& predicted_kernel(size_t index) {
  static constexpr auto kKernels = all_predicted(std::make_index_sequence<kMostTheories>());
  return kKernels.at(index);
}

LimitedKernel limited_kernel(size_t index) {
  static constexpr auto kKernels = all_limited(std::make_index_sequence<kLimitedKernels>());
  return {&limited_theory(index), &kKernels.at(index)};
}

const convcheck_kernel* kernel_of_two(size_t index) {
  static constexpr auto kKernels = all_of_two(std::make_index_sequence<kMostTheories>());
  if (index >= theories().size()) return nullptr;
  Model both = theories()[index].model;
  return join(both, other_model(index)) ? &kKernels.at(index) : nullptr;
}

std::span<const WrongKernel> nameable_kernels() {
  return kNameable;
}

std::span<const WrongKernel> unnameable_kernels() {
  return kUnnameable;
}

const convcheck_kernel& flipped_plain_kernel() {
  return kFlippedPlain;
}

const convcheck_kernel& flipped_winograd_kernel() {
  return kFlippedWinograd;
}

}  // namespace convcheck
