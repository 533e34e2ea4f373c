// A kernel written with the C++ sugar, as a user writes one.
#include <convcheck/kernel.hpp>

static void convolve(const convcheck::Conv2d& c) {
  for (int64_t n = 0; n < c.batch; ++n) {
    for (int64_t k = 0; k < c.out_channels; ++k) {
      const int64_t first = k / c.filters_per_group * c.channels_per_group;
      for (int64_t oh = 0; oh < c.out_height; ++oh) {
        for (int64_t ow = 0; ow < c.out_width; ++ow) {
          float sum = c.bias(k);
          for (int64_t channel = 0; channel < c.channels_per_group; ++channel) {
            for (int64_t kh = 0; kh < c.kernel_height; ++kh) {
              for (int64_t kw = 0; kw < c.kernel_width; ++kw) {
                const int64_t ih = oh * c.stride_h + kh * c.dilation_h - c.pad_top;
                const int64_t iw = ow * c.stride_w + kw * c.dilation_w - c.pad_left;
                if (ih < 0 || ih >= c.in_height || iw < 0 || iw >= c.in_width) continue;
                sum += c.weight(k, channel, kh, kw) * c.input(n, first + channel, ih, iw);
              }
            }
          }
          c.output(n, k, oh, ow) = sum;
        }
      }
    }
  }
}

CONVCHECK_KERNELS(convcheck::kernel<convolve>("sugar", "seven loops over views",
                                              CONVCHECK_DETERMINISTIC | CONVCHECK_THREAD_SAFE))
