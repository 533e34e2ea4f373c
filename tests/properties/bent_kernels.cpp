#include "tests/properties/bent_kernels.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "impls/support/rules.h"

namespace convcheck {
namespace {

enum class Bend {
  order_by_alignment,  // sound
  channels_last_only,  // sound
  odd_groups_off,
  last_filter_off,
  last_channel_twice,
  first_image_off,
  input_clipped_below,
  output_clipped_below,
  weight_saturated,
  weight_unsigned,
  edge_repeated,
  padding_height_for_both,
  strides_swapped,
  strided_starts_late,
  dilation_width_lost,
  dilation_doubled_in_holes,
  kernel_flipped_in_width,
  kernel_flipped,
  odd_columns_off,
  second_tile_off,
  pointwise_drops_channel,
  pointwise_ignores_stride,
  input_read_as_dense,
  output_rows_as_dense,
  order_by_batch,
  order_by_call,
  weight_kept_by_address,
  workspace_trusted,
  zeros_unwritten,
};

int64_t offset(const convcheck_tensor_desc& t, int64_t i, int64_t j, int64_t k, int64_t l) {
  return i * t.stride[0] + j * t.stride[1] + k * t.stride[2] + l * t.stride[3];
}

int64_t dense_offset(const convcheck_tensor_desc& t, int64_t i, int64_t j, int64_t k, int64_t l) {
  return ((i * t.shape[1] + j) * t.shape[2] + k) * t.shape[3] + l;
}

// What a wrong kernel keeps from call to call: the values of a weight, by its address.
struct Kept {
  const float* weight = nullptr;
  std::vector<float> values;
};

// One convolution, sums in f32 in the order of the products or in the opposite one.
template <Bend B>
class Convolution {
 public:
  Convolution(const convcheck_problem& problem, const convcheck_buffers& buffers, bool reversed)
      : p_(problem),
        b_(buffers),
        input_(static_cast<const float*>(buffers.input)),
        weight_(static_cast<const float*>(buffers.weight)),
        channels_(problem.weight.shape[1]),
        filters_(problem.weight.shape[0] / problem.groups),
        is_pointwise_(problem.weight.shape[2] == 1 && problem.weight.shape[3] == 1),
        reversed_(reversed) {}

  void use_weight(const float* packed) { packed_ = packed; }

  void run() {
    auto* const output = static_cast<float*>(b_.output);
    const convcheck_tensor_desc& y = p_.output;
    for (int64_t n = 0; n < y.shape[0]; ++n) {
      for (int64_t k = 0; k < y.shape[1]; ++k) {
        for (int64_t oh = 0; oh < y.shape[2]; ++oh) {
          for (int64_t ow = 0; ow < y.shape[3]; ++ow) {
            const float value = element(n, k, oh, ow) + off(n, k, ow);
            if (B == Bend::zeros_unwritten && value == 0) continue;
            // Rows without a gap between them, the tensor's own planes: inside the span all the same.
            const int64_t row = B == Bend::output_rows_as_dense && y.stride[3] == 1 ? y.shape[3] : y.stride[2];
            output[n * y.stride[0] + k * y.stride[1] + oh * row + ow * y.stride[3]] = value;
          }
        }
      }
    }
  }

 private:
  static constexpr bool is(Bend bend) { return B == bend; }

  [[nodiscard]] float off(int64_t n, int64_t k, int64_t ow) const {
    if (is(Bend::odd_groups_off)) return k / filters_ % 2 == 1 ? 1 : 0;
    if (is(Bend::last_filter_off)) return filters_ > 1 && k % filters_ == filters_ - 1 ? 1 : 0;
    if (is(Bend::first_image_off)) return n == 0 ? 1 : 0;
    if (is(Bend::odd_columns_off)) return ow % 2 == 1 ? 1 : 0;
    if (is(Bend::second_tile_off)) return ow >= 2 ? 1 : 0;
    if (is(Bend::workspace_trusted)) return std::isnan(*static_cast<const float*>(b_.workspace)) ? 0 : 1;
    return 0;
  }

