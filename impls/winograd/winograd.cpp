// The kernels winograd2x2, winograd4x4 and winograd6x6 behind the ABI.
#include <memory>

#include "impls/kernels.h"
#include "impls/support/buffer.h"
#include "impls/support/conv.h"
#include "impls/winograd/convolve.h"
#include "impls/winograd/geometry.h"
#include "impls/winograd/inner.h"

namespace convcheck::impls {
namespace {

using winograd::Geometry;

/// `weights` is null where the output has no elements.
struct Plan {
  winograd::InnerLoops loops;
  Floats weights;
};

/// What `prepare` and `run` answer before they look for memory.
template <int Tile>
int32_t admit_call(const convcheck_problem& problem, const convcheck_buffers& buffers) {
  const int32_t status = winograd::check_served(problem, Tile);
  return status != CONVCHECK_OK ? status : admit(problem, buffers);
}

template <int Tile>
int32_t supports(const convcheck_problem* problem) {
  return winograd::check_served(*problem, Tile);
}

template <int Tile>
size_t workspace_bytes(const convcheck_problem* problem) {
  if (winograd::check_served(*problem, Tile) != CONVCHECK_OK) return 0;
  return winograd::make_geometry(*problem, Tile).workspace_bytes();
}

template <int Tile>
int32_t prepare(const convcheck_problem* problem, const convcheck_buffers* buffers, void** plan) {
  return guarded([&]() -> int32_t {
    const int32_t status = admit_call<Tile>(*problem, *buffers);
    if (status != CONVCHECK_OK) return status;
    const Geometry geometry = winograd::make_geometry(*problem, Tile);
    auto made = std::make_unique<Plan>();
    made->loops = winograd::best_inner_loops(Tile);
    if (geometry.plan_floats() > 0) {
      made->weights = allocate_floats(geometry.plan_floats());
      winograd::pack_weights(geometry, made->loops, static_cast<const float*>(buffers->weight), made->weights.get());
    }
    *plan = made.release();
    return CONVCHECK_OK;
  });
}

template <int Tile>
int32_t run(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  return guarded([&]() -> int32_t {
    int32_t status = admit_call<Tile>(*problem, *buffers);
    if (status != CONVCHECK_OK) return status;
    const Geometry geometry = winograd::make_geometry(*problem, Tile);
    status = admit_run(*problem, *buffers, geometry.workspace_bytes());
    if (status != CONVCHECK_OK) return status;
    const Plan& plan = *static_cast<const Plan*>(buffers->plan);
    winograd::convolve(geometry, plan.loops,
                       {.input = static_cast<const float*>(buffers->input),
                        .bias = static_cast<const float*>(buffers->bias),
                        .plan = plan.weights.get(),
                        .output = static_cast<float*>(buffers->output),
                        .workspace = static_cast<float*>(buffers->workspace)});
    return CONVCHECK_OK;
  });
}

void release(void* plan) {
  delete static_cast<Plan*>(plan);
}

template <int Tile>
constexpr convcheck_kernel make_kernel(const char* name, const char* description) {
  return {.struct_size = sizeof(convcheck_kernel),
          .name = name,
          .description = description,
          .algorithm = CONVCHECK_WINOGRAD,
          .winograd_tile = Tile,
          .promises =
              CONVCHECK_REJECTS_INVALID | CONVCHECK_DETERMINISTIC | CONVCHECK_THREAD_SAFE | CONVCHECK_BATCH_INVARIANT,
          .supports = supports<Tile>,
          .workspace_bytes = workspace_bytes<Tile>,
          .run = run<Tile>,
          .prepare = prepare<Tile>,
          .release = release};
}

}  // namespace

constinit const convcheck_kernel kWinograd2x2 =
    make_kernel<2>("winograd2x2", "Winograd F(2x2, 3x3): 3x3 kernels with stride and dilation 1, any layout");
constinit const convcheck_kernel kWinograd4x4 =
    make_kernel<4>("winograd4x4", "Winograd F(4x4, 3x3): 3x3 kernels with stride and dilation 1, any layout");
constinit const convcheck_kernel kWinograd6x6 =
    make_kernel<6>("winograd6x6", "Winograd F(6x6, 3x3): 3x3 kernels with stride and dilation 1, any layout");

}  // namespace convcheck::impls
