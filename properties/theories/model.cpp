#include "properties/theories/model.h"

#include <algorithm>
#include <cmath>

#include "reference/bound.h"

namespace convcheck {
namespace {

// Integers below this magnitude are exact in f32.
constexpr double kExactLimit = 0x1p24;
constexpr double kLeastNormal = 0x1p-126;
constexpr double kNearOverflow = 0x1.fp127;
constexpr int kFullBits = 24;
constexpr int kBitsOfBf16 = 8;
// Beyond these half differs from TF32, and bf16 from f32.
constexpr double kLeastNormalHalf = 0x1p-14;
constexpr double kLargestHalf = 65504;

const Model kTruth;

double flushed(double value) {
  return std::abs(value) < kLeastNormal ? 0 : value;
}

// True where formats of so many bits agree about the value.
bool is_in_range(double magnitude, Precision precision) {
  if (magnitude == 0) return true;
  if (precision.bits <= kBitsOfBf16) return magnitude >= kLeastNormal && magnitude < 0x1p127;
  return magnitude >= kLeastNormalHalf && magnitude <= kLargestHalf;
}

// To so many bits. False where formats or ways to round differ.
bool round_to(Precision precision, double& value) {
  if (precision.bits == kFullBits || !std::isfinite(value)) return true;
  if (!is_in_range(std::abs(value), precision)) return false;
  int exponent = 0;
  const double scaled = std::ldexp(std::frexp(value, &exponent), precision.bits);
  const double whole = std::trunc(scaled);
  const double rounded = precision.is_cut ? whole : std::nearbyint(scaled);
  value = std::ldexp(rounded, exponent - precision.bits);
  return precision.is_cut || std::abs(scaled - whole) != 0.5;
}

bool bring_inside(int64_t& position, int64_t size, bool unchecked, int64_t (*beyond)(int64_t, int64_t)) {
  if (unchecked || (position >= 0 && position < size)) return true;
  if (beyond == nullptr || size == 0) return false;
  position = beyond(position, size);
  return true;
}

Place place_of(const Shape& output, int64_t element) {
  const Shape at = index_of(output, element);
  return {at[0], at[1], at[2], at[3]};
}

bool holds_integers(const View<const float>& view, int64_t span) {
  return std::all_of(view.data, view.data + span, [](float value) { return value == std::nearbyint(value); });
}

int64_t memory_of(const View<const float>& view) {
  const bool is_empty = std::any_of(view.shape.begin(), view.shape.end(), [](int64_t extent) { return extent == 0; });
  return is_empty ? 0 : static_cast<int64_t>(span_elements(view.shape, view.stride));
}

}  // namespace

Scene scene_of(const Problem& problem, const DataView& data, const float* before) {
  Scene scene;
  scene.g = geometry(problem);
  scene.input = data.input;
  scene.weight = data.weight;
  scene.bias = data.bias;
  scene.input_span = memory_of(data.input);
  scene.weight_span = memory_of(data.weight);
  scene.output = output_shape(problem);
  scene.before = before;
  scene.is_integral = holds_integers(data.input, scene.input_span) && holds_integers(data.weight, scene.weight_span);
  const Shape strides = strides_of(problem, TensorRole::output, scene.output);
  const View<float> view = {nullptr, scene.output, strides};
  const int64_t elements = scene.g.output_elements();
  if (elements == 0) return scene;
  scene.element_at.assign(static_cast<size_t>(span_elements(scene.output, strides)), -1);
  for (int64_t i = 0; i < elements; ++i) {
    const Place at = place_of(view.shape, i);
    const int64_t offset = at.n * strides[0] + at.k * strides[1] + at.oh * strides[2] + at.ow * strides[3];
    scene.element_at[static_cast<size_t>(offset)] = i;
  }
  return scene;
}

struct Predictor::Total {
  Sum sum;
  int64_t taps = 0;  // products, zeros included
  bool is_known = true;

