// Printing of case text.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "reference/case_text.h"

namespace convcheck {
namespace {

constexpr std::string_view kDirectionNames[] = {"", "forward", "backward_data", "backward_weight"};
constexpr std::string_view kDtypeNames[] = {"", "f32", "f64", "f16", "bf16"};

class Writer {
 public:
  void add(std::string_view key, std::string_view value) {
    if (text_.size() > 0) text_.push_back(' ');
    fmt::format_to(std::back_inserter(text_), "{}={}", key, value);
  }
  void add_unless(std::string_view key, const PerAxis& values, int rank, int64_t usual) {
    const auto last = values.begin() + rank;
    if (std::all_of(values.begin(), last, [&](int64_t value) { return value == usual; })) return;
    add(key, per_axis(values, rank));
  }
  [[nodiscard]] static std::string per_axis(const PerAxis& values, int rank) {
    const auto last = values.begin() + rank;
    const bool same = std::all_of(values.begin(), last, [&](int64_t value) { return value == values[0]; });
    return same ? fmt::to_string(values[0]) : fmt::format("{}", fmt::join(values.begin(), last, "x"));
  }
  [[nodiscard]] std::string str() const { return fmt::to_string(text_); }

 private:
  fmt::memory_buffer text_;
};

std::string padding_text(const Problem& problem, int rank) {
  if (problem.pad_before == problem.pad_after) return Writer::per_axis(problem.pad_before, rank);
  std::string sides;
  for (size_t axis = 0; axis < static_cast<size_t>(rank); ++axis) {
    sides += fmt::format("{}{},{}", axis == 0 ? "" : ",", problem.pad_before[axis], problem.pad_after[axis]);
  }
  return sides;
}

void write(Writer& out, const Problem& problem) {
  const int rank = std::max(problem.spatial_rank(), 0);  // lists per axis mean nothing where the input has no axes
  out.add("input", print(problem.input));
  out.add("weight", print(problem.weight));
  if (problem.groups != 1) out.add("groups", fmt::to_string(problem.groups));
  out.add_unless("stride", problem.stride, rank, 1);
  if (problem.pad_before != PerAxis{} || problem.pad_after != PerAxis{}) {
    out.add("padding", padding_text(problem, rank));
  }
  out.add_unless("dilation", problem.dilation, rank, 1);
  if (problem.has_bias()) out.add("bias", print(problem.bias));
  if (problem.claimed_output) out.add("output", print(*problem.claimed_output));
  if (problem.direction != Direction::forward) {
    out.add("direction", kDirectionNames[static_cast<size_t>(problem.direction)]);
  }
  if (problem.dtype != DataType::f32) out.add("dtype", kDtypeNames[static_cast<size_t>(problem.dtype)]);
  if (problem.layout != Layout::nchw) out.add("layout", "nhwc");
  if (problem.input_strides) out.add("input_strides", print(*problem.input_strides));
  if (problem.weight_strides) out.add("weight_strides", print(*problem.weight_strides));
  if (problem.output_strides) out.add("output_strides", print(*problem.output_strides));
}

}  // namespace

std::string print(const Shape& shape) {
  return fmt::format("{}", fmt::join(shape.begin(), shape.end(), "x"));
}

std::string print(const Problem& problem) {
  Writer out;
  write(out, problem);
  return out.str();
}

std::string print(const Case& c) {
  Writer out;
  write(out, c.problem);
  if (c.fill != Fill::integers) out.add("fill", name(c.fill));
  if (c.seed != 1) out.add("seed", fmt::to_string(c.seed));
  return out.str();
}

std::string describe(const TextError& error) {
  return fmt::format("column {}: {}", error.position + 1, error.message);
}

}  // namespace convcheck
