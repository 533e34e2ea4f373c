#include "properties/laws/others.h"

#include <algorithm>

#include "properties/views.h"
#include "reference/rules.h"

namespace convcheck::judges {
namespace {

// Above it a parameter is left as it is: its successor may not be an int64.
constexpr int64_t kLargeParameter = int64_t{1} << 31;

bool is_possible(const Problem& problem) {
  return is_valid(problem) && why_too_large(problem).empty();
}

// The same input and weight, in memory too; the output is whatever the rules give.
Problem with_free_output(const Problem& problem) {
  Problem result = problem;
  result.claimed_output.reset();
  result.output_strides.reset();
  return result;
}

Problem with_larger_stride(const Problem& problem) {
  Problem result = with_free_output(problem);
  for (size_t axis = 0; axis < 2; ++axis) {
    if (result.stride[axis] < kLargeParameter) ++result.stride[axis];
  }
  return result;
}

// As much padding more as the kernel grows, so that the output keeps its shape.
Problem with_larger_dilation(const Problem& problem) {
  Problem result = with_free_output(problem);
  for (size_t axis = 0; axis < 2; ++axis) {
    const int64_t growth = result.weight[static_cast<int>(axis) + 2] - 1;
    if (std::max({growth, result.dilation[axis], result.pad_after[axis]}) >= kLargeParameter) continue;
    ++result.dilation[axis];
    result.pad_after[axis] += growth;
  }
  return result;
}

// From one side to the other, where there is any: the output keeps its shape.
Problem with_moved_padding(const Problem& problem) {
  Problem result = with_free_output(problem);
  for (size_t axis = 0; axis < 2; ++axis) {
    if (std::max(result.pad_before[axis], result.pad_after[axis]) >= kLargeParameter) continue;
    if (result.pad_after[axis] > 0) {
      --result.pad_after[axis];
      ++result.pad_before[axis];
    } else if (result.pad_before[axis] > 0) {
      --result.pad_before[axis];
      ++result.pad_after[axis];
    } else {
      ++result.pad_before[axis];
    }
  }
  return result;
}

// With gaps where the case has none, and the other way round.
Problem with_other_views(const Problem& problem) {
  Problem plain = contiguous(problem);
  plain.layout = Layout::nchw;
  if (!(plain == problem)) return plain;
  plain.input_strides = padded_strides(plain.input, 2);
  plain.weight_strides = padded_strides(plain.weight, 1);
  plain.output_strides = padded_strides(rule_output_shape(plain), 3);
  return plain;
}

Problem smaller(const Problem& problem) {
  Problem result = contiguous(problem);
  for (int axis = 0; axis < 2; ++axis) {
    const auto extent = static_cast<int64_t>(dilated_extent(problem, axis));
    const bool fits = padded_extent(problem, axis) > extent && result.input[axis + 2] > 1;
    if (fits) --result.input[axis + 2];
  }
  result.input[0] = std::min<int64_t>(result.input[0], 1);
  return result;
}

}  // namespace

Problem larger(const Problem& problem) {
  Problem result = contiguous(problem);
  result.input[0] += 1;
  result.input[2] += 1;
  result.input[3] += 2;
  return result;
}

std::vector<Other> others(const Problem& problem) {
  std::vector<Other> result = {{problem, "the same problem and other contents"}};
  const auto add = [&](const Problem& other, std::string_view difference) {
    if (is_possible(other) && !(other == problem)) result.push_back({other, difference});
  };
  add(with_larger_stride(problem), "the same shapes and another stride");
  add(with_larger_dilation(problem), "the same shapes and another dilation");
  add(with_moved_padding(problem), "the same shapes and other padding");
  add(with_other_views(problem), "the same shapes and other strides in memory");
  add(smaller(problem), "a smaller image");
  return result;
}

std::optional<Run> filled(const Trial& trial, const Problem& problem, uint64_t number) {
  if (!is_possible(problem)) return std::nullopt;
  const Case& own = trial.the_case();
  const Case other = {.problem = problem, .fill = own.fill, .seed = own.seed + number};
  const Geometry g = geometry(problem);
  Run run(problem);
  if (!fill(other, g, accuracy_of(*trial.subject().kernel, g), run.data).empty()) return std::nullopt;
  return run;
}

}  // namespace convcheck::judges
