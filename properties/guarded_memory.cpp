#include "properties/guarded_memory.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace convcheck {
namespace {

constexpr size_t kWorkspaceAlignment = 64;

const float* floats(const GuardedRegion& region) {
  return static_cast<const float*>(region.at());
}

// The first element of the tensor that is not there.
std::optional<Fault> difference(Part part, const Tensor& tensor, const GuardedRegion& region) {
  if (region.bytes() == 0) return std::nullopt;
  const auto* const was = reinterpret_cast<const char*>(tensor.memory().data());
  if (std::memcmp(was, region.own(), region.bytes()) == 0) return std::nullopt;
  const auto first = std::mismatch(was, was + region.bytes(), region.own()).first;
  return Fault{.part = part,
               .where = Where::inside,
               .distance = static_cast<uint64_t>(first - was) / sizeof(float) * sizeof(float)};
}

}  // namespace

void GuardedMemory::set_guards(Guards guards) {
  if (guards == guards_) return;
  guards_ = guards;
  for (GuardedRegion& region : regions_) region.set_guards(guards);
}

bool GuardedMemory::place(Part part, size_t bytes, const CallSetting& setting) {
  const size_t off = setting.off[static_cast<size_t>(part)];
  return off == 0 ? region(part).place(bytes, sizeof(float), setting.flush)
                  : region(part).place_off(bytes, off * sizeof(float));
}

bool GuardedMemory::copy(Part part, const Tensor& tensor, const CallSetting& setting) {
  const size_t bytes = tensor.memory().size() * sizeof(float);
  if (!place(part, bytes, setting)) return false;
  if (bytes != 0) std::memcpy(region(part).own(), tensor.memory().data(), bytes);
  return true;
}

bool GuardedMemory::lay_out(const Data& data, int64_t output_span, size_t workspace_bytes, const CallSetting& setting) {
  GuardedRegion& output = region(Part::output);
  GuardedRegion& workspace = region(Part::workspace);
  const auto span = static_cast<size_t>(output_span);
  if (!copy(Part::input, data.input, setting) || !copy(Part::weight, data.weight, setting) ||
      !copy(Part::bias, data.bias, setting) || !place(Part::output, span * sizeof(float), setting) ||
      !workspace.place(workspace_bytes, kWorkspaceAlignment, setting.flush)) {
    return false;
  }
  std::fill_n(reinterpret_cast<float*>(output.own()), span, std::bit_cast<float>(setting.output_poison));
  if (workspace_bytes != 0) std::memset(workspace.own(), setting.workspace_byte, workspace_bytes);
  return true;
}

CallMemory GuardedMemory::tensors() const {
  return {.input = floats(region(Part::input)),
          .weight = floats(region(Part::weight)),
          .bias = floats(region(Part::bias)),
          .output = static_cast<float*>(region(Part::output).at())};
}

void GuardedMemory::copy_output(Tensor& output) const {
  const GuardedRegion& from = region(Part::output);
  if (from.bytes() != 0) std::memcpy(output.memory().data(), from.own(), from.bytes());
}

Noticed GuardedMemory::notice(const Data& data) const {
  Noticed noticed;
  noticed.overwritten = region(Part::output).overwritten();
  noticed.workspace_overwritten = region(Part::workspace).overwritten();
  if (guards_ == Guards::off) notice_with_guards_off(data, noticed);
  return noticed;
}

void GuardedMemory::notice_with_guards_off(const Data& data, Noticed& noticed) const {
  constexpr std::array kRead = {Part::input, Part::weight, Part::bias};
  const std::array<const Tensor*, kRead.size()> tensors = {&data.input, &data.weight, &data.bias};
  for (size_t i = 0; i < kRead.size(); ++i) {
    if (!noticed.overwritten) noticed.overwritten = region(kRead[i]).overwritten();
    if (!noticed.input_changed) noticed.input_changed = difference(kRead[i], *tensors[i], region(kRead[i]));
  }
}

}  // namespace convcheck