  float element(int64_t n, int64_t k, int64_t oh, int64_t ow) {
    products_.clear();
    const bool drops = is(Bend::pointwise_drops_channel) && is_pointwise_ && channels_ > 1;
    for (int64_t c = 0; c < channels_ - (drops ? 1 : 0); ++c) {
      for (int64_t kh = 0; kh < p_.weight.shape[2]; ++kh) {
        for (int64_t kw = 0; kw < p_.weight.shape[3]; ++kw)
          add_product(n, k, c, position(oh, kh, 0), position(ow, kw, 1), kh, kw);
      }
      const bool twice = is(Bend::last_channel_twice) && channels_ > 1 && c == channels_ - 1;
      if (twice) products_.insert(products_.end(), products_.begin(), products_.end());
    }
    if (b_.bias != nullptr) products_.push_back(static_cast<const float*>(b_.bias)[k * p_.bias.stride[0]]);
    if (reversed_) std::reverse(products_.begin(), products_.end());
    float sum = 0;
    for (const float product : products_) sum += product;
    return is(Bend::output_clipped_below) ? std::max(sum, 0.0F) : sum;
  }

  void add_product(int64_t n, int64_t k, int64_t c, int64_t ih, int64_t iw, int64_t kh, int64_t kw) {
    const int64_t height = p_.input.shape[2];
    const int64_t width = p_.input.shape[3];
    if (is(Bend::edge_repeated) && height > 0 && width > 0) {
      ih = std::clamp<int64_t>(ih, 0, height - 1);
      iw = std::clamp<int64_t>(iw, 0, width - 1);
    }
    if (ih < 0 || ih >= height || iw < 0 || iw >= width) return;
    const int64_t channel = k / filters_ * channels_ + c;
    float x = input_[is(Bend::input_read_as_dense) ? dense_offset(p_.input, n, channel, ih, iw)
                                                   : offset(p_.input, n, channel, ih, iw)];
    if (is(Bend::kernel_flipped)) kh = p_.weight.shape[2] - 1 - kh;
    if (is(Bend::kernel_flipped) || is(Bend::kernel_flipped_in_width)) kw = p_.weight.shape[3] - 1 - kw;
    float w =
        packed_ != nullptr ? packed_[dense_offset(p_.weight, k, c, kh, kw)] : weight_[offset(p_.weight, k, c, kh, kw)];
    if (is(Bend::input_clipped_below)) x = std::max(x, 0.0F);
    if (is(Bend::weight_saturated)) w = std::clamp(w, -1.0F, 1.0F);
    if (is(Bend::weight_unsigned)) w = std::abs(w);
    const bool dilated = p_.dilation[0] > 1 && p_.dilation[1] > 1;
    if (is(Bend::dilation_doubled_in_holes) && dilated) w *= 2;
    products_.push_back(x * w);
  }

  [[nodiscard]] int64_t position(int64_t out, int64_t tap, int axis) const {
    int64_t stride = p_.stride[axis];
    int64_t dilation = p_.dilation[axis];
    int64_t pad = p_.pad_before[axis];
    if (is(Bend::strides_swapped)) stride = p_.stride[1 - axis];
    if (is(Bend::pointwise_ignores_stride) && is_pointwise_) stride = 1;
    if (is(Bend::padding_height_for_both)) pad = p_.pad_before[0];
    if (is(Bend::strided_starts_late) && stride > 1) --pad;
    if (is(Bend::dilation_width_lost) && axis == 1) dilation = 1;
    return out * stride + tap * dilation - pad;
  }