  void add(double term) {
    sum.value += term;
    sum.magnitude += std::abs(term);
    if (term != 0) ++sum.terms;  // a zero adds no rounding
  }
};

Predictor::Predictor(const Model& model, const Scene& scene)
    : model_(model.applies == nullptr || model.applies(scene.g) ? model : kTruth), scene_(scene), bent_(scene.g) {
  if (model_.parameters != nullptr) model_.parameters(bent_);
}

void Predictor::add_tap(Tap tap, Total& total) const {
  const Geometry& g = scene_.g;
  if (tap.is_left_out || !bring_inside(tap.ih, g.height.in, tap.rows_unchecked, model_.beyond) ||
      !bring_inside(tap.iw, g.width.in, tap.columns_unchecked, model_.beyond)) {
    return;
  }
  const Shape& x = scene_.input.stride;
  const Shape& w = scene_.weight.stride;
  const int64_t from = model_.input_offset != nullptr
                           ? model_.input_offset(scene_, tap)
                           : tap.n * x[0] + tap.channel * x[1] + tap.ih * x[2] + tap.iw * x[3];
  const int64_t by = model_.weight_offset != nullptr ? model_.weight_offset(scene_, tap)
                                                     : tap.filter * w[0] + tap.c * w[1] + tap.kh * w[2] + tap.kw * w[3];
  if (from < 0 || from >= scene_.input_span || by < 0 || by >= scene_.weight_span) {
    total.is_known = false;
    return;
  }
  auto input = static_cast<double>(scene_.input.data[from]);
  auto weight = static_cast<double>(scene_.weight.data[by]);
  if (model_.flushes_operands) input = flushed(input);
  if (model_.flushes_operands) weight = flushed(weight);
  if (!round_to(model_.input, input) || !round_to(model_.weight, weight)) total.is_known = false;
  total.add(input * weight);
  ++total.taps;
}

void Predictor::add_bias(const Place& at, int64_t taps, Total& total) const {
  if (!scene_.g.has_bias) return;
  BiasUse use = {.index = at.k, .times = 1};
  if (model_.bias != nullptr) model_.bias(scene_.g, at, taps, use);
  const auto bias = static_cast<double>(scene_.bias(use.index));
  total.add(use.times * (model_.flushes_bias ? flushed(bias) : bias));
}

void Predictor::add_sum(const Place& at, Total& total) const {
  const Geometry& g = scene_.g;
  const int64_t first_channel = at.k / g.out_channels_per_group * g.in_channels_per_group;
  const int64_t taps_before = total.taps;
  for (int64_t c = 0; c < bent_.in_channels_per_group; ++c) {
    for (int64_t kh = 0; kh < bent_.height.kernel; ++kh) {
      for (int64_t kw = 0; kw < bent_.width.kernel; ++kw) {
        Tap tap = {.n = at.n,
                   .channel = first_channel + c,
                   .ih = at.oh * bent_.height.stride + kh * bent_.height.dilation - bent_.height.pad_before,
                   .iw = at.ow * bent_.width.stride + kw * bent_.width.dilation - bent_.width.pad_before,
                   .filter = at.k,
                   .c = c,
                   .kh = kh,
                   .kw = kw};
        if (model_.tap != nullptr) model_.tap(g, at, tap);
        add_tap(tap, total);
      }
    }
  }
  add_bias(at, total.taps - taps_before, total);
}

Result Predictor::computed(const Place& at) const {
  Total total;
  Place one = at;
  for (one.n = model_.adds_earlier_images ? 0 : at.n; one.n <= at.n; ++one.n) add_sum(one, total);
  const Sum& sum = total.sum;
  const bool is_exact = sum.terms <= 1 || (scene_.is_integral && sum.magnitude < kExactLimit);
  Result outcome = {sum.value, is_exact ? 0 : summation_bound(sum), total.is_known};
  if (model_.result != nullptr) model_.result(scene_.g, outcome);
  if (model_.flushes_results) outcome.value = flushed(outcome.value);
  // Whether a sum overflows on its way depends on its order.
  if (std::isfinite(sum.magnitude) && std::max(sum.magnitude, std::abs(outcome.value)) > kNearOverflow) {
    outcome.is_known = false;
  }
  // A value that is only nearly known may be rounded to the next one.
  if (outcome.slack > 0 && model_.output.bits < kFullBits) {
    outcome.slack += std::ldexp(std::abs(outcome.value), 1 - model_.output.bits);
  }
  if (!round_to(model_.output, outcome.value)) outcome.is_known = false;
  return outcome;
}

Prediction Predictor::at(int64_t offset) const {
  const auto place = static_cast<size_t>(offset);
  const auto before = static_cast<double>(scene_.before[offset]);
  const int64_t dense = offset < scene_.g.output_elements() ? offset : -1;
  const int64_t element = model_.ignores_output_strides ? dense : scene_.element_at[place];
  if (element < 0) return {.value = before};
  Place at = place_of(scene_.output, element);
  const Written written = model_.written == nullptr ? Written::value : model_.written(scene_, at);
  if (written == Written::nothing) return {.value = before};
  if (written == Written::zero) return {.value = 0};
  if (model_.source != nullptr) model_.source(scene_.g, at);
  const Result outcome = computed(at);
  Prediction prediction = {
      .is_known = outcome.is_known && written != Written::unknown, .value = outcome.value, .slack = outcome.slack};
  if (model_.adds_to_output) {
    prediction.value += before;
    if (!scene_.is_integral || std::abs(prediction.value) >= kExactLimit) {
      prediction.slack += kUnitRoundoff * (std::abs(prediction.value) + std::abs(before));
    }
  }
  return prediction;
}

bool agrees(const Prediction& prediction, float got, bool is_winograd) {
  if (!prediction.is_known) return true;
  const auto value = static_cast<double>(got);
  if (std::isnan(prediction.value)) return std::isnan(value);
  if (is_winograd) return std::nearbyint(value) == prediction.value;
  if (value == prediction.value) return true;
  // An exact value that f32 does not hold is rounded once.
  if (std::abs(prediction.value) < kNearOverflow && static_cast<float>(prediction.value) == got) return true;
  return std::isfinite(value) && std::abs(value - prediction.value) <= prediction.slack;
}

}  // namespace convcheck
