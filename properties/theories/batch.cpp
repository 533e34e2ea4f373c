// The images of a batch.
#include <array>

#include "properties/theories/theories.h"

namespace convcheck::themes {
namespace {

bool is_last_of_several(const Scene& s, const Place& at) {
  return at.n > 0 && at.n == s.g.batch - 1;
}

constexpr std::array kBatch = {
    Theory{"first_image_read_by_all",
           "every image were the first",
           {.tap = [](const Geometry& /*g*/, const Place& /*at*/, Tap& tap) { tap.n = 0; }}},
    Theory{"images_reversed",
           "the images of a batch were in reverse order",
           {.tap = [](const Geometry& g, const Place& /*at*/, Tap& tap) { tap.n = g.batch - 1 - tap.n; }}},
    Theory{"next_image_read",
           "an image were the next one, the last the first",
           {.tap = [](const Geometry& g, const Place& /*at*/, Tap& tap) { tap.n = (tap.n + 1) % g.batch; }}},
    Theory{"images_accumulate", "each image's result were added to that of the image before it",
           Model{.adds_earlier_images = true}},
    Theory{
        "first_image_written_alone",
        "images after the first were not written",
        {.written = [](const Scene& /*s*/, const Place& at) { return at.n == 0 ? Written::value : Written::nothing; }}},
    Theory{"later_images_zero",
           "the results of images after the first were zero",
           {.written = [](const Scene& /*s*/, const Place& at) { return at.n == 0 ? Written::value : Written::zero; }}},
    Theory{"last_image_of_several_unwritten",
           "the last image of several were not written",
           {.written = [](const Scene& s,
                          const Place& at) { return is_last_of_several(s, at) ? Written::nothing : Written::value; }}},
    Theory{"last_image_of_several_zero",
           "the result of the last image of several were zero",
           {.written = [](const Scene& s,
                          const Place& at) { return is_last_of_several(s, at) ? Written::zero : Written::value; }}},
    Theory{"batch_read_behind_channels",
           "the input were stored with its channels before its images",
           {.input_offset =
                [](const Scene& s, const Tap& tap) {
                  if (!is_dense(s.input.shape, s.input.stride)) return int64_t{-1};
                  const int64_t plane = tap.channel * s.g.batch + tap.n;
                  return (plane * s.g.height.in + tap.ih) * s.g.width.in + tap.iw;
                }}},
};

}  // namespace

std::span<const Theory> batch() {
  return kBatch;
}

}  // namespace convcheck::themes
