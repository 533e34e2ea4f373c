#include "tests/properties/conduct_kernels.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "impls/support/conv.h"

namespace convcheck {
namespace {

using namespace impls;  // NOLINT(google-build-using-namespace): what kernels are made of

constexpr uint32_t kAll = CONVCHECK_REJECTS_INVALID | CONVCHECK_DETERMINISTIC | CONVCHECK_THREAD_SAFE |
                          CONVCHECK_PROPAGATES_NONFINITE | CONVCHECK_BATCH_INVARIANT;

using Supports = int32_t (*)(const convcheck_problem*);
using Run = int32_t (*)(const convcheck_problem*, const convcheck_buffers*);
using Prepare = int32_t (*)(const convcheck_problem*, const convcheck_buffers*, void**);
using Release = void (*)(void*);

int32_t supports(const convcheck_problem* problem) {
  return admit(*problem);
}

constexpr convcheck_kernel kernel(const char* name, Run run, Prepare prepare = nullptr, Release release = nullptr) {
  return {.struct_size = sizeof(convcheck_kernel),
          .name = name,
          .description = "a kernel of ill conduct for tests",
          .algorithm = CONVCHECK_SUMMATION,
          .winograd_tile = 0,
          .promises = kAll,
          .supports = supports,
          .workspace_bytes = nullptr,
          .run = run,
          .prepare = prepare,
          .release = release};
}

const float* floats(const void* pointer) {
  return static_cast<const float*>(pointer);
}

void convolve(const Conv& conv, const convcheck_buffers& buffers, const float* weight) {
  convolve_plain(conv, floats(buffers.input), weight, floats(buffers.bias), static_cast<float*>(buffers.output));
}

void convolve(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  convolve(decode(problem), buffers, floats(buffers.weight));
}

/// A right call, before which `Body` does what it should not.
template <auto Body>
int32_t run_after(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = admit(*problem, *buffers); status != CONVCHECK_OK) return status;
  Body();
  convolve(*problem, *buffers);
  return CONVCHECK_OK;
}

/// A right call of the convolution that `Body` makes of it.
template <auto Body>
int32_t run_with(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = admit(*problem, *buffers); status != CONVCHECK_OK) return status;
  Body(*problem, *buffers);
  return CONVCHECK_OK;
}

void right(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  convolve(problem, buffers);
}

// Memory of earlier calls.

/// The elements of a weight in logical order, and steps to match.
std::vector<float> packed(Conv& conv, const float* weight) {
  std::vector<float> taps;
  for (int64_t k = 0; k < conv.out_channels(); ++k) {
    for (int64_t c = 0; c < conv.in_per_group; ++c) {
      for (int64_t h = 0; h < conv.rows.kernel; ++h) {
        for (int64_t w = 0; w < conv.cols.kernel; ++w) {
          taps.push_back(
              weight[k * conv.weight.outer + c * conv.weight.channel + h * conv.weight.row + w * conv.weight.col]);
        }
      }
    }
  }
  conv.weight = {
      .outer = conv.taps(), .channel = conv.rows.kernel * conv.cols.kernel, .row = conv.cols.kernel, .col = 1};
  return taps;
}

/// Packs anew for another address or another problem alone: not even other contents of the same problem are seen.
void weight_by_address(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  thread_local const void* address = nullptr;
  thread_local convcheck_problem known;
  thread_local std::vector<float> taps;
  Conv conv = decode(problem);
  const std::vector<float> now = packed(conv, floats(buffers.weight));
  if (buffers.weight != address || std::memcmp(&known, &problem, sizeof(known)) != 0) {
    taps = now;
    address = buffers.weight;
    known = problem;
  }
  convolve(conv, buffers, taps.data());
}

bool has_shapes_of(const convcheck_problem& a, const convcheck_problem& b) {
  const auto same = [](const convcheck_tensor_desc& x, const convcheck_tensor_desc& y) {
    return std::equal(x.shape, x.shape + 4, y.shape);
  };
  return same(a.input, b.input) && same(a.weight, b.weight) && same(a.output, b.output) && a.groups == b.groups;
}

/// What was made for these three shapes is taken again: dilation or padding may differ.
template <bool kDilation>
void axes_by_shape(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  thread_local convcheck_problem known;
  thread_local Conv made;
  Conv conv = decode(problem);
  if (has_shapes_of(known, problem)) {
    if (kDilation) {
      conv.rows.dilation = made.rows.dilation;
      conv.cols.dilation = made.cols.dilation;
    } else {
      conv.rows.pad = made.rows.pad;
      conv.cols.pad = made.cols.pad;
    }
  }
  known = problem;
  made = conv;
  convolve(conv, buffers, floats(buffers.weight));
}

