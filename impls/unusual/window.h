// The outputs of a convolution one by one, and the products under each: what the unusual kernels are written in.
#pragma once

#include "impls/unusual/entry.h"

namespace convcheck::impls::unusual {

/// One output element.
struct Place {
  int64_t image;
  int64_t out_channel;
  int64_t row;
  int64_t col;
};

/// Calls `visit(place)` for every output, in logical order.
template <typename Visit>
void for_each_place(const Conv& conv, Visit visit) {
  for (int64_t image = 0; image < conv.batch; ++image) {
    for (int64_t k = 0; k < conv.out_channels(); ++k) {
      for (int64_t row = 0; row < conv.rows.out; ++row) {
        for (int64_t col = 0; col < conv.cols.out; ++col) visit(Place{image, k, row, col});
      }
    }
  }
}

inline float& output_at(const Call& call, const Place& at) {
  const Steps& step = call.conv.output;
  return call.output[at.image * step.outer + at.out_channel * step.channel + at.row * step.row + at.col * step.col];
}

inline float bias_of(const Call& call, int64_t out_channel) {
  return call.bias == nullptr ? 0.0F : call.bias[out_channel * call.conv.bias_step];
}

/// The input channel at which the group of an output channel begins.
inline int64_t first_channel(const Conv& conv, int64_t out_channel) {
  return out_channel / conv.out_per_group * conv.in_per_group;
}

inline float weight_at(const Call& call, int64_t out_channel, int64_t channel, int64_t row, int64_t col) {
  const Steps& step = call.conv.weight;
  return call.weight[out_channel * step.outer + channel * step.channel + row * step.row + col * step.col];
}

/// `channel` is counted from the tensor's first; the position is inside the image.
inline float input_at(const Call& call, int64_t image, int64_t channel, int64_t row, int64_t col) {
  const Steps& step = call.conv.input;
  return call.input[image * step.outer + channel * step.channel + row * step.row + col * step.col];
}

/// Which of a filter's axes is walked in the innermost loop.
enum class Innermost { kColumns, kChannels };

/// Calls `visit(x, w)` for every product under an output, padding left out.
template <Innermost kInnermost = Innermost::kColumns, typename Visit>
void for_each_product(const Call& call, const Place& at, Visit visit) {
  const Conv& conv = call.conv;
  const TapRange rows = valid_taps(conv.rows, at.row);
  const TapRange cols = valid_taps(conv.cols, at.col);
  const int64_t first = first_channel(conv, at.out_channel);
  const auto product = [&](int64_t channel, int64_t row, int64_t col) {
    visit(input_at(call, at.image, first + channel, input_position(conv.rows, at.row, row),
                   input_position(conv.cols, at.col, col)),
          weight_at(call, at.out_channel, channel, row, col));
  };
  if constexpr (kInnermost == Innermost::kChannels) {
    for (int64_t row = rows.begin; row < rows.end; ++row) {
      for (int64_t col = cols.begin; col < cols.end; ++col) {
        for (int64_t channel = 0; channel < conv.in_per_group; ++channel) product(channel, row, col);
      }
    }
  } else {
    for (int64_t channel = 0; channel < conv.in_per_group; ++channel) {
      for (int64_t row = rows.begin; row < rows.end; ++row) {
        for (int64_t col = cols.begin; col < cols.end; ++col) product(channel, row, col);
      }
    }
  }
}

/// The sum under an output, bias first.
inline float plain_sum(const Call& call, const Place& at) {
  float sum = bias_of(call, at.out_channel);
  for_each_product(call, at, [&](float x, float w) { sum += x * w; });
  return sum;
}

/// The factors of the products under one output, side by side.
struct Terms {
  float* x;
  float* w;
  int64_t count;
  float bias;  // 0 where there is none
  Place at;
};

/// Outputs that are each Sum::of(const Terms&), from factors gathered into the workspace.
template <typename Sum>
struct Gathered {
  static int64_t workspace_floats(const Conv& conv) { return capped_count({2, conv.taps()}); }

  static void convolve(const Call& call) {
    for_each_place(call.conv, [&](const Place& at) {
      Terms terms = {.x = call.workspace,
                     .w = call.workspace + call.conv.taps(),
                     .count = 0,
                     .bias = bias_of(call, at.out_channel),
                     .at = at};
      for_each_product(call, at, [&](float x, float w) {
        terms.x[terms.count] = x;
        terms.w[terms.count++] = w;
      });
      output_at(call, at) = Sum::of(terms);
    });
  }
};

}  // namespace convcheck::impls::unusual
