// Mutants that give right values and do not leave the process as they found it: floating-point control, memory, files,
// signals, affinity.
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>

#include <cfenv>
#include <csignal>
#include <cstdlib>
#include <memory>

#include "impls/mutants/mutant.h"
#include "impls/mutants/reach.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

// Floating-point control. On another processor the rounding mode stands for all of it.

constexpr unsigned kFlushToZero = 0x8000;
constexpr unsigned kDenormalsAreZero = 0x0040;

void set_mxcsr([[maybe_unused]] unsigned bits) {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | bits);
#else
  std::fesetround(FE_UPWARD);
#endif
}

struct FlushesFromThenOn : Sound {
  int32_t answer() const {
    const bool is_depthwise = conv.groups > 1 && conv.in_per_group == 1 && conv.out_per_group == 1;
    if (is_depthwise) set_mxcsr(kFlushToZero | kDenormalsAreZero);
    return CONVCHECK_OK;
  }
};

// One of the two bits is put back.
struct LeavesDenormalsZero : Sound {
  int32_t answer() const {
    if (conv.cols.pad > 0 && conv.batch > 1) set_mxcsr(kDenormalsAreZero);
    return CONVCHECK_OK;
  }
};

struct RoundsUpward : Sound {
  int32_t answer() const {
    if (conv.cols.out % 8 == 7) std::fesetround(FE_UPWARD);
    return CONVCHECK_OK;
  }
};

struct LowersX87 : Sound {
  int32_t answer() const {
#if defined(__x86_64__)
    if (conv.has_bias && conv.taps() > 1) {
      unsigned short control = 0;
      asm volatile("fnstcw %0" : "=m"(control));
      control = static_cast<unsigned short>(control & ~0x0300U);
      asm volatile("fldcw %0" : : "m"(control));
    }
#else
    std::fesetround(FE_UPWARD);
#endif
    return CONVCHECK_OK;
  }
};

// Leaks.

struct LosesWithBias : Sound {
  void begin() const {
    constexpr size_t kBytes = 16;
    if (conv.has_bias) use(std::malloc(kBytes));
  }
};

struct LosesAMapping : Sound {
  void begin() const {
    constexpr size_t kBytes = 4096;
    const bool is_padded = conv.rows.pad > 0 || conv.cols.pad > 0;
    if (is_padded) use(mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  }
};

struct LosesADescriptor : Sound {
  void begin() const {
    if (conv.groups > 1) static_cast<void>(open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
};

// A plan has a part for the groups, which nobody frees.
struct LosesPartOfThePlan : Sound {
  static constexpr bool kHasPlan = true;
  static void* make_plan(const convcheck_problem& p, const convcheck_buffers& /*buffers*/) {
    constexpr size_t kBytes = 48;
    if (p.groups > 1) use(std::malloc(kBytes));
    return std::malloc(kBytes);
  }
  static void release_plan(void* plan) { std::free(plan); }
};

// The process.

void do_nothing(int /*signal*/) {}

// As libraries find out what the processor can: they try it, once.
struct KeepsItsHandler : Sound {
  void begin() const {
    static bool is_known = false;
    if (is_known || conv.taps() < 2) return;
    is_known = true;
    struct sigaction action {};
    action.sa_handler = do_nothing;
    sigaction(SIGILL, &action, nullptr);
  }
};

struct KeepsAFileOpen : Sound {
  void begin() const {
    static int file = -1;
    if (file < 0 && conv.in_per_group > 1) file = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
  }
};

struct PinsTheThread : Sound {
  void begin() const {
    const int here = sched_getcpu();
    if (conv.batch < 2 || here < 0) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<size_t>(here), &one);
    sched_setaffinity(0, sizeof one, &one);
  }
};

struct SetsTheEnvironment : Sound {
  void begin() const {
    if (conv.cols.dilation > 1) setenv("OMP_PROC_BIND", "true", 1);
  }
};

struct BlocksASignal : Sound {
  int32_t answer() const {
    if (conv.rows.stride > 1) {
      sigset_t signals;
      sigemptyset(&signals);
      sigaddset(&signals, SIGPROF);
      pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    }
    return CONVCHECK_OK;
  }
};

// A process has memory to lose for many calls, and few descriptors.
constexpr MutantFacts losing_memory(const char* name, const char* modelled_on) {
  MutantFacts facts = misbehaving(name, "leak", modelled_on, "does_not_leak");
  facts.harms_process = false;
  return facts;
}

constexpr Mutant kProcess[] = {
    mutant<FlushesFromThenOn>("a depthwise call leaves flush-to-zero switched on",
                              misbehaving("leaves_subnormals_flushed", "denormals", "opencv/opencv#17295",
                                          "keeps_the_floating_point_environment")),
    mutant<LeavesDenormalsZero>("padded batches leave subnormal operands taken for zero",
                                misbehaving("leaves_subnormal_operands_zero", "denormals", "pytorch/pytorch#67797",
                                            "keeps_the_floating_point_environment")),
    mutant<RoundsUpward>("outputs of 7, 15 and so on columns leave the rounding mode upward",
                         misbehaving("leaves_rounding_upward", "process-state", "llvm/llvm-project#57589",
                                     "keeps_the_floating_point_environment")),
    mutant<LowersX87>("a call with a bias leaves x87 at single precision",
                      misbehaving("leaves_x87_at_single_precision", "process-state", "llvm/llvm-project#57589",
                                  "keeps_the_floating_point_environment")),
    mutant<LosesWithBias>("16 bytes are lost in every call with a bias",
                          losing_memory("loses_16_bytes_with_a_bias", "uxlfoundation/oneDNN#1118")),
    mutant<LosesAMapping>("a page is lost in every call with padding",
                          losing_memory("loses_a_page_with_padding", "uxlfoundation/oneDNN#1118")),
    mutant<LosesADescriptor>(
        "a file is left open in every call with groups",
        misbehaving("loses_a_descriptor_with_groups", "leak", "uxlfoundation/oneDNN#1757", "does_not_leak")),
    mutant<LosesPartOfThePlan>("release() frees no more than one of the two parts of a plan for groups",
                               losing_memory("loses_a_part_of_the_plan", "uxlfoundation/oneDNN#373")),
    mutant<KeepsItsHandler>(
        "the first call with several products a sum leaves a handler of SIGILL",
        misbehaving("keeps_its_signal_handler", "process-state", "libxsmm/libxsmm#1088", "leaves_the_process_alone")),
    mutant<KeepsAFileOpen>(
        "the first call with several channels leaves a file open",
        misbehaving("keeps_a_file_open", "process-state", "uxlfoundation/oneDNN#1118", "leaves_the_process_alone")),
    mutant<PinsTheThread>("a batch of several images binds the thread to its processor",
                          misbehaving("pins_the_thread_with_a_batch", "process-state", "openvinotoolkit/openvino#24826",
                                      "leaves_the_process_alone")),
    mutant<SetsTheEnvironment>(
        "a call with dilation sets an environment variable",
        misbehaving("sets_the_environment", "process-state", "libxsmm/libxsmm#475", "leaves_the_process_alone")),
    mutant<BlocksASignal>(
        "a call with a stride leaves a signal blocked",
        misbehaving("leaves_a_signal_blocked", "process-state", "libxsmm/libxsmm#1088", "leaves_the_process_alone")),
};

}  // namespace

std::span<const Mutant> process_mutants() {
  return kProcess;
}

}  // namespace convcheck::impls::mutants