/// As for input and weight alone, with the stride of an earlier call.
void stride_by_shape(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  thread_local convcheck_problem known;
  Conv conv = decode(problem);
  convcheck_problem same_output = problem;
  same_output.output = known.output;
  if (has_shapes_of(known, same_output)) {
    conv.rows.stride = known.stride[0];
    conv.cols.stride = known.stride[1];
  } else {
    known = problem;
  }
  convolve(conv, buffers, floats(buffers.weight));
}

/// A dense input's steps are taken for a view of the same shape.
void steps_by_shape(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  thread_local convcheck_problem known;
  thread_local Steps dense;
  Conv conv = decode(problem);
  const bool has_room = std::count(problem.input.stride, problem.input.stride + 4, 0) == 0;
  if (has_shapes_of(known, problem) && has_room) conv.input = dense;
  known = {};
  if (problem.input.stride[3] == 1 && problem.input.stride[2] == problem.input.shape[3] &&
      problem.input.stride[1] == problem.input.shape[2] * problem.input.shape[3]) {
    known = problem;
    dense = conv.input;
  }
  convolve(conv, buffers, floats(buffers.weight));
}

/// A smaller call than the one before adds what that has left.
void left_over(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  thread_local int64_t before = 0;
  convolve(problem, buffers);
  const Conv conv = decode(problem);
  const int64_t outputs = conv.batch * conv.out_channels() * conv.rows.out * conv.cols.out;
  if (outputs > 0 && outputs < before) *static_cast<float*>(buffers.output) += 1;
  before = outputs;
}

// Plans.

struct Plan {
  const convcheck_problem* problem = nullptr;
  const convcheck_buffers* buffers = nullptr;
  Conv conv{};
  std::vector<float> taps;
  std::vector<float> first_input;
  std::array<std::atomic<float>, 4096> scratch{};
};

int32_t prepare(const convcheck_problem* problem, const convcheck_buffers* buffers, void** plan) {
  if (const int32_t status = admit(*problem, *buffers); status != CONVCHECK_OK) return status;
  auto made = std::make_unique<Plan>();
  made->problem = problem;
  made->buffers = buffers;
  made->conv = decode(*problem);
  made->taps = packed(made->conv, floats(buffers->weight));
  *plan = made.release();
  return CONVCHECK_OK;
}

void release(void* plan) {
  delete static_cast<Plan*>(plan);
}

template <auto Body>
int32_t run_plan(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = admit_run(*problem, *buffers, 0); status != CONVCHECK_OK) return status;
  Body(*problem, *buffers, *static_cast<Plan*>(buffers->plan));
  return CONVCHECK_OK;
}

void by_plan(const convcheck_problem& /*problem*/, const convcheck_buffers& buffers, Plan& plan) {
  convolve(plan.conv, buffers, plan.taps.data());
}

/// The weight of the latest plan, whichever plan is run.
std::vector<float>& latest_taps() {
  static std::vector<float> taps;
  return taps;
}

int32_t prepare_latest(const convcheck_problem* problem, const convcheck_buffers* buffers, void** plan) {
  const int32_t status = prepare(problem, buffers, plan);
  if (status == CONVCHECK_OK) latest_taps() = static_cast<Plan*>(*plan)->taps;
  return status;
}

void by_latest(const convcheck_problem& /*problem*/, const convcheck_buffers& buffers, Plan& plan) {
  if (latest_taps().size() == plan.taps.size()) plan.taps = latest_taps();
  convolve(plan.conv, buffers, plan.taps.data());
}

/// Looks again at the structs that prepare() was given.
void by_kept_problem(const convcheck_problem& /*problem*/, const convcheck_buffers& buffers, Plan& plan) {
  convolve(decode(*plan.problem), buffers, floats(buffers.weight));
}

void by_kept_buffers(const convcheck_problem& problem, const convcheck_buffers& buffers, Plan& plan) {
  convolve(decode(problem), buffers, floats(plan.buffers->weight));
}

