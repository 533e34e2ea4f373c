// Decoding of the ABI's struct, the common answers, and the plain convolution.
#include "impls/support/conv.h"

#include <algorithm>

#include "impls/support/rules.h"

namespace convcheck::impls {

namespace {

int64_t step_of(const convcheck_tensor_desc& tensor, int axis) {
  return tensor.shape[axis] > 1 ? tensor.stride[axis] : 0;
}

Steps steps_of(const convcheck_tensor_desc& tensor) {
  return {
      .outer = step_of(tensor, 0), .channel = step_of(tensor, 1), .row = step_of(tensor, 2), .col = step_of(tensor, 3)};
}

Axis axis_of(const convcheck_problem& problem, int axis) {
  return {.in = problem.input.shape[axis + 2],
          .out = problem.output.shape[axis + 2],
          .kernel = problem.weight.shape[axis + 2],
          .stride = problem.stride[axis],
          .dilation = problem.dilation[axis],
          .pad = problem.pad_before[axis]};
}

int64_t divide_up(int64_t value, int64_t by) {
  return value / by + (value % by > 0 ? 1 : 0);
}

/// The sum under one output. `input` is the group's first channel of the image, `weight` the output channel's filter.
float window_sum(const Conv& conv, const float* input, const float* weight, TapRange rows, TapRange cols,
                 int64_t out_row, int64_t out_col, float sum) {
  for (int64_t channel = 0; channel < conv.in_per_group; ++channel) {
    for (int64_t row = rows.begin; row < rows.end; ++row) {
      const int64_t in_row = input_position(conv.rows, out_row, row) * conv.input.row;
      for (int64_t col = cols.begin; col < cols.end; ++col) {
        const int64_t in_col = input_position(conv.cols, out_col, col) * conv.input.col;
        sum += input[channel * conv.input.channel + in_row + in_col] *
               weight[channel * conv.weight.channel + row * conv.weight.row + col * conv.weight.col];
      }
    }
  }
  return sum;
}

}  // namespace

TapRange valid_taps(const Axis& axis, int64_t out) {
  const int64_t start = out * axis.stride - axis.pad;
  const int64_t begin = start < 0 ? std::min(divide_up(-start, axis.dilation), axis.kernel) : 0;
  const int64_t end = start < axis.in ? std::min(divide_up(axis.in - start, axis.dilation), axis.kernel) : 0;
  return begin < end ? TapRange{begin, end} : TapRange{0, 0};
}

int32_t admit(const convcheck_problem& problem) {
  const int32_t status = check_rules(problem);
  if (status != CONVCHECK_OK) return status;
  const bool served =
      problem.dtype == CONVCHECK_F32 && problem.direction == CONVCHECK_FORWARD && problem.spatial_rank == 2;
  return served ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

int32_t admit(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  const int32_t status = admit(problem);
  if (status != CONVCHECK_OK) return status;
  return (problem.bias.rank == 1) == (buffers.bias != nullptr) ? CONVCHECK_OK : CONVCHECK_REJECTED;
}

int32_t admit_run(const convcheck_problem& problem, const convcheck_buffers& buffers, size_t workspace_bytes) {
  const int32_t status = admit(problem, buffers);
  if (status != CONVCHECK_OK) return status;
  const bool has_room =
      workspace_bytes == 0 || (buffers.workspace != nullptr && buffers.workspace_bytes >= workspace_bytes);
  return has_room && buffers.plan != nullptr ? CONVCHECK_OK : CONVCHECK_FAILED;
}

Conv decode(const convcheck_problem& problem) {
  return {.batch = problem.input.shape[0],
          .groups = problem.groups,
          .in_per_group = problem.weight.shape[1],
          .out_per_group = problem.weight.shape[0] / problem.groups,
          .rows = axis_of(problem, 0),
          .cols = axis_of(problem, 1),
          .input = steps_of(problem.input),
          .weight = steps_of(problem.weight),
          .output = steps_of(problem.output),
          .bias_step = problem.bias.rank == 1 ? step_of(problem.bias, 0) : 0,
          .has_bias = problem.bias.rank == 1};
}

void convolve_plain(const Conv& conv, const float* input, const float* weight, const float* bias, float* output) {
  for (int64_t image = 0; image < conv.batch; ++image) {
    for (int64_t out_channel = 0; out_channel < conv.out_channels(); ++out_channel) {
      const int64_t first_channel = out_channel / conv.out_per_group * conv.in_per_group;
      const float* filter = weight + out_channel * conv.weight.outer;
      float* plane = output + image * conv.output.outer + out_channel * conv.output.channel;
      const float start = conv.has_bias ? bias[out_channel * conv.bias_step] : 0.0F;
      for (int64_t row = 0; row < conv.rows.out; ++row) {
        const TapRange rows = valid_taps(conv.rows, row);
        for (int64_t col = 0; col < conv.cols.out; ++col) {
          const TapRange cols = valid_taps(conv.cols, col);
          // A window without a valid tap may belong to an input without elements, which has no address.
          const bool empty = rows.begin == rows.end || cols.begin == cols.end;
          const float* source = empty ? nullptr : input + image * conv.input.outer + first_channel * conv.input.channel;
          plane[row * conv.output.row + col * conv.output.col] =
              empty ? start : window_sum(conv, source, filter, rows, cols, row, col, start);
        }
      }
    }
  }
}

}  // namespace convcheck::impls
