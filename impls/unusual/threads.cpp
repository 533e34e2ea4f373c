// A kernel with two threads of its own, made once and joined when the library is unloaded.
#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <latch>
#include <memory>
#include <mutex>
#include <thread>

#include "impls/unusual/themes.h"
#include "impls/unusual/window.h"

namespace convcheck::impls::unusual {
namespace {

/// Runs what is submitted on two threads. What is submitted does not throw. A thread that asks is never one of the two,
/// so that no task waits for another.
class Pool {
 public:
  void submit(std::function<void()> task) {
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
  }

 private:
  void work(const std::stop_token& stop) {
    for (;;) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex_);
        if (!wake_.wait(lock, stop, [this] { return !tasks_.empty(); })) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<std::function<void()>> tasks_;
  // Last, so that they are joined before what they use is gone.
  std::array<std::jthread, 2> threads_ = {std::jthread([this](const std::stop_token& stop) { work(stop); }),
                                          std::jthread([this](const std::stop_token& stop) { work(stop); })};
};

/// Every third output row; the strips share no output.
void convolve_strip(const Call& call, int64_t strip, int64_t strips) {
  const Conv& conv = call.conv;
  for (int64_t image = 0; image < conv.batch; ++image) {
    for (int64_t k = 0; k < conv.out_channels(); ++k) {
      for (int64_t row = strip; row < conv.rows.out; row += strips) {
        for (int64_t col = 0; col < conv.cols.out; ++col) {
          output_at(call, {image, k, row, col}) = plain_sum(call, {image, k, row, col});
        }
      }
    }
  }
}

/// Waits for the strips that were submitted, also where submitting the next one throws.
class Strips {
 public:
  explicit Strips(ptrdiff_t count) : left_(std::make_shared<std::latch>(count)), unsubmitted_(count) {}
  Strips(const Strips&) = delete;
  Strips& operator=(const Strips&) = delete;
  ~Strips() {
    left_->count_down(unsubmitted_);
    left_->wait();
  }

  void submit(Pool& pool, const Call& call, int64_t strip, int64_t strips) {
    pool.submit([left = left_, &call, strip, strips] {
      convolve_strip(call, strip, strips);
      left->count_down();
    });
    --unsubmitted_;
  }

 private:
  std::shared_ptr<std::latch> left_;  // a thread may still be in count_down() when the caller has gone on
  ptrdiff_t unsubmitted_;
};

struct InStrips {
  static void convolve(const Call& call) {
    // Made by the first call and not on loading: a process may fork before it calls.
    static Pool pool;
    constexpr int64_t kStrips = 3;  // two for the pool, one for the caller
    Strips strips(kStrips - 1);
    for (int64_t strip = 1; strip < kStrips; ++strip) strips.submit(pool, call, strip, kStrips);
    convolve_strip(call, 0, kStrips);
  }
};

constexpr convcheck_kernel kKernels[] = {
    kernel<InStrips>("own_threads", "computes strips of rows on two threads that stay"),
};

}  // namespace

std::span<const convcheck_kernel> threads() {
  return kKernels;
}

}  // namespace convcheck::impls::unusual