/// Packs the input of the first run and uses it for all.
void by_first_input(const convcheck_problem& problem, const convcheck_buffers& buffers, Plan& plan) {
  if (plan.first_input.empty()) {
    int64_t span = 1;
    for (int axis = 0; axis < 4; ++axis) {
      if (problem.input.shape[axis] > 1) span += (problem.input.shape[axis] - 1) * problem.input.stride[axis];
    }
    plan.first_input.assign(floats(buffers.input), floats(buffers.input) + span);
  }
  convcheck_buffers other = buffers;
  other.input = plan.first_input.data();
  convolve(plan.conv, other, plan.taps.data());
}

/// Releasing one plan clears the weights of all: a table that they share.
std::list<Plan*>& live() {
  static std::list<Plan*> plans;
  return plans;
}

int32_t prepare_listed(const convcheck_problem* problem, const convcheck_buffers* buffers, void** plan) {
  const int32_t status = prepare(problem, buffers, plan);
  if (status == CONVCHECK_OK) live().push_back(static_cast<Plan*>(*plan));
  return status;
}

void release_all(void* plan) {
  live().remove(static_cast<Plan*>(plan));
  for (Plan* other : live()) std::fill(other->taps.begin(), other->taps.end(), 0.0F);
  release(plan);
}

// Threads.

/// Sums the window of each output in scratch memory, a product at a time.
template <size_t kSize>
void convolve_in(std::array<std::atomic<float>, kSize>& scratch, const convcheck_problem& problem,
                 const convcheck_buffers& buffers) {
  const Conv conv = decode(problem);
  for (int64_t n = 0; n < conv.batch; ++n) {
    for (int64_t k = 0; k < conv.out_channels(); ++k) {
      for (int64_t h = 0; h < conv.rows.out; ++h) {
        for (int64_t first = 0; first < conv.cols.out; first += static_cast<int64_t>(kSize)) {
          const int64_t count = std::min(static_cast<int64_t>(kSize), conv.cols.out - first);
          for (int64_t i = 0; i < count; ++i) {
            Conv one = conv;
            one.batch = one.groups = one.out_per_group = 1;
            one.rows.pad -= h * conv.rows.stride;
            one.cols.pad -= (first + i) * conv.cols.stride;
            one.rows.out = one.cols.out = 1;
            float sum = 0;
            const int64_t group = k / conv.out_per_group;
            const float* const bias = conv.has_bias ? floats(buffers.bias) + k * conv.bias_step : nullptr;
            convolve_plain(
                one, floats(buffers.input) + n * conv.input.outer + group * conv.in_per_group * conv.input.channel,
                floats(buffers.weight) + k * conv.weight.outer, bias, &sum);
            scratch[static_cast<size_t>(i)].store(sum, std::memory_order_relaxed);
          }
          for (int64_t i = 0; i < count; ++i) {
            static_cast<float*>(buffers.output)[n * conv.output.outer + k * conv.output.channel + h * conv.output.row +
                                                (first + i) * conv.output.col] =
                scratch[static_cast<size_t>(i)].load(std::memory_order_relaxed);
          }
        }
      }
    }
  }
}

using Scratch = std::array<std::atomic<float>, 4096>;

void in_shared_scratch(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  static Scratch scratch;
  convolve_in(scratch, problem, buffers);
}

void in_locked_scratch(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  static Scratch scratch;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  convolve_in(scratch, problem, buffers);
}

void in_scratch_of_the_plan(const convcheck_problem& problem, const convcheck_buffers& buffers, Plan& plan) {
  convolve_in(plan.scratch, problem, buffers);
}

/// The input is packed whole before anything is computed, as im2col does, in memory of all calls.
void in_packed_input(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  static std::array<std::atomic<float>, 1 << 16> shared;
  const Conv conv = decode(problem);
  const int64_t channels = conv.groups * conv.in_per_group;
  const int64_t count = conv.batch * channels * conv.rows.in * conv.cols.in;
  if (count > static_cast<int64_t>(shared.size())) return convolve(problem, buffers);
  size_t at = 0;
  const auto for_each = [&](const auto& visit) {
    at = 0;
    for (int64_t n = 0; n < conv.batch; ++n) {
      for (int64_t c = 0; c < channels; ++c) {
        for (int64_t h = 0; h < conv.rows.in; ++h) {
          for (int64_t w = 0; w < conv.cols.in; ++w) {
            visit(n * conv.input.outer + c * conv.input.channel + h * conv.input.row + w * conv.input.col);
          }
        }
      }
    }
  };
  for_each([&](int64_t place) { shared.at(at++).store(floats(buffers.input)[place], std::memory_order_relaxed); });
  std::vector<float> own(static_cast<size_t>(count));
  for_each([&](int64_t /*place*/) {
    own[at] = shared.at(at).load(std::memory_order_relaxed);
    ++at;
  });
  Conv dense = conv;
  dense.input = {.outer = channels * conv.rows.in * conv.cols.in,
                 .channel = conv.rows.in * conv.cols.in,
                 .row = conv.cols.in,
                 .col = 1};
  convolve_plain(dense, own.data(), floats(buffers.weight), floats(buffers.bias), static_cast<float*>(buffers.output));
}

