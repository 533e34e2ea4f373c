#include "reference/fill.h"

#include <algorithm>
#include <limits>

#include "reference/bound.h"
#include "reference/fill_parts.h"
#include "reference/special.h"
#include "reference/statistical.h"

namespace convcheck {
namespace {

void fill_reals(Tensor& tensor, Random random) {
  for (int64_t i = 0; i < tensor.elements(); ++i)
    tensor.memory()[static_cast<size_t>(tensor.offset(i))] = draw_full_significand(random);
}

// Gaps of a strided view belong to nobody: a kernel may read them, and must not let them matter.
void poison_gaps(Data& data) {
  for (Tensor* tensor : {&data.input, &data.weight}) {
    if (tensor->is_dense()) continue;
    std::fill(tensor->memory().begin(), tensor->memory().end(), std::numeric_limits<float>::quiet_NaN());
  }
}

bool shares_places(const Tensor& tensor) {
  return !is_nested(tensor.shape(), tensor.strides());
}

std::string_view why_no_integers(Accuracy accuracy) {
  return accuracy.is_winograd() ? "no integers keep this Winograd tile nearer than 1/2 to the exact result"
                                : "no integers keep sums of so many products exact";
}

std::string_view fill_with_integers(const Case& c, const Geometry& g, Accuracy accuracy, Data& data) {
  const auto range = integer_range(g, accuracy);
  if (!range) return why_no_integers(accuracy);
  fill_integers(c, g, *range, data);
  return {};
}

std::string_view fill_with_impulses(const Case& c, const Geometry& g, Accuracy accuracy, Data& data) {
  if (accuracy.is_winograd()) return "a Winograd transform may round what a sum of products does not";
  const bool by_weight = c.fill == Fill::input_significand;
  if (shares_places(by_weight ? data.weight : data.input)) return "elements that share a place cannot be impulses";
  (by_weight ? fill_input_significand : fill_weight_significand)(c, g, data);
  return {};
}

std::string_view fill_with_reals(const Case& c, const Geometry& g, Data& data) {
  if (gamma(static_cast<double>(most_terms(g, g.in_channels_per_group))) == std::numeric_limits<double>::infinity())
    return "sums of 2^24 products and more have no worst-case bound in f32";
  fill_reals(data.input, Random(c.seed, kInputStream));
  fill_reals(data.weight, Random(c.seed, kWeightStream));
  fill_reals(data.bias, Random(c.seed, kBiasStream));
  return {};
}

std::string_view fill_with_special(const Case& c, const Geometry& g, Accuracy accuracy, Data& data) {
  if (accuracy.is_winograd() && special_of(c).kind == Special::Kind::near_overflow)
    return "a Winograd transform may overflow where the sum of products does not";
  const auto range = integer_range(g, accuracy);
  if (!range) return why_no_integers(accuracy);
  fill_integers(c, g, *range, data);
  make_special(c, g, *range, data);
  return {};
}

std::string_view fill_with_statistical(const Case& c, const Geometry& g, Data& data) {
  const std::string_view why_not = why_not_statistical(c.problem);
  if (why_not.empty()) fill_statistical(statistical_set(c.fill), c.seed, g, data);
  return why_not;
}

}  // namespace

std::string_view fill(const Case& c, const Geometry& g, Accuracy accuracy, Data& data) {
  data.reshape(c.problem);
  poison_gaps(data);
  switch (c.fill) {
    case Fill::integers:
      return fill_with_integers(c, g, accuracy, data);
    case Fill::input_significand:
    case Fill::weight_significand:
      return fill_with_impulses(c, g, accuracy, data);
    case Fill::reals:
      return fill_with_reals(c, g, data);
    case Fill::special:
      return fill_with_special(c, g, accuracy, data);
    case Fill::statistical1:
    case Fill::statistical2:
    case Fill::statistical3:
    case Fill::statistical4:
    case Fill::statistical5:
    case Fill::statistical6:
      break;
  }
  return fill_with_statistical(c, g, data);
}

}  // namespace convcheck
