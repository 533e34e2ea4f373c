// Laws about structure: two ways to say the same convolution give the same. They need no reference, so they judge the
// reference itself as well. Here those about groups and channels.
//
// None changes the extents of the kernel, its stride or its dilation, so each run is judged at the accuracy of the
// case; none adds a product that is not zero to a sum, nor an input channel that is not zero to a group, so the case's
// integers serve all runs.
#include <utility>

#include "properties/laws/laws.h"
#include "properties/laws/sides.h"

namespace convcheck::judges {
namespace {

constexpr std::string_view kOneGroup = "the problem has one group";
constexpr uint64_t kStream = 0xC4A2;

// Channels whose blocks of `size`, one a group, are taken from other groups.
std::vector<int64_t> blocks_of(std::span<const int64_t> groups, int64_t size) {
  std::vector<int64_t> channels;
  for (const int64_t group : groups) {
    for (int64_t i = 0; i < size; ++i) channels.push_back(group * size + i);
  }
  return channels;
}

// The same permutation within each of so many blocks.
std::vector<int64_t> within_blocks(std::span<const int64_t> permuted, int64_t blocks) {
  std::vector<int64_t> channels;
  for (int64_t block = 0; block < blocks; ++block) {
    for (const int64_t i : permuted) channels.push_back(block * static_cast<int64_t>(permuted.size()) + i);
  }
  return channels;
}

Counterpart with_channel(std::vector<int64_t> channels) {
  return [channels = std::move(channels)](Place at) {
    at.k = channels[static_cast<size_t>(at.k)];
    return std::optional(at);
  };
}

}  // namespace

Judgement groups_are_independent(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  if (g.groups == 1) return Judgement::not_applicable(kOneGroup);
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Data& data = trial.expectation()->data;
  const Problem whole = contiguous(trial.problem());
  Run part(with_channels(whole, g.batch, g.in_channels_per_group, g.out_channels_per_group, 1));
  Tensor stacked(whole, TensorRole::output);
  for (int64_t group = 0; group < g.groups; ++group) {
    copy_block(data.input, 0, group * g.in_channels_per_group, part.data.input);
    copy_block(data.weight, group * g.out_channels_per_group, 0, part.data.weight);
    copy_bias(data.bias, group * g.out_channels_per_group, part.data.bias);
    part.call(trial);
    if (const auto stop = unless_ok(part.result)) return *stop;
    place_block(part.output, 0, group * g.out_channels_per_group, stacked);
  }
  return compare_runs(trial, "that of its groups convolved apart and stacked", stacked);
}

// The added products are exact zeros, in a sum as in Winograd's transformed domain (the transform of a zero weight is
// zero), and adding them rounds nothing.
Judgement equals_block_diagonal_dense(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  if (g.groups == 1) return Judgement::not_applicable(kOneGroup);
  const Problem problem = with_channels(contiguous(trial.problem()), g.batch, g.in_channels(), g.out_channels(), 1);
  if (const std::string_view why_not = why_too_large(problem); !why_not.empty())
    return Judgement::not_applicable(why_not);
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Data& data = trial.expectation()->data;
  Run dense(problem);
  copy_block(data.input, 0, 0, dense.data.input);
  copy_bias(data.bias, 0, dense.data.bias);
  const View<const float> from = data.weight.view();
  const View<float> to = dense.data.weight.view();
  for (int64_t k = 0; k < g.out_channels(); ++k) {
    const int64_t first = k / g.out_channels_per_group * g.in_channels_per_group;
    for (int64_t c = 0; c < g.in_channels(); ++c) {
      const bool inside = c >= first && c < first + g.in_channels_per_group;
      for (int64_t kh = 0; kh < g.height.kernel; ++kh) {
        for (int64_t kw = 0; kw < g.width.kernel; ++kw) to(k, c, kh, kw) = inside ? from(k, c - first, kh, kw) : 0.0F;
      }
    }
  }
  dense.call(trial);
  if (const auto stop = unless_ok(dense.result)) return *stop;
  return compare_runs(trial, "that of the dense convolution with a block-diagonal weight", dense.output);
}

// The grouped side is a run of its own here: the case's weight does not tie its groups.
Judgement tied_groups_equal_channel_fold(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  if (g.groups == 1) return Judgement::not_applicable(kOneGroup);
  const Data& data = trial.expectation()->data;
  Problem whole = contiguous(trial.problem());
  whole.layout = Layout::nchw;  // channels are folded where they lie in front of the image
  Case tied_case = trial.the_case();
  tied_case.problem = whole;
  Expectation tied;
  tied.g = g;
  tied.accuracy = trial.accuracy();
  tied.data.reshape(whole);
  Run fold(with_channels(whole, g.batch * g.groups, g.in_channels_per_group, g.out_channels_per_group, 1));
  copy_block(data.input, 0, 0, tied.data.input);
  copy_block(data.weight, 0, 0, fold.data.weight);
  copy_bias(data.bias, 0, fold.data.bias);
  for (int64_t group = 0; group < g.groups; ++group) {
    place_block(fold.data.weight, group * g.out_channels_per_group, 0, tied.data.weight);
    for (int64_t k = 0; g.has_bias && k < g.out_channels_per_group; ++k) {
      tied.data.bias.view()(group * g.out_channels_per_group + k) = fold.data.bias.view()(k);
    }
  }
  // (N, G*C', H, W) and (N*G, C', H, W) are the same memory; so are the outputs.
  fold.data.input.memory() = tied.data.input.memory();
  fold.call(trial);
  if (const auto stop = unless_ok(fold.result)) return *stop;
  Tensor unfolded(whole, TensorRole::output);
  unfolded.memory() = fold.output.memory();
  // Integers are compared for equality, without bounds.
  if (tied_case.fill != Fill::integers) convolve(g, tied.data, tied.sums);
  Trial tied_trial(trial.subject(), tied_case, trial.inner_scratch(), &tied);
  if (const auto stop = unless_ok(tied_trial.result())) return *stop;
  return compare_runs(tied_trial, "that of the groups folded into the batch under the same kernels", unfolded);
}

Judgement permuting_groups_permutes_outputs(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  if (g.groups == 1) return Judgement::not_applicable(kOneGroup);
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Data& data = trial.expectation()->data;
  const std::vector<int64_t> from = permutation(g.groups, Random(trial.the_case().seed, kStream));
  const std::vector<int64_t> filters = blocks_of(from, g.out_channels_per_group);
  Run permuted(contiguous(trial.problem()));
  gather(data.input, 1, blocks_of(from, g.in_channels_per_group), permuted.data.input);
  gather(data.weight, 0, filters, permuted.data.weight);
  if (g.has_bias) gather(data.bias, 0, filters, permuted.data.bias);
  permuted.call(trial);
  if (const auto stop = unless_ok(permuted.result)) return *stop;
  return compare(Side(trial), {Side(trial, permuted)}, "that of the groups in another order, put back",
                 with_channel(inverse(filters)));
}

Judgement permuting_filters_permutes_outputs(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  if (g.out_channels_per_group == 1) return Judgement::not_applicable("each group has one output channel");
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Data& data = trial.expectation()->data;
  const std::vector<int64_t> filters =
      within_blocks(permutation(g.out_channels_per_group, Random(trial.the_case().seed, kStream)), g.groups);
  Run permuted(contiguous(trial.problem()));
  copy_block(data.input, 0, 0, permuted.data.input);
  gather(data.weight, 0, filters, permuted.data.weight);
  if (g.has_bias) gather(data.bias, 0, filters, permuted.data.bias);
  permuted.call(trial);
  if (const auto stop = unless_ok(permuted.result)) return *stop;
  return compare(Side(trial), {Side(trial, permuted)}, "that of each group's filters in another order, put back",
                 with_channel(inverse(filters)));
}

Judgement permuting_input_channels_changes_nothing(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  if (g.in_channels_per_group == 1) return Judgement::not_applicable("each group has one input channel");
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Data& data = trial.expectation()->data;
  const std::vector<int64_t> from = permutation(g.in_channels_per_group, Random(trial.the_case().seed, kStream));
  Run permuted(contiguous(trial.problem()));
  gather(data.input, 1, within_blocks(from, g.groups), permuted.data.input);
  gather(data.weight, 1, from, permuted.data.weight);
  copy_bias(data.bias, 0, permuted.data.bias);
  permuted.call(trial);
  if (const auto stop = unless_ok(permuted.result)) return *stop;
  return compare(Side(trial), {Side(trial, permuted)}, "that of the input channels in another order with their weights",
                 same_place);
}

}  // namespace convcheck::judges
