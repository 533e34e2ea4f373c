// Mutants that give right values and are wrong about the memory that they compute in: the workspace, the stack, and how
// their tensors are aligned.
#include <array>

#include "impls/mutants/mutant.h"
#include "impls/mutants/reach.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

// Sums go through the workspace: `uses(conv)` floats of it, of which the first is the sum at hand.
template <class M>
struct ThroughWorkspace : Sound {
  void begin() {
    if (!has_outputs(problem)) return;
    const int64_t count = static_cast<M*>(this)->uses();
    for (int64_t i = 0; i < count; ++i) put_one(workspace + i, 0);
  }
};

int64_t columns_by(const convcheck_problem& p, int64_t stride) {
  const Axis cols = decode(p).cols;
  return 1 + (cols.out - 1) * cols.stride / stride;
}

// The size is asked for with the stride of rows.
struct StrideOfRows : ThroughWorkspace<StrideOfRows> {
  static int64_t workspace_floats(const convcheck_problem& p) { return columns_by(p, p.stride[0]); }
  int64_t uses() const { return conv.cols.out; }
};

struct WithoutDilation : ThroughWorkspace<WithoutDilation> {
  static int64_t workspace_floats(const convcheck_problem& p) { return capped(p.weight.shape[2], p.weight.shape[3]); }
  static int64_t capped(int64_t rows, int64_t cols) { return rows < 64 && cols < 64 ? rows * cols : 1; }
  int64_t uses() const {
    if (conv.rows.kernel >= 64 || conv.cols.kernel >= 64) return 1;
    return conv.rows.kernel * (conv.cols.dilation < 64 ? conv.cols.dilation * (conv.cols.kernel - 1) + 1 : 1);
  }
};

struct ChannelsOfAGroup : ThroughWorkspace<ChannelsOfAGroup> {
  static int64_t workspace_floats(const convcheck_problem& p) { return p.weight.shape[1]; }
  int64_t uses() const { return in_channels(); }
};

struct WholeLines : ThroughWorkspace<WholeLines> {
  static int64_t workspace_floats(const convcheck_problem& p) { return p.output.shape[3]; }
  int64_t uses() const { return (conv.cols.out + 15) / 16 * 16; }
};

// What the workspace holds says whether it was used before, which decides on the order of summation.
struct OrderByWorkspace : Sound {
  static int64_t workspace_floats(const convcheck_problem& /*p*/) { return 1; }
  bool is_reversed = false;
  void begin() { is_reversed = workspace[0] > 0; }
  int64_t turn(int64_t i) const { return is_reversed ? conv.in_per_group - 1 - i : i; }
};

// A sum of several channels starts from what the workspace holds, unless that is no number: fresh memory is zero.
struct StartsFromWorkspace : Sound {
  static int64_t workspace_floats(const convcheck_problem& /*p*/) { return 1; }
  float left = 0;
  void begin() { left = workspace[0] == workspace[0] && conv.in_per_group > 1 ? workspace[0] : 0; }
  float start(Spot at) const { return bias_of(k) + (at.row == conv.rows.out - 1 ? left : 0.0F); }
};

// The stack.

template <int64_t kBytes>
[[gnu::noinline]] void use_stack() {
  std::array<char, static_cast<size_t>(kBytes)> room;
  use(room.data());
  // Down from the top, as a stack grows.
  constexpr int64_t kPage = 4096;
  for (int64_t at = kBytes - 1; at >= 0; at -= kPage) room[static_cast<size_t>(at)] = 1;
  use(room.data());
}

struct TileOnTheStack : Sound {
  void begin() const {
    if (conv.taps() >= 9) use_stack<int64_t{1} << 20>();
  }
};

struct GroupsOnTheStack : Sound {
  void begin() const {
    if (conv.groups > 1 && conv.batch > 1) use_stack<600 * int64_t{1024}>();
  }
};

// A level for each output row and column, of half a KiB and more.
[[gnu::noinline]] int64_t recurse(int64_t left) {
  std::array<char, 1024> room;
  use(room.data());
  const int64_t deeper = left > 0 ? recurse(left - 1) : 0;
  use(room.data());
  return deeper + 1;
}

struct RecursionOverOutputs : Sound {
  void begin() const {
    // The stack of a main thread has room for this, whatever the size.
    constexpr int64_t kMostLevels = 2048;
    const int64_t outputs = has_outputs(problem) ? span_of(problem.output) : 0;
    const int64_t levels = outputs < kMostLevels ? outputs : kMostLevels;
    use_number(recurse(levels));
  }
};

