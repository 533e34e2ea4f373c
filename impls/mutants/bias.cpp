// Mutants that add another bias than is asked for.
#include "impls/mutants/mutant.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

struct BiasByGroup : Sound {
  float start(Spot /*at*/) const { return bias_of(k % conv.groups); }
};

struct BiasOfGroup : Sound {
  float start(Spot /*at*/) const { return bias_of(group()); }
};

struct BiasSkipped : Sound {
  static float start(Spot /*at*/) { return 0; }
};

struct BiasMissingInTail : Sound {
  float start(Spot at) const {
    const bool is_tail = conv.cols.out % 4 != 0 && at.col >= conv.cols.out / 4 * 4;
    return is_tail ? 0.0F : bias_of(k);
  }
};

struct BiasMissingInFilterTail : Sound {
  float start(Spot /*at*/) const { return k >= conv.out_channels() / 8 * 8 && k >= 8 ? 0.0F : bias_of(k); }
};

struct BiasForEachImage : Sound {
  float start(Spot /*at*/) const { return image > 0 ? 2 * bias_of(k) : bias_of(k); }
};

struct BiasForEachBlock : Sound {
  float start(Spot /*at*/) const {
    const int64_t blocks = (conv.in_per_group + 15) / 16;
    return bias_of(k) * static_cast<float>(blocks);
  }
};

struct BiasOfWeight : Sound {
  float start(Spot at) const { return conv.has_bias ? Sound::start(at) : weight[0]; }
};

struct BiasRoundedToFour : Sound {
  float start(Spot /*at*/) const { return bias_of(conv.groups > 1 ? k / 4 * 4 : k); }
};

constexpr Mutant kBias[] = {
    mutant<BiasByGroup>("output channel k gets the bias of k % groups",
                        {.name = "bias_by_k_modulo_groups",
                         .bug_class = "bias-wrong",
                         .modelled_on = "iree-org/iree#20536",
                         .killers = "matches_reference_exactly bias_adds groups_are_independent",
                         .theory = "bias_by_remainder_of_groups"}),
    mutant<BiasOfGroup>("all filters of a group get the bias with the group's number",
                        {.name = "one_bias_for_each_group",
                         .bug_class = "bias-wrong",
                         .modelled_on = "iree-org/iree#20536",
                         .killers = "matches_reference_exactly bias_adds",
                         .theory = "bias_per_group"}),
    mutant<BiasSkipped>("no bias is added", {.name = "bias_skipped",
                                             .bug_class = "bias-missing",
                                             .modelled_on = "Tencent/ncnn#1010",
                                             .killers = "matches_reference_exactly bias_adds computes_extremes_exactly",
                                             .theory = "bias_ignored"}),
    mutant<BiasMissingInTail>("columns behind vectors of four get no bias",
                              {.name = "bias_missing_in_the_column_tail",
                               .bug_class = "bias-missing",
                               .modelled_on = "DeepLink-org/DIOPI#268",
                               .killers = "matches_reference_exactly bias_adds"}),
    mutant<BiasMissingInFilterTail>("filters behind blocks of eight get no bias",
                                    {.name = "bias_missing_in_the_filter_tail",
                                     .bug_class = "bias-missing",
                                     .modelled_on = "microsoft/onnxruntime#29464",
                                     .killers = "matches_reference_exactly bias_adds"}),
    mutant<BiasForEachImage>("images behind the first get the bias twice",
                             {.name = "bias_doubled_after_the_first_image",
                              .bug_class = "batch-accumulation",
                              .modelled_on = "LBANN/lbann#1022",
                              .killers = "matches_reference_exactly bias_adds batch_is_independent",
                              .theory = "bias_doubled_after_first_image"}),
    mutant<BiasForEachBlock>("the bias is added once for each block of sixteen input channels",
                             {.name = "bias_for_each_block_of_channels",
                              .bug_class = "bias-wrong",
                              .modelled_on = "pytorch/executorch#20655",
                              .killers = "matches_reference_exactly bias_adds"}),
    mutant<BiasOfWeight>("without a bias the first weight is taken for one",
                         {.name = "missing_bias_read_from_the_weight",
                          .bug_class = "bias-missing",
                          .modelled_on = "tiny-dnn/tiny-dnn#985",
                          .killers = "matches_reference_exactly linear_in_the_input"}),
    mutant<BiasRoundedToFour>("with groups four filters share the bias of the first",
                              {.name = "grouped_bias_shared_by_four",
                               .bug_class = "bias-wrong",
                               .modelled_on = "Tencent/ncnn#1234",
                               .killers = "matches_reference_exactly bias_adds groups_are_independent"}),
};

}  // namespace

std::span<const Mutant> bias_mutants() {
  return kBias;
}

}  // namespace convcheck::impls::mutants
