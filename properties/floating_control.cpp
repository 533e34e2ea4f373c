#include "properties/floating_control.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <vector>

namespace convcheck {

std::string describe(const FloatingControl& control) {
  return fmt::format("MXCSR 0x{:04x}, x87 control word 0x{:04x}", control.mxcsr, control.x87);
}

std::string describe_change(const FloatingControl& before, const FloatingControl& after) {
  struct Bits {
    uint32_t mask;
    std::string_view what;
  };
  constexpr std::array kMxcsr = {Bits{0x8000, "flushing of subnormal results (FTZ)"},
                                 Bits{0x0040, "subnormal operands taken as zero (DAZ)"}, Bits{0x6000, "rounding"},
                                 Bits{0x1F80, "masks of exceptions"}};
  constexpr std::array kX87 = {Bits{0x0C00, "rounding of x87"}, Bits{0x0300, "precision of x87"},
                               Bits{0xF0FF, "masks of exceptions of x87"}};
  std::vector<std::string_view> changed;
  for (const Bits& bits : kMxcsr) {
    if (((before.mxcsr ^ after.mxcsr) & bits.mask) != 0) changed.push_back(bits.what);
  }
  for (const Bits& bits : kX87) {
    if ((static_cast<uint32_t>(before.x87 ^ after.x87) & bits.mask) != 0) changed.push_back(bits.what);
  }
  return fmt::format("{}", fmt::join(changed, ", "));
}

}  // namespace convcheck
