#include <array>
#include <cmath>
#include <limits>

#include "reference/fill_parts.h"
#include "reference/special.h"

namespace convcheck {
namespace {

constexpr std::array<std::string_view, 4> kFinite = {"subnormal inputs", "subnormal weights", "subnormal results",
                                                     "sums near the largest f32"};

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::array<float, 3> kNonfinite = {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity};
constexpr std::array<TensorRole, 3> kRoles = {TensorRole::input, TensorRole::weight, TensorRole::bias};

// Every second element lies in a corner of its plane: there are the taps that padding meets.
Shape place(const Shape& shape, Random& random) {
  Shape at = shape;
  const bool corner = (random.bits() >> 63) != 0;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const auto drawn = static_cast<int64_t>(random.bits() % static_cast<uint64_t>(shape[axis]));
    const bool far = (random.bits() >> 63) != 0;
    at[axis] = !corner || axis < 2 ? drawn : far ? shape[axis] - 1 : 0;
  }
  return at;
}

bool is_empty(const Shape& shape) {
  for (const int64_t extent : shape) {
    if (extent == 0) return true;
  }
  return shape.rank() == 0;
}

// By place in memory, since elements of a view may share one.
void scale(Tensor& tensor, int exponent) {
  for (float& value : tensor.memory()) value = std::ldexp(value, exponent);
}

// A third of all values, by place in memory.
void scatter_zeros(Tensor& tensor, Random random) {
  for (float& value : tensor.memory()) {
    if (random.below(3) == 0 && std::isfinite(value)) value = 0;
  }
}

Tensor& tensor_of(Data& data, TensorRole role) {
  if (role == TensorRole::input) return data.input;
  return role == TensorRole::weight ? data.weight : data.bias;
}

// The powers of two that input and weight are multiplied by; a bias by both.
struct Exponents {
  int input = 0, weight = 0;
};

// `room` doublings leave every sum of integers below 2^23.
Exponents exponents_of(Special::Kind kind, int room) {
  constexpr int kLeast = -149;
  switch (kind) {
    case Special::Kind::subnormal_inputs:
      return {.input = kLeast + room};
    case Special::Kind::subnormal_weights:
      return {.weight = kLeast + room};
    case Special::Kind::subnormal_results:
      return {.input = kLeast / 2, .weight = kLeast - kLeast / 2 + room};
    case Special::Kind::near_overflow:
      return {.input = 52, .weight = 51};
    case Special::Kind::nonfinite:
      break;
  }
  return {};
}

int room_of(const Geometry& g, const IntegerRange& range) {
  const int64_t most = most_terms(g, range.active_channels) * range.largest * range.largest;
  int room = 0;
  while (room < 22 && most << (room + 1) < int64_t{1} << 23) ++room;
  return room;
}

}  // namespace

Special special_of(const Case& c) {
  const uint64_t choice = c.seed / 2;
  Special special;
  if (c.seed % 2 == 0) {
    special.kind = static_cast<Special::Kind>(choice % kFinite.size());
    special.what = kFinite[choice % kFinite.size()];
    return special;
  }
  special.kind = Special::Kind::nonfinite;
  size_t role = choice / kNonfinite.size() % kRoles.size();
  while (is_empty(shape_of(c.problem, kRoles[role]))) role = (role + 1) % kRoles.size();
  Random random(c.seed, kSpecialStream);
  special.value = kNonfinite[choice % kNonfinite.size()];
  special.what = std::isnan(special.value) ? "NaN" : special.value > 0 ? "infinity" : "minus infinity";
  special.role = kRoles[role];
  special.at = place(shape_of(c.problem, special.role), random);
  return special;
}

std::string describe(const Special& special) {
  std::string text(special.what);
  if (special.is_finite()) return text;
  static constexpr std::array<std::array<const char*, 4>, 3> kAxes = {
      {{" n=", " c=", " h=", " w="}, {" k=", " c=", " h=", " w="}, {" k=", "", "", ""}}};
  static constexpr std::array<const char*, 3> kNames = {" at input", " at weight", " at bias"};
  const size_t role = special.role == TensorRole::input ? 0 : special.role == TensorRole::weight ? 1 : 2;
  text += kNames[role];
  for (int axis = 0; axis < special.at.rank(); ++axis)
    text += kAxes[role][static_cast<size_t>(axis)] + std::to_string(special.at[axis]);
  if (special.role == TensorRole::input) text += " and zeros among the weights";
  if (special.role == TensorRole::weight) text += " and zeros among the inputs";
  return text;
}

void make_special(const Case& c, const Geometry& g, const IntegerRange& range, Data& data) {
  const Special special = special_of(c);
  if (special.is_finite()) {
    const Exponents exponents = exponents_of(special.kind, room_of(g, range));
    scale(data.input, exponents.input);
    scale(data.weight, exponents.weight);
    scale(data.bias, exponents.input + exponents.weight);
    return;
  }
  Tensor& tensor = tensor_of(data, special.role);
  int64_t offset = 0;
  for (int axis = 0; axis < special.at.rank(); ++axis) offset += special.at[axis] * tensor.strides()[axis];
  tensor.memory()[static_cast<size_t>(offset)] = special.value;
  if (special.role == TensorRole::input) scatter_zeros(data.weight, Random(c.seed, kZeroStream));
  if (special.role == TensorRole::weight) scatter_zeros(data.input, Random(c.seed, kZeroStream));
}

}  // namespace convcheck
