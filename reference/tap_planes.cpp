#include "reference/tap_planes.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace convcheck {
namespace {

constexpr int64_t kVector = 8;

// Outputs o from begin to before end are those with 0 <= origin + o * stride < in.
struct Range {
  int64_t begin, end;
};

Range inside(const Axis& axis, int64_t origin, int64_t outputs) {
  const int64_t begin = origin >= 0 ? 0 : (-origin - 1) / axis.stride + 1;
  const int64_t end = origin >= axis.in ? 0 : (axis.in - 1 - origin) / axis.stride + 1;
  return {std::min(begin, outputs), std::clamp(end, std::min(begin, outputs), outputs)};
}

int64_t origin_of(const Axis& axis, int64_t tap) {
  return tap * axis.dilation - axis.pad_before;
}

std::vector<int64_t> taps_that_meet_input(const Axis& axis) {
  std::vector<int64_t> taps;
  for (int64_t tap = 0; tap < axis.kernel; ++tap) {
    const Range range = inside(axis, origin_of(axis, tap), axis.out);
    if (range.begin < range.end) taps.push_back(tap);
  }
  return taps;
}

}  // namespace

TapPlanes::Plan TapPlanes::shared(const Axis& axis) {
  Plan plan;
  const std::vector<int64_t> taps = taps_that_meet_input(axis);
  // The first tap's shift is 0: no plane holds more than some tap needs.
  const int64_t least = taps.empty() ? 0 : taps.front() * axis.dilation / axis.stride;
  for (const int64_t tap : taps) {
    const int64_t shift = tap * axis.dilation / axis.stride - least;
    const int64_t origin = origin_of(axis, tap) - shift * axis.stride;
    const auto at = std::find(plan.origins.begin(), plan.origins.end(), origin);
    plan.taps.push_back({.index = tap, .origin = static_cast<size_t>(at - plan.origins.begin()), .shift = shift});
    if (at == plan.origins.end()) plan.origins.push_back(origin);
    plan.largest_shift = shift;
  }
  return plan;
}

TapPlanes::Plan TapPlanes::apart(const Axis& axis) {
  Plan plan;
  for (const int64_t tap : taps_that_meet_input(axis)) {
    plan.taps.push_back({.index = tap, .origin = plan.origins.size(), .shift = 0});
    plan.origins.push_back(origin_of(axis, tap));
  }
  return plan;
}

// Integers copied and multiplied for each channel. In double: sizes may be anything.
double TapPlanes::work(const Plan& height, const Plan& width) const {
  const auto product = [](auto... factors) { return (static_cast<double>(factors) * ...); };
  const int64_t pitch = width_axis_.out + width.largest_shift;
  return product(height.origins.size(), width.origins.size(), rows_ + height.largest_shift, pitch) +
         product(height.taps.size(), width.taps.size(), rows_, pitch);
}

TapPlanes::TapPlanes(const Geometry& g, int64_t rows) : height_axis_(g.height), width_axis_(g.width), rows_(rows) {
  double least = std::numeric_limits<double>::infinity();
  for (const Plan& height : {shared(g.height), apart(g.height)}) {
    for (const Plan& width : {shared(g.width), apart(g.width)}) {
      if (work(height, width) >= least) continue;
      least = work(height, width);
      height_ = height;
      width_ = width;
    }
  }
  pitch_ = width_axis_.out + width_.largest_shift;
  plane_ = (rows_ + height_.largest_shift) * pitch_;
  size_ = static_cast<int64_t>(height_.origins.size() * width_.origins.size()) * plane_ + width_.largest_shift + 16;
  input_rows_.resize(static_cast<size_t>((rows_ + height_.largest_shift) * width_axis_.in + kVector));
  add_runs();
}

void TapPlanes::add_runs() {
  for (const Plan::Tap& row : height_.taps) {
    for (const Plan::Tap& column : width_.taps) {
      const auto plane = static_cast<int64_t>(row.origin * width_.origins.size() + column.origin);
      runs_.push_back({.tap = row.index * width_axis_.kernel + column.index,
                       .begin = plane * plane_ + row.shift * pitch_ + column.shift});
    }
  }
}

int32_t TapPlanes::load(const View<const float>& x, int64_t image, int64_t channel, int64_t first_row, int64_t rows,
                        int32_t* to) {
  const int64_t rows_of_plane = rows + height_.largest_shift;
  int32_t worst = 0;
  for (const int64_t origin : height_.origins) {
    const int64_t top = origin + first_row * height_axis_.stride;
    const Range inner = inside(height_axis_, top, rows_of_plane);
    const int64_t inner_rows = inner.end - inner.begin;
    if (inner_rows > 0) {
      const Box box = {&x(image, channel, top + inner.begin * height_axis_.stride, 0),
                       {1, inner_rows, width_axis_.in},
                       {0, height_axis_.stride * x.stride[2], x.stride[3]}};
      worst = std::max(worst, to_integers(box, {}, input_rows_.data()));
    }
    for (const int64_t left : width_.origins) {
      std::fill(to, to + inner.begin * pitch_, 0);
      copy_rows(left, inner_rows, to + inner.begin * pitch_);
      std::fill(to + inner.end * pitch_, to + rows_of_plane * pitch_, 0);
      to += plane_;
    }
  }
  return worst;
}

// From input_rows_, with zeros on the padding at both sides.
void TapPlanes::copy_rows(int64_t left, int64_t rows, int32_t* to) const {
  const Range inner = inside(width_axis_, left, pitch_);
  const int64_t stride = width_axis_.stride;
  const int32_t* from = input_rows_.data() + left + inner.begin * stride;
  const int64_t width = inner.end - inner.begin;
  for (int64_t r = 0; r < rows; ++r, from += width_axis_.in, to += pitch_) {
    std::fill(to, to + inner.begin, 0);
    int32_t* const row = to + inner.begin;
    if (stride == 1) {
      // Whole vectors: what lies behind the row is overwritten later, or nobody's.
      for (int64_t i = 0; i < width; i += kVector) std::memcpy(row + i, from + i, kVector * sizeof(int32_t));
    } else if (stride == 2) {
      for (int64_t i = 0; i < width; ++i) row[i] = from[i * 2];
    } else {
      for (int64_t i = 0; i < width; ++i) row[i] = from[i * stride];
    }
    std::fill(to + inner.end, to + pitch_, 0);
  }
}

}  // namespace convcheck
