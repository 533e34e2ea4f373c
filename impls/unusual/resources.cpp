// Workspace, memory, stack and floating-point state, used as far as the ABI lets a kernel go.
#include <algorithm>
#include <array>
#include <cfenv>
#include <cstring>
#include <vector>

#include "impls/unusual/themes.h"
#include "impls/unusual/window.h"

namespace convcheck::impls::unusual {
namespace {

/// Allocates for each row of the output and gives it back; what cannot be had is FAILED (Entry sees to it).
struct OwnMemory {
  static void convolve(const Call& call) {
    const Conv& conv = call.conv;
    for (int64_t image = 0; image < conv.batch; ++image) {
      for (int64_t k = 0; k < conv.out_channels(); ++k) {
        for (int64_t row = 0; row < conv.rows.out; ++row) {
          std::vector<float> sums;
          for (int64_t col = 0; col < conv.cols.out; ++col) sums.push_back(plain_sum(call, {image, k, row, col}));
          for (int64_t col = 0; col < conv.cols.out; ++col) {
            output_at(call, {image, k, row, col}) = sums[static_cast<size_t>(col)];
          }
        }
      }
    }
  }
};

/// Asks for an odd number of bytes and uses every one: an image's output row in float, and a byte that says how far it
/// has come.
size_t odd_bytes(const convcheck_problem* problem) {
  if (Entry<OwnMemory>::supports(problem) != CONVCHECK_OK) return 0;
  const int64_t floats = capped_count({problem->output.shape[3]});
  return floats > kMostFloats ? 0 : static_cast<size_t>(floats) * sizeof(float) + 1;
}

void convolve_by_rows(const Call& call) {
  const Conv& conv = call.conv;
  auto* const done = reinterpret_cast<unsigned char*>(call.workspace + conv.cols.out);
  *done = 0;
  for (int64_t image = 0; image < conv.batch; ++image) {
    for (int64_t k = 0; k < conv.out_channels(); ++k) {
      for (int64_t row = 0; row < conv.rows.out; ++row) {
        for (int64_t col = 0; col < conv.cols.out; ++col) {
          call.workspace[col] = plain_sum(call, {image, k, row, col});
        }
        ++*done;
        for (int64_t col = 0; col < conv.cols.out; ++col) output_at(call, {image, k, row, col}) = call.workspace[col];
      }
    }
  }
}

int32_t run_odd_bytes(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  const int32_t status = admit(*problem, *buffers);
  if (status != CONVCHECK_OK) return status;
  const size_t bytes = odd_bytes(problem);
  if (buffers->workspace_bytes < bytes) return CONVCHECK_FAILED;
  (bytes == 0 ? static_cast<void (*)(const Call&)>(convolve_plain) : convolve_by_rows)(call_of(*problem, *buffers));
  return CONVCHECK_OK;
}

/// Tiles of outputs on the stack: 400 KiB of the 512 that a kernel may need, all of it written.
struct DeepStack {
  static constexpr int64_t kTile = 400 * 1024 / sizeof(float);

  [[gnu::noinline]] static void convolve(const Call& call) {
    std::array<float, kTile> tile;
    tile.fill(0);
    const Conv& conv = call.conv;
    for (int64_t image = 0; image < conv.batch; ++image) {
      for (int64_t k = 0; k < conv.out_channels(); ++k) {
        for (int64_t row = 0; row < conv.rows.out; ++row) {
          for (int64_t first = 0; first < conv.cols.out; first += kTile) {
            const int64_t count = std::min(kTile, conv.cols.out - first);
            for (int64_t i = 0; i < count; ++i) {
              // From the far end of the tile, so that a short row uses it as well.
              tile[static_cast<size_t>(kTile - 1 - i)] = plain_sum(call, {image, k, row, first + i});
            }
            for (int64_t i = 0; i < count; ++i) {
              output_at(call, {image, k, row, first + i}) = tile[static_cast<size_t>(kTile - 1 - i)];
            }
          }
        }
      }
    }
  }
};

/// Rounds upward and raises every exception for a while, then sums with the settings that it found. The sticky flags
/// stay raised.
struct BusyEnvironment {
  static void convolve(const Call& call) {
    const int rounding = std::fegetround();
    std::fesetround(FE_UPWARD);
    std::feraiseexcept(FE_ALL_EXCEPT);
    for_each_place(call.conv, [&](const Place& at) { output_at(call, at) = 1.0F; });
    std::fesetround(rounding);
    convolve_plain(call);
  }
};

constexpr convcheck_kernel of_odd_bytes() {
  convcheck_kernel k = kernel<OwnMemory>("workspace_of_odd_bytes", "asks for an odd number of bytes and uses them all");
  k.workspace_bytes = odd_bytes;
  k.run = run_odd_bytes;
  return k;
}

constexpr convcheck_kernel kKernels[] = {
    of_odd_bytes(),
    kernel<OwnMemory>("own_memory", "allocates and frees in every call"),
    kernel<DeepStack>("deep_stack", "uses 400 KiB of stack"),
    kernel<BusyEnvironment>("busy_environment", "rounds upward for a while and leaves exception flags raised"),
};

}  // namespace

std::span<const convcheck_kernel> resources() {
  return kKernels;
}

}  // namespace convcheck::impls::unusual
