// Mutants that give right values and touch memory that they were not given: beside their tensors, in gaps between rows,
// or in what is only read. Each does so on a few problems alone.
#include "impls/mutants/mutant.h"
#include "impls/mutants/reach.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

/// Called before the loops on problems with outputs, and after them.
template <class M>
struct Reaching : Sound {
  void begin() {
    if (has_outputs(problem)) static_cast<M*>(this)->reach();
  }
};

template <class M>
struct ReachingLate : Sound {
  int32_t answer() {
    if (has_outputs(problem)) static_cast<M*>(this)->reach();
    return CONVCHECK_OK;
  }
};

bool is_dense_row(const convcheck_tensor_desc& tensor) {
  return tensor.shape[3] == 1 || tensor.stride[3] == 1;
}

// Reads.

struct LastPixel : Reaching<LastPixel> {
  void reach() const {
    if (conv.cols.in % 8 == 7 && is_dense_row(problem.input)) touch_four(input + span_of(problem.input) - 3);
  }
};

struct TailOfTheSecondTile : Reaching<TailOfTheSecondTile> {
  static constexpr int64_t kTile = 8;
  void reach() const {
    const int64_t rest = conv.cols.out % kTile;
    if (conv.cols.out > kTile && rest != 0) touch_one(input + span_of(problem.input) - 1 + kTile - rest);
  }
};

struct WeightTail : Reaching<WeightTail> {
  void reach() const {
    if (conv.in_per_group == 1 && conv.groups > 1 && conv.taps() % 4 == 3) {
      touch_four(weight + span_of(problem.weight) - 3);
    }
  }
};

struct BiasInFours : Reaching<BiasInFours> {
  void reach() const {
    const int64_t last = conv.out_channels() / 4 * 4;
    if (conv.has_bias && conv.bias_step == 1 && conv.out_channels() % 4 == 3) touch_four(bias + last);
  }
};

struct PaddedColumnRead : Reaching<PaddedColumnRead> {
  void reach() const {
    if (conv.cols.pad > 0 && conv.cols.stride == 2 && span_of(problem.input) != 0) touch_one(input - 1);
  }
};

struct NextRowRead : Reaching<NextRowRead> {
  void reach() const {
    const bool is_depthwise = conv.groups > 1 && conv.in_per_group == 1;
    if (is_depthwise && conv.rows.stride > 1 && span_of(problem.input) != 0) {
      touch_one(input + span_of(problem.input) - 1 + conv.cols.in);
    }
  }
};

struct WeightBeforeTheFirst : Reaching<WeightBeforeTheFirst> {
  void reach() const {
    if (conv.groups % 3 == 0) touch_one(weight - 1);
  }
};

// Writes.

struct FourStored : ReachingLate<FourStored> {
  void reach() const {
    if (conv.cols.out % 4 == 3 && is_dense_row(problem.output)) put_one(output + span_of(problem.output), 0);
  }
};

struct StoredBeforeTheFirst : ReachingLate<StoredBeforeTheFirst> {
  void reach() const {
    if (conv.cols.pad >= conv.cols.kernel) put_one(output - 1, 0);
  }
};

struct StoredALineFurther : ReachingLate<StoredALineFurther> {
  void reach() const {
    constexpr int64_t kFloatsOfALine = 16;
    if (conv.groups == 1 && conv.out_channels() % 8 == 5) {
      put_one(output + span_of(problem.output) + kFloatsOfALine, 0);
    }
  }
};

struct RowsWrittenThrough : ReachingLate<RowsWrittenThrough> {
  void reach() const {
    const Steps& step = conv.output;
    const bool has_rows = conv.rows.out > 1 && is_dense_row(problem.output) && conv.cols.out > 1;
    if (!has_rows || step.row <= conv.cols.out) return;
    if (conv.out_channels() > 1 && step.channel < step.row * conv.rows.out) return;
    for (int64_t row = 0; row + 1 < conv.rows.out; ++row) put_one(output + row * step.row + conv.cols.out, 0);
  }
};

struct PlanesWrittenThrough : ReachingLate<PlanesWrittenThrough> {
  void reach() const {
    const Steps& step = conv.output;
    const int64_t plane = (conv.rows.out - 1) * step.row + (conv.cols.out - 1) * step.col + 1;
    const bool are_planes = is_dense_row(problem.output) && (conv.rows.out == 1 || step.row >= conv.cols.out);
    if (are_planes && conv.out_channels() > 1 && step.channel > plane) put_one(output + plane, 0);
  }
};

// Writes to what is only read. The kernel puts back what it changed.

float* writable(const float* tensor) {
  return const_cast<float*>(tensor);
}

struct InputMaskedInPlace : Reaching<InputMaskedInPlace> {
  void reach() const {
    if (span_of(problem.input) == 0 || conv.cols.pad == 0 || conv.rows.pad == 0) return;
    const float kept = *input;
    put_one(writable(input), 0);
    put_one(writable(input), kept);
  }
};

