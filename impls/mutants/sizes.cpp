// Mutants that are wrong for sizes at the ends: one, two, nearly nothing, and beyond what an index was made for.
#include <algorithm>

#include "impls/mutants/mutant.h"
#include "impls/mutants/themes.h"

namespace convcheck::impls::mutants {

namespace {

// Small.

struct OneRow : Sound {
  float weight_at(int64_t f, int64_t c, int64_t h, int64_t w) const {
    return Sound::weight_at(f, c, conv.rows.in == 1 ? conv.rows.kernel - 1 - h : h, w);
  }
};

struct TwoByOne : Sound {
  int64_t row(int64_t out, int64_t tap) const {
    const bool is_special = conv.rows.in == 2 && conv.cols.in == 1;
    return is_special && out == 1 ? Sound::row(0, tap) : Sound::row(out, tap);
  }
};

struct OnePixelStrided : Sound {
  int64_t col(int64_t out, int64_t tap) const {
    const bool is_special = conv.rows.in == 1 && conv.cols.in == 1 && conv.cols.stride > 1;
    return Sound::col(out, tap) + (is_special ? 1 : 0);
  }
};

struct OneOutputRow : Sound {
  int64_t row(int64_t out, int64_t tap) const {
    const bool is_special = conv.rows.out == 1 && conv.cols.out > 1 && conv.rows.stride > 1;
    return is_special ? tap * conv.rows.dilation : Sound::row(out, tap);
  }
};

struct ThirdImage : Sound {
  int64_t source_image() const { return image >= 2 ? image - 2 : image; }
};

struct FirstImageAlways : Sound {
  static int64_t source_image() { return 0; }
};

struct EmptyAxis : Sound {
  float start(Spot at) const {
    const bool is_empty = conv.rows.in == 0 || conv.cols.in == 0;
    return is_empty ? 0.0F : Sound::start(at);
  }
};

// A kernel larger than the image is cut to as many taps as the image has rows.
struct KernelCutToImage : Sound {
  int64_t row(int64_t out, int64_t tap) const { return tap < conv.rows.in ? Sound::row(out, tap) : -1; }
};

struct KernelAboveImageCentred : Sound {
  void begin() {
    const int64_t extent = conv.cols.dilation * (conv.cols.kernel - 1) + 1;
    if (extent > conv.cols.in && conv.cols.kernel > 1) conv.cols.pad = (extent - 1) / 2;
  }
};

// Large.

struct KernelColumnInEightBits : Sound {
  float weight_at(int64_t f, int64_t c, int64_t h, int64_t w) const { return Sound::weight_at(f, c, h, w & 0xFF); }
};

struct KernelBeyondRegisters : Sound {
  int64_t col(int64_t out, int64_t tap) const {
    const bool is_beyond = conv.cols.kernel > 16 && tap >= conv.cols.kernel / 16 * 16;
    return is_beyond ? -1 : Sound::col(out, tap);
  }
};

struct KernelOfSixteenRows : Sound {
  float weight_at(int64_t f, int64_t c, int64_t h, int64_t w) const { return Sound::weight_at(f, c, h & 0xF, w); }
};

struct ManyInputChannels : Sound {
  int64_t channel(int64_t c) const { return Sound::channel(c) % 256; }
};

struct ManyFilters : Sound {
  float bias_of(int64_t at) const { return Sound::bias_of(at % 256); }
  float start(Spot /*at*/) const { return bias_of(k); }
};

struct ManyOutputs : Sound {
  int64_t filter() const { return k < 1024 ? k : k - 1024; }
};

// Input offsets in bytes are kept in 32 bits, and those beyond start over.
struct OffsetIn32Bits : Sound {
  int64_t channel(int64_t c) const {
    const int64_t at = Sound::channel(c);
    const auto bytes = static_cast<uint64_t>(at) * static_cast<uint64_t>(conv.input.channel) * sizeof(float);
    return bytes > 0xFFFFFFFFU ? static_cast<int64_t>((bytes & 0xFFFFFFFFU) / sizeof(float)) / conv.input.channel : at;
  }
};

struct FilterIn16Bits : Sound {
  int64_t filter() const { return k & 0xFFFF; }
};

constexpr Mutant kSizes[] = {
    mutant<OneRow>("the kernel is turned upside down over an image of one row",
                   {.name = "image_of_one_row_turns_the_kernel",
                    .bug_class = "degenerate-dimension",
                    .modelled_on = "tenstorrent/tt-mlir#9276",
                    .killers = "matches_reference_exactly padding_equals_explicit_zeros"}),
    mutant<TwoByOne>("over an image of 2x1 both rows of outputs are the first",
                     {.name = "image_of_two_by_one",
                      .bug_class = "degenerate-dimension",
                      .modelled_on = "alibaba/MNN#2291",
                      .killers = "matches_reference_exactly padding_equals_explicit_zeros"}),
    mutant<OnePixelStrided>("over a single pixel with a stride every tap is one column off",
                            {.name = "single_pixel_with_stride",
                             .bug_class = "degenerate-dimension",
                             .modelled_on = "PaddlePaddle/Paddle-Lite#1745",
                             .killers = "matches_reference_exactly padding_equals_explicit_zeros"}),
    mutant<OneOutputRow>("a strided output of one row does not look at the padding above",
                         {.name = "single_output_row_without_padding",
                          .bug_class = "degenerate-dimension",
                          .modelled_on = "ROCm/MIOpen#1495",
                          .killers = "matches_reference_exactly padding_equals_explicit_zeros"}),
    mutant<ThirdImage>("images from the third on read those of the first pair",
                       {.name = "third_image_reads_the_first",
                        .bug_class = "degenerate-dimension",
                        .modelled_on = "chelsea0x3b/dfdx#677",
                        .killers = "matches_reference_exactly batch_is_independent"}),
    mutant<FirstImageAlways>("every image reads the first",
                             {.name = "first_image_repeated",
                              .bug_class = "batch-accumulation",
                              .modelled_on = "LBANN/lbann#1022",
                              .killers = "matches_reference_exactly batch_is_independent "
                                         "permuting_images_permutes_outputs",
                              .theory = "first_image_read_by_all"}),
    mutant<EmptyAxis>("an image without pixels gives zeros, whatever the bias",
                      {.name = "empty_image_loses_the_bias",
                       .bug_class = "zero-size",
                       .modelled_on = "jax-ml/jax#1794",
                       .killers = "matches_reference_exactly bias_adds"}),
    mutant<KernelCutToImage>("a kernel with more rows than the image has as many rows as the image",
                             {.name = "kernel_cut_to_the_image",
                              .bug_class = "kernel-larger-than-input",
                              .modelled_on = "nntrainer/nntrainer#4334",
                              .killers = "matches_reference_exactly padding_equals_explicit_zeros",
                              .theory = "kernel_rows_at_most_image"}),
    mutant<KernelAboveImageCentred>("a kernel wider than the image is centred on it, whatever the padding",
                                    {.name = "kernel_above_image_centred",
                                     .bug_class = "kernel-larger-than-input",
                                     .modelled_on = "xmos/ai_tools#89",
                                     .killers = "matches_reference_exactly padding_equals_explicit_zeros"}),
    mutant<KernelColumnInEightBits>("the columns of the kernel are counted in eight bits",
                                    {.name = "kernel_column_in_eight_bits",
                                     .bug_class = "large-kernel",
                                     .modelled_on = "google/XNNPACK#10709",
                                     .killers = "matches_reference_exactly"}),
    mutant<KernelBeyondRegisters>("kernel columns behind the last whole block of sixteen are left out",
                                  {.name = "kernel_columns_behind_sixteen_dropped",
                                   .bug_class = "large-kernel",
                                   .modelled_on = "modular/modular#6129",
                                   .killers = "matches_reference_exactly"}),
    mutant<KernelOfSixteenRows>("kernel rows from the seventeenth on use the weights of the first ones",
                                {.name = "kernel_rows_above_sixteen_wrap",
                                 .bug_class = "large-kernel",
                                 .modelled_on = "Theano/Theano#4020",
                                 .killers = "matches_reference_exactly"}),
    mutant<ManyInputChannels>("input channels are counted modulo 256", {.name = "input_channels_wrap_at_256",
                                                                        .bug_class = "fixed-size-buffer",
                                                                        .modelled_on = "tensorflow/tensorflow#42748",
                                                                        .killers = "matches_reference_exactly"}),
    mutant<ManyFilters>("the bias is looked up modulo 256", {.name = "bias_wraps_at_256",
                                                             .bug_class = "fixed-size-buffer",
                                                             .modelled_on = "tensorflow/tensorflow#42748",
                                                             .killers = "matches_reference_exactly bias_adds"}),
    mutant<ManyOutputs>("filters above 1024 use the weights of the first ones",
                        {.name = "filters_wrap_at_1024",
                         .bug_class = "fixed-size-buffer",
                         .modelled_on = "tensorflow/tensorflow#42748",
                         .killers = "matches_reference_exactly"}),
    mutant<OffsetIn32Bits>("offsets of input channels in bytes are kept in 32 bits",
                           {.name = "input_offsets_in_32_bits",
                            .bug_class = "integer-overflow",
                            .modelled_on = "pytorch/pytorch#84488",
                            .killers = "matches_reference_exactly"}),
    mutant<FilterIn16Bits>("filters are counted in sixteen bits", {.name = "filters_in_16_bits",
                                                                   .bug_class = "integer-overflow",
                                                                   .modelled_on = "pytorch/pytorch#129207",
                                                                   .killers = "matches_reference_exactly"}),
};

}  // namespace

std::span<const Mutant> size_mutants() {
  return kSizes;
}

}  // namespace convcheck::impls::mutants
