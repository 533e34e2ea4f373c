// Mutants whose results depend on other images or on earlier calls. What they remember belongs to the thread, so that
// calls on several threads do not meet.
#include <algorithm>
#include <cstring>
#include <vector>

#include "impls/mutants/mutant.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

struct CarriedOver : Sound {
  float finish(float sum, Spot at) const { return image > 0 ? sum + output[place(at) - conv.output.outer] : sum; }
};

// A weight as it was packed when its address was first seen; packed anew for another address or another size.
struct WeightByAddress : Sound {
  struct Packed {
    const float* address = nullptr;
    std::vector<float> taps;
  };
  static Packed& packed() {
    thread_local Packed cache;
    return cache;
  }
  static constexpr int64_t kMostTaps = 1 << 20;

  void begin() {
    const auto taps = static_cast<size_t>(conv.weights());
    Packed& cache = packed();
    if (conv.weights() > kMostTaps || (cache.address == weight && cache.taps.size() == taps)) return;
    cache.address = weight;
    cache.taps.clear();
    for (k = 0; k < conv.out_channels(); ++k) {
      for (int64_t c = 0; c < conv.in_per_group; ++c) {
        for (int64_t h = 0; h < conv.rows.kernel; ++h) {
          for (int64_t w = 0; w < conv.cols.kernel; ++w) cache.taps.push_back(Sound::weight_at(k, c, h, w));
        }
      }
    }
  }
  float weight_at(int64_t f, int64_t c, int64_t h, int64_t w) const {
    if (conv.weights() > kMostTaps) return Sound::weight_at(f, c, h, w);
    const int64_t at = ((f * conv.in_per_group + c) * conv.rows.kernel + h) * conv.cols.kernel + w;
    return packed().taps[static_cast<size_t>(at)];
  }
};

// What was compiled for this kernel and stride is used again, whatever the dilation is now.
struct DilationByKernel : Sound {
  void begin() {
    thread_local Axis known[2] = {};
    Axis* const axes[2] = {&conv.rows, &conv.cols};
    const bool is_known = std::equal(known, known + 2, axes, [](const Axis& a, const Axis* b) {
      return a.kernel == b->kernel && a.stride == b->stride;
    });
    for (int i = 0; i < 2; ++i) {
      if (is_known) axes[i]->dilation = known[i].dilation;
      known[i] = *axes[i];
    }
  }
};

// Strides of the input that were seen with the same shapes before; only dense ones, which any view has room for.
struct StridesByShape : Sound {
  void begin() {
    struct Known {
      int64_t shape[4] = {};
      bool is_dense = false;
    };
    thread_local Known known;
    const int64_t* shape = problem.input.shape;
    const bool is_expanded = std::count(problem.input.stride, problem.input.stride + 4, 0) > 0;
    if (std::equal(shape, shape + 4, known.shape) && known.is_dense && !is_expanded) {
      conv.input = {.outer = shape[1] * shape[2] * shape[3], .channel = shape[2] * shape[3], .row = shape[3], .col = 1};
    }
    std::copy(shape, shape + 4, known.shape);
    known.is_dense = problem.input.stride[3] == 1 && problem.input.stride[2] == shape[3] &&
                     problem.input.stride[1] == shape[2] * shape[3];
  }
};

// The first sums of a call start from what the largest call so far has left in the accumulators.
struct LeftFromLargerCall : Sound {
  struct Left {
    int64_t outputs = 0;
    float sum = 0;
  };
  static Left& left() {
    thread_local Left last;
    return last;
  }
  int64_t outputs() const { return conv.out_channels() * conv.rows.out * conv.cols.out; }
  float finish(float sum, Spot at) const {
    const bool is_first = image == 0 && k == 0 && at.row == 0 && at.col == 0;
    return is_first && left().outputs > outputs() ? sum + left().sum : sum;
  }
  int32_t answer() const {
    left() = {.outputs = outputs(), .sum = 1};
    return CONVCHECK_OK;
  }
};

