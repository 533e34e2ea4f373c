// What a plan may be: packed weights, addresses, a mere number; and tables that stay between calls.
#include <array>
#include <memory>
#include <mutex>
#include <vector>

#include "impls/support/gather.h"
#include "impls/support/planned.h"
#include "impls/unusual/themes.h"
#include "impls/unusual/window.h"

namespace convcheck::impls::unusual {
namespace {

/// Weights and bias packed in reverse, [k][tap]; run() reads nothing else of them.
struct Packed {
  struct Plan : PlanBase {
    std::vector<float> weight;
    std::vector<float> bias;
  };

  static int64_t workspace_floats(const Conv& /*conv*/) { return 0; }

  static void plan(Plan& plan) {
    const Conv& conv = plan.conv;
    plan.plain = capped_count({conv.out_channels(), conv.taps()}) > kMostFloats;
    if (plan.plain) return;
    plan.weight.resize(static_cast<size_t>(conv.weights()));
    for (int64_t k = 0; k < conv.out_channels(); ++k) {
      plan.bias.push_back(conv.has_bias ? plan.user_bias[k * conv.bias_step] : 0.0F);
      float* const last = plan.weight.data() + (k + 1) * conv.taps() - 1;
      (void)all_taps(conv, plan.user_weight + k * conv.weight.outer, [&](const float* tap, int64_t index) {
        *(last - index) = *tap;
        return true;
      });
    }
    plan.user_weight = nullptr;
    plan.user_bias = nullptr;
  }

  static void convolve(const Plan& plan, const float* input, float* output, float* /*workspace*/) {
    Conv conv = plan.conv;
    conv.weight = {
        .outer = conv.taps(), .channel = -conv.rows.kernel * conv.cols.kernel, .row = -conv.cols.kernel, .col = -1};
    conv.bias_step = 1;
    impls::convolve_plain(conv, input, plan.weight.data() + conv.taps() - 1, plan.bias.data(), output);
  }
};

/// `supports` alone declines what is large: what is asked for all the same is done.
struct Anything {
  static void convolve(const Call& call) { convolve_plain(call); }
};

constexpr convcheck_kernel packed() {
  convcheck_kernel k =
      Planned<Packed>::kernel("plan_packs", "packs weight and bias in reverse and reads the packed copy alone");
  k.supports = Entry<Anything>::supports;
  return k;
}

/// A plan of the problem and the addresses, which stay valid: run() reads weight and bias where prepare() saw them, by
/// the problem that prepare() saw.
struct Remembered {
  struct Plan : PlanBase {};
  static int64_t workspace_floats(const Conv& /*conv*/) { return 0; }
  static void plan(Plan& plan) { plan.plain = true; }
  static void convolve(const Plan& /*plan*/, const float* /*input*/, float* /*output*/, float* /*workspace*/) {}
};

constexpr convcheck_kernel remembered() {
  convcheck_kernel k =
      Planned<Remembered>::kernel("plan_remembers", "keeps the problem and the addresses of weight and bias");
  k.supports = Entry<Anything>::supports;
  return k;
}

/// A plan that is no address of anything: a number in a pointer's place, which says where each sum begins.
int32_t prepare_number(const convcheck_problem* problem, const convcheck_buffers* buffers, void** plan) {
  const int32_t status = admit(*problem, *buffers);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number in a pointer's place is the point
  if (status == CONVCHECK_OK) *plan = reinterpret_cast<void*>(static_cast<uintptr_t>(problem->groups % 2 + 1));
  return status;
}

int32_t run_number(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  const int32_t status = admit_run(*problem, *buffers, 0);
  if (status != CONVCHECK_OK) return status;
  const Call call = call_of(*problem, *buffers);
  const bool bias_first = reinterpret_cast<uintptr_t>(buffers->plan) == 1;
  for_each_place(call.conv, [&](const Place& at) {
    const float bias = bias_of(call, at.out_channel);
    float sum = bias_first ? bias : 0.0F;
    for_each_product(call, at, [&](float x, float w) { sum += x * w; });
    output_at(call, at) = bias_first ? sum : sum + bias;
  });
  return CONVCHECK_OK;
}

constexpr convcheck_kernel number() {
  return {.struct_size = sizeof(convcheck_kernel),
          .name = "plan_is_a_number",
          .description = "a plan that points to nothing",
          .algorithm = CONVCHECK_SUMMATION,
          .winograd_tile = 0,
          .promises = kEveryPromise,
          .supports = Entry<Anything>::supports,
          .workspace_bytes = nullptr,
          .run = run_number,
          .prepare = prepare_number,
          .release = [](void*) {}};
}

/// For each output row and column of a shape the first input position and the taps that are not padding.
struct Table {
  Axis rows;
  Axis cols;
  std::vector<TapRange> row_taps;
  std::vector<TapRange> col_taps;
};

/// The tables of the last eight shapes, shared by all threads. Eight tables of bounded size are all that ever stays.
class Tables {
 public:
  static constexpr int64_t kLongest = 4096;

  std::shared_ptr<const Table> of(const Axis& rows, const Axis& cols) {
    const std::lock_guard lock(mutex_);
    for (const auto& table : tables_) {
      if (table != nullptr && table->rows == rows && table->cols == cols) return table;
    }
    auto made = std::make_shared<const Table>(Table{rows, cols, taps_of(rows), taps_of(cols)});
    tables_.at(next_++ % tables_.size()) = made;
    return made;
  }

 private:
  static std::vector<TapRange> taps_of(const Axis& axis) {
    std::vector<TapRange> taps;
    for (int64_t out = 0; out < axis.out; ++out) taps.push_back(valid_taps(axis, out));
    return taps;
  }

  std::mutex mutex_;
  std::array<std::shared_ptr<const Table>, 8> tables_;
  size_t next_ = 0;
};

struct Cached {
  static void convolve(const Call& call) {
    // It lives until the library is unloaded; what it holds changes no result.
    static Tables tables;
    const Conv& conv = call.conv;
    if (conv.rows.out > Tables::kLongest || conv.cols.out > Tables::kLongest) return convolve_plain(call);
    const std::shared_ptr<const Table> table = tables.of(conv.rows, conv.cols);
    for_each_place(conv, [&](const Place& at) {
      const TapRange rows = table->row_taps[static_cast<size_t>(at.row)];
      const TapRange cols = table->col_taps[static_cast<size_t>(at.col)];
      float sum = bias_of(call, at.out_channel);
      for (int64_t row = rows.begin; row < rows.end; ++row) {
        for (int64_t col = cols.begin; col < cols.end; ++col) {
          for (int64_t channel = 0; channel < conv.in_per_group; ++channel) {
            sum += input_at(call, at.image, first_channel(conv, at.out_channel) + channel,
                            input_position(conv.rows, at.row, row), input_position(conv.cols, at.col, col)) *
                   weight_at(call, at.out_channel, channel, row, col);
          }
        }
      }
      output_at(call, at) = sum;
    });
  }
};

constexpr convcheck_kernel kKernels[] = {
    packed(),
    remembered(),
    number(),
    kernel<Cached>("caches_tables", "keeps index tables of the last eight shapes"),
};

}  // namespace

std::span<const convcheck_kernel> plans() {
  return kKernels;
}

}  // namespace convcheck::impls::unusual