struct WeightReversedInPlace : Reaching<WeightReversedInPlace> {
  void reach() const {
    const int64_t span = span_of(problem.weight);
    if (conv.groups == 1 || conv.taps() < 9) return;
    const float first = weight[0], last = weight[span - 1];
    put_one(writable(weight), last);
    put_one(writable(weight) + span - 1, first);
    put_one(writable(weight), first);
    put_one(writable(weight) + span - 1, last);
  }
};

// The same value: nobody who compares sees it.
struct BiasScaledByOne : Reaching<BiasScaledByOne> {
  void reach() const {
    if (conv.has_bias && conv.out_channels() % 2 == 0) put_one(writable(bias), bias[0] * 1.0F);
  }
};

constexpr MutantFacts in_a_gap(const char* name) {
  MutantFacts facts = misbehaving(name, "oob-write-tail", "NVIDIA/cutlass#1323", "writes_only_its_output");
  facts.harms_process = false;
  return facts;
}

constexpr Mutant kMemory[] = {
    mutant<LastPixel>(
        "the last pixel of rows of 7, 15 and so on is loaded in a vector of four that starts at it",
        misbehaving("last_pixel_loaded_in_a_vector", "oob-read-tail", "google/XNNPACK#4190", "reads_only_its_tensors")),
    mutant<TailOfTheSecondTile>("a partial tile of eight columns, from the second on, is read as a whole one",
                                misbehaving("partial_second_tile_read_whole", "oob-read-tail",
                                            "PaddlePaddle/Paddle#11016", "reads_only_its_tensors")),
    mutant<WeightTail>("depthwise filters with a tap short of a vector are loaded in vectors",
                       misbehaving("depthwise_weight_tail_loaded_in_a_vector", "oob-read-tail", "google/XNNPACK#10463",
                                   "reads_only_its_tensors")),
    mutant<BiasInFours>(
        "the last three biases are loaded as four",
        misbehaving("bias_loaded_in_fours", "oob-read-tail", "openvinotoolkit/oneDNN#117", "reads_only_its_tensors")),
    mutant<PaddedColumnRead>(
        "with a stride of two the column before the first is read and not used",
        misbehaving("column_before_the_first_read", "oob-read-tail", "opencv/opencv#23151", "reads_only_its_tensors")),
    mutant<NextRowRead>("a strided depthwise kernel loads the row below the last",
                        misbehaving("row_below_the_last_read", "oob-read-tail", "openvinotoolkit/oneDNN#111",
                                    "reads_only_its_tensors")),
    mutant<WeightBeforeTheFirst>("with a multiple of three groups the weight before the first is read",
                                 misbehaving("weight_before_the_first_read", "oob-read-tail",
                                             "openvinotoolkit/openvino#36280", "reads_only_its_tensors")),
    mutant<FourStored>("the last row is stored in vectors of four",
                       misbehaving("last_row_stored_in_vectors", "oob-write-tail", "PaddlePaddle/Paddle-Lite#7697",
                                   "writes_only_its_output")),
    mutant<StoredBeforeTheFirst>("where padding is as wide as the kernel the element before the first is stored",
                                 misbehaving("element_before_the_first_stored", "oob-write-tail",
                                             "PaddlePaddle/Paddle-Lite#7697", "writes_only_its_output")),
    mutant<StoredALineFurther>("with 5, 13 and so on output channels a float is stored 64 bytes behind the last",
                               misbehaving("filters_of_a_block_stored", "oob-write-tail", "uxlfoundation/oneDNN#6035",
                                           "writes_only_its_output")),
    mutant<RowsWrittenThrough>("what lies between the rows of the first plane is written",
                               in_a_gap("rows_of_a_view_written_through")),
    mutant<PlanesWrittenThrough>("what lies between the first plane and the second is written",
                                 in_a_gap("planes_of_a_view_written_through")),
    mutant<InputMaskedInPlace>(
        "the first input is set to zero for a while where both axes are padded",
        misbehaving("input_masked_in_place", "input-mutated", "intel/ipex-llm#2779", "inputs_stay_untouched")),
    mutant<WeightReversedInPlace>(
        "weights of groups are reversed in place and back",
        misbehaving("weight_reversed_in_place", "input-mutated", "onnx/tensorflow-onnx#1384", "inputs_stay_untouched")),
    mutant<BiasScaledByOne>(
        "a bias of an even number of channels is multiplied by one in place",
        misbehaving("bias_scaled_in_place", "input-mutated", "JuliaGPU/CUDA.jl#1536", "inputs_stay_untouched")),
};

}  // namespace

std::span<const Mutant> memory_mutants() {
  return kMemory;
}

}  // namespace convcheck::impls::mutants
