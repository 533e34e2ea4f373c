#include "properties/shrink.h"

#include <algorithm>
#include <array>

#include "reference/layout.h"
#include "reference/rules.h"

namespace convcheck {
namespace {

// True where no axis of the image is too small for the kernel, whatever else is wrong.
bool kernel_fits(const Problem& p) {
  for (int axis = 0; axis < std::min(p.spatial_rank(), p.weight.rank() - 2); ++axis) {
    if (dilated_extent(p, axis) > padded_extent(p, axis)) return false;
  }
  return true;
}

// Collects neighbours, dropping those that leave the case's kind: valid ones that become invalid, and the reverse.
class Neighbours {
 public:
  explicit Neighbours(const Case& origin)
      : origin_(origin), rule_(broken_rule(origin.problem)), fits_(kernel_fits(origin.problem)) {}

  // A neighbour that differs by what `change` does to the problem.
  template <class Change>
  void add(Change change) {
    Case next = origin_;
    change(next.problem);
    if (next == origin_ || stride_fault(next.problem)) return;
    const auto rule = broken_rule(next.problem);
    if (rule.has_value() != rule_.has_value() || (rule && rule->rule != rule_->rule)) return;
    // A problem that breaks another rule does not come to break this one as well.
    if (fits_ && !kernel_fits(next.problem)) return;
    if (std::find(cases_.begin(), cases_.end(), next) == cases_.end()) cases_.push_back(next);
  }

  [[nodiscard]] std::vector<Case> take() { return std::move(cases_); }

