// Sound kernels on the edge of the laws of conduct: what they take they give back, what they change they restore, and
// what they keep changes no result.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cfenv>
#include <csignal>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include "impls/support/gather.h"
#include "impls/support/planned.h"
#include "impls/unusual/themes.h"
#include "impls/unusual/window.h"

namespace convcheck::impls::unusual {
namespace {

/// Computes each row into `sums`, which has room for it, and copies it.
void convolve_through(const Call& call, float* sums) {
  const Conv& conv = call.conv;
  for (int64_t image = 0; image < conv.batch; ++image) {
    for (int64_t k = 0; k < conv.out_channels(); ++k) {
      for (int64_t row = 0; row < conv.rows.out; ++row) {
        for (int64_t col = 0; col < conv.cols.out; ++col) sums[col] = plain_sum(call, {image, k, row, col});
        for (int64_t col = 0; col < conv.cols.out; ++col) output_at(call, {image, k, row, col}) = sums[col];
      }
    }
  }
}

size_t bytes_of_row(const Call& call) {
  return static_cast<size_t>(call.conv.cols.out) * sizeof(float);
}

/// Switches subnormals off and exceptions on, moves numbers about, and puts all of it back before the first product.
struct FlushesForAWhile {
  static void convolve(const Call& call) {
    std::fenv_t found;
    std::fegetenv(&found);
#if defined(__x86_64__)
    constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
    const unsigned control = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(control | kFlushToZero | kDenormalsAreZero);
#else
    std::fesetround(FE_TOWARDZERO);
#endif
    for_each_place(call.conv, [&](const Place& at) { output_at(call, at) = 1.0F; });
#if defined(__x86_64__)
    __builtin_ia32_ldmxcsr(control);
#endif
    std::fesetenv(&found);
    convolve_plain(call);
  }
};

/// The span of the input from end to end, gaps included, as a prefetch would read it; of a huge one the beginning.
struct ReadsGaps {
  static int64_t last(const Steps& step, int64_t channels, const Conv& conv) {
    if (conv.batch == 0 || conv.rows.in == 0 || conv.cols.in == 0) return -1;
    return (conv.batch - 1) * step.outer + (channels - 1) * step.channel + (conv.rows.in - 1) * step.row +
           (conv.cols.in - 1) * step.col;
  }
  static void convolve(const Call& call) {
    constexpr int64_t kMost = int64_t{1} << 24;
    const int64_t end = std::min(kMost, last(call.conv.input, call.conv.groups * call.conv.in_per_group, call.conv));
    for (int64_t at = end; at >= 0; --at) static_cast<void>(static_cast<const volatile float*>(call.input)[at]);
    convolve_plain(call);
  }
};

class Mapping {
 public:
  explicit Mapping(size_t bytes)
      : bytes_(bytes),
        at_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    if (at_ == MAP_FAILED) throw std::bad_alloc();
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { munmap(at_, bytes_); }
  float* at() const { return static_cast<float*>(at_); }

 private:
  size_t bytes_;
  void* at_;
};

struct MapsForEachCall {
  static void convolve(const Call& call) {
    const Mapping row(bytes_of_row(call));
    convolve_through(call, row.at());
  }
};

/// A table that the first call makes, whichever it is, and that stays. The products of one and a number are that
/// number.
struct TableWhenNeeded {
  static constexpr size_t kEntries = size_t{1} << 16;
  static void convolve(const Call& call) {
    static std::once_flag made;
    static std::vector<float> ones;
    std::call_once(made, [] { ones.assign(kEntries, 1.0F); });
    size_t next = 0;
    for_each_place(call.conv,
                   [&](const Place& at) { output_at(call, at) = plain_sum(call, at) * ones[next++ % kEntries]; });
  }
};

struct OpensAFileForEachCall {
  static void convolve(const Call& call) {
    const int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    std::array<char, 64> text{};
    if (file >= 0) static_cast<void>(read(file, text.data(), text.size()) < 0);
    convolve_plain(call);
    if (file >= 0) close(file);
  }
};

/// A buffer of the thread's own, which grows and is given back when the thread ends. 4 MiB of it are kept at most.
struct BufferOfTheThread {
  static constexpr int64_t kMost = int64_t{1} << 20;
  static void convolve(const Call& call) {
    thread_local std::vector<float> sums;
    if (call.conv.cols.out > kMost) return convolve_plain(call);
    sums.resize(std::max(sums.size(), static_cast<size_t>(call.conv.cols.out)));
    convolve_through(call, sums.data());
  }
};

/// The weight of the call before is kept, and used where the one of this call has the same bits.
struct ComparesWhatItKept {
  static constexpr int64_t kMost = int64_t{1} << 16;
  static void convolve(const Call& call) {
    thread_local std::vector<float> kept;
    std::vector<float> weights;
    if (call.conv.weights() > kMost) return convolve_plain(call);
    for (int64_t k = 0; k < call.conv.out_channels(); ++k) {
      (void)all_taps(call.conv, call.weight + k * call.conv.weight.outer, [&](const float* tap, int64_t /*index*/) {
        weights.push_back(*tap);
        return true;
      });
    }
    const bool is_known =
        kept.size() == weights.size() && std::memcmp(kept.data(), weights.data(), weights.size() * sizeof(float)) == 0;
    if (!is_known) kept = std::move(weights);
    Call packed = call;
    const Axis& rows = call.conv.rows;
    const Axis& cols = call.conv.cols;
    packed.weight = kept.data();
    packed.conv.weight = {
        .outer = call.conv.taps(), .channel = rows.kernel * cols.kernel, .row = cols.kernel, .col = 1};
    convolve_plain(packed);
  }
};

/// All rows on a thread that is there for this call alone.
struct AThreadForEachCall {
  static void convolve(const Call& call) {
    const std::jthread worker([&] { convolve_plain(call); });
  }
};

struct ThrowsInside {
  static void convolve(const Call& call) {
    try {
      throw std::runtime_error("caught where it is thrown");
    } catch (const std::runtime_error&) {
      convolve_plain(call);
    }
  }
};

/// Asks what the processor can as some libraries do: with a handler of its own, one call at a time, put back at once.
struct HandlerForAWhile {
  static void convolve(const Call& call) {
    static std::mutex one_at_a_time;
    {
      const std::lock_guard lock(one_at_a_time);
      struct sigaction own {
      }, found{};
      own.sa_handler = SIG_IGN;
      if (sigaction(SIGWINCH, &own, &found) == 0) sigaction(SIGWINCH, &found, nullptr);
    }
    convolve_plain(call);
  }
};

/// Plans of equal weights share one copy of them, which goes with the last of them.
struct SharesEqualWeights {
  using Weights = std::shared_ptr<const std::vector<float>>;
  struct Plan : PlanBase {
    Weights weights;
  };
  static int64_t workspace_floats(const Conv& /*conv*/) { return 0; }

