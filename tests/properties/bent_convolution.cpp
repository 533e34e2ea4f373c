#include "tests/properties/bent_convolution.h"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace convcheck {
namespace {

int64_t offset(const convcheck_tensor_desc& t, int64_t i, int64_t j, int64_t k, int64_t l) {
  return i * t.stride[0] + j * t.stride[1] + k * t.stride[2] + l * t.stride[3];
}

int64_t dense_offset(const convcheck_tensor_desc& t, int64_t i, int64_t j, int64_t k, int64_t l) {
  return ((i * t.shape[1] + j) * t.shape[2] + k) * t.shape[3] + l;
}

constexpr int kBf16 = 8;
constexpr int kHalf = 11;
constexpr int kTf32 = 11;

// To so many significant bits, by Veltkamp's splitting.
float cut(float value, int bits) {
  if (!std::isfinite(value)) return value;
  const float scaled = value * static_cast<float>((1 << (24 - bits)) + 1);
  return scaled - (scaled - value);
}

float flush(float value) {
  return std::abs(value) < std::numeric_limits<float>::min() ? 0 : value;
}

bool is_expanded(const convcheck_tensor_desc& t) {
  for (int axis = 0; axis < t.rank; ++axis) {
    if (t.shape[axis] > 1 && t.stride[axis] == 0) return true;
  }
  return false;
}

// One class for each defect, so that asking for it costs nothing: wrong kernels are judged by the thousand.
template <Defect D>
class BentConvolution {
 public:
  BentConvolution(const convcheck_problem& problem, const convcheck_buffers& buffers, Oddity oddity,
                  const float* packed, float* products)
      : p_(problem),
        oddity_(oddity),
        input_(static_cast<const float*>(buffers.input)),
        weight_(static_cast<const float*>(buffers.weight)),
        packed_(packed),
        bias_(static_cast<const float*>(buffers.bias)),
        output_(static_cast<float*>(buffers.output)),
        products_(products),
        in_per_group_(problem.input.shape[1] / problem.groups),
        out_per_group_(problem.weight.shape[0] / problem.groups) {
    if (products_ == nullptr) {
      own_products_.resize(static_cast<size_t>(most_products(problem)));
      products_ = own_products_.data();
    }
  }

  void run() {
    for (int64_t n = 0; n < p_.output.shape[0]; ++n) {
      for (int64_t k = 0; k < p_.output.shape[1]; ++k) {
        for (int64_t oh = 0; oh < p_.output.shape[2]; ++oh) {
          for (int64_t ow = 0; ow < p_.output.shape[3]; ++ow) {
            if (!is_left_out(k, ow)) write(n, k, oh, ow);
          }
        }
      }
    }
  }

 private:
  [[nodiscard]] static constexpr bool has(Defect defect) { return D == defect; }

  [[nodiscard]] bool is_left_out(int64_t k, int64_t ow) const {
    const int64_t width = p_.output.shape[3];
    if (has(Defect::last_column_unwritten)) return width > 1 && ow == width - 1;
    if (has(Defect::group_tail_unwritten)) {
      return p_.groups > 1 && out_per_group_ > 1 && k % out_per_group_ == out_per_group_ - 1;
    }
    return false;
  }

  void write(int64_t n, int64_t k, int64_t oh, int64_t ow) {
    float& place = output_[offset(p_.output, n, k, oh, ow)];
    if (has(Defect::none)) {
      place = sound_element(n, k, oh, ow);
      return;
    }
    float value = element(n, k, oh, ow);
    if (has(Defect::output_added_to)) value += place;
    if (has(Defect::image_carried_over) && n > 0) value += output_[offset(p_.output, n - 1, k, oh, ow)];
    if (has(Defect::channel_residue) && k % 8 == 7) value += 1;
    if (has(Defect::outputs_cut_to_tf32)) value = cut(value, kTf32);
    if (has(Defect::subnormals_flushed)) value = flush(value);
    if (has(Defect::nan_spread) && ow > 0 && std::isnan(output_[offset(p_.output, n, k, oh, ow - 1)])) {
      value = std::numeric_limits<float>::quiet_NaN();
    }
    if (has(Defect::nan_in_one) && p_.groups > 1 && n == 0 && k == p_.groups && oh == 0 && ow == 0) {
      value = std::numeric_limits<float>::quiet_NaN();
    }
    place = value;
  }

