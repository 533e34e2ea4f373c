// A call whose tensors and workspace lie beside pages that nobody may touch, in a process of its own: for kernels that
// would take the test along.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>

#include "properties/trial.h"

namespace convcheck {

/// How a child ended: by returning a number or by a signal.
struct ChildEnd {
  std::optional<int> returned;
  int signal = 0;

  [[nodiscard]] bool operator==(const ChildEnd&) const = default;
};

/// Runs `body`, which returns 0 to 255, in a child. A signal that it dies of is this child's, under sanitizers as well.
[[nodiscard]] ChildEnd in_a_child(const std::function<int()>& body);

/// Where memory lies against the pages: with its end, with its start, or far from both.
enum class Beside { end, start, nothing };

/// Pages with memory for some bytes.
class GuardedBytes {
 public:
  GuardedBytes(size_t bytes, Beside beside);
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;
  ~GuardedBytes();

  [[nodiscard]] std::byte* at() const { return at_; }
  void make_read_only() const;

 private:
  size_t usable_;
  size_t mapped_;
  std::byte* first_;  ///< of the mapping
  std::byte* at_;
};

class GuardedCall {
 public:
  /// Input, weight and bias are read-only from then on where that is asked for.
  GuardedCall(const Case& c, Beside beside, bool are_inputs_read_only = true);

  /// supports, workspace_bytes, prepare, run and release, as far as they go.
  [[nodiscard]] int32_t make(const convcheck_kernel& kernel);

  /// Whether the output has the bits that the plain loops give.
  [[nodiscard]] bool is_right() const;

  [[nodiscard]] const convcheck_problem& problem() const { return problem_; }

 private:
  convcheck_problem problem_;
  Expectation expected_;
  Tensor right_;
  Beside beside_;
  GuardedBytes input_, weight_, bias_, output_;
};

}  // namespace convcheck
