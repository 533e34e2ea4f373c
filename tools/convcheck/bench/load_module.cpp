#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>

#include "tools/convcheck/bench/module.h"

namespace convcheck::bench {

const Module* load_module(std::string& error) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path folder = fs::read_symlink("/proc/self/exe", failed).parent_path();
  for (const fs::path& path : {folder / "convcheck_bench.so", folder / CONVCHECK_BENCH_MODULE_FROM_PROGRAM}) {
    if (!fs::exists(path, failed)) continue;
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    void* const symbol = library == nullptr ? nullptr : dlsym(library, kModuleSymbol);
    if (symbol != nullptr) return reinterpret_cast<ModuleFunction>(symbol)();
    error = fmt::format("{} cannot be loaded: {}", path.string(), dlerror());
    return nullptr;
  }
  error = "convcheck_bench.so was not found beside the program; build with CONVCHECK_BUILD_BENCHMARKS=ON";
  return nullptr;
}

}  // namespace convcheck::bench