  float element(int64_t n, int64_t k, int64_t oh, int64_t ow) {
    int64_t count = 0;
    int64_t terms = 0;
    double magnitude = 0;
    const int64_t channels = in_per_group_ - (has(Defect::last_channel_dropped) && in_per_group_ > 1 ? 1 : 0);
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t kh = 0; kh < p_.weight.shape[2]; ++kh) {
        const int64_t ih = position(oh, kh, 0);
        const bool row_inside = ih >= 0 && ih < p_.input.shape[2];
        if (!row_inside && !has(Defect::padding_multiplied)) continue;
        for (int64_t kw = 0; kw < p_.weight.shape[3]; ++kw) {
          const int64_t iw = position(ow, kw, 1);
          const bool inside = row_inside && iw >= 0 && iw < p_.input.shape[3];
          if (!inside && !has(Defect::padding_multiplied)) continue;
          const bool shifted = has(Defect::one_index_wrong) && k == p_.output.shape[1] - 1 && c + kh + kw == 0;
          if (shifted && iw + 1 < p_.input.shape[3] && inside) {
            products_[count++] = input_at(n, input_channel(k, c), ih, iw + 1) * weight_at(k, c, kh, kw);
            continue;
          }
          const float x = inside ? input_at(n, input_channel(k, c), ih, iw) : 0;
          const float w = weight_at(k, c, kh, kw);
          if (has(Defect::zeros_skipped) && (x == 0 || w == 0)) continue;
          products_[count++] = x * w;
          magnitude += std::abs(static_cast<double>(x) * static_cast<double>(w));
          terms += x * w != 0 ? 1 : 0;
        }
      }
    }
    const float bias = bias_of(n, k);
    const float sum = total(count, bias);
    return sum + error_of(magnitude + std::abs(static_cast<double>(bias)), terms + (bias != 0 ? 1 : 0));
  }

  // The same without a defect, and quick: that right kernels are acquitted is shown on millions of cases.
  float sound_element(int64_t n, int64_t k, int64_t oh, int64_t ow) {
    const bool in_double = oddity_ == Oddity::sums_in_double;
    const bool is_fused = oddity_ == Oddity::sums_fused;
    const bool errs = oddity_ == Oddity::winograd_accuracy;
    const float bias = bias_ == nullptr ? 0 : bias_[k * p_.bias.stride[0]];
    const int64_t input_step = p_.dilation[1] * p_.input.stride[3];
    const int64_t weight_step = packed_ != nullptr ? 1 : p_.weight.stride[3];
    const int64_t left = position(ow, 0, 1);
    const int64_t first = left >= 0 ? 0 : (-left + p_.dilation[1] - 1) / p_.dilation[1];
    int64_t count = 0;
    int64_t terms = 0;
    double exact = 0;
    double magnitude = 0;
    float fused = bias;
    for (int64_t c = 0; c < in_per_group_; ++c) {
      const int64_t channel = k / out_per_group_ * in_per_group_ + c;
      for (int64_t kh = 0; kh < p_.weight.shape[2]; ++kh) {
        const int64_t ih = position(oh, kh, 0);
        if (ih < 0 || ih >= p_.input.shape[2]) continue;
        const float* const filter = packed_ != nullptr ? packed_ + dense_offset(p_.weight, k, c, kh, 0)
                                                       : weight_ + offset(p_.weight, k, c, kh, 0);
        const float* const line = input_ + offset(p_.input, n, channel, ih, 0) + left * p_.input.stride[3];
        for (int64_t kw = first; kw < p_.weight.shape[3] && left + kw * p_.dilation[1] < p_.input.shape[3]; ++kw) {
          const float x = line[kw * input_step];
          const float w = filter[kw * weight_step];
          products_[count++] = x * w;
          if (in_double) exact += static_cast<double>(x) * static_cast<double>(w);
          if (is_fused) fused = std::fma(x, w, fused);
          if (!errs) continue;
          magnitude += std::abs(static_cast<double>(x) * static_cast<double>(w));
          terms += x * w != 0 ? 1 : 0;
        }
      }
    }
    if (is_fused) return fused;
    if (in_double) return static_cast<float>(exact + static_cast<double>(bias));
    const float sum = total(count, bias);
    return errs ? sum + error_of(magnitude + std::abs(static_cast<double>(bias)), terms + (bias != 0 ? 1 : 0)) : sum;
  }

  // The products and the bias added up in the order that the oddity asks for.
  [[nodiscard]] float total(int64_t count, float bias) const {
    if (oddity_ == Oddity::sums_pairwise) return pairwise(0, count) + bias;
    if (oddity_ == Oddity::sums_blocked) return blocked(count) + bias;
    if (oddity_ == Oddity::sums_compensated) return compensated(count, bias);
    const bool reversed = oddity_ == Oddity::sums_reversed;
    const float scale = has(Defect::overflows_early) ? 64 : 1;
    float sum = reversed ? 0 : scale * bias;
    for (int64_t i = 0; i < count; ++i) {
      const float product = products_[reversed ? count - 1 - i : i];
      if (has(Defect::small_terms_dropped) && std::abs(product) < 0x1p-11F * std::abs(sum)) continue;
      sum += scale * product;
      if (has(Defect::accumulates_in_bf16)) sum = cut(sum, kBf16);
      if (has(Defect::accumulates_in_half)) sum = cut(sum, kHalf);
      if (has(Defect::accumulates_in_22_bits)) sum = cut(sum, 22);
    }
    return reversed ? sum + bias : sum / scale;
  }

  [[nodiscard]] float pairwise(int64_t first, int64_t last) const {
    if (last - first < 2) return last == first ? 0 : products_[first];
    const int64_t middle = first + (last - first) / 2;
    return pairwise(first, middle) + pairwise(middle, last);
  }

  [[nodiscard]] float blocked(int64_t count) const {
    std::array<float, 8> lanes{};
    for (int64_t i = 0; i < count; ++i) lanes[static_cast<size_t>(i % 8)] += products_[i];
    float sum = 0;
    for (const float lane : lanes) sum += lane;
    return sum;
  }

  // W. Kahan, Further remarks on reducing truncation errors, 1965. What is not finite has no error to keep.
  [[nodiscard]] float compensated(int64_t count, float sum) const {
    float error = 0;
    for (int64_t i = 0; i < count; ++i) {
      const float term = products_[i] - error;
      const float next = sum + term;
      error = std::isfinite(next) ? (next - sum) - term : 0;
      sum = next;
    }
    return sum;
  }

  // What is added to a right sum: a thousandth, or, where channels are few, a little more than any order of summation
  // can err. Terms that are zero add no rounding, in whatever algorithm.
  [[nodiscard]] float error_of(double magnitude, int64_t terms) const {
    if (!std::isfinite(magnitude)) return 0;
    if (has(Defect::winograd_inaccurate)) return static_cast<float>(1e-3 * magnitude);
    if (!has(Defect::winograd_undeclared) && oddity_ != Oddity::winograd_accuracy) return 0;
    constexpr int64_t kFewChannels = 4;
    const bool applies = in_per_group_ <= kFewChannels && p_.weight.shape[2] == p_.weight.shape[3] &&
                         (p_.weight.shape[2] == 3 || p_.weight.shape[2] == 5) && p_.stride[0] == 1 &&
                         p_.stride[1] == 1 && p_.dilation[0] == 1 && p_.dilation[1] == 1;
    return applies ? static_cast<float>((static_cast<double>(terms) + 2) * 0x1p-24 * magnitude) : 0;
  }

  [[nodiscard]] int64_t position(int64_t out, int64_t tap, size_t axis) const {
    const int64_t stride = p_.stride[axis];
    const int64_t dilation = p_.dilation[axis];
    const int64_t padding = has(Defect::padding_sides_swapped) ? p_.pad_after[axis] : p_.pad_before[axis];
    const bool swapped = has(Defect::stride_dilation_swapped) && stride > 1 && dilation > 1;
    return swapped ? out * dilation + tap * stride - padding : out * stride + tap * dilation - padding;
  }

  [[nodiscard]] int64_t input_channel(int64_t k, int64_t c) const {
    if (has(Defect::group_ignored)) return c;
    const int64_t group = has(Defect::groups_interleaved) ? k % p_.groups : k / out_per_group_;
    return group * in_per_group_ + c;
  }

  [[nodiscard]] float input_at(int64_t n, int64_t c, int64_t h, int64_t w) const {
    const int64_t image = has(Defect::first_image_repeated) ? 0 : n;
    const bool dense = has(Defect::strided_read_as_dense) && !is_expanded(p_.input);
    const float value = input_[dense ? dense_offset(p_.input, image, c, h, w) : offset(p_.input, image, c, h, w)];
    if (has(Defect::inputs_cut_to_bf16)) return cut(value, kBf16);
    return has(Defect::inputs_cut_to_tf32) ? cut(value, kTf32) : read(value);
  }

  [[nodiscard]] float weight_at(int64_t k, int64_t c, int64_t kh, int64_t kw) const {
    const int64_t filter = has(Defect::weight_group_lost) ? k % out_per_group_ : k;
    if (has(Defect::kernel_flipped)) {
      kh = p_.weight.shape[2] - 1 - kh;
      kw = p_.weight.shape[3] - 1 - kw;
    }
    if (packed_ != nullptr) return packed_[dense_offset(p_.weight, filter, c, kh, kw)];
    const float value = weight_[offset(p_.weight, filter, c, kh, kw)];
    return has(Defect::weights_cut_to_half) ? cut(value, kHalf) : read(value);
  }

  [[nodiscard]] float read(float value) const {
    if (has(Defect::subnormal_inputs_flushed)) return flush(value);
    if (has(Defect::nan_lost) && std::isnan(value)) return 0;
    if (has(Defect::infinity_saturated) && std::isinf(value)) {
      return std::copysign(std::numeric_limits<float>::max(), value);
    }
    return value;
  }

  [[nodiscard]] float bias_of(int64_t n, int64_t k) const {
    if (bias_ == nullptr || has(Defect::bias_skipped)) return 0;
    const int64_t index = has(Defect::bias_per_group) ? k % p_.groups : k;
    const float value = bias_[index * p_.bias.stride[0]];
    return has(Defect::bias_doubled_after_first) && n > 0 ? 2 * value : value;
  }

  const convcheck_problem& p_;
  Oddity oddity_;
  const float *input_, *weight_, *packed_, *bias_;
  float *output_, *products_;
  int64_t in_per_group_, out_per_group_;
  std::vector<float> own_products_;
};

