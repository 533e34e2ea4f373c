// Reading of case text. Words are collected first, then given their meaning, since the meaning of some depends on
// others.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "reference/benchdnn.h"
#include "reference/case_text.h"
#include "reference/layout.h"
#include "reference/rules.h"
#include "reference/spelling.h"

namespace convcheck {
namespace {

// Every key, in the order in which they are printed; the channels form behind.
enum Key : size_t {
  kInput,
  kWeight,
  kGroups,
  kStride,
  kPadding,
  kDilation,
  kBias,
  kOutput,
  kDirection,
  kDtype,
  kLayout,
  kInputStrides,
  kWeightStrides,
  kOutputStrides,
  kFill,
  kSeed,
  kInChannels,
  kOutChannels,
  kKernel,
  kSize,
  kBatch,
  kChannelsPerKernel,
  kKeyCount
};

constexpr std::array<std::string_view, kKeyCount> kKeys = {
    "input",       "weight",       "groups", "stride",        "padding",        "dilation",           "bias", "output",
    "direction",   "dtype",        "layout", "input_strides", "weight_strides", "output_strides",     "fill", "seed",
    "in_channels", "out_channels", "kernel", "size",          "batch",          "channels_per_kernel"};

struct Word {
  std::string_view value;
  size_t position = 0;  // of the key
  bool given = false;

  [[nodiscard]] size_t value_position(Key key) const { return position + kKeys[key].size() + 1; }
};

// Thrown inside this file only, caught by parse_case().
struct Refused {
  TextError error;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Case parse() {
    collect();
    Case c;
    shapes(c.problem);
    parameters(c.problem);
    claims(c.problem);
    if (words_[kFill].given) c.fill = static_cast<Fill>(choice(kFill, kFillNames));
    if (words_[kSeed].given) c.seed = unsigned_number(kSeed);
    return c;
  }

 private:
  [[noreturn]] void refuse(size_t position, std::string message) const {
    throw Refused{{std::min(position, text_.size()), std::move(message)}};
  }
  [[noreturn]] void refuse_value(Key key, std::string message) const {
    refuse(words_[key].value_position(key), std::move(message));
  }

  void collect() {
    constexpr std::string_view kSpace = " \t\r\n";
    for (size_t at = text_.find_first_not_of(kSpace); at != std::string_view::npos;
         at = text_.find_first_not_of(kSpace, at)) {
      const size_t end = std::min(text_.find_first_of(kSpace, at), text_.size());
      add_word(text_.substr(at, end - at), at);
      at = end;
    }
  }

  void add_word(std::string_view word, size_t position) {
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
      refuse(position, fmt::format("'{}' is not key=value, such as input=1x3x8x8", printable(word)));
    }
    const std::string_view key = word.substr(0, equals);
    const auto known = std::find(kKeys.begin(), kKeys.end(), key);
    if (known == kKeys.end()) {
      refuse(position, fmt::format("unknown key '{}'; {}", printable(key), suggestion(key, kKeys)));
    }
    Word& slot = words_[static_cast<size_t>(known - kKeys.begin())];
    if (slot.given) refuse(position, fmt::format("{} is given twice", key));
    slot = {.value = word.substr(equals + 1), .position = position, .given = true};
    if (slot.value.empty()) refuse(position + equals + 1, fmt::format("{}= has no value", key));
  }

  int64_t number(Key key, std::string_view text, size_t position) const {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) {
      refuse(position, fmt::format("{} is beyond a signed 64-bit integer", printable(text)));
    }
    if (error != std::errc() || end != text.data() + text.size()) refuse(position, not_a_number(key, text));
    return value;
  }

  static std::string not_a_number(Key key, std::string_view text) {
    if (key == kBias) {
      return fmt::format("bias= takes its length, such as bias=16, not '{}'; leave the key out for no bias",
                         printable(text));
    }
    if (key == kPadding) {
      return fmt::format(
          "'{}' is not a padding: write 1, or 1x2 (height x width), or 1,0,2,1 (top, bottom, left, right), "
          "or same or valid",
          printable(text));
    }
    return fmt::format("'{}' is not a whole number", printable(text));
  }

