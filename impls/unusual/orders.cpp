// Orders of summation: every one of them is right, and no two give the same bits.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "impls/unusual/themes.h"
#include "impls/unusual/window.h"

namespace convcheck::impls::unusual {
namespace {

struct Reversed {
  static float of(const Terms& t) {
    float sum = 0;
    for (int64_t i = t.count; i > 0; --i) sum += t.x[i - 1] * t.w[i - 1];
    return sum + t.bias;
  }
};

struct BiasLast {
  static float of(const Terms& t) {
    float sum = 0;
    for (int64_t i = 0; i < t.count; ++i) sum += t.x[i] * t.w[i];
    return sum + t.bias;
  }
};

struct BiasInTheMiddle {
  static float of(const Terms& t) {
    float sum = 0;
    for (int64_t i = 0; i < t.count; ++i) {
      if (i == t.count / 2) sum += t.bias;
      sum += t.x[i] * t.w[i];
    }
    return t.count == 0 ? t.bias : sum;
  }
};

struct Pairwise {
  static float between(const Terms& t, int64_t begin, int64_t end) {
    if (end - begin == 1) return t.x[begin] * t.w[begin];
    const int64_t middle = begin + (end - begin) / 2;
    return between(t, begin, middle) + between(t, middle, end);
  }
  static float of(const Terms& t) { return t.count == 0 ? t.bias : between(t, 0, t.count) + t.bias; }
};

struct EightLanes {
  static float of(const Terms& t) {
    std::array<float, 8> lane{};
    for (int64_t i = 0; i < t.count; ++i) lane[static_cast<size_t>(i % 8)] += t.x[i] * t.w[i];
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7])) + t.bias;
  }
};

/// Three thirds of the products, as three workers would share them, and their sums in the order in which the workers
/// might end.
struct SplitInThree {
  static float part(const Terms& t, int64_t which) {
    float sum = 0;
    for (int64_t i = t.count * which / 3; i < t.count * (which + 1) / 3; ++i) sum += t.x[i] * t.w[i];
    return sum;
  }
  static float of(const Terms& t) { return part(t, 2) + (part(t, 0) + (t.bias + part(t, 1))); }
};

/// Kahan's: what an addition lost is taken off the next term. An infinity makes that NaN, so none is promised.
struct Compensated {
  static float of(const Terms& t) {
    float sum = t.bias;
    float lost = 0;
    for (int64_t i = 0; i < t.count; ++i) {
      const float term = t.x[i] * t.w[i] - lost;
      const float next = sum + term;
      lost = (next - sum) - term;
      sum = next;
    }
    return sum;
  }
};

struct Fused {
  static float of(const Terms& t) {
    float sum = t.bias;
    for (int64_t i = 0; i < t.count; ++i) sum = std::fma(t.x[i], t.w[i], sum);
    return sum;
  }
};

struct InDouble {
  static float of(const Terms& t) {
    auto sum = static_cast<double>(t.bias);
    for (int64_t i = 0; i < t.count; ++i) sum += static_cast<double>(t.x[i]) * static_cast<double>(t.w[i]);
    return static_cast<float>(sum);
  }
};

struct FloatProductsInDouble {
  static float of(const Terms& t) {
    auto sum = static_cast<double>(t.bias);
    for (int64_t i = 0; i < t.count; ++i) sum += static_cast<double>(t.x[i] * t.w[i]);
    return static_cast<float>(sum);
  }
};

/// The magnitude as an integer of the same order, in which NaN has a place as well: the largest.
uint32_t magnitude(float value) {
  return std::bit_cast<uint32_t>(value) & 0x7FFFFFFFU;
}

/// Sorting takes its time.
inline constexpr int64_t kMostSorted = int64_t{1} << 21;

template <bool kLargestFirst>
struct SortedByMagnitude : Gathered<SortedByMagnitude<kLargestFirst>> {
  static bool serves(const convcheck_problem& problem) { return count_products(problem) <= kMostSorted; }

