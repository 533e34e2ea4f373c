// Where kernels come from: a loaded library, or functions that are linked in.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "properties/subject.h"

namespace convcheck {

/// The form of convcheck_kernels(), the one symbol of a kernel library.
using KernelsFunction = const convcheck_kernel* const* (*)(uint32_t abi_version, size_t* count);

/// What kernels that are not thread-safe share.
enum class SharedState { of_library, none };

/// A library's kernels. They live until the process ends: a library is never unloaded.
class Library {
 public:
  /// Loads a library (RTLD_NOW | RTLD_LOCAL) and lists its kernels. On failure the result has no kernels and error()
  /// says what to do.
  [[nodiscard]] static Library load(const std::string& path);

  /// Lists kernels that are linked in. Those without a promise of thread safety are called one at a time: by default
  /// each library's, since they may share state, and where they are known to share none each by itself.
  [[nodiscard]] static Library linked(std::string name, KernelsFunction kernels,
                                      SharedState state = SharedState::of_library);

  /// One line, empty where all is well.
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool is_linked() const { return is_linked_; }
  [[nodiscard]] const std::vector<Subject>& kernels() const { return kernels_; }

 private:
  void list(KernelsFunction function, SharedState state);

  std::string path_;
  std::string error_;
  bool is_linked_ = false;
  std::vector<Subject> kernels_;
  std::shared_ptr<std::deque<std::mutex>> serial_ = std::make_shared<std::deque<std::mutex>>();
};

}  // namespace convcheck
