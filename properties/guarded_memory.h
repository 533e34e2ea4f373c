// Memory for the tensors and the workspace of a call, made so that what a kernel has no business with is noticed.
//
// Each tensor and the workspace lie flush against pages that nobody may touch, at their end or at their start as the
// caller chooses; what is only read is read-only for the kernel at every moment, through a second mapping of the memory
// that the harness writes. On the side that is not flush, and in the few bytes by which a workspace's alignment keeps
// it off its end, lies a canary.
//
// What this catches. At once, by a fault whose address faults.h puts into words: any access past the flush end, up to
// 1 MiB or the size of the tensor, whichever is more; any write to input, weight or bias, one that restores what it
// changed included. After the call: writes into the canary, at most 256 bytes off on the other side.
//
// What it cannot catch: reads on the side that is not flush, as far as pages are mapped there (the canary is a NaN,
// so that a value made of them shows; one that is multiplied away or thrown away does not); writes there that are
// farther off than the canary, or that put back what they found; any access so far off that it meets other memory. Both
// sides come by turns over the cases, so what one call lets pass the next may not. Within a strided view's span gaps
// may be read, so only writes to the output's are noticed. And what a workspace's alignment leaves free at its end, up
// to 63 bytes, may be read unseen.
//
// With guards off there is a page of ordinary memory on both sides, inputs can be written, and canaries and a
// comparison of the inputs are all that is left: for a kernel whose faults are known, so that the other laws can judge
// it all the same.
//
// After a fork parent and child must not both use what was made before it: what is read-only for the kernel is shared.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "properties/guarded_region.h"
#include "reference/convolution.h"

namespace convcheck {

/// What outputs hold before a call: a NaN that no arithmetic makes.
inline constexpr uint32_t kPoison = 0x7FC5A5A5;

/// The tensors of a call: each pointer is at element zero, and null for a tensor that has none.
struct CallMemory {
  const float* input = nullptr;
  const float* weight = nullptr;
  const float* bias = nullptr;
  float* output = nullptr;
};

/// How a call is to be made.
struct CallSetting {
  Flush flush = Flush::end;
  uint32_t output_poison = kPoison;     ///< each float of the output before the call
  unsigned char workspace_byte = 0xFF;  ///< each byte of the workspace: 0xFF makes each float a NaN
  /// Elements that input, weight, bias and output lie off a multiple of 64 bytes; 0 for one that lies flush.
  std::array<uint8_t, 4> off{};
  size_t workspace_shortage = 0;  ///< bytes that the workspace is to be smaller than was asked
};

/// What was noticed after a call.
struct Noticed {
  std::optional<Fault> overwritten;            ///< the output's canary, or with guards off that of any tensor
  std::optional<Fault> workspace_overwritten;  ///< the workspace's
  std::optional<Fault> input_changed;          ///< the first element that is not as it was; with guards off alone
};

/// Reused from call to call, one per thread. See GuardedRegion for what a call costs.
class GuardedMemory {
 public:
  /// With guards off what is there is given up.
  void set_guards(Guards guards);
  [[nodiscard]] Guards guards() const { return guards_; }

  /// Copies the data, and makes an output of that span and a workspace of so many bytes, filled as the setting says.
  /// False where there is not that much memory.
  [[nodiscard]] bool lay_out(const Data& data, int64_t output_span, size_t workspace_bytes, const CallSetting& setting);

  /// What lay_out() made, as the kernel is to have it.
  [[nodiscard]] CallMemory tensors() const;
  [[nodiscard]] void* workspace() const { return region(Part::workspace).at(); }

  /// The output's span, which must be that of lay_out().
  void copy_output(Tensor& output) const;

  /// What has happened since lay_out() of the same data.
  [[nodiscard]] Noticed notice(const Data& data) const;

 private:
  static constexpr int kRegions = 5;

  [[nodiscard]] GuardedRegion& region(Part part) { return regions_[static_cast<size_t>(part)]; }
  [[nodiscard]] const GuardedRegion& region(Part part) const { return regions_[static_cast<size_t>(part)]; }
  [[nodiscard]] bool place(Part part, size_t bytes, const CallSetting& setting);
  [[nodiscard]] bool copy(Part part, const Tensor& tensor, const CallSetting& setting);
  void notice_with_guards_off(const Data& data, Noticed& noticed) const;

  Guards guards_ = Guards::on;
  std::array<GuardedRegion, kRegions> regions_ = {GuardedRegion(Part::input), GuardedRegion(Part::weight),
                                                  GuardedRegion(Part::bias), GuardedRegion(Part::output),
                                                  GuardedRegion(Part::workspace)};
};

}  // namespace convcheck
