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

/// A library's kernels. They live until the process ends, or the library is unloaded.
class Library {
 public:
  /// A library without kernels.
  Library() = default;

  /// Loads a library (RTLD_NOW | RTLD_LOCAL) and lists its kernels. On failure the result has no kernels and error()
  /// says what to do.
  [[nodiscard]] static Library load(const std::string& path);

  /// Has a child load the library and tell what its kernels are called and what they promise: they cannot be called.
  /// Where the child dies or hangs, or the library does not list what it should, the result has one kernel that is
  /// named after the file. What is no kernel library has none, and error() says why. This process must have no other
  /// thread.
  [[nodiscard]] static Library examine(const std::string& path);

  /// The library as it is where it is loaded, in a child: with kernels that can be called.
  [[nodiscard]] Library load_again() const;

  /// Gives the library up. True where it is gone, and false where something still holds it or it was linked in.
  bool unload();

  /// Lists kernels that are linked in. Those without a promise of thread safety are called one at a time: by default
  /// each library's, since they may share state, and where they are known to share none each by itself.
  [[nodiscard]] static Library linked(std::string name, KernelsFunction kernels,
                                      SharedState state = SharedState::of_library);

  /// One line, empty where all is well.
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool is_linked() const { return is_linked_; }
  /// True where it was loaded and exports convcheck_kernels().
  [[nodiscard]] bool is_library() const { return handle_ != nullptr; }
  [[nodiscard]] const std::vector<Subject>& kernels() const { return kernels_; }

 private:
  void list(KernelsFunction function, SharedState state);

  /// What is known of a kernel that is not in this process.
  struct Facts {
    std::string name, description;
    convcheck_kernel kernel{};
  };

  void add_facts(const Facts& facts);

  std::string path_;
  std::string error_;
  void* handle_ = nullptr;
  KernelsFunction function_ = nullptr;  ///< of linked kernels
  SharedState state_ = SharedState::of_library;
  std::shared_ptr<std::deque<Facts>> facts_ = std::make_shared<std::deque<Facts>>();
  bool is_linked_ = false;
  std::vector<Subject> kernels_;
  std::shared_ptr<std::deque<std::mutex>> serial_ = std::make_shared<std::deque<std::mutex>>();
};

}  // namespace convcheck
