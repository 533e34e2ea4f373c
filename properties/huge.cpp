#include "properties/huge.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "properties/describe.h"
#include "properties/huge_sample.h"
#include "properties/laws/runs.h"
#include "properties/memory_left.h"
#include "reference/random.h"

namespace convcheck {
namespace {

constexpr auto kFloatBytes = static_cast<int64_t>(sizeof(float));

// Taps of a window that the reference repeats for each sampled output: beyond this it would take minutes.
constexpr int64_t kMostTaps = int64_t{1} << 20;

// What judges a huge case; the others need more than one call, or data of their own.
constexpr std::string_view kAccepts = "accepts_valid";
constexpr std::string_view kWrites = "writes_every_output_element";
constexpr std::string_view kMatches = "matches_reference_exactly";

enum Stream : uint64_t { kInputStream, kWeightStream, kBiasStream, kSampleStream };

// Elements that a tensor spans; 0 where it has none.
int64_t span_of(const Problem& problem, TensorRole role) {
  const Shape shape = shape_of(problem, role);
  const bool is_empty = shape.rank() == 0 || std::find(shape.begin(), shape.end(), 0) != shape.end();
  return is_empty ? 0 : static_cast<int64_t>(span_elements(shape, strides_of(problem, role, shape)));
}

int64_t elements_of(const Problem& problem, TensorRole role) {
  const Shape shape = shape_of(problem, role);
  int64_t elements = shape.rank() == 0 ? 0 : 1;
  for (const int64_t extent : shape) elements *= extent;
  return elements;
}

// What a case takes beside its output: the blocks, and page tables for what the call touches, 8 bytes for each page of
// a tensor or a page of them for each element.
int64_t overhead_bytes(const Problem& problem) {
  constexpr int64_t kPage = PeriodicMemory::kPageBytes;
  constexpr int64_t kBlocks = 4;  // input, weight, bias, and the margin of the output
  int64_t bytes = kBlocks * PeriodicMemory::kPeriodBytes;
  for (const TensorRole role : {TensorRole::input, TensorRole::weight, TensorRole::bias, TensorRole::output}) {
    const int64_t pages = span_of(problem, role) / (kPage / kFloatBytes) + 1;
    bytes += 8 * static_cast<int64_t>(std::min<Wide>(pages, Wide{elements_of(problem, role)} * (kPage / 8)));
  }
  return bytes;
}

Wide patch_elements(const Problem& problem) {
  const Shape output = rule_output_shape(problem);
  Wide elements = std::min<int64_t>(problem.batch(), 1) * problem.in_channels();
  for (int axis = 2; axis < output.rank(); ++axis) {
    elements = saturating_product(elements, problem.weight[axis]);
    elements = saturating_product(elements, output[axis]);
  }
  return elements;
}

// Integers of magnitude 1 to `largest`, each value as likely as any other.
void fill_integers(std::span<float> block, int64_t largest, Random random) {
  for (float& element : block) {
    const auto code = static_cast<int64_t>(random.below(static_cast<uint64_t>(2 * largest)));
    element = static_cast<float>(code < largest ? code + 1 : largest - 1 - code);
  }
}

std::string map_tensor(const Case& c, TensorRole role, int64_t largest, Stream stream, PeriodicMemory& memory) {
  return memory.map(span_of(c.problem, role),
                    [&](std::span<float> block) { fill_integers(block, largest, Random(c.seed, stream)); });
}

View<const float> view_of(const Problem& problem, TensorRole role, const PeriodicMemory& memory) {
  const Shape shape = shape_of(problem, role);
  return {memory.data(), shape, strides_of(problem, role, shape)};
}

std::string describe_bytes(int64_t bytes) {
  const auto count = static_cast<double>(bytes);
  return count >= 0x1p30 ? fmt::format("{:.1f} GiB", count / 0x1p30) : fmt::format("{:.1f} MiB", count / 0x1p20);
}

std::string describe_spans(const Problem& problem) {
  return fmt::format("input, weight and output span {}, {} and {} elements", span_of(problem, TensorRole::input),
                     span_of(problem, TensorRole::weight), span_of(problem, TensorRole::output));
}

std::string why_not_judged_here(const Case& c) {
  const Problem& p = c.problem;
  if (p.spatial_rank() != 2 || p.dtype != DataType::f32 || p.direction != Direction::forward) {
    return "only forward f32 with two spatial axes is judged so far";
  }
  if (c.fill != Fill::integers) return "huge problems are judged on integers alone";
  const Geometry g = geometry(p);
  if (g.output_elements() == 0) return "the output has no elements";
  const Wide taps = Wide{g.in_channels_per_group} * g.height.kernel * g.width.kernel;
  if (taps > kMostTaps) {
    return fmt::format("a window of {} taps is too large to be repeated naively; up to {} are", to_string(taps),
                       kMostTaps);
  }
  return {};
}

}  // namespace

bool is_huge(const Problem& problem) {
  constexpr int64_t kEdge = int64_t{1} << 31;
  for (const TensorRole role : {TensorRole::input, TensorRole::weight, TensorRole::output}) {
    if (span_of(problem, role) > kEdge / kFloatBytes) return true;
  }
  return patch_elements(problem) > kEdge;
}

std::string expect_huge(const Case& c, Accuracy accuracy, HugeExpectation& result) {
  if (std::string why = why_not_judged_here(c); !why.empty()) return why;
  const Geometry g = geometry(c.problem);
  const auto range = integer_range(g, accuracy);
  if (!range || range->active_channels < g.in_channels_per_group) {
    return "no integers in all channels keep every right result exact, or nearer than 1/2 for Winograd";
  }
  result.g = g;
  result.accuracy = accuracy;
  const int64_t largest = range->largest;
  std::string why = map_tensor(c, TensorRole::input, largest, kInputStream, result.input);
  if (why.empty()) why = map_tensor(c, TensorRole::weight, largest, kWeightStream, result.weight);
  if (why.empty()) why = map_tensor(c, TensorRole::bias, largest * largest, kBiasStream, result.bias);
  if (!why.empty()) return why;
  const DataView data = {view_of(c.problem, TensorRole::input, result.input),
                         view_of(c.problem, TensorRole::weight, result.weight),
                         view_of(c.problem, TensorRole::bias, result.bias)};
  result.indices = sampled_outputs(c.problem, g, kHugeSpread, Random(c.seed, kSampleStream).bits());
  convolve(g, data, result.indices, result.sums);
  return {};
}

bool judges_huge(const Law& law) {
  return law.name == kAccepts || law.name == kWrites || law.name == kMatches;
}

HugeTrial::HugeTrial(const Subject& subject, const Case& c, const HugeExpectation& expected, int64_t most_bytes)
    : subject_(subject), case_(c), expected_(expected), most_bytes_(most_bytes) {}

void HugeTrial::call_once() {
  if (result_ || !why_not_called_.empty()) return;
  const int64_t elements = span_of(case_.problem, TensorRole::output);
  const int64_t written = expected_.g.output_elements();
  const int64_t needed = OutputMemory::most_bytes(elements, written);
  const int64_t left = std::min(most_bytes_ - memory_taken(), memory_left()) - overhead_bytes(case_.problem);
  if (needed > left) {
    why_not_called_ = fmt::format("the output takes {}, and {} are left", describe_bytes(needed),
                                  describe_bytes(std::max<int64_t>(left, 0)));
    return;
  }
  why_not_called_ = output_.map(elements, written);
  if (!why_not_called_.empty()) return;
  poison_samples();
  call_within(left - needed);
}

void HugeTrial::call_within(int64_t bytes) {
  Workspace workspace(static_cast<size_t>(bytes));  // a sanitizer's allocator ends the program where it cannot
  const CallMemory memory = {.input = expected_.input.data(),
                             .weight = expected_.weight.data(),
                             .bias = expected_.bias.data(),
                             .output = output_.data()};
  const MemoryLimit limit(bytes);
  result_ = call(subject_, case_.problem, memory, workspace);
  if (result_->status == CONVCHECK_FAILED) {
    why_not_judged_ = fmt::format("{} with {} left", describe(*result_), describe_bytes(bytes));
  }
}

void HugeTrial::poison_samples() {
  const Shape shape = shape_of(case_.problem, TensorRole::output);
  const Shape strides = strides_of(case_.problem, TensorRole::output, shape);
  for (const int64_t index : expected_.indices) {
    const Shape at = index_of(shape, index);
    int64_t offset = 0;
    for (int axis = 0; axis < shape.rank(); ++axis) offset += at[axis] * strides[axis];
    offsets_.push_back(offset);
    output_.data()[offset] = std::bit_cast<float>(kPoison);
  }
}

Judgement HugeTrial::judge(const Law& law) {
  call_once();
  if (!why_not_called_.empty()) return Judgement::not_applicable(why_not_called_);
  if (result_->status == CONVCHECK_FAILED) return Judgement::not_applicable(why_not_judged_);
  if (law.name == kAccepts) return judges::judge_acceptance(*result_);
  if (auto stop = judges::unless_ok(*result_)) return *std::move(stop);
  return judge_samples(law.name == kWrites);
}

Judgement HugeTrial::judge_samples(bool only_written) const {
  const bool is_rounded = expected_.accuracy.is_winograd();
  std::vector<int64_t> wrong;
  size_t first = 0;
  for (size_t i = 0; i < expected_.sums.size(); ++i) {
    const float got = output_.data()[offsets_[i]];
    const auto value = static_cast<double>(got);
    const bool is_right =
        only_written ? !is_poison(got) : (is_rounded ? std::nearbyint(value) : value) == expected_.sums[i].value;
    if (is_right) continue;
    if (wrong.empty()) first = i;
    wrong.push_back(expected_.indices[i]);
  }
  if (wrong.empty()) return {};
  const float got = output_.data()[offsets_[first]];
  const auto compared = static_cast<int64_t>(expected_.sums.size());
  return Judgement::violated(
      {.index = describe_index(expected_.g, wrong.front()),
       .expected = only_written ? "a value" : describe_value(expected_.sums[first].value),
       .got = is_poison(got) ? "not written" : describe_value(static_cast<double>(got)),
       .explanation = fmt::format("{}; the first one is element {} of the output's memory; {}.",
                                  describe_wrong(expected_.g, wrong, static_cast<int64_t>(wrong.size()), compared),
                                  offsets_[first], describe_spans(case_.problem))});
}

}  // namespace convcheck
