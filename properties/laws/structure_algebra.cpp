// Laws about structure: a convolution is linear in its input and in its weight, affine in its bias, and known outright
// where the kernel is an impulse or a single tap.
//
// No kernel's extent, stride or dilation is changed: each run is judged at the accuracy of the case.
#include <algorithm>
#include <cmath>
#include <utility>

#include "properties/laws/laws.h"
#include "properties/laws/sides.h"

namespace convcheck::judges {
namespace {

constexpr uint64_t kStream = 0xA16E;

float largest_of(const Tensor& tensor) {
  float largest = 0;
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    largest = std::max(largest, std::abs(tensor.memory()[static_cast<size_t>(tensor.offset(i))]));
  }
  return largest;
}

// A value a such that x = a + (x - a) holds exactly.
//
// Integers: a and x - a are integers of magnitude at most M, the largest of the tensor, of either sign: a sum over a or
// over x - a has no term above M^2, so both are as exact as the one over x. What is 0 stays 0 twice: where few channels
// are not zero, as few are not zero in the parts.
// Reals: 0, x, -x or x without its lowest twelve bits; the rest x, 0, 2 x or those bits. Each is exact, and the bound
// of each run is that of its own data.
float part_of(float x, float most, Fill fill, Random& random) {
  if (x == 0) return 0;
  if (fill == Fill::integers) {
    const auto magnitude = static_cast<int64_t>(std::abs(x));
    const auto largest = static_cast<int64_t>(most);
    // From |x| - M to M, of the sign of x.
    const auto part =
        magnitude - largest + static_cast<int64_t>(random.below(static_cast<uint64_t>(2 * largest - magnitude + 1)));
    return static_cast<float>(x < 0 ? -part : part);
  }
  switch (random.below(4)) {
    case 0:
      return 0;
    case 1:
      return x;
    case 2:
      return -x;
    default:
      break;
  }
  constexpr float kSplit = 4097;  // by Veltkamp's splitting
  const float scaled = x * kSplit;
  return scaled - (scaled - x);
}

// Splits `whole` into two tensors of its shape that add up to it.
void split(const Tensor& whole, Fill fill, Random random, Tensor& one, Tensor& other) {
  const float most = largest_of(whole);
  for (int64_t i = 0; i < whole.elements(); ++i) {
    const float x = whole.memory()[static_cast<size_t>(whole.offset(i))];
    const float part = part_of(x, most, fill, random);
    one.memory()[static_cast<size_t>(one.offset(i))] = part;
    other.memory()[static_cast<size_t>(other.offset(i))] = x - part;
  }
}

// Both laws of linearity: `tensor` is split, the others are what they are, and each run adds the bias.
Judgement linear_in(Trial& trial, Tensor Data::*tensor, std::string_view what) {
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Data& data = trial.expectation()->data;
  Run one(contiguous(trial.problem()));
  Run other(one.problem);
  for (Run* run : {&one, &other}) {
    copy_block(data.input, 0, 0, run->data.input);
    copy_block(data.weight, 0, 0, run->data.weight);
    copy_bias(data.bias, 0, run->data.bias);
  }
  split(data.*tensor, trial.the_case().fill, Random(trial.the_case().seed, kStream), one.data.*tensor,
        other.data.*tensor);
  one.call(trial);
  if (const auto stop = unless_ok(one.result)) return *stop;
  other.call(trial);
  if (const auto stop = unless_ok(other.result)) return *stop;
  return compare(Side(trial), {Side(trial, one), Side(trial, other)}, what, same_place);
}

struct Tap {
  int64_t c, kh, kw;
};

// A filter's only tap.
Tap draw_tap(const Geometry& g, Random& random) {
  const auto below = [&](int64_t count) { return static_cast<int64_t>(random.below(static_cast<uint64_t>(count))); };
  return {below(g.in_channels_per_group), below(g.height.kernel), below(g.width.kernel)};
}

int64_t input_index(const Axis& axis, int64_t out, int64_t tap) {
  return out * axis.stride + tap * axis.dilation - axis.pad_before;
}

// The input that a tap meets, 0 where it falls on padding.
double input_at(const Geometry& g, const View<const float>& x, const Place& at, const Tap& tap) {
  const int64_t ih = input_index(g.height, at.h, tap.kh);
  const int64_t iw = input_index(g.width, at.w, tap.kw);
  if (ih < 0 || ih >= g.height.in || iw < 0 || iw >= g.width.in) return 0;
  return x(at.n, at.k / g.out_channels_per_group * g.in_channels_per_group + tap.c, ih, iw);
}

}  // namespace

Judgement linear_in_the_input(Trial& trial) {
  return linear_in(trial, &Data::input, "the sum of those of two inputs that add up to its own");
}

Judgement linear_in_the_weight(Trial& trial) {
  return linear_in(trial, &Data::weight, "the sum of those of two weights that add up to its own");
}

// Weights of 1 and 0 are within every range of integers, and each sum has one product that is not zero.
Judgement identity_kernel_copies(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  const Data& data = trial.expectation()->data;
  Run copy(contiguous(trial.problem()));
  copy_block(data.input, 0, 0, copy.data.input);
  copy_bias(data.bias, 0, copy.data.bias);
  std::fill(copy.data.weight.memory().begin(), copy.data.weight.memory().end(), 0.0F);
  Random random(trial.the_case().seed, kStream);
  std::vector<Tap> taps;
  for (int64_t k = 0; k < g.out_channels(); ++k) {
    taps.push_back(draw_tap(g, random));
    copy.data.weight.view()(k, taps.back().c, taps.back().kh, taps.back().kw) = 1;
  }
  copy.call(trial);
  if (const auto stop = unless_ok(copy.result)) return *stop;
  const Side own(trial, copy);
  const View<const float> x = std::as_const(copy.data.input).view();
  return compare_with_known(
      own, "the input itself, which filters of a single 1 copy to the output, shifted by that tap and with the bias",
      [&](const Place& at) { return input_at(g, x, at, taps[static_cast<size_t>(at.k)]) + own.bias(at.k); });
}

// The sum in double is off from the exact one by no more than the reference's would be, which the bound includes.
Judgement pointwise_is_a_matrix_product(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  if (g.height.kernel != 1 || g.width.kernel != 1) return Judgement::not_applicable("the kernel is not 1x1");
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Data& data = trial.expectation()->data;
  const View<const float> x = data.input.view();
  const View<const float> w = data.weight.view();
  const Side own(trial);
  return compare_with_known(own, "the product of the filters and the pixels as matrices", [&](const Place& at) {
    double sum = own.bias(at.k);
    for (int64_t c = 0; c < g.in_channels_per_group; ++c) {
      sum += static_cast<double>(w(at.k, c, 0, 0)) * input_at(g, x, at, {c, 0, 0});
    }
    return sum;
  });
}

Judgement bias_adds(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  if (!g.has_bias) return Judgement::not_applicable("the problem has no bias");
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Data& data = trial.expectation()->data;
  Problem without_bias = contiguous(trial.problem());
  without_bias.bias = {};
  Run plain(without_bias);
  copy_block(data.input, 0, 0, plain.data.input);
  copy_block(data.weight, 0, 0, plain.data.weight);
  plain.call(trial);
  if (const auto stop = unless_ok(plain.result)) return *stop;
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t k = 0; k < g.out_channels(); ++k) add_to_plane(plain.output, n, k, data.bias.view()(k));
  }
  return compare_runs(trial, "that without a bias plus the bias", plain.output);
}

}  // namespace convcheck::judges
