#include "properties/periodic_memory.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace convcheck {
namespace {

constexpr int64_t kPageBytes = PeriodicMemory::kPageBytes;
constexpr int64_t kPeriodBytes = PeriodicMemory::kPeriodBytes;
constexpr int64_t kPeriod = PeriodicMemory::kPeriod;
constexpr auto kFloatBytes = static_cast<int64_t>(sizeof(float));

constexpr int64_t divide_up(int64_t value, int64_t by) {
  return value / by + (value % by > 0 ? 1 : 0);
}

constexpr int64_t kMarginPeriods = divide_up(PeriodicMemory::kMargin, kPeriod);

// A quarter of the mappings that Linux allows a process: a case has three tensors and the program its libraries.
constexpr int64_t kMostPeriods = 65530 / 4 - kMarginPeriods;

std::string system_error(const char* what) {
  return fmt::format("{} failed: {}", what, std::strerror(errno));
}

// A file of one period without a name; -1 where there is none to be had.
class Block {
 public:
  Block() : file_(memfd_create("convcheck", MFD_CLOEXEC)) {
    if (file_ >= 0 && ftruncate(file_, kPeriodBytes) != 0) close_now();
  }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() { close_now(); }

  [[nodiscard]] int file() const { return file_; }

 private:
  void close_now() {
    if (file_ >= 0) close(file_);
    file_ = -1;
  }

  int file_;
};

bool fill_block(const Block& block, int64_t elements, const std::function<void(std::span<float>)>& fill) {
  void* const memory = mmap(nullptr, kPeriodBytes, PROT_READ | PROT_WRITE, MAP_SHARED, block.file(), 0);
  if (memory == MAP_FAILED) return false;
  const Mapping writable(memory, kPeriodBytes);
  fill({static_cast<float*>(memory), static_cast<size_t>(std::min(elements, kPeriod))});
  return true;
}

// Addresses for `bytes` bytes that nothing else will take.
Mapping reserve(int64_t bytes, int protection) {
  const auto size = static_cast<size_t>(bytes);
  void* const start = mmap(nullptr, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return start == MAP_FAILED ? Mapping() : Mapping(start, size);
}

bool repeat_block(const Block& block, char* start, int64_t periods, int protection) {
  for (int64_t i = 0; i < periods; ++i) {
    void* const at = mmap(start + i * kPeriodBytes, kPeriodBytes, protection, MAP_SHARED | MAP_FIXED, block.file(), 0);
    if (at == MAP_FAILED) return false;
  }
  return true;
}

}  // namespace

Mapping::~Mapping() {
  if (start_ != nullptr) munmap(start_, bytes_);
}

std::string PeriodicMemory::map(int64_t elements, const std::function<void(std::span<float>)>& fill) {
  *this = PeriodicMemory();
  if (elements == 0) return {};
  const int64_t periods = divide_up(elements, kPeriod);
  if (periods > kMostPeriods) {
    return fmt::format("a tensor that spans {} elements is beyond what can be mapped, {}", elements,
                       kMostPeriods * kPeriod);
  }
  const Block block;
  if (block.file() < 0) return system_error("memfd_create");
  if (!fill_block(block, elements, fill)) return system_error("mmap of a block");
  Mapping mapping = reserve((kMarginPeriods + periods) * kPeriodBytes, PROT_NONE);
  if (mapping.start() == nullptr) return system_error("mmap of addresses");
  if (!repeat_block(block, mapping.start(), kMarginPeriods + periods, PROT_READ)) {
    return system_error("mmap of a repeated block");
  }
  mapping_ = std::move(mapping);
  data_ = reinterpret_cast<const float*>(mapping_.start() + kMarginPeriods * kPeriodBytes);
  mappings_ = kMarginPeriods + periods;
  return {};
}

int64_t OutputMemory::most_bytes(int64_t elements, int64_t touched) {
  const int64_t pages = divide_up(elements, kPageBytes / kFloatBytes);
  return std::min(pages, touched) * kPageBytes;
}

std::string OutputMemory::map(int64_t elements, int64_t touched) {
  *this = OutputMemory();
  if (elements == 0) return {};
  if (elements > kMostPeriods * kPeriod) return fmt::format("an output that spans {} elements is too large", elements);
  const int64_t bytes = divide_up(elements * kFloatBytes, kPageBytes) * kPageBytes;
  const Block block;
  if (block.file() < 0) return system_error("memfd_create");
  Mapping mapping = reserve(kMarginPeriods * kPeriodBytes + bytes, PROT_READ | PROT_WRITE);
  if (mapping.start() == nullptr) return system_error("mmap of the output");
  if (!repeat_block(block, mapping.start(), kMarginPeriods, PROT_READ | PROT_WRITE)) {
    return system_error("mmap of the margin");
  }
  char* const data = mapping.start() + kMarginPeriods * kPeriodBytes;
  // Pages of 2 MiB save most of the time that touching 8 GiB takes; but a view with gaps touches pages here and there,
  // none of which should bring 2 MiB along.
  const bool has_gaps = most_bytes(elements, touched) < bytes;
  (void)madvise(data, static_cast<size_t>(bytes), has_gaps ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
  mapping_ = std::move(mapping);
  data_ = reinterpret_cast<float*>(data);
  return {};
}

}  // namespace convcheck
