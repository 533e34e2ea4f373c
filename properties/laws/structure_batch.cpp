// Laws about structure: images. A batch is its images, each by itself.
#include <algorithm>
#include <bit>

#include "properties/laws/laws.h"
#include "properties/laws/placed.h"
#include "properties/laws/sides.h"

namespace convcheck::judges {
namespace {

constexpr std::string_view kFewImages = "the batch has fewer than two images";
constexpr uint64_t kStream = 0xBA7C;

// One of the images whose input and output lie a multiple of 64 bytes behind those of the first.
int64_t choose_image(int64_t batch, int64_t inputs, int64_t outputs, Random random) {
  constexpr int64_t kElements = 64 / sizeof(float);
  std::vector<int64_t> aligned;
  for (int64_t image = 0; image < batch; ++image) {
    if (image * inputs % kElements == 0 && image * outputs % kElements == 0) aligned.push_back(image);
  }
  return aligned[random.below(aligned.size())];
}

}  // namespace

Judgement batch_is_independent(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  if (g.batch < 2) return Judgement::not_applicable(kFewImages);
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Data& data = trial.expectation()->data;
  const Problem whole = contiguous(trial.problem());
  Run single(with_channels(whole, 1, g.in_channels(), g.out_channels(), g.groups));
  copy_block(data.weight, 0, 0, single.data.weight);
  copy_bias(data.bias, 0, single.data.bias);
  Tensor stacked(whole, TensorRole::output);
  for (int64_t image = 0; image < g.batch; ++image) {
    copy_block(data.input, image, 0, single.data.input);
    single.call(trial);
    if (const auto stop = unless_ok(single.result)) return *stop;
    place_block(single.output, image, 0, stacked);
  }
  return compare_runs(trial, "that of each image alone", stacked);
}

Judgement permuting_images_permutes_outputs(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  if (g.batch < 2) return Judgement::not_applicable(kFewImages);
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Data& data = trial.expectation()->data;
  const std::vector<int64_t> from = permutation(g.batch, Random(trial.the_case().seed, kStream));
  const std::vector<int64_t> to = inverse(from);
  Run permuted(contiguous(trial.problem()));
  gather(data.input, 0, from, permuted.data.input);
  copy_block(data.weight, 0, 0, permuted.data.weight);
  copy_bias(data.bias, 0, permuted.data.bias);
  permuted.call(trial);
  if (const auto stop = unless_ok(permuted.result)) return *stop;
  return compare(Side(trial), {Side(trial, permuted)}, "that of the images in another order, put back", [&](Place at) {
    at.n = to[static_cast<size_t>(at.n)];
    return std::optional(at);
  });
}

// The promise says nothing of addresses, and yet a kernel may choose its order of summation by the alignment of a
// tensor or of an image in it. So the image is one that lies, in the batch, a multiple of 64 bytes behind the first
// one, in the input and in the output alike, and all tensors have addresses equal modulo 64 bytes on both sides: the
// batch is all that differs. The first image is such a one always. Where the case has one image the batch is made: the
// others hold the image's values in reverse.
Judgement images_keep_their_bits_in_any_batch(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  if (g.batch == 0) return Judgement::not_applicable("the batch is empty");
  Run own(contiguous(trial.problem()));
  const bool is_own_call = own.problem == trial.problem();
  if (!is_own_call) {
    copy_block(trial.expectation()->data.input, 0, 0, own.data.input);
    copy_block(trial.expectation()->data.weight, 0, 0, own.data.weight);
    copy_bias(trial.expectation()->data.bias, 0, own.data.bias);
    own.call(trial);
  }
  if (const auto stop = unless_ok(is_own_call ? trial.result() : own.result)) return *stop;
  const CallMemory& at = is_own_call ? trial.result().at : own.result.at;
  const Data& data = is_own_call ? trial.expectation()->data : own.data;
  const Tensor& output = is_own_call ? trial.output() : own.output;

  constexpr int64_t kMadeBatch = 3;
  const int64_t inputs = data.input.elements() / g.batch;
  const int64_t outputs = output.elements() / g.batch;
  const int64_t batch = g.batch == 1 ? kMadeBatch : g.batch;
  const int64_t other_batch = g.batch == 1 ? kMadeBatch : 1;
  const int64_t chosen = choose_image(batch, inputs, outputs, Random(trial.the_case().seed, kStream));
  const int64_t own_image = g.batch == 1 ? 0 : chosen;
  const int64_t other_image = g.batch == 1 ? chosen : 0;
  const Problem problem = with_channels(own.problem, other_batch, g.in_channels(), g.out_channels(), g.groups);
  if (const std::string_view why_not = why_too_large(problem); !why_not.empty())
    return Judgement::not_applicable(why_not);

  const float* const image = data.input.memory().data() + own_image * inputs;
  const float* const result = output.memory().data() + own_image * outputs;
  Placed input(other_batch * inputs, residue_of(at.input));
  Placed weight(data.weight.elements(), residue_of(at.weight));
  Placed bias(data.bias.elements(), residue_of(at.bias));
  Placed other(other_batch * outputs, residue_of(at.output));
  std::copy(data.weight.memory().begin(), data.weight.memory().end(), weight.data());
  std::copy(data.bias.memory().begin(), data.bias.memory().end(), bias.data());
  for (int64_t n = 0; n < other_batch; ++n) {
    std::copy_n(image, inputs, input.data() + n * inputs);
    if (n != other_image) std::reverse(input.data() + n * inputs, input.data() + (n + 1) * inputs);
  }
  std::fill_n(other.data(), other_batch * outputs, std::bit_cast<float>(kPoison));
  const CallResult answer = call(trial.subject(), problem,
                                 {.input = input.data(),
                                  .weight = weight.data(),
                                  .bias = g.has_bias ? bias.data() : nullptr,
                                  .output = other.data()},
                                 trial.scratch().workspace);
  if (const auto stop = unless_ok(answer)) return *stop;
  // Memory is in the order of the layout, in which an image is one block on both sides.
  const float* const there = other.data() + other_image * outputs;
  const auto place = [&](int64_t i) { return output.offset(own_image * outputs + i) - own_image * outputs; };
  return compare_bits(
      g,
      g.batch == 1 ? "that of the same image in a batch of three, in its bits" : "that of the image alone, in its bits",
      outputs, [&](int64_t i) { return result[place(i)]; }, [&](int64_t i) { return there[place(i)]; },
      [&](int64_t i) { return own_image * outputs + i; });
}

}  // namespace convcheck::judges
