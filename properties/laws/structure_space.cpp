// Laws about structure: height and width. Padding is zeros, a stride leaves outputs out, a dilation is a kernel with
// zeros in its holes, the axes are alike and every place of them is.
#include <algorithm>
#include <array>
#include <utility>

#include "properties/laws/laws.h"
#include "properties/laws/sides.h"

namespace convcheck::judges {
namespace {

// Writes the elements of `source` to `target` with these steps and offsets along the spatial axes.
struct Spread {
  int64_t step_h = 1, step_w = 1, first_h = 0, first_w = 0;
};
void spread(const Tensor& source, const Spread& how, Tensor& target) {
  const View<const float> from = source.view();
  const View<float> to = target.view();
  const Shape& shape = source.shape();
  for (int64_t i = 0; i < shape[0]; ++i) {
    for (int64_t j = 0; j < shape[1]; ++j) {
      for (int64_t k = 0; k < shape[2]; ++k) {
        for (int64_t l = 0; l < shape[3]; ++l) {
          to(i, j, how.first_h + k * how.step_h, how.first_w + l * how.step_w) = from(i, j, k, l);
        }
      }
    }
  }
}

// The opposite: fills `target` with elements of `source`.
void collect(const Tensor& source, const Spread& how, Tensor& target) {
  const View<const float> from = source.view();
  const View<float> to = target.view();
  const Shape& shape = target.shape();
  for (int64_t i = 0; i < shape[0]; ++i) {
    for (int64_t j = 0; j < shape[1]; ++j) {
      for (int64_t k = 0; k < shape[2]; ++k) {
        for (int64_t l = 0; l < shape[3]; ++l) {
          to(i, j, k, l) = from(i, j, how.first_h + k * how.step_h, how.first_w + l * how.step_w);
        }
      }
    }
  }
}

// Fills `target` with `source`, height and width exchanged.
void transpose(const Tensor& source, Tensor& target) {
  const View<const float> from = source.view();
  const View<float> to = target.view();
  const Shape& shape = target.shape();
  for (int64_t i = 0; i < shape[0]; ++i) {
    for (int64_t j = 0; j < shape[1]; ++j) {
      for (int64_t k = 0; k < shape[2]; ++k) {
        for (int64_t l = 0; l < shape[3]; ++l) to(i, j, k, l) = from(i, j, l, k);
      }
    }
  }
}

void fill_with_zeros(Tensor& tensor) {
  std::fill(tensor.memory().begin(), tensor.memory().end(), 0.0F);
}

// Two ways to say one convolution of which the second may be judged as Winograd (its stride and dilation being 1) where
// the case is judged as a summation. Integers that are exact in a sum may then be too large for Winograd's bound; so
// both runs take data that were made for the second problem at its accuracy. These serve the case's problem as well:
// its sums have no products but those of the second one's (a subset of the outputs, or the same without zeros), so that
// they stay as far below 2^24.
//
// Where both have one accuracy the trial's own data and call serve: the compared sums of the second problem are the
// case's own, and zeros.
class TwoWays {
 public:
  /// `transformed` must not be too large.
  TwoWays(Trial& trial, const Problem& transformed) : trial_(trial), other_(transformed) {
    const Accuracy accuracy = accuracy_of(*trial.subject().kernel, geometry(transformed));
    if (accuracy == trial.accuracy() || trial.the_case().fill != Fill::integers) return;
    Case c = trial.the_case();
    c.problem = transformed;
    why_not_ = fill(c, geometry(transformed), accuracy, other_.data);
    own_.emplace(contiguous(trial.problem()));
  }

  [[nodiscard]] Run& other() { return other_; }
  /// Empty, or why no integers serve both ways.
  [[nodiscard]] std::string_view why_not() const { return why_not_; }
  /// The case's run with data made for the other problem, whose tensors are then to be taken over; null where the
  /// trial's own data serve.
  [[nodiscard]] Run* own() { return own_ ? &*own_ : nullptr; }
  [[nodiscard]] const Data& data() const { return own_ ? own_->data : trial_.expectation()->data; }

