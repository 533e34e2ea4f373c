// The themes of theories, one table each; theories() of theory.h joins them.
//
// A theory here is a name, how the kernel behaves, as the words after "as if", and the hooks at which its model departs
// from the plain convolution. To add one, write one entry; the tests then hold it to being told from all others.
#pragma once

#include <span>

#include "properties/theory.h"

namespace convcheck::themes {

[[nodiscard]] std::span<const Theory> axes();      ///< which axis or parameter goes where
[[nodiscard]] std::span<const Theory> steps();     ///< stride and dilation ignored or used twice
[[nodiscard]] std::span<const Theory> padding();   ///< sides, amounts, and what padding holds
[[nodiscard]] std::span<const Theory> taps();      ///< which taps of the kernel are used
[[nodiscard]] std::span<const Theory> groups();    ///< which channels a group reads, uses and writes
[[nodiscard]] std::span<const Theory> weights();   ///< the order of weights and input channels
[[nodiscard]] std::span<const Theory> bias();      ///< which bias, how often
[[nodiscard]] std::span<const Theory> batch();     ///< which image
[[nodiscard]] std::span<const Theory> output();    ///< what is stored where
[[nodiscard]] std::span<const Theory> memory();    ///< strides and layouts of tensors
[[nodiscard]] std::span<const Theory> rounding();  ///< bits that are lost

/// Problems that a theory may be true of alone.
struct Condition {
  std::string_view suffix;  ///< of the theory's name, "with_groups"
  std::string_view words;   ///< what follows the theory's, "where there are several groups"
  bool (*applies)(const Geometry& g);
};
[[nodiscard]] std::span<const Condition> conditions();

/// The group that output channel k belongs to.
[[nodiscard]] inline int64_t group_of(const Geometry& g, int64_t k) {
  return k / g.out_channels_per_group;
}

}  // namespace convcheck::themes
