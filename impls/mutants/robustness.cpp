// Mutants that give right values where they give any: they crash, hang, let exceptions out, run out of memory that
// nobody needs, or write before they refuse.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "impls/mutants/mutant.h"
#include "impls/mutants/reach.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

// Crashes.

// A quotient that the processor has to compute; where the C++ of it is undefined the machine's division is not.
int64_t divide(int64_t dividend, int64_t divisor) {
#if defined(__x86_64__)
  int64_t quotient = dividend, rest = 0;
  asm volatile("cqto\n\tidivq %2" : "+a"(quotient), "=&d"(rest) : "r"(divisor) : "cc");
  return quotient;
#else
  if (divisor == 0) std::abort();
  return dividend / divisor;
#endif
}

struct DividesByGroups : Sound {
  static int32_t check(const convcheck_problem& p) {
    use_number(divide(p.input.shape[1] & 0xFFFF, p.groups));
    return admit(p);
  }
  static int32_t supports(const convcheck_problem& p) { return check(p); }
  static int32_t runs(const convcheck_problem& p) { return check(p); }
};

struct DividesByStride : Sound {
  static int32_t runs(const convcheck_problem& p) {
    const int64_t stride = p.spatial_rank == 2 ? p.stride[1] : 1;
    use_number(divide(p.input.shape[3] & 0xFFFF, stride));
    return admit(p);
  }
};

struct DividesByImages : Sound {
  void begin() const {
    constexpr int64_t kThreads = 8;
    use_number(divide(kThreads, conv.batch));
  }
};

struct AssertsDilation : Sound {
  void begin() const {
    if (conv.cols.dilation > 2 && conv.rows.dilation != conv.cols.dilation) std::abort();
  }
};

// There is room for sixteen channels, and the container says so.
struct ChannelsInAnArray : Sound {
  static constexpr bool kLetsExceptionsOut = true;
  void begin() const {
    std::array<float, 16> sums{};
    sums.at(static_cast<size_t>(conv.out_channels() - 1)) = 1;
    use(sums.data());
  }
};

// A size that a negative padding makes too large is allocated before it is looked at.
struct AllocatesFirst : Sound {
  static int32_t supports(const convcheck_problem& p) {
    if (p.spatial_rank == 2 && p.pad_before[1] < 0) throw std::length_error("a negative number of columns");
    return admit(p);
  }
};

// Time.