 private:
  const Case& origin_;
  std::optional<BrokenRule> rule_;
  bool fits_;
  std::vector<Case> cases_;
};

// Smaller values down to `floor`, in ascending order: the least ones, halfway, and steps down that keep a residue
// modulo 2, 3, 4 or 8, which is what defects in tails hang on. A value below the floor, which breaks a rule, comes up
// to just below it.
std::vector<int64_t> smaller_values(int64_t value, int64_t floor) {
  if (value == floor || value == floor - 1) return {};
  if (value < floor) return {floor - 1, value / 2, value + 1};
  std::vector<int64_t> values = {floor, floor + 1, floor + 2, floor + 3, floor + (value - floor) / 2};
  for (const int64_t step : {8, 4, 3, 2, 1}) values.push_back(value - step);
  // Numbers near the ends of the range of int64 come down in logarithmic time.
  constexpr int64_t kFar = 1024;
  for (int64_t step = (value - floor) / 4; step > kFar; step /= 2) values.push_back(value - step);
  std::erase_if(values, [&](int64_t v) { return v < floor || v >= value; });
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

// Changes the channel counts as a whole, so that divisibility and the weight's shape go along.
void set_channels(Problem& problem, int64_t groups, int64_t in_per_group, int64_t out_per_group) {
  const bool bias_follows = problem.has_bias() && problem.bias[0] == problem.weight[0];
  problem.groups = groups;
  problem.input[1] = groups * in_per_group;
  problem.weight[1] = in_per_group;
  problem.weight[0] = groups * out_per_group;
  if (bias_follows) problem.bias[0] = problem.weight[0];
}

void shrink_channels(Neighbours& out, const Problem& p) {
  if (p.groups < 1 || p.input[1] < 1 || p.weight[0] < 1) return;
  const int64_t in_per_group = std::max<int64_t>(p.input[1] / p.groups, 1);
  const int64_t out_per_group = std::max<int64_t>(p.weight[0] / p.groups, 1);
  for (const int64_t groups : smaller_values(p.groups, 1)) {
    out.add([&](Problem& q) { set_channels(q, groups, in_per_group, out_per_group); });
    // With the output channels kept, which may be what does not divide.
    out.add([&](Problem& q) {
      q.groups = groups;
      q.input[1] = groups * in_per_group;
    });
    // With the channels kept, where the smaller number divides them.
    if (p.input[1] % groups == 0 && p.weight[0] % groups == 0) {
      out.add([&](Problem& q) { set_channels(q, groups, p.input[1] / groups, p.weight[0] / groups); });
    }
  }
  for (const int64_t channels : smaller_values(in_per_group, 1)) {
    out.add([&](Problem& q) { set_channels(q, p.groups, channels, out_per_group); });
  }
  for (const int64_t channels : smaller_values(out_per_group, 1)) {
    out.add([&](Problem& q) { set_channels(q, p.groups, in_per_group, channels); });
  }
}

// Each tensor extent and parameter by itself: this is what shrinks invalid problems, whose numbers do not hang
// together.
void shrink_numbers(Neighbours& out, const Problem& p) {
  for (int axis = 0; axis < p.input.rank(); ++axis) {
    for (const int64_t v : smaller_values(p.input[axis], axis == 0 || axis == 1 ? 1 : 0)) {
      out.add([&](Problem& q) { q.input[axis] = v; });
    }
  }
  for (const int64_t batch : smaller_values(p.input[0], 0)) out.add([&](Problem& q) { q.input[0] = batch; });
  for (int axis = 0; axis < p.weight.rank(); ++axis) {
    for (const int64_t v : smaller_values(p.weight[axis], 1)) {
      out.add([&](Problem& q) { q.weight[axis] = v; });
      if (axis == 0 && p.has_bias()) {
        const Wide bias = Wide{p.bias[0]} + v - p.weight[0];
        if (!fits_int64(bias)) continue;
        out.add([&](Problem& q) {
          q.weight[0] = v;
          q.bias[0] = static_cast<int64_t>(bias);
        });
      }
    }
  }
  if (p.has_bias()) {
    for (const int64_t v : smaller_values(p.bias[0], 1)) out.add([&](Problem& q) { q.bias[0] = v; });
  }
  if (p.claimed_output) {
    for (int axis = 0; axis < p.claimed_output->rank(); ++axis) {
      for (const int64_t v : smaller_values((*p.claimed_output)[axis], 0)) {
        out.add([&](Problem& q) { (*q.claimed_output)[axis] = v; });
      }
    }
  }
  for (const int64_t groups : smaller_values(p.groups, 1)) out.add([&](Problem& q) { q.groups = groups; });
}

void shrink_axes(Neighbours& out, const Problem& p) {
  for (size_t axis = 0; axis < static_cast<size_t>(p.spatial_rank()); ++axis) {
    for (const int64_t v : smaller_values(p.stride[axis], 1)) out.add([&](Problem& q) { q.stride[axis] = v; });
    for (const int64_t v : smaller_values(p.dilation[axis], 1)) out.add([&](Problem& q) { q.dilation[axis] = v; });
    for (const int64_t v : smaller_values(p.pad_before[axis], 0)) out.add([&](Problem& q) { q.pad_before[axis] = v; });
    for (const int64_t v : smaller_values(p.pad_after[axis], 0)) out.add([&](Problem& q) { q.pad_after[axis] = v; });
  }
}

// Smaller image and kernel together with what makes them fit: a tap or a pixel less often needs another change beside
// it.
void shrink_together(Neighbours& out, const Problem& p) {
  for (int axis = 0; axis < std::min(p.spatial_rank(), p.weight.rank() - 2); ++axis) {
    const auto at = static_cast<size_t>(axis);
    const int64_t kernel = p.weight[axis + 2];
    const int64_t size = p.input[axis + 2];
    for (const int64_t v : smaller_values(kernel, 1)) {
      const Wide freed = (Wide{kernel} - v) * p.dilation[at];
      const Wide rest = std::max<Wide>(Wide{size} - freed, 1);
      if (fits_int64(rest)) {
        out.add([&](Problem& q) {
          q.weight[axis + 2] = v;
          q.input[axis + 2] = static_cast<int64_t>(rest);
        });
      }
    }
    // Padding turned into nothing, and the pixels that it made room for.
    if (p.dilation[at] > 1 && size > 1 && kernel >= 1) {
      out.add([&](Problem& q) {
        --q.dilation[at];
        q.input[axis + 2] = std::max<int64_t>(size - (kernel - 1), 1);
      });
    }
    // The same extent with one more pixel in place of padding on both sides.
    if (p.pad_before[at] > 0 && p.pad_after[at] > 0) {
      out.add([&](Problem& q) {
        --q.pad_before[at];
        --q.pad_after[at];
      });
    }
  }
}

// Pixels in place of padding: the output keeps its size, and a plainer parameter is worth a larger image.
void shrink_padding_to_pixels(Neighbours& out, const Problem& p) {
  for (int axis = 0; axis < p.spatial_rank(); ++axis) {
    for (PerAxis Problem::*side : {&Problem::pad_before, &Problem::pad_after}) {
      const int64_t padding = (p.*side)[static_cast<size_t>(axis)];
      const Wide size = Wide{p.input[axis + 2]} + padding;
      if (padding <= 0 || !fits_int64(size)) continue;
      out.add([&](Problem& q) {
        (q.*side)[static_cast<size_t>(axis)] = 0;
        q.input[axis + 2] = static_cast<int64_t>(size);
      });
    }
  }
}

void shrink_views(Neighbours& out, const Problem& p) {
  if (p.layout != Layout::nchw) out.add([](Problem& q) { q.layout = Layout::nchw; });
  if (p.input_strides) out.add([](Problem& q) { q.input_strides.reset(); });
  if (p.weight_strides) out.add([](Problem& q) { q.weight_strides.reset(); });
  if (p.output_strides) out.add([](Problem& q) { q.output_strides.reset(); });
}

// Whether a candidate fails under one of a few seeds; the one it fails under is left in it.
bool fails_somehow(Case& candidate, const std::function<bool(const Case&)>& fails, int64_t& tried) {
  const std::array<uint64_t, 3> seeds = {1, candidate.seed, 2};
  for (size_t i = 0; i < seeds.size(); ++i) {
    if (i == 1 && seeds[1] <= 2) continue;
    candidate.seed = seeds[i];
    ++tried;
    if (fails(candidate)) return true;
  }
  return false;
}

}  // namespace

std::vector<Case> smaller_cases(const Case& c) {
  const Problem& p = c.problem;
  if (p.spatial_rank() < 1 || p.spatial_rank() > kMaxSpatial) return {};
  Neighbours out(c);
  shrink_views(out, p);
  if (p.has_bias()) out.add([](Problem& q) { q.bias = {}; });
  shrink_channels(out, p);
  shrink_together(out, p);
  shrink_axes(out, p);
  shrink_numbers(out, p);
  shrink_padding_to_pixels(out, p);
  return out.take();
}

Shrunk shrink(const Case& c, const std::function<bool(const Case&)>& fails, int64_t most_tries) {
  Shrunk result = {.smallest = c};
  // A plainer seed first, for its own sake.
  Case plain = c;
  if (fails_somehow(plain, fails, result.tried)) result.smallest = plain;
  for (bool went_down = true; went_down;) {
    went_down = false;
    for (Case& candidate : smaller_cases(result.smallest)) {
      if (result.tried >= most_tries) return result;
      if (!fails_somehow(candidate, fails, result.tried)) continue;
      result.smallest = candidate;
      went_down = true;
      break;
    }
  }
  result.is_minimal = true;
  return result;
}

}  // namespace convcheck
