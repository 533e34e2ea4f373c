// convcheck explain: shapes, rules, what goes where; for an invalid problem why it is invalid and what is near.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <numeric>

#include "harness/table.h"
#include "reference/case_text.h"
#include "reference/nearest.h"
#include "reference/rules.h"
#include "reference/spelling.h"
#include "tools/convcheck/commands.h"
#include "tools/convcheck/selection.h"

namespace convcheck {
namespace {

std::string product(const Shape& shape) {
  return fmt::format("{}", fmt::join(shape.begin(), shape.end(), " x "));
}

// "3" where all are equal, else "(3, 5)".
std::string python(const PerAxis& values, int rank) {
  const auto last = values.begin() + rank;
  if (std::all_of(values.begin(), last, [&](int64_t v) { return v == values[0]; })) return fmt::to_string(values[0]);
  return fmt::format("({})", fmt::join(values.begin(), last, ", "));
}

PerAxis kernel_of(const Problem& p) {
  PerAxis kernel = {1, 1, 1};
  for (int axis = 0; axis < p.spatial_rank(); ++axis) kernel[static_cast<size_t>(axis)] = p.weight[axis + 2];
  return kernel;
}

// The layer as PyTorch spells it.
std::string layer_text(const Problem& p) {
  const int rank = p.spatial_rank();
  std::string text =
      fmt::format("Conv{}d({}, {}, {}", rank, p.in_channels(), p.out_channels(), python(kernel_of(p), rank));
  if (p.stride != PerAxis{1, 1, 1}) text += ", stride=" + python(p.stride, rank);
  if (p.pad_before == p.pad_after && p.pad_before != PerAxis{}) text += ", padding=" + python(p.pad_before, rank);
  if (p.dilation != PerAxis{1, 1, 1}) text += ", dilation=" + python(p.dilation, rank);
  if (p.groups != 1) text += fmt::format(", groups={}", p.groups);
  text += p.has_bias() ? ")" : ", bias=False)";
  if (p.pad_before != p.pad_after) text += " behind a padding layer: the sides differ";
  return text;
}

void line(std::string_view label, std::string_view text) {
  fmt::print("  {:<15} {}\n", label, text);
}

// The same for whole sentences, which may be broken.
void prose(std::string_view label, std::string_view text) {
  line(label, wrapped(text, 18));
}

std::string range(int64_t first, int64_t count) {
  return count == 1 ? fmt::format("channel {}", first) : fmt::format("channels {}-{}", first, first + count - 1);
}

void explain_output(const Problem& p) {
  constexpr const char* kAxes[] = {"depth", "height", "width"};
  const Shape output = rule_output_shape(p);
  line("output", product(output));
  for (int axis = 0; axis < p.spatial_rank(); ++axis) {
    const auto at = static_cast<size_t>(axis);
    line("", fmt::format("{}: floor(({} + {} + {} - {} * ({} - 1) - 1) / {}) + 1 = {}",
                         kAxes[axis + kMaxSpatial - p.spatial_rank()], p.input[axis + 2], p.pad_before[at],
                         p.pad_after[at], p.dilation[at], p.weight[axis + 2], p.stride[at], output[axis + 2]));
  }
}

void explain_groups(const Problem& p) {
  const int64_t in_per_group = p.in_channels() / p.groups;
  const int64_t out_per_group = p.out_channels() / p.groups;
  line("groups", fmt::format("{}, each with {} input and {} output channel{} (channels_per_kernel={})", p.groups,
                             in_per_group, out_per_group, out_per_group == 1 ? "" : "s", in_per_group));
  constexpr int64_t kMostShown = 4;
  for (int64_t g = 0; g < std::min(p.groups, kMostShown); ++g) {
    line("", fmt::format("output {} see input {}", range(g * out_per_group, out_per_group),
                         range(g * in_per_group, in_per_group)));
  }
  if (p.groups > kMostShown) line("", fmt::format("... and so on, to group {}", p.groups - 1));
  line("", "the groups' results are stacked in this order");
}

// Input channels folded into the batch, one kernel set for all of them: (N, C, ...) as (N*C, 1, ...), 1 -> K.
void explain_fold(const Problem& p, int64_t kernels) {
  const int64_t channels = p.in_channels();
  if (!fits_int64(Wide{p.batch()} * channels) || !fits_int64(Wide{channels} * kernels)) return;
  Problem fold = p;
  fold.claimed_output.reset();
  fold.input_strides.reset();
  fold.weight_strides.reset();
  fold.output_strides.reset();
  fold.groups = 1;
  fold.input[0] = p.batch() * channels;
  fold.input[1] = 1;
  fold.weight[0] = kernels;
  fold.weight[1] = 1;
  if (fold.has_bias()) fold.bias = {kernels};
  Problem grouped = fold;
  grouped.groups = channels;
  grouped.input[0] = p.batch();
  grouped.input[1] = channels;
  grouped.weight[0] = channels * kernels;
  if (grouped.has_bias()) grouped.bias = {channels * kernels};
  if (!is_valid(fold) || !is_valid(grouped)) return;
  prose("folding",
        fmt::format("to apply each of {0} kernels to every one of the {1} input channels, fold the channels into the "
                    "batch: view {2} as {3}, convolve 1 -> {0}, and view {4} as {5}: {1} * {0} = {6} maps, not {0}",
                    kernels, channels, print(p.input), print(fold.input), print(rule_output_shape(fold)),
                    print(rule_output_shape(grouped)), channels * kernels));
  line("  folded", print(fold));
  line("  grouped", fmt::format("{}, the {} kernels repeated {} times", print(grouped), kernels, channels));
  prose("",
        fmt::format("a sum or mean over the channels of each kernel's maps brings {1} maps: a convolution {0} -> {1} "
                    "whose weight is the same for every input channel",
                    channels, kernels));
}

int explain_valid(const Problem& p) {
  fmt::print("valid: {}\n\n", print(p));
  line("layer", layer_text(p));
  line("input", fmt::format("{}: batch, in_channels, sizes", product(p.input)));
  line("weight", fmt::format("{}: out_channels, in_channels / groups, kernel sizes", product(p.weight)));
  Wide taps = 1;
  for (int axis = 2; axis < p.weight.rank(); ++axis) taps *= p.weight[axis];
  const Wide planes = Wide{p.weight[0]} * p.weight[1];
  line("", fmt::format("{} * {} / {} = {} kernel planes (out_channels * in_channels / groups), {} weights",
                       p.out_channels(), p.in_channels(), p.groups, to_string(planes), to_string(planes * taps)));
  if (p.has_bias()) line("bias", fmt::format("{}: one value per output channel", product(p.bias)));
  explain_output(p);
  explain_groups(p);
  line("multiply-adds", to_string(multiply_count(p)));
  if (p.in_channels() > 1)
    explain_fold(p, p.groups == p.in_channels() ? p.out_channels() / p.groups : p.out_channels());
  return kHolds;
}

// "3+3+2": one of the ways to share `items` among `groups`.
std::string uneven_split(int64_t items, int64_t groups) {
  std::vector<int64_t> parts;
  for (int64_t g = 0; g < groups; ++g) parts.push_back(items / groups + (g < items % groups ? 1 : 0));
  return fmt::format("{}", fmt::join(parts, "+"));
}

void explain_why(const Problem& p, Rule rule) {
  constexpr int64_t kMostParts = 12;
  const bool is_output = rule == Rule::out_channels_divisible_by_groups;
  if (!is_output && rule != Rule::in_channels_divisible_by_groups) return;
  const int64_t channels = is_output ? p.out_channels() : p.in_channels();
  const char* const what = is_output ? "kernels" : "input channels";
  const bool is_short = p.groups <= kMostParts && channels >= p.groups;
  prose("why",
        fmt::format("{} {} cannot be shared out evenly among {} groups: {}, and since none is better than another "
                    "no framework picks one",
                    channels, what, p.groups,
                    is_short ? uneven_split(channels, p.groups) + " is one of several ways"
                             : std::string("there are several ways")));
}

int explain_invalid(const Problem& p, const BrokenRule& broken) {
  fmt::print("invalid: {}\n\n", print(p));
  fmt::print("  {}\n\n", message(p, broken));
  line("rule", fmt::format("{} ({}): {}", abi_number(broken.rule), name(broken.rule), sentence(broken.rule)));
  explain_why(p, broken.rule);
  const std::vector<Problem> nearest = nearest_valid(p);
  for (size_t i = 0; i < nearest.size(); ++i) line(i == 0 ? "nearest valid" : "", print(nearest[i]));
  if (broken.rule == Rule::out_channels_divisible_by_groups) explain_fold(p, p.out_channels());
  return kViolated;
}

}  // namespace

int explain_command(const std::vector<std::string>& words) {
  const CaseWords split = split_words(words);
  if (split.text.empty()) {
    fmt::print(stderr,
               "convcheck explain: name a problem, such as: convcheck explain input=1x3x8x8 weight=9x1x3x3 groups=3\n");
    return kUsage;
  }
  if (!split.libraries.empty()) {
    fmt::print(stderr, "convcheck explain: '{}' is not key=value; a problem is words such as input=1x3x8x8\n",
               printable(split.libraries[0]));
    return kUsage;
  }
  const auto parsed = parse_case(split.text);
  if (!parsed) {
    fmt::print(stderr, "convcheck explain: '{}': {}\n", printable(split.text), describe(parsed.error()));
    return kUsage;
  }
  const auto broken = broken_rule(parsed->problem);
  return broken ? explain_invalid(parsed->problem, *broken) : explain_valid(parsed->problem);
}

}  // namespace convcheck
