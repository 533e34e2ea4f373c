#include "properties/laws/runs.h"

#include <algorithm>
#include <numeric>

namespace convcheck::judges {
namespace {

Wide elements(const Shape& shape) {
  Wide product = 1;
  for (const int64_t extent : shape) product = saturating_product(product, extent);
  return product;
}

}  // namespace

Problem contiguous(const Problem& problem) {
  Problem result = problem;
  result.input_strides.reset();
  result.weight_strides.reset();
  result.output_strides.reset();
  result.claimed_output.reset();
  return result;
}

Problem with_channels(Problem problem, int64_t batch, int64_t in_channels, int64_t out_channels, int64_t groups) {
  problem.input[0] = batch;
  problem.input[1] = in_channels;
  problem.weight[0] = out_channels;
  problem.weight[1] = in_channels / groups;
  problem.groups = groups;
  if (problem.has_bias()) problem.bias[0] = out_channels;
  return problem;
}

std::string_view why_too_large(const Problem& transformed) {
  constexpr std::string_view kReason = "the transformed problem has more than 20 million multiply-adds or elements";
  for (const Shape& shape : {transformed.input, transformed.weight, rule_output_shape(transformed)}) {
    if (elements(shape) > kStructureLimit) return kReason;
  }
  return multiply_count(transformed) > kStructureLimit ? kReason : std::string_view();
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

void gather(const Tensor& source, int axis, std::span<const int64_t> from, Tensor& target) {
  const Shape& shape = target.shape();
  if (shape.rank() == 1) {
    for (int64_t i = 0; i < shape[0]; ++i) target.view()(i) = source.view()(from[static_cast<size_t>(i)]);
    return;
  }
  const View<const float> there = source.view();
  const View<float> here = target.view();
  for (int64_t i = 0; i < shape[0] && target.elements() != 0; ++i) {
    const int64_t from_i = axis == 0 ? from[static_cast<size_t>(i)] : i;
    for (int64_t j = 0; j < shape[1]; ++j) {
      const int64_t from_j = axis == 1 ? from[static_cast<size_t>(j)] : j;
      for (int64_t k = 0; k < shape[2]; ++k) {
        for (int64_t l = 0; l < shape[3]; ++l) here(i, j, k, l) = there(from_i, from_j, k, l);
      }
    }
  }
}

std::vector<int64_t> permutation(int64_t count, Random random) {
  std::vector<int64_t> result(static_cast<size_t>(count));
  std::iota(result.begin(), result.end(), int64_t{0});
  for (size_t i = result.size(); i > 1; --i) std::swap(result[i - 1], result[random.below(i)]);
  if (std::is_sorted(result.begin(), result.end())) std::reverse(result.begin(), result.end());
  return result;
}

std::vector<int64_t> inverse(std::span<const int64_t> permutation) {
  std::vector<int64_t> result(permutation.size());
  for (size_t i = 0; i < permutation.size(); ++i) {
    result[static_cast<size_t>(permutation[i])] = static_cast<int64_t>(i);
  }
  return result;
}

std::optional<Judgement> unless_ok(const CallResult& result) {
  if (result.ok()) return std::nullopt;
  if (result.threw) return Judgement::not_applicable("the call ended in an exception");
  if (result.status == CONVCHECK_UNSUPPORTED) return Judgement::not_applicable("the kernel does not serve the problem");
  if (result.status == CONVCHECK_FAILED)
    return Judgement::not_applicable("the kernel answered FAILED: a resource ran out");
  // REJECTED, or no status at all, is what accepts_valid is about.
  return Judgement::not_applicable("the kernel did not accept the problem");
}

}  // namespace convcheck::judges
