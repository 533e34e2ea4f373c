#include "harness/library.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

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
  library.handle_ = handle;
  library.list(reinterpret_cast<KernelsFunction>(symbol), SharedState::of_library);
  return library;
}

namespace {

std::string absolute(const std::string& path) {
  std::error_code error;
  return std::filesystem::absolute(path, error).string();
}

// What a child finds in a library, as one line of JSON.
std::string tell(const Library& library) {
  using nlohmann::json;
  json kernels = json::array();
  for (const Subject& subject : library.kernels()) {
    const convcheck_kernel& k = *subject.kernel;
    kernels.push_back({{"name", k.name},
                       {"description", k.description == nullptr ? "" : k.description},
                       {"algorithm", k.algorithm},
                       {"winograd_tile", k.winograd_tile},
                       {"promises", k.promises}});
  }
  const json all = {{"error", library.error()}, {"is_library", library.is_library()}, {"kernels", kernels}};
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

// All that a child writes until it closes its end; nothing where it takes too long.
std::optional<std::string> read_all(int file) {
  constexpr int kPatienceMs = 10'000;
  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    pollfd ready = {.fd = file, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, kPatienceMs) <= 0) return std::nullopt;
    const ssize_t got = read(file, buffer.data(), buffer.size());
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<size_t>(got));
  }
}

// How a child ended that has closed its end of the pipe, which it does by ending. One that does not is killed by us.
int end_of(pid_t child) {
  constexpr timespec kMoment = {.tv_sec = 0, .tv_nsec = 1'000'000};
  constexpr int kMostMoments = 1000;
  int status = 0;
  for (int i = 0; i < kMostMoments; ++i) {
    if (waitpid(child, &status, WNOHANG) == child) return status;
    nanosleep(&kMoment, nullptr);
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return 0;
}

struct Told {
  std::string text;                ///< empty where the child did not come to that
  bool is_killed_outside = false;  ///< somebody, who may be the library, killed the child
};

// What a child tells of the library.
Told told_by_child(const std::string& path) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nowhere, stream);
    const std::string text = tell(Library::load(path));
    size_t done = 0;
    while (done < text.size()) {
      const ssize_t written = write(ends[1], text.data() + done, text.size() - done);
      if (written <= 0) break;
      done += static_cast<size_t>(written);
    }
    _exit(0);
  }
  close(ends[1]);
  const std::optional<std::string> text = child < 0 ? std::nullopt : read_all(ends[0]);
  close(ends[0]);
  if (child < 0) return {};
  if (!text) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    return {};
  }
  const int status = end_of(child);
  return {.text = *text, .is_killed_outside = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL};
}

// One that somebody killed is no verdict on the library, unless it happens again and again.
std::string told_by_children(const std::string& path) {
  constexpr int kMostKills = 3;
  for (int i = 1;; ++i) {
    const Told told = told_by_child(path);
    if (!told.is_killed_outside || i == kMostKills) return told.text;
  }
}

}  // namespace

Library Library::examine(const std::string& path) {
  Library library;
  library.path_ = path;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return load(path);
  const auto told = nlohmann::json::parse(told_by_children(path), nullptr, false);
  if (told.is_object() && !told.at("is_library")) library.error_ = told.at("error");
  if (!library.error_.empty()) return library;
  if (told.is_object() && told.at("error").get<std::string>().empty()) {
    for (const auto& kernel : told.at("kernels")) {
      Facts facts = {.name = kernel.at("name"), .description = kernel.at("description"), .kernel = {}};
      facts.kernel.algorithm = kernel.at("algorithm");
      facts.kernel.winograd_tile = kernel.at("winograd_tile");
      facts.kernel.promises = kernel.at("promises");
      library.add_facts(facts);
    }
  } else {
    Facts facts = {
        .name = std::filesystem::path(path).stem().string(), .description = "could not be loaded", .kernel = {}};
    facts.kernel.algorithm = CONVCHECK_SUMMATION;
    library.add_facts(facts);
  }
  return library;
}

void Library::add_facts(const Facts& facts) {
  Facts& kept = facts_->emplace_back(facts);
  kept.kernel.struct_size = sizeof(convcheck_kernel);
  kept.kernel.name = kept.name.c_str();
  kept.kernel.description = kept.description.c_str();
  kernels_.push_back({.kernel = &kept.kernel});
}

Library Library::load_again() const {
  return is_linked_ ? linked(path_, function_, state_) : load(absolute(path_));
}

bool Library::unload() {
  if (handle_ == nullptr) return false;
  kernels_.clear();
  dlclose(handle_);
  handle_ = nullptr;
  return dlopen(absolute(path_).c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD) == nullptr;
}

Library Library::linked(std::string name, KernelsFunction kernels, SharedState state) {
  Library library;
  library.path_ = std::move(name);
  library.is_linked_ = true;
  library.function_ = kernels;
  library.state_ = state;
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