/// Two calls at once are one too many: the second fails with a status of its own.
int32_t run_one_at_a_time(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  static std::atomic<int> running = 0;
  if (const int32_t status = admit(*problem, *buffers); status != CONVCHECK_OK) return status;
  const bool is_first = running.fetch_add(1) == 0;
  if (is_first) convolve(*problem, *buffers);
  running.fetch_sub(1);
  return is_first ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

// Leaks.

/// What is lost is kept here until the program ends: the tests lose nothing.
template <class Kept>
std::list<Kept>& kept() {
  static std::list<Kept> all;
  return all;
}

void lose_16_bytes() {
  kept<std::array<char, 16>>().emplace_back();
}

/// In the arena of another thread.
void lose_in_a_thread() {
  std::jthread([] {
    auto lost = std::make_unique<std::array<char, 24>>();
    static std::vector<std::unique_ptr<std::array<char, 24>>> all = [] {
      std::vector<std::unique_ptr<std::array<char, 24>>> reserved;
      reserved.reserve(1 << 16);
      return reserved;
    }();
    if (all.size() < all.capacity()) all.push_back(std::move(lost));
  });
}

void lose_a_descriptor() {
  kept<int>().push_back(dup(STDERR_FILENO));
}

void lose_a_page() {
  kept<void*>().push_back(mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

void keep_plan(void* plan) {
  kept<std::unique_ptr<Plan>>().emplace_back(static_cast<Plan*>(plan));
}

/// The last eight shapes have a table each; where `kLoses`, the table that makes room is not freed.
template <bool kLoses>
void cache_of_eight(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  struct Entry {
    convcheck_problem problem;
    std::unique_ptr<std::array<char, 100>> table;
  };
  static std::list<Entry> entries;
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
    return std::memcmp(&entry.problem, &problem, sizeof(problem)) == 0;
  });
  if (found == entries.end()) {
    entries.push_front({problem, std::make_unique<std::array<char, 100>>()});
    if (entries.size() > 8) {
      if (kLoses) kept<std::unique_ptr<std::array<char, 100>>>().push_back(std::move(entries.back().table));
      entries.pop_back();
    }
  }
  convolve(problem, buffers);
}

// The process.

void install_handler() {
  (void)std::signal(SIGUSR2, SIG_IGN);
}
void block_signal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}
void pin_thread() {
  cpu_set_t all;
  cpu_set_t one;
  sched_getaffinity(0, sizeof(all), &all);
  CPU_ZERO(&one);
  for (int cpu = CPU_SETSIZE - 1; cpu >= 0; --cpu) {
    if (CPU_ISSET(cpu, &all) && CPU_COUNT(&one) == 0) CPU_SET(cpu, &one);
  }
  sched_setaffinity(0, sizeof(one), &one);
}
void set_alarm() {
  alarm(1000);
}
void set_profiling_timer() {
  const itimerval timer = {.it_interval = {1000, 0}, .it_value = {1000, 0}};
  setitimer(ITIMER_PROF, &timer, nullptr);
}
void set_umask() {
  umask(0123);
}
void change_directory() {
  if (chdir("/") != 0) std::abort();
}
void lower_a_limit() {
  rlimit limit = {};
  getrlimit(RLIMIT_CORE, &limit);
  limit.rlim_cur = limit.rlim_cur == 0 ? std::min<rlim_t>(limit.rlim_max, 4096) : 0;
  setrlimit(RLIMIT_CORE, &limit);
}
void set_variable() {
  setenv("CONVCHECK_TEST_VARIABLE", "1", 1);  // NOLINT(concurrency-mt-unsafe): the test has one thread
}
void open_file() {
  static const int kFile = open("/dev/null", O_RDONLY | O_CLOEXEC);
  (void)kFile;
}
void replace_stdin() {
  const int file = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  dup2(file, STDIN_FILENO);
  close(file);
}
void close_stdin() {
  close(STDIN_FILENO);
}
void change_and_restore() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(file);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// Refusals.

