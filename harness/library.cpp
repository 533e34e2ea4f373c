#include "harness/library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace convcheck {
namespace {

// Empty where the kernel can be called; else what its struct lacks.
std::string fault_of(const convcheck_kernel* kernel, size_t index) {
  if (kernel == nullptr) return fmt::format("kernel {} is a null pointer", index);
  if (kernel->struct_size < sizeof(convcheck_kernel)) {
    return fmt::format("kernel {} has struct_size {}, smaller than the ABI's {}: set it to sizeof(convcheck_kernel)",
                       index, kernel->struct_size, sizeof(convcheck_kernel));
  }
  if (kernel->name == nullptr || *kernel->name == '\0') return fmt::format("kernel {} has no name", index);
  if (kernel->run == nullptr) return fmt::format("kernel '{}' has no run function", kernel->name);
  return {};
}

}  // namespace

Library Library::load(const std::string& path) {
  Library library;
  library.path_ = path;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    library.error_ = fmt::format("{}: no such file; name a kernel library, such as ./my_kernel.so", path);
    return library;
  }
  // A path without a slash would be searched for among the system's libraries.
  const std::string absolute = std::filesystem::absolute(path, error).string();
  void* const handle = dlopen(absolute.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    library.error_ = fmt::format("{}: cannot be loaded: {}", path, dlerror());
    return library;
  }
  void* const symbol = dlsym(handle, "convcheck_kernels");
  if (symbol == nullptr) {
    library.error_ = fmt::format("{}: exports no convcheck_kernels(); see include/convcheck/kernel.h", path);
    return library;
  }
  library.list(reinterpret_cast<KernelsFunction>(symbol), SharedState::of_library);
  return library;
}

Library Library::linked(std::string name, KernelsFunction kernels, SharedState state) {
  Library library;
  library.path_ = std::move(name);
  library.is_linked_ = true;
  library.list(kernels, state);
  return library;
}

void Library::list(KernelsFunction function, SharedState state) {
  size_t count = 0;
  const convcheck_kernel* const* const kernels = function(CONVCHECK_ABI_VERSION, &count);
  if (kernels == nullptr || count == 0) {
    error_ = fmt::format("{}: lists no kernels for ABI version {}", path_, CONVCHECK_ABI_VERSION);
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    if (const std::string fault = fault_of(kernels[i], i); !fault.empty()) {
      error_ = fmt::format("{}: {}", path_, fault);
      kernels_.clear();
      return;
    }
    kernels_.push_back({kernels[i], nullptr});
  }
  const auto is_safe = [](const Subject& subject) { return subject.promises(CONVCHECK_THREAD_SAFE); };
  if (std::all_of(kernels_.begin(), kernels_.end(), is_safe)) return;
  if (state == SharedState::of_library) serial_->emplace_back();
  for (Subject& subject : kernels_) {
    if (state == SharedState::none && is_safe(subject)) continue;
    if (state == SharedState::none) serial_->emplace_back();
    subject.serial = &serial_->back();
  }
}

}  // namespace convcheck