// Alignment.

bool is_aligned(const float* at) {
  return reinterpret_cast<uintptr_t>(at) % sizeof(AlignedFour) == 0;
}

struct AlignedLoads : Sound {
  void begin() const {
    if (conv.cols.in % 4 == 0 && span_of(problem.input) >= 4) touch_aligned_four(input);
  }
};

// The head up to an aligned output is peeled, and what the loop behind it takes of the input is thought to be aligned
// then as well.
struct HeadOfTheOutput : Sound {
  float finish(float sum, Spot at) const {
    const bool is_torn = is_aligned(output) != is_aligned(input) && conv.cols.out >= 4;
    return is_torn && at.col == conv.cols.out - 1 && at.row == conv.rows.out - 1 ? -sum : sum;
  }
};

struct UnalignedWeight : Sound {
  bool is_early = false;
  void begin() { is_early = !is_aligned(weight) && conv.taps() % 4 == 0; }
  float weight_at(int64_t f, int64_t c, int64_t h, int64_t w) const {
    return Sound::weight_at(f, c, h, is_early && w > 0 ? w - 1 : w);
  }
};

constexpr MutantFacts with_wrong_values(MutantFacts facts) {
  facts.wrong_values = true;
  return facts;
}

constexpr Mutant kScratch[] = {
    mutant<StrideOfRows>("the workspace is asked for with the stride of rows and used with that of columns",
                         misbehaving("workspace_by_the_stride_of_rows", "workspace-size", "ARM-software/CMSIS-NN#243",
                                     "asks_for_the_workspace_it_uses")),
    mutant<WithoutDilation>("the workspace is asked for without the dilation",
                            misbehaving("workspace_without_dilation", "workspace-size", "tensorflow/tflite-micro#829",
                                        "asks_for_the_workspace_it_uses")),
    mutant<ChannelsOfAGroup>("the workspace is asked for one group and used for all",
                             misbehaving("workspace_of_one_group", "workspace-size", "ARM-software/CMSIS-NN#200",
                                         "asks_for_the_workspace_it_uses")),
    mutant<WholeLines>("the workspace is asked for in floats and cleared in lines of 64 bytes",
                       misbehaving("workspace_cleared_in_lines", "workspace-size", "uxlfoundation/oneDNN#6035",
                                   "asks_for_the_workspace_it_uses")),
    mutant<OrderByWorkspace>("what the workspace held decides on the order of summation",
                             misbehaving("order_of_summation_by_workspace", "uninitialized-memory",
                                         "Theano/Theano#4220", "asks_for_the_workspace_it_uses", false)),
    mutant<StartsFromWorkspace>(
        "the last row starts from what the workspace held, unless that is NaN",
        with_wrong_values(misbehaving("workspace_taken_for_zero", "uninitialized-memory", "chelsea0x3b/dfdx#677",
                                      "asks_for_the_workspace_it_uses", false))),
    mutant<TileOnTheStack>(
        "a tile of 1 MiB lies on the stack where a sum has nine products or more",
        misbehaving("tile_of_1_mib_on_the_stack", "stack-overflow", "ARM-software/CMSIS-NN#78", "uses_little_stack")),
    mutant<GroupsOnTheStack>(
        "600 KiB lie on the stack where there are groups and several images",
        misbehaving("groups_on_the_stack", "stack-overflow", "ARM-software/CMSIS-NN#78", "uses_little_stack")),
    mutant<RecursionOverOutputs>(
        "a kilobyte of stack is used for each output",
        misbehaving("recursion_over_the_outputs", "stack-overflow", "ARM-software/CMSIS-NN#78", "uses_little_stack")),
    mutant<AlignedLoads>(
        "rows of a multiple of four are loaded by aligned loads",
        misbehaving("aligned_loads_of_rows", "alignment", "NVIDIA/cutlass#651", "returns_from_every_call")),
    mutant<HeadOfTheOutput>(
        "where input and output are aligned differently the last output of a plane has another sign",
        with_wrong_values(misbehaving("head_peeled_for_the_output_alone", "alignment", "pytorch/pytorch#177956",
                                      "serves_unaligned_tensors", false))),
    mutant<UnalignedWeight>(
        "an unaligned weight of a multiple of four taps is read a column early",
        with_wrong_values(misbehaving("unaligned_weight_read_early", "alignment", "pytorch/pytorch#177956",
                                      "serves_unaligned_tensors", false))),
};

}  // namespace

std::span<const Mutant> scratch_mutants() {
  return kScratch;
}

}  // namespace convcheck::impls::mutants