/// `supports` says yes, and `run` clears the output before it sees that it does not serve a stride.
int32_t run_clears_and_declines(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = admit(*problem, *buffers); status != CONVCHECK_OK) return status;
  const Conv conv = decode(*problem);
  if (conv.rows.stride == 1) {
    convolve(*problem, *buffers);
    return CONVCHECK_OK;
  }
  if (conv.batch > 0) *static_cast<float*>(buffers->output) = 0;
  return CONVCHECK_UNSUPPORTED;
}

int32_t run_declines(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = admit(*problem, *buffers); status != CONVCHECK_OK) return status;
  if (problem->stride[0] != 1) return CONVCHECK_UNSUPPORTED;
  convolve(*problem, *buffers);
  return CONVCHECK_OK;
}

int32_t run_writes_and_rejects(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  const int32_t status = admit(*problem, *buffers);
  if (status == CONVCHECK_REJECTED) *static_cast<float*>(buffers->output) = 0;
  if (status == CONVCHECK_OK) convolve(*problem, *buffers);
  return status;
}

// Hostile arguments.

/// Entries that look at the problem that `Mend` makes of it.
template <auto Mend>
struct Mending {
  static int32_t supports(const convcheck_problem* problem) { return admit(Mend(*problem)); }
  static int32_t run(const convcheck_problem* problem, const convcheck_buffers* buffers) {
    if (const int32_t status = admit(Mend(*problem), *buffers); status != CONVCHECK_OK) return status;
    // What is invalid and taken for valid would be computed here: in a test it is not.
    if (admit(*problem, *buffers) == CONVCHECK_OK) convolve(*problem, *buffers);
    return CONVCHECK_OK;
  }
};

template <auto Mend>
constexpr convcheck_kernel mending(const char* name) {
  convcheck_kernel result = kernel(name, Mending<Mend>::run);
  result.supports = Mending<Mend>::supports;
  return result;
}

convcheck_problem with_struct_size(convcheck_problem p) {
  p.struct_size = sizeof(p);
  return p;
}
convcheck_problem with_dtype(convcheck_problem p) {
  p.dtype = CONVCHECK_F32;
  return p;
}
convcheck_problem with_direction(convcheck_problem p) {
  p.direction = CONVCHECK_FORWARD;
  return p;
}
convcheck_problem with_rank(convcheck_problem p) {
  p.spatial_rank = 2;
  return p;
}
convcheck_problem with_narrow_groups(convcheck_problem p) {
  p.groups = static_cast<int32_t>(p.groups);
  return p;
}
convcheck_problem with_narrow_strides(convcheck_problem p) {
  for (int64_t& stride : p.stride) stride = static_cast<int32_t>(stride);
  return p;
}
convcheck_problem with_bias_rank(convcheck_problem p) {
  if (p.bias.rank == 2) p.bias.rank = 1;
  return p;
}

/// An unknown type is called invalid.
int32_t supports_rejects_unknown(const convcheck_problem* problem) {
  const int32_t status = admit(*problem);
  return status == CONVCHECK_UNSUPPORTED ? CONVCHECK_REJECTED : status;
}

size_t workspace_for_anything(const convcheck_problem* problem) {
  return static_cast<size_t>(std::clamp<int64_t>(problem->input.shape[3], 1, 1000)) * sizeof(float);
}

/// The bias pointer goes unseen.
int32_t run_trusts_the_bias(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = admit(*problem); status != CONVCHECK_OK) return status;
  if (admit(*problem, *buffers) == CONVCHECK_OK) convolve(*problem, *buffers);
  return CONVCHECK_OK;
}

int32_t supports_divides(const convcheck_problem* problem) {
  // What a division by zero does, where the compiler might do without it.
  if (problem->groups == 0) (void)std::raise(SIGFPE);
  return admit(*problem);
}

int32_t supports_throws(const convcheck_problem* problem) {
  if (problem->groups < 0) throw problem->groups;  // NOLINT: a kernel may throw anything
  return admit(*problem);
}