struct EveryFiftiethCall : Sound {
  bool is_due = false;
  void begin() {
    thread_local int64_t calls = 0;
    is_due = ++calls % 50 == 0;
  }
  float finish(float sum, Spot at) const {
    return is_due && image == conv.batch - 1 && at.row == conv.rows.out - 1 ? 0.0F : sum;
  }
};

// The order of summation, and with it the last bits, is another one in every third call.
struct OrderByCall : Sound {
  bool is_reversed = false;
  void begin() {
    thread_local int64_t calls = 0;
    is_reversed = ++calls % 3 == 0;
  }
  int64_t turn(int64_t i) const { return is_reversed ? conv.in_per_group - 1 - i : i; }
};

// A batch takes another order of summation than a single image.
struct OrderByBatch : Sound {
  int64_t turn(int64_t i) const { return conv.batch > 1 ? conv.in_per_group - 1 - i : i; }
};

struct OrderByImage : Sound {
  int64_t turn(int64_t i) const { return image % 4 == 3 ? conv.in_per_group - 1 - i : i; }
};

constexpr Mutant kState[] = {
    mutant<CarriedOver>("an image is added to what the image before it gave",
                        {.name = "image_carried_over",
                         .bug_class = "batch-accumulation",
                         .modelled_on = "LBANN/lbann#1022",
                         .killers = "matches_reference_exactly batch_is_independent",
                         .theory = "images_accumulate"}),
    mutant<WeightByAddress>("a weight at a known address is not looked at again",
                            {.name = "packed_weight_kept_by_address",
                             .bug_class = "stale-cache",
                             .modelled_on = "pytorch/pytorch#112998",
                             .killers = "matches_reference_exactly"}),
    mutant<DilationByKernel>("the dilation of an earlier call with the same kernel and stride is used",
                             {.name = "dilation_kept_by_kernel_and_stride",
                              .bug_class = "stale-cache",
                              .modelled_on = "pytorch/xla#1017",
                              .killers = "matches_reference_exactly"}),
    mutant<StridesByShape>("the input strides of an earlier call with the same shape are used",
                           {.name = "strides_kept_by_shape",
                            .bug_class = "stale-cache",
                            .modelled_on = "tensorflow/tensorflow#61934",
                            .killers = "memory_layout_does_not_matter"}),
    mutant<LeftFromLargerCall>("the first output starts from what a larger call before has left",
                               {.name = "sum_left_by_a_larger_call",
                                .bug_class = "stale-cache",
                                .modelled_on = "tensorflow/tensorflow#61934",
                                .killers = "matches_reference_exactly"}),
    mutant<EveryFiftiethCall>("every fiftieth call leaves zeros at the bottom of its last image",
                              {.name = "every_fiftieth_call",
                               .bug_class = "uninitialized-memory",
                               .modelled_on = "chelsea0x3b/dfdx#677",
                               .killers = "matches_reference_exactly"}),
    mutant<OrderByCall>("every third call sums in another order", {.name = "order_of_summation_by_call",
                                                                   .bug_class = "nondeterminism",
                                                                   .modelled_on = "pytorch/pytorch#49268",
                                                                   .killers = "repeats_bit_for_bit",
                                                                   .wrong_values = false}),
    mutant<OrderByBatch>("a batch is summed in another order than a single image",
                         {.name = "order_of_summation_by_batch",
                          .bug_class = "nondeterminism",
                          .modelled_on = "pytorch/pytorch#23042",
                          .killers = "images_keep_their_bits_in_any_batch",
                          .wrong_values = false}),
    mutant<OrderByImage>("every fourth image of a batch is summed in another order",
                         {.name = "order_of_summation_by_image",
                          .bug_class = "nondeterminism",
                          .modelled_on = "pytorch/pytorch#23042",
                          .killers = "images_keep_their_bits_in_any_batch",
                          .wrong_values = false}),
};

}  // namespace

std::span<const Mutant> state_mutants() {
  return kState;
}

}  // namespace convcheck::impls::mutants