  static float of(const Terms& t) {
    float* const products = t.x;
    for (int64_t i = 0; i < t.count; ++i) products[i] = t.x[i] * t.w[i];
    std::sort(products, products + t.count, [](float a, float b) {
      return kLargestFirst ? magnitude(b) < magnitude(a) : magnitude(a) < magnitude(b);
    });
    float sum = 0;
    for (int64_t i = 0; i < t.count; ++i) sum += products[i];
    return sum + t.bias;
  }
};

/// Positive and negative products apart: the largest cancellation that there can be, at the very end.
struct SignsApart {
  static float of(const Terms& t) {
    float positive = std::max(t.bias, 0.0F);
    float negative = std::min(t.bias, 0.0F);
    for (int64_t i = 0; i < t.count; ++i) {
      const float product = t.x[i] * t.w[i];
      (std::signbit(product) ? negative : positive) += product;
    }
    return positive + negative;
  }
};

struct ChannelsInnermost {
  static void convolve(const Call& call) {
    for_each_place(call.conv, [&](const Place& at) {
      float sum = bias_of(call, at.out_channel);
      for_each_product<Innermost::kChannels>(call, at, [&](float x, float w) { sum += x * w; });
      output_at(call, at) = sum;
    });
  }
};

/// A sum for each channel, and the sum of those.
struct ChannelByChannel {
  static void convolve(const Call& call) {
    const Conv& conv = call.conv;
    for_each_place(conv, [&](const Place& at) {
      const TapRange rows = valid_taps(conv.rows, at.row);
      const TapRange cols = valid_taps(conv.cols, at.col);
      const int64_t first = first_channel(conv, at.out_channel);
      float sum = 0;
      for (int64_t channel = 0; channel < conv.in_per_group; ++channel) {
        float part = 0;
        for (int64_t row = rows.begin; row < rows.end; ++row) {
          for (int64_t col = cols.begin; col < cols.end; ++col) {
            part += weight_at(call, at.out_channel, channel, row, col) *
                    input_at(call, at.image, first + channel, input_position(conv.rows, at.row, row),
                             input_position(conv.cols, at.col, col));
          }
        }
        sum += part;
      }
      output_at(call, at) = sum + bias_of(call, at.out_channel);
    });
  }
};

constexpr convcheck_kernel kKernels[] = {
    kernel<Gathered<Reversed>>("sums_reversed", "adds the products from the last to the first"),
    kernel<Gathered<BiasLast>>("sums_bias_last", "adds the bias after the products"),
    kernel<Gathered<BiasInTheMiddle>>("sums_bias_in_the_middle", "adds the bias after half of the products"),
    kernel<Gathered<Pairwise>>("sums_pairwise", "adds the products in a binary tree"),
    kernel<Gathered<EightLanes>>("sums_in_8_lanes", "adds every eighth product, then the eight sums"),
    kernel<Gathered<SplitInThree>>("sums_split_in_3", "adds three thirds of the products, then the three sums"),
    kernel<Gathered<Compensated>>("sums_compensated", "Kahan's summation", kFiniteOnly),
    kernel<Gathered<Fused>>("sums_fused", "fused multiply-adds"),
    kernel<Gathered<InDouble>>("sums_in_double", "multiplies and adds in double, rounds once"),
    kernel<Gathered<FloatProductsInDouble>>("sums_float_products_in_double", "multiplies in float, adds in double"),
    kernel<SortedByMagnitude<false>>("sums_smallest_first", "adds the smallest products first"),
    kernel<SortedByMagnitude<true>>("sums_largest_first", "adds the largest products first"),
    kernel<Gathered<SignsApart>>("sums_signs_apart", "adds positive and negative products apart"),
    kernel<ChannelsInnermost>("sums_channels_innermost", "walks the channels in the innermost loop"),
    kernel<ChannelByChannel>("sums_channel_by_channel", "adds up each channel, then the channels"),
};

}  // namespace

std::span<const convcheck_kernel> orders() {
  return kKernels;
}

}  // namespace convcheck::impls::unusual