int32_t prepare_trusts(const convcheck_problem* problem, const convcheck_buffers* /*buffers*/, void** plan) {
  *plan = nullptr;
  return problem->dtype == CONVCHECK_F32 ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

constexpr convcheck_kernel with_supports(convcheck_kernel kernel, Supports supports) {
  kernel.supports = supports;
  return kernel;
}

constexpr convcheck_kernel with_workspace(convcheck_kernel kernel) {
  kernel.workspace_bytes = workspace_for_anything;
  return kernel;
}

constexpr convcheck_kernel kKernels[] = {
    kernel("right", run_with<right>),
    kernel("right_with_plan", run_plan<by_plan>, prepare, release),
    kernel("weight_by_address", run_with<weight_by_address>),
    kernel("dilation_by_shape", run_with<axes_by_shape<true>>),
    kernel("padding_by_shape", run_with<axes_by_shape<false>>),
    kernel("stride_by_shape", run_with<stride_by_shape>),
    kernel("steps_by_shape", run_with<steps_by_shape>),
    kernel("left_over", run_with<left_over>),
    kernel("latest_plan", run_plan<by_latest>, prepare_latest, release),
    kernel("kept_problem", run_plan<by_kept_problem>, prepare, release),
    kernel("kept_buffers", run_plan<by_kept_buffers>, prepare, release),
    kernel("first_input", run_plan<by_first_input>, prepare, release),
    kernel("release_clears_all", run_plan<by_plan>, prepare_listed, release_all),
    kernel("shared_scratch", run_with<in_shared_scratch>),
    kernel("locked_scratch", run_with<in_locked_scratch>),
    kernel("packed_input", run_with<in_packed_input>),
    kernel("scratch_of_the_plan", run_plan<in_scratch_of_the_plan>, prepare, release),
    kernel("one_at_a_time", run_one_at_a_time),
    kernel("loses_16_bytes", run_after<lose_16_bytes>),
    kernel("loses_in_a_thread", run_after<lose_in_a_thread>),
    kernel("loses_a_descriptor", run_after<lose_a_descriptor>),
    kernel("loses_a_page", run_after<lose_a_page>),
    kernel("loses_plans", run_plan<by_plan>, prepare, keep_plan),
    kernel("loses_what_it_drops", run_with<cache_of_eight<true>>),
    kernel("cache_of_eight", run_with<cache_of_eight<false>>),
    kernel("installs_handler", run_after<install_handler>),
    kernel("blocks_signal", run_after<block_signal>),
    kernel("pins_thread", run_after<pin_thread>),
    kernel("sets_alarm", run_after<set_alarm>),
    kernel("sets_profiling_timer", run_after<set_profiling_timer>),
    kernel("sets_umask", run_after<set_umask>),
    kernel("changes_directory", run_after<change_directory>),
    kernel("lowers_a_limit", run_after<lower_a_limit>),
    kernel("sets_variable", run_after<set_variable>),
    kernel("opens_file", run_after<open_file>),
    kernel("replaces_stdin", run_after<replace_stdin>),
    kernel("closes_stdin", run_after<close_stdin>),
    kernel("changes_and_restores", run_after<change_and_restore>),
    kernel("clears_and_declines", run_clears_and_declines),
    kernel("declines", run_declines),
    kernel("writes_and_rejects", run_writes_and_rejects),
    mending<with_struct_size>("any_struct_size"),
    mending<with_dtype>("any_dtype"),
    mending<with_direction>("any_direction"),
    mending<with_rank>("any_spatial_rank"),
    mending<with_narrow_groups>("groups_in_32_bits"),
    mending<with_narrow_strides>("strides_in_32_bits"),
    mending<with_bias_rank>("bias_of_rank_two"),
    with_supports(kernel("rejects_unknown", run_with<right>), supports_rejects_unknown),
    with_workspace(kernel("workspace_for_anything", run_with<right>)),
    kernel("trusts_the_bias", run_trusts_the_bias),
    with_supports(kernel("divides_by_groups", run_with<right>), supports_divides),
    with_supports(kernel("throws_at_negative_groups", run_with<right>), supports_throws),
    kernel("prepare_trusts", run_with<right>, prepare_trusts, [](void*) {}),
};

}  // namespace

const convcheck_kernel& conduct_kernel(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kKernels), std::end(kKernels), [&](const auto& kernel) { return kernel.name == name; });
  if (found == std::end(kKernels)) {
    std::fprintf(stderr, "no kernel of conduct is named %.*s\n", static_cast<int>(name.size()), name.data());
    std::abort();
  }
  return *found;
}

}  // namespace convcheck
