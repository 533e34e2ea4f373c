// Mutants that leave outputs as they were, or use what was there before.
#include "impls/mutants/mutant.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

struct LastColumn : Sound {
  bool writes(Spot at) const { return conv.cols.out == 1 || at.col < conv.cols.out - 1; }
};

struct GroupTail : Sound {
  bool writes(Spot /*at*/) const {
    return conv.groups == 1 || conv.out_per_group == 1 || lane() < conv.out_per_group - 1;
  }
};

struct AllButTheFirstFilter : Sound {
  bool writes(Spot /*at*/) const { return conv.in_per_group > 1 || conv.groups == 1 || lane() == 0; }
};

struct DilatedDepthwise : Sound {
  bool writes(Spot /*at*/) const {
    const bool is_depthwise = conv.in_per_group == 1 && conv.groups > 1;
    return !is_depthwise || conv.rows.dilation == 1 || conv.cols.dilation == 1;
  }
};

struct WindowsInPadding : Sound {
  bool writes(Spot at) const {
    const TapRange rows = valid_taps(conv.rows, at.row);
    const TapRange cols = valid_taps(conv.cols, at.col);
    return rows.begin != rows.end && cols.begin != cols.end;
  }
};

// The output is believed to be zero already.
struct ZerosUnwritten : Sound {
  float finish(float sum, Spot at) const { return sum == 0 && !conv.has_bias ? output[place(at)] : sum; }
};

struct AddsToOutput : Sound {
  float finish(float sum, Spot at) const { return sum + output[place(at)]; }
};

// Partial tiles of four columns are blended with what was there, times zero.
struct TailTimesZero : Sound {
  float finish(float sum, Spot at) const {
    const bool is_partial = at.col >= conv.cols.out / 4 * 4;
    return is_partial ? sum + 0.0F * output[place(at)] : sum;
  }
};

// Sums are kept in a workspace, which holds anything at entry.
struct WorkspaceNotCleared : Sound {
  static int64_t workspace_floats(const convcheck_problem& p) {
    return p.output.shape[1] * p.output.shape[2] * p.output.shape[3];
  }
  float finish(float sum, Spot at) const {
    float& kept = workspace[(k * conv.rows.out + at.row) * conv.cols.out + at.col];
    const bool is_not_cleared = image == conv.batch - 1 && at.row == conv.rows.out - 1;
    kept = is_not_cleared ? kept + sum : sum;
    return kept;
  }
};

constexpr Mutant kWrites[] = {
    mutant<LastColumn>("the last column of several is not written",
                       {.name = "last_column_unwritten",
                        .bug_class = "output-not-written",
                        .modelled_on = "ROCm/MIOpen#3378",
                        .killers = "writes_every_output_element matches_reference_exactly",
                        .theory = "last_column_of_several_unwritten"}),
    mutant<GroupTail>("the last filter of a group of several is not written where there are several groups",
                      {.name = "last_filter_of_a_group_unwritten",
                       .bug_class = "output-not-written",
                       .modelled_on = "Tencent/ncnn#329",
                       .killers = "writes_every_output_element matches_reference_exactly",
                       .theory = "last_of_group_unwritten"}),
    mutant<AllButTheFirstFilter>("a depthwise kernel writes the first filter of each channel alone",
                                 {.name = "depth_multiplier_unwritten",
                                  .bug_class = "depth-multiplier",
                                  .modelled_on = "pytorch/pytorch#55794",
                                  .killers = "writes_every_output_element matches_reference_exactly",
                                  .theory = "one_output_per_group_written_when_depthwise"}),
    mutant<DilatedDepthwise>("a depthwise problem dilated on both axes is not written at all",
                             {.name = "dilated_depthwise_unwritten",
                              .bug_class = "output-not-written",
                              .modelled_on = "Tencent/ncnn#315",
                              .killers = "writes_every_output_element matches_reference_exactly"}),
    mutant<WindowsInPadding>("outputs whose window lies in padding are not written",
                             {.name = "windows_in_padding_unwritten",
                              .bug_class = "stride-gt-kernel",
                              .modelled_on = "ROCm/composable_kernel#132",
                              .killers = "writes_every_output_element matches_reference_exactly",
                              .theory = "windows_in_padding_unwritten"}),
    mutant<ZerosUnwritten>("outputs that are zero are not written where there is no bias",
                           {.name = "zeros_unwritten",
                            .bug_class = "output-not-written",
                            .modelled_on = "ROCm/MIOpen#3378",
                            .killers = "writes_every_output_element matches_reference_exactly"}),
    mutant<AddsToOutput>("results are added to what the output holds",
                         {.name = "output_added_to",
                          .bug_class = "output-not-written",
                          .modelled_on = "ROCm/composable_kernel#132",
                          .killers = "matches_reference_exactly writes_every_output_element",
                          .theory = "added_to_output"}),
    mutant<TailTimesZero>("columns behind tiles of four add what the output held, times zero",
                          {.name = "partial_tile_adds_zero_times_the_output",
                           .bug_class = "output-not-written",
                           .modelled_on = "robertknight/rten#81",
                           .killers = "matches_reference_exactly"}),
    mutant<WorkspaceNotCleared>("the bottom row of the last image is added to a workspace that is not cleared",
                                {.name = "workspace_not_cleared_for_the_last_image",
                                 .bug_class = "uninitialized-memory",
                                 .modelled_on = "chelsea0x3b/dfdx#677",
                                 .killers = "matches_reference_exactly batch_is_independent"}),
};

}  // namespace

std::span<const Mutant> write_mutants() {
  return kWrites;
}

}  // namespace convcheck::impls::mutants
