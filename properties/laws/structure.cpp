// Laws about structure: two ways to say the same convolution give the same. They need no reference, so they judge the
// reference itself as well.
#include "properties/laws/laws.h"
#include "properties/laws/runs.h"

namespace convcheck::judges {
namespace {

constexpr std::string_view kOneGroup = "the problem has one group";

Problem with_channels(Problem problem, int64_t batch, int64_t in_channels, int64_t out_channels, int64_t groups) {
  problem.input[0] = batch;
  problem.input[1] = in_channels;
  problem.weight[0] = out_channels;
  problem.weight[1] = in_channels / groups;
  problem.groups = groups;
  if (problem.has_bias()) problem.bias[0] = out_channels;
  return problem;
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

Judgement equals_block_diagonal_dense(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  if (g.groups == 1) return Judgement::not_applicable(kOneGroup);
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Data& data = trial.expectation()->data;
  Run dense(with_channels(contiguous(trial.problem()), g.batch, g.in_channels(), g.out_channels(), 1));
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
  const Problem whole = contiguous(trial.problem());
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
  Scratch scratch;
  Trial tied_trial(trial.subject(), tied_case, scratch, &tied);
  if (const auto stop = unless_ok(tied_trial.result())) return *stop;
  return compare_runs(tied_trial, "that of the groups folded into the batch under the same kernels", unfolded);
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

Judgement batch_is_independent(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  if (g.batch < 2) return Judgement::not_applicable("the batch has fewer than two images");
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

}  // namespace convcheck::judges
