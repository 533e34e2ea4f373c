#include "tests/reference/problems.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "reference/case_text.h"
#include "reference/rules.h"

namespace convcheck {
namespace {

// Strides in the order of `axes`, innermost first, with a gap after each of them at random.
Shape spaced_strides(Random& random, const Shape& shape, std::initializer_list<int> axes) {
  Shape strides = shape;
  int64_t next = uniform(random, 1, 2);
  for (const int axis : axes) {
    strides[axis] = next;
    next = next * std::max<int64_t>(shape[axis], 1) + uniform(random, 0, 2);
  }
  return strides;
}

Shape random_strides(Random& random, const Shape& shape) {
  return one_in(random, 2) ? spaced_strides(random, shape, {3, 2, 1, 0}) : spaced_strides(random, shape, {1, 3, 0, 2});
}

template <class Draw>
Data random_data(const Problem& problem, Draw draw) {
  Data data;
  data.reshape(problem);
  for (Tensor* tensor : {&data.input, &data.weight, &data.bias}) {
    for (float& element : tensor->memory()) element = std::numeric_limits<float>::quiet_NaN();
    for (int64_t i = 0; i < tensor->elements(); ++i) tensor->memory()[static_cast<size_t>(tensor->offset(i))] = draw();
  }
  return data;
}

}  // namespace

Case case_of(std::string_view text) {
  const auto parsed = parse_case(text);
  if (parsed) return *parsed;
  std::fprintf(stderr, "%s\n", describe(parsed.error()).c_str());
  std::abort();
}

Problem problem_of(std::string_view text) {
  return case_of(text).problem;
}

int64_t uniform(Random& random, int64_t least, int64_t most) {
  return least + static_cast<int64_t>(random.below(static_cast<uint64_t>(most - least + 1)));
}

bool one_in(Random& random, uint64_t count) {
  return random.below(count) == 0;
}

Problem random_valid_problem(Random& random) {
  for (;;) {
    Problem p;
    p.groups = uniform(random, 1, 4);
    const int64_t in_channels = p.groups * uniform(random, 1, 3);
    const int64_t batch = one_in(random, 20) ? 0 : uniform(random, 1, 3);
    p.input = {batch, in_channels};
    p.weight = {p.groups * uniform(random, 1, 3), in_channels / p.groups};
    for (size_t axis = 0; axis < 2; ++axis) {
      p.input.push_back(one_in(random, 20) ? 0 : uniform(random, 1, 8));
      p.weight.push_back(uniform(random, 1, 4));
      p.stride[axis] = uniform(random, 1, 4);
      p.dilation[axis] = uniform(random, 1, 3);
      p.pad_before[axis] = one_in(random, 2) ? 0 : uniform(random, 0, 5);
      p.pad_after[axis] = one_in(random, 2) ? 0 : uniform(random, 0, 5);
    }
    if (one_in(random, 2)) p.bias = {p.out_channels()};
    if (one_in(random, 4)) p.layout = Layout::nhwc;
    if (is_valid(p)) return p;
  }
}

void add_random_strides(Random& random, Problem& problem) {
  if (one_in(random, 2)) {
    Shape strides = random_strides(random, problem.input);
    if (one_in(random, 3)) strides[static_cast<int>(random.below(4))] = 0;
    problem.input_strides = strides;
  }
  if (one_in(random, 2)) {
    Shape strides = random_strides(random, problem.weight);
    if (one_in(random, 2)) strides[static_cast<int>(random.below(4))] = 0;
    problem.weight_strides = strides;
  }
  if (one_in(random, 2)) problem.output_strides = random_strides(random, rule_output_shape(problem));
}

Data random_integers(Random& random, const Problem& problem, int64_t most) {
  return random_data(problem, [&] { return static_cast<float>(uniform(random, -most, most)); });
}

Data random_reals(Random& random, const Problem& problem) {
  return random_data(problem, [&] { return random_real(random, -3, 0); });
}

float random_real(Random& random, int least, int most) {
  const uint64_t bits = random.bits();
  const auto significand = static_cast<float>((bits & 0x7FFFFF) | 0x800000);
  const auto exponent = static_cast<int>(uniform(random, least, most));
  const float value = std::ldexp(significand, exponent - 23);
  return (bits >> 63) != 0 ? -value : value;
}

}  // namespace convcheck