  static Weights shared(std::vector<float> weights) {
    static std::mutex mutex;
    static std::array<std::weak_ptr<const std::vector<float>>, 8> known;
    static size_t next = 0;
    const std::lock_guard lock(mutex);
    for (const auto& one : known) {
      Weights alive = one.lock();
      if (alive != nullptr && alive->size() == weights.size() &&
          std::memcmp(alive->data(), weights.data(), weights.size() * sizeof(float)) == 0) {
        return alive;
      }
    }
    auto made = std::make_shared<const std::vector<float>>(std::move(weights));
    known.at(next++ % known.size()) = made;
    return made;
  }

  static void plan(Plan& plan) {
    const Conv& conv = plan.conv;
    plan.plain = capped_count({conv.out_channels(), conv.taps()}) > kMostFloats;
    if (plan.plain) return;
    std::vector<float> weights;
    for (int64_t k = 0; k < conv.out_channels(); ++k) {
      (void)all_taps(conv, plan.user_weight + k * conv.weight.outer, [&](const float* tap, int64_t /*index*/) {
        weights.push_back(*tap);
        return true;
      });
    }
    plan.weights = shared(std::move(weights));
  }

  static void convolve(const Plan& plan, const float* input, float* output, float* /*workspace*/) {
    Conv conv = plan.conv;
    conv.weight = {
        .outer = conv.taps(), .channel = conv.rows.kernel * conv.cols.kernel, .row = conv.cols.kernel, .col = 1};
    impls::convolve_plain(conv, input, plan.weights->data(), plan.user_bias, output);
  }
};

constexpr convcheck_kernel shares_equal_weights() {
  convcheck_kernel k =
      Planned<SharesEqualWeights>::kernel("plans_share_equal_weights", "plans of equal weights share one copy of them");
  k.supports = Entry<FlushesForAWhile>::supports;
  return k;
}

constexpr convcheck_kernel kKernels[] = {
    kernel<FlushesForAWhile>("flushes_for_a_while", "switches flush-to-zero on and off again"),
    kernel<ReadsGaps>("reads_gaps", "reads all of the input's span, gaps included"),
    kernel<MapsForEachCall>("maps_for_each_call", "maps memory in each call and unmaps it"),
    kernel<TableWhenNeeded>("table_when_needed", "makes a table in its first call and keeps it"),
    kernel<OpensAFileForEachCall>("opens_a_file_for_each_call", "opens a file in each call and closes it"),
    kernel<BufferOfTheThread>("buffer_of_the_thread", "keeps a buffer for each thread"),
    kernel<ComparesWhatItKept>("compares_what_it_kept", "keeps a weight and uses it for others of the same bits"),
    kernel<AThreadForEachCall>("thread_for_each_call", "computes on a thread that is there for one call"),
    kernel<ThrowsInside>("throws_inside", "throws an exception and catches it"),
    kernel<HandlerForAWhile>("handler_for_a_while", "installs a signal handler and puts the old one back"),
    shares_equal_weights(),
};

}  // namespace

std::span<const convcheck_kernel> edges() {
  return kKernels;
}

}  // namespace convcheck::impls::unusual
