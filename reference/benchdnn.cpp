#include "reference/benchdnn.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "reference/rules.h"
#include "reference/spelling.h"

namespace convcheck {
namespace {

// The fields of one spatial axis, in the order of kAxisFields.
enum AxisField : size_t { kIn, kOut, kKernelExtent, kStep, kPad, kHoles, kAxisFieldCount };
constexpr std::array<char, kAxisFieldCount> kAxisFields = {'i', 'o', 'k', 's', 'p', 'd'};
constexpr std::array<char, kMaxSpatial> kAxes = {'d', 'h', 'w'};

using Value = std::optional<int64_t>;

struct Fields {
  Value groups, batch, in_channels, out_channels;
  std::array<std::array<Value, kAxisFieldCount>, kMaxSpatial> axis;  // depth, height, width
};

// The field that the text starts with, and the length of its name; nothing where there is none.
struct Slot {
  Value* value = nullptr;
  size_t length = 0;
};

Slot slot_of(Fields& fields, std::string_view text) {
  if (text.starts_with("mb")) return {&fields.batch, 2};
  if (text.starts_with("ic")) return {&fields.in_channels, 2};
  if (text.starts_with("oc")) return {&fields.out_channels, 2};
  if (text.starts_with("g")) return {&fields.groups, 1};
  if (text.size() < 2) return {};
  const auto field = std::find(kAxisFields.begin(), kAxisFields.end(), text[0]);
  const auto axis = std::find(kAxes.begin(), kAxes.end(), text[1]);
  if (field == kAxisFields.end() || axis == kAxes.end()) return {};
  return {&fields.axis[static_cast<size_t>(axis - kAxes.begin())][static_cast<size_t>(field - kAxisFields.begin())], 2};
}

std::optional<TextError> read_fields(std::string_view text, Fields& fields) {
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '_') {
      ++at;
      continue;
    }
    if (text[at] == 'n') return std::nullopt;  // a name: the rest
    const Slot slot = slot_of(fields, text.substr(at));
    if (slot.value == nullptr) {
      return TextError{at, fmt::format("'{}' is no field of a benchdnn descriptor", printable(text.substr(at, 2)))};
    }
    if (slot.value->has_value()) {
      return TextError{at, fmt::format("{} is given twice", text.substr(at, slot.length))};
    }
    const char* const begin = text.data() + at + slot.length;
    int64_t number = 0;
    const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) {
      return TextError{at + slot.length, "a number beyond a signed 64-bit integer"};
    }
    if (error != std::errc()) {
      return TextError{at + slot.length, fmt::format("{} needs a number", text.substr(at, slot.length))};
    }
    *slot.value = number;
    at = static_cast<size_t>(end - text.data());
  }
  return std::nullopt;
}

bool any_given(const std::array<Value, kAxisFieldCount>& axis) {
  return std::any_of(axis.begin(), axis.end(), [](const Value& value) { return value.has_value(); });
}

// The outermost axis that is spoken of; a smaller one that is not takes the values of the next outer one.
size_t spread_axes(Fields& fields) {
  size_t first = 0;
  while (first < kMaxSpatial && !any_given(fields.axis[first])) ++first;
  for (size_t axis = first + 1; axis < kMaxSpatial; ++axis) {
    if (!any_given(fields.axis[axis])) fields.axis[axis] = fields.axis[axis - 1];
  }
  return first;
}

// Before and after, from one padding and one output size, either of which may be missing. All in Wide: any int64 may
// stand in any field.
struct Sides {
  Wide before = 0, after = 0;
};

Sides padding_of(const std::array<Value, kAxisFieldCount>& axis, Wide dilated) {
  if (!axis[kOut]) {
    const Wide pad = axis[kPad].value_or(0);
    return {pad, pad};
  }
  const Wide needed = (Wide{*axis[kOut]} - 1) * axis[kStep].value_or(1) + dilated - *axis[kIn];
  const Wide before = axis[kPad] ? Wide{*axis[kPad]} : needed / 2;
  return {before, std::max<Wide>(needed - before, 0)};
}

std::optional<TextError> missing(std::string_view text, std::string_view field) {
  return TextError{text.size(), fmt::format("the descriptor has no {}", field)};
}

std::optional<TextError> add_axis(std::string_view text, const Fields& fields, size_t axis, size_t first,
                                  Problem& problem, Shape& output) {
  const auto& values = fields.axis[axis];
  const char letter = kAxes[axis];
  if (!values[kIn]) return missing(text, fmt::format("i{}", letter));
  if (!values[kKernelExtent]) return missing(text, fmt::format("k{}", letter));
  const size_t at = axis - first;
  const Wide dilation = Wide{values[kHoles].value_or(0)} + 1;
  const Wide dilated = dilation * (Wide{*values[kKernelExtent]} - 1) + 1;
  const Sides sides = padding_of(values, dilated);
  if (!fits_int64(dilation) || !fits_int64(sides.before) || !fits_int64(sides.after)) {
    return TextError{text.size(),
                     fmt::format("the padding or dilation of axis {} is beyond a signed 64-bit integer", letter)};
  }
  problem.input.push_back(*values[kIn]);
  problem.weight.push_back(*values[kKernelExtent]);
  problem.stride[at] = values[kStep].value_or(1);
  problem.dilation[at] = static_cast<int64_t>(dilation);
  problem.pad_before[at] = static_cast<int64_t>(sides.before);
  problem.pad_after[at] = static_cast<int64_t>(sides.after);
  output.push_back(values[kOut].value_or(-1));
  return std::nullopt;
}

// An output that was given and is not what the rules give stays as a claim.
void claim_output(Problem& problem, Shape output) {
  if (const auto broken = broken_rule(problem); broken && broken->rule != Rule::sizes_fit_int64) return;
  const Shape right = rule_output_shape(problem);
  for (int axis = 2; axis < output.rank(); ++axis) {
    if (output[axis] < 0) output[axis] = right[axis];
  }
  if (output != right) problem.claimed_output = output;
}

}  // namespace

bool looks_like_benchdnn(std::string_view text) {
  if (text.find_first_of("= \t\r\n") != std::string_view::npos) return false;
  Fields fields;
  const Slot slot = slot_of(fields, text);
  return slot.value != nullptr && text.size() > slot.length && text[slot.length] >= '0' && text[slot.length] <= '9';
}

Parsed<Case> parse_benchdnn(std::string_view text) {
  Fields fields;
  if (const auto error = read_fields(text, fields)) return *error;
  if (!fields.in_channels) return *missing(text, "ic");
  if (!fields.out_channels) return *missing(text, "oc");
  const size_t first = spread_axes(fields);
  if (first == kMaxSpatial) return *missing(text, "iw");
  Case c;
  Problem& problem = c.problem;
  problem.groups = fields.groups.value_or(1);
  const int64_t per_group = problem.groups < 1 ? *fields.in_channels : *fields.in_channels / problem.groups;
  problem.input = {fields.batch.value_or(2), *fields.in_channels};
  problem.weight = {*fields.out_channels, per_group};
  Shape output = {problem.input[0], problem.weight[0]};
  for (size_t axis = first; axis < kMaxSpatial; ++axis) {
    if (const auto error = add_axis(text, fields, axis, first, problem, output)) return *error;
  }
  claim_output(problem, output);
  return c;
}

}  // namespace convcheck