using Convolve = void (*)(const convcheck_problem&, const convcheck_buffers&, Oddity, const float*, float*);

template <Defect D>
void convolve_with(const convcheck_problem& problem, const convcheck_buffers& buffers, Oddity oddity,
                   const float* packed_weight, float* products) {
  BentConvolution<D>(problem, buffers, oddity, packed_weight, products).run();
}

template <int... I>
constexpr std::array<Convolve, kDefectCount> all_of(std::integer_sequence<int, I...> /*all*/) {
  return {convolve_with<static_cast<Defect>(I)>...};
}

}  // namespace

void convolve_bent(const convcheck_problem& problem, const convcheck_buffers& buffers, Bend bend,
                   const float* packed_weight, float* products) {
  static constexpr auto kConvolve = all_of(std::make_integer_sequence<int, kDefectCount>());
  kConvolve[static_cast<size_t>(bend.defect)](problem, buffers, bend.oddity, packed_weight, products);
}

int64_t most_products(const convcheck_problem& problem) {
  return problem.weight.shape[1] * problem.weight.shape[2] * problem.weight.shape[3] + 1;
}

std::vector<float> pack_weight(const convcheck_problem& problem, const float* weight) {
  const convcheck_tensor_desc& t = problem.weight;
  std::vector<float> packed;
  for (int64_t k = 0; k < t.shape[0]; ++k) {
    for (int64_t c = 0; c < t.shape[1]; ++c) {
      for (int64_t kh = 0; kh < t.shape[2]; ++kh) {
        for (int64_t kw = 0; kw < t.shape[3]; ++kw) packed.push_back(weight[offset(t, k, c, kh, kw)]);
      }
    }
  }
  return packed;
}

}  // namespace convcheck
