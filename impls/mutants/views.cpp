// Mutants that do not look at the strides of a view. What they read and write instead stays inside of the tensors'
// spans: contiguous memory is never longer than a view of the same shape, unless that is expanded.
#include <cstdint>

#include "impls/mutants/mutant.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

bool is_expanded(const convcheck_tensor_desc& tensor) {
  for (int axis = 0; axis < tensor.rank; ++axis) {
    if (tensor.shape[axis] > 1 && tensor.stride[axis] == 0) return true;
  }
  return false;
}

Steps dense_steps(const convcheck_tensor_desc& tensor) {
  const int64_t row = tensor.shape[3];
  const int64_t channel = row * tensor.shape[2];
  return {.outer = channel * tensor.shape[1], .channel = channel, .row = row, .col = 1};
}

bool is_channels_last(const convcheck_tensor_desc& tensor) {
  return tensor.shape[1] > 1 && tensor.stride[1] == 1 && !is_expanded(tensor);
}

struct InputAsDense : Sound {
  void begin() {
    if (!is_expanded(problem.input)) conv.input = dense_steps(problem.input);
  }
};

// The batch's stride is computed from the shape; the others are believed.
struct BatchStrideOfShape : Sound {
  void begin() {
    if (!is_expanded(problem.input)) conv.input.outer = dense_steps(problem.input).outer;
  }
};

struct WeightAsDense : Sound {
  void begin() {
    if (!is_expanded(problem.weight)) conv.weight = dense_steps(problem.weight);
  }
};

// A stride of zero counts as one; where that leads past the end of what there is, it starts over.
struct ExpandedWeight : Sound {
  float weight_at(int64_t f, int64_t c, int64_t h, int64_t w) const {
    if (problem.weight.shape[0] < 2 || problem.weight.stride[0] != 0) return Sound::weight_at(f, c, h, w);
    const int64_t span = (conv.in_per_group - 1) * conv.weight.channel + (conv.rows.kernel - 1) * conv.weight.row +
                         (conv.cols.kernel - 1) * conv.weight.col + 1;
    return weight[(f + c * conv.weight.channel + h * conv.weight.row + w * conv.weight.col) % span];
  }
};

struct ChannelsLastAsFirst : Sound {
  void begin() {
    if (is_channels_last(problem.input)) conv.input = dense_steps(problem.input);
  }
};

struct ChannelsLastOfTheWeight : Sound {
  void begin() {
    if (is_channels_last(problem.weight) && conv.groups > 1) conv.weight = dense_steps(problem.weight);
  }
};

struct OutputAsDense : Sound {
  void begin() { conv.output = dense_steps(problem.output); }
};

struct OutputRowsAsDense : Sound {
  void begin() {
    if (problem.output.shape[3] > 1 && conv.output.col == 1) conv.output.row = problem.output.shape[3];
  }
};

// Rows that start where a vector would are read well; others are read from one column before, as far as there is one.
struct UnalignedInput : Sound {
  int64_t col(int64_t out, int64_t tap) const {
    const int64_t at = Sound::col(out, tap);
    const bool is_aligned = reinterpret_cast<uintptr_t>(input) % 64 == 0;
    return !is_aligned && at > 0 && conv.in_per_group > 1 ? at - 1 : at;
  }
};

constexpr Mutant kViews[] = {
    mutant<InputAsDense>("the input is read as if it were contiguous",
                         {.name = "input_read_as_contiguous",
                          .bug_class = "strided-input",
                          .modelled_on = "pytorch/pytorch#180984",
                          .killers = "matches_reference_exactly memory_layout_does_not_matter",
                          .theory = "input_strides_ignored"}),
    mutant<BatchStrideOfShape>("the step from image to image is computed from the shape",
                               {.name = "batch_stride_from_the_shape",
                                .bug_class = "strided-input",
                                .modelled_on = "huggingface/candle#3736",
                                .killers = "matches_reference_exactly memory_layout_does_not_matter",
                                .theory = "input_image_stride_ignored"}),
    mutant<WeightAsDense>("the weight is read as if it were contiguous",
                          {.name = "weight_read_as_contiguous",
                           .bug_class = "strided-input",
                           .modelled_on = "pytorch/pytorch#1246",
                           .killers = "matches_reference_exactly memory_layout_does_not_matter",
                           .theory = "weight_strides_ignored"}),
    mutant<ExpandedWeight>("filters that share their memory are read one element apart",
                           {.name = "expanded_weight_stride_of_one",
                            .bug_class = "strided-input",
                            .modelled_on = "pytorch/pytorch#15297",
                            .killers = "matches_reference_exactly memory_layout_does_not_matter"}),
    mutant<ChannelsLastAsFirst>("an input with channels last is read as one with channels first",
                                {.name = "channels_last_read_as_first",
                                 .bug_class = "layout",
                                 .modelled_on = "pytorch/pytorch#77299",
                                 .killers = "matches_reference_exactly memory_layout_does_not_matter",
                                 .theory = "channels_last_read_as_first"}),
    mutant<ChannelsLastOfTheWeight>("with groups a weight with channels last is read as one with channels first",
                                    {.name = "grouped_weight_channels_last_read_as_first",
                                     .bug_class = "layout",
                                     .modelled_on = "sonos/tract#2551",
                                     .killers = "matches_reference_exactly memory_layout_does_not_matter"}),
    mutant<OutputAsDense>("the output is written as if it were contiguous",
                          {.name = "output_written_as_contiguous",
                           .bug_class = "strided-output",
                           .modelled_on = "NervanaSystems/neon#195",
                           .killers = "matches_reference_exactly writes_every_output_element "
                                      "memory_layout_does_not_matter",
                           .theory = "output_strides_ignored"}),
    mutant<OutputRowsAsDense>("rows of the output follow each other without the gap between them",
                              {.name = "output_row_pitch_ignored",
                               .bug_class = "strided-output",
                               .modelled_on = "NVIDIA/cutlass#1323",
                               .killers = "matches_reference_exactly writes_every_output_element "
                                          "memory_layout_does_not_matter"}),
    mutant<UnalignedInput>("an input that does not start on 64 bytes is read a column early",
                           {.name = "unaligned_input_read_early",
                            .bug_class = "alignment",
                            .modelled_on = "pytorch/pytorch#177956",
                            .killers = "matches_reference_exactly"}),
};

}  // namespace

std::span<const Mutant> view_mutants() {
  return kViews;
}

}  // namespace convcheck::impls::mutants