  uint64_t unsigned_number(Key key) const {
    const std::string_view text = words_[key].value;
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      refuse_value(key, fmt::format("'{}' is not a whole number from 0 to 2^64 - 1", printable(text)));
    }
    return value;
  }

  std::vector<int64_t> list(Key key, char separator) const {
    std::vector<int64_t> values;
    const std::string_view text = words_[key].value;
    for (size_t at = 0;;) {
      const size_t end = std::min(text.find(separator, at), text.size());
      values.push_back(number(key, text.substr(at, end - at), words_[key].value_position(key) + at));
      if (end == text.size()) return values;
      at = end + 1;
    }
  }

  Shape shape(Key key, size_t least, size_t most, std::string_view example) const {
    if (words_[key].value.find(',') != std::string_view::npos) {
      refuse_value(
          key, fmt::format("{} is written with x between its numbers, such as {}={}", kKeys[key], kKeys[key], example));
    }
    const std::vector<int64_t> values = list(key, 'x');
    if (values.size() < least || values.size() > most) {
      refuse_value(key, fmt::format("{} has {} numbers and takes {}, such as {}={}", kKeys[key], values.size(),
                                    least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most),
                                    kKeys[key], example));
    }
    Shape result;
    for (const int64_t value : values) result.push_back(value);
    return result;
  }

  std::vector<int64_t> axis_list(Key key) const {
    const std::string_view text = words_[key].value;
    if (text.find_first_of(",()[]") != std::string_view::npos) {
      std::string right;
      for (const char c : text) {
        if (c != '(' && c != ')' && c != '[' && c != ']') right.push_back(c == ',' ? 'x' : c);
      }
      refuse_value(key, fmt::format("lists per axis are joined by x: write {}={}", kKeys[key], printable(right)));
    }
    return list(key, 'x');
  }

  // One number for all axes, or one each.
  PerAxis per_axis(Key key, int rank) const { return spread(key, axis_list(key), rank); }

  PerAxis spread(Key key, const std::vector<int64_t>& values, int rank) const {
    const auto count = static_cast<size_t>(rank);
    if (values.size() != 1 && values.size() != count) {
      refuse_value(key, fmt::format("{} has {} numbers; the problem has {} spatial {}: give 1 or {}", kKeys[key],
                                    values.size(), rank, rank == 1 ? "axis" : "axes", rank));
    }
    PerAxis result = key == kPadding ? PerAxis{0, 0, 0} : PerAxis{1, 1, 1};
    for (size_t axis = 0; axis < count; ++axis) result[axis] = values[values.size() == 1 ? 0 : axis];
    return result;
  }

  template <size_t Count>
  size_t choice(Key key, const std::array<std::string_view, Count>& names) const {
    const auto found = std::find(names.begin(), names.end(), words_[key].value);
    if (found == names.end()) {
      refuse_value(key, fmt::format("unknown {} '{}'; {}", kKeys[key], printable(words_[key].value),
                                    suggestion(words_[key].value, names)));
    }
    return static_cast<size_t>(found - names.begin());
  }

  void shapes(Problem& problem) {
    if (words_[kGroups].given)
      problem.groups = number(kGroups, words_[kGroups].value, words_[kGroups].value_position(kGroups));
    const bool channels_form = std::any_of(words_.begin() + kInChannels, words_.begin() + kChannelsPerKernel,
                                           [](const Word& word) { return word.given; });
    if (channels_form) {
      for (const Key key : {kInput, kWeight}) {
        if (words_[key].given) {
          refuse(words_[key].position,
                 fmt::format("{}= and the channels form (in_channels=, out_channels=, kernel=, size=, "
                             "batch=) cannot be mixed; use one of them",
                             kKeys[key]));
        }
      }
      from_channels(problem);
      return;
    }
    require(kInput, "1x3x8x8");
    require(kWeight, "9x1x3x3");
    problem.input = shape(kInput, 3, 5, "1x3x8x8");
    problem.weight = shape(kWeight, 1, 5, "9x1x3x3");
    if (words_[kChannelsPerKernel].given) problem.groups = groups_from_channels_per_kernel(problem.in_channels());
  }

  void require(Key key, std::string_view example) const {
    if (!words_[key].given) {
      refuse(text_.size(), fmt::format("{}= is missing, such as {}={}", kKeys[key], kKeys[key], example));
    }
  }

  int64_t single(Key key) const { return number(key, words_[key].value, words_[key].value_position(key)); }

  void from_channels(Problem& problem) {
    require(kInChannels, "3");
    require(kOutChannels, "9");
    require(kKernel, "3x3");
    require(kSize, "32x32");
    const int rank = channels_form_rank();
    const PerAxis kernel = per_axis(kKernel, rank);
    const PerAxis size = per_axis(kSize, rank);
    const int64_t in_channels = single(kInChannels);
    if (words_[kChannelsPerKernel].given) problem.groups = groups_from_channels_per_kernel(in_channels);
    // Where groups does not divide in_channels the rule about that speaks first, whatever the weight has.
    const int64_t per_group = problem.groups < 1 ? in_channels : in_channels / problem.groups;
    problem.input = {words_[kBatch].given ? single(kBatch) : 1, in_channels};
    problem.weight = {single(kOutChannels), per_group};
    for (size_t axis = 0; axis < static_cast<size_t>(rank); ++axis) {
      problem.input.push_back(size[axis]);
      problem.weight.push_back(kernel[axis]);
    }
  }

  // The longer of the two lists decides; a single number on both means two axes.
  int channels_form_rank() const {
    size_t longest = 0;
    for (const Key key : {kKernel, kSize}) {
      longest = std::max(longest, axis_list(key).size());
      if (longest > kMaxSpatial) refuse_value(key, "kernel= and size= have at most 3 axes");
    }
    return longest == 1 ? 2 : static_cast<int>(longest);
  }

  int64_t groups_from_channels_per_kernel(int64_t in_channels) const {
    if (words_[kGroups].given) {
      refuse(words_[kChannelsPerKernel].position,
             "groups= and channels_per_kernel= say the same thing; give one of them");
    }
    const int64_t per_kernel = single(kChannelsPerKernel);
    if (per_kernel < 1) {
      refuse_value(kChannelsPerKernel, fmt::format("channels_per_kernel ({}) must be at least 1", per_kernel));
    }
    if (in_channels < 1) return 1;  // in_channels has a rule of its own
    if (in_channels % per_kernel != 0) {
      refuse_value(
          kChannelsPerKernel,
          fmt::format("channels_per_kernel ({}) must divide in_channels ({}); nearest: {}", per_kernel, in_channels,
                      fmt::join(nearest_common_divisors(per_kernel, in_channels, in_channels), " or ")));
    }
    return in_channels / per_kernel;
  }

  void parameters(Problem& problem) {
    const int rank = problem.spatial_rank();
    if (words_[kStride].given) problem.stride = per_axis(kStride, rank);
    if (words_[kDilation].given) problem.dilation = per_axis(kDilation, rank);
    if (words_[kBias].given) problem.bias = shape(kBias, 1, 5, "16");
    if (words_[kPadding].given) padding(problem, rank);
  }

  void padding(Problem& problem, int rank) {
    const std::string_view text = words_[kPadding].value;
    if (text == "valid") return;
    if (text == "same") return same_padding(problem, rank);
    if (text.find(',') == std::string_view::npos) {
      problem.pad_before = problem.pad_after = spread(kPadding, list(kPadding, 'x'), rank);
      return;
    }
    const std::vector<int64_t> sides = list(kPadding, ',');
    if (sides.size() != 2 * static_cast<size_t>(rank)) {
      std::string per_axis(text);
      std::replace(per_axis.begin(), per_axis.end(), ',', 'x');
      refuse_value(kPadding, fmt::format("padding has {} sides; the problem has {}: {}{}", sides.size(), 2 * rank,
                                         rank == 1   ? "left, right"
                                         : rank == 2 ? "top, bottom, left, right"
                                                     : "front, back, top, bottom, left, right",
                                         sides.size() == static_cast<size_t>(rank)
                                             ? fmt::format("; for one number per axis write padding={}", per_axis)
                                             : std::string()));
    }
    for (size_t axis = 0; axis < static_cast<size_t>(rank); ++axis) {
      problem.pad_before[axis] = sides[2 * axis];
      problem.pad_after[axis] = sides[2 * axis + 1];
    }
  }

  // As PyTorch means it: stride 1, dilation * (kernel - 1) in all, the odd one at the far side.
  void same_padding(Problem& problem, int rank) {
    if (problem.weight.rank() != problem.input.rank()) {
      refuse_value(kPadding, "padding=same needs a weight with the input's rank");
    }
    for (int axis = 0; axis < rank; ++axis) {
      const auto at = static_cast<size_t>(axis);
      if (problem.stride[at] != 1) {
        refuse_value(kPadding,
                     fmt::format("padding=same has a meaning for stride 1 only (stride is {}); write the sides as "
                                 "numbers",
                                 problem.stride[at]));
      }
      const Wide total = std::max<Wide>(dilated_extent(problem, axis) - 1, 0);
      if (!fits_int64(total)) refuse_value(kPadding, "padding=same would exceed a signed 64-bit integer");
      problem.pad_before[at] = static_cast<int64_t>(total / 2);
      problem.pad_after[at] = static_cast<int64_t>(total - total / 2);
    }
  }

  void claims(Problem& problem) {
    if (words_[kOutput].given) problem.claimed_output = shape(kOutput, 1, 5, "1x9x6x6");
    if (words_[kDirection].given) {
      constexpr std::array<std::string_view, 3> kNames = {"forward", "backward_data", "backward_weight"};
      problem.direction = static_cast<Direction>(choice(kDirection, kNames) + 1);
    }
    if (words_[kDtype].given) {
      constexpr std::array<std::string_view, 4> kNames = {"f32", "f64", "f16", "bf16"};
      problem.dtype = static_cast<DataType>(choice(kDtype, kNames) + 1);
    }
    if (words_[kLayout].given) {
      constexpr std::array<std::string_view, 2> kNames = {"nchw", "nhwc"};
      problem.layout = static_cast<Layout>(choice(kLayout, kNames));
    }
    // A claim that is right, by rule 9, is no claim.
    if (problem.claimed_output) {
      const auto broken = broken_rule(problem);
      if (!broken || broken->rule == Rule::sizes_fit_int64) problem.claimed_output.reset();
    }
    strides(problem);
  }

  void strides(Problem& problem) {
    const auto read = [&](Key key, std::optional<Shape>& target) {
      if (!words_[key].given) return;
      target = shape(key, 1, 5, "192x64x8x1");
      if (const auto fault = stride_fault(problem)) refuse(words_[key].position, *fault);
    };
    read(kInputStrides, problem.input_strides);
    read(kWeightStrides, problem.weight_strides);
    read(kOutputStrides, problem.output_strides);
  }

  std::string_view text_;
  std::array<Word, kKeyCount> words_{};
};

}  // namespace

Parsed<Case> parse_case(std::string_view text) {
  if (looks_like_benchdnn(text)) return parse_benchdnn(text);
  try {
    return Parser(text).parse();
  } catch (const Refused& refused) {
    return refused.error;
  }
}

}  // namespace convcheck
