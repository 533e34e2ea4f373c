// The micro-kernel of the folded convolution: a block of output channels times a run of pixels side by side, every tap
// being one offset into a packed tile (fold_tile.h).
#pragma once

#include <cstdint>

namespace convcheck::impls {

/// Most pixels that a product may read and write beyond those asked for.
inline constexpr int64_t kProductSlack = 16;

/// What one product reads and writes; all of it private memory of the kernel.
struct ProductArgs {
  const float* input;      ///< the tile; offsets[t] + pixels + kProductSlack floats are readable for every t
  const int64_t* offsets;  ///< [taps]
  const float* weight;     ///< [taps][block]
  const float* bias;       ///< [block], what the sums start from
  float* sums;             ///< [block][sums_step], written up to pixels + kProductSlack each; the rest is left alone
  int64_t sums_step;
  int64_t taps;
  int64_t pixels;
};

/// Computes sums[b][p] = bias[b] + sum over t of weight[t][b] * input[offsets[t] + p], in the order of the taps.
using ProductFunction = void (*)(const ProductArgs&);

/// One form of the product: `block` output channels at once.
struct ProductShape {
  int64_t block;
  ProductFunction run;
};

/// The forms of one instruction set, widest first, down to a block of one; `run` is null where a form does not pay.
struct ProductSet {
  ProductShape shapes[4];
};

/// The forms that suit this machine best.
[[nodiscard]] ProductSet best_product_set();

}  // namespace convcheck::impls
