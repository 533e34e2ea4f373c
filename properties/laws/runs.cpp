#include "properties/laws/runs.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "properties/describe.h"
#include "reference/winograd.h"

namespace convcheck::judges {
namespace {

// The sum of both runs' bounds: the other run computes the same sum, from the same terms.
double allowed_between_runs(const Expectation& expected, size_t i) {
  if (!expected.accuracy.is_winograd()) return 2 * summation_bound(expected.sums[i]);
  const Shape output = {expected.g.batch, expected.g.out_channels(), expected.g.height.out, expected.g.width.out};
  const WinogradBound& bound =
      WinogradBound::of(expected.accuracy.winograd_tile, static_cast<int>(expected.g.height.kernel));
  return 2 * bound.at(expected.g, expected.data, index_of(output, static_cast<int64_t>(i)), expected.sums[i],
                      std::numeric_limits<double>::infinity());
}

bool agree(const Expectation& expected, Fill fill, size_t i, double got, double other) {
  if (got == other) return true;
  if (fill != Fill::integers) return std::abs(got - other) <= allowed_between_runs(expected, i);
  return expected.accuracy.is_winograd() && std::nearbyint(got) == std::nearbyint(other);
}

}  // namespace

Problem contiguous(const Problem& problem) {
  Problem result = problem;
  result.layout = Layout::nchw;
  result.input_strides.reset();
  result.weight_strides.reset();
  result.output_strides.reset();
  return result;
}

void copy_block(const Tensor& source, int64_t from_i, int64_t from_j, Tensor& target) {
  const View<const float> from = source.view();
  const View<float> to = target.view();
  const Shape& shape = target.shape();
  for (int64_t i = 0; i < shape[0]; ++i) {
    for (int64_t j = 0; j < shape[1]; ++j) {
      for (int64_t k = 0; k < shape[2]; ++k) {
        for (int64_t l = 0; l < shape[3]; ++l) to(i, j, k, l) = from(from_i + i, from_j + j, k, l);
      }
    }
  }
}

void place_block(const Tensor& source, int64_t to_i, int64_t to_j, Tensor& target) {
  const View<const float> from = source.view();
  const View<float> to = target.view();
  const Shape& shape = source.shape();
  for (int64_t i = 0; i < shape[0]; ++i) {
    for (int64_t j = 0; j < shape[1]; ++j) {
      for (int64_t k = 0; k < shape[2]; ++k) {
        for (int64_t l = 0; l < shape[3]; ++l) to(to_i + i, to_j + j, k, l) = from(i, j, k, l);
      }
    }
  }
}

void add_to_plane(Tensor& tensor, int64_t n, int64_t k, float value) {
  for (int64_t h = 0; h < tensor.shape()[2]; ++h) {
    for (int64_t w = 0; w < tensor.shape()[3]; ++w) tensor.view()(n, k, h, w) += value;
  }
}

void copy_bias(const Tensor& source, int64_t from, Tensor& target) {
  if (source.empty()) return;
  for (int64_t k = 0; k < target.elements(); ++k) target.view()(k) = source.view()(from + k);
}

std::optional<Judgement> unless_ok(const CallResult& result) {
  if (result.ok()) return std::nullopt;
  if (result.status == CONVCHECK_UNSUPPORTED) return Judgement::not_applicable("the kernel does not serve the problem");
  if (result.status == CONVCHECK_FAILED)
    return Judgement::not_applicable("the kernel answered FAILED: a resource ran out");
  // REJECTED, or no status at all, is what accepts_valid is about.
  return Judgement::not_applicable("the kernel did not accept the problem");
}

Judgement compare_runs(Trial& trial, std::string_view what, const Tensor& other) {
  const Expectation& expected = *trial.expectation();
  const Tensor& output = trial.output();
  std::vector<int64_t> wrong;
  Finding finding;
  for (int64_t index = 0; index < output.elements(); ++index) {
    const auto got = static_cast<double>(output.memory()[static_cast<size_t>(output.offset(index))]);
    const auto want = static_cast<double>(other.memory()[static_cast<size_t>(other.offset(index))]);
    if (agree(expected, trial.the_case().fill, static_cast<size_t>(index), got, want)) continue;
    if (wrong.empty()) {
      finding.index = describe_index(expected.g, index);
      finding.expected = describe_value(want);
      finding.got = describe_value(got);
    }
    wrong.push_back(index);
  }
  if (wrong.empty()) return {};
  finding.explanation =
      fmt::format("The kernel's output differs from {}, both computed by the kernel itself: {}.", what,
                  describe_wrong(expected.g, wrong, static_cast<int64_t>(wrong.size()), output.elements()));
  return Judgement::violated(std::move(finding));
}

}  // namespace convcheck::judges
