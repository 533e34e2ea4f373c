#include "harness/plain_test.h"

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "reference/random.h"

namespace convcheck {
namespace {

struct PlainShape {
  int64_t batch, in_channels, size, out_channels, kernel, stride, padding, dilation;
  bool depthwise, bias;
};

constexpr PlainShape kShapes[] = {
    {1, 3, 32, 16, 3, 1, 1, 1, false, true},   {1, 3, 32, 16, 3, 2, 1, 1, false, true},
    {2, 16, 16, 16, 3, 1, 1, 1, false, true},  {1, 16, 16, 32, 1, 1, 0, 1, false, true},
    {1, 32, 14, 32, 1, 1, 0, 1, false, false}, {1, 8, 16, 8, 5, 1, 2, 1, false, true},
    {1, 3, 28, 8, 7, 2, 3, 1, false, false},   {4, 8, 8, 8, 3, 1, 0, 1, false, true},
    {1, 16, 16, 16, 3, 1, 2, 2, false, true},  {1, 64, 7, 64, 3, 1, 1, 1, false, true},
    {1, 16, 16, 16, 3, 1, 1, 1, true, true},   {1, 16, 16, 16, 3, 2, 1, 1, true, true},
    {2, 32, 14, 32, 3, 1, 1, 1, true, false},  {1, 8, 16, 8, 5, 1, 2, 1, true, true},
    {1, 4, 8, 4, 3, 1, 0, 1, true, true},      {2, 4, 10, 8, 3, 1, 1, 1, false, false},
    {1, 1, 28, 8, 5, 1, 0, 1, false, true},    {1, 8, 28, 16, 5, 1, 0, 1, false, true},
    {1, 16, 8, 32, 3, 2, 1, 1, false, true},   {1, 32, 8, 32, 3, 1, 1, 1, true, true},
};

Problem problem_of(const PlainShape& s) {
  Problem p;
  p.groups = s.depthwise ? s.in_channels : 1;
  p.input = {s.batch, s.in_channels, s.size, s.size};
  p.weight = {s.out_channels, s.in_channels / p.groups, s.kernel, s.kernel};
  p.stride = {s.stride, s.stride, 1};
  p.dilation = {s.dilation, s.dilation, 1};
  p.pad_before = p.pad_after = {s.padding, s.padding, 0};
  if (s.bias) p.bias = {s.out_channels};
  return p;
}

std::vector<Problem> all_problems() {
  std::vector<Problem> problems;
  for (const PlainShape& shape : kShapes) problems.push_back(problem_of(shape));
  return problems;
}

// N(0,1), by Box and Muller's transform.
void fill_normally(Tensor& tensor, Random& random) {
  for (float& value : tensor.memory()) {
    const double u = (static_cast<double>(random.bits() >> 11) + 1) * 0x1p-53;
    const double v = static_cast<double>(random.bits() >> 11) * 0x1p-53;
    value = static_cast<float>(std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v));
  }
}

bool is_close(float got, double want) {
  constexpr double kRelative = 1e-3;
  constexpr double kAbsolute = 1e-5;
  return std::abs(static_cast<double>(got) - want) <= kAbsolute + kRelative * std::abs(want);
}

}  // namespace

std::string_view name(PlainVerdict verdict) {
  constexpr std::array<std::string_view, 3> kNames = {"passes", "fails", "not_served"};
  return kNames[static_cast<size_t>(verdict)];
}

std::span<const Problem> plain_shapes() {
  static const std::vector<Problem> kProblems = all_problems();
  return kProblems;
}

PlainVerdict plain_test(const Subject& subject, uint64_t seed) {
  Random random(seed, 0x91A1);
  Workspace workspace;
  PlainVerdict verdict = PlainVerdict::not_served;
  for (const Problem& problem : plain_shapes()) {
    Data data;
    data.reshape(problem);
    for (Tensor* tensor : {&data.input, &data.weight, &data.bias}) fill_normally(*tensor, random);
    Tensor output;
    const CallResult result = call(subject, problem, data, output, workspace);
    if (result.status == CONVCHECK_UNSUPPORTED) continue;
    if (!result.ok()) return PlainVerdict::fails;
    verdict = PlainVerdict::passes;
    std::vector<Sum> sums;
    convolve(geometry(problem), data, sums);
    for (size_t i = 0; i < sums.size(); ++i) {
      const auto at = static_cast<size_t>(output.offset(static_cast<int64_t>(i)));
      if (!is_close(output.memory()[at], sums[i].value)) return PlainVerdict::fails;
    }
  }
  return verdict;
}

}  // namespace convcheck