  const convcheck_problem& p_;
  const convcheck_buffers& b_;
  const float* input_;
  const float* weight_;
  const float* packed_ = nullptr;
  int64_t channels_, filters_;
  bool is_pointwise_;
  bool reversed_;
  std::vector<float> products_;
};

int32_t supports(const convcheck_problem* problem) {
  if (const int32_t status = impls::check_rules(*problem); status != CONVCHECK_OK) return status;
  const bool served =
      problem->dtype == CONVCHECK_F32 && problem->direction == CONVCHECK_FORWARD && problem->spatial_rank == 2;
  return served ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

bool is_channels_last(const convcheck_tensor_desc& t) {
  const int64_t strides[] = {t.shape[1] * t.shape[2] * t.shape[3], 1, t.shape[1] * t.shape[3], t.shape[1]};
  for (int axis = 0; axis < 4; ++axis) {
    if (t.shape[axis] > 1 && t.stride[axis] != strides[axis]) return false;
  }
  return true;
}

int32_t supports_channels_last(const convcheck_problem* problem) {
  if (const int32_t status = supports(problem); status != CONVCHECK_OK) return status;
  const bool served = is_channels_last(problem->input) && is_channels_last(problem->output);
  return served ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

size_t workspace_bytes(const convcheck_problem* problem) {
  return supports(problem) == CONVCHECK_OK ? 64 : 0;
}

template <Bend B>
bool is_reversed(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  static std::atomic<int> calls = 0;
  if (B == Bend::order_by_alignment) return reinterpret_cast<uintptr_t>(buffers.input) / sizeof(float) % 16 % 3 == 1;
  if (B == Bend::order_by_batch) return problem.input.shape[0] > 1;
  if (B == Bend::order_by_call) return ++calls % 3 == 0;
  return false;
}

template <Bend B>
int32_t run(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = supports(problem); status != CONVCHECK_OK) return status;
  Convolution<B> convolution(*problem, *buffers, is_reversed<B>(*problem, *buffers));
  static thread_local Kept kept;
  if (B == Bend::weight_kept_by_address) {
    const auto* const weight = static_cast<const float*>(buffers->weight);
    const convcheck_tensor_desc& w = problem->weight;
    const auto count = static_cast<size_t>(w.shape[0] * w.shape[1] * w.shape[2] * w.shape[3]);
    if (kept.weight != weight || kept.values.size() != count) {
      kept.weight = weight;
      kept.values.clear();
      for (int64_t i = 0; i < w.shape[0]; ++i) {
        for (int64_t j = 0; j < w.shape[1]; ++j) {
          for (int64_t k = 0; k < w.shape[2]; ++k) {
            for (int64_t l = 0; l < w.shape[3]; ++l) kept.values.push_back(weight[offset(w, i, j, k, l)]);
          }
        }
      }
    }
    convolution.use_weight(kept.values.data());
  }
  convolution.run();
  return CONVCHECK_OK;
}

template <Bend B>
convcheck_kernel make(const char* name) {
  return {.struct_size = sizeof(convcheck_kernel),
          .name = name,
          .description = "a bent convolution for tests",
          .algorithm = CONVCHECK_SUMMATION,
          .winograd_tile = 0,
          .promises = CONVCHECK_REJECTS_INVALID | CONVCHECK_DETERMINISTIC | CONVCHECK_THREAD_SAFE |
                      CONVCHECK_PROPAGATES_NONFINITE | CONVCHECK_BATCH_INVARIANT,
          .supports = B == Bend::channels_last_only ? supports_channels_last : supports,
          .workspace_bytes = workspace_bytes,
          .run = run<B>,
          .prepare = nullptr,
          .release = nullptr};
}

#define CONVCHECK_BENT(bend) make<Bend::bend>(#bend)

// A kernel that reads more inputs than it should has larger sums than the integers were made for, and may round them:
// only laws that make the same sums in the same order hold on it then.
// What is wrong with channels, images, values and padding.
std::vector<BentKernel> make_first() {
  return {
      {CONVCHECK_BENT(odd_groups_off),
       {"permuting_groups_permutes_outputs", "groups_are_independent", "tied_groups_equal_channel_fold"},
       {"bias_adds", "permuting_images_permutes_outputs", "padding_equals_explicit_zeros"}},
      {CONVCHECK_BENT(last_filter_off),
       {"permuting_filters_permutes_outputs"},
       {"permuting_groups_permutes_outputs", "groups_are_independent", "shifting_the_input_shifts_the_output"}},
      {CONVCHECK_BENT(last_channel_twice),
       {"permuting_input_channels_changes_nothing", "identity_kernel_copies"},
       {"bias_adds", "permuting_filters_permutes_outputs"}},
      {CONVCHECK_BENT(first_image_off),
       {"permuting_images_permutes_outputs", "batch_is_independent", "images_keep_their_bits_in_any_batch"},
       {"permuting_groups_permutes_outputs", "repeats_bit_for_bit"}},
      {CONVCHECK_BENT(input_clipped_below),
       {"linear_in_the_input", "identity_kernel_copies", "pointwise_is_a_matrix_product"},
       {"linear_in_the_weight", "padding_equals_explicit_zeros", "stride_equals_subsampling"}},
      {CONVCHECK_BENT(output_clipped_below),
       {"linear_in_the_input", "linear_in_the_weight", "bias_adds"},
       {"padding_equals_explicit_zeros", "stride_equals_subsampling", "repeats_bit_for_bit"}},
      {CONVCHECK_BENT(weight_saturated),
       {"linear_in_the_weight", "pointwise_is_a_matrix_product"},
       {"linear_in_the_input", "identity_kernel_copies"}},
      {CONVCHECK_BENT(weight_unsigned), {"linear_in_the_weight"}, {"linear_in_the_input", "identity_kernel_copies"}},
      {CONVCHECK_BENT(edge_repeated),
       {"padding_equals_explicit_zeros", "identity_kernel_copies"},
       {"permuting_groups_permutes_outputs", "permuting_filters_permutes_outputs"}},
      {CONVCHECK_BENT(padding_height_for_both),
       {"padding_equals_explicit_zeros", "transposing_the_axes_transposes_outputs", "identity_kernel_copies"},
       {"permuting_images_permutes_outputs"}},
  };
}

// What is wrong with strides, dilation, axes, fast paths, memory, order and state.
std::vector<BentKernel> make_others() {
  return {
      {CONVCHECK_BENT(strides_swapped),
       {"stride_equals_subsampling", "identity_kernel_copies"},
       {"permuting_groups_permutes_outputs"}},
      {CONVCHECK_BENT(strided_starts_late),
       {"stride_equals_subsampling", "identity_kernel_copies"},
       {"permuting_groups_permutes_outputs"}},
      {CONVCHECK_BENT(dilation_width_lost),
       {"dilation_equals_zero_stuffing", "transposing_the_axes_transposes_outputs", "identity_kernel_copies"},
       {"permuting_groups_permutes_outputs", "batch_is_independent"}},
      {CONVCHECK_BENT(dilation_doubled_in_holes),
       {"dilation_equals_zero_stuffing", "identity_kernel_copies"},
       {"permuting_groups_permutes_outputs"}},
      {CONVCHECK_BENT(kernel_flipped_in_width),
       {"transposing_the_axes_transposes_outputs", "identity_kernel_copies"},
       {"stride_equals_subsampling", "dilation_equals_zero_stuffing", "padding_equals_explicit_zeros"}},
      {CONVCHECK_BENT(kernel_flipped),
       {"identity_kernel_copies"},
       {"transposing_the_axes_transposes_outputs", "stride_equals_subsampling", "linear_in_the_weight"}},
      {CONVCHECK_BENT(odd_columns_off),
       {"shifting_the_input_shifts_the_output", "transposing_the_axes_transposes_outputs"},
       {"permuting_groups_permutes_outputs", "padding_equals_explicit_zeros", "bias_adds"}},
      {CONVCHECK_BENT(second_tile_off),
       {"shifting_the_input_shifts_the_output", "identity_kernel_copies"},
       {"permuting_images_permutes_outputs", "padding_equals_explicit_zeros"}},
      {CONVCHECK_BENT(pointwise_drops_channel),
       {"pointwise_is_a_matrix_product", "permuting_input_channels_changes_nothing"},
       {"linear_in_the_input", "stride_equals_subsampling"}},
      {CONVCHECK_BENT(pointwise_ignores_stride),
       {"pointwise_is_a_matrix_product", "stride_equals_subsampling"},
       {"permuting_filters_permutes_outputs"}},
      {CONVCHECK_BENT(input_read_as_dense), {"memory_layout_does_not_matter"}, {}},
      {CONVCHECK_BENT(output_rows_as_dense), {"memory_layout_does_not_matter"}, {}},
      {CONVCHECK_BENT(order_by_batch),
       {"images_keep_their_bits_in_any_batch"},
       {"repeats_bit_for_bit", "batch_is_independent", "permuting_images_permutes_outputs"}},
      {CONVCHECK_BENT(order_by_call),
       {"repeats_bit_for_bit"},
       {"batch_is_independent", "linear_in_the_input", "memory_layout_does_not_matter"}},
      {CONVCHECK_BENT(weight_kept_by_address), {"repeats_bit_for_bit"}, {}},
      {CONVCHECK_BENT(workspace_trusted),
       {"repeats_bit_for_bit"},
       {"images_keep_their_bits_in_any_batch", "linear_in_the_input"}},
      {CONVCHECK_BENT(zeros_unwritten),
       {"padding_equals_explicit_zeros", "repeats_bit_for_bit", "images_keep_their_bits_in_any_batch",
        "pointwise_is_a_matrix_product", "identity_kernel_copies", "linear_in_the_input"},
       {"accepts_valid"}},
  };
}

}  // namespace

const std::vector<BentKernel>& bent_kernels() {
  static const std::vector<BentKernel> kKernels = [] {
    std::vector<BentKernel> all = make_first();
    const std::vector<BentKernel> others = make_others();
    all.insert(all.end(), others.begin(), others.end());
    return all;
  }();
  return kKernels;
}

const convcheck_kernel& channels_last_only() {
  static const convcheck_kernel kKernel = CONVCHECK_BENT(channels_last_only);
  return kKernel;
}

const convcheck_kernel& ordered_by_alignment() {
  static const convcheck_kernel kKernel = CONVCHECK_BENT(order_by_alignment);
  return kKernel;
}

}  // namespace convcheck