[[noreturn]] void wait_for_ever() {
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

struct HangsOnRemainder : Sound {
  void begin() const {
    // Tiles of eight until nothing is left, which is not met where the rest is not a whole tile.
    if (conv.cols.out > 8 && conv.cols.out % 8 == 1) wait_for_ever();
  }
};

struct HangsOnExtentOne : Sound {
  void begin() const {
    if (conv.cols.in == 1 && conv.cols.pad > 0 && conv.cols.kernel > 1) wait_for_ever();
  }
};

struct HangsOnNoImage : Sound {
  void begin() const {
    if (conv.batch == 0) wait_for_ever();
  }
};

// A lock that a refusal leaves locked.
struct LockKept : Sound {
  static std::atomic<bool>& is_locked() {
    static std::atomic<bool> locked = false;
    return locked;
  }
  static void refuses(const convcheck_buffers& /*buffers*/) { is_locked() = true; }
  static void begin() {
    if (is_locked()) wait_for_ever();
  }
};

// Memory.

// Malloc may refuse it: then there is FAILED. Not written to.
template <class M>
struct Greedy : Sound {
  static constexpr size_t kBytes = size_t{8} << 30;
  bool is_refused = false;
  void begin() {
    if (!static_cast<M*>(this)->is_greedy()) return;
    void* const memory = std::malloc(kBytes);
    use(memory);
    is_refused = memory == nullptr;
    std::free(memory);
  }
  int32_t answer() const { return is_refused ? CONVCHECK_FAILED : CONVCHECK_OK; }
};

struct AllPatches : Greedy<AllPatches> {
  bool is_greedy() const { return conv.cols.dilation > 1 && conv.taps() > 4; }
};

struct AllGroups : Greedy<AllGroups> {
  bool is_greedy() const { return conv.groups > 2; }
};

struct FailsOnSeven : Sound {
  int32_t answer() const { return conv.cols.out == 7 || conv.rows.out == 7 ? CONVCHECK_FAILED : CONVCHECK_OK; }
};

// Refusals.

/// Answers UNSUPPORTED in the end where M::is_refused() says so, and has written the first output by then.
template <class M>
struct RefusingLate : Sound {
  int32_t answer() const { return static_cast<const M*>(this)->is_refused() ? CONVCHECK_UNSUPPORTED : CONVCHECK_OK; }
};

struct ComputesThenRefuses : RefusingLate<ComputesThenRefuses> {
  bool is_refused() const { return conv.cols.out % 8 == 6; }
};

struct WritesBiasThenRefuses : RefusingLate<WritesBiasThenRefuses> {
  bool is_refused() const { return conv.has_bias && conv.groups > 1 && conv.cols.stride > 1; }
  bool writes(Spot at) const { return !is_refused() || (at.row == 0 && at.col == 0); }
  float finish(float sum, Spot /*at*/) const { return is_refused() ? bias_of(k) : sum; }
};

struct ClearsThenRefuses : RefusingLate<ClearsThenRefuses> {
  bool is_refused() const { return conv.rows.dilation > 1 && conv.batch > 1; }
  float finish(float sum, Spot /*at*/) const { return is_refused() ? 0.0F : sum; }
};

constexpr const char* kReturns = "returns_from_every_call";

constexpr Mutant kRobustness[] = {
    mutant<DividesByGroups>(
        "channels are divided by groups that may be zero",
        misbehaving("divides_by_zero_groups", "invalid-arg-crash", "pytorch/pytorch#91558", kReturns)),
    mutant<DividesByStride>(
        "columns are divided by a stride that may be zero, in run() alone",
        misbehaving("divides_by_a_zero_stride", "invalid-arg-crash", "tensorflow/tensorflow#61902", kReturns)),
    mutant<DividesByImages>("threads are divided among images that may be none",
                            misbehaving("divides_by_the_images", "zero-size", "pytorch/pytorch#19599", kReturns)),
    mutant<AssertsDilation>(
        "an assertion fails where the dilation of columns is above two and not that of rows",
        misbehaving("asserts_equal_dilations", "invalid-arg-crash", "tensorflow/tensorflow#60201", kReturns)),
    mutant<ChannelsInAnArray>("an exception leaves run() where there are more than sixteen output channels",
                              misbehaving("throws_beyond_sixteen_channels", "fixed-size-buffer",
                                          "tensorflow/tensorflow#42748", kReturns, false)),
    mutant<AllocatesFirst>(
        "supports() lets an exception out where padding is negative",
        misbehaving("throws_on_negative_padding", "negative-padding", "ml-explore/mlx#548", kReturns)),
    mutant<HangsOnRemainder>("tiles of eight columns go on for ever where one column is left",
                             misbehaving("hangs_on_one_column_left", "hang", "NVIDIA/DALI#3291", "ends_in_time")),
    mutant<HangsOnExtentOne>("a padded image of one column is reflected for ever",
                             misbehaving("hangs_on_one_padded_column", "hang", "NVIDIA/DALI#3291", "ends_in_time")),
    mutant<HangsOnNoImage>(
        "an empty batch is counted down from zero",
        misbehaving("hangs_on_an_empty_batch", "hang", "tensorflow/tensorflow#14657", "ends_in_time")),
    mutant<LockKept>("a problem that is refused leaves a lock locked",
                     misbehaving("hangs_after_a_refusal", "hang", "uxlfoundation/oneDNN#6035", "ends_in_time")),
    mutant<AllPatches>(
        "8 GiB are asked for where columns are dilated",
        misbehaving("takes_8_gib_for_dilated_patches", "workspace-size", "ml-explore/mlx#3082", "stays_within_memory")),
    mutant<AllGroups>(
        "8 GiB are asked for where there are more than two groups",
        misbehaving("takes_8_gib_for_groups", "workspace-size", "ml-explore/mlx#3082", "stays_within_memory")),
    mutant<FailsOnSeven>(
        "outputs of seven rows or columns fail for want of nothing",
        misbehaving("fails_on_seven", "over-rejection", "pytorch/executorch#17766", "stays_within_memory", false)),
    mutant<ComputesThenRefuses>("outputs of 6, 14 and so on columns are computed and then not supported",
                                misbehaving("computes_and_refuses", "unsupported-not-declared", "JuliaGPU/CUDA.jl#1536",
                                            "rejects_without_writing", false)),
    mutant<WritesBiasThenRefuses>("strided groups have their bias written and then are not supported",
                                  misbehaving("writes_the_bias_and_refuses", "unsupported-not-declared",
                                              "JuliaGPU/CUDA.jl#1536", "rejects_without_writing", false)),
    mutant<ClearsThenRefuses>("dilated batches are cleared and then not supported",
                              misbehaving("clears_and_refuses", "unsupported-not-declared", "JuliaGPU/CUDA.jl#1536",
                                          "rejects_without_writing", false)),
};

}  // namespace

std::span<const Mutant> robustness_mutants() {
  return kRobustness;
}

}  // namespace convcheck::impls::mutants
