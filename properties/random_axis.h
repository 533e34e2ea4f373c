// Random spatial axes whose kernel fits. To be called inside of a RapidCheck generator.
#pragma once

#include <cstdint>

namespace convcheck {

struct RandomAxis {
  int64_t size = 1, kernel = 1, stride = 1, dilation = 1, before = 0, after = 0;
};

/// What kind of axis is drawn. Pointwise and plain axes have the kernel that is asked for, stride and dilation 1; long
/// ones a kernel of about 33 to 257; busy ones no parameter at its default.
enum class AxisKind { any, pointwise, plain, long_kernel, busy };

/// `kernel` is that of a plain axis. Where `other` is given, each parameter is drawn until it differs from the other
/// axis's, as far as the kind lets it.
[[nodiscard]] RandomAxis random_axis(AxisKind kind, int64_t kernel, const RandomAxis* other);

/// The least size, at least 1, that lets the kernel fit.
[[nodiscard]] int64_t least_size(const RandomAxis& axis);

}  // namespace convcheck
