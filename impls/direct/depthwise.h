// One plane of a depthwise convolution: a path of its own, since a single input channel leaves nothing for the lanes
// but pixels, and little to do for what is loaded.
//
// Four rows of the output times a vector of columns are computed at once, so that each row of the input is loaded once
// for all the rows that it adds to. The inner of the image is read in place. What touches padding or the end of a row
// is copied first, with zeros around it, into a block on the stack: then no load needs a mask, and none leaves the
// tensor.
#pragma once

#include <cstdint>

#include "impls/support/conv.h"

namespace convcheck::impls {

/// Requires an input and output that are dense along columns.
struct DepthwiseJob {
  Axis rows;
  Axis cols;
  int64_t input_row;    ///< floats from one row to the next
  int64_t output_row;   ///< likewise
  const float* input;   ///< the plane
  const float* weight;  ///< [kernel row][kernel col], finite, since it is multiplied by padding
  float bias;
  float* output;
};

/// Writes the plane. Products are added by kernel row, then column.
using DepthwisePlane = void (*)(const DepthwiseJob& job);

/// The loop for this machine; null where there is none for the problem: kernels of 3x3, 5x5 and 7x7 with stride 1 or 2
/// on both axes and no dilation are served.
[[nodiscard]] DepthwisePlane best_depthwise_plane(const Conv& conv);

}  // namespace convcheck::impls