  /// The comparison, once all data are in place.
  [[nodiscard]] Judgement judge(std::string_view what, const Counterpart& counterpart) {
    if (own_) own_->call(trial_);
    if (const auto stop = unless_ok(own_ ? own_->result : trial_.result())) return *stop;
    other_.call(trial_);
    if (const auto stop = unless_ok(other_.result)) return *stop;
    return compare(own_ ? Side(trial_, *own_) : Side(trial_), {Side(trial_, other_)}, what, counterpart);
  }

 private:
  Trial& trial_;
  Run other_;
  std::optional<Run> own_;
  std::string_view why_not_;
};

// How far the input is moved along an axis, and the first output whose window touches neither the padding in front nor
// a pixel that is dropped: output o of the moved image reads what output o + 1 of the image reads as soon as
// o * stride >= pad_before. Nothing where the axis leaves no such output.
struct Shift {
  int64_t pixels, first;
};
std::optional<Shift> shift_along(const Axis& axis) {
  if (axis.stride >= axis.in) return std::nullopt;  // nothing would be left of the image
  const int64_t first = axis.pad_before / axis.stride + (axis.pad_before % axis.stride != 0 ? 1 : 0);
  if (first >= axis.out - 1) return std::nullopt;
  return Shift{axis.stride, first};
}

}  // namespace

// Explicit zeros are products that are exactly zero, in a sum as in Winograd's transformed domain, where a tile holds
// zeros for its padding anyway: they round nothing, and sums of integers stay where they were.
Judgement padding_equals_explicit_zeros(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  Problem problem = contiguous(trial.problem());
  if (problem.pad_before == PerAxis{0, 0, 0} && problem.pad_after == PerAxis{0, 0, 0})
    return Judgement::not_applicable("the problem has no padding");
  problem.input[2] = g.height.pad_before + g.height.in + g.height.pad_after;
  problem.input[3] = g.width.pad_before + g.width.in + g.width.pad_after;
  problem.pad_before = problem.pad_after = {0, 0, 0};
  if (const std::string_view why_not = why_too_large(problem); !why_not.empty())
    return Judgement::not_applicable(why_not);
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Data& data = trial.expectation()->data;
  Run padded(problem);
  fill_with_zeros(padded.data.input);
  spread(data.input, {.first_h = g.height.pad_before, .first_w = g.width.pad_before}, padded.data.input);
  copy_block(data.weight, 0, 0, padded.data.weight);
  copy_bias(data.bias, 0, padded.data.bias);
  padded.call(trial);
  if (const auto stop = unless_ok(padded.result)) return *stop;
  return compare(Side(trial), {Side(trial, padded)}, "that of an image with its padding written out as zeros",
                 same_place);
}

Judgement stride_equals_subsampling(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  Problem problem = contiguous(trial.problem());
  if (g.height.stride == 1 && g.width.stride == 1) return Judgement::not_applicable("the stride is 1");
  problem.stride = {1, 1, 1};
  if (const std::string_view why_not = why_too_large(problem); !why_not.empty())
    return Judgement::not_applicable(why_not);
  TwoWays ways(trial, problem);
  if (!ways.why_not().empty()) return Judgement::not_applicable(ways.why_not());
  Run& dense = ways.other();
  const bool is_made_here = ways.own() != nullptr;
  const Data& from = is_made_here ? dense.data : ways.data();
  Data& to = is_made_here ? ways.own()->data : dense.data;
  copy_block(from.input, 0, 0, to.input);
  copy_block(from.weight, 0, 0, to.weight);
  copy_bias(from.bias, 0, to.bias);
  return ways.judge("every stride-th output of that with stride 1", [&](Place at) {
    at.h *= g.height.stride;
    at.w *= g.width.stride;
    return std::optional(at);
  });
}

Judgement dilation_equals_zero_stuffing(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  if (g.height.dilation == 1 && g.width.dilation == 1) return Judgement::not_applicable("the dilation is 1");
  Problem problem = contiguous(trial.problem());
  for (int axis = 0; axis < 2; ++axis) problem.weight[axis + 2] = static_cast<int64_t>(dilated_extent(problem, axis));
  problem.dilation = {1, 1, 1};
  if (const std::string_view why_not = why_too_large(problem); !why_not.empty())
    return Judgement::not_applicable(why_not);
  TwoWays ways(trial, problem);
  if (!ways.why_not().empty()) return Judgement::not_applicable(ways.why_not());
  Run& stuffed = ways.other();
  const Spread holes = {.step_h = g.height.dilation, .step_w = g.width.dilation};
  if (Run* own = ways.own()) {
    copy_block(stuffed.data.input, 0, 0, own->data.input);
    copy_bias(stuffed.data.bias, 0, own->data.bias);
    collect(stuffed.data.weight, holes, own->data.weight);
  } else {
    copy_block(ways.data().input, 0, 0, stuffed.data.input);
    copy_bias(ways.data().bias, 0, stuffed.data.bias);
  }
  fill_with_zeros(stuffed.data.weight);
  spread(ways.data().weight, holes, stuffed.data.weight);
  return ways.judge("that of a kernel with zeros in its holes and dilation 1", same_place);
}

// Winograd is asked for square kernels alone, and its bound takes both axes alike.
Judgement transposing_the_axes_transposes_outputs(Trial& trial) {
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Data& data = trial.expectation()->data;
  Problem problem = contiguous(trial.problem());
  std::swap(problem.input[2], problem.input[3]);
  std::swap(problem.weight[2], problem.weight[3]);
  for (PerAxis* each : {&problem.stride, &problem.pad_before, &problem.pad_after, &problem.dilation}) {
    std::swap((*each)[0], (*each)[1]);
  }
  Run transposed(problem);
  transpose(data.input, transposed.data.input);
  transpose(data.weight, transposed.data.weight);
  copy_bias(data.bias, 0, transposed.data.bias);
  transposed.call(trial);
  if (const auto stop = unless_ok(transposed.result)) return *stop;
  return compare(Side(trial), {Side(trial, transposed)}, "that with height and width exchanged", [](Place at) {
    std::swap(at.h, at.w);
    return std::optional(at);
  });
}

// The image is moved along every axis that leaves an output to compare. Behind the image nothing changes: its last
// pixel and the padding are moved with it. A Winograd tile may reach into what is left out of the comparison, which is
// why each side of it has the bound of its own data.
Judgement shifting_the_input_shifts_the_output(Trial& trial) {
  const Geometry& g = trial.expectation()->g;
  const std::array<std::optional<Shift>, 2> shifts = {shift_along(g.height), shift_along(g.width)};
  if (!shifts[0] && !shifts[1]) return Judgement::not_applicable("no output is left to be compared on either axis");
  if (const auto stop = unless_ok(trial.result())) return *stop;
  Problem problem = contiguous(trial.problem());
  for (int axis = 0; axis < 2; ++axis) {
    if (const auto& shift = shifts[static_cast<size_t>(axis)]) problem.input[axis + 2] -= shift->pixels;
  }
  const Data& data = trial.expectation()->data;
  Run moved(problem);
  collect(data.input, {.first_h = shifts[0] ? shifts[0]->pixels : 0, .first_w = shifts[1] ? shifts[1]->pixels : 0},
          moved.data.input);
  copy_block(data.weight, 0, 0, moved.data.weight);
  copy_bias(data.bias, 0, moved.data.bias);
  moved.call(trial);
  if (const auto stop = unless_ok(moved.result)) return *stop;
  const auto is_moved = [](int64_t& out, const std::optional<Shift>& shift) {
    if (!shift) return true;
    --out;
    return out >= shift->first;
  };
  return compare(Side(trial), {Side(trial, moved)}, "that of the image moved by one stride, moved back by one",
                 [&](Place at) -> std::optional<Place> {
                   if (!is_moved(at.h, shifts[0]) || !is_moved(at.w, shifts[1])) return std::nullopt;
                   return at;
                 });
}

}  // namespace convcheck::judges
