// The bias: which one, how often, and where.
#include <array>

#include "properties/theories/theories.h"

namespace convcheck::themes {
namespace {

constexpr std::array kBias = {
    Theory{"bias_ignored",
           "there were no bias",
           {.bias = [](const Geometry& /*g*/, const Place& /*at*/, int64_t /*taps*/, BiasUse& use) { use.times = 0; }}},
    Theory{"bias_per_group",
           "there were one bias a group, bias[k / (out_channels / groups)]",
           {.bias = [](const Geometry& g, const Place& at, int64_t /*taps*/,
                       BiasUse& use) { use.index = group_of(g, at.k); }}},
    Theory{"bias_by_remainder_of_groups",
           "the bias of output channel k were bias[k % groups]",
           {.bias = [](const Geometry& g, const Place& at, int64_t /*taps*/,
                       BiasUse& use) { use.index = at.k % g.groups; }}},
    Theory{"bias_starts_again_in_group",
           "the bias started again in each group, bias[k % (out_channels / groups)]",
           {.bias = [](const Geometry& g, const Place& at, int64_t /*taps*/,
                       BiasUse& use) { use.index = at.k % g.out_channels_per_group; }}},
    Theory{"bias_by_input_channel",
           "the bias of output channel k were bias[k % in_channels]",
           {.bias = [](const Geometry& g, const Place& at, int64_t /*taps*/,
                       BiasUse& use) { use.index = at.k % g.in_channels(); }}},
    Theory{"bias_of_first_channel",
           "all output channels had the first bias",
           {.bias = [](const Geometry& /*g*/, const Place& /*at*/, int64_t /*taps*/, BiasUse& use) { use.index = 0; }}},
    Theory{"bias_of_next_channel",
           "output channel k had the bias of k + 1, the last that of the first",
           {.bias = [](const Geometry& g, const Place& at, int64_t /*taps*/,
                       BiasUse& use) { use.index = (at.k + 1) % g.out_channels(); }}},
    Theory{"bias_reversed",
           "the bias were in reverse order",
           {.bias = [](const Geometry& g, const Place& at, int64_t /*taps*/,
                       BiasUse& use) { use.index = g.out_channels() - 1 - at.k; }}},
    Theory{"bias_interleaved",
           "the bias were interleaved: that of output j of group g at j * groups + g",
           {.bias = [](const Geometry& g, const Place& at, int64_t /*taps*/,
                       BiasUse& use) { use.index = at.k % g.out_channels_per_group * g.groups + group_of(g, at.k); }}},
    Theory{"bias_added_twice",
           "the bias were added twice",
           {.bias = [](const Geometry& /*g*/, const Place& /*at*/, int64_t /*taps*/, BiasUse& use) { use.times = 2; }}},
    Theory{
        "bias_subtracted",
        "the bias were subtracted",
        {.bias = [](const Geometry& /*g*/, const Place& /*at*/, int64_t /*taps*/, BiasUse& use) { use.times = -1; }}},
    Theory{"bias_per_input_channel",
           "the bias were added once for each input channel of the group",
           {.bias = [](const Geometry& g, const Place& /*at*/, int64_t /*taps*/,
                       BiasUse& use) { use.times = static_cast<double>(g.in_channels_per_group); }}},
    Theory{"bias_per_group_again",
           "the bias were added once for each group",
           {.bias = [](const Geometry& g, const Place& /*at*/, int64_t /*taps*/,
                       BiasUse& use) { use.times = static_cast<double>(g.groups); }}},
    Theory{"bias_per_kernel_tap",
           "the bias were added once for each tap of the kernel's plane",
           {.bias = [](const Geometry& g, const Place& /*at*/, int64_t /*taps*/,
                       BiasUse& use) { use.times = static_cast<double>(g.height.kernel * g.width.kernel); }}},
    Theory{"bias_per_product",
           "the bias were added to each product",
           {.bias = [](const Geometry& /*g*/, const Place& /*at*/, int64_t taps,
                       BiasUse& use) { use.times = static_cast<double>(taps); }}},
    Theory{"bias_only_with_taps",
           "outputs whose window lies on padding alone had no bias",
           {.bias = [](const Geometry& /*g*/, const Place& /*at*/, int64_t taps,
                       BiasUse& use) { use.times = taps > 0 ? 1 : 0; }}},
    Theory{"bias_of_first_image_alone",
           "images after the first had no bias",
           {.bias = [](const Geometry& /*g*/, const Place& at, int64_t /*taps*/,
                       BiasUse& use) { use.times = at.n == 0 ? 1 : 0; }}},
    Theory{"bias_of_first_group_alone",
           "groups after the first had no bias",
           {.bias = [](const Geometry& g, const Place& at, int64_t /*taps*/,
                       BiasUse& use) { use.times = group_of(g, at.k) == 0 ? 1 : 0; }}},
    Theory{"bias_at_first_output_alone",
           "the bias were added to the first output of each plane alone",
           {.bias = [](const Geometry& /*g*/, const Place& at, int64_t /*taps*/,
                       BiasUse& use) { use.times = at.oh == 0 && at.ow == 0 ? 1 : 0; }}},
    Theory{"bias_doubled_after_first_image",
           "the bias were added twice from the second image on",
           {.bias = [](const Geometry& /*g*/, const Place& at, int64_t /*taps*/,
                       BiasUse& use) { use.times = at.n == 0 ? 1 : 2; }}},
    Theory{"bias_grows_with_image",
           "the bias were added once more with each image",
           {.bias = [](const Geometry& /*g*/, const Place& at, int64_t /*taps*/,
                       BiasUse& use) { use.times = static_cast<double>(at.n + 1); }}},
};

}  // namespace

std::span<const Theory> bias() {
  return kBias;
}

}  // namespace convcheck::themes
