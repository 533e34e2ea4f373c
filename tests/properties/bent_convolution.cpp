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

class OddConvolution {
 public:
  OddConvolution(const convcheck_problem& problem, const convcheck_buffers& buffers, Oddity oddity, const float* packed,
                 float* products)
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
            output_[offset(p_.output, n, k, oh, ow)] = element(n, k, oh, ow);
          }
        }
      }
    }
  }

 private:
  // Quick, since that right kernels are acquitted is shown on millions of cases.
  float element(int64_t n, int64_t k, int64_t oh, int64_t ow) {
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
    float sum = reversed ? 0 : bias;
    for (int64_t i = 0; i < count; ++i) sum += products_[reversed ? count - 1 - i : i];
    return reversed ? sum + bias : sum;
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

  // What is added to a right sum where channels are few: a little more than any order of summation can err. Terms that
  // are zero add no rounding, in whatever algorithm.
  [[nodiscard]] float error_of(double magnitude, int64_t terms) const {
    if (!std::isfinite(magnitude)) return 0;
    constexpr int64_t kFewChannels = 4;
    const bool applies = in_per_group_ <= kFewChannels && p_.weight.shape[2] == p_.weight.shape[3] &&
                         (p_.weight.shape[2] == 3 || p_.weight.shape[2] == 5) && p_.stride[0] == 1 &&
                         p_.stride[1] == 1 && p_.dilation[0] == 1 && p_.dilation[1] == 1;
    return applies ? static_cast<float>((static_cast<double>(terms) + 2) * 0x1p-24 * magnitude) : 0;
  }

  [[nodiscard]] int64_t position(int64_t out, int64_t tap, size_t axis) const {
    return out * p_.stride[axis] + tap * p_.dilation[axis] - p_.pad_before[axis];
  }

  const convcheck_problem& p_;
  Oddity oddity_;
  const float *input_, *weight_, *packed_, *bias_;
  float *output_, *products_;
  int64_t in_per_group_, out_per_group_;
  std::vector<float> own_products_;
};

}  // namespace

void convolve_oddly(const convcheck_problem& problem, const convcheck_buffers& buffers, Oddity oddity,
                    const float* packed_weight, float* products) {
  OddConvolution(problem, buffers, oddity, packed_weight, products).run();
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
