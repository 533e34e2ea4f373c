#include "tests/properties/true_winograd.h"

#include <algorithm>
#include <array>
#include <optional>

#include "impls/support/rules.h"
#include "tests/reference/winograd_kernel.h"

namespace convcheck {
namespace {

// The usual point set number `which` among those of the largest tile up to the declared one.
const PointSet& points_for(int declared, int r, int which) {
  int m = 0;
  for (const PointSet& set : usual_point_sets()) {
    if (set.r == r && set.m <= declared) m = std::max(m, set.m);
  }
  std::vector<const PointSet*> fitting;
  for (const PointSet& set : usual_point_sets()) {
    if (set.r == r && set.m == m) fitting.push_back(&set);
  }
  return *fitting[static_cast<size_t>(which) % fitting.size()];
}

View<const float> view_of(const void* data, const convcheck_tensor_desc& desc) {
  View<const float> view = {.data = static_cast<const float*>(data), .shape = {}, .stride = {}};
  for (int32_t axis = 0; axis < desc.rank; ++axis) {
    view.shape.push_back(desc.shape[axis]);
    view.stride.push_back(desc.stride[axis]);
  }
  return view;
}

// The problem with contiguous tensors.
Problem problem_of(const convcheck_problem& abi) {
  const auto shape = [](const convcheck_tensor_desc& desc) { return view_of(nullptr, desc).shape; };
  Problem problem;
  problem.input = shape(abi.input);
  problem.weight = shape(abi.weight);
  problem.bias = shape(abi.bias);
  problem.groups = abi.groups;
  for (size_t axis = 0; axis < 2; ++axis) {
    problem.stride[axis] = abi.stride[axis];
    problem.dilation[axis] = abi.dilation[axis];
    problem.pad_before[axis] = abi.pad_before[axis];
    problem.pad_after[axis] = abi.pad_after[axis];
  }
  return problem;
}

void copy(const View<const float>& from, Tensor& to) {
  for (int64_t index = 0; index < to.elements(); ++index) {
    const Shape at = index_of(to.shape(), index);
    int64_t offset = 0;
    for (int axis = 0; axis < at.rank(); ++axis) offset += at[axis] * from.stride[axis];
    to.memory()[static_cast<size_t>(index)] = from.data[offset];
  }
}

float& element(const convcheck_problem& problem, const convcheck_buffers& buffers, int64_t n, int64_t k, int64_t h,
               int64_t w) {
  const int64_t* const stride = problem.output.stride;
  return static_cast<float*>(buffers.output)[n * stride[0] + k * stride[1] + h * stride[2] + w * stride[3]];
}

void sum_in_double(const convcheck_problem& problem, const convcheck_buffers& buffers, const Geometry& g,
                   const Data& data) {
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t k = 0; k < g.out_channels(); ++k) {
      for (int64_t h = 0; h < g.height.out; ++h) {
        for (int64_t w = 0; w < g.width.out; ++w)
          element(problem, buffers, n, k, h, w) = static_cast<float>(convolve_at(g, data, n, k, h, w).value);
      }
    }
  }
}

void convolve_by_tiles(const convcheck_problem& problem, const convcheck_buffers& buffers, const Geometry& g,
                       const Data& data, const FloatTransform& transform) {
  const int64_t m = transform.m;
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t k = 0; k < g.out_channels(); ++k) {
      for (int64_t top = 0; top < g.height.out; top += m) {
        for (int64_t left = 0; left < g.width.out; left += m) {
          const std::vector<float> tile = winograd_tile(transform, g, data, n, k, top, left);
          for (int64_t i = 0; i < m && top + i < g.height.out; ++i) {
            for (int64_t j = 0; j < m && left + j < g.width.out; ++j)
              element(problem, buffers, n, k, top + i, left + j) = tile[static_cast<size_t>(i * m + j)];
          }
        }
      }
    }
  }
}

int32_t supports(const convcheck_problem* problem) {
  if (const int32_t status = impls::check_rules(*problem); status != CONVCHECK_OK) return status;
  const bool served =
      problem->dtype == CONVCHECK_F32 && problem->direction == CONVCHECK_FORWARD && problem->spatial_rank == 2;
  return served ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

template <int Tile, int Which>
int32_t run(const convcheck_problem* abi, const convcheck_buffers* buffers) {
  if (const int32_t status = supports(abi); status != CONVCHECK_OK) return status;
  const Problem problem = problem_of(*abi);
  const Geometry g = geometry(problem);
  Data data;
  data.reshape(problem);
  copy(view_of(buffers->input, abi->input), data.input);
  copy(view_of(buffers->weight, abi->weight), data.weight);
  copy(view_of(buffers->bias, abi->bias), data.bias);
  if (!winograd_applies(g)) {
    sum_in_double(*abi, *buffers, g, data);
    return CONVCHECK_OK;
  }
  const PointSet& set = points_for(Tile, static_cast<int>(g.height.kernel), Which);
  convolve_by_tiles(*abi, *buffers, g, data, rounded(make_transform(set.m, set.r, set.points)));
  return CONVCHECK_OK;
}

template <int Tile, int Which>
const convcheck_kernel* make(const char* name) {
  static const convcheck_kernel kKernel = {
      .struct_size = sizeof(convcheck_kernel),
      .name = name,
      .description = "Winograd in f32 for tests",
      .algorithm = CONVCHECK_WINOGRAD,
      .winograd_tile = Tile,
      .promises = CONVCHECK_REJECTS_INVALID | CONVCHECK_DETERMINISTIC | CONVCHECK_BATCH_INVARIANT,
      .supports = supports,
      .workspace_bytes = nullptr,
      .run = run<Tile, Which>,
      .prepare = nullptr,
      .release = nullptr};
  return &kKernel;
}

}  // namespace

std::vector<const convcheck_kernel*> true_winograd_kernels() {
  return {make<2, 0>("winograd2"), make<4, 0>("winograd4_on_2"), make<4, 1>("winograd4_on_half"),
          make<6, 0>("winograd6")};
}

}  // namespace convcheck
